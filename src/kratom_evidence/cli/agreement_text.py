"""The agreement of the two extractions as text for a terminal."""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from kratom_evidence.cli.printing import WIDTH, visible
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.extraction_words import (
    NOT_COMPUTED,
    STATES_NOTE,
    coverage_sentence,
    difference_notes,
    difference_rows,
    dose_text_sentence,
    item_rows,
    measure_rows,
    total_sentence,
)
from kratom_evidence.presentation import NOT_STATED

_LABEL = 30
_NOTHING = "–"


def text_form(dataset: Dataset, tables: Mapping[str, pd.DataFrame]) -> str:
    """The last of the tables (fields; items or disagreements) between what was compared and the totals."""
    fields = tables["fields"]
    if "disagreements" in tables:
        labels = dataset.codebook.table("adjudication").field("who_was_right").labels
        shown = list(_difference_lines(tables["disagreements"], labels))
    elif "items" in tables:
        shown = list(_grouped(item_rows(tables["items"]), "title", "item", _item_words))
    else:
        rows = measure_rows(fields).assign(group=list(fields["group"]))
        shown = [*_grouped(rows, "group", "title", _measure_words), "", STATES_NOTE]
    notes = [total_sentence(fields), dose_text_sentence(dataset, fields)]
    closing = [_wrapped(note, 0, 0) for note in notes if note]
    return "\n".join([_wrapped(coverage_sentence(dataset), 0, 0), "", *shown, "", *closing])


def _grouped(
    rows: pd.DataFrame, group: str, label: str, words: Callable[[Mapping[Any, Any]], list[str]]
) -> Iterator[str]:
    """Each group under its heading; each row with its label at the left."""
    for heading, members in rows.groupby(group, sort=False):
        yield str(heading)
        for row in members.to_dict("records"):
            first, *more = words(row)
            yield _wrapped(f"{row[label]:<{_LABEL - 2}}  {first}", 2, _LABEL + 2)
            yield from (_wrapped(text, _LABEL + 2, _LABEL + 4) for text in more)


def _measure_words(row: Mapping[Any, Any]) -> list[str]:
    lines = [f"{row['agreed']}; where stated {row['stated']}"]
    if not row["agreed"].startswith(row["written"]):
        lines.append(f"as first written {row['written']}")
    return lines + _coefficient_words(row, "" if row["compares"] == _NOTHING else f" for {row['compares']}")


def _item_words(row: Mapping[Any, Any]) -> list[str]:
    named = f"named by both in {row['named']}; by one only: first {row['first_only']}, second {row['second_only']}"
    return [named, *_coefficient_words(row, "")]


def _coefficient_words(row: Mapping[Any, Any], about: str) -> list[str]:
    remark = [] if row["remark"] == _NOTHING else [row["remark"]]
    if row["kappa"] == row["ac1"] == NOT_COMPUTED:
        return remark
    return [f"kappa {row['kappa']}, AC1 {row['ac1']}{about}", *remark]


def _difference_lines(table: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    rows = difference_rows(table, labels)
    if rows.empty:
        yield "No differences."
    for row, adjudicated in zip(rows.to_dict("records"), table["adjudicated"], strict=True):
        yield f"{row['case_id']}, {row['title']} ({row['difference']})"
        names = ("first", "second", "decision")
        yield from (_wrapped(f"{name + ':':10}{_cell(row[name])}", 2, 12) for name in names)
        if adjudicated:
            yield _wrapped(f"{'right:':10}{_cell(row['who_was_right'])}: {_cell(row['reason'])}", 2, 12)
    yield from (_wrapped(note, 0, 2) for note in ("", *difference_notes(table)))


def _cell(value: Any) -> str:
    return str(value) if isinstance(value, str) else NOT_STATED


def _wrapped(text: str, indent: int, hanging: int) -> str:
    return textwrap.fill(
        visible(text), width=WIDTH, initial_indent=" " * indent, subsequent_indent=" " * hanging,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
