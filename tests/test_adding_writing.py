"""Writing: several files change as one, wherever the program is stopped, and many writers lose nothing.

The long form (50 writers, 500 kills) runs with the environment variable KRATOM_EVIDENCE_LONG=1.
"""

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kratom_evidence.adding import writing
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.writing import repaired
from kratom_evidence.cli import main
from kratom_evidence.curation import validate
from kratom_evidence.faults import ExplainedError
from kratom_evidence.files import writable_folder, write_atomically
from kratom_evidence.replacing import finish_pending, replace_files
from tests.new_cases import CASE, command, lines_of, new_case, yaml_of

LONG = os.environ.get("KRATOM_EVIDENCE_LONG") == "1"
FILES = {"sources.json": "new sources\n", "case_reports.csv": "new cases\n"}


class Killed(BaseException):
    """Stands for the death of the process."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_text(f"old {name}", encoding="utf-8")
    return tmp_path


def state(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text(encoding="utf-8") for name in FILES}


def dying_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process die before the given one of all steps that change the folder."""
    count = iter(range(10_000))

    def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*arguments: Any, **more: Any) -> Any:
            if next(count) >= step:
                raise Killed
            return function(*arguments, **more)

        return dying

    for name in ("mkdir", "rename", "replace", "unlink", "chmod", "open"):
        monkeypatch.setattr(Path, name, guarded(getattr(Path, name)))
    monkeypatch.setattr("shutil.rmtree", guarded(__import__("shutil").rmtree))


def test_dying_at_any_step_leaves_all_files_old_or_ends_with_all_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, outcomes = state(folder), []
    for step in range(100):
        for name, text in old.items():
            (folder / name).write_text(text, encoding="utf-8")
        with monkeypatch.context() as patched:
            dying_at(step, patched)
            try:
                replace_files(folder, FILES)
                died = False
            except Killed:
                died = True
        assert all(text in (old[name], FILES[name]) for name, text in state(folder).items())
        finish_pending(folder)
        assert state(folder) in (old, FILES)
        assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
        outcomes.append(state(folder) == FILES)
        if not died:
            break
    # Both kinds happened, and the change is decided once and for all at one step.
    assert outcomes == sorted(outcomes) and not outcomes[0] and outcomes[-1] and outcomes.count(True) > 1


def test_a_file_that_was_edited_after_the_process_died_is_not_written_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            replace_files(folder, FILES)
    (folder / "case_reports.csv").write_text("edited by hand", encoding="utf-8")
    with pytest.raises(ExplainedError, match="changed since"):
        finish_pending(folder)
    assert state(folder)["case_reports.csv"] == "edited by hand"


def test_a_journal_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / ".pending").mkdir()
    step = {"path": "../outside", "file": "0.new", "old": "", "new": ""}
    (folder / ".pending" / "journal").write_text(json.dumps([step]), encoding="utf-8")
    with pytest.raises(ExplainedError, match=r"remove the folder"):
        finish_pending(folder)


def test_a_folder_that_cannot_be_written_is_explained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    old = state(folder)
    with pytest.raises(ExplainedError, match="No space left"):
        replace_files(folder, FILES)
    assert state(folder) == old and sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def test_an_edit_made_while_the_case_is_checked_is_not_written_over(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spreadsheet program takes no lock: it saves between the reading and the replacing."""
    table = data_copy / "case_reports.csv"
    checked = writing._checked

    def checked_while_somebody_saves(*arguments: Any) -> Any:
        made = checked(*arguments)
        table.write_bytes(table.read_bytes().replace(b"brooks2023,", b"brooks2024,", 1))
        return made

    monkeypatch.setattr(writing, "_checked", checked_while_somebody_saves)
    with pytest.raises(ExplainedError, match="changed while the case was checked"):
        CaseEntry(data=data_copy).write(new_case())
    assert b"brooks2024," in table.read_bytes()
    assert not (data_copy / ".pending").exists()


def test_the_difference_is_one_line_and_one_entry(data_copy: Path, project_root: Path) -> None:
    CaseEntry(data=data_copy).write(new_case())
    before, after = (lines_of(data / "case_reports.csv") for data in (project_root / "data", data_copy))
    (added,) = set(after) - set(before)
    assert added.startswith("probe2026,probe2026,") and [line for line in after if line != added] == before
    entries = json.loads((project_root / "data" / "sources.json").read_text(encoding="utf-8"))
    written = (data_copy / "sources.json").read_text(encoding="utf-8")
    (new,) = [entry for entry in json.loads(written) if entry["id"] == "probe2026"]
    whole = sorted([*entries, new], key=lambda entry: str(entry["id"]))
    assert written == json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
    assert validate(data_copy).faults == ()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (lambda rows: written(rows, delimiter=";"), "separated by semicolons"),
        (lambda rows: written(rows, delimiter="\t"), "separated by tabs"),
        (lambda rows: "sep=,\n" + written(rows), "sep="),
        (lambda rows: written([[row[1], row[0], *row[2:]] for row in rows]), "case_id as its first column"),
    ],
    ids=["semicolons", "tabs", "line of Excel", "order of columns"],
)
def test_a_table_in_another_form_is_named_and_how_to_restore_it(
    data_copy: Path, form: Callable[[list[list[str]]], str], said: str
) -> None:
    path = data_copy / "case_reports.csv"
    path.write_text(form(list(csv.reader(lines_of(path)))), encoding="utf-8", newline="")
    before = path.read_bytes()
    with pytest.raises(ExplainedError) as caught:
        CaseEntry(data=data_copy).write(new_case())
    (fault,) = caught.value.faults
    assert (fault.code, fault.file) == ("A111", "case_reports.csv") and said in fault.why and "--fix" in fault.mend
    assert path.read_bytes() == before
    assert main(["validate", "--data", str(data_copy), "--fix", "--write"]) == 0
    CaseEntry(data=data_copy).write(new_case())


def written(rows: list[list[str]], **settings: Any) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", **settings).writerows(rows)
    return stream.getvalue()


def test_a_table_with_every_cell_in_quotation_marks_takes_a_row_and_a_new_number(data_copy: Path) -> None:
    """A further patient of a publication changes the key of the first one too."""
    path = data_copy / "case_reports.csv"
    CaseEntry(data=data_copy).write(new_case())
    path.write_text(written(list(csv.reader(lines_of(path))), quoting=csv.QUOTE_ALL), encoding="utf-8")
    second = replace(new_case(age_years="20"), same_publication=True)
    CaseEntry(data=data_copy).write(second)
    ids = [row["case_id"] for row in csv.DictReader(lines_of(path)) if row["citekey"] == "probe2026"]
    assert ids == ["probe2026-1", "probe2026-2"]
    assert validate(data_copy).faults == ()


class TestLinks:
    """A file that is a link stays one; what it leads to is replaced."""

    def test_of_a_table(self, data_copy: Path, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere.csv"
        path = data_copy / "case_reports.csv"
        path.rename(elsewhere)
        path.symlink_to(elsewhere)
        before = lines_of(elsewhere)
        CaseEntry(data=data_copy).write(new_case())
        assert path.is_symlink() and len(lines_of(elsewhere)) == len(before) + 1

    def test_to_another_file_system(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing can be replaced there in one step."""
        devices = iter(range(100))
        device = lambda path: SimpleNamespace(st_dev=next(devices), st_mode=0o644)  # noqa: ARG005, E731
        old = state(folder)
        with monkeypatch.context() as patched:
            patched.setattr(Path, "stat", device)
            patched.setattr(Path, "is_dir", lambda _: False)
            with pytest.raises(ExplainedError, match="leads to another file system"):
                replace_files(folder, FILES)
        assert state(folder) == old

    def test_of_any_file(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "to")
        (tmp_path / "to").write_text("old", encoding="utf-8")
        write_atomically(tmp_path / "link", "new")
        assert (tmp_path / "link").is_symlink() and (tmp_path / "to").read_text(encoding="utf-8") == "new"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "to"]

    def test_in_a_circle(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "link")
        with pytest.raises(ExplainedError, match="cannot be written"):
            write_atomically(tmp_path / "link", "new")


def test_a_file_that_cannot_be_written_is_told_without_an_option_that_the_command_does_not_have(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ExplainedError, match=r"cannot be written: .*Mend the permissions") as caught:
        write_atomically(tmp_path / "file" / "below", "new")
    assert "--out" not in str(caught.value)
    with pytest.raises(ExplainedError, match="--out"):
        writable_folder(tmp_path / "file" / "below")


def test_line_ends_and_permissions_stay(data_copy: Path) -> None:
    path = data_copy / "case_reports.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    before = lines_of(path)
    CaseEntry(data=data_copy).write(new_case())
    after = lines_of(path)
    assert len(after) == len(before) + 1 and all(line.endswith("\r\n") for line in after)
    assert path.stat().st_mode & 0o777 == 0o640


def test_many_writers_lose_nothing(
    data_copy: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    writers = 50 if LONG else 4
    before = lines_of(data_copy / "case_reports.csv")
    processes = []
    for number in range(writers):
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml_of(new_case(number, age_years=str(number))), encoding="utf-8")
        line = [
            "add",
            "--data",
            str(data_copy),
            "--from",
            str(file),
            "--offline",
            "--no-impact",
            "--not-the-same-patient",
        ]
        processes.append(subprocess.Popen(command(*line), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    ends = [(*process.communicate(timeout=600), process.returncode) for process in processes]
    assert [error for _, error, status in ends if status] == []
    after = lines_of(data_copy / "case_reports.csv")
    assert len(after) == len(before) + writers and [line for line in after if line in set(before)] == before
    ages = {row["age_years"] for row in csv.DictReader(after) if row["case_id"].startswith("probe2026")}
    assert ages == {str(number) for number in range(writers)}
    assert validate(data_copy).faults == ()
    record_property("measured", f"{writers} processes added a case each at the same time: {len(ages)} new rows")


_WRITERS = """
import os, sys
from pathlib import Path
from dataclasses import replace
sys.path.insert(0, sys.argv[2])
from kratom_evidence.adding import writing
from kratom_evidence.adding.entry import CaseEntry
from tests.new_cases import new_case
CaseEntry(data=Path(sys.argv[1])).preview(new_case())
for line in sys.stdin:
    writer = os.fork()
    if writer == 0:
        for number in range(int(line), 10**9):
            CaseEntry(data=Path(sys.argv[1])).write(replace(new_case(number), not_the_same_patient=True))
    print(writer, flush=True)
    os.waitpid(writer, 0)
    print("dead", flush=True)
"""


def _killed_at_random(writers: "subprocess.Popen[str]", data: Path, kill: int, chance: random.Random) -> None:
    """Let a process write one case after the other, and kill it: every second time close to a replacement."""
    assert writers.stdin is not None and writers.stdout is not None
    print(kill * 1000 + 1, file=writers.stdin, flush=True)
    writer = int(writers.stdout.readline())
    if kill % 2:
        for _ in range(20_000):
            if (data / ".pending.part").exists():
                break
            time.sleep(0.0005)
        time.sleep(chance.uniform(0, 0.02))
    else:
        time.sleep(chance.uniform(0, 1.0))
    os.kill(writer, signal.SIGKILL)
    assert writers.stdout.readline() == "dead\n"


def test_killing_the_writer_leaves_the_old_or_the_new_files(
    data_copy: Path, project_root: Path, record_property: Callable[[str, object], None]
) -> None:
    kills = 500 if LONG else 6
    chance = random.Random(20261122)
    untouched = {name: (data_copy / name).read_bytes() for name in ("case_reports.csv", "sources.json")}
    original = lines_of(data_copy / "case_reports.csv")
    columns = next(csv.reader(original[:1]))
    rows, written, caught = original, 0, Counter[str]()
    line = [sys.executable, "-c", _WRITERS, str(data_copy), str(project_root)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writers:
        for kill in range(kills):
            _killed_at_random(writers, data_copy, kill, chance)
            left = [name for name in (".pending", ".pending.part") if (data_copy / name).exists()]
            caught[left[0] if left else "neither"] += 1
            for look in ("as the killed process left it", "after the next command has finished or cleared it"):
                lines = lines_of(data_copy / "case_reports.csv")
                assert [line for line in lines if line in set(rows)] == rows, look
                added = list(csv.DictReader([*original[:1], *(line for line in lines if line not in set(original))]))
                for row in added:
                    told = {name: row[name] for name in columns if row[name]}
                    assert {name: told.pop(name) for name in CASE} == CASE, look
                    assert told == {"case_id": row["citekey"], "citekey": row["citekey"]}, look
                entries = {entry["id"] for entry in json.loads((data_copy / "sources.json").read_text("utf-8"))}
                assert {row["citekey"] for row in added} <= entries or ".pending" in left, look
                if look.startswith("as"):
                    caught["finished"] += repaired(data_copy)
            assert validate(data_copy).faults == ()
            assert not any((data_copy / name).exists() for name in (".pending", ".pending.part"))
            written += len(lines) - len(rows)
            rows = lines
            if len(rows) > len(original) + 40:
                for name, content in untouched.items():
                    (data_copy / name).write_bytes(content)
                rows = original
        writers.stdin.close()  # type: ignore[union-attr]
    assert written > 0
    record_property(
        "measured",
        f"{kills} processes killed while they added cases: {caught['neither']} between two replacements, "
        f"{caught['.pending.part']} while the new files were prepared, {caught['.pending']} after the change was "
        f"decided ({caught['finished']} finished by the next command); {written} cases written, each whole",
    )
    CaseEntry(data=data_copy).write(replace(new_case(99_999_999), not_the_same_patient=True))
