"""Spec: the tables that everything downstream works from, above all that "not stated" stays apart from "absent"."""

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kratom_evidence.curation import validate
from kratom_evidence.dataset import REPORTED, Dataset, ReportingState, load, read_tables, reporting_states
from kratom_evidence.dataset.needed_codebook import KEYS
from kratom_evidence.faults import ExplainedError
from tests.editing import Csv, edit_json


@pytest.fixture(scope="session")
def raw_cases(project_root: Path) -> dict[str, dict[str, str]]:
    """The cells of case_reports.csv as text, by case, read without the code under test."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as file:
        return {row["case_id"]: row for row in csv.DictReader(file)}


def entries(cell: str) -> list[str]:
    """The entries of a list cell, for lists without brackets."""
    return [] if cell in {"", "none"} else cell.split("; ")


class TestTables:
    def test_every_row_of_the_file_is_a_case(self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]) -> None:
        assert set(dataset.cases.index) == set(raw_cases)
        assert dataset.cases.index.is_unique
        assert dataset.cases.index.is_monotonic_increasing

    def test_dtypes_are_those_of_the_codebook(self, dataset: Dataset) -> None:
        dtypes = {"string": "str", "integer": "Int64", "number": "Float64"}
        for field in dataset.codebook.table("case_reports").fields[1:]:
            expected = "object" if field.list_kind else dtypes[field.type]
            assert str(dataset.cases[field.name].dtype) == expected, field.name

    def test_lists_have_three_states_and_never_nan(
        self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]
    ) -> None:
        for field in dataset.codebook.table("case_reports").fields:
            if field.list_kind is None:
                continue
            for case_id, value in dataset.cases[field.name].items():
                text = raw_cases[str(case_id)][field.name]
                expected = type(None) if text == "" else tuple
                assert type(value) is expected, (case_id, field.name)
                assert (value == ()) == (text == "none"), (case_id, field.name)

    def test_numbers_are_missing_exactly_where_the_cell_is_empty(
        self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]
    ) -> None:
        for field in dataset.codebook.table("case_reports").fields:
            if field.type == "string":
                continue
            for case_id, value in dataset.cases[field.name].items():
                text = raw_cases[str(case_id)][field.name]
                assert pd.isna(value) if text == "" else float(value) == float(text), (case_id, field.name)

    def test_co_exposures_are_all_there_and_joined_with_the_lexicon(
        self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]
    ) -> None:
        named = sum(len(re.findall(r"\[[^\]]*\]", row["co_exposures"])) for row in raw_cases.values())
        assert len(dataset.co_exposures) == named
        assert dataset.co_exposures["serotonergic"].notna().all()
        grades = dict(zip(dataset.co_exposures["substance"], dataset.co_exposures["serotonergic"], strict=True))
        assert grades == {name: dataset.substances.loc[name, "serotonergic"] for name in grades}

    def test_findings_and_confounders_are_all_there(
        self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]
    ) -> None:
        stated = {
            (case_id, finding, state)
            for case_id, row in raw_cases.items()
            for state in ("present", "absent")
            for finding in entries(row[f"findings_{state}"])
        }
        columns = ["case_id", "finding", "state"]
        assert set(dataset.findings[columns].itertuples(index=False, name=None)) == stated
        assert len(dataset.findings) == len(stated)
        assert dataset.findings["label"].notna().all()
        assert len(dataset.confounders) == sum(len(entries(row["confounders"])) for row in raw_cases.values())
        assert dataset.confounders["label"].notna().all()

    def test_listed_has_a_row_for_each_entry(self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]) -> None:
        expected = [
            (case_id, entry) for case_id in sorted(raw_cases) for entry in entries(raw_cases[case_id]["treatments"])
        ]
        assert list(dataset.listed("treatments").itertuples(index=False, name=None)) == expected

    def test_every_case_has_a_publication(self, dataset: Dataset) -> None:
        assert set(dataset.cases["citekey"]) == set(dataset.sources.index)

    def test_links_are_addresses_or_missing(self, dataset: Dataset) -> None:
        for frame in (dataset.sources, dataset.context_sources):
            assert frame["link"].dropna().str.fullmatch(r"https?://\S+").all()
            assert frame["short_reference"].notna().all()


class TestFindingStates:
    def test_grid_agrees_with_the_cells(self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]) -> None:
        grid = dataset.finding_states
        assert list(grid.index) == list(dataset.cases.index)
        assert list(grid.columns) == list(dataset.finding_terms.index)
        for case_id, row in raw_cases.items():
            present, absent = set(entries(row["findings_present"])), set(entries(row["findings_absent"]))
            states = dict(zip(grid.columns, grid.loc[[case_id]].to_numpy()[0].tolist(), strict=True))
            assert {finding for finding, state in states.items() if state == 1} == present
            assert {finding for finding, state in states.items() if state == -1} == absent
            assert list(states.values()).count(0) == len(states) - len(present) - len(absent)


class TestReportingStates:
    def test_states_agree_with_the_cells(self, dataset: Dataset, raw_cases: dict[str, dict[str, str]]) -> None:
        states = reporting_states(dataset.cases, dataset.codebook)
        lists = {field.name for field in dataset.codebook.table("case_reports").fields if field.list_kind}
        for name in states.columns:
            for case_id, state in states[name].items():
                text = raw_cases[str(case_id)][name]
                silent = text == "" or (name == "ss_assessment" and text == "not_mentioned")
                none = text == "none" and name in lists
                assert state == ("not_stated" if silent else "none" if none else "reported"), (case_id, name)

    def test_fields_about_the_record_are_left_out(self, dataset: Dataset) -> None:
        assert not {"case_id", "citekey", "notes"} & set(reporting_states(dataset.cases, dataset.codebook).columns)

    def test_none_counts_as_reported(self) -> None:
        assert set(REPORTED) == {ReportingState.REPORTED, ReportingState.NONE}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    return shutil.copytree(project_root / "data", tmp_path_factory.mktemp("scratch") / "data")


FINDINGS = ("tremor", "hyperreflexia", "diaphoresis", "agitation", "mydriasis", "hallucinations")


@given(
    states=st.dictionaries(st.sampled_from(FINDINGS), st.sampled_from(["present", "absent"])),
    none_present=st.booleans(),
    none_absent=st.booleans(),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_finding_that_is_not_stated_changes_no_count(
    scratch: Path, dataset: Dataset, states: dict[str, str], none_present: bool, none_absent: bool
) -> None:
    """A new case changes the counts of present and absent by what it states, and by nothing else."""
    original = (scratch / "case_reports.csv").read_bytes()
    table = Csv(scratch / "case_reports.csv")
    cells = dict.fromkeys(table.header, "")
    cells |= {"case_id": "zzz2024", "citekey": "brooks2023", "source_access": "abstract"}
    cells |= {"primary_event": "other", "ss_assessment": "not_mentioned"}
    for state, none in (("present", none_present), ("absent", none_absent)):
        named = "; ".join(finding for finding, stated in states.items() if stated == state)
        cells[f"findings_{state}"] = named or ("none" if none else "")
    table.rows.append(list(cells.values()))
    table.save()
    try:
        changed = load(scratch)
    finally:
        (scratch / "case_reports.csv").write_bytes(original)
    for state, sign in (("present", 1), ("absent", -1)):
        stated = {finding for finding, given_state in states.items() if given_state == state}
        before = (dataset.finding_states == sign).sum()
        after = (changed.finding_states == sign).sum()
        assert {finding for finding in after.index if after[finding] != before[finding]} == stated
        assert (after - before).sum() == len(stated)
        rows = changed.findings[(changed.findings["case_id"] == "zzz2024") & (changed.findings["state"] == state)]
        assert set(rows["finding"]) == stated
    reported = reporting_states(changed.cases, changed.codebook).loc["zzz2024"]
    assert reported["findings_absent"] == (
        "reported" if "absent" in states.values() else "none" if none_absent else "not_stated"
    )
    assert reported["temp_max_c"] == reported["ss_assessment"] == reported["confounders"] == "not_stated"


class TestLoading:
    def test_faults_are_all_named_and_nothing_is_loaded(self, data_copy: Path) -> None:
        table = Csv(data_copy / "case_reports.csv")
        table.set(5, "age_years", "old")
        table.set(9, "sex", "mail")
        table.save()
        with pytest.raises(ExplainedError) as caught:
            load(data_copy)
        assert [(fault.code, fault.row, fault.column) for fault in caught.value.faults] == [
            ("C102", 5, "age_years"),
            ("C104", 9, "sex"),
        ]
        assert "row 9, column sex" in str(caught.value)

    def test_duplicate_key_is_refused(self, data_copy: Path) -> None:
        table = Csv(data_copy / "vocabulary" / "events.csv")
        table.rows.append(table.rows[0])
        table.save()
        with pytest.raises(ExplainedError, match="not unique: serotonin_syndrome"):
            load(data_copy)

    def test_codebook_without_a_table_is_refused(self, data_copy: Path) -> None:
        def drop(package: dict[str, list[dict[str, str]]]) -> None:
            package["resources"] = [entry for entry in package["resources"] if entry["name"] != "unread"]

        edit_json(data_copy / "datapackage.json", drop)
        with pytest.raises(ExplainedError) as caught:
            load(data_copy)
        assert [(fault.file, fault.column) for fault in caught.value.faults] == [("datapackage.json", "unread")]

    @pytest.mark.parametrize("name", KEYS)
    def test_codebook_without_a_key_is_refused(self, data_copy: Path, name: str) -> None:
        """Without it a row that stands twice would be counted twice."""

        def drop(package: dict[str, list[dict[str, Any]]]) -> None:
            del next(entry for entry in package["resources"] if entry["name"] == name)["schema"]["primaryKey"]

        edit_json(data_copy / "datapackage.json", drop)
        with pytest.raises(ExplainedError) as caught:
            load(data_copy)
        found = [(fault.column, fault.value) for fault in caught.value.faults]
        assert found == [(f"{name}, primaryKey", "no key")]
        assert [fault.column for fault in validate(data_copy).faults] == [f"{name}, primaryKey"]

    def test_every_key_of_the_codebook_is_needed(self, dataset: Dataset) -> None:
        declared = {table.name: table.primary_key for table in dataset.codebook.tables if table.primary_key}
        # The log of searches is shown row by row, and looked up by nothing.
        assert declared.keys() - KEYS.keys() == {"search_log"}
        assert {name: declared[name] for name in KEYS} == KEYS

    def test_missing_folder_is_explained(self, tmp_path: Path) -> None:
        with pytest.raises(ExplainedError, match=r"datapackage\.json"):
            load(tmp_path / "nowhere")

    def test_fingerprint_changes_with_the_data_and_only_then(self, data_copy: Path, dataset: Dataset) -> None:
        assert load(data_copy).fingerprint == dataset.fingerprint
        table = Csv(data_copy / "case_reports.csv")
        table.set(2, "notes", "another note")
        table.save()
        assert load(data_copy).fingerprint != dataset.fingerprint

    def test_tables_can_be_read_without_pandas(self, project_root: Path) -> None:
        """Validation is quick because it does not import pandas."""
        import subprocess
        import sys

        program = (
            "import sys; from pathlib import Path; from kratom_evidence.curation import validate;"
            "validate(Path(sys.argv[1])); print('pandas' in sys.modules)"
        )
        command = (sys.executable, "-c", program, str(project_root / "data"))
        assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "False\n"


class TestBibliography:
    @pytest.mark.parametrize(
        ("change", "column"),
        [
            ({"id": "Brooks 2023"}, "id"),
            ({"id": None}, "id"),
            ({"type": None}, "type"),
            ({"DOI": "https://doi.org/10.1000/x"}, "DOI"),
            ({"PMID": 12925718}, "PMID"),
            ({"PMCID": "7643221"}, "PMCID"),
            ({"URL": "javascript:alert(1)"}, "URL"),
            ({"title": 7}, "title"),
            ({"author": "Brooks"}, "author"),
            ({"author": [{"given": "A"}]}, "author"),
            ({"issued": {"date-parts": [[20230]]}}, "issued"),
            ({"issued": {"date-parts": [[2023.5]]}}, "issued"),
            ({"issued": {"date-parts": [["2_023"]]}}, "issued"),
            ({"issued": "2023"}, "issued"),
        ],
    )
    def test_faulty_entry_is_named(self, data_copy: Path, change: dict[str, object], column: str) -> None:
        edit_json(data_copy / "context" / "sources.json", lambda entries: entries[3].update(change))
        faults = read_tables(data_copy).bibliography_faults
        assert [(fault.file, fault.row, fault.column) for fault in faults] == [("context/sources.json", 4, column)]

    def test_an_entry_as_zotero_exports_it_is_led_to_its_key_and_without_its_abstract(self, data_copy: Path) -> None:
        exported = {"id": "http://zotero.org/users/1/items/A", "citation-key": "probe2026", "abstract": "Theirs."}
        edit_json(data_copy / "sources.json", lambda entries: entries[3].update(exported))
        key, abstract = read_tables(data_copy).bibliography_faults
        assert (key.code, key.row, key.column, key.nearest) == ("C108", 4, "id", "probe2026")
        assert (abstract.code, abstract.row, abstract.column) == ("C121", 4, "abstract")

    @pytest.mark.parametrize("document", ["{}", "7", "null", '"text"', "[[1]]", "[", "", "[1e999]"])
    def test_what_is_no_bibliography_is_named(self, data_copy: Path, document: str) -> None:
        (data_copy / "sources.json").write_text(document, encoding="utf-8")
        assert {fault.code for fault in read_tables(data_copy).bibliography_faults} == {"F010"}

    def test_empty_bibliography_makes_every_reference_unknown(self, data_copy: Path) -> None:
        (data_copy / "sources.json").write_text("[]", encoding="utf-8")
        readings = read_tables(data_copy)
        cases = readings.tables["case_reports"]
        assert [fault.row for fault in cases.faults if fault.column == "citekey"] == list(cases.row_numbers)

    def test_byte_order_mark_is_accepted(self, data_copy: Path) -> None:
        path = data_copy / "sources.json"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        assert read_tables(data_copy).faults == ()

    def test_repeated_key_is_named_with_the_first(self, data_copy: Path) -> None:
        edit_json(data_copy / "sources.json", lambda entries: entries.insert(5, entries[2]))
        (fault,) = read_tables(data_copy).bibliography_faults
        assert (fault.code, fault.row) == ("X201", 6)
        assert "entry 3" in fault.why
