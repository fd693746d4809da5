"""The agreement of two extractions in words, as the notebook and the command line show it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.extraction_agreement import extracted_once, extracted_twice, pair_of
from kratom_evidence.evidence.extraction_differences import DIFFERENCES, NOT_ADJUDICATED

HEADINGS: Mapping[str, str] = {
    "title": "Field",
    "agreed": "Agree, all cases",
    "stated": "Agree, where stated",
    "compares": "Kappa and AC1 compare",
    "ac1": "AC1",
    "item": "Entry",
    "named": "Named by both, of all in which it was named",
    "who_was_right": "Who was right",
    "value": "In the value",
    "dose_text": "In the dose text only",
    "as_written": "As written only",
    "written": "Agree as first written",
    "first": "First reader",
    "second": "Second reader",
    "both_partly": "Both partly",
    "not_adjudicated": "Not adjudicated",
    "case_id": "Case",
    "difference": "What differs",
}
STATES_NOTE = "The state of a list is: not stated, none, or entries. Which entries it holds is not compared by it."
NOT_COMPUTED = "not computed"
NOBODY = "no case"


def coverage_sentence(dataset: Dataset) -> str:
    """How many cases were extracted twice, and which were not."""
    twice, once = extracted_twice(dataset), extracted_once(dataset)
    total = len(twice) + len(once)
    if not once:
        return f"All {total} cases were extracted twice."
    return f"{len(twice)} of {total} cases were extracted twice. Extracted once, which is no fault: {', '.join(once)}."


def total_sentence(measures: pd.DataFrame) -> str:
    """All cells of the fields taken together, with and without those in which neither reader found anything stated."""
    sums = measures[["compared", "agreed", "stated", "stated_agreed", "written_agreed"]].sum()
    return (
        f"Of all pairs of cells, {_plain_share(sums['agreed'], sums['compared'])} agree; of those in which at least "
        f"one reader found something stated, {_plain_share(sums['stated_agreed'], sums['stated'])}. As the readers "
        f"first wrote, {_plain_share(sums['written_agreed'], sums['compared'])} agreed."
    )


def dose_text_sentence(dataset: Dataset, measures: pd.DataFrame) -> str | None:
    """What is not counted of the co-exposures, and why; None when no case differs in dose texts alone."""
    cases = int(measures["dose_text_only"].sum())
    if not cases:
        return None
    written = [
        sum(item.dose_text is not None for items in frame["co_exposures"] for item in items or ())
        for frame in pair_of(dataset)
    ]
    return (
        f"Dose texts of co-exposures are not compared: the first extraction holds {written[0]}, the second "
        f"{written[1]}. {'1 case differs' if cases == 1 else f'{cases} cases differ'} in nothing else: listed as "
        "differences, and counted as agreeing."
    )


def measure_rows(measures: pd.DataFrame) -> pd.DataFrame:
    """The table of `field_agreement` in words.

    Columns: title, agreed, stated, written, compares, kappa, ac1, remark.
    """
    return pd.DataFrame(
        {
            "title": list(measures["title"]),
            "agreed": _each(measures, lambda row: _with_limits(row, "agreed", "compared", "")),
            "stated": _each(measures, lambda row: _with_limits(row, "stated_agreed", "stated", "stated_")),
            "written": _each(measures, lambda row: _plain_share(row["written_agreed"], row["compared"])),
            "compares": [words if isinstance(words, str) else "–" for words in measures["compares"]],
            **_coefficient_columns(measures),
        }
    )


def item_rows(items: pd.DataFrame) -> pd.DataFrame:
    """The table of `item_agreement` in words.

    Columns: title, item, named (by both, of all in which it was named, with interval), first_only, second_only, kappa,
    ac1, remark.
    """
    return pd.DataFrame(
        {
            "title": list(items["title"]),
            "item": [str(name).replace("_", " ") for name in items["item"]],
            "named": _each(items, lambda row: _with_limits(row, "both", "named", "")),
            "first_only": list(items["first_only"]),
            "second_only": list(items["second_only"]),
            **_coefficient_columns(items),
        }
    )


def entry_rows(items: pd.DataFrame) -> pd.DataFrame:
    """All entries of each list field together.

    Columns: title, named (how often any entry was named in a case, by either reader), both, first_only, second_only,
    share (both, of named). Without an interval: entries of one case do not stand for themselves.
    """
    sums = items.groupby("title", sort=False)[["named", "both", "first_only", "second_only"]].sum()
    return sums.assign(share=sums["both"] / sums["named"]).reset_index()


def difference_rows(table: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """The table of `disagreements` in words; `labels` says who was right.

    Columns: case_id, title, difference, first, second, decision, who_was_right, reason. Without a decision the last
    three read "not adjudicated": it is not known what is right.
    """
    adjudicated = table["adjudicated"]
    decided = table.assign(who_was_right=table["who_was_right"].map(labels))
    columns = ["decision", "who_was_right", "reason"]
    decided[columns] = decided[columns].astype(object).where(adjudicated, NOT_ADJUDICATED)
    return decided[["case_id", "title", "difference", "first", "second", *columns]]


def difference_notes(table: pd.DataFrame) -> Sequence[str]:
    """What the kinds of difference that occur mean, with how often."""
    counts = table["difference"].value_counts()
    return [f"{kind} ({counts[kind]}): {words}" for kind, words in DIFFERENCES.items() if kind in counts]


def _each(frame: pd.DataFrame, words: Callable[[Mapping[str, Any]], str]) -> list[str]:
    return [words({str(name): value for name, value in row.items()}) for row in frame.to_dict("records")]


def _plain_share(agreed: int, total: int) -> str:
    return f"{agreed} of {total}, {agreed / total:.0%}" if total else NOBODY


def _with_limits(row: Mapping[str, Any], agreed: str, total: str, prefix: str) -> str:
    if not row[total]:
        return NOBODY
    limits = f"{row[f'{prefix}low']:.0%} to {row[f'{prefix}high']:.0%}"
    return f"{row[agreed]} of {row[total]}, {row[f'{prefix}share']:.0%} ({limits})"


def _coefficient_columns(frame: pd.DataFrame) -> dict[str, list[str]]:
    return {
        "kappa": _each(frame, lambda row: _coefficient(row, "kappa")),
        "ac1": _each(frame, lambda row: _coefficient(row, "ac1")),
        "remark": [words if isinstance(words, str) else "–" for words in frame["remark"]],
    }


def _coefficient(row: Mapping[str, Any], name: str) -> str:
    if pd.isna(row[name]):
        return NOT_COMPUTED
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    limits = "no interval" if pd.isna(low) else f"{low:.2f} to {high:.2f}"
    return f"{row[name]:.2f} ({limits})"
