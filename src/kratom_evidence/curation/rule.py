"""What every rule across cells and files has in common: what it reads, and how its faults are made.

A rule is a class named by its code. Its docstring is the explanation that `validate --rules` shows: the first line
says what must hold, the rest says why and how to mend it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from kratom_evidence.codebook import Codebook, CoExposure, Value
from kratom_evidence.dataset import Readings, TableReading
from kratom_evidence.faults import Fault

_NOTHING: tuple[Value, ...] = (None, ())


class Row(NamedTuple):
    """A row of a table: its number in a spreadsheet, and the values of the columns that a rule reads."""

    number: int
    values: Mapping[str, Value]

    def text(self, column: str) -> str | None:
        """The text of a cell, or None when nothing is stated."""
        value = self.values[column]
        return value if isinstance(value, str) else None

    def quantity(self, column: str) -> float | None:
        """The number in a cell, or None when nothing is stated."""
        value = self.values[column]
        return value if isinstance(value, int | float) else None

    def names(self, column: str) -> tuple[str, ...]:
        """The texts of a list cell; none stated and nothing stated both give no texts."""
        value = self.values[column]
        return tuple([item for item in value if isinstance(item, str)]) if isinstance(value, tuple) else ()

    def co_exposures(self, column: str = "co_exposures") -> tuple[CoExposure, ...]:
        """The co-exposures of a list cell."""
        value = self.values[column]
        return tuple([item for item in value if isinstance(item, CoExposure)]) if isinstance(value, tuple) else ()


class Rule(ABC):
    """A rule that looks at several cells.

    Attributes:
        targets: the tables and bibliographies that it is applied to; one check each.
        columns: the columns of the target that it reads.
        also_reads: the columns of other tables that it reads.
        needs_every_row: whether one row that could not be read makes the result worthless.
    """

    targets: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[tuple[str, ...]] = ()
    also_reads: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    needs_every_row: ClassVar[bool] = False

    @property
    def code(self) -> str:
        """The code of the rule, which is the name of its class."""
        return type(self).__name__

    def targets_in(self, codebook: Codebook) -> tuple[str, ...]:
        """The names of the tables that the rule is applied to."""
        return tuple(name for name in self.targets if name in codebook.by_name)

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG002
        """Table name -> the columns that are read to check `target`."""
        return {target: self.columns, **self.also_reads}

    @abstractmethod
    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """The faults found in `target`; called only when the inputs exist."""

    def fault(self, file: str, **details: Any) -> Fault:
        """A fault under the code of this rule."""
        return Fault(code=self.code, file=file, **details)


class CaseRule(Rule):
    """A rule about a single row of case_reports.csv.

    Attributes:
        concerning: what a row must have before it can contradict the rule, as `readable_rows` takes it.
    """

    targets = ("case_reports",)
    concerning: ClassVar[Mapping[str, str | None]]

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """The faults of all rows whose needed cells could be read."""
        reading = readings.tables[target]
        for row in readable_rows(reading, self.columns, self.concerning):
            for details in self.contradictions(row):
                yield self.fault(reading.table.path, row=row.number, **details)

    @abstractmethod
    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """What is wrong in a row: the details of each fault (column, value, why, mend, nearest)."""


def readable_rows(
    reading: TableReading, columns: Sequence[str], concerning: Mapping[str, str | None] | None = None
) -> Iterator[Row]:
    """The rows in which all of these columns could be read.

    `concerning` leaves out rows that cannot matter: column -> the value that it must have, or None for any but none.
    """
    unread = _unread_rows(reading, columns)
    cells = {name: reading.columns[name] for name in columns}
    for position in _concerned(reading, concerning or {}):
        number = reading.row_numbers[position]
        if number not in unread:
            yield Row(number, {name: column[position] for name, column in cells.items()})


def _concerned(reading: TableReading, concerning: Mapping[str, str | None]) -> Sequence[int]:
    """The positions of the rows that have what is asked for."""
    positions: Sequence[int] = range(len(reading.row_numbers))
    for name, value in concerning.items():
        cells = reading.columns[name]
        if value is None:
            positions = [position for position in positions if cells[position] not in _NOTHING]
        else:
            positions = [position for position in positions if cells[position] == value]
    return positions


def readable_cells(reading: TableReading, columns: Sequence[str]) -> Iterator[tuple[int, tuple[Value, ...]]]:
    """The number of each row in which all of these columns could be read, and its values in them."""
    unread = _unread_rows(reading, columns)
    rows = zip(reading.row_numbers, zip(*(reading.columns[name] for name in columns), strict=True), strict=False)
    return (row for row in rows if row[0] not in unread) if unread else rows


def _unread_rows(reading: TableReading, columns: Sequence[str]) -> set[int | None]:
    return {row for row, column in reading.faulty if column in columns}


def unreadable_input(readings: Readings, name: str, columns: Sequence[str]) -> str | None:
    """Why a rule cannot be run at all on these columns of a table or bibliography; None when it can."""
    if name not in readings.codebook.by_name:
        return f"the codebook describes no {name}"
    path = readings.codebook.table(name).path
    if name in readings.bibliographies:
        return None if readings.bibliography_readable(name) else f"{path} could not be read in full"
    reading = readings.tables[name]
    if not reading.readable:
        return f"{path} could not be read"
    if any(fault.code == "F013" for fault in reading.faults):
        return f"{path} has no rows"
    missing = [column for column in columns if column not in reading.columns]
    return f"{path} has no readable column {', '.join(missing)}" if missing else None


def unread_cells(readings: Readings, name: str, columns: Sequence[str]) -> str | None:
    """What of these columns a rule could not look at; None when it could look at everything."""
    if name in readings.bibliographies:
        return None
    reading = readings.tables[name]
    if not reading.complete:
        return f"rows of {reading.table.path} could not be read"
    rows = {row for row, column in reading.faulty if column in columns and row is not None and row > 1}
    if rows:
        return f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} of {reading.table.path} with an unreadable cell"
    return None
