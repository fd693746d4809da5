"""Reading list cells, whose entries are separated by a semicolon and a space."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

from kratom_evidence.codebook.names import ItemReader, name_reader, unlisted
from kratom_evidence.codebook.schema import Field
from kratom_evidence.codebook.values import (
    NONE_WORD,
    SEPARATOR,
    CellProblem,
    CellReading,
    CoExposure,
    Item,
    Problems,
    Vocabulary,
)

_BRACKETED = re.compile(r"\[[^\[\]]*\]")
# In a list of free text, "none, asthma" is one entry; it still mixes none with a value.
_NONE_AND_MORE = re.compile(r"none\s*[,/&+]", re.IGNORECASE)


def list_reader(item: ItemReader, *, three_state: bool, free: bool) -> Callable[[str], CellReading]:
    """The function that reads a list cell that is neither empty nor spoilt.

    `free` says that an entry may be any text, so that commas and slashes in it prove nothing.
    """
    # The lists of a column have their entries in common.
    item = cache(item)

    def read(text: str) -> CellReading:
        if three_state and text == NONE_WORD:
            return CellReading(value=())
        pieces = split_outside_brackets(text, ";")
        entries = [piece for piece in pieces if piece and not (three_state and piece.casefold() == NONE_WORD)]
        readings = [item(entry) for entry in entries]
        mark = _wrong_separator(text, item, readings, free=free)
        if mark is not None:
            # A wrong separator makes nonsense of the entries, so those between the wrong marks are read instead.
            corrected = SEPARATOR.join(split_outside_brackets(text, mark))
            problems = (_separated_wrongly(text, mark, corrected), *read(corrected).problems)
            return CellReading(value=None, problems=problems)
        faults = tuple(problem for _, problems in readings for problem in problems)
        problems = (*_list_problems(text, pieces, entries, three_state=three_state, free=free), *faults)
        return CellReading(value=tuple(value for value, _ in readings), problems=problems)

    return read


def co_exposure_reader(column: Field, vocabulary: Vocabulary | None) -> ItemReader:
    """The function that reads `substance [evidence, timing: dose or detail]`."""
    substance = name_reader(column, vocabulary)
    parts = {
        part: Vocabulary(names=frozenset(category.value for category in column.item_categories.get(part, ())))
        for part in ("evidence", "timing")
    }

    def read(text: str) -> tuple[Item, Problems]:
        exposure = parse_co_exposure(text)
        if exposure is None:
            return text, (_shapeless(text, vocabulary),)
        _, problems = substance(exposure.substance)
        for part, value in (("evidence", exposure.evidence), ("timing", exposure.timing)):
            if value not in parts[part].names:
                problems += (unlisted(value, "C104", f"The {part} of a co-exposure", parts[part]),)
        return exposure, problems

    return read


def parse_co_exposure(text: str) -> CoExposure | None:
    """The co-exposure that a text of the right shape names; None when it has another shape."""
    name, bracket, rest = text.partition("[")
    if not bracket or not rest.endswith("]") or "[" in rest or "]" in name or "]" in rest[:-1] or not name.strip():
        return None
    head, _, detail = rest[:-1].partition(":")
    pieces = [piece.strip() for piece in head.split(",")]
    if len(pieces) != 2:
        return None
    return CoExposure(substance=name.strip(), evidence=pieces[0], timing=pieces[1], dose_text=detail.strip() or None)


def _shapeless(text: str, vocabulary: Vocabulary | None) -> CellProblem:
    name = text.partition("[")[0].strip()
    nearest = vocabulary.suggest(name) if vocabulary else None
    return CellProblem(
        code="C111",
        value=text,
        why="A co-exposure must read: substance [evidence, timing] or substance [evidence, timing: dose].",
        mend="For example: sertraline [prescribed, concurrent: 50 mg per day]. When timing is not stated: unclear.",
        nearest=None if nearest == text else nearest,
    )


def split_outside_brackets(text: str, mark: str) -> list[str]:
    """The pieces between the marks, stripped; a mark inside brackets separates nothing."""
    if "[" not in text:
        return [piece.strip() for piece in text.split(mark)]
    pieces: list[str] = []
    start = 0
    for found in re.finditer(rf"{_BRACKETED.pattern}|{re.escape(mark)}", text):
        if found.group() == mark:
            pieces.append(text[start : found.start()].strip())
            start = found.end()
    return [*pieces, text[start:].strip()]


def _list_problems(
    text: str, pieces: Sequence[str], entries: Sequence[str], *, three_state: bool, free: bool
) -> Problems:
    problems: list[CellProblem] = []
    if three_state and any(piece.casefold() == NONE_WORD or (free and _NONE_AND_MORE.match(piece)) for piece in pieces):
        problems.append(_none_beside_values(text, entries))
    if "" in pieces:
        problems.append(
            CellProblem(
                code="C106",
                value=text,
                why="An entry of the list is empty.",
                mend="Remove the extra semicolon.",
                nearest=SEPARATOR.join(piece for piece in pieces if piece) or None,
            )
        )
    repeated = len(set(entries)) < len(entries)
    for piece, count in Counter(entries).items() if repeated else ():
        if count > 1:
            problems.append(
                CellProblem(
                    code="C110",
                    value=piece,
                    why=f"The entry stands {count} times in the list.",
                    mend="Keep it once.",
                    nearest=SEPARATOR.join(dict.fromkeys(pieces)),
                )
            )
    return tuple(problems)


def _none_beside_values(text: str, entries: Sequence[str]) -> CellProblem:
    return CellProblem(
        code="C107",
        value=text,
        why="The word none stands for a publication that says there were none; it cannot stand beside values."
        if entries
        else "The word none, for a publication that says there were none, stands once and in lower case.",
        mend="Keep either the word none (in lower case, alone) or the values; leave the cell empty when the "
        "publication does not say.",
        nearest=SEPARATOR.join(entries) if entries else NONE_WORD,
    )


def _wrong_separator(
    text: str, item: ItemReader, readings: Sequence[tuple[Item, Problems]], *, free: bool
) -> str | None:
    """The mark that separates the entries in place of the semicolon, or None.

    In a list of free text only marks that no text needs are taken for one. Elsewhere a mark is taken for one when an
    entry is faulty as it stands and at least one of the pieces between the marks is a proper entry.
    """
    if not free and not any(problems for _, problems in readings):
        return None
    outside_brackets = _BRACKETED.sub("", text)
    for mark in "|\t" if free else "|,/\t":
        if mark in outside_brackets:
            pieces = [piece for piece in split_outside_brackets(text, mark) if piece]
            if free or any(not item(piece)[1] or piece == NONE_WORD for piece in pieces):
                return mark
    return None


def _separated_wrongly(text: str, mark: str, corrected: str) -> CellProblem:
    name = "a tab" if mark == "\t" else repr(mark)
    entries = [entry for entry in corrected.split(SEPARATOR) if entry and entry.casefold() != NONE_WORD]
    return CellProblem(
        code="C106",
        value=text,
        why=f"The entries of a list are separated by a semicolon and a space, not by {name}.",
        mend="Write the entries as: first; second; third.",
        nearest=SEPARATOR.join(entries) or None,
    )
