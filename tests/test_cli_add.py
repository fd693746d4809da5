"""`kratom-evidence add`: exit status, what it prints, and the dialogue in a real terminal."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence import cli
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.cli import add
from kratom_evidence.curation import validate
from kratom_evidence.literature import Author, Citation, LookUp
from tests.new_cases import CASE, CITATION, command, lines_of, new_case, run_add, yaml_of


@pytest.fixture(autouse=True)
def with_add(monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(known for known in cli.SUBCOMMANDS if known is not add)
    monkeypatch.setattr(cli, "SUBCOMMANDS", (*others, add))


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    path = tmp_path / "case.yaml"
    path.write_text(yaml_of(new_case()), encoding="utf-8")
    return path


def answer(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = cli.main(["add", "--data", str(data), "--offline", "--format", "json", *arguments])
    return status, json.loads(capsys.readouterr().out)


class TestFromFile:
    def test_a_dry_run_shows_what_moves_and_writes_nothing(
        self, data_copy: Path, case_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = {path: path.read_bytes() for path in data_copy.rglob("*") if path.is_file()}
        status, dry = answer(capsys, data_copy, "--from", str(case_file), "--dry-run")
        assert (status, dry["status"], dry["case_id"]) == (0, "dry_run", "probe2026")
        assert dry["row"] == {"case_id": "probe2026", "citekey": "probe2026", **CASE}
        assert {path: path.read_bytes() for path in data_copy.rglob("*") if path.is_file()} == before
        status, real = answer(capsys, data_copy, "--from", str(case_file))
        assert (status, real["status"]) == (0, "written")
        assert real["impact"]["claims"] == dry["impact"]["claims"] and real["row"] == dry["row"]
        assert real["impact"]["cases"]["added"][0]["case_id"] == "probe2026"
        assert any("CHANGELOG" in text for text in real["reminders"])
        assert any("was not checked" in warning["sentence"] for warning in real["warnings"])

    def test_the_door_without_a_command_tells_the_same_impact(
        self, data_copy: Path, case_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _, dry = answer(capsys, data_copy, "--from", str(case_file), "--dry-run")
        moved = CaseEntry(data=data_copy).impact(new_case())
        claims = dry["impact"]["claims"]
        assert [change.claim_id for change in moved.changes] == [change["claim"] for change in claims["changes"]] != []
        assert [change.claim_id for change in moved.verdicts_moved] == claims["verdicts_moved"]

    def test_the_title_of_another_publication_is_refused(
        self, data_copy: Path, case_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = (data_copy / "sources.json").read_bytes()
        found = Citation(
            service="made up",
            retrieved_from="nowhere",
            fetched_on=datetime.now(UTC).date(),
            title="A study of leaves",
            authors=(Author(family="Found", given="F"),),
        )
        monkeypatch.setattr(LookUp, "find", lambda *_: found)
        status, refused = answer(capsys, data_copy, "--from", str(case_file))
        (fault,) = refused["faults"]
        assert (status, fault["code"], fault["nearest"]) == (1, "A108", "A study of leaves")
        assert (data_copy / "sources.json").read_bytes() == before
        assert cli.main(["add", "--data", str(data_copy), "--pmid", "12925718", "--template"]) == 0
        printed = capsys.readouterr().out
        assert '  title: "A study of leaves"' in printed and '  authors: "Found F"' in printed

    def test_faults_stand_at_their_lines(
        self, data_copy: Path, case_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = yaml_of(new_case(sex="maile", age_years="1O"))
        case_file.write_text(text, encoding="utf-8")
        status, refused = answer(capsys, data_copy, "--from", str(case_file))
        assert (status, refused["status"]) == (1, "refused")
        lines = text.splitlines()
        places = {fault["field"]: (lines[fault["line"] - 1], fault["nearest"]) for fault in refused["faults"]}
        assert places == {
            "case: sex": ('  sex: "maile"', "male"),
            "case: age_years": ('  age_years: "1O"', "10"),
        }
        assert cli.main(["add", "--data", str(data_copy), "--offline", "--from", str(case_file)]) == 1
        printed = capsys.readouterr()
        assert printed.out == "" and "nearest: 'male'" in printed.err

    def test_standard_input_and_the_options_of_scripts(self, data_copy: Path) -> None:
        first = run_add(data_copy, "--from", "-", "--no-impact", typed=yaml_of(new_case()))
        assert (first.returncode, first.stderr) == (0, "")
        again = run_add(data_copy, "--from", "-", "--no-impact", typed=yaml_of(new_case()))
        assert again.returncode == 1 and "--same-publication" in again.stderr and again.stdout == ""
        other = yaml_of(new_case(age_years="96"))
        further = run_add(data_copy, "--from", "-", "--no-impact", "--same-publication", typed=other)
        assert further.returncode == 0 and "probe2026-2" in further.stdout
        assert validate(data_copy).faults == ()

    def test_what_was_decided_before_a_crash_is_written_by_the_next_command(
        self, data_copy: Path, case_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            pass

        line = ["add", "--data", str(data_copy), "--offline", "--no-impact", "--from", str(case_file)]
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(Killed))
            with pytest.raises(Killed):
                cli.main(line)
        assert cli.main(["add", "--data", str(data_copy), "--template"]) == 0
        assert "what it had decided is written now" in capsys.readouterr().err
        assert any(text.startswith("probe2026,") for text in lines_of(data_copy / "case_reports.csv"))
        assert validate(data_copy).faults == ()


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "needs a terminal"),
            (["--dry-run"], "--from FILE"),
            (["--format", "json"], "--from FILE"),
            (["--doi", "10.1/x", "--pmid", "1"], "either --doi or --pmid"),
            (["--from", "no/such/file.yaml"], "cannot be read"),
            (["--from", "\0"], "cannot be read"),
            (["--second", "afzal2020", "--resume"], "--resume alone"),
        ],
    )
    def test_wrong_calls(
        self, data_copy: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
    ) -> None:
        assert cli.main(["add", "--data", str(data_copy), *arguments]) == 2
        printed = capsys.readouterr()
        assert message in printed.err and printed.out == ""

    def test_a_second_extraction_of_no_case(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["add", "--data", str(data_copy), "--second", "afzal202", "--template"]) == 1
        assert "Did you mean 'afzal2020'?" in capsys.readouterr().err


class TestTerminal:
    def led(self, line: list[str], replies: list[str]) -> tuple[str, int]:
        """Run the command in a terminal of its own; each reply is typed when a prompt stands and all is quiet.

        A reply such as "abs", a tab and "abstract" is completed, and entered once the whole word stands there.
        """
        child, terminal = pty.fork()
        if child == 0:
            os.environ |= {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"}
            os.execv(sys.executable, line)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 140, 0, 0))
        shown, fresh, completed, deadline = b"", b"", "", time.monotonic() + 120
        waiting = list(replies)
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.15)[0]:
                try:
                    read = os.read(terminal, 65536)
                except OSError:
                    break
                shown, fresh = shown + read, fresh + read
            elif completed and _plain(fresh).endswith(completed):
                os.write(terminal, b"\r")
                fresh, completed = b"", ""
            elif waiting and not completed and _plain(fresh).rstrip().endswith(":"):
                typed, tab, completed = waiting.pop(0).partition("\t")
                os.write(terminal, f"{typed}{tab}".encode())
                fresh = b""
        os.close(terminal)
        return _plain(shown), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_a_dialogue_that_is_interrupted_and_resumed_writes_the_case(self, data_copy: Path) -> None:
        line = command("add", "--data", str(data_copy), "--offline", "--no-impact")
        shown, status = self.led(line, ["\r", "\r", f"{CITATION['title']}\r", "Probe A\r", "2026\r", "\x03"])
        assert status == 130 and "Traceback" not in shown
        name = re.search(r"--resume ([0-9-]+)", shown)
        assert name is not None and "Nothing was written" in shown
        replies = ["s\r", "\r", "abs\tabstract", "\r", "\r", "s\r", "s\r", "s\r", "s\r", "seiz\tseizure", "s\r", "s\r"]
        replies += ["not_mentioned\r", "s\r", "s\r", "\r", "yes\r"]
        shown, status = self.led([*line, "--resume", name.group(1)], replies)
        assert status == 0 and "Written: probe2026, in data/sources.json, data/case_reports.csv." in shown, shown
        assert any(
            text.startswith("probe2026,probe2026,abstract,") for text in lines_of(data_copy / "case_reports.csv")
        )
        assert validate(data_copy).faults == () and list((data_copy / ".drafts").iterdir()) == []


def _plain(shown: bytes) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]", "", shown.decode(errors="replace"))
