"""What differs between two versions of the data: cases field by field, the other tables by their keys.

A cell that is not stated, a list cell that says "none" and a column that a version does not have are three different
things here, and none of them is a value.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from kratom_evidence.codebook import Field, Table, Value, format_cell
from kratom_evidence.dataset import Readings, TableReading

CASES = "case_reports"
Row: TypeAlias = "Mapping[str, Cell]"
Key: TypeAlias = tuple[str, ...]


class CellState(StrEnum):
    """What a cell says. `no_column`: that version of the data has no such column."""

    STATED = "stated"
    NONE = "none"
    NOT_STATED = "not_stated"
    NO_COLUMN = "no_column"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The state of a cell, and its value where it is `stated` (else None)."""

    state: CellState
    value: Any = None


NO_COLUMN = Cell(state=CellState.NO_COLUMN)
NOT_STATED = Cell(state=CellState.NOT_STATED)


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A cell before and after."""

    field: str
    old: Cell
    new: Cell

    @property
    def both_lists(self) -> bool:
        """Whether both sides list entries, so that entries were added or removed rather than the cell replaced."""
        return isinstance(self.old.value, tuple) and isinstance(self.new.value, tuple)

    @property
    def added(self) -> tuple[str, ...]:
        """The entries that only the new list has; empty unless both are lists."""
        return _left_over(self.new, self.old) if self.both_lists else ()

    @property
    def removed(self) -> tuple[str, ...]:
        """The entries that only the old list has; empty unless both are lists."""
        return _left_over(self.old, self.new) if self.both_lists else ()


@dataclass(frozen=True, kw_only=True)
class CaseRecord:
    """A case that only one version has, with all its cells in the order of the codebook."""

    case_id: str
    cells: Row


@dataclass(frozen=True, kw_only=True)
class CaseChange:
    """A case that both versions have, with the fields that differ in the order of the codebook."""

    case_id: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, kw_only=True)
class CaseChanges:
    """The cases that were added, removed and changed, each by `case_id`."""

    added: tuple[CaseRecord, ...]
    removed: tuple[CaseRecord, ...]
    changed: tuple[CaseChange, ...]

    @property
    def count(self) -> int:
        return len(self.added) + len(self.removed) + len(self.changed)


@dataclass(frozen=True, kw_only=True)
class TableChange:
    """What differs in one file of the data.

    `rows_old` and `rows_new` count rows, or publications; None where that version has no such table. Rows are told
    apart by their key. A table without a unique key has no `added` and `removed` keys and no `changed` ones; there
    `rows_added` and `rows_removed` count the rows that only one version has. `changed` gives key and field names.
    `described_anew` says that the codebook describes the table or one of its common columns differently.
    """

    name: str
    file: str
    rows_old: int | None
    rows_new: int | None
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    described_anew: bool = False
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rows_added: int = 0
    rows_removed: int = 0

    @property
    def definition_changed(self) -> bool:
        """Whether the table itself, rather than its rows, is another one."""
        one_sided = self.rows_old is None or self.rows_new is None
        return bool(one_sided or self.columns_added or self.columns_removed or self.described_anew)

    @property
    def anything(self) -> bool:
        return bool(self.definition_changed or self.rows_added or self.rows_removed or self.changed)


def cell_of(field: Field, value: Value) -> Cell:
    """What a value means in a column. The empty tuple is "none" in a list of three states, else not stated."""
    if value is None:
        return NOT_STATED
    if value == ():
        return Cell(state=CellState.NONE) if field.list_kind == "three_state" else NOT_STATED
    return Cell(state=CellState.STATED, value=value)


def compare_cases(old: TableReading, new: TableReading) -> CaseChanges:
    """The cases added, removed and changed between two readings of the case reports. Both must have unique ids."""
    before, after = _by_case(old), _by_case(new)
    order = _column_order(old.table, new.table)
    changed = [
        CaseChange(case_id=case_id, fields=changes)
        for case_id in sorted(before.keys() & after.keys())
        if (changes := _field_changes(before[case_id], after[case_id], order))
    ]
    return CaseChanges(
        added=_records(after, after.keys() - before.keys()),
        removed=_records(before, before.keys() - after.keys()),
        changed=tuple(changed),
    )


def compare_tables(old: Readings, new: Readings) -> tuple[TableChange, ...]:
    """Every file that differs, in the order of the codebook; the rows of claims.yaml are the claims room's."""
    names = dict.fromkeys([*new.codebook.by_name, *old.codebook.by_name])
    changes = (_table_change(name, old, new) for name in names)
    return tuple(change for change in changes if change.anything)


def _by_case(reading: TableReading) -> dict[str, Row]:
    return {str(row["case_id"].value): row for row in _table_rows(reading)}


def _records(rows: Mapping[str, Row], case_ids: Iterable[str]) -> tuple[CaseRecord, ...]:
    return tuple(CaseRecord(case_id=case_id, cells=rows[case_id]) for case_id in sorted(case_ids))


def _table_rows(reading: TableReading) -> list[Row]:
    columns = {
        field.name: [cell_of(field, value) for value in reading.columns[field.name]] for field in reading.table.fields
    }
    return [{name: cells[row] for name, cells in columns.items()} for row in range(len(reading.row_numbers))]


def _column_order(old: Table, new: Table) -> tuple[str, ...]:
    """The columns of the new version, then those that only the old one has."""
    return tuple(dict.fromkeys([*new.by_name, *old.by_name]))


def _field_changes(old: Row, new: Row, order: Iterable[str]) -> tuple[FieldChange, ...]:
    """What differs. That a column came or went is no change of a cell in which nothing was stated."""
    changes = []
    for name in order:
        before, after = old.get(name, NO_COLUMN), new.get(name, NO_COLUMN)
        if before != after and {before.state, after.state} != {CellState.NO_COLUMN, CellState.NOT_STATED}:
            changes.append(FieldChange(field=name, old=before, new=after))
    return tuple(changes)


def _left_over(cell: Cell, other: Cell) -> tuple[str, ...]:
    left = Counter(map(str, cell.value)) - Counter(map(str, other.value))
    return tuple(left.elements())


def _table_change(name: str, old: Readings, new: Readings) -> TableChange:
    before, after = old.codebook.by_name.get(name), new.codebook.by_name.get(name)
    present = after or before
    old_rows, new_rows = _rows(old, before), _rows(new, after)
    change = TableChange(
        name=name,
        file=present.path if present else name,
        rows_old=None if before is None else len(old_rows),
        rows_new=None if after is None else len(new_rows),
    )
    if before is None or after is None:
        return replace(change, rows_added=len(new_rows), rows_removed=len(old_rows))
    definition: dict[str, Any] = {
        "columns_added": tuple(column for column in after.by_name if column not in before.by_name),
        "columns_removed": tuple(column for column in before.by_name if column not in after.by_name),
        "described_anew": _description(before, after) != _description(after, before),
    }
    order = dict.fromkeys([*_column_order(before, after), *(field for row in (*old_rows, *new_rows) for field in row)])
    return replace(change, **definition, **_row_changes(before, after, (old_rows, new_rows), tuple(order)))


def _description(table: Table, other: Table) -> tuple[Any, ...]:
    """All that the codebook says of a table, its columns only as far as the other version has them too."""
    fields = tuple(field for field in table.fields if field.name in other.by_name)
    return (table.path, table.title, table.description, table.format, table.primary_key, fields)


def _rows(readings: Readings, table: Table | None) -> list[Row]:
    if table is None:
        return []
    if table.name in readings.bibliographies:
        entries = readings.bibliographies[table.name]
        return [{name: Cell(state=CellState.STATED, value=value) for name, value in e.items()} for e in entries]
    return _table_rows(readings.tables[table.name]) if table.name in readings.tables else []


def _row_changes(
    before: Table, after: Table, rows: tuple[Sequence[Row], Sequence[Row]], order: Sequence[str]
) -> dict[str, Any]:
    key = ("id",) if after.format == "json" else after.primary_key
    old_by_key, new_by_key = (_keyed(part, key) for part in rows)
    same_key = before.primary_key == after.primary_key and before.format == after.format
    if old_by_key is None or new_by_key is None or not same_key:
        old_count, new_count = (Counter(_row_text(row, before, after) for row in part) for part in rows)
        return {"rows_added": (new_count - old_count).total(), "rows_removed": (old_count - new_count).total()}
    added, removed = new_by_key.keys() - old_by_key.keys(), old_by_key.keys() - new_by_key.keys()
    changed = [
        (_key_text(entry), tuple(change.field for change in changes))
        for entry in sorted(old_by_key.keys() & new_by_key.keys())
        if (changes := _field_changes(old_by_key[entry], new_by_key[entry], order))
    ]
    return {
        "added": tuple(map(_key_text, sorted(added))),
        "removed": tuple(map(_key_text, sorted(removed))),
        "changed": tuple(changed),
        "rows_added": len(added),
        "rows_removed": len(removed),
    }


def _keyed(rows: Sequence[Row], key: Sequence[str]) -> dict[Key, Row] | None:
    """The rows by key, or None when there is no key or it is not unique."""
    by_key = {tuple(str(row[part].value) for part in key): row for row in rows} if key else {}
    return by_key if len(by_key) == len(rows) else None


def _key_text(key: Key) -> str:
    return " / ".join(key)


def _row_text(row: Row, before: Table, after: Table) -> tuple[tuple[str, str], ...]:
    """A row by which rows without a key are told apart: its columns that both versions have."""
    common = [name for name in after.by_name if name in before.by_name]
    return tuple((row[name].state.value, format_cell(row[name].value)) for name in common)
