"""What runs inside a Dask worker. It is sent there as code, so it imports nothing but distributed and Python's own.

A worker needs no kratom-evidence: the package, the templates and the data are sent too, and reports are rendered in
processes of their own that the worker starts from them.
"""

import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

_TIME_TO_END = 5.0
_LONGEST_LOG = 10_000


class Host:
    """A process that renders reports from the unpacked files, one at a time, with everything loaded."""

    def __init__(self, folder: Path, number: int, engine: str, inputs_hash: str) -> None:
        self._log = folder / f"host-{number}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kratom_evidence.reports.cluster_host", str(folder), engine, inputs_hash],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(folder / "src")},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def ask(self, job: str) -> bytes:
        """The answer to a job.

        Raises:
            RuntimeError: the process ended instead; with the last that it said.
        """
        questions, answers = self._process.stdin, self._process.stdout
        if questions is None or answers is None:
            raise RuntimeError("The process has no pipes.")
        try:
            questions.write(job.encode() + b"\n")
            questions.flush()
            answer = answers.readline()
        except OSError:
            answer = b""
        if not answer.endswith(b"\n"):
            self.end()
            raise RuntimeError(self._last_words())
        return answer

    def _last_words(self) -> str:
        with self._log.open("rb") as log:
            log.seek(max(0, self._log.stat().st_size - _LONGEST_LOG))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "the process that rendered it died, most often because memory ran out"

    def end(self) -> None:
        """End the process, and with it the report that it renders."""
        self._process.terminate()
        try:
            self._process.wait(_TIME_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class RenderingPlugin(WorkerPlugin):
    """Holds the files on one worker, unpacked at the first report, and one `Host` for each thread that renders."""

    def __init__(self, name: str, bundle: bytes, engine: str, inputs_hash: str) -> None:
        self.name = name
        self._bundle = bundle
        self._engine = engine
        self._inputs_hash = inputs_hash

    def setup(self, worker: Worker) -> None:
        # Dask removes what a worker that was killed has left below its folder.
        self._folder = Path(worker.local_directory) / self.name
        self._hosts: list[Host] = []
        self._numbers = count(1)
        self._idle: LifoQueue[Host] = LifoQueue()
        self._lock = Lock()

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the signature is dask's
        with self._lock:
            for host in self._hosts:
                host.end()
            shutil.rmtree(self._folder, ignore_errors=True)

    def render(self, job: str) -> bytes:
        """The result of a job, both as lines of `cluster_jobs`.

        Raises:
            RuntimeError: the process that renders cannot be started or died.
        """
        host = self._host()
        try:
            answer = host.ask(job)
        except RuntimeError:
            with self._lock:
                self._hosts.remove(host)
            raise
        self._idle.put(host)
        return answer

    def _host(self) -> Host:
        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        with self._lock:
            if not self._folder.exists():
                self._unpack()
            host = Host(self._folder, next(self._numbers), self._engine, self._inputs_hash)
            self._hosts.append(host)
        return host

    def _unpack(self) -> None:
        part = self._folder.with_suffix(".part")
        with zipfile.ZipFile(io.BytesIO(self._bundle)) as archive:
            archive.extractall(part)
        part.rename(self._folder)


def render_report(job: str, plugin: str) -> bytes:
    """Render one report on the worker that this is called on, with the plugin of this name."""
    rendering: Any = get_worker().plugins[plugin]
    answer: bytes = rendering.render(job)
    return answer


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """Name -> version as installed on the worker, or "missing"."""
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found
