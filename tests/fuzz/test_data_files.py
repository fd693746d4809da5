"""Every file of data/ damaged at random: read as it says, or refused with place and remedy; never anything else."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kratom_evidence.adding.case_file import read_case_file
from kratom_evidence.claims import read_claims
from kratom_evidence.claims.judging import judge_all
from kratom_evidence.claims.ledger import read_ledger
from kratom_evidence.codebook import CODEBOOK_FILE, Codebook, read_codebook, read_csv_text
from kratom_evidence.curation import validate
from kratom_evidence.dataset import Dataset, Readings, read_tables
from kratom_evidence.dataset.bibliography import publication_year, read_csl_json
from kratom_evidence.dataset.loading import dataset_from
from kratom_evidence.dataset.publications import sources_frame
from kratom_evidence.dataset.reading import read_table
from kratom_evidence.faults import ExplainedError
from kratom_evidence.screening.strategy import SEARCH_FILE, read_search
from tests.conftest import PROJECT_ROOT
from tests.fuzz.driver import ACCEPTED, LONG_FORM, REFUSED, SEED, mutants, tried
from tests.fuzz.mutators import Mutant, grid_of, mutated_json, mutated_lines, mutated_table
from tests.fuzz.oracle import explained, says_the_same, simple_grid, simple_json, texts_within

DATA = PROJECT_ROOT / "data"
CODEBOOK = read_codebook(DATA)
TABLES = [table for table in CODEBOOK.tables if table.format == "csv"]
BIBLIOGRAPHIES = [table for table in CODEBOOK.tables if table.format == "json"]
# Every so many mutants of a table go through all rules and, where they pass, become a dataset.
EVERY = 40


@pytest.fixture(scope="module")
def readings() -> Readings:
    """The data as they are."""
    return read_tables(DATA)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str, Counter[str]], None]:
    """Hands the counts of a file to the summary at the end of the run."""

    def told(file: str, counts: Counter[str]) -> None:
        assert counts[REFUSED] > 0, "no mutant was refused: the mutators or the rules do nothing"
        record_property("fuzz", f"{file}\t{SEED}\t{counts.total()}\t{counts[REFUSED]}\t{counts[ACCEPTED]}")

    return told


class TestTables:
    @pytest.mark.parametrize("name", [table.name for table in TABLES])
    def test_a_damaged_table_says_what_it_says_or_is_refused(self, name: str, readings: Readings, figures: Any) -> None:
        table = CODEBOOK.table(name)
        content = (DATA / table.path).read_bytes()
        sound = readings.tables[name]
        number = 0

        def judge(mutant: Mutant) -> str:
            nonlocal number
            number += 1
            if number % EVERY == 0:
                _in_full(table.path, mutant)
            found = read_table(table, read_csv_text(mutant.content, table.path), readings.vocabularies)
            if found.faults:
                explained(found.faults, table.path)
                if mutant.cell is not None and mutant.grid is not None and mutant.cell[0]:
                    row, column = mutant.cell
                    blank = not any(cell.strip() for cell in mutant.grid[row])
                    place = (row + 1, None if blank else mutant.grid[0][column])
                    assert place in found.faulty, (place, found.faults[:3])
                return REFUSED
            says_the_same(found, mutant.grid or simple_grid(content if mutant.harmless else mutant.content))
            if mutant.harmless:
                assert found.columns == sound.columns
            return ACCEPTED

        figures(table.path, tried(table.path, mutants(table.path, content, mutated_table, 32), judge))


def _in_full(path: str, mutant: Mutant) -> None:
    """All rules, and the dataset where none is broken: no fault without a place, no traceback."""
    report = validate(DATA, {path: mutant.content})
    for fault in report.faults:
        assert fault.file, fault
        assert fault.why, fault
        assert fault.mend, fault
        assert fault.row is not None or fault.code.startswith("F"), fault
    if not report.faults:
        dataset_from(read_tables(DATA, {path: mutant.content}))


class TestBibliographies:
    @pytest.mark.parametrize("name", [table.name for table in BIBLIOGRAPHIES])
    def test_a_damaged_bibliography_is_read_as_it_stands_or_refused(
        self, name: str, tmp_path: Path, figures: Any
    ) -> None:
        table = CODEBOOK.table(name)
        path = tmp_path / "sources.json"

        def judge(mutant: Mutant) -> str:
            path.write_bytes(mutant.content)
            entries, faults = read_csl_json(path, table.path)
            if faults:
                explained(faults, table.path)
                return REFUSED
            document = simple_json(mutant.content)
            assert list(entries) == document
            for text in texts_within(document):
                text.encode()
                assert not set(text) & set("\x00\u202e\u200b")
            years = sources_frame(entries)["year"]
            for entry in document:
                stated = entry["issued"]["date-parts"][0][0] if "issued" in entry else None
                assert publication_year(entry) == stated or str(publication_year(entry)) == stated
                assert stated is None or int(years[entry["id"]]) == publication_year(entry)
            return ACCEPTED

        content = (DATA / table.path).read_bytes()
        figures(table.path, tried(table.path, mutants(table.path, content, mutated_json, 60), judge))


class TestCodebook:
    def test_a_damaged_codebook_is_read_as_it_stands_or_refused(self, tmp_path: Path, figures: Any) -> None:
        content = (DATA / CODEBOOK_FILE).read_bytes()
        number = 0

        def judge(mutant: Mutant) -> str:
            nonlocal number
            number += 1
            (tmp_path / CODEBOOK_FILE).write_bytes(mutant.content)
            try:
                codebook = read_codebook(tmp_path)
            except ExplainedError as error:
                explained(error.faults, CODEBOOK_FILE)
                return REFUSED
            _same_codebook(codebook, simple_json(mutant.content))
            return ACCEPTED

        figures(CODEBOOK_FILE, tried(CODEBOOK_FILE, mutants(CODEBOOK_FILE, content, mutated_json, 80), judge))

    def test_a_damaged_codebook_moves_no_verdict_or_is_refused(
        self, data_copy: Path, dataset: Dataset, figures: Any
    ) -> None:
        name = f"{CODEBOOK_FILE} (all rules)"
        found = mutants(name, (DATA / CODEBOOK_FILE).read_bytes(), mutated_json, 8)
        figures(name, tried(name, found, _judge_of_codebooks(data_copy, dataset)))

    def test_a_codebook_that_lacks_something_moves_no_verdict_or_is_refused(
        self, data_copy: Path, dataset: Dataset, figures: Any
    ) -> None:
        """Each table left out and renamed, each column left out; a few of them in the short form."""
        name = f"{CODEBOOK_FILE} (left out)"
        found = list(_left_out(json.loads((DATA / CODEBOOK_FILE).read_text(encoding="utf-8"))))
        some = iter(found if LONG_FORM else found[SEED % 29 :: 29])
        figures(name, tried(name, some, _judge_of_codebooks(data_copy, dataset)))


def _judge_of_codebooks(data: Path, sound: Dataset) -> Callable[[Mutant], str]:
    """Puts a codebook into the folder; it is refused, or every verdict is that of the sound data."""
    expected = _verdicts(sound)

    def judge(mutant: Mutant) -> str:
        (data / CODEBOOK_FILE).write_bytes(mutant.content)
        report = validate(data)
        try:
            dataset = dataset_from(read_tables(data))
        except ExplainedError:
            assert report.faults, "what cannot be loaded is found by validate"
            return REFUSED
        assert _verdicts(dataset) == expected
        return REFUSED if report.faults else ACCEPTED

    return judge


def _verdicts(dataset: Dataset) -> list[tuple[object, ...]]:
    judged = judge_all(dataset, read_claims(DATA))
    return [(found.claim.id, found.verdict, found.cases, found.figures) for found in judged]


def _left_out(document: Any) -> Iterator[Mutant]:
    """The codebook without each table, with each table under another name, and without each column."""
    resources = document["resources"]
    for at, resource in enumerate(resources):
        fields = resource.get("schema", {}).get("fields", ())
        without_column = (
            resource | {"schema": resource["schema"] | {"fields": [*fields[:column], *fields[column + 1 :]]}}
            for column in range(len(fields))
        )
        for instead in ([], [resource | {"name": "other"}], *([changed] for changed in without_column)):
            changed = document | {"resources": [*resources[:at], *instead, *resources[at + 1 :]]}
            yield Mutant(kind="left out", content=json.dumps(changed).encode())


def _same_codebook(codebook: Codebook, document: Any) -> None:
    assert codebook.version == document["version"]
    for table, resource in zip(codebook.tables, document["resources"], strict=True):
        assert (table.name, table.path, table.title) == (resource["name"], resource["path"], resource["title"])
        for field, written in zip(table.fields, resource.get("schema", {}).get("fields", ()), strict=True):
            limits = written.get("constraints", {})
            assert [field.name, field.title, field.description, field.type] == [
                written[key] for key in ("name", "title", "description", "type")
            ]
            assert [field.minimum, field.maximum, field.pattern, field.max_length] == [
                limits.get(key) for key in ("minimum", "maximum", "pattern", "maxLength")
            ]
            assert [field.required, field.unique] == [limits.get("required", False), limits.get("unique", False)]
            assert field.list_kind == written.get("list")
            values = [category["value"] for category in written.get("categories", ())]
            assert [category.value for category in field.categories] == values
            assert all(isinstance(value, str) for value in values)


class TestYaml:
    def test_a_damaged_ledger_is_read_as_it_stands_or_refused(self, tmp_path: Path, figures: Any) -> None:
        whole = (DATA / "claims.yaml").read_text(encoding="utf-8")
        changed = whole[whole.index("  - id: C17") : whole.index("  - id: C18")]
        content = f"{whole[: whole.index('  - id: C05')]}{changed.rstrip()}\n".encode()

        def judge(mutant: Mutant) -> str:
            (tmp_path / "claims.yaml").write_bytes(mutant.content)
            try:
                claims = read_ledger(tmp_path)
            except ExplainedError as error:
                explained(error.faults, "claims.yaml")
                return REFUSED
            # The base loader makes nothing of a scalar but its text.
            written = yaml.load(mutant.content.decode(), Loader=yaml.BaseLoader)["claims"]
            for claim, entry in zip(claims, written, strict=True):
                assert [claim.id, claim.kind] == [entry["id"], entry["kind"]]
                assert claim.statement == " ".join(entry["statement"].split())
                for revision, change in zip(claim.revised, entry.get("revised", []), strict=True):
                    assert [revision.date, revision.change] == [change["date"], " ".join(change["change"].split())]
                    assert revision.verdict_before == change.get("verdict_before")
                for planned, test in zip(claim.tests, entry.get("tests", []), strict=True):
                    for name, text in test.items():
                        value = getattr(planned.test, name, None)
                        if isinstance(value, float | int) and not isinstance(value, bool):
                            assert float(text) == value
            return ACCEPTED

        figures("claims.yaml", tried("claims.yaml", mutants("claims.yaml", content, mutated_lines, 50), judge))

    def test_a_damaged_search_is_read_as_it_stands_or_refused(self, tmp_path: Path, figures: Any) -> None:
        content = (DATA / SEARCH_FILE).read_bytes()
        (tmp_path / "screening").mkdir()

        def judge(mutant: Mutant) -> str:
            (tmp_path / SEARCH_FILE).write_bytes(mutant.content)
            try:
                search = read_search(tmp_path)
            except ExplainedError as error:
                explained(error.faults, SEARCH_FILE)
                return REFUSED
            written = yaml.load(mutant.content.decode("utf-8-sig"), Loader=yaml.BaseLoader)
            assert search.purpose == " ".join(written["purpose"].split())
            assert search.strategies.keys() == written["strategies"].keys()
            for name, strategy in search.strategies.items():
                assert strategy.query == " ".join(written["strategies"][name]["query"].split())
                assert str(strategy.most_records) == written["strategies"][name]["most_records"]
            return ACCEPTED

        figures(SEARCH_FILE, tried(SEARCH_FILE, mutants(SEARCH_FILE, content, mutated_lines, 50), judge))

    def test_a_damaged_case_file_is_read_as_it_stands_or_refused(self, figures: Any) -> None:
        content = _case_file(grid_of((DATA / "case_reports.csv").read_bytes())).encode()

        def judge(mutant: Mutant) -> str:
            try:
                found = read_case_file(mutant.content, "case.yaml")
            except ExplainedError as error:
                explained(error.faults, "case.yaml")
                return REFUSED
            written = yaml.load(mutant.content.decode("utf-8-sig"), Loader=yaml.BaseLoader)
            said_under = {" ".join(name.split()): said for name, said in (written["case"] or {}).items()}
            for name, text in found.new.case.items():
                said = said_under[name]
                said = "; ".join(said) if isinstance(said, list) else said
                assert text == " ".join(said.split())
            return ACCEPTED

        figures("case.yaml", tried("case.yaml", mutants("case.yaml", content, mutated_lines, 60), judge))


def _case_file(grid: list[list[str]]) -> str:
    stated = [(name, text) for name, text in zip(grid[0], grid[1], strict=True) if text]
    return "same_publication: no\ncase:\n" + "".join(f"  {name}: {json.dumps(text)}\n" for name, text in stated)
