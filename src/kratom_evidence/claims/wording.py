"""Counted things in words: singular, plural and zero, lists and percentages."""

from collections.abc import Sequence

_IRREGULAR_NOUNS = {"study": "studies", "class": "classes"}
_PLURAL_VERBS = {"is": "are", "was": "were", "has": "have", "does": "do", "says": "say", "shows": "show"}


def counted(number: int, noun: str, rest: str = "") -> str:
    """A number with its noun: "no case", "1 case", "3 known records". `rest` follows it unchanged."""
    head, _, last = noun.rpartition(" ")
    word = last if number <= 1 else _plural_noun(last)
    return " ".join(part for part in (str(number) if number else "no", head, word, rest) if part)


def _plural_noun(noun: str) -> str:
    return _IRREGULAR_NOUNS.get(noun, f"{noun}s")


def verb(number: int, singular: str) -> str:
    """The verb that goes with a number of things: "is" for none and for one ("no case is"), else "are"."""
    return singular if number <= 1 else _PLURAL_VERBS[singular]


def none_or(number: int) -> str:
    """A number as a subject: "none" or the digits."""
    return str(number) if number else "none"


def listed(items: Sequence[str], last: str = "and") -> str:
    """The items as a list in words: "a", "a and b", "a, b and c"."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def percent(share: float) -> str:
    """A share as a percentage without false precision: whole numbers, one decimal below 10 %."""
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 10 else f"{value:.0f} %"


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
