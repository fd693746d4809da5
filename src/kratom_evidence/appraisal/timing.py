"""When a co-exposure was taken: the timing of the codebook, with "recently stopped" read from the wording."""

import re
from collections.abc import Mapping
from enum import StrEnum

# Five weeks: the longest look-back in use with the criteria, a convention and not part of their publications.
RECENT_DAYS = 35
_RECENT = re.compile(r"\b(?:recently|just) (?:stopped|discontinued)\b", re.IGNORECASE)
_NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DAYS: Mapping[str, int] = {"day": 1, "week": 7, "month": 30, "year": 365}
_INTERVAL = re.compile(
    rf"(?<![\w.,-])(?P<number>\d+|{'|'.join(_NUMBER_WORDS)}) (?P<unit>{'|'.join(_DAYS)})s? (?:before|ago)\b",
    re.IGNORECASE,
)


class TimingClass(StrEnum):
    """When a co-exposure was taken, relative to the event."""

    CONCURRENT = "concurrent"
    GIVEN_IN_HOSPITAL = "given_in_hospital_before_event"
    RECENTLY_STOPPED = "recently_stopped"
    UNCLEAR = "unclear"
    PAST = "past"


def stopped_days_before(dose_text: object) -> float | None:
    """Days between the last dose and the event, where the wording dates it ("stopped four days before"), else None.

    Only a whole number directly followed by a unit and "before" or "ago" is read, no range and no fraction. A month is
    30 days, a year 365. The shortest interval counts when there are several.
    """
    if not isinstance(dose_text, str):
        return None
    found = [_number(match["number"]) * float(_DAYS[match["unit"].lower()]) for match in _INTERVAL.finditer(dose_text)]
    return min(found, default=None)


def timing_class(timing: str, dose_text: object) -> TimingClass:
    """The timing class of a co-exposure from its codebook timing and, for a past one, the wording of its detail."""
    if timing != "past":
        return TimingClass(timing)
    days = stopped_days_before(dose_text)
    recent = isinstance(dose_text, str) and _RECENT.search(dose_text) is not None
    return TimingClass.RECENTLY_STOPPED if recent or (days is not None and days <= RECENT_DAYS) else TimingClass.PAST


def _number(text: str) -> float:
    return float(text) if text.isdigit() else float(_NUMBER_WORDS.index(text.lower()) + 1)
