"""Tidy tables made from the columns of the codebook: pure functions from frames to frames."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kratom_evidence.codebook import CoExposure, Field, Table, Value

LEXICON_COLUMNS = [
    "drug_class",
    "atc_codes",
    "serotonergic",
    "mechanism",
    "blocks_5ht2a",
    "cyp_substrate",
    "cyp_inhibitor",
]


def typed_frame(table: Table, columns: Mapping[str, Sequence[Value]]) -> pd.DataFrame:
    """A frame with the dtypes of the codebook: str, Int64, Float64, and object for lists (tuples or None)."""
    return pd.DataFrame({field.name: _series(field, columns[field.name]) for field in table.fields})


def _series(field: Field, values: Sequence[Value]) -> "pd.Series[Any]":
    if field.list_kind is not None:
        return pd.Series(list(values), dtype=object, name=field.name)
    dtype = {"string": "str", "integer": "Int64", "number": "Float64"}[field.type]
    return pd.Series(list(values), dtype=dtype, name=field.name)


def listed_table(cases: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row per case and entry of a list column; cases with none or nothing stated have no row."""
    pairs = [(case_id, item) for case_id, items in cases[column].items() for item in items or ()]
    return pd.DataFrame(pairs, columns=["case_id", column])


def co_exposure_table(cases: pd.DataFrame, substances: pd.DataFrame) -> pd.DataFrame:
    """One row per case and co-exposure, joined with the lexicon."""
    records = [
        (case_id, item.substance, item.evidence, item.timing, item.dose_text)
        for case_id, items in cases["co_exposures"].items()
        for item in items or ()
        if isinstance(item, CoExposure)
    ]
    names = ["case_id", "substance", "evidence", "timing", "dose_text"]
    return pd.DataFrame(records, columns=names).join(substances[LEXICON_COLUMNS], on="substance")


def finding_table(cases: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """One row per case and stated finding, with state `present` or `absent`."""
    parts = [
        listed_table(cases, f"findings_{state}").rename(columns={f"findings_{state}": "finding"}).assign(state=state)
        for state in ("present", "absent")
    ]
    stated = pd.concat(parts, ignore_index=True).sort_values(["case_id", "state", "finding"], ignore_index=True)
    return stated.join(terms[["label", "domain", "hpo_id"]], on="finding")
