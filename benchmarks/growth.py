"""How time and memory grow with the number of reports.

Run in the project's folder: python -m benchmarks.growth [--sizes N …] [--kind KIND]. The first size is that of the
project; for the others, simulated cases are added until there are as many reports. Linear growth is the same time for
each report; flat memory is the same peak, that of all processes together.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.made_up_projects import add_cases, plan_of, project_copy, report_command
from benchmarks.measuring import Measurement, machine, measured
from kratom_evidence.project import ROOT_VARIABLE, Project, find_project
from kratom_evidence.reports.request import ALL_KINDS

SIZES = (600, 2_400)


def grown(root: Path, reports: int) -> Project:
    """A copy of the project with so many reports, or as many as there are when that is more."""
    project = project_copy(find_project(), root)
    there = len(plan_of(project).known(None))
    if reports > there:
        add_cases(project, reports - there)
    return project


def all_reports(project: Project, kind: str) -> Measurement:
    """All reports of the project, in a fresh folder."""
    environment = {ROOT_VARIABLE: str(project.root)}
    return measured(report_command(kind), folder=project.root, environment=environment, memory=True)


def run(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, metavar="N", help="reports (default: 600 2400)")
    parser.add_argument("--kind", default=ALL_KINDS, help="one kind of reports only (default: all)")
    options = parser.parse_args(arguments)
    print(machine())
    print(f"{'reports':>9}{'seconds':>10}{'s a report':>12}{'cpu s a report':>16}{'peak MiB':>10}{'growth ratio':>14}")
    before: tuple[int, float] | None = None
    for size in (0, *options.sizes):
        with tempfile.TemporaryDirectory() as folder:
            project = grown(Path(folder) / "project", size)
            found = all_reports(project, options.kind)
            reports = sum(1 for path in project.reports.glob("*/*.html") if path.name != "index.html")
        growth = "" if before is None else f"{(found.seconds / before[1]) / (reports / before[0]):.2f}"
        each, cpu = found.seconds / reports, found.cpu_seconds / reports
        print(
            f"{reports:>9,}{found.seconds:>10.1f}{each:>12.3f}{cpu:>16.3f}{found.peak_mib:>10.0f}{growth:>14}",
            flush=True,
        )
        before = reports, found.seconds
    return 0


if __name__ == "__main__":
    sys.exit(run())
