"""What a run of `kratom-evidence report` costs when nothing has changed, and when one case was added.

Run in the project's folder: python -m benchmarks.changes [--kind KIND] [--repeats N]. Measured on a copy of the
project. The case that is added is simulated: a real one in another publication.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.made_up_projects import add_cases, plan_of, project_copy, report_command
from benchmarks.measuring import Measurement, machine, measured, spread
from kratom_evidence.project import ROOT_VARIABLE, Project, find_project
from kratom_evidence.reports.request import ALL_KINDS

REPEATS = 5


def report(project: Project, kind: str) -> Measurement:
    """One run of the command in this project."""
    return measured(report_command(kind), folder=project.root, environment={ROOT_VARIABLE: str(project.root)})


def pages_made_since(project: Project, moment: float) -> int:
    """How many reports were written since."""
    return sum(path.stat().st_mtime >= moment for path in project.reports.glob("*/*.html") if path.stem != "index")


def run(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _options(arguments)
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        project = project_copy(find_project(), Path(folder) / "project")
        total = sum(
            page.kind.name in {options.kind, ALL_KINDS} or options.kind == ALL_KINDS
            for page in plan_of(project).known(None).values()
        )
        everything = report(project, options.kind)
        print(f"all {total} reports: {everything.seconds:.2f} s", flush=True)
        nothing = [report(project, options.kind).seconds for _ in range(options.repeats)]
        print(f"nothing changed: {spread(nothing)}; {everything.seconds / min(nothing):.0f} times as fast", flush=True)
        newest = max(path.stat().st_mtime for path in project.reports.rglob("*.html"))
        add_cases(project, 1)
        one = report(project, options.kind)
        made = pages_made_since(project, newest + 0.001)
        ratio = everything.seconds / one.seconds
        print(f"one case added: {one.seconds:.2f} s for {made} reports; {ratio:.1f} times as fast as all")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default=ALL_KINDS, help="one kind of reports only (default: all)")
    parser.add_argument("--repeats", type=int, default=REPEATS, metavar="N", help="of the run without a change")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run())
