"""Which cases there are: when, where and in whom they were published, what was read of them, and what happened.

Every table carries the case ids behind its numbers, and gives what is not stated a row of its own.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kratom_evidence.computed_once import computed_once
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import gather
from kratom_evidence.evidence.definitions import Definitions
from kratom_evidence.presentation import NOT_STATED, linked_text

YEAR_NOT_SEEN = "year not seen"
AGE_IN_WORDS = "in words only"
SS_LABELS = ("diagnosed", "suspected")
HEADINGS: Mapping[str, str] = {
    "case_ids": "Which cases",
    "source_access": "What was read",
    "ss_labelled": "Labelled serotonin syndrome",
    "ss_excluded": "Rejected by the authors",
    "ss_not_mentioned": "Not mentioned",
    "ss_assessment": "Serotonin syndrome (authors)",
}
# Lower limits in years: the newborn, minors, then the decades of adult life.
AGE_BANDS: Sequence[tuple[int, str]] = (
    (0, "under 1"),
    (1, "1–17"),
    (18, "18–29"),
    (30, "30–39"),
    (40, "40–49"),
    (50, "50–59"),
    (60, "60 and over"),
)


@dataclass(frozen=True, kw_only=True)
class CaseSetSize:
    """How large the case set is. `first_year` and `last_year` are None when no year was seen."""

    patients: int
    publications: int
    first_year: int | None
    last_year: int | None
    patients_without_year: int


@computed_once
def restrict(dataset: Dataset, source_access: str) -> Dataset:
    """The dataset with only the cases of which enough was read; all other tables stay as they are.

    Raises:
        UsageError: `source_access` is not an option of `Definitions`.
    """
    cases = gather(dataset, Definitions(source_access=source_access)).cases
    return replace(
        dataset,
        cases=cases,
        co_exposures=_rows_of(dataset.co_exposures, cases.index),
        findings=_rows_of(dataset.findings, cases.index),
        confounders=_rows_of(dataset.confounders, cases.index),
    )


def _rows_of(frame: pd.DataFrame, case_ids: "pd.Index[Any]") -> pd.DataFrame:
    return frame.loc[frame["case_id"].isin(case_ids)].reset_index(drop=True)


@computed_once
def is_ss_labelled(dataset: Dataset) -> "pd.Series[bool]":
    """Per case: do the authors diagnose or suspect serotonin syndrome? Silence is "not labelled", never "excluded"."""
    return dataset.cases["ss_assessment"].isin(SS_LABELS)


@computed_once
def publication_years(dataset: Dataset) -> "pd.Series[Any]":
    """Year of the publication per case (Int64; missing when it was not seen)."""
    return dataset.cases["citekey"].map(dataset.sources["year"]).astype("Int64").rename("year")


def case_set_size(dataset: Dataset) -> CaseSetSize:
    """Patients, publications and years."""
    years = publication_years(dataset)
    seen = years.dropna()
    return CaseSetSize(
        patients=len(dataset.cases),
        publications=dataset.cases["citekey"].nunique(),
        first_year=None if seen.empty else int(seen.min()),
        last_year=None if seen.empty else int(seen.max()),
        patients_without_year=int(years.isna().sum()),
    )


def cases_per_year(dataset: Dataset) -> pd.DataFrame:
    """One row per year from the first to the last, years without a case among them, then the unknown year.

    Index `year` (text). Columns: full_text, abstract, secondary (cases by what was read), cases, publications,
    case_ids.
    """
    years = publication_years(dataset)
    seen = years.dropna()
    order = [str(year) for year in range(int(seen.min()), int(seen.max()) + 1)] if len(seen) else []
    labels = years.astype("str").where(years.notna(), YEAR_NOT_SEEN).rename("year")
    counts = _crossed(dataset, labels, "source_access", [*order, YEAR_NOT_SEEN])
    publications = dataset.cases.groupby(labels)["citekey"].nunique()
    counts.insert(len(counts.columns) - 1, "publications", publications.reindex(counts.index).fillna(0).astype("int64"))
    return counts


def cases_by(dataset: Dataset, column: str) -> pd.DataFrame:
    """One row per value of a text column, the most frequent first, then the cases that do not state it.

    Index: the column's name, its values as the codebook's labels (up to a colon). Columns: cases, publications,
    case_ids.
    """
    labels = _labels(dataset, column)
    stated = labels[labels != NOT_STATED]
    counts = stated.value_counts()
    order = sorted(counts.index, key=lambda label: (-counts[label], label))
    groups = labels.groupby(labels).groups
    names = [*order, *([NOT_STATED] if len(stated) < len(labels) else [])]
    ids = [tuple(groups[name]) for name in names]
    return pd.DataFrame(
        {
            "cases": [len(entries) for entries in ids],
            "publications": [dataset.cases.loc[list(entries), "citekey"].nunique() for entries in ids],
            "case_ids": ids,
        },
        index=pd.Index(names, name=column),
    )


def age_by_sex(dataset: Dataset) -> pd.DataFrame:
    """One row per age band, then the ages given in words only and those not stated.

    Index `age` (text). Columns: male, female, not_stated (cases by sex), cases, case_ids.
    """
    labels = [
        _age_band(age, words) for age, words in zip(dataset.cases["age_years"], dataset.cases["age_text"], strict=True)
    ]
    order = [*(label for _, label in AGE_BANDS), AGE_IN_WORDS, NOT_STATED]
    return _crossed(dataset, pd.Series(labels, index=dataset.cases.index, name="age"), "sex", order)


def primary_events(dataset: Dataset) -> pd.DataFrame:
    """One row per primary event that occurs, the most frequent first.

    Index `primary_event` (label). Columns: ss_labelled (the authors diagnose or suspect serotonin syndrome),
    ss_excluded (they reject it), ss_not_mentioned, cases, case_ids.
    """
    events = dataset.cases["primary_event"].map(dataset.event_terms["label"]).rename("primary_event")
    counts = events.value_counts()
    order = sorted(counts.index, key=lambda label: (-counts[label], label))
    said = _crossed(dataset, events, "ss_assessment", order)
    return pd.DataFrame(
        {
            "ss_labelled": said[list(SS_LABELS)].sum(axis=1),
            "ss_excluded": said["excluded"],
            "ss_not_mentioned": said["not_mentioned"],
            "cases": said["cases"],
            "case_ids": said["case_ids"],
        }
    )


def case_list(dataset: Dataset) -> pd.DataFrame:
    """One row per case, to look up any case id: publication with its link, and the columns that are counted above.

    Index `case_id`. Columns: publication, year, source_access, country, age, sex, primary_event, ss_assessment.
    """
    cases = dataset.cases
    ages = [
        words if pd.isna(age) else int(age) for age, words in zip(cases["age_years"], cases["age_text"], strict=True)
    ]
    return pd.DataFrame(
        {
            "publication": references(dataset),
            "year": publication_years(dataset),
            "source_access": _labels(dataset, "source_access"),
            "country": cases["country"],
            "age": pd.Series(ages, index=cases.index, dtype=object),
            "sex": _labels(dataset, "sex"),
            "primary_event": cases["primary_event"].map(dataset.event_terms["label"]),
            "ss_assessment": cases["ss_assessment"].str.replace("_", " "),
        }
    )


@computed_once
def references(dataset: Dataset) -> "pd.Series[Any]":
    """Per case the short reference of its publication, a link where an address is known."""
    sources = dataset.sources.loc[dataset.cases["citekey"]]
    written = [linked_text(*pair) for pair in zip(sources["short_reference"], sources["link"], strict=True)]
    return pd.Series(written, index=dataset.cases.index, dtype=object, name="publication")


def _age_band(age: Any, words: object) -> str:
    if not pd.isna(age):
        return [label for least, label in AGE_BANDS if age >= least][-1]
    return AGE_IN_WORDS if isinstance(words, str) else NOT_STATED


def _labels(dataset: Dataset, column: str) -> "pd.Series[Any]":
    """The values of a text column as the codebook's labels, without their explanation after the colon."""
    labels = dataset.codebook.table("case_reports").field(column).labels
    return dataset.cases[column].map(
        lambda value: labels.get(value, value).partition(":")[0] if isinstance(value, str) else NOT_STATED
    )


def _crossed(dataset: Dataset, rows: "pd.Series[Any]", column: str, order: Iterable[Hashable]) -> pd.DataFrame:
    """Counts of `rows` against all categories of a column; a missing category counts as `not_stated`.

    Columns: the categories of the codebook, not_stated (only when the column may be empty), cases, case_ids.
    """
    field = dataset.codebook.table("case_reports").field(column)
    values = dataset.cases[column].fillna("not_stated")
    names = [*field.labels, *([] if field.required else ["not_stated"])]
    index = pd.Index(list(order), name=rows.name)
    counts = pd.crosstab(rows, values).reindex(index=index, columns=pd.Index(names), fill_value=0)
    ids = dataset.cases.index.to_series().groupby(rows.to_numpy()).agg(tuple)
    return counts.assign(
        cases=counts.sum(axis=1),
        case_ids=[ids.get(label, ()) for label in index],
    )
