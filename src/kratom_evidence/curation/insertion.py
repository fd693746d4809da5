"""Putting one row or one entry into the text of a file, so that every other byte of it stays as it is.

A file is never formatted anew: the difference in git then holds the lines of the new case and nothing else.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kratom_evidence.faults import ExplainedError

_BLANK = re.compile(r"\s*")


def with_csv_row(text: str, cells: Mapping[str, str]) -> str:
    """The CSV text with one more row, before the first row whose first cell sorts after it.

    `cells` gives the text of each column by name; columns that it leaves out stay empty. The first column is the key.
    """
    lines, header = _lines_and_header(text)
    new = csv_line([cells.get(name, "") for name in header], _line_end(lines[0]))
    key = cells.get(header[0], "")
    position = next((number for number, line in enumerate(lines) if number and _first_cell(line) > key), len(lines))
    if position == len(lines) and not lines[-1].endswith("\n"):
        lines[-1] += _line_end(lines[0])
    return "".join([*lines[:position], new, *lines[position:]])


def without_csv_row(text: str, key: str) -> str:
    """The CSV text without the row whose first cell is `key`."""
    lines, _ = _lines_and_header(text)
    return "".join(line for number, line in enumerate(lines) if not number or _first_cell(line) != key)


def with_key_renamed(text: str, key: str, new: str) -> str:
    """The CSV text with another first cell in every row whose first cell is `key`; both are plain identifiers."""
    lines, _ = _lines_and_header(text)
    # The key may stand between quotation marks, as programs write it that quote every text.
    own = re.compile(rf'\A("?){re.escape(key)}(?=\1,)')
    return "".join(own.sub(rf"\g<1>{new}", line) if number else line for number, line in enumerate(lines))


def cannot_take_a_row(text: str, key: str) -> str | None:
    """Why a row cannot be put into the CSV text as it is, although its columns can be read; None when it can.

    `key` is the column by which the rows are sorted, which the project writes first.
    """
    lines, header = _lines_and_header(text)
    first = lines[0].removeprefix("\ufeff").rstrip("\r\n")
    if re.match(r'"?sep=', first, re.IGNORECASE):
        return "begins with the line sep=, which Excel writes"
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if first.count(mark) > first.count(","):
            return f"is separated by {name}, not by commas"
    if not header or header[0] != key:
        return f"does not have {key} as its first column"
    return None


def csv_line(cells: Sequence[str], line_end: str = "\n") -> str:
    """The cells as one line of a CSV file."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator=line_end).writerow(cells)
    return stream.getvalue()


def with_entry(text: str, entry: Mapping[str, Any], file: str) -> str:
    """The JSON list with one more entry, before the first whose id sorts after it, laid out as the others are.

    Raises:
        ExplainedError: the text is no JSON list of objects.
    """
    spans, ids = _entries(text, file)
    between = text[spans[0][1] : spans[1][0]] if len(spans) > 1 else ",\n  "
    indent = between.rpartition("\n")[2]
    block = json.dumps(entry, ensure_ascii=False, indent=len(indent) or None).replace("\n", f"\n{indent}")
    if not spans:
        return f"[\n{indent}{block}\n]\n"
    position = next((number for number, other in enumerate(ids) if other > entry["id"]), None)
    if position is None:
        end = spans[-1][1]
        return f"{text[:end]}{between}{block}{text[end:]}"
    start = spans[position][0]
    return f"{text[:start]}{block}{between}{text[start:]}"


def _lines_and_header(text: str) -> tuple[list[str], list[str]]:
    lines = io.StringIO(text, newline="").readlines() or [""]
    return lines, next(csv.reader([lines[0].removeprefix("\ufeff")]), [])


def _first_cell(line: str) -> str:
    return next(iter(next(csv.reader([line]), [])), "")


def _line_end(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n"


def _entries(text: str, file: str) -> tuple[list[tuple[int, int]], list[str]]:
    """Where each entry of the list begins and ends in the text, and its id."""
    decoder = json.JSONDecoder()
    spans: list[tuple[int, int]] = []
    ids: list[str] = []
    try:
        place = _after_blank(text.removeprefix("\ufeff"), 0) + text.startswith("\ufeff")
        if text[place] != "[":
            raise ValueError("it does not begin with [")
        place = _after_blank(text, place + 1)
        while text[place] != "]":
            entry, end = decoder.raw_decode(text, place)
            spans.append((place, end))
            ids.append(entry["id"])
            place = _after_blank(text, end)
            if text[place] == ",":
                place = _after_blank(text, place + 1)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise ExplainedError(
            f"{file} is not a list of publications in JSON ({error}). Run: kratom-evidence validate"
        ) from None
    return spans, ids


def _after_blank(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    return blank.end() if blank else place
