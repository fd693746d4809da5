"""One case judged by one set of criteria, with what made it so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from kratom_evidence.appraisal.criteria.rule import Criterion, Reading, System, answer, items_of
from kratom_evidence.appraisal.criteria.settling import Settling, settling
from kratom_evidence.appraisal.criteria.systems import CRITERIA
from kratom_evidence.appraisal.criteria.words import item_in_words, join_words, sets_in_words
from kratom_evidence.appraisal.three_valued import States, Truth

Status: TypeAlias = Literal["met", "not_met", "undetermined"]
STATUS: Mapping[Truth, Status] = {Truth.YES: "met", Truth.NO: "not_met", Truth.UNKNOWN: "undetermined"}


@dataclass(frozen=True, kw_only=True)
class CriterionResult:
    """The answer of one set of criteria for one case, from its signs alone (never from the exposure).

    Attributes:
        system, reading: which criteria, read how.
        status: met, not_met or undetermined.
        decided_by: in words, one entry for each arm that is met; or, when not met, for each arm what rules it out.
            Empty when undetermined.
        present_items, absent_items: names of the items, in the order of the criterion.
        stand_ins: for each item that is present by the lenient reading only, the findings that stand for it.
        met_only_by_leniency: met, but not without these stand-ins.
        present_counts, attainable_counts: signs known to be present, and signs that could be (present or unknown), by
            group of signs; a sign described by two items counts once.
        settled_by: the smallest sets of unknown items that would settle an undetermined case.
    """

    system: System
    reading: Reading
    status: Status
    decided_by: tuple[str, ...]
    present_items: tuple[str, ...]
    absent_items: tuple[str, ...]
    stand_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    met_only_by_leniency: bool = False
    present_counts: Mapping[str, int]
    attainable_counts: Mapping[str, int]
    settled_by: Settling


def judge(
    system: System,
    items: Mapping[str, Truth],
    *,
    reading: Reading = "strict",
    stand_ins: Mapping[str, tuple[str, ...]] | None = None,
) -> CriterionResult:
    """Judge one case by the states of a system's items; items that are left out are unknown.

    `reading` and `stand_ins` say how the items were read (see `findings`); they are reported, and do not change the
    items.

    Raises:
        ValueError: an item does not belong to the system.
    """
    criterion = CRITERIA[system]
    foreign = sorted(set(items) - set(criterion.items))
    if foreign:
        raise ValueError(f"{criterion.title} has no item {', '.join(foreign)}; it has {', '.join(criterion.items)}")
    truths = {item: Truth(items.get(item, Truth.UNKNOWN)) for item in criterion.items}
    replaced = {item: tuple(findings) for item, findings in (stand_ins or {}).items() if findings}
    truth = _truth(criterion, truths)
    without = {item: Truth.UNKNOWN if item in replaced else state for item, state in truths.items()}
    return CriterionResult(
        system=system,
        reading=reading,
        status=STATUS[truth],
        decided_by=_decided_by(criterion, truths, truth, replaced),
        present_items=_items(truths, Truth.YES),
        absent_items=_items(truths, Truth.NO),
        stand_ins=replaced,
        met_only_by_leniency=truth == Truth.YES and _truth(criterion, without) != Truth.YES,
        present_counts=_counts(criterion, truths, least=Truth.YES),
        attainable_counts=_counts(criterion, truths, least=Truth.UNKNOWN),
        settled_by=settling(criterion.rule, truths),
    )


def settling_in_words(result: CriterionResult) -> str:
    """What would settle an undetermined case: "met if present: …; not met if absent: …". Empty when settled."""
    return _settling_in_words(result.system, result.settled_by)


@lru_cache(maxsize=4096)
def _settling_in_words(system: System, settled_by: Settling) -> str:
    criterion = CRITERIA[system]
    parts = {
        "met if present": sets_in_words(settled_by.met_if_present, criterion),
        "not met if absent": sets_in_words(settled_by.not_met_if_absent, criterion),
    }
    return "; ".join(f"{title}: {words}" for title, words in parts.items() if words)


def describe(result: CriterionResult) -> str:
    """One paragraph: the answer, what decided it, what leniency added, and what would settle it."""
    sentences = [
        f"{CRITERIA[result.system].title} ({result.reading} reading, signs only): {result.status.replace('_', ' ')}."
    ]
    if result.decided_by:
        sentences.append(f"{'; '.join(result.decided_by)}.")
    if result.met_only_by_leniency:
        sentences.append("Met only because of the lenient reading.")
    elif result.stand_ins:
        added = join_words([item_in_words(item, findings) for item, findings in result.stand_ins.items()])
        sentences.append(f"Leniency adds {added}, which does not decide.")
    words = settling_in_words(result)
    if words:
        sentences.append(f"What would settle it: {words}.")
    return " ".join(sentences)


def _columns(truths: Mapping[str, Truth]) -> dict[str, States]:
    return {item: np.array(truth, dtype="int8") for item, truth in truths.items()}


def _truth(criterion: Criterion, truths: Mapping[str, Truth]) -> Truth:
    return Truth(int(answer(criterion.rule, _columns(truths))))


def _items(truths: Mapping[str, Truth], wanted: Truth) -> tuple[str, ...]:
    return tuple(item for item, truth in truths.items() if truth == wanted)


def _counts(criterion: Criterion, truths: Mapping[str, Truth], *, least: Truth) -> dict[str, int]:
    columns = _columns(truths)
    return {
        group: sum(int(answer(sign, columns)) >= least for sign in signs) for group, signs in criterion.counted.items()
    }


def _decided_by(
    criterion: Criterion, truths: Mapping[str, Truth], truth: Truth, replaced: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """What decided, arm by arm: the items that are present in the arms that are met, or absent in arms ruled out."""
    if truth == Truth.UNKNOWN:
        return ()
    columns = _columns(truths)
    decided = []
    for name, arm in criterion.arms.items():
        if int(answer(arm, columns)) == truth:
            items = [item for item in dict.fromkeys(items_of(arm)) if truths[item] == truth]
            words = [item_in_words(item, replaced.get(item, ())) for item in items]
            decided.append(f"{name}: {' + '.join(words)}" if truth == Truth.YES else f"{name}: no {join_words(words)}")
    return tuple(decided)
