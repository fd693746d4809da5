"""Running a command and measuring it: wall time, processor time, and the memory of all its processes together."""

import os
import platform
import resource
import statistics
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil  # type: ignore[import-untyped]

from kratom_evidence.reports.batch import default_workers

_MEASURE_EVERY = 0.5  # seconds
_LONGEST_TOLD = 2_000


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run. `cpu_seconds` are those of all its processes; `peak_mib` is None where it was not measured."""

    seconds: float
    cpu_seconds: float
    peak_mib: float | None = None


def machine() -> str:
    """What the figures depend on: processors, how busy they are with other things, and the Python."""
    load = f"{os.getloadavg()[0]:.1f}"
    return f"{default_workers()} processors, load {load} before the start, Python {platform.python_version()}"


def measured(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None, memory: bool = False
) -> Measurement:
    """Run a command to its end in a folder.

    Memory is the proportional set size, in which what processes share counts once; where the system does not tell it,
    the resident set size.

    Raises:
        SystemExit: the command failed; with what it said.
    """
    before = cpu_seconds()
    started = perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        peak = _Peak(process.pid) if memory else None
        told, _ = process.communicate()
        mib = peak.end() if peak is not None else None
    seconds = perf_counter() - started
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{told[-_LONGEST_TOLD:]}")
    return Measurement(seconds=seconds, cpu_seconds=cpu_seconds() - before, peak_mib=mib)


def spread(values: Sequence[float], unit: str = "s") -> str:
    """The least and the median of repeated measurements."""
    if len(values) == 1:
        return f"{values[0]:.2f} {unit}"
    return f"{min(values):.2f} {unit} (median {statistics.median(values):.2f} {unit} of {len(values)})"


class _Peak:
    """The most memory that a process and all that it started have used together."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(_MEASURE_EVERY):
            with suppress(psutil.Error):
                root = psutil.Process(self._process)
                self._most = max(self._most, sum(_memory(one) for one in (root, *root.children(recursive=True))))

    def end(self) -> float:
        """Stop measuring; the peak in MiB."""
        self._ended.set()
        self._thread.join()
        return self._most / 2**20


def _memory(process: psutil.Process) -> int:
    try:
        told = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(told, "pss", told.rss))


def cpu_seconds() -> float:
    """Of this process and all that it started and waited for, with those that they waited for."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
