"""Reading the text of a CSV file as a spreadsheet would, and saying where it is broken.

A file that is whole is read by the standard library in one go. Only when something does not fit is it read line by
line, so that one broken row does not hide the faults of the others.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kratom_evidence.codebook.csv_record import (
    LINE_BREAK,
    empty_row,
    fit_record,
    is_blank,
    one_line,
    split_record,
    without_line_breaks,
)
from kratom_evidence.codebook.tidying import tidied
from kratom_evidence.faults import Fault

LARGEST_FILE = 200_000_000
# A line break inside a cell is looked for over so many lines; longer runs are a missing quotation mark.
LONGEST_CELL_IN_LINES = 50
# No table comes near these. Beyond them nobody reads the faults, and finding them takes minutes.
MOST_COLUMNS = 1_000
MOST_FAULTS = 10_000
_SEPARATORS = (",", ";", "\t", "|")
# Excel's own first line, which says how the columns are separated; LibreOffice keeps it as a row with one cell.
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<mark>[,;\t|])"?[,;\t|]*', re.IGNORECASE)
_OTHER_FORMATS = {
    b"PK\x03\x04": "a workbook (XLSX or ODS)",
    b"\xd0\xcf\x11\xe0": "an old workbook (XLS)",
    b"<": "a web page or XML",
    b"{\\rtf": "a text document (RTF)",
    b"%PDF": "a PDF",
}
_TYPOGRAPHIC_QUOTES = "“”„‟«»"


@dataclass(frozen=True, kw_only=True)
class CsvText:
    """The header and the rows of a CSV file as text.

    `rows` pairs the row number that a spreadsheet shows (the header is row 1) with as many cells as the header has.
    Rows that could not be read are left out of it and named in `faults`; `complete` is then False. The cells in
    `guessed` (row, column) were told apart by a guess, so that the rest of their row can be checked. `separator` is
    the mark between the columns; whatever it is, the columns are read.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    faults: tuple[Fault, ...] = ()
    complete: bool = True
    guessed: frozenset[tuple[int, str]] = frozenset()
    separator: str = ","

    @cached_property
    def columns(self) -> tuple[tuple[str, ...], ...]:
        """The cells of each column of the header, without its name."""
        return tuple(zip(*(cells for _, cells in self.rows), strict=True)) or ((),) * len(self.header)


def read_csv_text(content: bytes, file: str) -> CsvText:
    """Read the bytes of a CSV file; `file` is its name in the faults."""
    if len(content) > LARGEST_FILE:
        fault = Fault(
            code="F002",
            file=file,
            why=f"The file is larger than {LARGEST_FILE // 1_000_000} MB.",
            mend="Check whether it is the right file; a table of case reports is far smaller.",
        )
        return CsvText(header=(), rows=(), faults=(fault,), complete=False)
    other_format = next(
        (name for magic, name in _OTHER_FORMATS.items() if content.lstrip()[:5].startswith(magic)), None
    )
    if other_format:
        return CsvText(header=(), rows=(), faults=(_not_csv(file, other_format),), complete=False)
    text, faults = _decode(content, file)
    text, separator = _without_separator_line(text)
    header = _first_line(text)
    if header.count(separator) >= MOST_COLUMNS:
        return CsvText(header=(), rows=(), faults=(*faults, _too_many_columns(file)), complete=False)
    faults += _typographic_quotes(header, file)
    whole = _read_whole(text, separator, file)
    if whole is not None:
        return replace(whole, faults=(*faults, *whole.faults), separator=separator)
    return replace(_read_line_by_line(LINE_BREAK.split(text), separator, file, faults), separator=separator)


def raw_records(content: bytes) -> list[list[str]] | None:
    """The cells of every line exactly as they stand in the file, its header first; None when it is wrongly quoted.

    For writing a file anew. Cells beyond the last column that are empty in every line are left out.
    """
    text, separator = _without_separator_line(_decode(content, "")[0])
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    for record in records:
        while record and not tidied(record[-1]):
            record.pop()
    width = max((len(record) for record in records), default=0)
    return [record + [""] * (width - len(record)) for record in records]


def _not_csv(file: str, other_format: str) -> Fault:
    return Fault(
        code="F014",
        file=file,
        why=f"The file is {other_format}, not CSV text, whatever its name says.",
        mend="Open it in the spreadsheet program and save it as CSV: encoding UTF-8, columns separated by commas.",
    )


def _too_many_columns(file: str) -> Fault:
    return Fault(
        code="F011",
        file=file,
        row=1,
        why=f"The first line has more than {MOST_COLUMNS} columns, so it does not hold the column names.",
        mend="Put the line with the column names first, or restore the file, for example with git checkout.",
    )


def _given_up(number: int, file: str) -> Fault:
    return Fault(
        code="F008",
        file=file,
        row=number,
        why=f"More than {MOST_FAULTS} faults stand above this row, so the rest was not read.",
        mend="Restore the file, for example with git checkout, or mend what is above first.",
    )


def _typographic_quotes(header: str, file: str) -> tuple[Fault, ...]:
    if not any(mark in header for mark in _TYPOGRAPHIC_QUOTES):
        return ()
    why = (
        "The header holds typographic quotation marks, which end no cell: an editor put them in place of straight ones."
    )
    mend = "Replace the marks around cells by straight ones, or save the file again from the spreadsheet."
    return (Fault(code="F004", file=file, row=1, value=header[:80], why=why, mend=mend),)


def _decode(content: bytes, file: str) -> tuple[str, tuple[Fault, ...]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        fault = _encoding_fault(file, 1, "The file is saved as UTF-16.")
        return content.decode("utf-16", errors="replace"), (fault,)
    if len(content) > 1 and 0 in content[:2]:
        fault = _encoding_fault(file, 1, "The file holds zero bytes; it looks like UTF-16 or a damaged file.")
        return content.decode("utf-16-le" if content[1] == 0 else "utf-16-be", errors="replace"), (fault,)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        why = f"The file is not saved as UTF-8 (byte {content[error.start]:#04x}); it looks like Windows-1252."
        around = content[max(0, error.start - 20) : error.start + 20].decode("cp1252", errors="replace")
        return content.decode("cp1252", errors="replace"), (_encoding_fault(file, row, why, around),)


def _encoding_fault(file: str, row: int, why: str, value: str | None = None) -> Fault:
    mend = "Save it again as CSV in the encoding UTF-8."
    return Fault(code="F002", file=file, row=row, value=value, why=why, mend=mend)


def _without_separator_line(text: str) -> tuple[str, str]:
    """The text without Excel's line sep=…, and the mark between the columns: the one that the header has most."""
    line = _SEPARATOR_LINE.fullmatch(_first_line(text))
    if line:
        rest = LINE_BREAK.sub("", text[line.end() :], count=1)
        text = rest or text
    header = _first_line(text)
    separator = max(_SEPARATORS, key=header.count)
    return text, line["mark"] if line and header.count(line["mark"]) else separator


def _first_line(text: str) -> str:
    end = LINE_BREAK.search(text)
    return text[: end.start()] if end else text


def _read_whole(text: str, separator: str, file: str) -> CsvText | None:
    """The file when its quotation marks fit and every row is as long as the header; None when anything is odd."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        records = list(map(tuple, reader))
    except csv.Error:
        return None
    line_breaks_in_cells = reader.line_num > len(records)
    while records and is_blank(records[-1]):
        records.pop()
    if not records or not records[0] or not tidied(records[0][-1]):
        return None
    if any(len(record) != len(records[0]) and not is_blank(record) for record in records):
        return None
    if line_breaks_in_cells and any(_has_too_many_lines(record) for record in records):
        return None
    header = tuple(tidied(one_line(name)) for name in records[0])
    faults: list[Fault] = []
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, record in enumerate(records, start=1):
        if is_blank(record):
            faults.append(empty_row(number, file))
            if len(faults) > MOST_FAULTS:
                return CsvText(
                    header=header, rows=tuple(rows[1:]), faults=(*faults, _given_up(number, file)), complete=False
                )
        elif line_breaks_in_cells:
            cells, found = without_line_breaks(record, header, number, file)
            faults.extend(found)
            rows.append((number, cells))
        else:
            rows.append((number, record))
    return CsvText(header=header, rows=tuple(rows[1:]), faults=tuple(faults))


def _has_too_many_lines(record: Sequence[str]) -> bool:
    return any(cell.count("\n") + cell.count("\r") > LONGEST_CELL_IN_LINES for cell in record)


def _read_line_by_line(lines: list[str], separator: str, file: str, faults: tuple[Fault, ...]) -> CsvText:
    while lines and not lines[-1].replace(separator, "").strip():
        lines.pop()
    names = split_record(lines[0], separator) if lines else None
    header = [tidied(name) for name in names or ()]
    while header and header[-1] == "":
        header.pop()
    if not header:
        why = "The first line does not hold the column names." if lines else "The file is empty."
        mend = "Put the line with the column names first, or restore the file, for example with git checkout."
        no_header = Fault(code="F011", file=file, row=1, why=why, mend=mend)
        return CsvText(header=(), rows=(), faults=(*faults, no_header), complete=False)
    rows: list[tuple[int, tuple[str, ...]]] = []
    found = list(faults)
    guessed: set[tuple[int, str]] = set()
    complete = True
    for number, record in enumerate(_records(lines[1:], separator, len(header)), start=2):
        fitted = fit_record(record, header, number, separator, file)
        found.extend(fitted.faults)
        guessed.update((number, name) for name in fitted.guessed)
        complete = complete and not fitted.lost
        if fitted.cells is not None:
            rows.append((number, fitted.cells))
        if len(found) > MOST_FAULTS:
            found.append(_given_up(number, file))
            complete = False
            break
    return CsvText(
        header=tuple(header), rows=tuple(rows), faults=tuple(found), complete=complete, guessed=frozenset(guessed)
    )


def _records(lines: list[str], separator: str, width: int) -> Iterator[str]:
    """The records of the file. Lines belong together when only together they make a row of the right width."""
    index = 0
    while index < len(lines):
        used = 1
        if split_record(lines[index], separator) is None:
            used = _lines_of_one_record(lines, index, separator, width)
        yield "\n".join(lines[index : index + used])
        index += used


def _lines_of_one_record(lines: list[str], index: int, separator: str, width: int) -> int:
    open_marks = lines[index].count('"')
    for used in range(2, LONGEST_CELL_IN_LINES + 1):
        tail = lines[index + used - 1 : index + used]
        if not tail:
            break
        alone = split_record(tail[0], separator)
        if alone is not None and len(alone) == width and tail[0].count('"') % 2 == 0:
            break  # the next line is a row of its own, so the quotation mark above it was never closed
        open_marks += tail[0].count('"')
        if open_marks % 2 == 0:
            together = split_record("\n".join(lines[index : index + used]), separator)
            if together is not None and len(together) == width:
                return used
    return 1
