"""Reading every file of the data package once, with every fault of every cell.

Both `load()` and the validator work from the result, so that what is accepted by the one is read by the other.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from kratom_evidence.codebook import (
    CellReading,
    Codebook,
    CsvText,
    Field,
    Table,
    Value,
    cell_reader,
    read_codebook,
    read_csv_text,
)
from kratom_evidence.codebook.cells import writes_decimal_commas
from kratom_evidence.collector import collector_paused
from kratom_evidence.dataset.bibliography import read_csl_json
from kratom_evidence.dataset.vocabularies import VocabularySource, vocabulary_source
from kratom_evidence.faults import Fault
from kratom_evidence.nearest import nearest_name
from kratom_evidence.plain_files import read_plain_file


@dataclass(frozen=True, kw_only=True)
class TableReading:
    """One table: its values by column, the spreadsheet row of each, and what is wrong with it.

    `columns` holds the columns of the codebook that the file has. A cell with a fault holds None there; its place
    is in `faulty`, so that a rule that looks at several cells can leave it out instead of tripping over it.
    `header` is that of the file; `complete` is False when rows of it could not be read at all.
    """

    table: Table
    header: tuple[str, ...] = ()
    complete: bool = True
    row_numbers: tuple[int, ...] = ()
    columns: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @cached_property
    def faulty(self) -> frozenset[tuple[int | None, str | None]]:
        """(row, column) of every cell that could not be read."""
        return frozenset((fault.row, fault.column) for fault in self.faults)

    @cached_property
    def readable(self) -> bool:
        """Whether the file could be read as a table at all."""
        return bool(self.header)


@dataclass(frozen=True, kw_only=True)
class Readings:
    """All tables and bibliographies of one data folder.

    `unchecked` names the columns (table, column) whose allowed values could not be read, so that their cells were not
    compared with them. `texts` holds the text of each table, and `vocabularies` gives the allowed values of a column.
    """

    data: Path
    codebook: Codebook
    tables: Mapping[str, TableReading]
    bibliographies: Mapping[str, tuple[dict[str, Any], ...]]
    bibliography_faults: tuple[Fault, ...]
    unchecked: frozenset[tuple[str, str]] = frozenset()
    texts: Mapping[str, CsvText] = field(default_factory=dict)
    vocabularies: VocabularySource = field(default=lambda _: None)

    def reader(self, table: str, column: Field) -> Callable[[str], CellReading]:
        """The function that reads the cells of a column of this folder."""
        text = self.texts[table]
        return cell_reader(
            column, self.vocabularies(column), decimal_comma=_decimal_comma(self.codebook.table(table), text)
        )

    def bibliography_readable(self, name: str) -> bool:
        """Whether every entry of a bibliography could be read."""
        file = self.codebook.table(name).path
        return not any(fault.file == file and fault.code in {"F001", "F010"} for fault in self.bibliography_faults)

    @property
    def referred_to(self) -> frozenset[str]:
        """The tables and bibliographies that others take their allowed values from."""
        return frozenset(_referred_to(self.codebook))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault that lies in one file, in the order of the codebook."""
        in_tables = [fault for reading in self.tables.values() for fault in reading.faults]
        return (*in_tables, *self.bibliography_faults)


@collector_paused()
def read_tables(data: Path, replaced: Mapping[str, bytes] | None = None) -> Readings:
    """Read all files that `data/datapackage.json` names, except claims.yaml (see the claims room).

    `replaced` gives, by path within the folder, bytes to read in place of a table that is there.

    Raises:
        ExplainedError: the codebook itself cannot be read.
    """
    codebook = read_codebook(data)
    bibliographies: dict[str, tuple[dict[str, Any], ...]] = {}
    bibliography_faults: list[Fault] = []
    for table in codebook.tables:
        if table.format == "json":
            entries, faults = read_csl_json(data / table.path, table.path)
            bibliographies[table.name] = entries
            bibliography_faults.extend(faults)
    texts: dict[str, CsvText] = {}
    for table in codebook.tables:
        if table.format == "csv":
            texts[table.name] = _csv_text(data, table, replaced or {})
    vocabularies = vocabulary_source(codebook, texts, bibliographies, {fault.file for fault in bibliography_faults})
    tables = {name: read_table(codebook.table(name), text, vocabularies) for name, text in texts.items()}
    for name in _referred_to(codebook) & tables.keys():
        tables[name] = _refuse_without_rows(tables[name])
    unchecked = {
        (name, column.name)
        for name, reading in tables.items()
        for column in reading.table.fields
        if column.vocabulary is not None and vocabularies(column) is None
    }
    return Readings(
        data=data,
        codebook=codebook,
        tables=tables,
        bibliographies=bibliographies,
        bibliography_faults=tuple(bibliography_faults),
        unchecked=frozenset(unchecked),
        texts=texts,
        vocabularies=vocabularies,
    )


def _referred_to(codebook: Codebook) -> set[str]:
    """The tables that other tables take their allowed values from."""
    return {field.vocabulary[0] for table in codebook.tables for field in table.fields if field.vocabulary}


def _refuse_without_rows(reading: TableReading) -> TableReading:
    if not reading.readable or reading.row_numbers or not reading.complete:
        return reading
    fault = Fault(
        code="F013",
        file=reading.table.path,
        row=2,
        why="The table has a header but no rows, though other tables refer to it.",
        mend="Restore its rows, for example with git checkout.",
    )
    return replace(reading, faults=(*reading.faults, fault))


def _csv_text(data: Path, table: Table, replaced: Mapping[str, bytes]) -> CsvText:
    if table.path in replaced:
        return read_csv_text(replaced[table.path], table.path)
    try:
        return read_csv_text(read_plain_file(data / table.path), table.path)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = "The file is missing." if missing else f"The file cannot be read: {error.strerror}."
        fault = Fault(code="F001", file=table.path, why=why, mend="Restore it, for example with git checkout.")
        return CsvText(header=(), rows=(), faults=(fault,), complete=False)


def _decimal_comma(table: Table, text: CsvText) -> bool:
    """Whether the file comes from a program that writes decimal commas, or may do so."""
    if text.separator != ",":
        return True
    numbers = (
        cells
        for name, cells in zip(text.header, text.columns, strict=True)
        if name in table.by_name and table.field(name).type == "number"
    )
    return any(writes_decimal_commas(cell) for cells in numbers for cell in set(cells))


def read_table(table: Table, text: CsvText, vocabularies: VocabularySource) -> TableReading:
    """The values of one table, with every fault of its header and its cells."""
    faults = [*text.faults, *_header_faults(table, text.header)]
    columns: dict[str, list[Value]] = {}
    decimal_comma = _decimal_comma(table, text)
    for name, cells in zip(text.header, text.columns, strict=True):
        if name not in table.by_name or name in columns:
            continue
        column = table.field(name)
        read = cell_reader(column, vocabularies(column), decimal_comma=decimal_comma)
        # Cells repeat a great deal; each text is read once.
        sound: dict[str, Value] = {}
        faulty: dict[str, CellReading] = {}
        for cell in set(cells):
            reading = read(cell)
            if reading.problems:
                faulty[cell] = reading
            else:
                sound[cell] = reading.value
        values = list(map(sound.get, cells))
        if text.guessed or faulty:
            for index, (row, _) in enumerate(text.rows):
                if (row, name) in text.guessed:
                    values[index] = None
                elif cells[index] in faulty:
                    faults.extend(_located(faulty[cells[index]], table, row, name))
        columns[name] = values
    positions = {name: position for position, name in reversed([*enumerate(text.header)])}
    faults.sort(key=lambda fault: (fault.row or 0, positions.get(fault.column or "", -1)))
    return TableReading(
        table=table,
        header=text.header,
        complete=text.complete,
        row_numbers=tuple(row for row, _ in text.rows),
        columns=columns,
        faults=tuple(faults),
    )


def _located(reading: CellReading, table: Table, row: int, column: str) -> list[Fault]:
    return [
        Fault(
            code=problem.code,
            file=table.path,
            row=row,
            column=column,
            value=problem.value,
            why=problem.why,
            mend=problem.mend,
            nearest=problem.nearest,
        )
        for problem in reading.problems
    ]


def _header_faults(table: Table, header: Sequence[str]) -> list[Fault]:
    if not header:
        return []
    faults = []
    for name, count in Counter(header).items():
        if name not in table.by_name:
            why = "The codebook has no such column." if name else "The column has no name."
            faults.append(
                Fault(
                    code="F005",
                    file=table.path,
                    row=1,
                    column=name,
                    value=name,
                    why=why,
                    mend="Correct the name, remove the column, or describe it in datapackage.json first.",
                    nearest=nearest_name(name, set(table.by_name) - set(header)) or nearest_name(name, table.by_name),
                )
            )
        elif count > 1:
            why = f"The column stands {count} times in the header."
            faults.append(Fault(code="F007", file=table.path, row=1, column=name, why=why, mend="Keep one of them."))
    for name in table.by_name:
        if name not in header:
            faults.append(
                Fault(
                    code="F006",
                    file=table.path,
                    row=1,
                    column=name,
                    why="The column is missing.",
                    mend="Add it; leave its cells empty where nothing is stated.",
                )
            )
    return faults
