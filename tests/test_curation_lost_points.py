"""Spec: a number that lost its decimal point since the last commit is named, whatever else was edited."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence.cli import main
from kratom_evidence.curation import Earlier, at_revision, last_commit, validate
from kratom_evidence.curation.lost_points import CODE
from kratom_evidence.faults import ExplainedError, UsageError
from tests.editing import Csv

STUDIES, PHARMACOLOGY, CASES = "context/studies.csv", "context/pharmacology.csv", "case_reports.csv"


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def committed(data_copy: Path) -> Path:
    """The data in a repository of their own, as they were committed last."""
    git(data_copy, "init", "--initial-branch=main")
    git(data_copy, "add", ".")
    git(data_copy, "commit", "--message=first")
    return data_copy


@pytest.fixture
def earlier(project_root: Path) -> Earlier:
    """The committed tables without git."""
    data = project_root / "data"
    return Earlier(
        name="Then", files={path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*.csv")}
    )


def named(data: Path, earlier: Earlier) -> list[tuple[str, int | None, str | None, str | None]]:
    faults = [fault for fault in validate(data, earlier=earlier).faults if fault.code == CODE]
    return [(fault.file, fault.row, fault.column, fault.nearest) for fault in faults]


def edited(data: Path, file: str, change: Callable[[Csv], None]) -> None:
    table = Csv(data / file)
    change(table)
    table.save()


def row_with(table: Csv, column: str, text: str) -> int:
    return table.row_where(lambda cells: cells[column] == text)


class TestLostPoints:
    @pytest.mark.parametrize(
        ("before", "after", "found"),
        [
            ("0.092", "92", True),
            ("-0.001", "-1", True),
            ("1.234", "1234", True),
            ("1234", "1.234", True),
            ("2.50", "250", True),
            ("38.5", "3.85", True),
            ("0.092", "0,092", False),
            ("0.092", "0.0920", False),
            ("0.092", "-92", False),
            ("0.092", "93", False),
            ("0.092", "", False),
            ("10", "100", False),
            ("0", "0.0", False),
        ],
    )  # fmt: skip
    def test_the_same_digits_with_another_point(
        self, data_copy: Path, earlier: Earlier, before: str, after: str, found: bool
    ) -> None:
        edited(data_copy, STUDIES, lambda table: table.set(231, "value", before))
        earlier = Earlier(name="Then", files={**(earlier.files or {}), STUDIES: (data_copy / STUDIES).read_bytes()})
        edited(data_copy, STUDIES, lambda table: table.set(231, "value", after))
        assert [place[:3] for place in named(data_copy, earlier)] == ([(STUDIES, 231, "value")] if found else [])

    def test_a_number_is_found_again_where_its_row_went(self, data_copy: Path, earlier: Earlier) -> None:
        def change(table: Csv) -> None:
            row = row_with(table, "value", "0.092")
            table.set(row, "value", "92")
            table.rows.insert(0, table.rows.pop(row - 2))

        edited(data_copy, STUDIES, change)
        assert named(data_copy, earlier) == [(STUDIES, 2, "value", "0.092")]

    def test_in_a_table_without_a_key_the_other_columns_tell_the_row(self, data_copy: Path, earlier: Earlier) -> None:
        """Some measurements agree in everything but the number and the note."""

        def change(table: Csv) -> None:
            for row in range(2, len(table.rows) + 2):
                text = table.get(row, "value")
                if "." in text:
                    table.set(row, "value", text.replace(".", "").lstrip("0"))
            table.rows.reverse()

        before = Csv(data_copy / PHARMACOLOGY)
        expected = sorted(float(text) for row in before.rows if "." in (text := row[before.column("value")]))
        edited(data_copy, PHARMACOLOGY, change)
        assert sorted(float(nearest or "nan") for *_, nearest in named(data_copy, earlier)) == expected
        assert len(expected) > 10

    def test_a_correction_is_said_in_the_note(self, data_copy: Path, earlier: Earlier) -> None:
        def noted(note: str) -> Callable[[Csv], None]:
            def change(table: Csv) -> None:
                table.set(231, "value", "0.92")
                table.set(231, "note", note)

            return change

        edited(data_copy, STUDIES, noted("The abstract has 0.092."))
        assert len(named(data_copy, earlier)) == 1
        edited(data_copy, STUDIES, noted("Corrected from 0.0921."))
        assert len(named(data_copy, earlier)) == 1
        edited(data_copy, STUDIES, noted("Corrected from 0.092."))
        assert named(data_copy, earlier) == []

    def test_in_the_cases(self, data_copy: Path, earlier: Earlier) -> None:
        edited(data_copy, CASES, lambda table: table.set(7, "onset_hours", "1.5"))
        earlier = Earlier(name="Then", files={**(earlier.files or {}), CASES: (data_copy / CASES).read_bytes()})
        edited(data_copy, CASES, lambda table: table.set(7, "onset_hours", "15"))
        assert named(data_copy, earlier) == [(CASES, 7, "onset_hours", "1.5")]

    def test_a_table_that_cannot_be_compared_is_skipped_not_passed(self, data_copy: Path, earlier: Earlier) -> None:
        files = {path: content for path, content in (earlier.files or {}).items() if path != STUDIES}
        broken = {**files, CASES: b"\x00\x00"}
        checks = {
            check.file: (check.outcome, check.reason)
            for check in validate(data_copy, earlier=Earlier(name="Then", files=broken)).checks
            if check.code == CODE
        }
        assert checks[STUDIES] == ("skipped", "Then does not have the file")
        assert checks[CASES] == ("skipped", "Then has the file in a form that cannot be read")
        assert checks[PHARMACOLOGY] == ("passed", None)

    def test_a_table_with_unreadable_numbers_has_not_passed(self, data_copy: Path, earlier: Earlier) -> None:
        edited(data_copy, STUDIES, lambda table: table.set(3, "value", "about 7"))
        table = Csv(data_copy / PHARMACOLOGY)
        table.header = [name.upper() for name in table.header]
        table.save()
        outcomes = {check.file: check for check in validate(data_copy, earlier=earlier).checks if check.code == CODE}
        assert outcomes[STUDIES].reason == "1 row of context/studies.csv with an unreadable cell"
        assert "has no readable column" in (outcomes[PHARMACOLOGY].reason or "")


class TestInGit:
    def told(self, capsys: pytest.CaptureFixture[str], data: Path, *arguments: str) -> tuple[int, list[Any], set[str]]:
        capsys.readouterr()
        status = main(["validate", "--data", str(data), "--format", "json", *arguments])
        report = json.loads(capsys.readouterr().out)
        outcomes = {check["outcome"] for check in report["checks"] if check["code"] == CODE}
        return status, [fault for fault in report["faults"] if fault["code"] == CODE], outcomes

    def test_the_command_compares_with_the_last_commit_or_with_another(
        self, committed: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.told(capsys, committed) == (0, [], {"passed"})
        edited(committed, PHARMACOLOGY, lambda table: table.set(row_with(table, "value", "0.636"), "value", "636"))
        status, faults, _ = self.told(capsys, committed)
        assert status == 1 and len(faults) == 1
        git(committed, "commit", "--all", "--message=spoilt")
        assert self.told(capsys, committed)[0] == 0
        assert self.told(capsys, committed, "--base", "HEAD~1")[1] == faults

    def test_without_a_commit_the_checks_are_skipped(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.told(capsys, data_copy) == (0, [], {"skipped"})
        git(data_copy, "init", "--initial-branch=main")
        assert last_commit(data_copy).files is None
        assert main(["validate", "--data", str(data_copy)]) == 0
        assert "there is no commit to compare the numbers with" in capsys.readouterr().out

    def test_a_folder_that_was_never_committed(self, committed: Path) -> None:
        (committed / "new").mkdir()
        assert "has no folder new" in last_commit(committed / "new").missing

    def test_a_revision_that_does_not_exist(self, committed: Path) -> None:
        with pytest.raises(UsageError, match="neither a revision"):
            at_revision("man", committed)

    def test_without_git(self, committed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        with pytest.raises(ExplainedError, match="git was not found"):
            at_revision("HEAD", committed)
        assert last_commit(committed).missing.startswith("the last commit cannot be read: git was not found")
