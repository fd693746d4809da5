"""Unit: every rule across cells and files lets a sound case through and stops an unsound one, at its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence.curation import validate
from kratom_evidence.curation.catalogue import RULES
from tests.conftest import PROJECT_ROOT
from tests.editing import Csv, edit_json

CASES = "case_reports.csv"
Place = tuple[str, int | None, str | None]
Change = Callable[[Path], Place]
# A case of whom hardly anything is stated, so that a test can state what it needs.
SILENT = "riverso2018"


def cells(case_id: str = SILENT, /, **values: str) -> Change:
    """Set cells of one case; the place is the cell that is named first."""

    def change(data: Path) -> Place:
        table = Csv(data / CASES)
        row = table.row_where(lambda found: found["case_id"] == case_id)
        for column, text in values.items():
            table.set(row, column, text)
        table.save()
        return CASES, row, next(iter(values))

    return change


def row_of(file: str, where: tuple[str, str], /, **values: str) -> Change:
    """Set cells of the row of another table in which a column holds a value."""

    def change(data: Path) -> Place:
        table = Csv(data / file)
        row = table.row_where(lambda found: found[where[0]] == where[1])
        for column, text in values.items():
            table.set(row, column, text)
        table.save()
        return file, row, next(iter(values))

    return change


def duplicate_row(file: str, key: str) -> Change:
    """Repeat the third row below itself."""

    def change(data: Path) -> Place:
        table = Csv(data / file)
        table.rows.insert(2, list(table.rows[1]))
        table.save()
        return file, 4, key

    return change


def swap_rows(file: str, key: str) -> Change:
    """Exchange the fourth and the fifth row."""

    def change(data: Path) -> Place:
        table = Csv(data / file)
        table.rows[2], table.rows[3] = table.rows[3], table.rows[2]
        table.save()
        return file, 5, key

    return change


def remove_row(file: str, position: int, place: Place) -> Change:
    def change(data: Path) -> Place:
        table = Csv(data / file)
        del table.rows[position]
        table.save()
        return place

    return change


def bibliography(file: str, edit: Callable[[list[dict[str, Any]]], Place]) -> Change:
    def change(data: Path) -> Place:
        places: list[Place] = []
        edit_json(data / file, lambda entries: places.append(edit(entries)))
        return places[0]

    return change


def add_publication(entries: list[dict[str, Any]]) -> Place:
    entries.append({"id": "zzz2024", "type": "article-journal"})
    return "sources.json", len(entries), "id"


def same_doi_twice(entries: list[dict[str, Any]]) -> Place:
    first, second = [position for position, entry in enumerate(entries) if "DOI" in entry][:2]
    entries[second]["DOI"] = entries[first]["DOI"].upper()
    return "sources.json", second + 1, "DOI"


def new_doi(entries: list[dict[str, Any]]) -> Place:
    position = next(position for position, entry in enumerate(entries) if "DOI" in entry)
    entries[position]["DOI"] = "10.9999/never-seen-before"
    return "sources.json", position + 1, "DOI"


def swapped_entries(entries: list[dict[str, Any]]) -> Place:
    entries[4], entries[5] = entries[5], entries[4]
    return "sources.json", 6, "id"


def screened(file: str, column: str, value: Callable[[Path], str]) -> Change:
    """Give the last screened record an identifier."""

    def change(data: Path) -> Place:
        table = Csv(data / file)
        row = len(table.rows) + 1
        table.set(row, column, value(data))
        table.save()
        return file, row, column

    return change


def identifier_of_a_source(name: str) -> Callable[[Path], str]:
    def found(data: Path) -> str:
        values: list[str] = []
        edit_json(data / "sources.json", lambda entries: values.extend(e[name] for e in entries if name in e))
        return values[0]

    return found


def numbered_cases(*numbers: str) -> Change:
    """Give the cases of the first publication with two patients other numbers; the last one is the place."""

    def change(data: Path) -> Place:
        table = Csv(data / CASES)
        first = table.row_where(lambda row: row["case_id"].endswith("-1"))
        citekey = table.get(first, "citekey")
        for offset, number in enumerate(numbers):
            table.set(first + offset, "case_id", f"{citekey}{number}")
        table.save()
        return CASES, first + len(numbers) - 1, "case_id"

    return change


def implied_chain(data: Path) -> Place:
    """Present is a finding two steps above which the absent one stands."""
    row_of("vocabulary/findings.csv", ("finding", "clonus"), implies="tremor")(data)
    return cells(findings_absent="tremor", findings_present="spontaneous_clonus")(data)


def first_decision(field: str, decision: str) -> Change:
    def change(data: Path) -> Place:
        table = Csv(data / "extraction" / "adjudication.csv")
        row = table.row_where(lambda found: found["field"] == field and found["decision"] != decision)
        table.set(row, "decision", decision)
        table.save()
        return "extraction/adjudication.csv", row, "decision"

    return change


LOG_ROW = ["2026-11-01T08:00:00Z", "pubmed", "0" * 12, "", "3", "2", "0", "1"]


def searched(key: str = "a2026", service: str = "pubmed", log: list[list[str]] | None = None, **more: str) -> Change:
    """One candidate, and a log that counts it; the place is the cell of the log or of the candidate that is faulty."""

    def change(data: Path) -> Place:
        written = Csv(data / "screening" / "search_log.csv")
        written.rows = [LOG_ROW] if log is None else log
        written.save()
        table = Csv(data / "screening" / "candidates.csv")
        cells = {"candidate_id": key, "title": "A made-up title of a record that was found", "services": service,
                 "score": "1", "found_on": "2026-11-01", **more}  # fmt: skip
        table.rows = [[cells.get(name, "") for name in table.header]]
        table.save()
        return ("screening/candidates.csv", 2, "services" if service != "pubmed" or log == [] else "candidate_id")

    return change


def at(place: Place, change: Change) -> Change:
    """The same change, whose fault stands in another place."""

    def changed(data: Path) -> Place:
        change(data)
        return place

    return changed


def title_of(key: str) -> str:
    entries = json.loads((PROJECT_ROOT / "data" / "sources.json").read_text(encoding="utf-8"))
    return next(str(entry["title"]) for entry in entries if entry["id"] == key)


STUDY = ("context_id", "anwar2016_npds_calls")
CORRELATION = ("unit", "correlation_r")

FAILING: list[tuple[str, Change]] = [
    ("X201", duplicate_row(CASES, "case_id")),
    ("X201", duplicate_row("extraction/adjudication.csv", "field")),
    ("X201", duplicate_row("vocabulary/findings.csv", "finding")),
    ("X202", row_of("context/studies.csv", STUDY, doi="10.9999/another")),
    ("X203", cells(findings_absent="tremor", findings_present="tremor")),
    ("X203", cells(findings_absent="clonus", findings_present="spontaneous_clonus")),
    ("X203", implied_chain),
    ("X204", bibliography("sources.json", add_publication)),
    ("X205", screened("screening/excluded.csv", "citekey", lambda _: "brooks2023")),
    ("X205", screened("screening/unread.csv", "citekey", lambda _: "ahmad2021")),
    ("X205", screened("screening/unread.csv", "doi", identifier_of_a_source("DOI"))),
    ("X205", screened("screening/unread.csv", "pmid", identifier_of_a_source("PMID"))),
    ("X206", remove_row("extraction/second.csv", 0, ("extraction/first.csv", 2, "case_id"))),
    ("X206", remove_row("extraction/first.csv", 1, ("extraction/second.csv", 3, "case_id"))),
    ("X206", row_of("extraction/adjudication.csv", ("field", "outcome"), field="outcom")),
    ("X207", cells(findings_absent="hyperthermia", temp_max_c="38.1")),
    ("X207", cells(findings_absent="fever", temp_max_c="38.1")),
    ("X207", cells(findings_present="hyperthermia", temp_max_c="38.0")),
    ("X208", cells(mitragynine_detected_in="urine", mitragynine_blood_ng_ml="12")),
    ("X208", cells(mitragynine_detected_in="", mitragynine_blood_ng_ml="12")),
    ("X208", cells(mitragynine_detected_in="none", mitragynine_blood_ng_ml="12")),
    ("X209", cells(sbp_max_mmhg="80", dbp_max_mmhg="120")),
    ("X210", swap_rows(CASES, "case_id")),
    ("X210", bibliography("sources.json", swapped_entries)),
    ("X211", cells("brooks2023", case_id="brook2023")),
    ("X211", numbered_cases("-1", "-3")),
    ("X211", numbered_cases("-1", "-02")),
    ("X211", numbered_cases("-1", "")),
    ("X212", cells(outcome="recovered", primary_event="death")),
    ("X212", cells(outcome="", primary_event="death")),
    ("X213", cells(ss_assessment="not_mentioned", ss_criteria_reported="hunter")),
    ("X214", cells(ss_assessment="excluded", primary_event="serotonin_syndrome")),
    ("X214", cells(ss_assessment="not_mentioned", primary_event="serotonin_syndrome")),
    ("X215", cells(co_exposures="sertraline [prescribed, concurrent]; sertraline [detected, concurrent: 9 ng/mL]")),
    ("X216", row_of("vocabulary/findings.csv", ("finding", "clonus"), implies="ocular_clonus")),
    ("X216", row_of("vocabulary/findings.csv", ("finding", "tremor"), implies="tremor")),
    ("X217", first_decision("outcome", "not_recovered")),
    ("X217", first_decision("sex", "")),
    ("X218", bibliography("sources.json", same_doi_twice)),
    ("X219", cells(findings_absent="seizure", primary_event="seizure")),
    ("X220", row_of("vocabulary/findings.csv", ("finding", "tremor"), synonyms="Clonus at rest")),
    ("X220", row_of("vocabulary/substances.csv", ("name", "fentanyl"), synonyms="Sertraline")),
    ("X221", row_of("context/studies.csv", STUDY, ci_low="700", ci_high="800")),
    ("X222", cells(age_text="middle-aged", age_years="40")),
    ("X223", cells(confounders="", co_exposures="fentanyl [adulterant, concurrent]")),
    ("X224", row_of("vocabulary/substances.csv", ("name", "sertraline"), mechanism="")),
    ("X224", row_of("vocabulary/substances.csv", ("name", "acetylsalicylic acid"), mechanism="other")),
    ("X225", searched(log=[])),
    ("X225", searched(service="pubmed; crossref")),
    ("X225", at(("screening/candidates.csv", None, "candidate_id"), searched(log=[[*LOG_ROW[:5], "1", "0", "2"]]))),
    ("X226", searched(key="abdullah2019")),
    ("X226", searched(key="abdullah2019", title=title_of("abdullah2019"), doi="10.9999/another")),
    ("X226", searched(key="broyan2022")),
    ("X228", row_of("context/studies.csv", CORRELATION, value="92")),
    ("X228", row_of("context/studies.csv", CORRELATION, ci_high="164")),
    ("X228", row_of("context/studies.csv", STUDY, value="-1")),
    ("X227", at(("screening/search_log.csv", 2, "found"), searched(log=[[*LOG_ROW[:4], "4", "2", "0", "1"]]))),
]

PASSING: list[tuple[str, Change]] = [
    ("X201", cells(notes="another note")),
    ("X202", row_of("context/studies.csv", STUDY, doi="10.15585/MMWR.MM6529A4")),
    ("X202", row_of("context/studies.csv", STUDY, doi="")),
    ("X203", cells(findings_absent="spontaneous_clonus", findings_present="clonus")),
    ("X203", cells(findings_absent="none", findings_present="tremor")),
    ("X204", bibliography("sources.json", new_doi)),
    ("X205", screened("screening/unread.csv", "doi", lambda _: "10.9999/never-seen-before")),
    ("X206", row_of("extraction/adjudication.csv", ("field", "outcome"), reason="read again")),
    ("X207", cells(findings_present="hyperthermia; fever", temp_max_c="38.1")),
    ("X207", cells(findings_absent="hyperthermia; fever", findings_present="", temp_max_c="38.0")),
    ("X207", cells(findings_present="hyperthermia", temp_max_c="")),
    ("X208", cells(mitragynine_detected_in="urine; blood", mitragynine_blood_ng_ml="12")),
    ("X208", cells(mitragynine_detected_in="none", mitragynine_blood_ng_ml="0")),
    ("X209", cells(sbp_max_mmhg="120", dbp_max_mmhg="80")),
    ("X209", cells(sbp_max_mmhg="", dbp_max_mmhg="80")),
    ("X210", cells(notes="another note")),
    ("X211", numbered_cases("-1", "-2")),
    ("X212", cells(outcome="death", primary_event="death")),
    ("X212", cells(outcome="death", primary_event="cardiac_arrest")),
    ("X213", cells(ss_assessment="excluded", ss_criteria_reported="hunter")),
    ("X213", cells(ss_assessment="not_mentioned", ss_criteria_reported="none")),
    ("X214", cells(ss_assessment="suspected", primary_event="serotonin_syndrome")),
    ("X214", cells(ss_assessment="excluded", primary_event="delirium")),
    ("X215", cells(co_exposures="sertraline [prescribed, concurrent]; sertraline [prescribed, past]")),
    ("X216", row_of("vocabulary/findings.csv", ("finding", "clonus"), implies="tremor")),
    ("X217", row_of("extraction/adjudication.csv", ("field", "treatments"), decision="in other words")),
    ("X218", bibliography("sources.json", new_doi)),
    ("X219", cells(findings_absent="tremor", primary_event="seizure")),
    ("X220", row_of("vocabulary/findings.csv", ("finding", "tremor"), synonyms="the shakes")),
    ("X221", row_of("context/studies.csv", STUDY, ci_low="660", ci_high="")),
    ("X222", cells(age_text="middle-aged", age_years="")),
    ("X223", cells(confounders="product_adulterated", co_exposures="fentanyl [adulterant, concurrent]")),
    ("X224", row_of("vocabulary/substances.csv", ("name", "sertraline"), serotonergic="possible")),
    ("X225", searched()),
    ("X226", searched()),
    ("X226", searched(key="abdullah2019", title=title_of("abdullah2019") + " [made-up subtitle]")),
    ("X227", searched()),
    ("X228", row_of("context/studies.csv", CORRELATION, value="0.1")),
    ("X228", row_of("context/pharmacology.csv", ("measure", "qualitative"), unit="")),
]


def numbered(cases: list[tuple[str, Change]]) -> list[Any]:
    return [pytest.param(code, change, id=f"{code}-{number}") for number, (code, change) in enumerate(cases)]


@pytest.mark.parametrize(("code", "change"), numbered(FAILING))
def test_rule_stops_an_unsound_case_at_its_place(data_copy: Path, code: str, change: Change) -> None:
    file, row, column = change(data_copy)
    report = validate(data_copy)
    places = [(fault.file, fault.row, fault.column) for fault in report.faults if fault.code == code]
    assert (file, row, column) in places
    assert all(fault.why and fault.mend for fault in report.faults)


@pytest.mark.parametrize(("code", "change"), numbered(PASSING))
def test_rule_lets_a_sound_case_through(data_copy: Path, code: str, change: Change) -> None:
    change(data_copy)
    report = validate(data_copy)
    assert [str(fault) for fault in report.faults if fault.code == code] == []
    assert {check.outcome for check in report.checks if check.code == code} == {"passed"}


def test_every_rule_has_both_tests() -> None:
    codes = {rule.code for rule in RULES}
    assert {code for code, _ in FAILING} == codes
    assert {code for code, _ in PASSING} == codes


def test_only_the_first_misplaced_row_is_named(data_copy: Path) -> None:
    table = Csv(data_copy / CASES)
    table.rows.reverse()
    table.save()
    named = [fault for fault in validate(data_copy).faults if fault.code == "X210" and fault.file == CASES]
    assert [fault.row for fault in named] == [3]


def test_three_cases_numbered_out_of_file_order_have_no_gap(data_copy: Path) -> None:
    """The numbering is about the numbers, not about the order of the rows; that is another rule."""
    table = Csv(data_copy / CASES)
    first = table.row_where(lambda row: row["case_id"].endswith("-1"))
    table.rows[first - 2], table.rows[first - 1] = table.rows[first - 1], table.rows[first - 2]
    table.save()
    assert {fault.code for fault in validate(data_copy).faults} == {"X210"}


def test_adjudicated_value_that_was_changed_later_names_the_cell(data_copy: Path) -> None:
    adjudication = Csv(data_copy / "extraction" / "adjudication.csv")
    row = adjudication.row_where(lambda found: found["field"] == "sex")
    case_id, decision = adjudication.get(row, "case_id"), adjudication.get(row, "decision")
    other = {"male": "female", "female": "male", "": "male"}[decision]
    _, case_row, _ = cells(case_id, sex=other)(data_copy)
    (fault,) = [fault for fault in validate(data_copy).faults if fault.code == "X217"]
    assert f"row {case_row}, column sex holds {other!r}" in fault.why
    assert fault.nearest == other


def test_a_misplaced_row_is_told_where_it_belongs(data_copy: Path) -> None:
    table = Csv(data_copy / CASES)
    keys = [row[0] for row in table.rows]
    table.rows.append(table.rows.pop(40))
    table.save()
    (fault,) = [fault for fault in validate(data_copy).faults if fault.code == "X210"]
    assert fault.value == keys[40] and fault.mend.endswith(f"it belongs after {keys[39]}.")
