"""Processes that render reports, each one report at a time. The death of one costs no report but its own."""

import gc
import multiprocessing
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from kratom_evidence.reports.cell_process import FORK, start_method
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.rendering import Failure, RenderResult, render

_DIED = "The process that rendered it died, most often because memory ran out. Try --jobs 1."
_LOOK_EVERY = 0.5  # seconds between two looks whether silent workers still live
_TIME_TO_END = 5.0


class Worker:
    """One process that renders reports. `job` is the one that it is busy with."""

    def __init__(self, engine: str, scratch: Path, others: "Sequence[Worker]", method: str) -> None:
        context: Any = multiprocessing.get_context(method)
        self.job: ReportJob | None = None
        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        # A forked process has copies of the other workers' ends too; open, they would outlive this process.
        inherited = (self.pipe, *(other.pipe for other in others)) if method == FORK else ()
        self._process = context.Process(target=_serve, args=(theirs, inherited, engine, scratch), name="reports")
        self._process.start()
        theirs.close()

    def begin(self, job: ReportJob) -> None:
        """Hand it a report to render; when it is already dead, `result` says so."""
        self.job = job
        with suppress(OSError):
            self.pipe.send(job)

    def result(self) -> RenderResult | None:
        """The result that it has ready; None when it has died instead."""
        job, self.job = self.job, None
        try:
            failure: Failure | None = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if job is None:
            raise ValueError("A worker without a job has no result.")
        return RenderResult(job=job, failure=failure)

    @property
    def is_alive(self) -> bool:
        return bool(self._process.is_alive())

    def tell_to_end(self, *, at_once: bool) -> None:
        """Tell the process to end after its report, or at once."""
        self.pipe.close()
        if at_once:
            self._process.terminate()

    def end(self) -> None:
        """Wait until the process that was told to end is gone."""
        self._process.join(_TIME_TO_END)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


class Workers:
    """Several workers. Use it in a `with` block: at its end all of them are gone."""

    def __init__(self, count: int, engine: str) -> None:
        self._count = count
        self._engine = engine
        self._crew: list[Worker] = []
        self._scratch = tempfile.TemporaryDirectory(prefix="kratom-evidence-", ignore_cleanup_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        at_once = kind is not None
        # All are told before the first is waited for.
        for worker in self._crew:
            worker.tell_to_end(at_once=at_once)
        for worker in self._crew:
            worker.end()
        self._scratch.cleanup()

    def results(self, jobs: Sequence[ReportJob], begun: Callable[[ReportJob], None]) -> Iterator[RenderResult]:
        """The results as they come; `begun` is called with each job that is handed out.

        A report whose worker died is rendered once more when all others are done, in a process of its own and with
        nothing beside it: it may have died because of another one, when memory ran out.
        """
        lost: list[ReportJob] = []
        for job, result in self._run(jobs, self._count, begun):
            if result is None:
                lost.append(job)
            else:
                yield result
        for last in lost:
            for job, result in self._run([last], 1, begun):
                yield result or RenderResult(job=job, failure=Failure(reason=_DIED))

    def _run(
        self, jobs: Sequence[ReportJob], count: int, begun: Callable[[ReportJob], None]
    ) -> Iterator[tuple[ReportJob, RenderResult | None]]:
        waiting = deque(jobs)
        while len(self._crew) < min(count, len(jobs)):
            self._hire()
        crew = self._crew[:count]
        while waiting or any(worker.job for worker in crew):
            for worker in crew:
                if waiting and worker.job is None:
                    begun(waiting[0])
                    worker.begin(waiting.popleft())
            for worker in _ready(crew):
                job = worker.job
                if job is None:
                    continue
                result = worker.result()
                yield job, result
                if result is None:
                    crew[crew.index(worker)] = self._replacement(worker)

    def _hire(self) -> Worker:
        worker = Worker(self._engine, Path(self._scratch.name), self._crew, start_method())
        self._crew.append(worker)
        return worker

    def _replacement(self, dead: Worker) -> Worker:
        self._crew.remove(dead)
        dead.tell_to_end(at_once=True)
        dead.end()
        return self._hire()


def _ready(crew: Sequence[Worker]) -> list[Worker]:
    """The busy workers that have a result, or have died: a dead one's pipe may be held open by what it started."""
    busy = {worker.pipe: worker for worker in crew if worker.job is not None}
    while True:
        dead = [worker for worker in busy.values() if not worker.is_alive]
        speaking: list[Any] = wait(list(busy), timeout=0 if dead else _LOOK_EVERY)
        if speaking:
            return [busy[pipe] for pipe in speaking]
        if dead:
            for worker in dead:
                worker.pipe.close()
            return dead


def _serve(pipe: Connection, inherited: Sequence[Connection], engine: str, scratch: Path) -> None:
    """Render the jobs that come through the pipe until it is closed. What a worker does."""
    # Ctrl-C is for the process that started this one, which then ends this one by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    for other in inherited:
        other.close()
    if start_method() == FORK:
        _make_shell_ready(scratch)
    # What is there from the start is not looked at for garbage again, which would copy its memory.
    gc.collect()
    gc.freeze()
    with suppress(EOFError, OSError):
        while True:
            job: ReportJob = pipe.recv()
            pipe.send(render(job, scratch=scratch, engine=engine).failure)


def _make_shell_ready(scratch: Path) -> None:
    """For the processes of all reports, which are forked from this one."""
    os.environ["IPYTHONDIR"] = str(scratch)
    from kratom_evidence.reports.cell_shell import ready_shell

    ready_shell()


def _end(_signal: int, _frame: FrameType | None) -> None:
    # Through all `with` blocks, so that the process of the report is ended too.
    sys.exit(1)
