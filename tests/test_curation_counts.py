"""Spec: what is counted as a check, and that a check that could not look at everything has not passed."""

import re
from collections import Counter
from pathlib import Path

import pytest

from kratom_evidence.curation import Check, ValidationReport, form_codes, rule_catalogue, validate
from kratom_evidence.curation.outcome import spreadsheet_letter
from kratom_evidence.faults import Fault
from tests.editing import Csv

CASES = "case_reports.csv"
# Rules that look at the cells of every column.
ABOUT_EVERY_CELL = {"C112", "C113", "C114", "C115", "C116", "C117", "C118"}


@pytest.fixture(scope="module")
def committed(project_root: Path) -> ValidationReport:
    return validate(project_root / "data")


def outcome(report: ValidationReport, code: str, file: str) -> Check:
    (check,) = [check for check in report.checks if (check.code, check.file) == (code, file)]
    return check


def test_committed_data_have_no_fault_and_nothing_is_skipped(committed: ValidationReport) -> None:
    assert [str(fault) for fault in committed.faults] == []
    assert committed.skipped == ()
    assert committed.passed == committed.run == len(committed.checks)


def test_a_check_is_one_rule_on_one_file(committed: ValidationReport) -> None:
    counts = Counter((check.code, check.file) for check in committed.checks)
    assert max(counts.values()) == 1


def test_every_rule_of_the_catalogue_is_applied_and_every_check_is_catalogued(committed: ValidationReport) -> None:
    assert {check.code for check in committed.checks} == {rule.code for rule in rule_catalogue()} - form_codes()
    assert form_codes()


def test_every_rule_explains_itself() -> None:
    for rule in rule_catalogue():
        assert re.fullmatch(r"[FCX][0-9]{3}", rule.code)
        assert rule.title.endswith("."), rule.code
        assert rule.explanation.endswith("."), rule.code


def test_counts_add_up_whatever_is_wrong(data_copy: Path) -> None:
    (data_copy / "vocabulary" / "findings.csv").unlink()
    table = Csv(data_copy / CASES)
    table.set(2, "age_years", "old")
    table.save()
    report = validate(data_copy)
    assert report.passed + report.failed + len(report.skipped) == len(report.checks)
    assert report.run == report.passed + report.failed
    # Every fault belongs to a check that failed.
    failed = {(check.code, check.file) for check in report.checks if check.outcome == "failed"}
    assert {(fault.code, fault.file) for fault in report.faults} == failed


def test_number_of_checks_does_not_depend_on_what_is_found(committed: ValidationReport, data_copy: Path) -> None:
    (data_copy / "sources.json").write_text("nonsense", encoding="utf-8")
    (data_copy / CASES).unlink()
    checks = {(check.code, check.file) for check in validate(data_copy).checks}
    assert checks == {(check.code, check.file) for check in committed.checks}


@pytest.mark.parametrize(
    ("column", "text", "skipped"),
    [
        ("temp_max_c", "hot", "X207"),
        ("findings_present", "no such finding", "X203"),
        ("co_exposures", "sertraline", "X215"),
        ("case_id", "", "X201"),
        ("outcome", "better", "X212"),
    ],
)
def test_rule_that_could_not_read_a_cell_has_not_passed(data_copy: Path, column: str, text: str, skipped: str) -> None:
    table = Csv(data_copy / CASES)
    table.set(7, column, text)
    table.save()
    check = outcome(validate(data_copy), skipped, CASES)
    assert check.outcome == "skipped"
    assert check.reason == f"1 row of {CASES} with an unreadable cell"


def test_rule_that_found_a_fault_has_failed_even_where_it_could_not_read_all(data_copy: Path) -> None:
    table = Csv(data_copy / CASES)
    table.set(7, "temp_max_c", "hot")
    table.set(9, "temp_max_c", "36.5")
    table.set(9, "findings_present", "fever")
    table.save()
    assert outcome(validate(data_copy), "X207", CASES).outcome == "failed"


def test_missing_column_skips_the_rules_that_read_it_and_only_these(data_copy: Path) -> None:
    table = Csv(data_copy / CASES)
    position = table.column("temp_max_c")
    for cells in [table.header, *table.rows]:
        del cells[position]
    table.save()
    report = validate(data_copy)
    assert [(fault.code, fault.column) for fault in report.faults] == [("F006", "temp_max_c")]
    skipped = {check.code for check in report.skipped}
    assert skipped == {"C102", "C103", "X207", "X217", *ABOUT_EVERY_CELL}
    assert all("temp_max_c" in str(check.reason) for check in report.skipped)


def test_unreadable_vocabulary_skips_the_comparison_with_it(data_copy: Path) -> None:
    (data_copy / "vocabulary" / "substances.csv").unlink()
    report = validate(data_copy)
    assert [fault.code for fault in report.faults] == ["F001"]
    check = outcome(report, "C105", CASES)
    assert check.outcome == "skipped"
    assert "co_exposures" in str(check.reason)


def test_row_that_cannot_be_read_does_not_make_others_look_wrong(data_copy: Path) -> None:
    """Its case is not 'unknown' in the extractions, nor its publication without a case."""
    path = data_copy / CASES
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[4] = lines[4].partition(",")[0] + ',"never "closed" at "all"'
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    report = validate(data_copy)
    assert [(fault.code, fault.row) for fault in report.faults] == [("F004", 5)]
    assert outcome(report, "C105", "extraction/first.csv").outcome == "skipped"
    assert outcome(report, "X204", "sources.json").outcome == "skipped"
    assert outcome(report, "X203", CASES).outcome == "skipped"


def test_spoilt_cell_skips_the_other_rules_about_it(data_copy: Path) -> None:
    table = Csv(data_copy / CASES)
    table.set(7, "sex", "ma\u200ble")
    table.save()
    report = validate(data_copy)
    assert [fault.code for fault in report.faults] == ["C112"]
    assert outcome(report, "C104", CASES).outcome == "skipped"
    assert outcome(report, "C102", CASES).outcome == "passed"


def test_another_room_can_add_its_checks(committed: ValidationReport) -> None:
    fault = Fault(code="X999", file="other.yaml", why="why", mend="mend")
    more = committed.with_more([Check(code="X999", file="other.yaml", outcome="failed")], [fault])
    assert (more.failed, more.faults) == (1, (fault,))
    assert len(more.checks) == len(committed.checks) + 1


@pytest.mark.parametrize(
    ("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_lettered_as_a_spreadsheet_does(position: int, letters: str) -> None:
    assert spreadsheet_letter(position) == letters
