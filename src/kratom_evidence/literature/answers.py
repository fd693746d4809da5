"""Taking values out of a service's answer when nothing is certain about its form."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kratom_evidence.literature.citation import plain_text

_EMPTY: Mapping[str, Any] = {}


def part(document: object, *names: str) -> Mapping[str, Any]:
    """The object at that path, or an empty one where any step of it is missing or something else."""
    for name in names:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document if isinstance(document, Mapping) else _EMPTY


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; a single object counts as a list of one, anything else as none."""
    entries: Sequence[object] = value if isinstance(value, list) else [value]
    for entry in entries:
        if isinstance(entry, Mapping):
            yield entry


def first_text(value: object) -> str | None:
    """The text, or the first one of a list, cleaned."""
    if isinstance(value, list):
        return next((text for text in map(plain_text, value) if text is not None), None)
    return plain_text(value)


def texts(value: object) -> tuple[str, ...]:
    """All texts of a list, or the single text, cleaned."""
    entries = value if isinstance(value, list) else [value]
    return tuple(text for text in map(plain_text, entries) if text is not None)


def whole_number(value: object) -> int | None:
    """A count, given as a number or as digits; None when it is anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
        return int(value)
    return None


def year_of(value: object) -> int | None:
    """The year at the beginning of a date such as "2023 Jul 14" or "2023/07/14"."""
    year = whole_number(value[:4]) if isinstance(value, str) else whole_number(value)
    return year if year is not None and 1500 <= year <= 2200 else None


def date_of_parts(value: object) -> str | None:
    """{"date-parts": [[2019, 7, 26]]} as 2019-07-26, with as many parts as are given."""
    outer = part(value).get("date-parts")
    parts = outer[0] if isinstance(outer, list) and outer and isinstance(outer[0], list) else []
    year = year_of(parts[0]) if parts else None
    if year is None:
        return None
    text = f"{year:04d}"
    for number, largest in zip((whole_number(entry) for entry in parts[1:3]), (12, 31), strict=False):
        if number is None or not 1 <= number <= largest:
            break
        text += f"-{number:02d}"
    return text
