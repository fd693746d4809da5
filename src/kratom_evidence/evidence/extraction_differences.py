"""Where the two extractions differ, and what was decided about each difference."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kratom_evidence.codebook import format_cell
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.extraction_agreement import comparable, compared_fields, only_in_dose_text, pair_of

VALUE, DOSE_TEXT, AS_WRITTEN = "value", "dose text only", "as written only"
DIFFERENCES = {
    VALUE: "the value, also in today's terms",
    DOSE_TEXT: "nothing but the dose text of a co-exposure; not counted as a disagreement",
    AS_WRITTEN: "nothing any more, since both are stored in today's terms; they differed as the readers wrote them",
}
NOT_ADJUDICATED = "not adjudicated"
_COLUMNS = (
    "case_id", "field", "title", "difference", "first", "second", "adjudicated", "decision", "who_was_right", "reason",
)  # fmt: skip


def disagreements(dataset: Dataset, names: Sequence[str] | None = None) -> pd.DataFrame:
    """One row per case and field in which the readers differ, or differed as they wrote; by case, then field.

    Columns: case_id, field, title, difference (a key of `DIFFERENCES`), first, second (text; as the readers wrote
    them where the difference was adjudicated, else as stored; missing when not stated), adjudicated (whether a
    decision is recorded), decision (text; missing when not stated, and without any meaning when not adjudicated),
    who_was_right (first, second, both_partly, neither), reason.

    Raises:
        UsageError: one of the names is no column that is extracted twice.
    """
    pair = pair_of(dataset)
    decided = {
        (row["case_id"], row["field"]): {str(name): value for name, value in row.items()}
        for row in dataset.adjudication.astype(object).to_dict("records")
    }
    rows = []
    for case_id in pair.first.index:
        for field in compared_fields(dataset, names):
            one, other = (frame.loc[case_id, field.name] for frame in pair)
            decision = decided.get((case_id, field.name))
            difference = _difference(one, other, decided=decision is not None)
            if difference is None:
                continue
            row: dict[str, Any] = {"case_id": str(case_id), "field": field.name, "title": field.title}
            stored = {"first": _text(one), "second": _text(other), "decision": None}
            rows.append({**row, "difference": difference, "adjudicated": decision is not None, **(decision or stored)})
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    texts = [name for name in _COLUMNS if name != "adjudicated"]
    return frame.astype({**dict.fromkeys(texts, "str"), "adjudicated": "bool"})


def decision_counts(table: pd.DataFrame) -> pd.DataFrame:
    """How the differences of each field were decided, from the table of `disagreements`; most differences first.

    Index `title`. Columns: differences, value, dose_text, as_written (by what differs), adjudicated, then first,
    second, both_partly, neither (who was right) and not_adjudicated.
    """
    rows = []
    for title, group in table.groupby("title", sort=False):
        right = group["who_was_right"].value_counts()
        kinds = group["difference"].value_counts()
        rows.append(
            {
                "title": title,
                "differences": len(group),
                **{
                    name: int(kinds.get(kind, 0))
                    for name, kind in (("value", VALUE), ("dose_text", DOSE_TEXT), ("as_written", AS_WRITTEN))
                },
                "adjudicated": int(group["adjudicated"].sum()),
                **{name: int(right.get(name, 0)) for name in ("first", "second", "both_partly", "neither")},
                "not_adjudicated": int((~group["adjudicated"]).sum()),
            }
        )
    columns = [
        "title", "differences", "value", "dose_text", "as_written", "adjudicated", "first", "second", "both_partly",
        "neither", "not_adjudicated",
    ]  # fmt: skip
    counts = pd.DataFrame(rows, columns=columns).sort_values("differences", ascending=False, kind="stable")
    return counts.set_index("title")


def _difference(first: Any, second: Any, *, decided: bool) -> str | None:
    if comparable(first) != comparable(second):
        return VALUE
    if only_in_dose_text(first, second):
        return DOSE_TEXT
    return AS_WRITTEN if decided else None


def _text(value: Any) -> str | None:
    """The cell as it is stored; None when not stated."""
    return None if not isinstance(value, tuple) and pd.isna(value) else format_cell(value)
