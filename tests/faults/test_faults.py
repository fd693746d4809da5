"""Faults of the machine and its user: told in plain words, other reports intact, a true exit status, mended by a rerun.

The short form fakes what the system says (a full disk is an OSError) and runs few commands; KRATOM_EVIDENCE_LONG=1
adds all surroundings, reports that die, full and read-only file systems and interrupts at many moments (Linux, root).
"""

import json
import re
import resource
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.running import LONG, TEMPLATE, Done, Trial, processes_below, trial
from tests.made_sites import files_of

pytestmark = pytest.mark.slow

REPORT = ("report", "--claim", "C01", "--jobs", "1")
VALIDATE = ("validate",)


@dataclass(kw_only=True)
class Tally:
    """What is counted over all tests of this file."""

    injected: int = 0
    explained: int = 0
    repaired: int = 0


@pytest.fixture(scope="module")
def tally() -> Tally:
    """The counts; the last test prints them."""
    return Tally()


def _long(test: Callable[..., None]) -> Callable[..., None]:
    """Collected in the long form only, so that the short form skips nothing."""
    test.__test__ = LONG  # type: ignore[attr-defined]
    return test


@pytest.fixture
def site(tmp_path: Path, project_root: Path) -> Trial:
    return trial(tmp_path / "project", project_root)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Trial:
    """A project, in the long form with the report of C01 made. Copy it before it is spoilt."""
    found = trial(tmp_path_factory.mktemp("made") / "project", project_root)
    if LONG:
        assert found.run(*REPORT).status == 0
    return found


@pytest.fixture
def copy(made: Trial, tmp_path: Path) -> Trial:
    """A copy of that project."""
    return Trial(root=shutil.copytree(made.root, tmp_path / "project"))


def explained(done: Done, tally: Tally, *, status: int, words: str = "") -> None:
    """The command ended with this status and with words in place of a traceback."""
    tally.injected += 1
    assert "Traceback" not in done.told, done.told
    assert done.status == status, done.told
    assert re.search(words, done.told), done.told
    tally.explained += 1


def repaired(done: Done, tally: Tally) -> None:
    """A rerun without the fault makes everything."""
    assert (done.status, "Traceback" in done.told) == (0, False), done.told
    tally.repaired += 1


# --- what is around a command: places, languages, clocks, streams

SURROUNDINGS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "another time zone": ({"TZ": "Asia/Kolkata"}, ()),
    "no such time zone": ({"TZ": "Nowhere/Land"}, ()),
    "German": ({"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}, ()),
    "C locale": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ()),
    "POSIX locale and ASCII": ({"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, ()),
    "no home": ({}, ("HOME",)),
    "home that is not there": ({"HOME": "/nonexistent/home"}, ()),
    "home that is a device": ({"HOME": "/dev/null"}, ()),
    "no folder for temporary files": ({"TMPDIR": "/nonexistent/tmp"}, ()),
    "a plain terminal": ({"TERM": "dumb", "NO_COLOR": "1"}, ()),
    "a narrow terminal": ({"COLUMNS": "1", "LINES": "1"}, ()),
    "no fonts of the user": ({"MPLCONFIGDIR": "/nonexistent/mpl"}, ()),
}


@pytest.mark.parametrize("name", SURROUNDINGS if LONG else ["POSIX locale and ASCII"])
def test_surroundings_change_nothing(name: str, made: Trial, tally: Tally, tmp_path: Path) -> None:
    """The same page, byte for byte; in the short form the data are checked instead, which takes a tenth of the time."""
    environment, without = SURROUNDINGS[name]
    if not LONG:
        explained(made.run(*VALIDATE, environment=environment, without=without), tally, status=0)
        return
    done = made.run(*REPORT, "--out", str(tmp_path / "out"), environment=environment, without=without)
    explained(done, tally, status=0)
    assert files_of(tmp_path / "out") == files_of(made.out)


@pytest.mark.parametrize("now", [0, 4_102_444_800] if LONG else [0])
def test_another_day_gives_the_same(now: int, made: Trial, tally: Tally, tmp_path: Path) -> None:
    patch = f"import time\nbefore = time.time()\nreal = time.time\ntime.time = lambda: real() - before + {now}"
    command = ("report", "--out", str(tmp_path / "out"), "--claim", "C01", "--jobs", "1") if LONG else VALIDATE
    explained(made.run(*command, patch=patch), tally, status=0)
    if LONG:
        assert files_of(tmp_path / "out") == files_of(made.out)


@pytest.mark.parametrize(
    "name",
    ["a b", "über ünïcode", "quo'te\"s", "new\nline", "100%#?&", "-dash", "{x}$HOME`"] if LONG else ["new\nü 'l\"#%"],
)
def test_odd_names_of_folders(name: str, made: Trial, tally: Tally, tmp_path: Path) -> None:
    """The folder of the project and the folder of the pages."""
    if LONG:
        odd = Trial(root=shutil.copytree(made.root, tmp_path / name))
        done = odd.run(*REPORT, f"--out={tmp_path / name / name}")
        explained(done, tally, status=0)
        assert files_of(tmp_path / name / name) == files_of(made.out)
        return
    odd = Trial(root=tmp_path / name)
    shutil.copytree(made.root / "data", odd.root / "data")
    explained(odd.run(*VALIDATE), tally, status=0)


@_long
def test_a_mask_of_077_is_kept_to(site: Trial, tally: Tally) -> None:
    explained(site.run(*REPORT, umask=0o077), tally, status=0)
    modes = {path.stat().st_mode & 0o777 for path in site.out.rglob("*") if path.is_file()}
    assert modes == {0o600}


@pytest.mark.parametrize("stream", ["<&-", ">&-", "2>&-", ">/dev/full", "| true"] if LONG else [">&-", ">/dev/full"])
def test_streams_that_are_closed_or_full(stream: str, copy: Trial, tally: Tally) -> None:
    words = shlex.join(copy.command(*VALIDATE, "--format", "json"))
    shell = ["bash", "-o", "pipefail", "-c", f"{words} {stream}"]
    ended = subprocess.run(shell, cwd=copy.root, capture_output=True, check=False)
    done = Done(status=ended.returncode, out=ended.stdout.decode(), err=ended.stderr.decode())
    full = stream == ">/dev/full"
    explained(done, tally, status=1 if full else 0, words="No space left on device. Mend that" if full else "")


# --- the disk

FULL = """
import errno, os
def full(*arguments, **named):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
"""
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "report": REPORT,
    "export": ("export", "bibtex", "--out", "exports"),
    "validate --fix --write": ("validate", "--fix", "--write"),
}


def _spoil_spelling(data: Path) -> None:
    """Something that `validate --fix` repairs."""
    table = data / "case_reports.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("name", COMMANDS if LONG else ["report", "validate --fix --write"])
def test_a_full_disk(name: str, copy: Trial, tally: Tally) -> None:
    """Writing fails in the middle: nothing is lost, nothing half is left."""
    if name.startswith("validate"):
        _spoil_spelling(copy.root / "data")
    if name == "report":
        copy.template(TEMPLATE + "# changed\n")
    before = files_of(copy.root)
    patch = FULL + "import pathlib\npathlib.Path.replace = full"
    explained(copy.run(*COMMANDS[name], patch=patch), tally, status=1, words="cannot be written: No space left")
    after = files_of(copy.root)
    lost = {path for path in before if after.get(path) != before[path]}
    # The page that could not be made would pass for one of this run.
    assert lost <= {"reports/claims/C01.html"}
    assert not [path for path in after if path.endswith(".part")]
    repaired(copy.run(*COMMANDS[name]), tally)


@pytest.mark.parametrize("name", COMMANDS if LONG else ["validate --fix --write"])
def test_a_folder_that_takes_nothing(name: str, copy: Trial, tally: Tally) -> None:
    """For root no permission holds, so that the system's answer is given instead of set."""
    if name.startswith("validate"):
        _spoil_spelling(copy.root / "data")
    patch = FULL.replace("ENOSPC", "EROFS") + (
        "import pathlib, tempfile\ntempfile.mkstemp = tempfile.TemporaryFile = pathlib.Path.mkdir = full"
    )
    options = ("--force",) if name == "report" else ()
    explained(copy.run(*COMMANDS[name], *options, patch=patch), tally, status=1, words="cannot be (written|made)")
    repaired(copy.run(*COMMANDS[name]), tally)


def test_a_parent_that_is_a_file(copy: Trial, tally: Tally) -> None:
    (copy.root / "taken").write_text("", encoding="utf-8")
    for command in (("report", "--claim", "C01"), *((("export", "bibtex"),) if LONG else ())):
        explained(copy.run(*command, "--out", "taken/below"), tally, status=1, words="cannot be (written|made)")


# --- what lies in the folder of the pages

DAMAGES: Mapping[str, Callable[[Path], object]] = {
    "a manifest of garbage": lambda out: (out / "manifest.json").write_bytes(b"\xff\x00{garbage"),
    "a manifest that is deep": lambda out: (out / "manifest.json").write_text("[" * 100_000, encoding="utf-8"),
    "a manifest of nothing": lambda out: (out / "manifest.json").write_bytes(b""),
    "half a page": lambda out: (out / "claims" / "C01.html").write_bytes(b"<!DOCTYPE html>"),
    "a page that is gone": lambda out: (out / "claims" / "C01.html").unlink(),
    "pages left half-written": lambda out: (out / "claims" / ".C01.x.part").write_bytes(b"half"),
}


@_long
@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_folder_is_mended_by_a_rerun(name: str, copy: Trial, made: Trial, tally: Tally) -> None:
    DAMAGES[name](copy.out)
    done = copy.run(*REPORT)
    explained(done, tally, status=0)
    repaired(done, tally)
    ours = {path: content for path, content in files_of(copy.out).items() if not path.endswith(".part")}
    assert ours == files_of(made.out)


def _folder_in_the_place_of(path: Path) -> None:
    path.unlink(missing_ok=True)
    (path / "kept").mkdir(parents=True)


@pytest.mark.parametrize("place", [".lock", "manifest.json", "index.html", "claims/C01.html"] if LONG else [".lock"])
def test_a_folder_in_the_place_of_a_file(place: str, copy: Trial, tally: Tally) -> None:
    _folder_in_the_place_of(copy.out / place)
    explained(copy.run(*REPORT, "--force"), tally, status=1, words=re.escape(Path(place).name))
    shutil.rmtree(copy.out / place)
    if LONG:
        repaired(copy.run(*REPORT), tally)


# --- what happens while a report is made


@_long
def test_a_process_that_is_killed_costs_its_own_report_only(site: Trial, tally: Tally) -> None:
    """By the system in the middle of a report, as when memory runs out; the other report and the index are made."""
    site.template('import os, signal\nif claim_id == "C02":\n    os.kill(os.getpid(), signal.SIGKILL)\n' + TEMPLATE)
    command = ("report", "--claim", "C01", "--claim", "C02", "--jobs", "2")
    done = site.run(*command)
    explained(done, tally, status=1, words="died, most often because memory ran out")
    assert "1 made, 0 unchanged, 1 failed" in done.out
    assert (site.out / "claims" / "C01.html").is_file() and not (site.out / "claims" / "C02.html").exists()
    assert "claims/C02.html" not in (site.out / "index.html").read_text(encoding="utf-8")
    assert processes_below(site.root) == []
    site.template()
    repaired(site.run(*command), tally)


@_long
def test_a_report_without_memory(site: Trial, tally: Tally) -> None:
    """More than the machine has is asked for; Python says so, and so does the command."""
    site.template("import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\nheld = bytearray(2**31)")
    explained(site.run(*REPORT), tally, status=1, words="MemoryError")
    site.template()
    repaired(site.run(*REPORT), tally)


MOMENTS = {"validate": (0.2, 0.5, 0.8), "report": (0.1, 0.4, 1.0, 2.0, 3.0, 4.5, 6.0), "export": (0.3, 0.8, 1.6)}
SHORT_MOMENTS = {"validate": (0.15,), "export": (0.6,)}
STOPPED = {"validate": VALIDATE, "report": (*REPORT, "--force"), "export": ("export", "--out", "exports")}


@pytest.mark.parametrize(
    ("name", "after"),
    [(name, after) for name, moments in (MOMENTS if LONG else SHORT_MOMENTS).items() for after in moments],
)
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM] if LONG else [signal.SIGINT], ids=lambda by: by.name)
def test_a_command_that_is_stopped(name: str, after: float, by: signal.Signals, copy: Trial, tally: Tally) -> None:
    before = files_of(copy.root)
    done = copy.stopped(*STOPPED[name], after=after, by=by)
    tally.injected += 1
    assert "Traceback" not in done.told, done.told
    # A shell shows the end by a signal as 128 and its number; Python ends so when it was stopped while importing.
    status = 128 - done.status if done.status < 0 else done.status
    assert status in {0, 128 + by}, done.told
    tally.explained += 1
    assert _gone(copy.root)
    after_it = files_of(copy.root)
    assert {path for path in before if path.startswith("data/") and after_it[path] != before[path]} == set()
    assert [path for path in after_it if path.endswith(".html") and "</html>" not in after_it[path].decode()] == []
    if LONG:
        repaired(copy.run(*STOPPED[name]), tally)


def _gone(root: Path) -> bool:
    """Whether no process of the command is left, at the latest after some seconds."""
    waited = threading.Event()
    for _ in range(1200):
        if not processes_below(root):
            return True
        waited.wait(0.1)
    return False


@_long
def test_two_at_once_take_turns(site: Trial, tally: Tally) -> None:
    found: list[Done] = []
    threads = [threading.Thread(target=lambda: found.append(site.run(*REPORT))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for done in found:
        explained(done, tally, status=0)
    assert json.loads((site.out / "manifest.json").read_text(encoding="utf-8"))["pages"]


@_long
def test_data_that_change_during_the_run_are_seen_by_the_next(site: Trial, tally: Tally) -> None:
    """The page is recorded under what was planned; the next run sees other data and makes it again."""
    site.template(
        "import pathlib, os\n"
        "changed = pathlib.Path(os.environ['KRATOM_EVIDENCE_ROOT']) / 'data' / 'claims.yaml'\n"
        "text = changed.read_text(encoding='utf-8')\n"
        "changed.write_text(text.replace('Serotonin syndrome is rare.', 'Serotonin syndrome is scarce.'))\n" + TEMPLATE
    )
    explained(site.run(*REPORT), tally, status=0)
    done = site.run(*REPORT)
    assert "1 made" in done.out
    repaired(done, tally)


# --- the long form: real file systems and limits


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 kB that becomes full."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.fail(f"The long form needs root and mount: {done.stderr.decode()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@_long
def test_a_disk_that_is_really_full(small_disk: Path, made: Trial, tally: Tally) -> None:
    for command in (("report", "--claim", "C01", "--jobs", "1"), ("export", "csv", "xlsx")):
        done = made.run(*command, "--out", str(small_disk))
        explained(done, tally, status=1, words="No space left")
        assert not list(small_disk.rglob("*.part"))
        subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
        repaired(made.run(*command, "--out", str(small_disk)), tally)
        subprocess.run(["find", small_disk, "-mindepth", "1", "-delete"], check=True)
        subprocess.run(["mount", "-o", "remount,size=200k", small_disk], check=True)


@_long
def test_a_disk_that_is_really_read_only(small_disk: Path, made: Trial, tally: Tally) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for command in (("report", "--claim", "C01", "--jobs", "1"), ("export", "csv")):
        explained(made.run(*command, "--out", str(small_disk)), tally, status=1, words="Read-only file system")


@_long
def test_files_may_not_grow(copy: Trial, tally: Tally) -> None:
    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = copy.run("export", "csv", "--out", "exports", preexec_fn=limited)
    explained(done, tally, status=1, words="File too large")
    repaired(copy.run("export", "csv", "--out", "exports"), tally)


def test_the_figures(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(
            f"\nfaults: {tally.injected} injected, {tally.explained} explained or harmless, "
            f"{tally.repaired} repaired by a rerun."
        )
    assert tally.injected == tally.explained
