"""How far kratom can be blamed, counted: Naranjo, WHO-UMC and DIPS beside what the authors wrote.

The tables carry the case ids behind their counts.
"""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from kratom_evidence.appraisal import (
    WhoUmc,
    dips_table,
    interaction_cases,
    naranjo_items,
)
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import is_ss_labelled
from kratom_evidence.presentation import NOT_STATED

BANDS = ("definite", "probable", "possible", "doubtful")
# Lowest total of each band but the last (Naranjo 1981).
BAND_LIMITS = {"definite": 9, "probable": 5, "possible": 1}
CATEGORIES = tuple(category.value for category in WhoUmc)
CEILING_WORDS = {Truth.YES: "ceiling_applies", Truth.UNKNOWN: "ceiling_may_apply", Truth.NO: "no_ceiling"}

HEADINGS: Mapping[str, str] = {
    "by_lowest": "By the lowest total",
    "by_total": "By the total",
    "by_highest": "By the highest total",
    "ss_ids": "Labelled cases",
    "case_ids": "Case ids",
    "yes_ids": "Yes in",
    "no_ids": "No in",
    "ceiling_applies": "Ceiling applies",
    "ceiling_may_apply": "Ceiling may apply",
    "author_causality": "What the authors wrote",
    "answered": "Items answered",
    "reported": "Authors' own total",
    "ss_labelled": "Labelled serotonin syndrome",
    "object": "Object (the drug affected)",
}


def naranjo_ranges(dataset: Dataset, table: pd.DataFrame) -> pd.DataFrame:
    """One row per case, the highest totals first, from the table of `appraisal.causality_table`.

    Index `case_id`. Columns: total, lowest, highest, band, lowest_band, highest_band, answered (of ten items),
    reported (the authors' own total), ss_labelled.
    """
    names = ["total", "lowest", "highest", "band", "lowest_band", "highest_band", "answered"]
    ranges = table[[f"naranjo_{name}" for name in names]].set_axis(names, axis=1)
    ranges = ranges.assign(reported=table["naranjo_score_reported"], ss_labelled=is_ss_labelled(dataset))
    ranges = ranges.rename_axis("case_id").reset_index()
    order = ["total", "highest", "lowest", "case_id"]
    return ranges.sort_values(order, ascending=[False, False, False, True]).set_index("case_id")


def naranjo_bands(ranges: pd.DataFrame) -> pd.DataFrame:
    """One row per band, from `naranjo_ranges`.

    Index `band`. Columns: by_lowest, by_total, by_highest (cases, if every unknown item were answered against kratom,
    left out, or answered for kratom), ss_ids (labelled cases, by total), case_ids (by total).
    """
    rows = []
    for band in BANDS:
        here = ranges["band"] == band
        rows.append(
            {
                "band": band,
                "by_lowest": int((ranges["lowest_band"] == band).sum()),
                "by_total": int(here.sum()),
                "by_highest": int((ranges["highest_band"] == band).sum()),
                "ss_ids": tuple(sorted(ranges.index[here & ranges["ss_labelled"]])),
                "case_ids": tuple(sorted(ranges.index[here])),
            }
        )
    return pd.DataFrame(rows).set_index("band")


def naranjo_item_counts(dataset: Dataset) -> pd.DataFrame:
    """One row per item of the scale: how often it could be answered, and from what.

    Index `item`. Columns: question, yes, no, unknown (cases), recorded, derived (where the answers come from), yes_ids
    and no_ids.
    """
    rows = []
    for (item, question), answers in naranjo_items(dataset).groupby(["item", "question"]):
        said = {truth: answers.loc[answers["answer"] == truth, "case_id"] for truth in Truth}
        rows.append(
            {
                "item": item,
                "question": question,
                "yes": len(said[Truth.YES]),
                "no": len(said[Truth.NO]),
                "unknown": len(said[Truth.UNKNOWN]),
                "recorded": int((answers["provenance"] == "recorded").sum()),
                "derived": int((answers["provenance"] == "derived").sum()),
                "yes_ids": tuple(said[Truth.YES]),
                "no_ids": tuple(said[Truth.NO]),
            }
        )
    return pd.DataFrame(rows).set_index("item")


def who_umc_counts(dataset: Dataset, table: pd.DataFrame) -> pd.DataFrame:
    """One row per WHO-UMC category, the empty ones too, from the table of `appraisal.causality_table`.

    Index `category`. Columns: ceiling_applies, ceiling_may_apply, no_ceiling (cases with, perhaps with and without an
    established serotonergic co-exposure), cases, ss_ids (labelled cases), case_ids.
    """
    labelled = is_ss_labelled(dataset)
    ceiling = table["ceiling"].map(CEILING_WORDS)
    counts = pd.crosstab(table["who_umc"], ceiling).reindex(
        index=pd.Index(CATEGORIES, name="category"),
        columns=pd.Index(list(CEILING_WORDS.values()), name=None),
        fill_value=0,
    )
    return counts.assign(
        cases=counts.sum(axis=1),
        ss_ids=_members(table["who_umc"].where(labelled), counts.index),
        case_ids=_members(table["who_umc"], counts.index),
    )


def authors_beside(dataset: Dataset, table: pd.DataFrame, system: Literal["naranjo_band", "who_umc"]) -> pd.DataFrame:
    """What the authors wrote against what the rules give, from the table of `appraisal.causality_table`.

    Index `author_causality` (the codebook's labels, then not stated; all of them). Columns: the bands or categories,
    cases, case_ids.
    """
    labels = dataset.codebook.table("case_reports").field("author_causality").labels
    wrote = table["author_causality"].map(labels).fillna(NOT_STATED)
    counts = pd.crosstab(wrote, table[system]).reindex(
        index=pd.Index([*labels.values(), NOT_STATED], name="author_causality"),
        columns=pd.Index(BANDS if system == "naranjo_band" else CATEGORIES, name=None),
        fill_value=0,
    )
    return counts.assign(cases=counts.sum(axis=1), case_ids=_members(wrote, counts.index))


def _members(values: "pd.Series[Any]", rows: "pd.Index[Any]") -> "pd.Series[Any]":
    """The case ids by value, for each of the rows."""
    return pd.Series([tuple(values.index[values == row]) for row in rows], index=rows, dtype=object)


def scored_pairs(dataset: Dataset) -> pd.DataFrame:
    """The pairs of kratom and a co-exposure that DIPS was scored for, the labelled cases first.

    Index `case_id`. Columns: precipitant, object, enzymes, total, lowest, highest, band.
    """
    columns = ["precipitant", "object", "enzymes", "total", "lowest", "highest", "band"]
    pairs = dips_table(dataset)
    rest = ~pairs["case_id"].isin(is_ss_labelled(dataset).pipe(lambda labelled: labelled.index[labelled]))
    ordered = pairs.assign(rest=rest).sort_values(["rest", "case_id", "object"])
    return ordered.set_index("case_id")[columns]


def claims_without_route(dataset: Dataset) -> tuple[str, ...]:
    """The cases with a claimed interaction for which no route through an enzyme is recorded, so that DIPS is silent."""
    return tuple(sorted(set(interaction_cases(dataset)) - set(dips_table(dataset)["case_id"])))
