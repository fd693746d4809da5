"""Which other explanations than kratom a publication leaves open, and which cases have none.

Each explanation is present, absent or not stated. It is derived from the data where they allow it, and taken from the
curated column `confounders` otherwise; both are kept apart. "Present" means that the circumstance was there, not that
it suffices to explain the event: that judgement is not in the data.

Rules, chosen before counting:

* A publication that lists conditions or rival explanations has not thereby excluded the others: only the word `none`,
  or a finding reported absent, makes an explanation absent. Co-exposures are the exception that `exposure` describes.
* A co-exposure of the lexicon's classes `other` and `supplement` may or may not explain an event (omeprazole, kava):
  on its own it leaves the explanation "other co-exposure" not stated; the curated column can make it present.
* A drug of a class with a withdrawal syndrome in this data set (`WITHDRAWAL_CLASSES`) that was recently stopped, or an
  opioid antagonist on board, makes withdrawal of another drug present.
* Conditions are read by keywords (`PSYCHIATRIC`, `BRAIN_DISEASE`, `ORGAN_DISEASE`); a missed condition leaves the
  explanation not stated, never absent.
* Signs of the event itself (a seizure, a brain lesion after an arrest) are not taken for an earlier disease.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.explanations import (
    BRAIN_DISEASE,
    CATCH_ALL,
    EXPLANATIONS,
    INFECTION_FINDINGS,
    OPIOID_ANTAGONISTS,
    ORGAN_DISEASE,
    PSYCHIATRIC,
    UNSPECIFIC_CLASSES,
    WITHDRAWAL_CLASSES,
    WITHDRAWAL_CONDITION,
    WITHDRAWAL_EVENTS,
    Explanation,
    ExplanationClass,
)
from kratom_evidence.appraisal.exposure import (
    exposure_arrays,
    graded_exposures,
    kratom_confirmed,
    qualifying,
)
from kratom_evidence.appraisal.three_valued import Truth, conjunction, disjunction, negation
from kratom_evidence.appraisal.timing import TimingClass
from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import Dataset

# What the readers look at.
_CASE_COLUMNS = ["co_exposures", "confounders", "conditions", "kratom_pattern", "primary_event"]
_EXPOSURE_COLUMNS = [
    "case_id", "substance", "drug_class", "evidence", "timing_class", "cyp2d6_substrate", "cyp3a_substrate",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one field says about an explanation; `detail` names what makes it present or leaves it open."""

    state: Truth
    field: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What the readers look at. `co_exposures` holds one mapping per co-exposure, with three-valued entries."""

    row: Mapping[str, Any]
    co_exposures: tuple[Mapping[str, Any], ...]
    present: frozenset[str]
    absent: frozenset[str]
    confirmed: Truth


@computed_by_case
def explanation_table(dataset: Dataset) -> pd.DataFrame:
    """One row per case x explanation.

    Columns: case_id, explanation, label, state (`present`, `absent`, `not stated`), provenance (`derived` from other
    columns, or `curated`: the column `confounders` alone gave the answer), from_fields (the columns that gave the
    answer, or that were looked at in vain; "; " between them), detail (what makes it present or leaves it open).
    """
    curated_as = _explanation_of_terms(dataset)
    records = []
    for case_id, case in _cases(dataset):
        for explanation in EXPLANATIONS:
            readings = [reader(case) for reader in _READERS.get(explanation.name, ())]
            readings.append(_curated(case, explanation, curated_as))
            records.append((case_id, explanation.name, explanation.label, *_settled(readings)))
    names = ["case_id", "explanation", "label", "state", "provenance", "from_fields", "detail"]
    return pd.DataFrame(records, columns=names)


@computed_by_case
def explanation_states(dataset: Dataset) -> pd.DataFrame:
    """Case x explanation: 1 present, -1 absent, 0 not stated (int8); columns in the order of `EXPLANATIONS`."""
    return states_of_table(explanation_table(dataset), dataset)


def states_of_table(table: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """The grid of `explanation_states` from a table that was already made."""
    coded = table.assign(state=table["state"].map({"present": 1, "absent": -1, "not stated": 0}).astype("int8"))
    grid = coded.pivot_table(index="case_id", columns="explanation", values="state", aggfunc="max", sort=False)
    return grid.reindex(index=dataset.cases.index, columns=[e.name for e in EXPLANATIONS]).astype("int8")


@computed_by_case
def explanation_classes(dataset: Dataset, *, kratom_withdrawal_counts: bool = False) -> pd.DataFrame:
    """Per case (index case_id), whether anything else than kratom could be behind the event.

    Columns: explanation_class (`ExplanationClass`); int8 confirmed (mitragynine in a body fluid), alternative (any
    alternative explanation) and kratom_alone (confirmed and no alternative); present and not_stated (tuples of the
    alternatives' names). Withdrawal of kratom is an effect of its use, so it counts as an alternative only on request:
    for the question whether signs are serotonin toxicity it does.
    """
    states = explanation_states(dataset)
    chosen = [
        e.name for e in EXPLANATIONS if e.alternative or (kratom_withdrawal_counts and e.name == "kratom_withdrawal")
    ]
    columns = [states[name].to_numpy(dtype=np.int8) for name in chosen]
    confirmed = kratom_confirmed(dataset).to_numpy(dtype=np.int8)
    alternative = disjunction(columns)
    alone = conjunction([confirmed, negation(alternative)])
    classes = np.where(
        alternative == Truth.YES,
        ExplanationClass.ANOTHER.value,
        np.where(alone == Truth.YES, ExplanationClass.KRATOM_ALONE.value, ExplanationClass.CANNOT_TELL.value),
    )
    grid = states[chosen].to_numpy()
    index = states.index
    return pd.DataFrame(
        {
            "explanation_class": pd.Series(classes, index=index, dtype="str"),
            "confirmed": pd.Series(confirmed, index=index),
            "alternative": pd.Series(alternative, index=index),
            "kratom_alone": pd.Series(alone, index=index),
            "present": pd.Series(_names_where(grid == Truth.YES, chosen), index=index, dtype=object),
            "not_stated": pd.Series(_names_where(grid == Truth.UNKNOWN, chosen), index=index, dtype=object),
        }
    )


def _names_where(mask: "np.typing.NDArray[np.bool_]", names: list[str]) -> list[tuple[str, ...]]:
    return [tuple(name for name, chosen in zip(names, row, strict=True) if chosen) for row in mask]


def _explanation_of_terms(dataset: Dataset) -> Mapping[str, str]:
    """Confounder term -> explanation; a term that no explanation names goes to the catch-all."""
    known = {term: explanation.name for explanation in EXPLANATIONS for term in explanation.terms}
    return {str(term): known.get(str(term), CATCH_ALL) for term in dataset.confounder_terms.index}


def _cases(dataset: Dataset) -> Iterable[tuple[str, _Case]]:
    arrays = exposure_arrays(dataset)
    graded = graded_exposures(dataset)[_EXPOSURE_COLUMNS].assign(
        serotonergic=qualifying(arrays), accepted=arrays.timing["concurrent"]
    )
    exposures: dict[str, list[dict[str, Any]]] = {}
    for record in graded.to_dict("records"):
        exposures.setdefault(str(record["case_id"]), []).append({str(k): v for k, v in record.items()})
    found: dict[str, dict[str, set[str]]] = {"present": {}, "absent": {}}
    for name, finding, state in zip(*(dataset.findings[name] for name in ("case_id", "finding", "state")), strict=True):
        found[state].setdefault(name, set()).add(finding)
    confirmed = kratom_confirmed(dataset).to_dict()
    for case_id, row in zip(dataset.cases.index, dataset.cases[_CASE_COLUMNS].to_dict("records"), strict=True):
        yield (
            str(case_id),
            _Case(
                row={str(name): value for name, value in row.items()},
                co_exposures=tuple(exposures.get(str(case_id), ())),
                present=frozenset(found["present"].get(str(case_id), ())),
                absent=frozenset(found["absent"].get(str(case_id), ())),
                confirmed=Truth(confirmed[case_id]),
            ),
        )


def _settled(readings: list[Reading]) -> tuple[str, str, str, str]:
    """State, provenance, fields and detail. A named but doubtful circumstance outweighs a general "none"."""
    for state, word in ((Truth.YES, "present"), (Truth.UNKNOWN, "not stated"), (Truth.NO, "absent")):
        deciding = [r for r in readings if r.state is state and (r.detail or state is Truth.NO)]
        if deciding:
            return word, *_source(deciding)
    return "not stated", *_source(readings)


def _source(readings: list[Reading]) -> tuple[str, str, str]:
    fields = list(dict.fromkeys(reading.field for reading in readings))
    provenance = "curated" if fields == ["confounders"] else "derived"
    return provenance, "; ".join(fields), "; ".join(dict.fromkeys(r.detail for r in readings if r.detail))


def _curated(case: _Case, explanation: Explanation, curated_as: Mapping[str, str]) -> Reading:
    terms = case.row["confounders"]
    if not isinstance(terms, tuple):
        return Reading(state=Truth.UNKNOWN, field="confounders")
    named = [term for term in terms if curated_as[term] == explanation.name]
    if named:
        return Reading(state=Truth.YES, field="confounders", detail="; ".join(named))
    silent = bool(terms) or explanation.own_column
    return Reading(state=Truth.UNKNOWN if silent else Truth.NO, field="confounders")


def _from_co_exposures(judge: Callable[[Mapping[str, Any]], int]) -> Callable[[_Case], Reading]:
    """A reader that asks `judge` (three-valued) about each co-exposure and takes the strongest answer."""

    def read(case: _Case) -> Reading:
        listed = case.row["co_exposures"]
        if not isinstance(listed, tuple):
            return Reading(state=Truth.UNKNOWN, field="co_exposures")
        answers = [(Truth(judge(item)), str(item["substance"])) for item in case.co_exposures]
        state = max((answer for answer, _ in answers), default=Truth.NO)
        names = [] if state is Truth.NO else [name for answer, name in answers if answer is state]
        return Reading(state=state, field="co_exposures", detail="; ".join(sorted(set(names))))

    return read


def _other_co_exposure(item: Mapping[str, Any]) -> int:
    if item["serotonergic"] == Truth.YES:
        return Truth.NO
    explains = Truth.UNKNOWN if item["drug_class"] in UNSPECIFIC_CLASSES else Truth.YES
    return min(explains, int(item["accepted"]))


def _withdrawal(item: Mapping[str, Any]) -> int:
    stopped = item["drug_class"] in WITHDRAWAL_CLASSES and item["timing_class"] == TimingClass.RECENTLY_STOPPED
    antagonist = item["substance"] in OPIOID_ANTAGONISTS and item["accepted"] == Truth.YES
    return Truth.YES if stopped or antagonist else Truth.NO


def _raised_level(item: Mapping[str, Any]) -> int:
    return min(max(int(item["cyp2d6_substrate"]), int(item["cyp3a_substrate"])), int(item["accepted"]))


def _withdrawal_of_another_drug(case: _Case) -> Reading:
    """Yes when a co-exposure shows it; a co-exposure list without one does not exclude it."""
    reading = _from_co_exposures(_withdrawal)(case)
    if reading.state is Truth.YES:
        return reading
    return Reading(state=Truth.UNKNOWN, field="co_exposures")


def _kratom_withdrawal(case: _Case) -> Reading:
    pattern, event = case.row["kratom_pattern"], case.row["primary_event"]
    if event in WITHDRAWAL_EVENTS:
        return Reading(state=Truth.YES, field="primary_event", detail=str(event))
    if not isinstance(pattern, str):
        return Reading(state=Truth.UNKNOWN, field="kratom_pattern")
    stopped = pattern == "withdrawal"
    return Reading(state=Truth.YES if stopped else Truth.NO, field="kratom_pattern", detail=pattern if stopped else "")


def _adulterated(case: _Case) -> Reading:
    found = sorted(str(item["substance"]) for item in case.co_exposures if item["evidence"] == "adulterant")
    return Reading(state=Truth.YES if found else Truth.UNKNOWN, field="co_exposures", detail="; ".join(found))


def _infection(case: _Case) -> Reading:
    found = sorted(INFECTION_FINDINGS & case.present)
    if found:
        return Reading(state=Truth.YES, field="findings_present", detail="; ".join(found))
    excluded = "infection" in case.absent
    return Reading(state=Truth.NO if excluded else Truth.UNKNOWN, field="findings_absent")


def _condition(pattern: re.Pattern[str], *, none_excludes: bool = True) -> Callable[[_Case], Reading]:
    def read(case: _Case) -> Reading:
        conditions = case.row["conditions"]
        if not isinstance(conditions, tuple):
            return Reading(state=Truth.UNKNOWN, field="conditions")
        found = [condition for condition in conditions if pattern.search(condition)]
        if found:
            return Reading(state=Truth.YES, field="conditions", detail="; ".join(found))
        excluded = none_excludes and not conditions
        return Reading(state=Truth.NO if excluded else Truth.UNKNOWN, field="conditions")

    return read


def _unconfirmed(case: _Case) -> Reading:
    detail = "sought and not found" if case.confirmed is Truth.NO else ""
    return Reading(state=Truth(-case.confirmed), field="mitragynine_detected_in", detail=detail)


_READERS: Mapping[str, tuple[Callable[[_Case], Reading], ...]] = {
    "serotonergic_co_exposure": (_from_co_exposures(lambda item: int(item["serotonergic"])),),
    "other_co_exposure": (_from_co_exposures(_other_co_exposure),),
    "withdrawal_of_another_drug": (
        _withdrawal_of_another_drug,
        _condition(WITHDRAWAL_CONDITION, none_excludes=False),
    ),
    "kratom_withdrawal": (_kratom_withdrawal,),
    "adulterated_product": (_adulterated,),
    "infection": (_infection,),
    "seizure_or_brain_disease": (_condition(BRAIN_DISEASE),),
    "psychiatric_illness": (_condition(PSYCHIATRIC),),
    "organ_disease": (_condition(ORGAN_DISEASE),),
    "raised_co_drug_level": (_from_co_exposures(_raised_level),),
    "no_toxicological_confirmation": (_unconfirmed,),
}
