"""How time and memory grow with the number of cases: reading, validation, appraisal and verdicts.

Run in the project's folder: python -m benchmarks.scale [--sizes N …] [--steps STEP …]. Each step runs in a fresh
process: its seconds are those of the step alone, without imports and without what it works on (which is loaded
before); its memory is the peak of the whole process, with what it works on. "tenfold" is the factor in processor time,
which other programs on the machine disturb less than the time on the wall, for a tenfold number of cases: 10 is linear
growth.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.measuring import machine
from benchmarks.simulated_data import simulated_data
from kratom_evidence.appraisal import causality_table, criteria_table, dips_table, serotonergic_exposure
from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.curation import validate
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.project import find_project

SIZES = (1_000, 10_000, 100_000)
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: wall and processor time, and the most memory (resident set) that its process had."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


def _load(data: Path) -> Callable[[], object]:
    return lambda: load(data)


def _validate(data: Path) -> Callable[[], object]:
    def sound() -> None:
        report = validate(data)
        if report.faults or report.skipped:
            raise SystemExit(f"The simulated data are not sound: {report.faults[:1]} {report.skipped[:1]}")

    return sound


def _judged(judge: Callable[[Dataset], object]) -> Callable[[Path], Callable[[], object]]:
    def prepared(data: Path) -> Callable[[], object]:
        dataset = load(data)
        return lambda: judge(dataset)

    return prepared


def _verdicts(data: Path) -> Callable[[], object]:
    dataset, claims = load(data), read_claims(data)
    return lambda: judge_all(dataset, claims)


def timed(step: Callable[[], object]) -> Step:
    """The step in this process."""
    started, cpu_started = perf_counter(), process_time()
    step()
    seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    return Step(seconds=seconds, cpu_seconds=cpu_seconds, peak_mib=_peak_mib())


# What is given loads what the step works on, and gives the step.
STEPS: Mapping[str, Callable[[Path], Callable[[], object]]] = {
    "load": _load,
    "validate": _validate,
    "criteria": _judged(criteria_table),
    "exposure": _judged(serotonergic_exposure),
    "causality": _judged(causality_table),
    "interactions": _judged(dips_table),
    "verdicts": _verdicts,
}


def in_fresh_process(step: str, data: Path) -> Step:
    """The step on these data.

    Raises:
        SystemExit: it failed; with what it said.
    """
    command = [sys.executable, "-m", "benchmarks.scale", "--only", step, str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return Step(**json.loads(done.stdout))


def tenfold(before: tuple[int, float], now: tuple[int, float]) -> float:
    """From two (cases, seconds): the factor in time for a tenfold number of cases, if it goes on growing like that."""
    return float((now[1] / before[1]) ** (math.log(10) / math.log(now[0] / before[0])))


def _peak_mib() -> float:
    """The peak of this process. The system's own count would include the process that started it."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def run(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _options(arguments)
    if options.only:
        step, data = options.only
        print(json.dumps(asdict(timed(STEPS[step](Path(data))))))
        return 0
    print(machine())
    print(f"{'cases':>9}  {'step':<14}{'seconds':>9}{'processor':>11}{'µs a case':>12}{'tenfold':>9}{'peak MiB':>10}")
    before: dict[str, tuple[int, float]] = {}
    for cases in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            simulated_data(find_project().data, data, cases)
            for step in options.steps:
                found = in_fresh_process(step, data)
                growth = f"{tenfold(before[step], (cases, found.cpu_seconds)):.1f}" if step in before else ""
                times = f"{found.seconds:>9.2f}{found.cpu_seconds:>11.2f}{found.cpu_seconds / cases * 1e6:>12.0f}"
                print(f"{cases:>9,}  {step:<14}{times}{growth:>9}{found.peak_mib:>10.0f}", flush=True)
                before[step] = cases, found.cpu_seconds
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, metavar="N", help="cases, in rising order")
    parser.add_argument("--steps", nargs="*", choices=STEPS, default=list(STEPS), metavar="STEP", help=", ".join(STEPS))
    parser.add_argument(
        "--only", nargs=2, metavar=("STEP", "DATA"), help="one step in this process; its figures as JSON"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run())
