"""What a publication says at all: reported, reported as none, or not stated."""

from enum import StrEnum

import numpy as np
import pandas as pd

from kratom_evidence.codebook import Codebook


class ReportingState(StrEnum):
    """State of a field in a case."""

    REPORTED = "reported"
    NONE = "none"
    NOT_STATED = "not_stated"


REPORTED = (ReportingState.REPORTED, ReportingState.NONE)
# Fields about the record itself, not about what the publication reports.
RECORD_FIELDS = frozenset({"case_id", "citekey", "source_access", "also_reported_in", "notes", "age_text"})


def reporting_states(cases: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Case x field: `reported`, `none` (the publication says there were none) or `not_stated`.

    Fields about the record itself are left out. `ss_assessment` counts as not stated when the authors do not
    mention serotonin syndrome.
    """
    fields = [field for field in codebook.table("case_reports").fields if field.name not in RECORD_FIELDS]
    states = np.empty((len(cases), len(fields)), dtype=object)
    for number, field in enumerate(fields):
        column = cases[field.name]
        stated = column.notna().to_numpy()
        if field.name == "ss_assessment":
            stated = stated & (column != "not_mentioned").to_numpy()
        states[:, number] = np.where(stated, ReportingState.REPORTED.value, ReportingState.NOT_STATED.value)
        if field.list_kind is not None:
            states[[items == () for items in column], number] = ReportingState.NONE.value
    return pd.DataFrame(states, index=cases.index, columns=[field.name for field in fields], dtype="str")
