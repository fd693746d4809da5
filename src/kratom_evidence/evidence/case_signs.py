"""The signs of one case beside what each set of criteria asks for, and what the criteria make of them.

All functions take the dataset of one case, as `case_sheet.one_case` makes it.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from kratom_evidence.appraisal import (
    CRITERIA,
    JUDGEMENTS,
    CriterionResult,
    Reading,
    System,
    Truth,
    appraised_states,
    criterion_results,
    implied_findings,
    item_in_words,
    item_states,
    serving_findings,
    settling_in_words,
    stand_in_findings,
)
from kratom_evidence.appraisal.criteria.rule import items_of
from kratom_evidence.dataset import Dataset

STATE_WORDS: Mapping[int, str] = {Truth.YES: "present", Truth.NO: "absent", Truth.UNKNOWN: "not stated"}
STATUS_WORDS: Mapping[str, str] = {"met": "met", "not_met": "not met", "undetermined": "undetermined"}
READINGS: Sequence[Reading] = ("strict", "lenient")


def sign_table(case: Dataset) -> pd.DataFrame:
    """One row per set of criteria and sign that it asks for, in the order of the criteria.

    Columns: system, criteria (Hunter, Sternbach, Radomski major or minor), sign (in words), strict and lenient
    (present, absent or not stated), read_from (the recorded findings with their state, as a tuple; missing when nothing
    that was read bears on the sign). Radomski has one reading, so that both columns are equal.
    """
    stated = appraised_states(case)
    closed = implied_findings(case).iloc[0]
    rows = []
    for system, criterion in CRITERIA.items():
        readings: dict[Reading, pd.Series[int]] = {
            reading: item_states(case, system, reading).iloc[0] for reading in READINGS
        }
        strict, lenient = serving_findings(case.finding_terms, system), stand_in_findings(case.finding_terms, system)
        for item in criterion.items:
            bearing = [*strict[item], *lenient.get(item, ())]
            rows.append(
                {
                    "system": system,
                    "criteria": _title(system, item),
                    "sign": item_in_words(item),
                    "strict": STATE_WORDS[int(readings["strict"][item])],
                    "lenient": STATE_WORDS[int(readings["lenient"][item])],
                    "read_from": _read_from(case, bearing, stated.iloc[0], closed),
                }
            )
    return pd.DataFrame(rows)


def criteria_table(case: Dataset) -> pd.DataFrame:
    """One row per set of criteria and reading (signs only, never the exposure).

    Columns: criteria, reading, answer (met, not met, undetermined), decided_by (arms and signs; when undetermined, that
    nothing decides), signs_present and signs_attainable (numbers in words; attainable: present or not stated),
    would_settle (the smallest sets of signs in words; missing when settled).
    """
    rows = []
    for system, reading in JUDGEMENTS:
        (result,) = criterion_results(case, system, reading).values()
        rows.append(
            {
                "criteria": CRITERIA[system].title,
                "reading": reading if system != "radomski" else "only one",
                "answer": STATUS_WORDS[result.status],
                "decided_by": _decided_by(result),
                "signs_present": _counts(result.present_counts),
                "signs_attainable": _counts(result.attainable_counts),
                "would_settle": settling_in_words(result) or None,
            }
        )
    return pd.DataFrame(rows)


def _title(system: System, item: str) -> str:
    criterion = CRITERIA[system]
    if len(criterion.counted) == 1:
        return criterion.title
    weights = [group for group, signs in criterion.counted.items() for sign in signs if item in items_of(sign)]
    return f"{criterion.title}, {weights[0]}"


def _read_from(
    case: Dataset, bearing: Sequence[str], stated: "pd.Series[int]", closed: "pd.Series[int]"
) -> tuple[str, ...] | None:
    """The findings that speak to a sign: those stated, and those denied by a broader finding's absence."""
    words = []
    for finding in bearing:
        label = str(case.finding_terms.loc[finding, "label"])
        if stated[finding] != Truth.UNKNOWN:
            words.append(f"{label} ({STATE_WORDS[int(stated[finding])]})")
        elif closed[finding] == Truth.NO:
            words.append(f"{label} (absent, with the broader finding)")
    return tuple(words) or None


def _decided_by(result: CriterionResult) -> str:
    if not result.decided_by:
        return "nothing: signs that matter are not stated"
    words = "; ".join(result.decided_by)
    return f"{words}. Met only because of the lenient reading." if result.met_only_by_leniency else words


def _counts(counts: Mapping[str, int]) -> str:
    if len(counts) == 1:
        return str(next(iter(counts.values())))
    return ", ".join(f"{number} {group}" for group, number in counts.items())
