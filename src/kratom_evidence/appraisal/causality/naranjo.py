"""The Naranjo Adverse Drug Reaction Probability Scale for kratom, item by item.

Source: Naranjo CA and others, Clin Pharmacol Ther 1981;30(2):239-245, doi 10.1038/clpt.1981.154. The scale was made for
events with a single drug; Horn 2007 holds that it does not fit interactions (see `dips`).

Only what the data state is answered. Left unknown for every case, and why:

* 1, earlier conclusive reports: that an event was published before can be counted, that a report was conclusive cannot.
* 6, placebo: no case field records a placebo; "none was given" would be an answer from silence.
* 8, dose and effect: no case field records the effect of a changed dose.
* 9, similar reaction before: no case field records earlier reactions.

Item 7 asks for a concentration known to be toxic. The data hold no such threshold for mitragynine, so a measured level
leaves it unknown; only "sought and not found" is a no.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from kratom_evidence.appraisal.causality.objective import objective_evidence
from kratom_evidence.appraisal.confounding import explanation_classes
from kratom_evidence.appraisal.exposure import kratom_confirmed
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import UsageError


@dataclass(frozen=True, kw_only=True)
class Item:
    """A question of the scale and its points; an unknown answer scores 0."""

    question: str
    yes: int
    no: int

    def score(self, answer: Truth) -> int:
        """The points of an answer."""
        return {Truth.YES: self.yes, Truth.NO: self.no, Truth.UNKNOWN: 0}[answer]


@dataclass(frozen=True, kw_only=True)
class NaranjoScore:
    """Total with unknown = 0, its band, and the totals that are attainable if the unknown items became known."""

    total: int
    lowest: int
    highest: int
    answered: int

    @property
    def band(self) -> str:
        return naranjo_band(self.total)

    @property
    def lowest_band(self) -> str:
        return naranjo_band(self.lowest)

    @property
    def highest_band(self) -> str:
        return naranjo_band(self.highest)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, where it comes from (`recorded` in a field of its own, `derived` from others, `unknown`), and why."""

    answer: Truth
    provenance: str
    reason: str


ITEMS: Mapping[int, Item] = {
    1: Item(question="Are there earlier conclusive reports of this reaction?", yes=1, no=0),
    2: Item(question="Did the event come after the drug was given?", yes=2, no=-1),
    3: Item(question="Did it improve on stopping or with a specific antagonist?", yes=1, no=0),
    4: Item(question="Did it reappear when the drug was given again?", yes=2, no=-1),
    5: Item(question="Are there other causes that could alone have caused it?", yes=-1, no=2),
    6: Item(question="Did it reappear with placebo?", yes=-1, no=1),
    7: Item(question="Was the drug found in a body fluid at a concentration known to be toxic?", yes=1, no=0),
    8: Item(question="Was it worse with more, or better with less, of the drug?", yes=1, no=0),
    9: Item(question="Was there a similar reaction to the same or a similar drug before?", yes=1, no=0),
    10: Item(question="Was the event confirmed by objective evidence?", yes=1, no=0),
}
_NO_FIELD: Mapping[int, str] = {
    1: "whether earlier reports are conclusive cannot be computed",
    6: "no field records a placebo",
    8: "no field records the effect of a changed dose",
    9: "no field records earlier reactions",
}
_BEFORE_EVENT: Mapping[str, str] = {
    "onset_hours": "time from kratom to the event is stated",
    "kratom_pattern": "use before the event is stated",
    "kratom_duration_days": "time from first use to the event is stated",
}


_CASE_COLUMNS = [*_BEFORE_EVENT, "primary_event", "dechallenge", "rechallenge"]


def naranjo_band(total: int) -> str:
    """Definite (9 or more), probable (5-8), possible (1-4) or doubtful (0 or less)."""
    if total >= 9:
        return "definite"
    if total >= 5:
        return "probable"
    return "possible" if total >= 1 else "doubtful"


def naranjo_score(answers: Mapping[int, Truth]) -> NaranjoScore:
    """The score of given answers; items that are not in `answers` are unknown.

    Raises:
        UsageError: an item that the scale does not have.
    """
    unlisted = set(answers) - set(ITEMS)
    if unlisted:
        raise UsageError(f"The Naranjo scale has the items 1 to {max(ITEMS)}, not {sorted(unlisted)}.")
    known = {number: answer for number, answer in answers.items() if answer is not Truth.UNKNOWN}
    total = sum(ITEMS[number].score(answer) for number, answer in known.items())
    open_items = [item for number, item in ITEMS.items() if number not in known]
    return NaranjoScore(
        total=total,
        lowest=total + sum(min(item.yes, item.no) for item in open_items),
        highest=total + sum(max(item.yes, item.no) for item in open_items),
        answered=len(known),
    )


@computed_by_case
def naranjo_items(dataset: Dataset) -> pd.DataFrame:
    """One row per case x item: case_id, item, question, answer (1, -1, 0; int8), score, provenance, reason."""
    records = [
        (case_id, number, ITEMS[number].question, int(a.answer), ITEMS[number].score(a.answer), a.provenance, a.reason)
        for case_id, answers in naranjo_answers(dataset).items()
        for number, a in answers.items()
    ]
    names = ["case_id", "item", "question", "answer", "score", "provenance", "reason"]
    return pd.DataFrame(records, columns=names).astype({"answer": "int8"})


@computed_by_case
def naranjo_table(dataset: Dataset) -> pd.DataFrame:
    """Per case (index case_id): total, band, lowest, highest, lowest_band, highest_band, answered (of ten items)."""
    records = []
    score_of = cache(lambda answers: naranjo_score(dict(answers)))
    for case_id, answers in naranjo_answers(dataset).items():
        score = score_of(tuple((number, answer.answer) for number, answer in answers.items()))
        bands = (score.band, score.lowest, score.highest, score.lowest_band, score.highest_band)
        records.append((case_id, score.total, *bands, score.answered))
    names = ["case_id", "total", "band", "lowest", "highest", "lowest_band", "highest_band", "answered"]
    return pd.DataFrame(records, columns=names).set_index("case_id")


def event_after_kratom(row: Mapping[str, Any]) -> Answer:
    """Whether kratom was taken before the event (item 2), from one row of the cases.

    Yes when a field that is defined by the order of the two is stated, or the event came back on re-use. In a patient
    who survived, the sample may have been drawn long after both, so a level answers the question in deaths only. That
    the order fits is all that is asked: whether the interval is plausible is not in the data. No field can say no.
    """
    stated = [reason for field, reason in _BEFORE_EVENT.items() if not pd.isna(row[field])]
    if row["primary_event"] == "death" and row["kratom_confirmed"] == Truth.YES:
        stated.append("mitragynine was found after death")
    if row["rechallenge"] == "positive":
        stated.append("the event came back on re-use")
    if stated:
        return Answer(answer=Truth.YES, provenance="derived", reason="; ".join(stated))
    return _unknown("the order of kratom and event is not stated")


@computed_by_case
def naranjo_answers(dataset: Dataset) -> dict[str, dict[int, Answer]]:
    """Case id -> the answer to each item of the scale."""
    objective, classes = objective_evidence(dataset), explanation_classes(dataset)
    given = {}
    cases = dataset.cases[_CASE_COLUMNS].assign(
        kratom_confirmed=kratom_confirmed(dataset),
        objective=objective["state"],
        objective_reason=objective["reason"],
        alternative=classes["alternative"],
        alternatives=classes["present"],
    )
    unanswerable = {number: _unknown(reason) for number, reason in _NO_FIELD.items()}
    for case_id, record in zip(cases.index, cases.to_dict("records"), strict=True):
        row = {str(name): value for name, value in record.items()}
        answers = unanswerable | {
            2: event_after_kratom(row),
            3: _challenge(row["dechallenge"], "dechallenge"),
            4: _challenge(row["rechallenge"], "rechallenge"),
            5: _alternatives(row),
            7: _level(row),
            10: _objective(row),
        }
        given[str(case_id)] = {number: answers[number] for number in ITEMS}
    return given


def _unknown(reason: str) -> Answer:
    return Answer(answer=Truth.UNKNOWN, provenance="unknown", reason=reason)


def _challenge(value: object, name: str) -> Answer:
    if not isinstance(value, str):
        return _unknown(f"{name} is not stated")
    answer = Truth.YES if value == "positive" else Truth.NO
    return Answer(answer=answer, provenance="recorded", reason=f"{name} {value}")


def _alternatives(row: Mapping[str, Any]) -> Answer:
    if row["alternative"] == Truth.YES:
        return Answer(answer=Truth.YES, provenance="derived", reason="stated: " + ", ".join(row["alternatives"]))
    if row["alternative"] == Truth.NO:
        return Answer(answer=Truth.NO, provenance="derived", reason="every other explanation is reported absent")
    return _unknown("none is stated, but not all are reported absent")


def _level(row: Mapping[str, Any]) -> Answer:
    if row["kratom_confirmed"] == Truth.NO:
        return Answer(answer=Truth.NO, provenance="derived", reason="mitragynine was sought and not found")
    if row["kratom_confirmed"] == Truth.YES:
        return _unknown("mitragynine was found; no concentration is known to be toxic")
    return _unknown("no assay in a body fluid is stated")


def _objective(row: Mapping[str, Any]) -> Answer:
    if row["objective"] == Truth.YES:
        return Answer(answer=Truth.YES, provenance="derived", reason=row["objective_reason"])
    return _unknown(row["objective_reason"])
