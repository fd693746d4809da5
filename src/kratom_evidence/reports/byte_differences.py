"""Where two versions of a file differ, in a few lines that are safe to show on a terminal."""

from dataclasses import dataclass
from itertools import zip_longest

_MOST_SHOWN = 3
_WIDTH = 100
_BEFORE = 30  # characters of a long line that are shown before the first one that differs


@dataclass(frozen=True, kw_only=True)
class LineDifference:
    """A line that differs: `line` counts from 1; None where one version has no such line."""

    line: int
    again: str | None
    lies: str | None


def first_differences(again: bytes, lies: bytes) -> tuple[LineDifference, ...]:
    """The first lines that differ between the file as it was made again and as it lies there, line by line.

    Of a long line the part around the first difference is given; what does not print is shown as a dot, so that no
    text of a page can steer a terminal.
    """
    found: list[LineDifference] = []
    for number, (one, other) in enumerate(zip_longest(again.split(b"\n"), lies.split(b"\n")), start=1):
        if one != other:
            found.append(_difference(number, one, other))
        if len(found) == _MOST_SHOWN:
            break
    return tuple(found)


def _difference(number: int, one: bytes | None, other: bytes | None) -> LineDifference:
    texts = [None if line is None else line.decode("utf-8", "replace") for line in (one, other)]
    first, second = texts[0] or "", texts[1] or ""
    same = next(
        (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    start = max(0, same - _BEFORE)
    shown = [None if text is None else _window(text, start) for text in texts]
    return LineDifference(line=number, again=shown[0], lies=shown[1])


def _window(text: str, start: int) -> str:
    part = "".join(character if character.isprintable() else "·" for character in text[start : start + _WIDTH])
    return f"{'…' if start else ''}{part}{'…' if start + _WIDTH < len(text) else ''}"
