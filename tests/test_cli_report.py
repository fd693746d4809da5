"""`kratom-evidence report` as a user meets it: what it makes, what it refuses, and its exit status."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kratom_evidence.cli import main
from kratom_evidence.reports import site_pages
from tests.made_notebooks import code, written

TEMPLATE = """
from kratom_evidence.presentation import show_heading
if claim_id == "C02":
    raise ValueError("this one fails")
show_heading(f"{claim_id} by {ss_definition}", level=1)
"""
PARAMETERS = 'claim_id = "C01"\nss_definition = "label_or_suspected"\nserotonergic_grade = "established"'


@pytest.fixture
def project(data_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the real data and a template that fails for C02; the current folder is inside it."""
    root = data_copy.parent
    template = root / "notebooks" / "reports" / "claim.ipynb"
    written(template, code(PARAMETERS, tags=("parameters",)), code(TEMPLATE))
    monkeypatch.chdir(root / "notebooks")
    return root


@pytest.fixture
def without_what_if(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for what would change each verdict takes seconds; which pages are made does not depend on it."""
    monkeypatch.setattr(site_pages, "statement_results", lambda *_: [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--claim", "c13"], "Did you mean 'C13'"),
        (["claim"], "Did you mean 'claims'"),
        (["-p", "ss_definitions=label"], "Did you mean 'ss_definition'"),
        (["-p", "ss_definition=hunter_strikt"], "Did you mean 'hunter_strict'"),
        (["-p", "claim_id=C14"], "use --claim instead"),
        (["--jobs", "0"], "1 or more"),
        (["--claim", "C13", "--case", "brooks2023"], "one of them at a time"),
        (["claims", "--case", "brooks2023"], "kratom-evidence report cases --case"),
    ],
)
def test_what_does_not_exist_is_refused_and_nothing_is_made(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["report", *arguments]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""
    assert not (project / "reports").exists()


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_rendered(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "taken").write_text("", encoding="utf-8")
    assert main(["report", "claims", "--out", str(project / "taken")]) == 1
    assert "--out" in capsys.readouterr().err


def test_faults_of_the_data_stop_the_command_before_anything_is_rendered(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = project / "data" / "case_reports.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",male,", ",mael,", 1), encoding="utf-8")
    assert main(["report", "--claim", "C01"]) == 1
    assert "mael" in capsys.readouterr().err
    assert not (project / "reports").exists()


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.usefixtures("without_what_if")
def test_a_failing_report_is_told_the_others_are_made_and_the_status_is_1(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--claim", "C02", "--claim", "C01", "--jobs", "1"]) == 1
    printed = capsys.readouterr()
    assert "ValueError: this one fails" in printed.err
    assert "Traceback" not in printed.err
    assert str(project / "reports" / "failed" / "claims" / "C02.ipynb") in printed.err
    assert "Reports: 1 made, 0 unchanged, 1 failed." in printed.out
    assert printed.out.splitlines()[-1] == f"Index: {project / 'reports' / 'index.html'}"
    index = (project / "reports" / "index.html").read_text(encoding="utf-8")
    assert 'href="claims/C01.html"' in index
    assert 'href="claims/C02.html"' not in index
    assert "C24" in index


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.usefixtures("without_what_if")
def test_other_definitions_make_a_page_of_their_own_that_tells_its_command(project: Path) -> None:
    out = project / "elsewhere"
    claims = out / "claims"
    assert main(["report", "--claim", "C01", "--out", str(out), "-p", "ss_definition=label_or_suspected"]) == 0
    default = (claims / "C01.html").read_bytes()
    assert main(["report", "--claim", "C01", "--out", str(out), "-p", "ss_definition=hunter_strict"]) == 0
    assert (claims / "C01.html").read_bytes() == default
    variant = (claims / "C01--ss_definition=hunter_strict.html").read_text(encoding="utf-8")
    assert "<h1>C01 by hunter_strict</h1>" in variant
    assert "<code>kratom-evidence report claims --claim C01 -p ss_definition=hunter_strict</code>" in variant
    index = (out / "index.html").read_text(encoding="utf-8")
    assert 'href="claims/C01--ss_definition=hunter_strict.html"' in index


@pytest.mark.slow
@pytest.mark.notebook
def test_in_a_pipe_only_the_summary_is_printed(project: Path) -> None:
    shutil.rmtree(project / "reports", ignore_errors=True)
    command = [sys.executable, "-m", "kratom_evidence", "report", "--claim", "C01", "--claim", "C03", "--jobs", "2"]
    done = subprocess.run(command, cwd=project, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "Reports: 2 made, 0 unchanged, 0 failed."


@pytest.mark.slow
@pytest.mark.notebook
def test_ctrl_c_stops_all_workers_at_once_and_prints_one_line(project: Path) -> None:
    sleeping = code("import pathlib, time\npathlib.Path(f'{claim_id}.started').touch()\ntime.sleep(300)")
    templates = project / "notebooks" / "reports"
    written(templates / "claim.ipynb", code(PARAMETERS, tags=("parameters",)), sleeping)
    command = [sys.executable, "-m", "kratom_evidence", "report", "--claim", "C01", "--claim", "C03", "--jobs", "2"]
    started = subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, text=True, start_new_session=True)
    patience = time.monotonic() + 120
    while len(list(templates.glob("*.started"))) < 2 and time.monotonic() < patience:
        time.sleep(0.1)
    # As a terminal does it: to every process of the group.
    os.killpg(started.pid, signal.SIGINT)
    _, printed = started.communicate(timeout=300)
    assert started.returncode == 130
    assert printed == "kratom-evidence: interrupted.\n"
    assert not list((project / "reports").rglob("*.html"))


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.usefixtures("without_what_if")
def test_a_run_that_was_killed_goes_on_where_it_stopped(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waiting = code(
        "import pathlib, time\n"
        "if claim_id == 'C03' and not pathlib.Path('go').exists():\n"
        "    pathlib.Path('started').touch()\n"
        "    time.sleep(300)\n"
        "from kratom_evidence.presentation import show_heading\n"
        "show_heading(claim_id, level=1)"
    )
    templates, claims = project / "notebooks" / "reports", project / "reports" / "claims"
    written(templates / "claim.ipynb", code(PARAMETERS, tags=("parameters",)), waiting)
    asked = ["report", "--claim", "C01", "--claim", "C02", "--claim", "C03", "--jobs", "1"]
    started = subprocess.Popen([sys.executable, "-m", "kratom_evidence", *asked], cwd=project, start_new_session=True)
    patience = time.monotonic() + 120
    while not (templates / "started").exists() and time.monotonic() < patience:
        time.sleep(0.1)
    started.kill()
    assert started.wait(timeout=300) == -signal.SIGKILL
    first = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in claims.glob("*")}
    assert set(first) == {"C01.html", "C02.html"}
    (templates / "go").touch()
    assert main(asked) == 0
    assert "Reports: 1 made, 2 unchanged, 0 failed." in capsys.readouterr().out
    again = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in claims.glob("C*")}
    assert set(again) == {*first, "C03.html"}
    assert {name: again[name] for name in first} == first
