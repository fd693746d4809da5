"""The dataset with only some of its cases."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from kratom_evidence.computed_once import computed_once, remember_part
from kratom_evidence.dataset.loading import Dataset


def some_cases(dataset: Dataset, case_ids: Sequence[str]) -> Dataset:
    """The dataset with these cases, in this order; vocabularies and publications stay as they are."""
    return _some_cases(dataset, tuple(case_ids))


@computed_once
def _some_cases(dataset: Dataset, case_ids: tuple[str, ...]) -> Dataset:
    chosen = replace(
        dataset,
        cases=dataset.cases.loc[list(case_ids)],
        co_exposures=_rows(dataset.co_exposures, case_ids),
        findings=_rows(dataset.findings, case_ids),
        confounders=_rows(dataset.confounders, case_ids),
        adjudication=_rows(dataset.adjudication, case_ids),
    )
    remember_part(chosen, whole=dataset, case_ids=case_ids)
    return chosen


def _rows(frame: pd.DataFrame, case_ids: Sequence[str]) -> pd.DataFrame:
    return frame[frame["case_id"].isin(case_ids)].reset_index(drop=True)
