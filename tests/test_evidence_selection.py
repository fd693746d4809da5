"""Some of the cases: what is judged of them is the same alone and taken from the table of all cases."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
import pytest

from kratom_evidence.appraisal import (
    appraised_states,
    criterion_results,
    implied_findings,
    item_states,
)
from kratom_evidence.appraisal.causality import causality_table, dips_items, dips_table, naranjo_items
from kratom_evidence.appraisal.causality.naranjo import naranjo_table
from kratom_evidence.appraisal.causality.objective import objective_evidence
from kratom_evidence.appraisal.confounding import explanation_classes, explanation_states, explanation_table
from kratom_evidence.appraisal.criteria.systems import CRITERIA
from kratom_evidence.appraisal.criteria.table import criteria_table, criterion_states
from kratom_evidence.appraisal.exposure import (
    graded_exposures,
    kratom_confirmed,
    serotonergic_exposure,
    serotonin_2a_blockers,
)
from kratom_evidence.appraisal.quality import completeness, murad_items
from kratom_evidence.computed_once import computed_by_case, forget, remember
from kratom_evidence.dataset import Dataset
from kratom_evidence.dataset.loading import read_dataset
from kratom_evidence.dataset.selection import some_cases
from kratom_evidence.evidence.completeness import completeness_grid
from kratom_evidence.project import Project

# Every nth case; a case alone takes a third of a second to judge by all of them.
STEP = 1 if os.environ.get("KRATOM_EVIDENCE_LONG") else 12
BY_CASE: Sequence[Callable[[Dataset], Any]] = (
    appraised_states,
    implied_findings,
    causality_table,
    completeness,
    criteria_table,
    criterion_states,
    dips_items,
    dips_table,
    explanation_classes,
    explanation_states,
    explanation_table,
    graded_exposures,
    kratom_confirmed,
    murad_items,
    naranjo_items,
    naranjo_table,
    objective_evidence,
    serotonergic_exposure,
    serotonin_2a_blockers,
)


@pytest.fixture(scope="module")
def apart(project_root: Any) -> Dataset:
    """The data, of which nothing is remembered."""
    return read_dataset(Project(root=project_root).data)


@pytest.fixture(scope="module")
def together(project_root: Any) -> Iterator[Dataset]:
    """The data again, with all that is computed from them kept."""
    dataset = read_dataset(Project(root=project_root).data)
    remember(dataset)
    yield dataset
    forget(dataset)


def groups(dataset: Dataset) -> list[list[str]]:
    """Single cases, and three at a time."""
    names = [str(name) for name in dataset.cases.index]
    return [[name] for name in names[::STEP]] + [names[start : start + 3] for start in range(0, len(names), 3 * STEP)]


def as_records(result: Any) -> Any:
    """The values; a column in which nothing is stated may have another type when it stands alone."""
    frame = result.to_frame() if isinstance(result, pd.Series) else result
    return frame.reset_index().astype(object).where(frame.reset_index().notna(), None).to_dict("records")


@pytest.mark.parametrize("judge", BY_CASE, ids=lambda judge: judge.__name__)
def test_a_case_is_judged_alone_as_among_all_others(
    judge: Callable[[Dataset], Any], apart: Dataset, together: Dataset
) -> None:
    for names in groups(apart):
        alone, taken = judge(some_cases(apart, names)), judge(some_cases(together, names))
        assert as_records(alone) == as_records(taken), names
    assert as_records(judge(apart)) == as_records(judge(together))


@pytest.mark.parametrize("system", CRITERIA)
def test_the_signs_and_the_detailed_answers_too(system: Any, apart: Dataset, together: Dataset) -> None:
    for names in groups(apart):
        for reading in ("strict", "lenient"):
            alone, taken = (some_cases(data, names) for data in (apart, together))
            assert item_states(alone, system, reading).equals(item_states(taken, system, reading))
            assert criterion_results(alone, system, reading) == criterion_results(taken, system, reading)


def test_what_is_stated_too(apart: Dataset, together: Dataset) -> None:
    for names in groups(apart):
        alone, taken = (completeness_grid(some_cases(data, names)) for data in (apart, together))
        assert alone.states.equals(taken.states) and alone.groups == taken.groups


def test_all_cases_are_judged_once_and_the_rows_are_taken_from_there(apart: Dataset, together: Dataset) -> None:
    asked = []

    @computed_by_case
    def numbered(dataset: Dataset) -> "pd.Series[int]":
        asked.append(len(dataset.cases))
        return pd.Series(range(len(dataset.cases)), index=dataset.cases.index)

    names = [str(name) for name in together.cases.index[[7, 3]]]
    assert numbered(some_cases(together, names)).tolist() == [7, 3]
    assert numbered(some_cases(together, names[:1])).tolist() == [7]
    assert asked == [len(together.cases)]
    assert numbered(some_cases(apart, names)).tolist() == [0, 1]
    assert asked == [len(together.cases), 2]
