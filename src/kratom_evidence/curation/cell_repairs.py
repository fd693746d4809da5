"""Repairs of single cells that leave no choice.

A repair is made only when exactly one sound text can have become the faulty one: another hyphen, another case, a
decimal comma. The word None is not repaired: a person may have meant none, a program that nothing is stated.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from kratom_evidence.codebook import CellReading, Field, format_cell, tidied
from kratom_evidence.codebook.cells import DASHES, is_open
from kratom_evidence.codebook.csv_record import LINE_BREAK, one_line
from kratom_evidence.codebook.damage import decimals_added, percent_spaced
from kratom_evidence.codebook.lists import parse_co_exposure, split_outside_brackets
from kratom_evidence.codebook.tidying import ZERO_WIDTH
from kratom_evidence.codebook.values import NONE_WORD, SEPARATOR

_INVISIBLE = str.maketrans("", "", ZERO_WIDTH)
_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + ZERO_WIDTH
_MOST_LINES = 10
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(?:[ \u00a0\u202f'’][0-9]{3})+(?:[.,][0-9]+)?")
_GROUP_MARKS = re.compile(r"[ \u00a0\u202f'’]")
_COMMA_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+")
_DOI_ADDRESS = re.compile(r"(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class CellColumn:
    """A column as far as its cells are repaired: its field, how they are read, and the values that are listed.

    `allowed` is None where the codebook lists none.
    """

    field: Field
    read: Callable[[str], CellReading]
    allowed: Collection[str] | None = None


def repaired_cell(raw: str, column: CellColumn) -> tuple[str, tuple[str, ...]]:
    """The text that the cell should hold, and the codes of the rules that its repair restores."""
    codes: list[str] = []
    text = raw
    if LINE_BREAK.search(raw.strip()):
        is_text = is_open(column.field) and column.field.list_kind is None
        if not is_text or len(LINE_BREAK.findall(raw)) > _MOST_LINES:
            return raw, ()
        text, codes = one_line(raw), ["F009"]
    stripped = text.strip(_BLANKS)
    if stripped != text:
        codes.append("C109")
    text = tidied(stripped)
    if text != stripped:
        codes.append("C119")
    if not text:
        return text, tuple(codes)
    problems = column.read(text).problems
    if problems:
        meant = {other for other in _candidates(text, column) if not column.read(other).problems}
        if len(meant) != 1:
            return text, tuple(codes)
        text = meant.pop()
        codes.append(problems[0].code)
    spaced = _spaced(text, column)
    if spaced != text:
        codes.append("C120")
    return spaced, tuple(codes)


def _spaced(text: str, column: CellColumn) -> str:
    value = column.read(text).value
    return format_cell(value) if isinstance(value, tuple) and value else text


def _candidates(text: str, column: CellColumn) -> set[str]:
    """The sound or unsound texts that may have been meant by a faulty one."""
    visible = text.translate(_INVISIBLE)
    if column.field.type != "string":
        return set(_numbers(visible, column.field))
    if column.field.list_kind is not None:
        return set(_lists(visible, column))
    if is_open(column.field):
        return {visible, percent_spaced(visible) or visible}
    return _names(visible, column)


def _numbers(text: str, field: Field) -> Iterator[str]:
    if field.unit and text.endswith(field.unit):
        text = text.removesuffix(field.unit).strip()
    number = text.translate(DASHES).replace("·", ".")
    if _GROUPED.fullmatch(number):
        number = _GROUP_MARKS.sub("", number)
    elif _COMMA_THOUSANDS.fullmatch(number):
        # 1,710 is 1710 or 1.71, and 1,000 is 1000 or 1.000: in a whole number only the latter leaves a doubt.
        if field.type == "integer" and not number.endswith(",000"):
            yield number.replace(",", "")
        return
    yield number
    yield number.replace(",", ".")
    whole = decimals_added(number)
    if whole is not None and whole.nearest is not None and field.type == "integer":
        yield whole.nearest


def _names(text: str, column: CellColumn) -> set[str]:
    """The listed values that look like the text, or the forms of the text that a pattern may ask for."""
    if column.allowed is not None:
        return _alike(text, column.allowed)
    plain = _DOI_ADDRESS.sub("", _looks(text), count=1) if _DOI_ADDRESS.match(text) else _looks(text)
    whole = decimals_added(plain)
    forms = {plain, plain.upper(), plain.lower()}
    return forms if whole is None or whole.nearest is None else {*forms, whole.nearest}


def _alike(text: str, allowed: Collection[str]) -> set[str]:
    if text in allowed:
        return {text}
    wanted = _looks(text).casefold()
    return {name for name in allowed if _looks(name).casefold() == wanted}


def _looks(text: str) -> str:
    """The text with the hyphens, apostrophes and spaces of the keyboard."""
    return " ".join(tidied(text).translate(_INVISIBLE).translate(DASHES).replace("’", "'").split())


def _lists(text: str, column: CellColumn) -> Iterator[str]:
    for mark in ";,|/\t":
        pieces = [piece for piece in split_outside_brackets(text, mark) if piece]
        if not pieces or (len(pieces) > 1 and any(piece.casefold() == NONE_WORD for piece in pieces)):
            continue
        if is_open(column.field):
            if mark == ";":
                yield SEPARATOR.join(pieces)
            continue
        entries = [_entries(piece, column) for piece in pieces]
        if all(len(found) == 1 for found in entries):
            yield SEPARATOR.join(found.pop() for found in entries)


def _entries(text: str, column: CellColumn) -> set[str]:
    if column.field.item_form is None:
        return _names(text, column) if column.allowed is not None else {text}
    exposure = parse_co_exposure(text)
    if exposure is None:
        return set()
    parts = {
        part: _alike(getattr(exposure, part), [category.value for category in column.field.item_categories[part]])
        for part in ("evidence", "timing")
    }
    substances = _alike(exposure.substance, column.allowed or ())
    if any(len(found) != 1 for found in (substances, *parts.values())):
        return set()
    changed = replace(
        exposure, substance=substances.pop(), evidence=parts["evidence"].pop(), timing=parts["timing"].pop()
    )
    return {str(changed)}
