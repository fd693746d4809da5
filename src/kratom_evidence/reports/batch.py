"""Rendering many reports at once, with a progress bar on a terminal."""

import os
from collections.abc import Callable, Iterator, Sequence

from tqdm import tqdm  # type: ignore[import-untyped]

from kratom_evidence.reports.cell_process import FORK, start_method
from kratom_evidence.reports.engines import WARM
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.rendering import RenderResult, render
from kratom_evidence.reports.warm_process import warm_up
from kratom_evidence.reports.workers import Workers


class _Bar(tqdm):  # type: ignore[misc]
    """A bar that starts no thread: processes are forked while it is shown."""

    monitor_interval = 0


def progress_bar(total: int, doing: str = "Rendering") -> tqdm:
    """A bar on a terminal, silence in a pipe. It shows the time left."""
    return _Bar(total=total, desc=doing, unit="report", disable=None, dynamic_ncols=True)


def default_workers() -> int:
    """As many workers as processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def render_all(
    jobs: Sequence[ReportJob],
    *,
    workers: int,
    engine: str = WARM,
    finished: Callable[[RenderResult], None] | None = None,
) -> tuple[RenderResult, ...]:
    """Render every job and return the results in the order of the jobs. A failing report stops no other.

    Args:
        jobs: their pages differ.
        workers: how many reports are rendered at once.
        engine: one of `ENGINES`.
        finished: called in this process with each result as it comes, in the order in which reports end.
    """
    done: dict[str, RenderResult] = {}
    with progress_bar(len(jobs)) as bar:
        # Beside the bar stands the page that was begun last.
        for result in _results(jobs, min(workers, len(jobs)), engine, lambda job: bar.set_postfix_str(job.page)):
            done[result.job.page] = result
            if finished is not None:
                finished(result)
            bar.update()
    return tuple(done[job.page] for job in jobs)


def _results(
    jobs: Sequence[ReportJob], workers: int, engine: str, begun: Callable[[ReportJob], None]
) -> Iterator[RenderResult]:
    if workers <= 1:
        for job in jobs:
            begun(job)
            yield render(job, engine=engine)
        return
    if engine == WARM and start_method() == FORK:
        warm_up(jobs[0].root)
    with Workers(workers, engine) as crew:
        yield from crew.results(jobs, begun)
