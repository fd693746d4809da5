"""Functional: the command `kratom-evidence validate`, as people and programs meet it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence import replacing
from kratom_evidence.cli import main
from kratom_evidence.curation import rule_catalogue
from tests.editing import Csv, edit_json

CASES = "case_reports.csv"


@pytest.fixture
def faulty(data_copy: Path) -> Path:
    """A copy of the data with one misspelt value of ss_assessment and one fault in the bibliography."""
    table = Csv(data_copy / CASES)
    table.set(9, "ss_assessment", "diagnosd")
    table.save()
    edit_json(data_copy / "sources.json", lambda entries: entries[6].update({"PMID": "PubMed 1"}))
    return data_copy


def json_of(capsys: pytest.CaptureFixture[str]) -> Any:
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def test_committed_data_pass(project_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--data", str(project_root / "data")]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert len(printed.out.split("\n\n")) == 2, "the two extractions, and the counts"
    assert printed.out.endswith("0 failed, 0 skipped; 0 faults\n")


def test_default_is_the_data_of_the_project_around(
    faulty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KRATOM_EVIDENCE_ROOT", raising=False)
    monkeypatch.chdir(faulty / "vocabulary")
    assert main(["validate"]) == 1
    assert "diagnosd" in capsys.readouterr().out


def test_text_shows_place_value_reason_remedy_and_nearest(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--data", str(faulty)]) == 1
    printed = capsys.readouterr()
    assert printed.err == ""
    lines = [line.strip() for line in printed.out.splitlines()]
    letter = spreadsheet_column(Csv(faulty / CASES).column("ss_assessment"))
    at = lines.index(f"C104  row 9, column {letter}: ss_assessment")
    assert lines[at + 1] == "found:   'diagnosd'"
    assert lines[at + 2].startswith("why:     ")
    rest = lines[at + 3 :]
    assert any(line.startswith("mend:    ") for line in rest[:4])
    assert "nearest: 'diagnosed'" in rest[:5]
    assert "C108  entry 7, column PMID" in lines
    assert lines.index(CASES) < at < lines.index("sources.json")
    assert lines[-1].endswith("; 2 faults")
    assert " 2 failed, " in lines[-1]


def spreadsheet_column(position: int) -> str:
    """Independent of the code under test: count through the letters."""
    names = [chr(65 + n) for n in range(26)] + [chr(65 + m) + chr(65 + n) for m in range(26) for n in range(26)]
    return names[position]


def test_skipped_checks_are_listed_with_the_reason(data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data_copy / "vocabulary" / "substances.csv").unlink()
    assert main(["validate", "--data", str(data_copy)]) == 1
    printed = capsys.readouterr().out
    assert "Skipped checks, which say nothing about the data:" in printed
    assert "case_reports.csv: C105 (the allowed values of co_exposures could not be read)" in printed
    assert "; 1 fault\n" in printed


def test_json_has_the_documented_form(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--data", str(faulty), "--format", "json"]) == 1
    report = json_of(capsys)
    assert set(report) == {"data", "counts", "faults", "checks", "extraction"}
    counts = report["counts"]
    assert counts["checks"] == counts["run"] + counts["skipped"] == len(report["checks"])
    assert counts["run"] == counts["passed"] + counts["failed"]
    assert counts["faults"] == len(report["faults"]) == 2
    first, second = report["faults"]
    assert set(first) == {"code", "file", "row", "column", "column_letter", "value", "why", "mend", "nearest"}
    assert (first["code"], first["file"], first["row"], first["nearest"]) == ("C104", CASES, 9, "diagnosed")
    assert (second["column"], second["column_letter"], second["nearest"]) == ("PMID", None, None)
    assert all(set(check) == {"code", "file", "outcome", "reason"} for check in report["checks"])


def test_rules_are_listed_without_looking_at_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "--rules"]) == 0
    printed = capsys.readouterr().out
    for rule in rule_catalogue():
        assert f"{rule.code}  {rule.title.split()[0]}" in printed
    assert main(["validate", "--rules", "--format", "json"]) == 0
    listed = json_of(capsys)
    assert {rule["code"] for rule in listed} == {rule.code for rule in rule_catalogue()} | {"X301", "X302", "X401"}


class TestUsage:
    def test_missing_folder_names_the_nearest(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["validate", "--data", str(data_copy.parent / "dat")]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "does not exist" in printed.err
        assert f"Did you mean {str(data_copy)!r}?" in printed.err

    def test_file_in_place_of_the_folder(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["validate", "--data", str(data_copy / CASES)]) == 2
        assert "is a file" in capsys.readouterr().err

    def test_project_in_place_of_its_data(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["validate", "--data", str(data_copy.parent)]) == 2
        assert str(data_copy) in capsys.readouterr().err

    @pytest.mark.parametrize("arguments", [["--format", "xml"], ["--nonsense"], ["somewhere"]])
    def test_unknown_argument(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            main(["validate", *arguments])
        assert caught.value.code == 2
        assert capsys.readouterr().out == ""

    def test_folder_without_codebook_is_a_fault(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["validate", "--data", str(tmp_path)]) == 1
        assert "datapackage.json" in capsys.readouterr().out


class TestClaims:
    def test_broken_ledger_is_a_fault(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (data_copy / "claims.yaml").write_text("claims: [", encoding="utf-8")
        assert main(["validate", "--data", str(data_copy), "--format", "json"]) == 1
        report = json_of(capsys)
        assert {fault["file"] for fault in report["faults"]} == {"claims.yaml"}
        outcomes = {check["code"]: check["outcome"] for check in report["checks"] if check["file"] == "claims.yaml"}
        assert outcomes == {"X301": "failed", "X302": "skipped"}

    def test_names_in_the_ledger_are_not_compared_with_faulty_data(
        self, faulty: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["validate", "--data", str(faulty), "--format", "json"]) == 1
        outcomes = {check["code"]: check["outcome"] for check in json_of(capsys)["checks"]}
        assert (outcomes["X301"], outcomes["X302"]) == ("passed", "skipped")


def test_terminal_that_cannot_show_a_character_gets_no_traceback(data_copy: Path) -> None:
    table = Csv(data_copy / CASES)
    table.set(9, "temp_max_c", "390 °C ♥")
    table.save()
    done = subprocess.run(
        [sys.executable, "-m", "kratom_evidence", "validate", "--data", str(data_copy)],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert done.returncode == 1
    assert done.stderr == b""
    assert b"390 " in done.stdout


def test_control_characters_of_a_cell_do_not_reach_the_terminal(
    data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Csv(data_copy / CASES)
    table.set(9, "notes", "red \x1b[31m alert")
    table.header[-1] = "no\x1b[31mtes"
    table.save()
    assert main(["validate", "--data", str(data_copy)]) == 1
    assert "\x1b" not in capsys.readouterr().out


class TestFix:
    @pytest.fixture
    def untidy(self, data_copy: Path) -> Path:
        """One cell with a blank, one with a decimal comma, and one that only a person can mend."""
        table = Csv(data_copy / CASES)
        table.set(3, "sex", f"{table.get(3, 'sex')} ")
        table.set(4, "temp_max_c", "38,5")
        table.set(5, "age_years", "20-30")
        table.save()
        return data_copy

    def test_repairs_are_shown_and_nothing_is_written(self, untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = (untidy / CASES).read_bytes()
        assert main(["validate", "--data", str(untidy), "--fix"]) == 1
        printed = capsys.readouterr().out
        assert "# C109  No cell begins or ends with a blank." in printed
        assert "row 4, column temp_max_c ('38,5' to '38.5')" in printed
        assert f"\n--- {CASES}\n+++ {CASES}\n@@ " in printed
        assert "Nothing was written." in printed
        assert "'20-30'" in printed.partition("What remains must be mended by hand:")[2]
        assert "'38,5'" not in printed.partition("What remains must be mended by hand:")[2]
        assert (untidy / CASES).read_bytes() == before
        assert not (untidy / ".lock").exists()

    def test_write_writes_them_once(self, untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["validate", "--data", str(untidy), "--fix", "--write"]) == 1
        assert "Repaired: 1 file." in capsys.readouterr().out
        table = Csv(untidy / CASES)
        assert (table.get(3, "sex").strip(), table.get(4, "temp_max_c"), table.get(5, "age_years")) == (
            table.get(3, "sex"),
            "38.5",
            "20-30",
        )
        after = (untidy / CASES).read_bytes()
        assert main(["validate", "--data", str(untidy), "--fix", "--write"]) == 1
        assert "There is nothing to repair." in capsys.readouterr().out
        assert (untidy / CASES).read_bytes() == after
        assert not list(untidy.glob("*.part"))

    def test_sound_data(self, project_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["validate", "--data", str(project_root / "data"), "--fix"]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith("There is nothing to repair.\n")
        assert printed.endswith("; 0 faults\n")

    def test_a_file_that_cannot_be_repaired_is_named(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = data_copy / "screening" / "unread.csv"
        path.write_bytes(path.read_text("utf-8").encode("cp1252"))
        assert main(["validate", "--data", str(data_copy), "--fix"]) == 1
        assert "screening/unread.csv is left alone: its encoding is uncertain (F002)" in capsys.readouterr().out

    def test_validate_says_what_is_only_written_in_another_way(
        self, data_copy: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = data_copy / CASES
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert main(["validate", "--data", str(data_copy)]) == 0
        assert f"another way than in this project: {CASES}." in capsys.readouterr().out

    @pytest.mark.parametrize("more", [["--write"], ["--fix", "--format", "json"], ["--fix", "--rules"]])
    def test_wrong_usage(self, project_root: Path, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["validate", "--data", str(project_root / "data"), *more]) == 2
        assert "--fix" in capsys.readouterr().err


def test_a_stopped_add_is_told_and_finished_before_a_repair(
    data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = data_copy / "case_reports.csv"
    whole = table.read_bytes()
    new = whole.replace(b"\r\n", b"\n").replace(b"brooks2023,", b" brooks2023,", 1).decode()

    class StoppedError(BaseException):
        pass

    def stopped(*_: object) -> Path:
        raise StoppedError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(replacing, "finish_pending", lambda data: stopped() if (data / ".pending").exists() else False)
        with pytest.raises(StoppedError):
            replacing.replace_files(data_copy, {"case_reports.csv": new})
    assert table.read_bytes() == whole
    main(["validate", "--data", str(data_copy)])
    assert "was stopped while it replaced files" in capsys.readouterr().err
    assert main(["validate", "--data", str(data_copy), "--fix", "--write"]) == 0
    assert not (data_copy / ".pending").exists()
    assert table.read_bytes() == whole
