"""Results of reports that were handed to a Dask cluster, as they come, and what is told of those that never come."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Self

from distributed import KilledWorker

from kratom_evidence.reports.cluster_jobs import job_line, received
from kratom_evidence.reports.cluster_worker import render_report
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.rendering import Failure, RenderResult

_LOOK_EVERY = 2.0  # seconds between two looks at a silent cluster
_WITHOUT_WORKERS = 60.0  # seconds for which the last worker may be gone
_RETRIES = 1  # of a report whose process died while its worker went on


class ClusterResults:
    """Hands the jobs to the cluster, and gives their results in the order in which they end."""

    # Only part of distributed has types: its clients and futures are Any here.
    def __init__(self, client: Any, jobs: Sequence[ReportJob], plugin: str, address: str) -> None:
        self._client = client
        self._address = address
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._last_seen = time.monotonic()
        lines = [job_line(job) for job in jobs]
        futures = client.map(render_report, lines, plugin=plugin, pure=False, retries=_RETRIES)
        self._waiting: dict[Any, tuple[ReportJob, Any]] = {
            future.key: (job, future) for job, future in zip(jobs, futures, strict=True)
        }
        for future in futures:
            future.add_done_callback(self._ended.put)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Cancel what is still asked for, as after Ctrl-C."""
        futures = [future for _, future in self._waiting.values()]
        # Whatever the reason is for which they cannot be cancelled: nobody waits for them any more.
        with suppress(Exception):
            self._client.cancel(futures)

    def __iter__(self) -> Iterator[RenderResult]:
        while self._waiting:
            try:
                ended = self._ended.get(timeout=_LOOK_EVERY)
            except Empty:
                lost = self._lost()
                if lost is not None:
                    yield from self._given_up(lost)
                continue
            job, future = self._waiting.pop(ended.key)
            yield self._result(job, future)

    def _result(self, job: ReportJob, future: Any) -> RenderResult:
        try:
            line: bytes = future.result()
        except KilledWorker as killed:
            reason = f"{killed.allowed_failures + 1} workers died while they rendered it, the last at "
            return _failed(job, f"{reason}{killed.last_worker.address}. See the logs of the workers.")
        except CancelledError:
            return _failed(job, self._lost() or "Somebody else cancelled it on the cluster.")
        except RuntimeError as error:
            return _failed(job, f"A worker could not render it: {error}")
        return received(job, line)

    def _lost(self) -> str | None:
        """Why no further result will come; None when one may."""
        if self._client.status != "running":
            return f"The connection to the scheduler at {self._address} was lost."
        if self._client.nthreads():
            self._last_seen = time.monotonic()
        elif time.monotonic() - self._last_seen > _WITHOUT_WORKERS:
            return f"The scheduler at {self._address} has no workers any more."
        return None

    def _given_up(self, reason: str) -> Iterator[RenderResult]:
        jobs = [job for job, _ in self._waiting.values()]
        self._waiting.clear()
        for job in jobs:
            yield _failed(job, f"{reason} Start the command again: what is made already is not made again.")


def _failed(job: ReportJob, reason: str) -> RenderResult:
    """The result of a report of which nothing came back. A page of an earlier run would pass for one of this run."""
    job.output.unlink(missing_ok=True)
    return RenderResult(job=job, failure=Failure(reason=reason))
