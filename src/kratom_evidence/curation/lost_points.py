"""Numbers that lost their decimal point since an earlier version of the data, which nothing in the file itself shows.

A spreadsheet program that takes the point for the mark between thousands makes 92 of 0.092, and 1234 of 1.234.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kratom_evidence.codebook import CsvText, Field, Table, read_csv_text, tidied
from kratom_evidence.codebook.cells import cell_reader, is_open
from kratom_evidence.curation.catalogue import RuleDescription
from kratom_evidence.curation.earlier import Earlier
from kratom_evidence.curation.outcome import Check, check_outcome
from kratom_evidence.curation.rule import unread_cells, unreadable_input
from kratom_evidence.dataset import Readings, TableReading
from kratom_evidence.faults import Fault

CODE = "X401"
_ACKNOWLEDGED = "corrected from"
RULE = RuleDescription(
    code=CODE,
    title="No number has lost or moved its decimal point since the last commit.",
    explanation="A spreadsheet in a language that writes 1.000 for a thousand makes 92 of 0.092. Type the number again "
    "in a column formatted as text. Where the earlier number was wrong, say so in the note of the row: corrected from "
    "0.092.",
)


def lost_points(readings: Readings, earlier: Earlier) -> tuple[tuple[Check, ...], tuple[Fault, ...]]:
    """One check for each table with numbers, and a fault for each number whose point was lost or moved."""
    checks: list[Check] = []
    faults: list[Fault] = []
    for table in readings.codebook.tables:
        numbers = tuple(field.name for field in table.fields if field.type != "string")
        if table.format == "csv" and numbers:
            found, obstacle = _compared(readings, table, numbers, earlier)
            faults += found
            checks.append(check_outcome(CODE, table.path, failed=bool(found), obstacle=obstacle))
    return tuple(checks), tuple(faults)


def _compared(
    readings: Readings, table: Table, numbers: tuple[str, ...], earlier: Earlier
) -> tuple[list[Fault], str | None]:
    """The faults of a table, and what kept it from being compared as a whole."""
    if earlier.files is None:
        return [], earlier.missing
    if table.path not in earlier.files:
        return [], f"{earlier.name} does not have the file"
    before = read_csv_text(earlier.files[table.path], table.path)
    key = _key(table)
    if not before.complete or not set(key) <= set(before.header):
        return [], f"{earlier.name} has the file in a form that cannot be read"
    blocked = unreadable_input(readings, table.name, (*key, *numbers))
    if blocked is not None:
        return [], blocked
    found = list(_moved(readings.tables[table.name], readings.texts[table.name], before, earlier))
    return found, unread_cells(readings, table.name, (*key, *numbers))


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """A number as it is now: its value, its row in the file, and the texts of that row in which a note may stand."""

    value: Decimal
    row: int
    notes: tuple[str, ...]


def _moved(reading: TableReading, text: CsvText, before: CsvText, earlier: Earlier) -> Iterator[Fault]:
    key = _key(reading.table)
    then = _groups(before, key)
    for field in reading.table.fields:
        if field.type == "string" or field.name not in before.header:
            continue
        old = _old_numbers(field, before, then)
        for group, cells in _new_numbers(field, reading, text, key).items():
            for cell, earlier_value in _pairs(old.get(group, Counter()), cells):
                if not any(_acknowledged(earlier_value, note) for note in cell.notes):
                    yield _fault(reading.table.path, field, cell, earlier_value, earlier)


def _key(table: Table) -> tuple[str, ...]:
    """The columns that tell which row is which: the key, or all that must be given and hold no number."""
    needed = tuple(field.name for field in table.fields if field.type == "string" and field.required)
    return table.primary_key or needed


def _groups(text: CsvText, key: Sequence[str]) -> list[tuple[str, ...]]:
    """The key of each row of a text; rows may share one."""
    places = [text.header.index(name) for name in key]
    return [tuple(tidied(cells[place]) for place in places) for _, cells in text.rows]


def _old_numbers(
    field: Field, before: CsvText, groups: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], Counter[Decimal]]:
    read, place = cell_reader(field), before.header.index(field.name)
    found: dict[tuple[str, ...], Counter[Decimal]] = {}
    for group, (_, cells) in zip(groups, before.rows, strict=True):
        value = read(cells[place]).value
        if isinstance(value, int | float):
            found.setdefault(group, Counter())[_decimal(value)] += 1
    return found


def _new_numbers(
    field: Field, reading: TableReading, text: CsvText, key: Sequence[str]
) -> dict[tuple[str, ...], list[_Cell]]:
    rows = {number: (group, cells) for group, (number, cells) in zip(_groups(text, key), text.rows, strict=True)}
    free = [other.name for other in reading.table.fields if _is_note(other) and other.name in text.header]
    notes = [text.header.index(name) for name in free]
    found: dict[tuple[str, ...], list[_Cell]] = {}
    for number, value in zip(reading.row_numbers, reading.columns[field.name], strict=True):
        if isinstance(value, int | float) and number in rows:
            group, cells = rows[number]
            cell = _Cell(value=_decimal(value), row=number, notes=tuple(cells[place] for place in notes))
            found.setdefault(group, []).append(cell)
    return found


def _is_note(field: Field) -> bool:
    """Whether the column holds free text about the row."""
    return field.list_kind is None and is_open(field)


def _pairs(old: Counter[Decimal], cells: Sequence[_Cell]) -> Iterator[tuple[_Cell, Decimal]]:
    """The new numbers, each with an earlier one that is gone, has the same digits and another place of the point."""
    gone = old - Counter(cell.value for cell in cells)
    for cell in cells:
        if cell.value not in old:
            match = next((value for value in gone.elements() if _point_moved(value, cell.value)), None)
            if match is not None:
                gone[match] -= 1
                yield cell, match


def _point_moved(one: Decimal, other: Decimal) -> bool:
    if not one or not other or (one == one.to_integral_value() and other == other.to_integral_value()):
        return False
    first, second = one.normalize().as_tuple(), other.normalize().as_tuple()
    return (first.sign, first.digits) == (second.sign, second.digits) and first.exponent != second.exponent


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def _written(value: Decimal) -> str:
    """The number as people write it: 92 for 92.0 and for 9.2E+1."""
    return f"{value.normalize():f}"


def _acknowledged(before: Decimal, note: str) -> bool:
    """Whether the note of the row says that the earlier number was wrong."""
    return re.search(rf"{_ACKNOWLEDGED} {re.escape(_written(before))}(?![.,]?[0-9])", note.casefold()) is not None


def _fault(file: str, field: Field, cell: _Cell, before: Decimal, earlier: Earlier) -> Fault:
    old, new = _written(before), _written(cell.value)
    return Fault(
        code=CODE,
        file=file,
        row=cell.row,
        column=field.name,
        value=new,
        why=f"{earlier.name} has {old} here: the same digits with another decimal point. Spreadsheets in some "
        "languages take the point for the mark between thousands.",
        mend=f"Type {old} again in a column formatted as text, or open the file with English as the language. If {new} "
        f"is right, write into the note of the row: {_ACKNOWLEDGED} {old}.",
        nearest=old,
    )
