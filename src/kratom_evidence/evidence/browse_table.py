"""All cases side by side, in the words of the page on which they are browsed.

In every column, what is not stated (None, missing) stays apart from what the publication says there was none of (the
empty tuple).
"""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from kratom_evidence.appraisal import criterion_states, graded_exposures
from kratom_evidence.appraisal.timing import TimingClass
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import publication_years
from kratom_evidence.evidence.co_exposures import TIMING_WORDS
from kratom_evidence.evidence.criteria_met import STATUS_WORDS

_SOURCE_COLUMNS = {"publication": "short_reference", "authors": "authors", "link": "link", "kind": "genre"}
# What is told of a co-exposure's time goes without saying when it was taken at the time of the event.
_UNSAID = TimingClass.CONCURRENT


def browse_table(dataset: Dataset) -> pd.DataFrame:
    """One row per case, indexed by `case_id`.

    Columns: citekey, publication (short reference), authors, link (its address), year (Int64), kind (of publication, as
    in the bibliography), age_years (Int64), age_text, sex, event (labels), co_exposures (tuple of (substance, time in
    words, "" at the time of the event); empty tuple: none), drug_classes (tuple of labels; empty tuple: none),
    ss_assessment, source_access (values of the codebook), and the judgements hunter_strict, hunter_lenient,
    sternbach_strict, sternbach_lenient, radomski_strict (met, not met, undetermined).
    """
    cases = dataset.cases
    sources = dataset.sources.loc[cases["citekey"]]
    exposures = graded_exposures(dataset)
    labels = dataset.codebook.table("substances").field("drug_class").labels
    taken = [
        (str(substance), "" if timing == _UNSAID else TIMING_WORDS[timing])
        for substance, timing in zip(exposures["substance"], exposures["timing_class"], strict=True)
    ]
    classes = [labels[str(name)] for name in exposures["drug_class"]]
    frame = pd.DataFrame(
        {
            "citekey": cases["citekey"],
            **{
                column: pd.Series(sources[name].to_numpy(), index=cases.index, dtype="str")
                for column, name in _SOURCE_COLUMNS.items()
            },
            "year": publication_years(dataset),
            "age_years": cases["age_years"],
            "age_text": cases["age_text"],
            "sex": cases["sex"],
            "event": cases["primary_event"].map(dataset.event_terms["label"]),
            "co_exposures": _listed(dataset, exposures["case_id"], taken),
            "drug_classes": _listed(dataset, exposures["case_id"], classes, order=sorted),
            "ss_assessment": cases["ss_assessment"],
            "source_access": cases["source_access"],
        }
    )
    states = criterion_states(dataset)
    return frame.assign(**{str(name): states[name].map(STATUS_WORDS) for name in states.columns})


def _listed(
    dataset: Dataset,
    case_ids: "pd.Series[Any]",
    entries: Sequence[Any],
    order: Callable[[Sequence[Any]], Sequence[Any]] = list,
) -> "pd.Series[Any]":
    """Per case the different entries; None where the publication does not say, the empty tuple where it says none."""
    by_case: dict[str, list[Any]] = {}
    for case_id, entry in zip(case_ids, entries, strict=True):
        known = by_case.setdefault(str(case_id), [])
        if entry not in known:
            known.append(entry)
    stated = [
        None if items is None else tuple(order(by_case.get(str(case_id), [])))
        for case_id, items in dataset.cases["co_exposures"].items()
    ]
    return pd.Series(stated, index=dataset.cases.index, dtype=object)
