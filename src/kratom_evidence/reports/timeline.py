"""The course of one case in words, in the order in which things happened, as far as the publication tells it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kratom_evidence.appraisal.timing import TimingClass
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_sheet import co_exposure_table, value_in_words
from kratom_evidence.presentation import NOT_STATED

# Places of the co-exposures around kratom itself, in the order of time; unclear ones stand beside it.
_BEFORE = (
    (TimingClass.PAST, "Stopped before the event, not known to be recent"),
    (TimingClass.RECENTLY_STOPPED, "Recently stopped before the event"),
)
_BESIDE = (
    (TimingClass.CONCURRENT, "At the same time as kratom"),
    (TimingClass.UNCLEAR, "At a time that is not clear"),
    (TimingClass.GIVEN_IN_HOSPITAL, "Given by carers before the event"),
)
_KRATOM: Mapping[str, str] = {
    "form": "kratom_forms",
    "route": "kratom_route",
    "dose": "kratom_dose_text",
    "daily dose": "kratom_dose_g_per_day",
    "time since first use": "kratom_duration_days",
    "pattern": "kratom_pattern",
    "reason": "kratom_reason",
    "specimens in which mitragynine was found": "mitragynine_detected_in",
    "mitragynine in blood": "mitragynine_blood_ng_ml",
}


def patient_in_words(case: Dataset) -> str:
    """Age and sex of the one case, such as "63 years, male"; what is not stated is said to be so."""
    years, words, sex = (case.cases[name].iloc[0] for name in ("age_years", "age_text", "sex"))
    if pd.isna(years):
        age = words if isinstance(words, str) else f"age {NOT_STATED}"
    else:
        age = "newborn" if years == 0 else f"{years} years"
    return f"{age}, {sex if isinstance(sex, str) else f'sex {NOT_STATED}'}"


def event_in_words(case: Dataset) -> str:
    """The label of the primary event of the one case."""
    return str(case.event_terms.loc[case.cases["primary_event"].iloc[0], "label"])


def timeline(case: Dataset) -> tuple[str, ...]:
    """One sentence for each step of the one case: what was taken before, kratom, what besides, the event, the course.

    A step of which nothing is stated says so; only the co-exposures' places that nothing stands in are left out.
    """
    return (
        f"Patient: {patient_in_words(case)}; conditions: {said(case, 'conditions')}.",
        f"Country: {value_in_words(case, 'country') or NOT_STATED}.",
        *_co_exposures(case, _BEFORE),
        f"Kratom – {kratom_in_words(case)}.",
        *_co_exposures(case, _BESIDE),
        *_silence_on_co_exposures(case),
        f"Event: {event_in_words(case)}. Time from the last or decisive kratom dose: {said(case, 'onset_hours')}.",
        f"Done or given after onset: {said(case, 'treatments').replace('_', ' ')}.",
        f"After kratom was stopped (dechallenge): {said(case, 'dechallenge')}.",
        f"After kratom was taken again (rechallenge): {said(case, 'rechallenge')}.",
        f"Outcome: {said(case, 'outcome')}.",
    )


def kratom_in_words(case: Dataset) -> str:
    """How kratom was taken in the one case: what is stated, then the names of what is not."""
    stated, silent = _kratom(case)
    return "; ".join([*stated, *([f"{NOT_STATED}: {', '.join(silent)}"] if silent else [])])


def stated_of_kratom(case: Dataset) -> str:
    """How kratom was taken in the one case, as far as it is stated."""
    stated, silent = _kratom(case)
    rest = [f"{'all else' if stated else 'how it was taken'} {NOT_STATED}"] if silent else []
    return "; ".join([*stated, *rest])


def _kratom(case: Dataset) -> tuple[list[str], list[str]]:
    """What is stated, in words, and the names of what is not."""
    values = {words: value_in_words(case, name) for words, name in _KRATOM.items()}
    stated = [f"{words}: {_in_sentence(value)}" for words, value in values.items() if value is not None]
    return stated, [words for words, value in values.items() if value is None]


def said(case: Dataset, name: str) -> str:
    """A field in the middle of a sentence: "not stated", "none", or its values."""
    value = value_in_words(case, name)
    return NOT_STATED if value is None else _in_sentence(value)


def _in_sentence(value: Any) -> str:
    return ", ".join(map(_inside, value)) or "none" if isinstance(value, tuple) else _inside(value)


def _inside(label: str) -> str:
    """A label within a sentence: the first letter small, unless the word is an abbreviation or a name in capitals."""
    label = label.partition(":")[0] if label.startswith(("Positive:", "Negative:")) else label
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _co_exposures(case: Dataset, places: tuple[tuple[TimingClass, str], ...]) -> tuple[str, ...]:
    table = co_exposure_table(case)
    sentences = []
    for timing, words in places:
        rows = table[table["timing_class"] == timing.value.replace("_", " ")]
        named = [_co_exposure(row) for row in rows.to_dict("records")]
        if named:
            sentences.append(f"{words}: {'; '.join(named)}.")
    return tuple(sentences)


def _co_exposure(row: dict[Any, Any]) -> str:
    dose = row["dose_text"] if isinstance(row["dose_text"], str) else f"dose {NOT_STATED}"
    return f"{row['substance']} ({_inside(row['evidence'])}; {dose})"


def _silence_on_co_exposures(case: Dataset) -> tuple[str, ...]:
    listed = case.cases["co_exposures"].iloc[0]
    if listed is None:
        return (f"Other substances: {NOT_STATED} in what was read. This does not mean that there were none.",)
    return () if listed else ("Other substances: the publication says that there were none.",)
