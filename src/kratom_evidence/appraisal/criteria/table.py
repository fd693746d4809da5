"""All cases judged by all criteria, as tables: the answers as numbers, as words, and the signs counted."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.criteria.result import CriterionResult, judge, settling_in_words
from kratom_evidence.appraisal.criteria.rule import Reading, System, answer
from kratom_evidence.appraisal.criteria.systems import CRITERIA
from kratom_evidence.appraisal.findings import appraised_states, item_states, items_from_states, stand_ins
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import Dataset

# Radomski has one reading: it names restlessness and akathisia itself.
JUDGEMENTS: tuple[tuple[System, Reading], ...] = (
    ("hunter", "strict"),
    ("hunter", "lenient"),
    ("sternbach", "strict"),
    ("sternbach", "lenient"),
    ("radomski", "strict"),
)


@computed_by_case
def criterion_states(dataset: Dataset) -> pd.DataFrame:
    """Case x judgement (hunter_strict, …), int8: 1 met, -1 not met, 0 undetermined."""
    return states_from_findings(appraised_states(dataset), dataset.finding_terms)


def states_from_findings(states: pd.DataFrame, finding_terms: pd.DataFrame) -> pd.DataFrame:
    """As `criterion_states`, from a grid of finding states: for grids that a sensitivity analysis has changed."""
    judged = {
        f"{system}_{reading}": CRITERIA[system].states(
            items_from_states(states, finding_terms, system, reading).to_numpy()
        )
        for system, reading in JUDGEMENTS
    }
    return pd.DataFrame(judged, index=states.index)


@computed_by_case
def criterion_results(dataset: Dataset, system: System, reading: Reading) -> dict[str, CriterionResult]:
    """The detailed answer for every case, by case_id. Cases with the same items and stand-ins share one answer."""
    items = item_states(dataset, system, reading)
    used: Sequence[tuple[tuple[str, ...], ...]] = [((),) * items.shape[1]] * len(items)
    if reading == "lenient":
        table = stand_ins(appraised_states(dataset), dataset.finding_terms, system)
        used = list(zip(*(table[item] for item in items.columns), strict=True))
    judged: dict[Hashable, CriterionResult] = {}
    results = {}
    for case_id, states, findings in zip(items.index, items.to_numpy().tolist(), used, strict=True):
        key = (*states, *findings)
        if key not in judged:
            truths = {item: Truth(state) for item, state in zip(items.columns, states, strict=True)}
            replacing = dict(zip(items.columns, findings, strict=True))
            judged[key] = judge(system, truths, reading=reading, stand_ins=replacing)
        results[str(case_id)] = judged[key]
    return results


@computed_by_case
def criteria_table(dataset: Dataset) -> pd.DataFrame:
    """Case x judgement in words, indexed by case_id.

    For each judgement (hunter_strict, hunter_lenient, sternbach_strict, sternbach_lenient, radomski_strict): its
    status `met`, `not_met` or `undetermined`; `<judgement>_decided_by`, the arms and items that decided, missing when
    undetermined; `<judgement>_to_settle`, what would settle it, missing when settled.
    """
    columns: dict[str, list[str | None]] = {}
    for system, reading in JUDGEMENTS:
        results = criterion_results(dataset, system, reading).values()
        name = f"{system}_{reading}"
        columns[name] = [result.status for result in results]
        columns[f"{name}_decided_by"] = ["; ".join(result.decided_by) or None for result in results]
        columns[f"{name}_to_settle"] = [settling_in_words(result) or None for result in results]
    return pd.DataFrame(columns, index=dataset.cases.index).astype("str")


def sign_counts(dataset: Dataset, reading: Reading = "strict") -> pd.DataFrame:
    """Case x count, int64: for each group of signs, those present and those attainable (present or not stated).

    Columns: hunter_signs_present, hunter_signs_attainable, the same for sternbach_signs, radomski_major and
    radomski_minor. Clonus of any kind is one Hunter sign; coma and impaired consciousness are one Radomski sign.
    """
    counts: dict[str, pd.Series[int]] = {}
    for system, criterion in CRITERIA.items():
        items = item_states(dataset, system, reading)
        columns = criterion.columns(items.to_numpy())
        for group, signs in criterion.counted.items():
            answers = np.stack([answer(sign, columns) for sign in signs])
            for name, least in (("present", Truth.YES), ("attainable", Truth.UNKNOWN)):
                counts[f"{system}_{group}_{name}"] = pd.Series((answers >= least).sum(axis=0), index=items.index)
    return pd.DataFrame(counts)


def signs_overlap(dataset: Dataset, reading: Reading = "strict") -> pd.DataFrame:
    """Case x system (hunter, sternbach, radomski), int64: how many of the system's signs are reported present.

    For finding the cases whose signs overlap with serotonin toxicity, whatever their authors called them. A low number
    is no evidence against it: most publications state few signs.
    """
    counts = sign_counts(dataset, reading)
    groups: Mapping[str, list[str]] = {
        system: [f"{system}_{group}_present" for group in criterion.counted] for system, criterion in CRITERIA.items()
    }
    return pd.DataFrame({system: counts[names].sum(axis=1) for system, names in groups.items()})
