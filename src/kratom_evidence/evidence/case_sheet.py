"""One case laid out as tables: what was recorded, what else was taken, what else could explain it, what is missing.

All functions but `one_case` take the dataset of one case, so that a sheet costs no more than its own case.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kratom_evidence.appraisal.causality import causality_table, dips_items, dips_table, naranjo_items
from kratom_evidence.appraisal.confounding import explanation_table
from kratom_evidence.appraisal.exposure import (
    AcceptedTiming,
    Grade,
    graded_exposures,
    serotonergic_exposure,
    serotonin_2a_blockers,
)
from kratom_evidence.appraisal.quality import MURAD_ITEMS, murad_items
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.codebook import Field
from kratom_evidence.dataset import Dataset, ReportingState
from kratom_evidence.dataset.selection import some_cases
from kratom_evidence.evidence.completeness import completeness_grid
from kratom_evidence.faults import UsageError, shorten
from kratom_evidence.nearest import nearest_name

ANSWER_WORDS: Mapping[int, str] = {Truth.YES: "yes", Truth.NO: "no", Truth.UNKNOWN: "not known"}
# Short forms of the questions (Horn 2007); the object is the drug affected, the precipitant the one that affects it.
DIPS_QUESTIONS: Mapping[int, str] = {
    1: "earlier reports",
    2: "fits the precipitant's properties",
    3: "fits the object's properties",
    4: "time course",
    5: "remitted on stopping the precipitant",
    6: "reappeared with the precipitant",
    7: "other causes",
    8: "level of the object",
    9: "other evidence on the object",
    10: "dose-response",
}
AGENT_QUESTIONS: Sequence[tuple[str, Grade, AcceptedTiming]] = (
    ("Established agent, taken at the time", "established", "concurrent"),
    ("Established agent, also recently stopped or of unclear time", "established", "unclear"),
    ("Established or possible agent, taken at the time", "possible", "concurrent"),
    ("Agent of any grade, taken at the time", "disputed", "concurrent"),
)


def one_case(dataset: Dataset, case_id: str) -> Dataset:
    """The dataset with only this case; vocabularies and publications stay as they are.

    Raises:
        UsageError: there is no such case; the nearest one is named.
    """
    if case_id not in dataset.cases.index:
        nearest = nearest_name(str(case_id), [str(name) for name in dataset.cases.index])
        hint = f" Did you mean {nearest!r}?" if nearest else ""
        raise UsageError(
            f"There is no case {shorten(str(case_id))!r} in case_reports.csv (column case_id; "
            f"{len(dataset.cases)} cases).{hint}"
        )
    return some_cases(dataset, [case_id])


def recorded(case: Dataset, group: str) -> pd.DataFrame:
    """The fields of one group of the codebook. Columns: field (title), value (in words with its unit).

    A value is missing when it is not stated, and an empty tuple when the publication says that there was none.
    """
    fields = [field for field in case.codebook.table("case_reports").fields if field.group == group]
    return pd.DataFrame(
        {
            "field": [field.title for field in fields],
            "value": pd.Series([value_in_words(case, field.name) for field in fields], dtype=object),
        }
    )


def value_in_words(case: Dataset, name: str) -> Any:
    """One field of the case with the codebook's labels and unit; None when not stated, () when there was none."""
    field = case.codebook.table("case_reports").field(name)
    value = case.cases[name].iloc[0]
    if isinstance(value, tuple):
        return tuple(_labelled(field, item) for item in value)
    return None if value is None or pd.isna(value) else _labelled(field, value)


def _labelled(field: Field, value: Any) -> str:
    text = field.labels.get(str(value), "") or (str(value) if isinstance(value, str) else f"{float(value):g}")
    return f"{text} {field.unit}" if field.unit else text


def co_exposure_table(case: Dataset) -> pd.DataFrame:
    """One row per co-exposure; columns of `graded_exposures` in words.

    Columns: substance, drug_class, evidence, timing_class, dose_text (missing when not stated), grade, mechanism
    (missing when there is none), blocks_5ht2a, cyp2d6_substrate, cyp3a_substrate (yes, no or not recorded).
    """
    graded = graded_exposures(case)
    lexicon = case.codebook.table("substances").field
    evidence = case.codebook.table("case_reports").field("co_exposures").item_categories["evidence"]
    translated = {
        "drug_class": graded["drug_class"].map(lexicon("drug_class").labels),
        "evidence": graded["evidence"].map({category.value: category.label for category in evidence}),
        "timing_class": graded["timing_class"].str.replace("_", " "),
        "mechanism": graded["mechanism"].map(lexicon("mechanism").labels),
    }
    states = {
        name: graded[name].map({**ANSWER_WORDS, Truth.UNKNOWN: "not recorded"})
        for name in ("blocks_5ht2a", "cyp2d6_substrate", "cyp3a_substrate")
    }
    columns = ["substance", "drug_class", "evidence", "timing_class", "dose_text", "grade", "mechanism", *states]
    return graded.assign(**translated, **states)[columns]


def agent_table(case: Dataset) -> pd.DataFrame:
    """Was a serotonergic agent besides kratom on board? One row per strictness, the last for 5-HT2A blockers.

    Columns: question, answer (yes, no, not known), agents (tuple of those that surely qualify), uncertain (tuple of
    those that might). Both tuples are missing when the publication does not say what else was taken.
    """
    silent = case.cases["co_exposures"].iloc[0] is None
    exposures = {
        question: serotonergic_exposure(case, grade=grade, timing=timing) for question, grade, timing in AGENT_QUESTIONS
    }
    exposures["5-HT2A blocker (lowers the risk), taken at the time"] = serotonin_2a_blockers(case)
    rows = [
        {
            "question": question,
            "answer": ANSWER_WORDS[int(exposure["state"].iloc[0])],
            "agents": None if silent else exposure["agents"].iloc[0],
            "uncertain": None if silent else exposure["uncertain"].iloc[0],
        }
        for question, exposure in exposures.items()
    ]
    return pd.DataFrame(rows)


def explanations(case: Dataset) -> pd.DataFrame:
    """One row per explanation other than kratom: first those present, then those not stated, then those absent.

    Columns: explanation (label), state, detail (what makes it present or leaves it open), from_fields (titles of the
    fields that say so, or were looked at in vain, as a tuple), provenance.
    """
    table = explanation_table(case)
    titles = {field.name: field.title for field in case.codebook.table("case_reports").fields}
    order = table["state"].map({"present": 0, "not stated": 1, "absent": 2})
    fields = [tuple(titles.get(name, name) for name in str(names).split("; ")) for names in table["from_fields"]]
    chosen = table.assign(
        explanation=table["label"],
        detail=[text.replace("_", " ") or "–" for text in table["detail"]],
        from_fields=pd.Series(fields, index=table.index, dtype=object),
    )
    kept = chosen[["explanation", "state", "detail", "from_fields", "provenance"]]
    return kept.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def naranjo_rows(case: Dataset) -> pd.DataFrame:
    """The Naranjo items for kratom: item, question, answer (yes, no, not known), points, provenance, reason."""
    items = naranjo_items(case)
    worded = items.assign(
        answer=items["answer"].map(ANSWER_WORDS),
        points=items["score"],
        reason=items["reason"].str.replace("_", " "),
    )
    return worded[["item", "question", "answer", "points", "provenance", "reason"]]


def causality_row(case: Dataset) -> Mapping[str, Any]:
    """The case's row of `causality_table`, as a mapping."""
    (row,) = causality_table(case).to_dict("records")
    return {str(name): value for name, value in row.items()}


def dips_rows(case: Dataset) -> pd.DataFrame:
    """One row per pair that DIPS can be scored for; empty when the authors claim no interaction or no route is known.

    Columns: precipitant, object, enzymes, answered (tuple such as "7 other causes: yes"), total, lowest, highest
    (attainable), band, band_note.
    """
    table = dips_table(case)
    items = dips_items(case) if len(table) else table.assign(item=[], answer=[])
    known = items[items["answer"] != Truth.UNKNOWN]
    answered = {
        pair: tuple(
            f"{item} {DIPS_QUESTIONS[item]}: {ANSWER_WORDS[answer]}"
            for item, answer in zip(rows["item"], rows["answer"], strict=True)
        )
        for pair, rows in known.groupby(["precipitant", "object"])
    }
    pairs = zip(table["precipitant"], table["object"], strict=True)
    named = table.assign(answered=pd.Series([answered.get(pair, ()) for pair in pairs], dtype=object))
    return named[
        ["precipitant", "object", "enzymes", "answered", "total", "lowest", "highest", "band", "band_note"]
    ]  # fmt: skip


def quality_rows(case: Dataset) -> pd.DataFrame:
    """The items of Murad 2018 that the data can answer. Columns: item, answer (yes, no, not stated)."""
    states = murad_items(case).iloc[0]
    words = {**ANSWER_WORDS, Truth.UNKNOWN: "not stated"}
    return pd.DataFrame(
        {"item": list(MURAD_ITEMS.values()), "answer": [words[int(states[name])] for name in MURAD_ITEMS]}
    )


def reporting_rows(case: Dataset) -> pd.DataFrame:
    """What the publication states, by group of the codebook.

    Columns: group, stated (how many fields hold a value or "none"), fields, not_stated (titles, as a tuple).
    """
    grid = completeness_grid(case)
    states = grid.states.iloc[0]
    rows = []
    for group, names in grid.groups.items():
        silent = [name for name in names if states[name] == ReportingState.NOT_STATED]
        rows.append(
            {
                "group": group,
                "stated": len(names) - len(silent),
                "fields": len(names),
                "not_stated": tuple(grid.titles[name] for name in silent),
            }
        )
    return pd.DataFrame(rows)


def extraction_rows(case: Dataset) -> pd.DataFrame:
    """Where the two extractions of the case differed. Columns: field (title), first, second, decision, reason."""
    titles = {field.name: field.title for field in case.codebook.table("case_reports").fields}
    table = case.adjudication
    kept = table[["field", "first", "second", "decision", "reason"]]
    return kept.assign(field=[titles.get(name, name) for name in table["field"]])
