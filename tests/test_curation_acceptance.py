"""Acceptance: whatever is wrong in a file, `validate` names it at its place, names the rest too, and never crashes."""

import codecs
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kratom_evidence.cli import main
from kratom_evidence.curation import ValidationReport, validate
from tests.editing import Csv

CASES = "case_reports.csv"


@pytest.fixture(scope="module")
def ten_faults(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> tuple[Path, dict[str, tuple[int, str]]]:
    """A copy of the data with the ten faults of the acceptance criterion, and where each one is."""
    data = shutil.copytree(project_root / "data", tmp_path_factory.mktemp("faulty") / "data")
    table = Csv(data / CASES)
    places: dict[str, tuple[int, str]] = {}

    def put(name: str, row: int, column: str, text: str) -> None:
        table.set(row, column, text)
        places[name] = (row, column)

    sertraline = table.row_where(lambda row: "sertraline [" in row["co_exposures"])
    put("misspelt drug", sertraline, "co_exposures", table.get(sertraline, "co_exposures").replace("sertr", "setr"))
    put("duplicate id", 6, "case_id", table.get(5, "case_id"))
    put("letter in a number", 8, "age_years", "3O")
    put("390 °C", 10, "temp_max_c", "390")
    tremor = table.row_where(lambda row: "tremor" in row["findings_present"] and not row["findings_absent"])
    put("present and absent", tremor, "findings_absent", "tremor")
    put("missing source", 20, "citekey", "nobody2031")
    put("wrong list separator", 22, "findings_present", "seizure, agitation")
    put("none mixed with values", 24, "conditions", "none; asthma")
    put("broken quoting", 30, "notes", "BROKEN QUOTING GOES HERE")
    assert len({row for row, _ in places.values()}) == len(places), "the faults must stand in different rows"
    table.header.append("favourite_colour")
    for cells in table.rows:
        cells.append("green")
    places["unknown column"] = (1, "favourite_colour")
    table.save()
    text = (data / CASES).read_text(encoding="utf-8")
    broken = text.replace("BROKEN QUOTING GOES HERE", '"He said "no", and left')
    assert broken != text
    (data / CASES).write_text(broken, encoding="utf-8", newline="\n")
    return data, places


@pytest.fixture(scope="module")
def ten_fault_report(ten_faults: tuple[Path, dict[str, tuple[int, str]]]) -> ValidationReport:
    return validate(ten_faults[0])


@pytest.mark.parametrize(
    ("name", "code", "nearest"),
    [
        ("misspelt drug", "C105", "sertraline"),
        ("unknown column", "F005", None),
        ("duplicate id", "X201", None),
        ("letter in a number", "C102", "30"),
        ("390 °C", "C103", "39.0"),
        ("present and absent", "X203", None),
        ("missing source", "C105", None),
        ("wrong list separator", "C106", "seizure; agitation"),
        ("none mixed with values", "C107", "asthma"),
        ("broken quoting", "F004", '"He said ""no"", and left"'),
    ],
)
def test_each_of_ten_faults_is_named_at_its_place(
    ten_faults: tuple[Path, dict[str, tuple[int, str]]],
    ten_fault_report: ValidationReport,
    name: str,
    code: str,
    nearest: str | None,
) -> None:
    row, column = ten_faults[1][name]
    named = [
        fault
        for fault in ten_fault_report.faults
        if (fault.code, fault.file, fault.row, fault.column) == (code, CASES, row, column)
    ]
    assert len(named) == 1
    assert named[0].nearest == nearest
    assert named[0].why
    assert named[0].mend


def test_missing_source_says_where_to_add_it(
    ten_faults: tuple[Path, dict[str, tuple[int, str]]], ten_fault_report: ValidationReport
) -> None:
    row, _ = ten_faults[1]["missing source"]
    (fault,) = [fault for fault in ten_fault_report.faults if (fault.code, fault.row) == ("C105", row)]
    assert "sources.json" in fault.why
    assert "add the publication to sources.json" in fault.mend


def test_ten_faults_bring_no_others_but_their_consequences(
    ten_faults: tuple[Path, dict[str, tuple[int, str]]], ten_fault_report: ValidationReport
) -> None:
    _, places = ten_faults
    # The overwritten case_id and citekey leave a publication without its case and rows that refer to nothing.
    consequences = {"X204", "X206", "X210", "X211", "C105"}
    others = [
        fault
        for fault in ten_fault_report.faults
        if (fault.row, fault.column) not in places.values() or fault.file != CASES
    ]
    assert {fault.code for fault in others} <= consequences


def test_ten_faults_on_the_command_line(
    ten_faults: tuple[Path, dict[str, tuple[int, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    data, places = ten_faults
    assert main(["validate", "--data", str(data)]) == 1
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Traceback" not in printed.out
    lines = printed.out.splitlines()
    for row, column in places.values():
        assert any(f"row {row}, column " in line and line.endswith(f": {column}") for line in lines), (row, column)


def separated(path: Path, mark: str) -> bytes:
    table = Csv(path)
    quoted = (mark.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [table.header, *table.rows])
    return "\n".join(quoted).encode() + b"\n"


SAVED_AS: dict[str, Callable[[Path], bytes]] = {
    "byte order mark": lambda path: codecs.BOM_UTF8 + path.read_bytes(),
    "Windows line ends": lambda path: path.read_bytes().replace(b"\n", b"\r\n"),
    "semicolon": lambda path: separated(path, ";"),
    "tab": lambda path: separated(path, "\t"),
    "cp1252": lambda path: path.read_text("utf-8").encode("cp1252", errors="replace"),
    "UTF-16": lambda path: path.read_text("utf-8").encode("utf-16"),
    "UTF-16 without mark": lambda path: path.read_text("utf-8").encode("utf-16-le"),
    "NUL bytes": lambda path: path.read_bytes().replace(b"attributed", b"attri\0buted", 1),
    "empty": lambda _: b"",
    "header only": lambda path: path.read_bytes().partition(b"\n")[0],
}


def rewritten(path: Path, how: str) -> None:
    """The file as another program would have saved it, or no file at all."""
    if how in SAVED_AS:
        path.write_bytes(SAVED_AS[how](path))
        return
    path.unlink()
    if how == "folder":
        path.mkdir()


@pytest.mark.parametrize("how", ["byte order mark", "Windows line ends", "semicolon", "tab"])
def test_harmless_ways_of_saving_are_accepted(data_copy: Path, how: str) -> None:
    rewritten(data_copy / CASES, how)
    assert validate(data_copy).faults == ()


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("cp1252", "F002"),
        ("UTF-16", "F002"),
        ("UTF-16 without mark", "F002"),
        ("NUL bytes", "C112"),
        ("empty", "F011"),
        ("missing", "F001"),
        ("folder", "F001"),
        ("header only", "F013"),
    ],
)
def test_a_spoilt_file_is_one_fault_and_hides_no_other_file(data_copy: Path, how: str, code: str) -> None:
    rewritten(data_copy / CASES, how)
    colours = Csv(data_copy / "vocabulary" / "events.csv")
    colours.header.append("colour")
    colours.rows = [[*row, ""] for row in colours.rows]
    colours.save()
    report = validate(data_copy)
    assert code in {fault.code for fault in report.faults if fault.file == CASES}
    assert "F005" in {fault.code for fault in report.faults if fault.file == "vocabulary/events.csv"}
    # A file that cannot be read must not make the other files look wrong.
    assert {fault.file for fault in report.faults} == {CASES, "vocabulary/events.csv"}
    if how in {"empty", "missing", "folder"}:
        assert len(report.faults) == 2
        assert {check.file for check in report.skipped} >= {CASES, "sources.json", "extraction/adjudication.csv"}
        assert all(check.reason for check in report.skipped)


@pytest.mark.parametrize("name", ["sources.json", "context/sources.json"])
def test_truncated_bibliography_is_one_fault(data_copy: Path, name: str) -> None:
    path = data_copy / name
    path.write_bytes(path.read_bytes()[:-200])
    report = validate(data_copy)
    assert [(fault.code, fault.file) for fault in report.faults] == [("F010", name)]
    assert any(check.code == "C105" for check in report.skipped)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"title": 1}', b"\xff\xfe", b"[" * 100_000, None])
def test_unusable_codebook_is_one_fault_and_everything_else_is_skipped(data_copy: Path, content: bytes | None) -> None:
    path = data_copy / "datapackage.json"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    report = validate(data_copy)
    assert [(fault.code, fault.file) for fault in report.faults] == [("F001", "datapackage.json")]
    assert report.passed == 0
    assert len(report.skipped) > 20


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pattern", "(unclosed"),
        ("minimum", "low"),
        ("maxLength", [1]),
    ],
)
def test_a_codebook_with_a_senseless_constraint_is_explained(data_copy: Path, key: str, value: object) -> None:
    path = data_copy / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"][0]["schema"]["fields"][0]["constraints"][key] = value
    path.write_text(json.dumps(package), encoding="utf-8")
    (fault,) = validate(data_copy).faults
    assert "case_id" in str(fault)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"type": "boolean"}, "boolean"),
        ({"list": "two_state"}, "two_state"),
        ({"vocabulary": {"resource": "nowhere", "field": "id"}}, "nowhere/id"),
        ({"vocabulary": {"resource": "events", "field": "nothing"}}, "events/nothing"),
        ({"name": "citekey"}, "citekey"),
    ],
)
def test_a_codebook_that_contradicts_itself_is_explained(
    data_copy: Path, change: dict[str, object], named: str
) -> None:
    path = data_copy / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"][0]["schema"]["fields"][0] |= change
    path.write_text(json.dumps(package), encoding="utf-8")
    (fault,) = validate(data_copy).faults
    assert named in str(fault)


def test_a_codebook_must_not_lead_out_of_the_data_folder(data_copy: Path) -> None:
    path = data_copy / "datapackage.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"case_reports.csv"', '"../../secret.csv"'), "utf-8")
    (fault,) = validate(data_copy).faults
    assert "must lie inside the data folder" in fault.why
