"""From answers to rows: nothing else of a file moves, known publications are refused, the same patient is noticed."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.curation import validate
from kratom_evidence.curation.insertion import with_csv_row, with_entry, with_key_renamed, without_csv_row
from kratom_evidence.curation.new_case import NewCase, answer_faults
from kratom_evidence.curation.new_publication import citation_answers, csl_entry, proposed_citekey
from kratom_evidence.curation.same_patient import facts, possible_same_patients
from kratom_evidence.faults import ExplainedError, Fault
from tests.editing import Csv
from tests.new_cases import CITATION, lines_of, new_case

CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
KEY = st.from_regex(r"[a-z][a-z0-9_]{0,5}(-[0-9])?", fullmatch=True)


def text_of(rows: list[list[str]], line_end: str = "\n") -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator=line_end).writerows(rows)
    return stream.getvalue()


class TestInsertion:
    @settings(max_examples=60)
    @given(
        keys=st.lists(KEY, unique=True, max_size=8), new=KEY, cells=st.lists(CELL, min_size=2, max_size=2),
        line_end=st.sampled_from(["\n", "\r\n"]),
    )  # fmt: skip
    def test_a_row_is_put_in_its_place_and_every_other_byte_stays(
        self, keys: list[str], new: str, cells: list[str], line_end: str
    ) -> None:
        rows = [[key, f"{key}, x", '"'] for key in sorted(set(keys) - {new})]
        before = text_of([["key", "a", "b"], *rows], line_end)
        after = with_csv_row(before, {"b": cells[1], "key": new, "a": cells[0]})
        read = list(csv.reader(io.StringIO(after, newline="")))
        assert read == [["key", "a", "b"], *sorted([*rows, [new, *cells]], key=lambda row: row[0])]
        assert without_csv_row(after, new) == before
        added = text_of([[new, *cells]], line_end)
        assert after.replace(added, "", 1) == before

    def test_a_last_line_without_an_end_gets_one(self) -> None:
        assert with_csv_row("key,a\nb,1", {"key": "c", "a": "2"}) == "key,a\nb,1\nc,2\n"

    @pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
    @pytest.mark.parametrize("key", ["aa", "bb", "zz"])
    def test_an_entry_looks_as_if_the_file_had_been_written_with_it(self, indent: int | str, key: str) -> None:
        entries: list[dict[str, Any]] = [{"id": name, "author": [{"family": "é"}]} for name in ("ab", "cd", "ef")]
        new: dict[str, Any] = {"id": key, "issued": {"date-parts": [[2026]]}}
        before, after = (
            json.dumps(part, indent=indent, ensure_ascii=False) + "\n"
            for part in (entries, sorted([*entries, new], key=lambda one: str(one["id"])))
        )
        if isinstance(indent, str):
            assert json.loads(with_entry(before, new, "f")) == json.loads(after)
        else:
            assert with_entry(before, new, "f") == after

    @pytest.mark.parametrize("text", ["", "{}", "[1]", "[{}]", '[{"id": "a"}', "[" * 100_000])
    def test_what_is_no_list_of_publications_is_explained(self, text: str) -> None:
        with pytest.raises(ExplainedError, match="sources"):
            with_entry(text, {"id": "b"}, "sources.json")

    def test_only_the_key_is_renamed(self) -> None:
        before = "case_id,citekey\nab,ab\nabc,abc\nab-2,ab\n"
        assert with_key_renamed(before, "ab", "ab-1") == "case_id,citekey\nab-1,ab\nabc,abc\nab-2,ab\n"


class TestCitation:
    def test_answers_become_an_entry_and_answers_again(self) -> None:
        entry = csl_entry(CITATION, "probe2026")
        assert entry == {
            "id": "probe2026",
            "type": "article-journal",
            "genre": "case_report",
            "title": CITATION["title"],
            "author": [{"family": "Probe", "given": "A"}, {"family": "van der Tester", "given": "BC"}],
            "container-title": "Journal of Made-up Cases",
            "language": None,
            "issued": {"date-parts": [[2026]]},
            "DOI": "10.9999/made-up.1",
        } | {"language": "en"}
        assert {name: citation_answers(entry)[name] for name in CITATION} == CITATION

    @pytest.mark.parametrize(
        ("authors", "year", "taken", "key"),
        [
            ("Probe A", "2026", set(), "probe2026"),
            ("Probe A", "2026", {"probe2026", "probe2026b"}, "probe2026c"),
            ("Ångström-Müller, Bo; Probe A", "", set(), "angstrommuller"),
            ("van der Tester BC", "2020", set(), "vandertester2020"),
            ("World Health Organization", "2020", set(), "worldhealthorganization2020"),
            ("王 X", "2020", set(), None),
            ("", "2020", set(), None),
        ],
    )
    def test_keys_are_of_author_and_year(self, authors: str, year: str, taken: set[str], key: str | None) -> None:
        found = proposed_citekey({"authors": authors, "year": year}, taken)
        assert found == key
        assert found is None or re.fullmatch(r"[a-z][a-z0-9_]*", found)


@pytest.fixture(scope="module")
def entry(project_root: Path) -> CaseEntry:
    return CaseEntry(data=project_root / "data")


def codes(faults: tuple[Fault, ...]) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.column) for fault in faults]


class TestKnownPublications:
    @pytest.mark.parametrize(
        ("csl", "name"), [("DOI", "doi"), ("PMID", "pmid"), ("PMCID", "pmcid"), ("title", "title")]
    )
    def test_what_is_included_is_refused(self, entry: CaseEntry, project_root: Path, csl: str, name: str) -> None:
        sources = json.loads((project_root / "data" / "sources.json").read_text(encoding="utf-8"))
        known = next(source for source in sources if len(source.get(csl, "")) > (20 if csl == "title" else 0))
        value = known[csl].upper()
        year = {"year": str(known["issued"]["date-parts"][0][0])} if csl == "title" else {}
        citation = {**CITATION, "doi": "", name: value, **year}
        faults = entry.check(replace(new_case(), citation=citation))
        assert ("A104", name) in codes(faults)
        assert any(known["id"] in fault.why for fault in faults)

    def test_a_further_patient_joins_its_publication(self, entry: CaseEntry, project_root: Path) -> None:
        sources = json.loads((project_root / "data" / "sources.json").read_text(encoding="utf-8"))
        cases = Csv(project_root / "data" / "case_reports.csv")
        keys = [row[1] for row in cases.rows]
        with_doi = {source["id"]: source["DOI"] for source in sources if source.get("DOI")}
        alone = next(key for key in with_doi if keys.count(key) == 1 and key in [row[0] for row in cases.rows])
        several = next(source["id"] for source in sources if keys.count(source["id"]) > 1)
        new = NewCase(citation={"doi": with_doi[alone]}, case=dict(new_case().case), same_publication=True)
        made = entry.preview(new)
        assert (made.faults, made.case_id, made.citekey, made.entry) == ((), f"{alone}-2", alone, None)
        assert re.search(f"^{alone}-1,{alone},", made.files["case_reports.csv"], re.MULTILINE)
        assert "sources.json" not in made.files and f"\n{alone}-1," in made.files["extraction/first.csv"]
        another = entry.preview(replace(new, citation={"citekey": several}))
        assert (another.faults, another.case_id) == ((), f"{several}-{keys.count(several) + 1}")
        assert list(another.files) == ["case_reports.csv"]

    def test_nothing_is_added_twice_by_the_same_command(self, data_copy: Path) -> None:
        door = CaseEntry(data=data_copy)
        door.write(new_case())
        again = replace(new_case(), same_publication=True)
        assert codes(CaseEntry(data=data_copy).check(again)) == [("A109", "case_id")]
        assert codes(CaseEntry(data=data_copy).check(new_case())) == [("A104", "doi")]
        other = replace(again, case={**again.case, "age_years": "96"})
        assert CaseEntry(data=data_copy).check(other) == ()

    def test_what_was_excluded_is_refused_with_the_reason(self, entry: CaseEntry, project_root: Path) -> None:
        excluded = Csv(project_root / "data" / "screening" / "excluded.csv")
        row = excluded.row_where(lambda cells: len(cells["title"]) > 20)
        citation = CITATION | {"title": excluded.get(row, "title"), "year": ""}
        (fault,) = entry.check(replace(new_case(), citation=citation))
        assert fault.code == "A105" and excluded.get(row, "reason") in fault.why

    def test_what_was_waiting_to_be_read_leaves_that_list(self, data_copy: Path) -> None:
        unread = Csv(data_copy / "screening" / "unread.csv")
        row = unread.row_where(lambda cells: bool(cells["pmid"]))
        key, pmid = unread.get(row, "citekey"), unread.get(row, "pmid")
        before = lines_of(unread.path)
        new = replace(new_case(), citation=CITATION | {"pmid": pmid})
        door = CaseEntry(data=data_copy)
        assert any(key in warning.sentence for warning in door.warnings(new))
        door.write(new)
        left = [line for line in before if not line.startswith(f"{key},")]
        assert lines_of(unread.path) == left and len(left) == len(before) - 1
        assert validate(data_copy).faults == ()

    def test_a_key_that_leads_out_of_the_folder_is_refused(self, entry: CaseEntry) -> None:
        for key in ("../x", "a/b", "A", "x;rm", "a\nb", "x" * 50):
            citation = CITATION | {"citekey": key}
            faults = answer_faults(replace(new_case(), citation=citation), entry.readings)
            assert [fault.column for fault in faults] == ["citekey"]

    def test_a_key_of_a_screened_record_is_not_proposed(self, data_copy: Path) -> None:
        excluded = Csv(data_copy / "screening" / "excluded.csv")
        excluded.rows.append(["probe2026", "Another publication altogether", "made up"])
        excluded.rows.sort()
        excluded.save()
        made = CaseEntry(data=data_copy).preview(new_case())
        assert (made.citekey, made.faults) == ("probe2026b", ())


class TestWholeChecks:
    def test_rules_across_columns_are_applied(self, entry: CaseEntry) -> None:
        faults = entry.check(new_case(findings_absent="tremor"))
        assert [fault.code for fault in faults] == ["X203"]

    def test_unknown_fields_and_keys_are_named(self, entry: CaseEntry) -> None:
        faults = entry.check(new_case(sexx="male", case_id="a"))
        assert {(fault.column, fault.nearest) for fault in faults} == {("sexx", "sex"), ("case_id", None)}

    def test_faults_that_were_there_before_are_not_written_over(self, data_copy: Path) -> None:
        table = Csv(data_copy / "case_reports.csv")
        table.set(5, "sex", "mael")
        table.save()
        before = (data_copy / "case_reports.csv").read_bytes()
        with pytest.raises(ExplainedError, match="validate"):
            CaseEntry(data=data_copy).write(new_case())
        assert (data_copy / "case_reports.csv").read_bytes() == before


KNOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "a": ("pub_a", {"age_years": 34, "sex": "male", "country": "NO", "primary_event": "seizure", "outcome": "death"}),
    **{
        f"x{number}": (
            f"pub{number}",
            {
                "age_years": 20 + number,
                "sex": ("male", "female")[number % 2],
                "country": "US",
                "primary_event": "liver",
            },
        )
        for number in range(30)
    },
}


class TestSamePatient:
    def found(self, **new: Any) -> list[str]:
        return [same.case_id for same in possible_same_patients(new, KNOWN, citekey=None)]

    def test_rare_facts_that_agree_are_noticed(self) -> None:
        same, *_ = possible_same_patients(
            {"age_years": 34, "sex": "male", "country": "NO", "primary_event": "seizure"}, KNOWN, citekey=None
        )
        assert same.case_id == "a" and {one.field for one in same.agreeing} == {
            "age_years", "sex", "country", "primary_event",
        }  # fmt: skip

    def test_common_facts_that_agree_are_not(self) -> None:
        assert self.found(sex="male", country="US", primary_event="liver") == []

    def test_what_is_not_stated_counts_neither_for_nor_against(self) -> None:
        full = possible_same_patients(KNOWN["a"][1], KNOWN, citekey=None)[0]
        silent = {name: value for name, value in KNOWN["a"][1].items() if name != "outcome"}
        less = possible_same_patients(silent, KNOWN, citekey=None)[0]
        assert {one.field for one in full.compared} - {one.field for one in less.compared} == {"outcome"}
        assert full.weight - less.weight == pytest.approx(sum(o.weight for o in full.compared if o.field == "outcome"))

    def test_what_differs_counts_against(self) -> None:
        assert self.found(**(KNOWN["a"][1] | {"sex": "female"})) == []
        assert self.found(**(KNOWN["a"][1] | {"age_years": 35})) == ["a"]
        assert self.found(**(KNOWN["a"][1] | {"age_years": 60})) == []

    def test_a_patient_of_the_same_publication_is_another_one(self) -> None:
        assert possible_same_patients(KNOWN["a"][1], KNOWN, citekey="pub_a") == ()

    def test_none_and_not_stated_differ(self) -> None:
        assert facts({"conditions": (), "co_exposures": None}, {}) == {"conditions": frozenset()}

    def test_it_must_be_denied_before_the_case_is_written(self, data_copy: Path, project_root: Path) -> None:
        cases = Csv(project_root / "data" / "case_reports.csv")
        row = cases.row_where(
            lambda cells: all(cells[name] for name in ("age_years", "sex", "country", "co_exposures"))
        )
        names = (
            "age_years",
            "sex",
            "country",
            "co_exposures",
            "primary_event",
            "outcome",
            "conditions",
            "ss_assessment",
        )
        new = replace(new_case(), case={"source_access": "abstract"} | {name: cases.get(row, name) for name in names})
        with pytest.raises(ExplainedError) as caught:
            CaseEntry(data=data_copy).write(new)
        assert cases.get(row, "case_id") in {fault.value for fault in caught.value.faults}
        assert any(warning.must_confirm for warning in CaseEntry(data=data_copy).warnings(new))
        CaseEntry(data=data_copy).write(replace(new, not_the_same_patient=True))
        assert lines_of(data_copy / "case_reports.csv") != lines_of(project_root / "data" / "case_reports.csv")


class TestCandidatesOfTheSavedSearch:
    """What the saved search found keeps its key, and nothing else takes that key."""

    @pytest.fixture
    def searched(self, data_copy: Path) -> Path:
        log = Csv(data_copy / "screening" / "search_log.csv")
        log.rows = [["2026-11-01T08:00:00Z", "pubmed", "0" * 12, "", "1", "0", "0", "1"]]
        log.save()
        table = Csv(data_copy / "screening" / "candidates.csv")
        cells = {"candidate_id": "probe2026", "title": "Another publication of the same author in that year",
                 "doi": "10.9999/another", "services": "pubmed", "score": "1", "found_on": "2026-11-01"}  # fmt: skip
        table.rows = [[cells.get(name, "") for name in table.header]]
        table.save()
        return data_copy

    def candidate(self, data: Path, **cells: str) -> None:
        table = Csv(data / "screening" / "candidates.csv")
        for column, text in cells.items():
            table.set(2, column, text)
        table.save()

    def test_another_publication_gets_another_key(self, searched: Path) -> None:
        made = CaseEntry(data=searched).preview(new_case())
        assert (made.citekey, made.faults, made.remarks) == ("probe2026b", (), ())

    def test_its_key_cannot_be_given_by_hand(self, searched: Path) -> None:
        new = new_case().with_answer("citation", "citekey", "probe2026")
        (fault,) = CaseEntry(data=searched).check(new)
        assert (fault.code, fault.column) == ("A104", "citekey") and "Another publication of the same" in fault.why

    @pytest.mark.parametrize("given", ["", "probe2026"])
    def test_the_publication_that_was_found_takes_its_key(self, searched: Path, given: str) -> None:
        self.candidate(searched, doi="10.9999/MADE-UP.1")
        new = new_case().with_answer("citation", "citekey", given)
        made = CaseEntry(data=searched).preview(new)
        assert (made.citekey, made.faults) == ("probe2026", ())
        assert "no decision yet: write include" in made.remarks[0]
        self.candidate(searched, decision="include")
        assert CaseEntry(data=searched).preview(new).remarks == ()

    def test_one_that_was_left_out_is_refused_with_the_reason(self, searched: Path) -> None:
        self.candidate(searched, doi="10.9999/made-up.1", decision="exclude", decision_reason="a survey")
        (fault,) = CaseEntry(data=searched).check(new_case())
        assert fault.code == "A105" and "The reason: a survey" in fault.why
