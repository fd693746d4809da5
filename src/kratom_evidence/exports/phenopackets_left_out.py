"""What the phenopackets of `phenopackets` cannot hold, so that nobody takes them for all that is known of a case."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from kratom_evidence.codebook import CoExposure
from kratom_evidence.dataset import Dataset
from kratom_evidence.exports.phenopackets import why_no_feature

# Columns whose content is in the file (the outcome only as alive or dead), and those that are told entry by entry.
_WRITTEN = frozenset(
    {"citekey", "age_years", "sex", "mitragynine_detected_in", "mitragynine_blood_ng_ml", "primary_event"}
)
_BY_ENTRY = frozenset({"findings_present", "findings_absent", "co_exposures", "treatments", "confounders"})
_NO_PLACE = "the schema has no place for it"

# Kind, name, why.
_Fact = tuple[str, str, str]


def left_out(dataset: Dataset) -> pd.DataFrame:
    """One row per fact that a phenopacket cannot hold or that is not put into it.

    Columns: case_id; kind (a finding, a dose, … or "column"); name (the term, or the column of case_reports.csv, which
    has the value); why. Co-exposures that are not stated stand here too, since the file of such a case looks like that
    of a case in which there were none.
    """
    records = [
        (case_id, *fact)
        for case_id, case in zip(dataset.cases.index, dataset.cases.to_dict("records"), strict=True)
        for fact in (
            *_findings(dataset, str(case_id)),
            *_event(dataset, str(case["primary_event"])),
            *_co_exposures(case["co_exposures"]),
            *_entries(case["treatments"], "treatment of the event", "medicalActions holds the exposures"),
            *_entries(case["confounders"], "confounder", _NO_PLACE),
            *_columns(case),
        )
    ]
    return pd.DataFrame(records, columns=["case_id", "kind", "name", "why"])


def _findings(dataset: Dataset, case_id: str) -> Iterator[_Fact]:
    stated = dataset.findings[dataset.findings["case_id"] == case_id]
    for name, state in zip(stated["finding"], stated["state"], strict=True):
        why = why_no_feature(dataset, name, present=state == "present")
        if why:
            yield f"finding {state}", name, why


def _event(dataset: Dataset, name: str) -> Iterator[_Fact]:
    if not isinstance(dataset.event_terms.loc[name, "hpo_id"], str):
        yield "main event", name, "it has no HPO term"


def _co_exposures(listed: tuple[CoExposure, ...] | None) -> Iterator[_Fact]:
    if listed is None:
        yield "co-exposures", "not stated", "the file looks as if the publication said that there were none"
    elif not listed:
        yield "co-exposures", "none", "the file looks as if the publication did not say whether there were any"
    for item in listed or ():
        if item.dose_text is not None:
            words = f"{item.substance}: {item.dose_text}"
            yield "dose of a co-exposure", words, "the schema takes a number and a unit, and this is free text"


def _entries(listed: tuple[str, ...] | None, kind: str, why: str) -> Iterator[_Fact]:
    """One fact an entry; that the publication says that there were none is a fact too."""
    if listed is not None:
        yield from ((kind, name, why) for name in listed or ("none",))


def _columns(case: Mapping[Any, Any]) -> Iterator[_Fact]:
    """Everything else that is stated, by the name of its column."""
    for name, value in case.items():
        if name in _WRITTEN or name in _BY_ENTRY or value is None:
            continue
        if not isinstance(value, tuple) and pd.isna(value):
            continue
        if name == "outcome":
            if value != "death":
                yield "column", name, "vitalStatus says alive, and not how the patient fared"
        elif name != "seven_oh_product" or value != "yes":
            yield "column", name, "it is not exported in this form; the CSV and XLSX files have it"
