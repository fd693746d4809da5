"""Ways of making the same pages, each in a process of its own.

`python -m benchmarks.ways WAY FOLDER PAGES`: PAGES are names of pages, separated by commas, of the project that the
environment variable KRATOM_EVIDENCE_ROOT names; FOLDER is where they go. Printed as JSON: the seconds of each page, or
of all together where they are made side by side, and the processor time of all. To find out what is to be made, and to
import papermill and nbconvert, is not counted; our warming up is.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import papermill  # type: ignore[import-untyped]
from nbconvert.exporters import HTMLExporter

from benchmarks.made_up_projects import plan_of
from benchmarks.measuring import cpu_seconds
from kratom_evidence.project import find_project
from kratom_evidence.reports.batch import default_workers, render_all
from kratom_evidence.reports.jobs import ReportJob

OURS, IN_ONE_PROCESS, COMMAND_LINE = "ours", "library", "command-line"


def ours(jobs: Sequence[ReportJob]) -> None:
    """As `kratom-evidence report` makes them."""
    for result in render_all(jobs, workers=default_workers()):
        if result.failure is not None:
            raise SystemExit(str(result.failure))


def in_one_process(job: ReportJob) -> None:
    """The functions of papermill and nbconvert."""
    executed = job.output.with_suffix(".ipynb")
    papermill.execute_notebook(
        job.notebook, executed, parameters=dict(job.parameters), cwd=job.notebook.parent, progress_bar=False
    )
    page, _ = HTMLExporter().from_filename(str(executed))  # type: ignore[no-untyped-call]
    job.output.write_text(page, encoding="utf-8")


def by_command_line(job: ReportJob) -> None:
    """The commands `papermill` and `jupyter nbconvert`."""
    executed = job.output.with_suffix(".ipynb")
    given = [word for name, value in job.parameters.items() for word in ("-p", name, str(value))]
    _run(
        ["papermill", str(job.notebook), str(executed), "--cwd", str(job.notebook.parent), *given, "--no-progress-bar"]
    )
    _run(["jupyter", "nbconvert", "--to", "html", str(executed)])


def _run(command: Sequence[str]) -> None:
    # The programs of the Python that runs this, whatever else is found first.
    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)


def _timed(way: str, jobs: Sequence[ReportJob]) -> Iterator[float]:
    """The seconds of each page, one after the other, or of all together."""
    if way == OURS:
        started = perf_counter()
        ours(jobs)
        yield perf_counter() - started
        return
    make = {IN_ONE_PROCESS: in_one_process, COMMAND_LINE: by_command_line}[way]
    for job in jobs:
        started = perf_counter()
        make(job)
        yield perf_counter() - started


def main(way: str, folder: str, pages: str) -> None:
    """Make the pages in one way, see that they are there, and print what it took."""
    plan = replace(plan_of(find_project()), out=Path(folder))
    known = plan.known(None)
    jobs = [known[page].job for page in pages.split(",")]
    for job in jobs:
        job.output.parent.mkdir(parents=True, exist_ok=True)
    before = cpu_seconds()
    seconds = list(_timed(way, jobs))
    missing = [job.page for job in jobs if not job.output.is_file()]
    if missing:
        raise SystemExit(f"{', '.join(missing)} were not made.")
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds() - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
