"""A process that renders the reports that a Dask worker hands it, one a line, from the files that were unpacked there.

Started as `python -m kratom_evidence.reports.cluster_host FOLDER ENGINE INPUTS`, with FOLDER/src as PYTHONPATH. INPUTS
is the hash over everything that pages are made from, on the machine that asks for them.
"""

import gc
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from kratom_evidence.project import Project
from kratom_evidence.reports.cell_process import FORK, start_method
from kratom_evidence.reports.cluster_jobs import job_of_line, result_line
from kratom_evidence.reports.engines import WARM
from kratom_evidence.reports.inputs import read_inputs
from kratom_evidence.reports.rendering import render
from kratom_evidence.reports.warm_process import warm_up

_LOOK_EVERY = 1.0  # seconds between two looks whether the worker still lives
_LONGEST_IDLE = 900.0  # seconds; whoever asked for reports may have been killed without telling the worker


class _Watch:
    """Ends this process when its worker is gone, or nothing was asked for a long time.

    By a timer and not by a thread: a process with threads cannot be forked safely.
    """

    def __init__(self) -> None:
        self._worker = os.getppid()
        self.idle_since: float | None = time.monotonic()
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, _LOOK_EVERY, _LOOK_EVERY)

    def _look(self, _signal: int, _frame: FrameType | None) -> None:
        idle = 0.0 if self.idle_since is None else time.monotonic() - self.idle_since
        if os.getppid() != self._worker or idle > _LONGEST_IDLE:
            sys.exit(1)


def main(folder: str, engine: str, inputs_hash: str) -> None:
    """Answer each line of standard input with one on standard output, until the input ends."""
    answers = _answers()
    signal.signal(signal.SIGTERM, _end)
    watch = _Watch()
    project = Project(root=Path(folder))
    if read_inputs(project).all != inputs_hash:
        sys.exit("Its files are not those that were sent. They were changed meanwhile: start the command again.")
    if engine == WARM and start_method() == FORK:
        warm_up(project.root)
    gc.collect()
    gc.freeze()
    for line in sys.stdin.buffer:
        watch.idle_since = None
        answers.write(_answer(line, project, engine).encode() + b"\n")
        answers.flush()
        watch.idle_since = time.monotonic()


def _answer(line: bytes, project: Project, engine: str) -> str:
    with tempfile.TemporaryDirectory(dir=project.root, ignore_cleanup_errors=True) as scratch:
        job = job_of_line(line, project, Path(scratch) / "reports")
        return result_line(render(job, scratch=Path(scratch), engine=engine))


def _answers() -> BinaryIO:
    """Standard output for the answers alone: what else is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _end(_signal: int, _frame: FrameType | None) -> None:
    # Through all `with` blocks, so that the process of the report is ended too.
    sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
