"""How much faster all reports are made than by papermill and nbconvert, from the same notebooks and parameters.

Run in the project's folder: python -m benchmarks.reports [--sample N | --all] [--repeats N]. Everything is made into
fresh folders by fresh processes.

Ours makes all reports with the command `kratom-evidence report`: its start, its warming up and the pages over all
reports are counted. The other two ways make a sample that is spread over the kinds of reports, one after the other;
what all reports would take is each kind's mean, times the number of its reports. Ours makes the sample too; as that is
small, its warming up weighs more.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.made_up_projects import plan_of, report_command
from benchmarks.measuring import Measurement, machine, measured, spread
from benchmarks.ways import COMMAND_LINE, IN_ONE_PROCESS, OURS
from kratom_evidence.project import ROOT_VARIABLE, Project, find_project

SAMPLE = 12
REPEATS = 3
_NAMED = {
    COMMAND_LINE: "(a) papermill and jupyter nbconvert, as commands",
    IN_ONE_PROCESS: "(b) papermill and nbconvert, in one process",
    OURS: "ours, the same sample",
}


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What one way took for some pages: the seconds of each, or of all together, and the processor time of all."""

    seconds: Sequence[float]
    cpu_seconds: float


def spread_over_kinds(pages: Mapping[str, Sequence[str]], size: int) -> dict[str, Sequence[str]]:
    """Kind -> some of its pages, evenly spaced: as many as its share of all pages, at least one."""
    total = sum(len(found) for found in pages.values())
    wanted = {kind: max(1, round(size * len(found) / total)) for kind, found in pages.items() if found}
    return {
        kind: [pages[kind][number * len(pages[kind]) // some] for number in range(some)]
        for kind, some in wanted.items()
    }


def pages_of(project: Project) -> dict[str, Sequence[str]]:
    """Kind -> the pages of its subjects."""
    pages: dict[str, list[str]] = {}
    for name, page in plan_of(project).known(None).items():
        pages.setdefault(page.kind.name, []).append(name)
    return dict(pages)


def timed(way: str, pages: Sequence[str], project: Project) -> Timed:
    """Make the pages in one way, in a fresh process, into a fresh folder.

    Raises:
        SystemExit: a page could not be made.
    """
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.ways", way, folder, ",".join(pages)],
            cwd=Path(__file__).resolve().parents[1],
            env={**os.environ, ROOT_VARIABLE: str(project.root)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return Timed(**json.loads(done.stdout))


def seconds_of_all(found: Timed, sample: Sequence[str], pages: Mapping[str, Sequence[str]]) -> float:
    """The time for all reports: for each kind the mean of those in the sample, times the number of its reports."""
    by_page = dict(zip(sample, found.seconds, strict=True))
    total = 0.0
    for of_kind in pages.values():
        seconds = [by_page[page] for page in of_kind if page in by_page]
        total += statistics.mean(seconds) * len(of_kind) if seconds else 0.0
    return total


def all_reports(project: Project) -> Measurement:
    """`kratom-evidence report` into a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = report_command("all", "--out", folder)
        return measured(command, folder=project.root, environment={ROOT_VARIABLE: str(project.root)})


def run(arguments: Sequence[str] | None = None, project: Project | None = None) -> int:
    """Measure and print."""
    options = _options(arguments)
    project = project or find_project()
    pages = pages_of(project)
    total = sum(len(found) for found in pages.values())
    print(machine())
    ours = [all_reports(project) for _ in range(options.repeats)]
    fastest = min(ours, key=lambda found: found.seconds)
    print(
        f"ours, all {total} reports: {spread([found.seconds for found in ours])}, {_each(fastest, total)}", flush=True
    )
    sample = [page for found in _sample(pages, options).values() for page in found]
    print(f"sample: {len(sample)} reports: {', '.join(sample)}", flush=True)
    here = _shown(OURS, sample, project)
    for way in (IN_ONE_PROCESS, COMMAND_LINE):
        other = _shown(way, sample, project)
        everything = seconds_of_all(other, sample, pages)
        print(
            f"    all {total} reports would take {everything:.0f} s: ours is {everything / fastest.seconds:.1f} times "
            f"as fast; on the sample, warming up included, {sum(other.seconds) / sum(here.seconds):.1f} times",
            flush=True,
        )
    return 0


def _sample(pages: Mapping[str, Sequence[str]], options: argparse.Namespace) -> Mapping[str, Sequence[str]]:
    return pages if options.all else spread_over_kinds(pages, options.sample)


def _shown(way: str, sample: Sequence[str], project: Project) -> Timed:
    found = timed(way, sample, project)
    whole = Measurement(seconds=sum(found.seconds), cpu_seconds=found.cpu_seconds)
    print(f"{_NAMED[way]}: {whole.seconds:.2f} s, {_each(whole, len(sample))}", flush=True)
    return found


def _each(found: Measurement, reports: int) -> str:
    return f"{found.seconds / reports:.2f} s a report, {found.cpu_seconds / reports:.2f} s of processor time a report"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help=f"reports (default: {SAMPLE})")
    which.add_argument("--all", action="store_true", help="all reports in every way: takes about an hour")
    parser.add_argument("--repeats", type=int, default=REPEATS, metavar="N", help="of ours, over all reports")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run())
