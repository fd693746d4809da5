"""Which sets occur together: the distinct combinations of drugs or classes, with the cases that have exactly each.

The frame behind an intersection plot (Lex A et al., UpSet, IEEE Trans Vis Comput Graph 2014, doi
10.1109/TVCG.2014.2346248).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.exposure import GRADE_RANK, AcceptedTiming, exposure_arrays, graded_exposures
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import UsageError
from kratom_evidence.nearest import nearest_name

GRADE_WORDS: Mapping[str, str] = {grade: grade for grade in GRADE_RANK} | {"none": "not serotonergic"}


def taken_at(dataset: Dataset, timing: AcceptedTiming) -> pd.DataFrame:
    """The graded co-exposures surely taken at an accepted time (see `appraisal.exposure`).

    Raises:
        UsageError: an unknown timing.
    """
    accepted = exposure_arrays(dataset).timing
    if timing not in accepted:
        nearest = nearest_name(str(timing), accepted)
        hint = f" Did you mean {nearest!r}?" if nearest else ""
        raise UsageError(f"timing must be one of {', '.join(accepted)}, not {timing!r}.{hint}")
    graded = graded_exposures(dataset)
    graded["accepted"] = accepted[timing] == Truth.YES
    return graded.loc[graded["accepted"]].drop(columns="accepted").reset_index(drop=True)


def combinations(graded: pd.DataFrame, key: str) -> pd.DataFrame:
    """One row per combination of values of `key` that a case has, and no others.

    Columns: members (tuple, sorted), size, cases, case_ids. Sorted by cases, then size, then members. A case stands
    in one row only, so `cases` adds up to the cases that have any.
    """
    ids: dict[tuple[str, ...], list[str]] = {}
    for case_id, members in sorted(grouped(graded, "case_id", key).items()):
        ids.setdefault(members, []).append(case_id)
    rows = [
        {"members": members, "size": len(members), "cases": len(cases), "case_ids": tuple(cases)}
        for members, cases in sorted(ids.items(), key=lambda entry: (-len(entry[1]), len(entry[0]), entry[0]))
    ]
    return pd.DataFrame(rows, columns=["members", "size", "cases", "case_ids"])


def grouped(frame: pd.DataFrame, by: str, values: str) -> Mapping[str, tuple[str, ...]]:
    """Value of `by` -> the distinct values of another column, sorted."""
    found: dict[str, set[str]] = {}
    for name, value in zip(frame[by], frame[values], strict=True):
        found.setdefault(name, set()).add(value)
    return {name: tuple(sorted(entries)) for name, entries in found.items()}


def set_sizes(table: pd.DataFrame) -> "pd.Series[int]":
    """Cases per member, the most frequent first, from a frame of `combinations`."""
    totals: dict[str, int] = {}
    for members, cases in zip(table["members"], table["cases"], strict=True):
        for member in members:
            totals[member] = totals.get(member, 0) + int(cases)
    order = sorted(totals, key=lambda member: (-totals[member], member))
    return pd.Series([totals[member] for member in order], index=pd.Index(order), dtype=np.int64, name="cases")


def split_by_grade(graded: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """The co-exposures with a column `graded_class`, so that a class with drugs of several grades is several sets.

    `labels`: class -> label. The grade is written behind the label where the class occurs in more than one.
    """
    grades = grouped(graded, "drug_class", "grade")
    names = [
        labels[name] if len(grades[name]) == 1 else f"{labels[name]} ({GRADE_WORDS[grade]})"
        for name, grade in zip(graded["drug_class"], graded["grade"], strict=True)
    ]
    return graded.assign(graded_class=pd.Series(names, index=graded.index, dtype="str"))


def grades_of(graded: pd.DataFrame, key: str) -> Mapping[str, str]:
    """Value of `key` -> its serotonergic grade.

    Raises:
        ValueError: a value has co-exposures of several grades.
    """
    found = grouped(graded, key, "grade")
    mixed = [name for name, grades in found.items() if len(grades) > 1]
    if mixed:
        raise ValueError(f"{key} mixes serotonergic grades in {', '.join(mixed)}; split it by grade first.")
    return {name: grades[0] for name, grades in found.items()}
