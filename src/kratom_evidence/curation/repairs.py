"""Repairs of whole tables that change how a file is written and never what it says.

Every accepted value stays as it is. A refused cell is mended only where one meaning is possible, and a file with
anything that had to be guessed (wrong quotation marks, rows of another length, an unknown encoding) is left alone.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence.codebook import Field, Table, cell_reader, tidied
from kratom_evidence.codebook.csv_record import is_blank, one_line
from kratom_evidence.codebook.csv_text import raw_records
from kratom_evidence.curation.cell_repairs import CellColumn, repaired_cell
from kratom_evidence.curation.rules_tables import X210
from kratom_evidence.dataset import Readings, read_tables

# What must be mended by hand before a file can be written anew.
BLOCKING = frozenset({"F001", "F004", "F007", "F008", "F011", "F014"})
# Repairs that concern every line of a file, so that no line of a diff would show them.
OF_EVERY_LINE = frozenset({"F002", "F003", "F005", "F015", "F016"})
_MOST_PASSES = 5
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_INDEX_NAME = re.compile(r"(Unnamed: [0-9]+|index)?")


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One repair: the rule that it restores, its place as a spreadsheet shows it, and the cell before and after.

    Each is None where it has no meaning.
    """

    code: str
    row: int | None = None
    column: str | None = None
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class TableRepair:
    """What is repaired in one file. `shown` is its old text as far as a diff can show what changes."""

    path: str
    shown: str
    after: str
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The repairs of all files, and the files (path -> reason) that cannot be written anew until mended by hand."""

    tables: tuple[TableRepair, ...]
    blocked: Mapping[str, str]

    @property
    def replaced(self) -> dict[str, bytes]:
        """Path within the data folder -> the repaired file."""
        return {table.path: table.after.encode() for table in self.tables}


def propose_repairs(data: Path) -> Proposal:
    """All repairs of the CSV files of a data folder that leave no choice. Nothing is written.

    A repaired vocabulary can make terms of other tables repairable, so this goes on until nothing changes.

    Raises:
        ExplainedError: the codebook cannot be read.
    """
    found: dict[str, TableRepair] = {}
    for _ in range(_MOST_PASSES):
        replaced = {path: repair.after.encode() for path, repair in found.items()}
        readings = read_tables(data, replaced)
        repairs, blocked = _one_pass(readings, replaced)
        if not repairs:
            break
        for repair in repairs:
            earlier = found.get(repair.path)
            found[repair.path] = repair if earlier is None else _combined(earlier, repair)
    return Proposal(tables=tuple(found.values()), blocked=blocked)


def _combined(earlier: TableRepair, later: TableRepair) -> TableRepair:
    return TableRepair(
        path=earlier.path, shown=earlier.shown, after=later.after, repairs=(*earlier.repairs, *later.repairs)
    )


def _one_pass(readings: Readings, replaced: Mapping[str, bytes]) -> tuple[list[TableRepair], dict[str, str]]:
    repairs, blocked = [], {}
    for name, reading in readings.tables.items():
        codes = sorted({fault.code for fault in reading.faults} & BLOCKING)
        path = reading.table.path
        if codes:
            blocked[path] = f"{', '.join(codes)} must be mended by hand first"
            continue
        content = replaced.get(path) or (readings.data / path).read_bytes()
        work = _TableWork(readings, name, content)
        reason = work.obstacle()
        if reason is not None:
            blocked[path] = reason
        elif work.after.encode() != content:
            repairs.append(TableRepair(path=path, shown=work.shown(), after=work.after, repairs=work.repairs))
    return repairs, blocked


class _TableWork:
    """The repair of one table, step by step: columns, cells, rows, form."""

    def __init__(self, readings: Readings, name: str, content: bytes) -> None:
        self._readings = readings
        self._table = readings.codebook.table(name)
        self._content = content
        self._records = raw_records(content) or [[]]
        self._header = [tidied(one_line(cell)) for cell in self._records[0]]
        self._found: list[Repair] = []
        self._rows = [(number, cells) for number, cells in enumerate(self._records[1:], start=2) if not is_blank(cells)]
        self._names = self._renamed()
        self._order = self._column_order()
        self._columns = {
            name: _cell_column(readings, self._table, self._table.field(name))
            for name in self._names
            if name in self._table.by_name
        }
        self._mended = [(number, self._mended_row(number, cells)) for number, cells in self._rows]
        self._sorted = self._in_order()
        self.after = _written(self._lines([self._names, *(cells for _, cells in self._sorted)]))
        self._form()

    @property
    def repairs(self) -> tuple[Repair, ...]:
        return tuple(self._found)

    def obstacle(self) -> str | None:
        """Why the file cannot be written anew; None when it can."""
        misread = any(fault.code == "F002" for fault in self._readings.tables[self._table.name].faults)
        if misread and not self._content.startswith(_UTF16_MARKS):
            return "its encoding is uncertain (F002): save it again as UTF-8"
        if any(not name for name in self._selected(self._header)):
            return "it has a column without a name"
        for number, cells in self._mended:
            for name, cell in zip(self._names, cells, strict=True):
                if name in self._columns and self._would_slip_through(name, cell):
                    return f"row {number}, column {name}: say first whether {cell} has a point between thousands (C102)"
        return None

    def shown(self) -> str:
        """The old text: as it stands, or, when every line changes, with its old cells in the new form."""
        if not {repair.code for repair in self._found} & OF_EVERY_LINE:
            return self._content.decode()
        return _written(self._lines([self._header, *(cells for _, cells in self._rows)]))

    def _would_slip_through(self, name: str, cell: str) -> bool:
        """Whether a refused number would be accepted once the file no longer looks like one with decimal commas."""
        column = self._columns[name].field
        if column.type != "number" or not self._columns[name].read(cell).problems:
            return False
        return not cell_reader(column)(cell).problems

    def _renamed(self) -> list[str]:
        """The names of the columns, in the codebook's case."""
        names = list(self._header)
        for position, name in enumerate(self._header):
            alike = [other for other in self._table.by_name if other.casefold() == name.casefold()]
            if name not in self._table.by_name and len(alike) == 1 and alike[0] not in self._header:
                names[position] = alike[0]
                self._found.append(Repair(code="F005", row=1, column=name))
        return names if len(set(names)) == len(names) else list(self._header)

    def _column_order(self) -> list[int]:
        """The positions of the columns that stay: those of the codebook in its order, then all others."""
        known = [self._names.index(name) for name in self._table.by_name if name in self._names]
        others = [position for position in range(len(self._names)) if position not in known]
        index = [position for position in others if self._is_index(position)]
        self._found += [Repair(code="F005", row=1, column=self._names[position]) for position in index]
        kept = [*known, *(position for position in others if position not in index)]
        if kept != sorted(kept):
            self._found.append(Repair(code="F016", row=1))
        return kept

    def _is_index(self, position: int) -> bool:
        """Whether a nameless column only numbers the rows, as programs add it when they save a table."""
        if not _INDEX_NAME.fullmatch(self._names[position]):
            return False
        cells = [tidied(row[position]) for _, row in self._rows]
        if not all(cell.isdecimal() for cell in cells):
            return False
        numbers = sorted(int(cell) for cell in cells)
        return numbers in (list(range(len(numbers))), list(range(1, len(numbers) + 1)))

    def _selected(self, cells: Sequence[str]) -> list[str]:
        return [cells[position] for position in self._order]

    def _lines(self, records: Iterable[Sequence[str]]) -> list[list[str]]:
        return [self._selected(record) for record in records]

    def _mended_row(self, number: int, cells: Sequence[str]) -> list[str]:
        mended = list(cells)
        for position, name in enumerate(self._names):
            if cells[position] and name in self._columns:
                old = cells[position]
                new, codes = repaired_cell(old, self._columns[name])
                mended[position] = new
                self._found += [Repair(code=code, row=number, column=name, before=old, after=new) for code in codes]
        return mended

    def _in_order(self) -> list[tuple[int, list[str]]]:
        key = [self._names.index(name) for name in self._table.primary_key if name in self._names]
        known = len(key) == len(self._table.primary_key) > 0 and self._table.name in X210.targets
        if not known or any(not cells[position] for _, cells in self._mended for position in key):
            return self._mended
        ordered = sorted(self._mended, key=lambda row: tuple(row[1][position] for position in key))
        self._found += [
            Repair(code="X210", row=number)
            for (number, _), (there, _) in zip(self._mended, ordered, strict=True)
            if number != there
        ]
        return ordered

    def _form(self) -> None:
        """Names what is changed in the way the file is written."""
        separator = self._readings.texts[self._table.name].separator
        last = self._rows[-1][0] if self._rows else 1
        blank = [number for number, cells in enumerate(self._records[:last], start=1) if is_blank(cells)]
        self._found += [Repair(code="F012", row=number) for number in blank]
        if self._content.startswith(_UTF16_MARKS):
            self._found.append(Repair(code="F002"))
        elif separator != "," or self._content.removeprefix(codecs.BOM_UTF8).lower().startswith((b"sep=", b'"sep=')):
            self._found.append(Repair(code="F003"))
        elif _written(self._records[:last]).encode() != self._content:
            self._found.append(Repair(code="F015"))


def _cell_column(readings: Readings, table: Table, column: Field) -> CellColumn:
    vocabulary = readings.vocabularies(column)
    allowed = vocabulary.names if vocabulary is not None else (column.labels.keys() if column.categories else None)
    return CellColumn(field=column, read=readings.reader(table.name, column), allowed=allowed)


def _written(records: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(records)
    return buffer.getvalue()
