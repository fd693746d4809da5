"""Made-up evidence: cases whose properties have given states, context figures with given values, and a statement."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kratom_evidence.claims import Claim, Judgement, judge
from kratom_evidence.claims.ledger import PlannedTest
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from kratom_evidence.evidence.definitions import Definitions


def evidence_of(dataset: Dataset, **states: Sequence[int]) -> CaseEvidence:
    """Evidence of case0, case1, …, in which the named properties have the given states."""
    arrays = {name: np.array(values, dtype=np.int8) for name, values in states.items()}
    size = len(next(iter(arrays.values())))
    cases = dataset.cases.iloc[[0] * size].set_axis([f"case{number}" for number in range(size)])
    arrays.setdefault("all_cases", np.ones(size, dtype=np.int8))
    made_up = replace(dataset, cases=cases)
    return CaseEvidence(dataset=made_up, definitions=Definitions(), kept=np.ones(size, dtype=bool), given=arrays)


def with_studies(dataset: Dataset, figures: Mapping[str, tuple[float, str]], unit: str = "percent") -> CaseEvidence:
    """Evidence whose context figures have the given values and publications."""
    rows = dataset.studies.iloc[[0] * len(figures)].set_axis(list(figures)).copy()
    rows["value"] = [value for value, _ in figures.values()]
    rows["citekey"] = [citekey for _, citekey in figures.values()]
    rows["unit"] = unit
    return gather(replace(dataset, studies=rows))


def with_measurements(dataset: Dataset, *rows: Mapping[str, object]) -> CaseEvidence:
    """Evidence whose pharmacology is the given measurements; what a row does not name is an AUC ratio of 1."""
    base = {"target": "serotonin_level", "measure": "AUC_ratio", "value": 1.0, "citekey": "leon2021"}
    table = dataset.pharmacology.iloc[[0] * len(rows)].reset_index(drop=True).copy()
    for column in ("target", "assay", "effect", "measure", "value", "ci_low", "ci_high", "citekey"):
        stated = pd.Series([({**base, **row}).get(column) for row in rows], dtype=table[column].dtype)
        table[column] = stated
    return gather(replace(dataset, pharmacology=table))


def made_claim(*tests: PlannedTest, not_testable_because: str | None = None) -> Claim:
    """A statement with the given tests and nothing else that matters."""
    return Claim(
        id="C99", section="", statement="", kind="case_reports", tests=tests, limits=(), would_change="",
        not_testable_because=not_testable_because, could_be_tested_by=None, line=3,
    )  # fmt: skip


def judged_by(test: ClaimTest, evidence: CaseEvidence) -> Judgement:
    """The judgement on a statement whose only test is the given one, without a ceiling."""
    planned = PlannedTest(name="a test", test=test, reason="", decides=True, line=7)
    return judge(made_claim(planned), evidence)
