"""The tables of the data set as they are exported, each column described.

Tables of the data, in the order of the export (those of the results are in `result_tables`):

    cases, co_exposures, findings, confounders, reporting, sources, context_sources, substances, finding_terms,
    confounder_terms, event_terms, studies, pharmacology, excluded, unread, first_extraction, second_extraction,
    adjudication

`findings` has a row for every case and every finding of the vocabulary, so that "not stated" is written out.
`reporting` says for every field of every case whether it is reported, reported as none, or not stated.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from kratom_evidence.codebook import Codebook, Field
from kratom_evidence.codebook.values import NONE_WORD, SEPARATOR
from kratom_evidence.dataset import Dataset, reporting_states
from kratom_evidence.exports.column_notes import described

Scalar = str | int | float | bool | None
FINDING_WORDS = {1: "present", -1: "absent", 0: "not_stated"}
# Attribute of the dataset -> its table of the codebook, for the tables that are exported as they stand.
_AS_THEY_STAND = {
    "substances": "substances",
    "finding_terms": "findings",
    "confounder_terms": "confounders",
    "event_terms": "events",
    "studies": "studies",
    "pharmacology": "pharmacology",
    "excluded": "excluded",
    "unread": "unread",
    "first_extraction": "first_extraction",
    "second_extraction": "second_extraction",
    "adjudication": "adjudication",
}


@dataclass(frozen=True, kw_only=True)
class ExportTable:
    """A table to export: `frame` has the columns of `fields`, in their order, and no index that means anything.

    `origin` is `data` for what was curated and `computed` for what the programs made of it.
    """

    name: str
    title: str
    description: str
    origin: Literal["data", "computed"]
    fields: tuple[Field, ...]
    frame: pd.DataFrame


def data_tables(dataset: Dataset) -> tuple[ExportTable, ...]:
    """The tables of the data set; see the module's docstring for their names."""
    cases = dataset.codebook.table("case_reports")
    return (
        ExportTable(
            name="cases",
            title=cases.title,
            description=cases.description,
            origin="data",
            fields=cases.fields,
            frame=dataset.cases.reset_index()[[field.name for field in cases.fields]],
        ),
        made_table(
            "co_exposures",
            "One row per case and substance taken besides kratom, with the lexicon's entry for it. A case without a "
            "row either has none or does not say: see co_exposures in cases, or reporting.",
            dataset.co_exposures,
            dataset.codebook,
            origin="data",
        ),
        made_table(
            "findings",
            "One row per case and finding of the vocabulary: present, absent or not_stated.",
            _finding_rows(dataset),
            dataset.codebook,
            origin="data",
        ),
        made_table(
            "confounders",
            "One row per case and recorded rival explanation.",
            dataset.confounders,
            dataset.codebook,
            origin="data",
        ),
        made_table(
            "reporting",
            "One row per case and field: reported, none (the publication says that there were none) or not_stated.",
            _reporting_rows(dataset),
            dataset.codebook,
        ),
        *(
            made_table(name, description, getattr(dataset, name).reset_index(), dataset.codebook, origin="data")
            for name, description in (
                ("sources", "The publications of the cases."),
                ("context_sources", "The publications of the context figures and measurements."),
            )
        ),
        *(_as_it_stands(dataset, name, table) for name, table in _AS_THEY_STAND.items()),
    )


def made_table(
    name: str,
    description: str,
    frame: pd.DataFrame,
    codebook: Codebook,
    *,
    origin: Literal["data", "computed"] = "computed",
) -> ExportTable:
    """A table that is not a file of the data package; its columns are described in `column_notes`."""
    return ExportTable(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description=description,
        origin=origin,
        fields=tuple(described(name, str(column), codebook) for column in frame.columns),
        frame=frame,
    )


def only_cases(
    tables: Iterable[ExportTable], case_ids: Collection[str], citekeys: Collection[str]
) -> tuple[ExportTable, ...]:
    """The tables with the rows of these cases, and `sources` with their publications; the others stay whole."""
    return tuple(replace(table, frame=table.frame[_about(table, case_ids, citekeys)]) for table in tables)


def _about(table: ExportTable, case_ids: Collection[str], citekeys: Collection[str]) -> "pd.Series[bool]":
    frame = table.frame
    if "case_id" in frame.columns:
        return frame["case_id"].isin(list(case_ids))
    if table.name == "sources":
        return frame["citekey"].isin(list(citekeys))
    return pd.Series(True, index=frame.index)


def rows(table: ExportTable) -> Iterable[Sequence[Scalar]]:
    """The rows as plain values: None for what is missing, lists as the text of their cell."""
    columns = [[_plain(value, field) for value in table.frame[field.name]] for field in table.fields]
    return zip(*columns, strict=True)


def _plain(value: Any, field: Field) -> Scalar:
    if isinstance(value, tuple):
        empty = NONE_WORD if field.list_kind == "three_state" else None
        return SEPARATOR.join(str(item) for item in value) if value else empty
    if value is None or pd.isna(value):
        return None
    if field.type == "string":
        return str(value)
    return int(value) if field.type == "integer" else float(value)


def _finding_rows(dataset: Dataset) -> pd.DataFrame:
    long = _long(dataset.finding_states, "finding")
    terms = dataset.finding_terms[["label", "domain", "hpo_id"]]
    return long.assign(state=long["state"].map(FINDING_WORDS)).join(terms, on="finding")


def _reporting_rows(dataset: Dataset) -> pd.DataFrame:
    return _long(reporting_states(dataset.cases, dataset.codebook), "field")


def _long(grid: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per case and column of the grid, case by case."""
    whole = grid.reset_index().melt(id_vars="case_id", var_name=name, value_name="state", ignore_index=False)
    return whole.sort_index(kind="stable").reset_index(drop=True)


def _as_it_stands(dataset: Dataset, name: str, table_name: str) -> ExportTable:
    table = dataset.codebook.table(table_name)
    frame: pd.DataFrame = getattr(dataset, name)
    frame = frame.reset_index() if len(table.primary_key) == 1 else frame
    return ExportTable(
        name=name,
        title=table.title,
        description=table.description,
        origin="data",
        fields=table.fields,
        frame=frame[[field.name for field in table.fields]],
    )
