"""How far two readers agree who extracted the same cases, field by field, before their differences were decided.

Lists are compared as sets, entry by entry, and keep their three states: not stated, none, entries. A co-exposure is
compared by substance, evidence and timing; its dose text is free text, and a difference in it alone is listed but not
counted. Both extractions are stored in the terms and by the rules of today's codebook. Differences that went away with
that stand in the adjudication alone; agreement as the readers first wrote is therefore counted beside the other.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kratom_evidence.codebook import CoExposure, Field
from kratom_evidence.dataset import Dataset, ReportingState, reporting_states
from kratom_evidence.evidence.statistics import (
    Counts,
    agreement_table,
    cohen_kappa,
    gwet_ac1,
    wilson_interval,
)
from kratom_evidence.faults import UsageError
from kratom_evidence.nearest import nearest_name

# What kappa and AC1 of a field compare.
OF_VALUES, OF_STATES = "the value", "the state of the list"
NUMBER = "A number has no categories: only exact agreement is counted."
NO_CASE = "No case was extracted twice."
ONE_CATEGORY = "Kappa is not defined: both readers put every case into one and the same category."
ONLY_CATEGORY = "Neither kappa nor AC1 is defined: the field has no second category."
ONE_SIDED = "Kappa is 0 by its definition: one reader put every case into one category."
NO_DISAGREEMENT = "No disagreement was seen, so that resampling gives kappa and AC1 no interval."
COEFFICIENTS = ("kappa", "kappa_low", "kappa_high", "ac1", "ac1_low", "ac1_high")
_NAMED = (True, False)


class Pair(NamedTuple):
    """The two extractions of the same cases, in the same order of cases."""

    first: pd.DataFrame
    second: pd.DataFrame


def extracted_twice(dataset: Dataset) -> tuple[str, ...]:
    """The cases that both extractions hold, in order."""
    both = dataset.first_extraction.index.intersection(dataset.second_extraction.index)
    return tuple(sorted(str(case_id) for case_id in both if case_id in dataset.cases.index))


def extracted_once(dataset: Dataset) -> tuple[str, ...]:
    """The cases without a second extraction, in order. That is no fault; they say nothing about agreement."""
    return tuple(sorted({str(case_id) for case_id in dataset.cases.index} - set(extracted_twice(dataset))))


def compared_fields(dataset: Dataset, names: Sequence[str] | None = None) -> tuple[Field, ...]:
    """The columns that are extracted twice, in the order of the codebook; `names` chooses some.

    Raises:
        UsageError: one of the names is no such column.
    """
    fields = {field.name: field for field in dataset.codebook.table("second_extraction").fields}
    del fields["case_id"]
    for name in names or ():
        if name not in fields:
            near = nearest_name(name, fields)
            hint = f" Did you mean {near!r}?" if near else ""
            raise UsageError(f"The extractions have no column {name!r}; they have: {', '.join(fields)}.{hint}")
    return tuple(field for field in fields.values() if names is None or field.name in names)


def kind_of(field: Field) -> str:
    """`list`, `number` or `category`."""
    return "list" if field.list_kind is not None else "number" if field.type != "string" else "category"


def pair_of(dataset: Dataset) -> Pair:
    """The rows of both extractions for the cases that were extracted twice."""
    cases = list(extracted_twice(dataset))
    return Pair(dataset.first_extraction.loc[cases], dataset.second_extraction.loc[cases])


def comparable(value: Any) -> Hashable:
    """A cell's value as it is compared: None when not stated, lists as sets, co-exposures without their dose text."""
    if isinstance(value, tuple):
        return frozenset(replace(item, dose_text=None) if isinstance(item, CoExposure) else item for item in value)
    if value is None or pd.isna(value):
        return None
    return value if isinstance(value, str) else float(value)


def field_agreement(dataset: Dataset, names: Sequence[str] | None = None) -> pd.DataFrame:
    """One row per field, in the order of the codebook.

    Index `field`. Columns: title, group (headings of the codebook), kind (category, list, number); compared and agreed
    (cases), share with its Wilson interval low and high; stated (cases in which at least one reader found something
    stated, be it that there was none), stated_agreed, stated_share, stated_low, stated_high; compares (what the
    coefficients are about), kappa and ac1 with kappa_low, kappa_high, ac1_low, ac1_high (bootstrap over the cases, 95
    %), missing where they cannot be computed, and remark, which says why; written_agreed and
    written_share (cases that agree and in which no difference was adjudicated either: agreement as the readers first
    wrote), dose_text_only (cases that differ in nothing but a dose text).

    Raises:
        UsageError: one of the names is no column that is extracted twice.
    """
    pair = pair_of(dataset)
    states = _states(dataset, pair)
    adjudicated = set(zip(dataset.adjudication["case_id"], dataset.adjudication["field"], strict=True))
    group_of = {field.name: field.group for field in dataset.codebook.table("case_reports").fields}
    rows = []
    for field in compared_fields(dataset, names):
        first, second = ([comparable(value) for value in frame[field.name]] for frame in pair)
        agreed = [one == other for one, other in zip(first, second, strict=True)]
        said = [
            one != ReportingState.NOT_STATED or other != ReportingState.NOT_STATED
            for one, other in zip(*(frame[field.name] for frame in states), strict=True)
        ]
        written = [
            same and (case_id, field.name) not in adjudicated
            for case_id, same in zip(pair.first.index, agreed, strict=True)
        ]
        agreed_said = [same for same, stated in zip(agreed, said, strict=True) if stated]
        full = zip(*(frame[field.name] for frame in pair), strict=True)
        rows.append(
            {
                "field": field.name,
                "title": field.title,
                "group": group_of[field.name],
                "kind": kind_of(field),
                "compared": len(agreed),
                **_share("", sum(agreed), len(agreed)),
                "stated": len(agreed_said),
                **_share("stated_", sum(agreed_said), len(agreed_said)),
                **_field_coefficients(field, first, second, states),
                "written_agreed": sum(written),
                "written_share": sum(written) / len(written) if written else float("nan"),
                "dose_text_only": sum(only_in_dose_text(one, other) for one, other in full),
            }
        )
    return pd.DataFrame(rows).set_index("field").astype(dict.fromkeys(COEFFICIENTS, "Float64"))


def only_in_dose_text(first: Any, second: Any) -> bool:
    """Whether two lists of co-exposures are the same but for what is said about doses."""
    lists = isinstance(first, tuple) and isinstance(second, tuple)
    return lists and set(first) != set(second) and comparable(first) == comparable(second)


def item_agreement(dataset: Dataset, names: Sequence[str] | None = None) -> pd.DataFrame:
    """One row per list field and entry that a reader named, the most often named first within a field.

    An entry that a reader did not name is not said to be absent: named or not is about the reader, not the patient. Of
    a co-exposure, the substance is the entry.

    Columns: field, title, item, compared (cases), named (cases in which a reader named it), both, first_only,
    second_only (those by both and by one reader only), share (both of named), low, high (Wilson), and kappa, ac1,
    their limits and the remark as in `field_agreement`.

    Raises:
        UsageError: one of the names is no column that is extracted twice.
    """
    pair = pair_of(dataset)
    rows = []
    for field in compared_fields(dataset, names):
        if kind_of(field) != "list":
            continue
        first, second = ([_entries(value) for value in frame[field.name]] for frame in pair)
        counted = [
            {"field": field.name, "title": field.title, **_named(item, first, second)}
            for item in sorted(set().union(*first, *second))
        ]
        rows += sorted(counted, key=lambda row: (-row["named"], row["item"]))
    columns = [
        "field", "title", "item", "compared", "named", "both", "first_only", "second_only", "share", "low",
        "high",         *COEFFICIENTS, "remark",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(COEFFICIENTS, "Float64"))


def _entries(value: Any) -> frozenset[str]:
    items = value if isinstance(value, tuple) else ()
    return frozenset(item.substance if isinstance(item, CoExposure) else str(item) for item in items)


def _named(item: str, first: Sequence[frozenset[str]], second: Sequence[frozenset[str]]) -> dict[str, Any]:
    table = agreement_table([item in names for names in first], [item in names for names in second], _NAMED)
    (both, first_only), (second_only, _) = table.tolist()
    named = both + first_only + second_only
    low, high = wilson_interval(both, named)
    return {
        "item": item,
        "compared": len(first),
        "named": named,
        "both": both,
        "first_only": first_only,
        "second_only": second_only,
        "share": both / named,
        "low": low,
        "high": high,
        **_coefficients(table),
    }


def _states(dataset: Dataset, pair: Pair) -> Pair:
    """Case x field: reported, none or not stated, for both readers, by the rule of the case reports."""
    columns = [field.name for field in dataset.codebook.table("case_reports").fields]
    wide = (frame.reindex(columns=columns) for frame in pair)
    return Pair(*(reporting_states(frame, dataset.codebook) for frame in wide))


def _share(prefix: str, agreed: int, total: int) -> dict[str, Any]:
    low, high = wilson_interval(agreed, total)
    return {
        f"{prefix}agreed": agreed,
        f"{prefix}share": agreed / total if total else float("nan"),
        f"{prefix}low": low,
        f"{prefix}high": high,
    }


def _field_coefficients(
    field: Field, first: Sequence[Hashable], second: Sequence[Hashable], states: Pair
) -> Mapping[str, Any]:
    kind = kind_of(field)
    if kind == "number":
        return {"compares": None, **dict.fromkeys(COEFFICIENTS), "remark": NUMBER}
    if kind == "list":
        one, other = (list(frame[field.name]) for frame in states)
        categories: list[Hashable] = [state.value for state in ReportingState]
    else:
        one, other = list(first), list(second)
        categories = _categories(field, one, other)
    table = agreement_table(one, other, categories)
    compares = OF_STATES if kind == "list" else OF_VALUES
    return {"compares": compares, **_coefficients(table)}


def _categories(field: Field, first: Sequence[Hashable], second: Sequence[Hashable]) -> list[Hashable]:
    """The values of the codebook, or those that occur where it lists none; "not stated" unless it cannot be."""
    seen = {str(value) for value in (*first, *second) if value is not None}
    listed = sorted(seen | set(field.labels))
    return [*listed] if field.required else [*listed, None]


def _coefficients(table: Counts) -> dict[str, Any]:
    """Both coefficients with their limits, and why a coefficient or its limits are missing."""
    if not table.sum() or len(table) < 2:
        return {**dict.fromkeys(COEFFICIENTS), "remark": ONLY_CATEGORY if table.sum() else NO_CASE}
    kappa, ac1 = cohen_kappa(table), gwet_ac1(table)
    perfect = kappa.observed == 1
    # Then every resample has the same kappa, and limits without any width would look like certainty.
    one_sided = not perfect and 1 in (np.count_nonzero(table.sum(axis=0)), np.count_nonzero(table.sum(axis=1)))
    remarks = {ONE_CATEGORY: kappa.coefficient is None, ONE_SIDED: one_sided, NO_DISAGREEMENT: perfect}
    kappa_limits = (None, None) if perfect or one_sided else kappa.interval
    ac1_limits = (None, None) if perfect else ac1.interval
    limits = (kappa.coefficient, *kappa_limits, ac1.coefficient, *ac1_limits)
    remark = " ".join(words for words, applies in remarks.items() if applies)
    return {**dict(zip(COEFFICIENTS, limits, strict=True)), "remark": remark or None}
