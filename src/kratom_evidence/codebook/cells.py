"""From the text of a cell to its value and back, with every fault explained.

A list cell has three states (contract): values separated by `; `, the word `none` (the publication says that there
were none) or empty (the publication, or the part that was read, does not say). They are read as a tuple, as the
empty tuple and as None. "Not stated" is never turned into "absent".
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from kratom_evidence.codebook.schema import Field
from kratom_evidence.nearest import nearest_name

NONE_WORD = "none"
SEPARATOR = "; "


@dataclass(frozen=True, kw_only=True, order=True)
class CoExposure:
    """Another substance besides kratom; `evidence` and `timing` are values of the codebook's categories."""

    substance: str
    evidence: str
    timing: str
    dose_text: str | None = None

    def __str__(self) -> str:
        detail = "" if self.dose_text is None else f": {self.dose_text}"
        return f"{self.substance} [{self.evidence}, {self.timing}{detail}]"


Item: TypeAlias = str | CoExposure
Value: TypeAlias = str | int | float | tuple[Item, ...] | None


@dataclass(frozen=True, kw_only=True)
class CellProblem:
    """What is wrong with one value in a cell, before it is known in which file and row the cell is."""

    code: str
    value: str
    why: str
    mend: str
    nearest: str | None = None


@dataclass(frozen=True, kw_only=True)
class CellReading:
    """The value of a cell, and what is wrong with it. The value means nothing when there are problems."""

    value: Value
    problems: tuple[CellProblem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The allowed values of a column and, for suggestions only, other spellings of them (in lower case)."""

    names: frozenset[str]
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def suggest(self, text: str) -> str | None:
        """The allowed value that `text` is a synonym or a misspelling of."""
        known = self.synonyms.get(text.casefold())
        if known is not None:
            return known
        by_case = {name.casefold(): name for name in self.names}
        if text.casefold() in by_case:
            return by_case[text.casefold()]
        match = nearest_name(text, [*self.names, *self.synonyms])
        return self.synonyms.get(match, match) if match is not None else None


Problems: TypeAlias = tuple[CellProblem, ...]
ItemReader: TypeAlias = Callable[[str], tuple[Item, Problems]]

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_CO_EXPOSURE = re.compile(r"(?P<substance>[^\[\]]*?)\s*\[(?P<detail>[^\[\]]*)\]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ufffd\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ITEM = re.compile(r"(?:[^;\[\]]|\[[^\[\]]*\]|[\[\]])+")
LONGEST_CELL = 10_000


def cell_reader(column: Field, vocabulary: Vocabulary | None = None) -> Callable[[str], CellReading]:
    """The function that reads the cells of a column.

    `vocabulary` holds the allowed values when the codebook takes them from another table; without it that check is
    not made.
    """
    if column.list_kind is not None:
        item = _co_exposure_reader(column, vocabulary) if column.item_form else _name_reader(column, vocabulary)
        read = _list_reader(item, three_state=column.list_kind == "three_state", free=_is_free(column, vocabulary))
    elif column.type == "string":
        read = _scalar_reader(_name_reader(column, vocabulary))
    else:
        read = _number_reader(column)
    return _guarded(column, read)


def format_cell(value: Value) -> str:
    """The text of a cell that holds `value`: the inverse of reading."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return SEPARATOR.join(str(item) for item in value) if value else NONE_WORD
    return str(value)


def _is_free(column: Field, vocabulary: Vocabulary | None) -> bool:
    return not column.categories and vocabulary is None and column.pattern is None


def _guarded(column: Field, read: Callable[[str], CellReading]) -> Callable[[str], CellReading]:
    """Checks that concern every cell: emptiness, stray spaces, characters that cannot be seen, length."""

    def guarded(text: str) -> CellReading:
        if text == "":
            problems = (_missing(column),) if column.required else ()
            return CellReading(value=() if column.list_kind == "plain" else None, problems=problems)
        problem = _spoilt(text)
        return CellReading(value=None, problems=(problem,)) if problem else read(text)

    return guarded


def _missing(column: Field) -> CellProblem:
    return CellProblem(
        code="C101",
        value="",
        why=f"{column.title} must be given for every row.",
        mend=f"Fill in the cell ({column.description.rstrip('.')}).",
    )


def _spoilt(text: str) -> CellProblem | None:
    if len(text) > LONGEST_CELL:
        return CellProblem(
            code="C113",
            value=text,
            why=f"The cell holds {len(text)} characters; no cell may hold more than {LONGEST_CELL}.",
            mend="Shorten the text; a cell this long usually means that a quotation mark is missing above it.",
        )
    hidden = _UNPRINTABLE.search(text)
    if hidden:
        return CellProblem(
            code="C112",
            value=text,
            why=f"The cell holds a character that cannot be seen or printed (U+{ord(hidden.group()):04X}).",
            mend="Delete the cell and type its content again.",
        )
    if text != text.strip():
        return CellProblem(
            code="C109",
            value=text,
            why="The cell begins or ends with a space.",
            mend=f"Remove the space, so that the cell holds {text.strip()!r}.",
            nearest=text.strip() or None,
        )
    return None


def _scalar_reader(item: ItemReader) -> Callable[[str], CellReading]:
    def read(text: str) -> CellReading:
        _, problems = item(text)
        return CellReading(value=text, problems=problems)

    return read


def _number_reader(column: Field) -> Callable[[str], CellReading]:
    pattern = _INTEGER if column.type == "integer" else _NUMBER
    kind = "a whole number" if column.type == "integer" else "a number"
    unit = f" in {column.unit}" if column.unit else ""

    def read(text: str) -> CellReading:
        if not pattern.fullmatch(text):
            return CellReading(value=None, problems=(_not_a_number(text, f"{kind}{unit}"),))
        value = int(text) if column.type == "integer" else float(text)
        problem = _out_of_range(column, text, value)
        return CellReading(value=value, problems=(problem,) if problem else ())

    return read


def _not_a_number(text: str, expected: str) -> CellProblem:
    repaired = text.replace(",", ".")
    decimal_comma = text.count(",") == 1 and _NUMBER.fullmatch(repaired) is not None
    return CellProblem(
        code="C102",
        value=text,
        why=f"The cell must hold {expected} and nothing else.",
        mend="Write a decimal point instead of the comma."
        if decimal_comma
        else "Write digits only, with a decimal point where needed; leave the cell empty when it is not stated.",
        nearest=repaired if decimal_comma else None,
    )


def _out_of_range(column: Field, text: str, value: float) -> CellProblem | None:
    too_low = column.minimum is not None and value < column.minimum
    too_high = column.maximum is not None and value > column.maximum
    if not (too_low or too_high):
        return None
    unit = f" {column.unit}" if column.unit else ""
    return CellProblem(
        code="C103",
        value=text,
        why=f"{column.title} must lie between {column.minimum} and {column.maximum}{unit}.",
        mend="Check the number and its unit in the publication (a lost decimal point? another unit?).",
    )


def _name_reader(column: Field, vocabulary: Vocabulary | None) -> ItemReader:
    """Reads one text: a category, a term of a vocabulary, a text of a given form, or free text."""
    allowed = vocabulary or (Vocabulary(names=frozenset(column.labels)) if column.categories else None)
    code = "C105" if vocabulary else "C104"
    where = f"a value listed in {column.vocabulary[0]}" if column.vocabulary else "one of its listed values"
    pattern = re.compile(column.pattern) if column.pattern else None

    def read(text: str) -> tuple[Item, Problems]:
        if allowed is not None and text not in allowed.names:
            return text, (_unlisted(text, code, column.title, where, allowed),)
        if pattern is not None and not pattern.fullmatch(text):
            return text, (_malformed(text, column),)
        if column.max_length is not None and len(text) > column.max_length:
            return text, (_malformed(text, column),)
        return text, ()

    return read


def _unlisted(text: str, code: str, title: str, where: str, allowed: Vocabulary) -> CellProblem:
    few = len(allowed.names) <= 12
    options = f" Allowed: {', '.join(sorted(allowed.names))}." if few else ""
    return CellProblem(
        code=code,
        value=text,
        why=f"{title} must be {where}.{options}",
        mend="Use a listed value, or add a new one to the vocabulary first." if code == "C105" else "Use one of them.",
        nearest=allowed.suggest(text),
    )


def _malformed(text: str, column: Field) -> CellProblem:
    form = f"the form {column.pattern}" if column.pattern else f"at most {column.max_length} characters"
    return CellProblem(
        code="C108",
        value=text,
        why=f"{column.title} must have {form}.",
        mend=f"Write it in that form ({column.description.rstrip('.')}).",
    )


def _co_exposure_reader(column: Field, vocabulary: Vocabulary | None) -> ItemReader:
    """Reads `substance [evidence, timing: dose or detail]`."""
    substance = _name_reader(column, vocabulary)
    parts = {
        part: Vocabulary(names=frozenset(category.value for category in column.item_categories.get(part, ())))
        for part in ("evidence", "timing")
    }

    def read(text: str) -> tuple[Item, Problems]:
        match = _CO_EXPOSURE.fullmatch(text)
        head, _, detail = match["detail"].partition(":") if match else ("", "", "")
        pieces = [piece.strip() for piece in head.split(",")]
        if match is None or len(pieces) != 2:
            return text, (_shapeless(text, vocabulary),)
        exposure = CoExposure(
            substance=match["substance"], evidence=pieces[0], timing=pieces[1], dose_text=detail.strip() or None
        )
        _, problems = substance(exposure.substance)
        for part, value in (("evidence", exposure.evidence), ("timing", exposure.timing)):
            if value not in parts[part].names:
                problems += (_unlisted(value, "C104", f"The {part} of a co-exposure", "listed", parts[part]),)
        return exposure, problems

    return read


def _shapeless(text: str, vocabulary: Vocabulary | None) -> CellProblem:
    name = text.partition("[")[0].strip()
    suggestion = vocabulary.suggest(name) if vocabulary else None
    return CellProblem(
        code="C111",
        value=text,
        why="A co-exposure must read: substance [evidence, timing] or substance [evidence, timing: dose].",
        mend="For example: sertraline [prescribed, concurrent: 50 mg per day]. When timing is not stated: unclear.",
        nearest=suggestion,
    )


def _list_reader(item: ItemReader, *, three_state: bool, free: bool) -> Callable[[str], CellReading]:
    def read(text: str) -> CellReading:
        if three_state and text == NONE_WORD:
            return CellReading(value=())
        pieces = [piece.strip() for piece in _ITEM.findall(text)]
        readings = [item(piece) for piece in pieces if not _is_none_word(piece, three_state)]
        problems = _list_problems(text, pieces, three_state=three_state)
        if not problems:
            # A wrong separator makes nonsense of the items, so it is named instead of them.
            separator = _wrong_separator(text, readings, free=free)
            problems = (separator,) if separator else tuple(p for _, found in readings for p in found)
        return CellReading(value=tuple(value for value, _ in readings), problems=problems)

    return read


def _is_none_word(piece: str, three_state: bool) -> bool:
    return three_state and piece.casefold() == NONE_WORD


def _list_problems(text: str, pieces: list[str], *, three_state: bool) -> Problems:
    problems: list[CellProblem] = []
    if any(_is_none_word(piece, three_state) for piece in pieces):
        problems.append(
            CellProblem(
                code="C107",
                value=text,
                why="The word none stands for a publication that says there were none; it cannot stand beside values.",
                mend="Keep either the word none (in lower case, alone) or the values; leave the cell empty when the "
                "publication does not say.",
            )
        )
    if text.endswith(";") or text.startswith(";") or "" in pieces or re.search(r";\s*;", text):
        problems.append(
            CellProblem(
                code="C106", value=text, why="An entry of the list is empty.", mend="Remove the extra semicolon."
            )
        )
    for piece, count in Counter(pieces).items():
        if count > 1:
            problems.append(
                CellProblem(
                    code="C110", value=piece, why=f"The entry stands {count} times in the list.", mend="Keep it once."
                )
            )
    return tuple(problems)


def _wrong_separator(text: str, readings: Iterable[tuple[Item, Problems]], *, free: bool) -> CellProblem | None:
    """Whether the list was written with another separator than the semicolon."""
    outside_brackets = re.sub(r"\[[^\[\]]*\]", "", text)
    suspects = "|" if free else "|,/\t"
    mark = next((mark for mark in suspects if mark in outside_brackets), None)
    if mark is None or not (free or any(problems for _, problems in readings)):
        return None
    repaired = SEPARATOR.join(piece.strip() for piece in text.split(mark)) if outside_brackets == text else None
    return CellProblem(
        code="C106",
        value=text,
        why=f"The entries of a list are separated by a semicolon and a space, not by {mark!r}.",
        mend="Write the entries as: first; second; third.",
        nearest=repaired,
    )
