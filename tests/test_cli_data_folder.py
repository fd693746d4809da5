"""Every command that takes --data refuses a folder that is none in the same words, and names the one that is meant."""

from pathlib import Path

import pytest

from kratom_evidence.cli import main

COMMANDS = (
    ("validate",),
    ("diff",),
    ("agreement",),
    ("add", "--template"),
    ("watch", "--offline", "--dry-run"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
class TestRefused:
    def refused(self, command: tuple[str, ...], data: Path, capsys: pytest.CaptureFixture[str]) -> str:
        assert main([*command, "--data", str(data)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        return printed.err

    def test_a_misspelt_folder(
        self, command: tuple[str, ...], data_copy: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        said = self.refused(command, data_copy.parent / "dat", capsys)
        assert f"does not exist. Did you mean {str(data_copy)!r}?" in said

    def test_a_file(self, command: tuple[str, ...], data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "the folder is a file." in self.refused(command, data_copy / "case_reports.csv", capsys)

    def test_the_folder_above(
        self, command: tuple[str, ...], data_copy: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        said = self.refused(command, data_copy.parent, capsys)
        assert f"one folder further down. Did you mean {str(data_copy)!r}?" in said
