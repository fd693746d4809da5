"""One record of a CSV file: its cells, fitted to the header, or what keeps it from being read."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kratom_evidence.faults import Fault

LINE_BREAK = re.compile("\r\n|\n|\r")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True, kw_only=True)
class FittedRecord:
    """As many cells as the header has, or None when the record is empty or cannot be read.

    `guessed` names the columns whose content was told apart by a guess; `lost` is True when facts were left out.
    """

    cells: tuple[str, ...] | None = None
    faults: tuple[Fault, ...] = ()
    guessed: tuple[str, ...] = ()
    lost: bool = False


def split_record(record: str, separator: str) -> list[str] | None:
    """The cells of one record, or None when its quotation marks do not close."""
    try:
        records = list(csv.reader(io.StringIO(record, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else ([] if not records else None)


def fit_record(record: str, header: Sequence[str], number: int, separator: str, file: str) -> FittedRecord:
    """The cells of a record fitted to the header, with its faults."""
    cells = split_record(record, separator)
    if cells is None:
        return _mended_quoting(record, header, number, separator, file)
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if is_blank(cells):
        return FittedRecord(faults=(empty_row(number, file),))
    if len(cells) != len(header):
        return _mended_width(cells, header, number, file)
    whole, faults = without_line_breaks(cells, header, number, file)
    return FittedRecord(cells=whole, faults=tuple(faults))


def is_blank(cells: Sequence[str]) -> bool:
    """Whether no cell holds anything that can be seen."""
    return not any(map(str.strip, cells))


def empty_row(number: int, file: str) -> Fault:
    """The fault of a row without content."""
    return Fault(code="F012", file=file, row=number, why="The row is empty.", mend="Delete the row.")


def _has_line_break(cells: Sequence[str]) -> bool:
    text = "".join(cells)
    return "\n" in text or "\r" in text


def one_line(text: str) -> str:
    """The text with a space for each line break."""
    return LINE_BREAK.sub(" ", text)


def without_line_breaks(
    cells: Sequence[str], header: Sequence[str], number: int, file: str
) -> tuple[tuple[str, ...], list[Fault]]:
    """The cells with a space for each line break, and a fault for each cell that had one."""
    if not _has_line_break(cells):
        return tuple(cells), []
    faults = [
        Fault(
            code="F009",
            file=file,
            row=number,
            column=name,
            value=cell,
            why="The cell holds a line break.",
            mend="Replace the line break by a space. If other rows stand in this cell, a quotation mark is missing.",
            nearest=one_line(cell),
        )
        for name, cell in zip(header, cells, strict=True)
        if LINE_BREAK.search(cell.strip())
    ]
    return tuple(one_line(cell) for cell in cells), faults


def _mended_width(cells: list[str], header: Sequence[str], number: int, file: str) -> FittedRecord:
    """A row that is too long or too short. Cells that begin with a space were cut off by an unquoted comma."""
    pieces = [position for position, cell in enumerate(cells) if position and cell.startswith(" ")]
    mended = _joined(cells, pieces) if len(pieces) == len(cells) - len(header) > 0 else None
    position = pieces[0] - 1 if mended else min(len(cells), len(header) - 1)
    fault = Fault(
        code="F008",
        file=file,
        row=number,
        column=header[position],
        value=cells[position] if mended else (cells[-1] if len(cells) > len(header) else None),
        why=f"The row has {len(cells)} cells, but the header has {len(header)} columns.",
        mend="Put a cell that contains a comma between quotation marks, and keep one cell for every column.",
        nearest=_quoted(mended[position]) if mended else None,
    )
    if mended is None:
        return FittedRecord(faults=(fault,), lost=True)
    guessed = tuple(header[piece - 1 - joined_before] for joined_before, piece in enumerate(pieces))
    return FittedRecord(cells=tuple(mended), faults=(fault,), guessed=guessed)


def _joined(cells: Sequence[str], pieces: Sequence[int]) -> list[str]:
    joined: list[str] = []
    for position, cell in enumerate(cells):
        if position in pieces:
            joined[-1] += f",{cell}"
        else:
            joined.append(cell)
    return joined


def _mended_quoting(record: str, header: Sequence[str], number: int, separator: str, file: str) -> FittedRecord:
    """A row with wrong quotation marks. When they are wrong in one cell only, the others can still be read."""
    position, start = _broken_cell(record, separator)
    column = header[min(position, len(header) - 1)]
    before = split_record(record[:start], separator) if position else []
    end, after = _end_of_broken_cell(record, start, separator, len(header) - position - 1)
    broken = record[start:end]
    content = _without_quotation_marks(broken)
    fault = Fault(
        code="F004",
        file=file,
        row=number,
        column=column,
        value=broken,
        why="The quotation marks of the cell do not fit together, so it cannot be told where the cell ends.",
        mend='Put a cell that contains a comma or a quotation mark between quotation marks, and write "" for each '
        "quotation mark inside it.",
        nearest=None if after is None else _quoted(content),
    )
    if before is None or after is None:
        return FittedRecord(faults=(fault,), lost=True)
    cells = (*before[:position], content, *after)
    return FittedRecord(cells=cells, faults=(fault,), guessed=(column,))


def _broken_cell(record: str, separator: str) -> tuple[int, int]:
    """The position, and the place in the record, of the first cell whose quotation marks are wrong."""
    position = start = 0
    while start < len(record):
        if record[start] != '"':
            end = record.find(separator, start)
        else:
            closing = _QUOTED.match(record, start)
            if closing is None or record[closing.end() : closing.end() + 1] not in {"", separator}:
                return position, start
            end = closing.end() if closing.end() < len(record) else -1
        if end == -1:
            return position, start
        start, position = end + 1, position + 1
    return position, start


def _end_of_broken_cell(record: str, start: int, separator: str, width: int) -> tuple[int, list[str] | None]:
    """Where the broken cell ends when exactly `width` cells follow it, and these; None when that does not work out."""
    if width <= 0:
        return len(record), [] if width == 0 else None
    end = record.rfind(separator, start)
    while end != -1:
        after = split_record(record[end + 1 :], separator)
        # Nothing after the last separator is one empty cell, which the csv module gives as no cell at all.
        after = [""] if after == [] else after
        if after is not None and len(after) == width:
            return end, after
        if after is not None and len(after) > width:
            break
        end = record.rfind(separator, start, end)
    return len(record), None


def _without_quotation_marks(broken: str) -> str:
    """The most likely content: without the outer quotation marks, with single ones inside."""
    # An odd number of marks: the first one opens the cell and its partner is missing.
    if broken.startswith('"') and (broken.endswith('"') or broken.count('"') % 2 == 1):
        broken = broken.removeprefix('"').removesuffix('"')
    return broken.replace('""', '"')


def _quoted(content: str) -> str:
    return '"' + content.replace('"', '""') + '"'
