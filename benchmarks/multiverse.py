"""How fast every statement is judged under every combination of definitions, and how that grows with the cases.

Run from anywhere inside a clone: python benchmarks/multiverse.py. The cases are simulated: real ones, drawn with
replacement, each draw a patient and a publication of its own. Nothing is read from them but the time it takes.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from kratom_evidence.claims import EvidenceKind, Judgement, judge_all, read_claims
from kratom_evidence.claims.multiverse import multiverses
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.project import find_project

SIZES = (120, 1_200, 12_000)
REPEATS = 3
SEED = 20261122


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The fastest of some runs. `specifications` counts the combinations of all statements, `seconds` is wall time."""

    cases: int
    specifications: int
    seconds: float


def resampled(dataset: Dataset, size: int, seed: int) -> Dataset:
    """A made-up dataset of `size` cases, drawn from the real ones with replacement, with all that belongs to each."""
    drawn = np.random.default_rng(seed).integers(len(dataset.cases), size=size)
    names = pd.Index([f"simulated{number}" for number in range(size)], name=dataset.cases.index.name)
    twins = pd.DataFrame({"case_id": dataset.cases.index[drawn], "simulated": names})

    def redrawn(table: pd.DataFrame) -> pd.DataFrame:
        """The rows of the drawn cases, once for each time that their case was drawn."""
        joined = twins.merge(table, on="case_id").assign(case_id=lambda rows: rows["simulated"])
        return joined[list(table.columns)]

    return replace(
        dataset,
        cases=dataset.cases.iloc[drawn].set_axis(names),
        co_exposures=redrawn(dataset.co_exposures),
        findings=redrawn(dataset.findings),
        confounders=redrawn(dataset.confounders),
    )


def measured(dataset: Dataset, judgements: Sequence[Judgement]) -> Measurement:
    """The time for the multiverse of the judgements, without any result of an earlier run."""
    seconds, specifications = [], 0
    for _ in range(REPEATS):
        started = time.perf_counter()
        worlds = multiverses(dataset, judgements)
        seconds.append(time.perf_counter() - started)
        specifications = sum(len(world.specifications) for world in worlds)
    return Measurement(cases=len(dataset.cases), specifications=specifications, seconds=min(seconds))


def by_cases(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The statements that case reports decide: one by context studies costs nothing more when cases are added."""
    return [judgement for judgement in judgements if judgement.decided_by is EvidenceKind.CASE_REPORTS]


def growth_ratio(before: Measurement, now: Measurement) -> float:
    """How much more time for how many more cases: 1 is linear growth, less is slower growth."""
    return (now.seconds / before.seconds) / (now.cases / before.cases)


def line(now: Measurement, before: Measurement | None) -> str:
    """One row of the printed table."""
    speed = now.specifications / now.seconds
    growth = "" if before is None else f"{growth_ratio(before, now):.2f}"
    return f"{now.cases:>9,}{now.specifications:>16,}{now.seconds:>10.2f}{speed:>20,.0f}{growth:>14}"


def run() -> int:
    """Measure and print; 1 when the time grew faster than the number of cases."""
    data = find_project().data
    dataset, claims = load(data), read_claims(data)
    multiverses(dataset, by_cases(judge_all(dataset, claims)))  # loads what is imported at first use
    print(f"{'cases':>9}{'specifications':>16}{'seconds':>10}{'specifications/s':>20}{'growth ratio':>14}")
    measurements: list[Measurement] = []
    for size in SIZES:
        made_up = resampled(dataset, size, SEED)
        found = measured(made_up, by_cases(judge_all(made_up, claims)))
        print(line(found, measurements[-1] if measurements else None), flush=True)
        measurements.append(found)
    too_fast = any(growth_ratio(before, now) > 1 for before, now in pairwise(measurements))
    print("The time grows", "FASTER than the number of cases." if too_fast else "no faster than the number of cases.")
    return int(too_fast)


if __name__ == "__main__":
    sys.exit(run())
