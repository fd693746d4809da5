"""Each benchmark runs, on the least that it can measure. What it measures is not tested: machines differ."""

import os
import re
import sys
from pathlib import Path

import pytest

from benchmarks import changes, growth, measuring, page_size, reports, scale, validation_peers
from benchmarks.made_up_projects import add_cases, plan_of, project_copy
from benchmarks.measuring import measured
from benchmarks.reports import spread_over_kinds
from benchmarks.simulated_data import simulated_data
from benchmarks.ways import COMMAND_LINE, IN_ONE_PROCESS, OURS
from kratom_evidence.curation import validate
from kratom_evidence.dataset import load
from kratom_evidence.project import ROOT_VARIABLE, Project

# A stand-in for making all reports; long enough for its memory to be measured.
WRITES_A_PAGE = """
import pathlib, time
page = pathlib.Path("reports", "claims", "C01.html")
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text("a page")
time.sleep(0.7)
"""


# Only in the long form; not counted as skipped, since nothing that they need is missing.
LONG = bool(os.environ.get("KRATOM_EVIDENCE_LONG"))


@pytest.fixture
def project(project_root: Path, tmp_path: Path) -> Project:
    return project_copy(Project(root=project_root), tmp_path / "project")


def test_a_sample_takes_from_every_kind_as_much_as_its_share() -> None:
    pages = {"claims": [f"claims/{n}" for n in range(20)], "cases": [f"cases/{n}" for n in range(100)], "none": []}
    assert spread_over_kinds(pages, 12) == {
        "claims": ["claims/0", "claims/10"],
        "cases": [f"cases/{n}" for n in (0, 10, 20, 30, 40, 50, 60, 70, 80, 90)],
    }
    assert spread_over_kinds(pages, 1) == {"claims": ["claims/0"], "cases": ["cases/0"]}


def test_simulated_cases_are_sound_data_with_reports_of_their_own(project: Project) -> None:
    before = set(plan_of(project).known(None))
    add_cases(project, 3)
    added = set(plan_of(project).known(None)) - before
    assert added == {f"cases/simulated0000{number}.html" for number in (1, 2, 3)}


@pytest.mark.slow
@pytest.mark.parametrize("way", [OURS, IN_ONE_PROCESS, COMMAND_LINE] if LONG else [OURS])
def test_each_way_makes_a_page_and_tells_its_times(way: str, project: Project) -> None:
    found = reports.timed(way, ["classes/ssri.html"], project)
    assert len(found.seconds) == 1
    assert found.seconds[0] > 0
    assert found.cpu_seconds > 0
    assert reports.seconds_of_all(
        reports.Timed(seconds=[2.0, 4.0, 1.0], cpu_seconds=1), ["a", "b", "z"], {"some": ["a", "b", "c"], "one": ["z"]}
    ) == pytest.approx(3 * 3 + 1)


@pytest.mark.slow
def test_pages_are_compared_with_those_of_lab(capsys: pytest.CaptureFixture[str]) -> None:
    assert page_size.run(["--sample", "1"]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    ours, theirs, ratio = (float(text) for text in last.split()[-3:])
    assert ratio == pytest.approx(theirs / ours, abs=0.06)


def test_changes_and_growth_are_measured(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(project.root))
    asked: list[str] = []

    def stand_in(kind: str) -> list[str]:
        asked.append(kind)
        return [sys.executable, "-c", WRITES_A_PAGE]

    monkeypatch.setattr(changes, "report_command", stand_in)
    monkeypatch.setattr(growth, "report_command", stand_in)
    assert changes.run(["--repeats", "2"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"all \d\d\d reports: [\d.]+ s", told)
    assert re.search(r"nothing changed: [\d.]+ s \(median [\d.]+ s of 2\); \d+ times as fast", told)
    assert re.search(r"one case added: [\d.]+ s for 1 reports", told)
    monkeypatch.setattr(measuring, "_MEASURE_EVERY", 0.02)
    assert growth.run(["--sizes", "220"]) == 0
    *_, first, second = capsys.readouterr().out.splitlines()
    assert float(first.split()[4]) > 1, "a Python takes more than a MiB"
    assert len(second.split()) == 6
    assert asked == ["all"] * 6


def test_what_fails_ends_a_benchmark_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such thing"):
        measured([sys.executable, "-c", "raise SystemExit('no such thing')"], folder=tmp_path)


def test_simulated_data_of_any_size_are_sound(project_root: Path, tmp_path: Path) -> None:
    simulated_data(project_root / "data", tmp_path / "data", 150)
    report = validate(tmp_path / "data")
    assert not report.faults
    assert not report.skipped
    assert len(load(tmp_path / "data").cases) == 150
    with pytest.raises(ValueError, match="cannot hold"):
        simulated_data(project_root / "data", tmp_path / "fewer", 5)


def test_a_step_is_measured_in_a_process_of_its_own(project_root: Path) -> None:
    found = scale.in_fresh_process("load", project_root / "data")
    assert found.seconds > 0
    assert found.peak_mib > 1, "a Python takes more than a MiB"
    assert scale.tenfold((100, 1.0), (10_000, 100.0)) == pytest.approx(10)


def test_each_fault_put_in_is_found_in_the_cells(project_root: Path, tmp_path: Path) -> None:
    faulty = validation_peers.faulty_copy(project_root / "data", tmp_path / "data")
    assert validation_peers.ours(project_root / "data")() == 0
    assert validation_peers.ours(faulty)() == 11
