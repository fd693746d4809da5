"""Rendering many reports at once, one process a worker, with a progress bar on a terminal."""

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from pathlib import Path

from tqdm import tqdm  # type: ignore[import-untyped]

from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.rendering import Failure, RenderResult, render

_DIED = "The process that rendered it died, most often because memory ran out. Try --jobs 1."


def default_workers() -> int:
    """As many workers as processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def render_all(jobs: Sequence[ReportJob], *, workers: int) -> tuple[RenderResult, ...]:
    """Render every job and return the results in the order of the jobs. A failing report stops no other."""
    done: dict[str, RenderResult] = {}
    # disable=None: a bar on a terminal, silence in a pipe.
    with tqdm(total=len(jobs), desc="Rendering", unit="report", disable=None) as bar:
        for result in _results(jobs, min(workers, len(jobs))):
            done[result.job.page] = result
            bar.set_postfix_str(result.job.page)
            bar.update()
    return tuple(done[job.page] for job in jobs)


def _results(jobs: Sequence[ReportJob], workers: int) -> Iterator[RenderResult]:
    if workers <= 1:
        yield from map(render, jobs)
        return
    left = {job.page: job for job in jobs}
    for result in _pooled(jobs, workers):
        del left[result.job.page]
        yield result
    # A worker died and took the pool along. Each remaining job gets a pool of its own, so that only the guilty fail.
    for job in left.values():
        results = list(_pooled([job], 1))
        yield results[0] if results else RenderResult(job=job, failure=Failure(reason=_DIED))


def _pooled(jobs: Sequence[ReportJob], workers: int) -> Iterator[RenderResult]:
    """The results of the jobs as they come; those of a pool that broke are missing."""
    # Spawned, not forked: the parent runs threads (the progress bar's, the kernel client's).
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="kratom-evidence-", ignore_cleanup_errors=True) as scratch,
        ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool,
    ):
        try:
            with _interrupts_ignored():
                futures = [pool.submit(render, job, scratch=Path(scratch)) for job in jobs]
            for future in as_completed(futures):
                with suppress(BrokenProcessPool):
                    yield future.result()
        except BaseException:
            # Interrupted: nobody waits for reports that are still running.
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Workers started here leave Ctrl-C to their parent, instead of each printing a traceback."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
