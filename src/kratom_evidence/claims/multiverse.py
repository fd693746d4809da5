"""Every statement under every defensible combination of definitions, and which choice moves its verdict most.

A multiverse analysis, to be drawn as a specification curve. Computed on arrays: each property of the cases is found
once for each choice that matters to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from kratom_evidence.appraisal.three_valued import States, Truth
from kratom_evidence.claims.judging import Judgement, planned_verdict
from kratom_evidence.claims.ledger import Claim, PlannedTest
from kratom_evidence.claims.parameters import PROPERTY_PARAMETERS
from kratom_evidence.claims.verdict import ORDER, EvidenceKind, Verdict
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import Cache, CaseEvidence, gather
from kratom_evidence.evidence.definitions import OPTIONS, Definitions

UNKNOWNS: Mapping[str, str] = {
    "as_is": "cases that do not say stay unknown",
    "best_case": "cases that do not say are taken the way that favours the statement most",
    "worst_case": "cases that do not say are taken the way that favours it least",
}
CHOICES: Mapping[str, Mapping[str, str]] = {**OPTIONS, "unknowns": UNKNOWNS}


@dataclass(frozen=True, kw_only=True)
class Multiverse:
    """The verdicts on one statement under all combinations of choices.

    Attributes:
        specifications: one row per combination, in the order of the choices; columns: each choice, `verdict` (its
            value) and `primary` (whether it is the primary analysis).
        share_holding: share of the combinations with the verdict of the primary analysis.
        moved_by: choice -> share of the combinations in which changing only this choice, from the primary option to
            another, changes the verdict; in falling order.
    """

    claim: Claim
    verdict: Verdict
    specifications: pd.DataFrame
    share_holding: float
    moved_by: Mapping[str, float]

    @property
    def holding(self) -> int:
        """The number of combinations with the verdict of the primary analysis."""
        return int((self.specifications["verdict"] == self.verdict.value).sum())

    @property
    def most_moving(self) -> str | None:
        """The choice that moves the verdict most; None when none moves it."""
        choice, share = next(iter(self.moved_by.items()))
        return choice if share > 0 else None


def combinations() -> tuple[Definitions, ...]:
    """Every combination of the definitions (without the choice about unknowns)."""
    return tuple(
        Definitions(**dict(zip(OPTIONS, chosen, strict=True)))
        for chosen in product(*(options.keys() for options in OPTIONS.values()))
    )


def multiverses(dataset: Dataset, judgements: Sequence[Judgement]) -> tuple[Multiverse, ...]:
    """The multiverse of every testable statement; the judgements must be those of the primary analysis."""
    cache: Cache = {}
    evidences = tuple(gather(dataset, definitions, cache) for definitions in combinations())
    return tuple(multiverse(judgement, evidences) for judgement in judgements if judgement.deciding)


def multiverse(judgement: Judgement, evidences: Sequence[CaseEvidence]) -> Multiverse:
    """The multiverse of one testable statement over the evidence of every combination."""
    deciding = judgement.deciding
    if deciding is None:
        raise ValueError(f"{judgement.claim.id} is not testable, so it has no multiverse")
    planned = deciding.planned
    if planned.test.evidence_kind is EvidenceKind.CONTEXT:
        # Context studies do not depend on how cases are defined: one evaluation stands for all.
        verdicts = [dict.fromkeys(UNKNOWNS, judgement.verdict)] * len(evidences)
    else:
        verdicts = _verdicts(planned, evidences)
    rows = [
        {
            **{name: getattr(evidence.definitions, name) for name in OPTIONS},
            "unknowns": unknowns,
            "verdict": str(verdict),
        }
        for evidence, found in zip(evidences, verdicts, strict=True)
        for unknowns, verdict in found.items()
    ]
    frame = pd.DataFrame(rows)
    primary = Definitions()
    frame["primary"] = (frame["unknowns"] == "as_is") & np.logical_and.reduce(
        [frame[name] == getattr(primary, name) for name in OPTIONS]
    )
    return Multiverse(
        claim=judgement.claim,
        verdict=judgement.verdict,
        specifications=frame,
        share_holding=float((frame["verdict"] == judgement.verdict.value).mean()),
        moved_by=_moved_by(frame),
    )


def _verdicts(planned: PlannedTest, evidences: Sequence[CaseEvidence]) -> list[dict[str, Verdict]]:
    """The verdicts over each evidence. Definitions that come to the same cases and the same states are judged once."""
    judged: dict[tuple[bytes, ...], dict[str, Verdict]] = {}
    verdicts = []
    for evidence in evidences:
        states = (evidence.states(name).tobytes() for name in _properties(planned))
        same = (evidence.kept.tobytes(), *states)
        if same not in judged:
            judged[same] = verdicts_over_unknowns(planned, evidence)
        verdicts.append(judged[same])
    return verdicts


def _properties(planned: PlannedTest) -> list[str]:
    """The properties that a test looks at, each once: all that it takes from the evidence beside the cases let in."""
    names = (getattr(planned.test, name) for name in sorted(PROPERTY_PARAMETERS) if hasattr(planned.test, name))
    return list(dict.fromkeys(names))


def verdicts_over_unknowns(planned: PlannedTest, evidence: CaseEvidence) -> dict[str, Verdict]:
    """The verdicts of a test as is, and when silent cases speak for or against the statement.

    The extremes are looked for among all ways of taking the silent cases of each property together as yes or as no.
    Best case >= as is >= worst case, because the verdict as is counts among the candidates.
    """
    as_is = planned_verdict(planned, evidence)
    silent = [name for name in _properties(planned) if (evidence.states(name) == Truth.UNKNOWN).any()]
    candidates = [as_is]
    for filling in product((Truth.YES, Truth.NO), repeat=len(silent)):
        if not filling:
            continue
        given = {name: _filled(evidence.states(name), truth) for name, truth in zip(silent, filling, strict=True)}
        candidates.append(planned_verdict(planned, evidence.what_if(given)))
    ranked = sorted((verdict for verdict in candidates if verdict in ORDER), key=ORDER.index)
    if not ranked:
        return dict.fromkeys(UNKNOWNS, as_is)
    return {"as_is": as_is, "best_case": ranked[0], "worst_case": ranked[-1]}


def _filled(states: States, truth: Truth) -> States:
    return np.where(states == Truth.UNKNOWN, truth, states).astype(np.int8)


def _moved_by(frame: pd.DataFrame) -> Mapping[str, float]:
    """For each choice: how often a change of that choice alone, from the primary option, changes the verdict."""
    primary = {**{name: getattr(Definitions(), name) for name in OPTIONS}, "unknowns": "as_is"}
    verdicts = _by_choice(frame)
    shares: dict[str, float] = {}
    for axis, (name, options) in enumerate(CHOICES.items()):
        position = list(options).index(primary[name])
        alternatives = np.delete(verdicts, position, axis=axis)
        shares[name] = float((alternatives != verdicts.take([position], axis=axis)).mean())
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def _by_choice(frame: pd.DataFrame) -> npt.NDArray[np.int8]:
    """The verdicts as numbers, one axis for each choice, in the order of `CHOICES` and of its options."""
    numbers = {verdict.value: number for number, verdict in enumerate(Verdict)}
    grid = np.zeros([len(options) for options in CHOICES.values()], dtype=np.int8)
    places = (
        frame[name].map({option: place for place, option in enumerate(options)}) for name, options in CHOICES.items()
    )
    grid[tuple(places)] = frame["verdict"].map(numbers)
    return grid
