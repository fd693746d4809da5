"""Reading the text of a CSV file as a spreadsheet would, and saying where it is broken.

A file that is whole is read by the standard library in one go. Only when something does not fit is it read line by
line, so that one broken row does not hide the faults of the others.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kratom_evidence.faults import Fault

LARGEST_FILE = 200_000_000
# A line break inside a cell is looked for over so many lines; longer runs are a missing quotation mark.
LONGEST_CELL_IN_LINES = 50
_LINE_BREAK = re.compile("\r\n|\n|\r")


@dataclass(frozen=True, kw_only=True)
class CsvText:
    """The header and the rows of a CSV file as text.

    `rows` pairs the row number that a spreadsheet shows (the header is row 1) with as many cells as the header has.
    Rows that could not be read are left out of it and named in `faults`.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    faults: tuple[Fault, ...] = ()


def read_csv_text(content: bytes, file: str) -> CsvText:
    """Read the bytes of a CSV file; `file` is its name in the faults."""
    if len(content) > LARGEST_FILE:
        fault = Fault(
            code="F002",
            file=file,
            why=f"The file is larger than {LARGEST_FILE // 1_000_000} MB.",
            mend="Check whether it is the right file; a table of case reports is far smaller.",
        )
        return CsvText(header=(), rows=(), faults=(fault,))
    text, faults = _decode(content, file)
    lines = _LINE_BREAK.split(text)
    separator, separator_faults = _separator(lines[0], file)
    faults += separator_faults
    whole = _read_whole(text, separator)
    if whole is not None and not faults:
        return whole
    return _read_line_by_line(lines, separator, file, faults)


def _decode(content: bytes, file: str) -> tuple[str, tuple[Fault, ...]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        fault = _encoding_fault(file, 1, "The file is saved as UTF-16.")
        return content.decode("utf-16", errors="replace"), (fault,)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        why = f"The file is not saved as UTF-8 (byte {content[error.start]:#04x}); it looks like Windows-1252."
        return content.decode("cp1252", errors="replace"), (_encoding_fault(file, row, why),)


def _encoding_fault(file: str, row: int, why: str) -> Fault:
    return Fault(code="F002", file=file, row=row, why=why, mend="Save it again as CSV in the encoding UTF-8.")


def _separator(header: str, file: str) -> tuple[str, tuple[Fault, ...]]:
    counts = {mark: header.count(mark) for mark in (",", ";", "\t")}
    separator = max(counts, key=lambda mark: counts[mark])
    if separator == "," or counts[separator] == 0:
        return ",", ()
    name = "tab" if separator == "\t" else "semicolon"
    fault = Fault(
        code="F003",
        file=file,
        row=1,
        why=f"The columns are separated by a {name} instead of a comma.",
        mend="Save it again as CSV with the comma as field separator.",
    )
    return separator, (fault,)


def _read_whole(text: str, separator: str) -> CsvText | None:
    """The file when every record is one line and as long as the header; None when anything is odd."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    while records and not any(records[-1]):
        records.pop()
    if not records or any(len(record) != len(records[0]) for record in records):
        return None
    if any("\n" in cell or "\r" in cell for record in records for cell in record):
        return None
    rows = tuple((number, tuple(record)) for number, record in enumerate(records[1:], start=2))
    return CsvText(header=tuple(records[0]), rows=rows)


def _read_line_by_line(lines: list[str], separator: str, file: str, faults: tuple[Fault, ...]) -> CsvText:
    while lines and not lines[-1].strip(separator).strip():
        lines = lines[:-1]
    header = _split(lines[0], separator) if lines else None
    if header is None or not any(header):
        why = "The first line does not hold the column names."
        no_header = Fault(code="F004", file=file, row=1, why=why, mend="Put the line with the column names first.")
        return CsvText(header=(), rows=(), faults=(*faults, no_header))
    while header and header[-1] == "":
        header.pop()
    rows: list[tuple[int, tuple[str, ...]]] = []
    found = list(faults)
    for number, record in enumerate(_records(lines[1:], separator, len(header)), start=2):
        cells, fault = _fit(record, header, number, separator, file)
        if fault is not None:
            found.append(fault)
        if cells is not None:
            rows.append((number, cells))
    return CsvText(header=tuple(header), rows=tuple(rows), faults=tuple(found))


def _records(lines: list[str], separator: str, width: int) -> Iterator[str]:
    """The records of the file. Lines belong together when only together they make a row of the right width."""
    index = 0
    while index < len(lines):
        used = 1
        if _split(lines[index], separator) is None:
            used = _lines_of_one_record(lines, index, separator, width)
        yield "\n".join(lines[index : index + used])
        index += used


def _lines_of_one_record(lines: list[str], index: int, separator: str, width: int) -> int:
    for used in range(2, LONGEST_CELL_IN_LINES + 1):
        tail = lines[index + used - 1 : index + used]
        if not tail:
            break
        alone = _split(tail[0], separator)
        if alone is not None and len(alone) == width:
            break  # the next line is a row of its own, so the quotation mark above it was never closed
        together = _split("\n".join(lines[index : index + used]), separator)
        if together is not None and len(together) == width:
            return used
    return 1


def _split(record: str, separator: str) -> list[str] | None:
    """The cells of one record, or None when its quotation marks do not close."""
    try:
        records = list(csv.reader(io.StringIO(record, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else ([] if not records else None)


def _fit(
    record: str, header: list[str], number: int, separator: str, file: str
) -> tuple[tuple[str, ...] | None, Fault | None]:
    """The cells of a record fitted to the header, or the fault that keeps it from being read."""
    cells = _split(record, separator)
    if cells is None:
        return None, _quoting_fault(record, header, number, separator, file)
    while len(cells) > len(header) and cells[-1] == "":
        cells.pop()
    if not any(cells):
        fault = Fault(code="F012", file=file, row=number, why="The row is empty.", mend="Delete the row.")
        return None, fault
    if len(cells) != len(header):
        return None, _width_fault(cells, header, number, file)
    broken = next((name for name, cell in zip(header, cells, strict=True) if "\n" in cell), None)
    if broken is not None:
        fault = Fault(
            code="F009",
            file=file,
            row=number,
            column=broken,
            value=cells[header.index(broken)],
            why="The cell holds a line break.",
            mend="Replace the line break by a space.",
        )
        return tuple(cell.replace("\n", " ") for cell in cells), fault
    return tuple(cells), None


def _width_fault(cells: list[str], header: list[str], number: int, file: str) -> Fault:
    return Fault(
        code="F008",
        file=file,
        row=number,
        column=header[min(len(cells), len(header)) - 1],
        value=cells[-1],
        why=f"The row has {len(cells)} cells, but the header has {len(header)} columns.",
        mend="Put cells that contain a comma between quotation marks, and keep one cell for every column.",
    )


def _quoting_fault(record: str, header: list[str], number: int, separator: str, file: str) -> Fault:
    position = _broken_cell(record, separator)
    column = header[position] if position < len(header) else header[-1]
    return Fault(
        code="F004",
        file=file,
        row=number,
        column=column,
        value=record.splitlines()[0] if record else "",
        why="The quotation marks of the row do not fit together, so its cells cannot be told apart.",
        mend='Put a cell that contains a comma or a quotation mark between quotation marks, and write "" for each '
        "quotation mark inside it.",
    )


def _broken_cell(record: str, separator: str) -> int:
    """The position of the first cell whose quotation marks are wrong: not closed, or followed by other text."""
    position = start = 0
    while start < len(record):
        if record[start] != '"':
            end = record.find(separator, start)
        else:
            closing = re.compile(r'"(?:[^"]|"")*"').match(record, start)
            if closing is None or record[closing.end() : closing.end() + 1] not in {"", separator}:
                return position
            end = closing.end() if closing.end() < len(record) else -1
        if end == -1:
            return position
        start, position = end + 1, position + 1
    return position
