"""What a mutant must come to: an independent, simple reading of what it says, and what a refusal must tell."""

import csv
import io
import json
import re
import signal
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kratom_evidence.codebook import Field
from kratom_evidence.dataset import TableReading
from kratom_evidence.faults import Fault
from tests.fuzz.mutators import Grid

# Of the processor, so that a busy machine does not look like a hang; and by the clock, because waiting at a pipe takes
# no time of the processor.
LONGEST_WORK = 30.0
LONGEST_WAIT = 600.0


class TookTooLong(BaseException):
    """A mutant kept the program busy for longer than any file may. No `except Exception` can swallow it."""


@contextmanager
def in_time(work: float = LONGEST_WORK, wait: float = LONGEST_WAIT) -> Iterator[None]:
    """Stop what is inside, with an error, after so many seconds of the processor or by the clock."""

    def stop(number: int, _: object) -> None:
        by_clock = number == signal.SIGALRM
        raise TookTooLong(
            f"more than {wait:g} s by the clock" if by_clock else f"more than {work:g} s of the processor"
        )

    before = {number: signal.signal(number, stop) for number in (signal.SIGPROF, signal.SIGALRM)}
    try:
        signal.setitimer(signal.ITIMER_PROF, work)
        signal.setitimer(signal.ITIMER_REAL, wait)
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def explained(faults: Sequence[Fault], file: str) -> None:
    """Every fault names the file, what is wrong and how to mend it; faults of cells name row and column."""
    assert faults
    for fault in faults:
        assert fault.file == file, fault
        assert fault.code, fault
        assert fault.why.strip(), fault
        assert fault.mend.strip(), fault
        str(fault).encode(errors="backslashreplace")
        if fault.code.startswith("C") and file.endswith(".csv"):
            assert fault.row is not None, fault
            assert fault.column is not None, fault


def trimmed(text: str) -> str:
    """The text without what nobody can see at its ends, in composed form."""
    text = unicodedata.normalize("NFC", text)
    while text and (text[0].isspace() or unicodedata.category(text[0]) == "Cf"):
        text = text[1:]
    while text and (text[-1].isspace() or unicodedata.category(text[-1]) == "Cf"):
        text = text[:-1]
    return text


def simple_value(text: str, field: Field) -> Any:
    """The value of a cell that is allowed, read without the program."""
    text = trimmed(text)
    if field.list_kind is not None:
        if text == "":
            return None if field.list_kind == "three_state" else ()
        if field.list_kind == "three_state" and text == "none":
            return ()
        # A semicolon inside brackets separates nothing.
        entries = re.sub(r"\[[^\[\]]*\]", lambda found: found.group().replace(";", "\ue000"), text).split(";")
        entries = [entry.strip().replace("\ue000", ";") for entry in entries]
        return tuple(map(_exposure, entries)) if field.item_form else tuple(entries)
    if text == "":
        return None
    return {"integer": int, "number": float, "string": str}[field.type](text)


def _exposure(text: str) -> str:
    """One form for each co-exposure: `name [a, b: c]`."""
    name, _, rest = text.partition("[")
    head, _, dose = rest.rstrip("]").partition(":")
    evidence, _, timing = head.partition(",")
    tail = f": {dose.strip()}" if dose.strip() else ""
    return f"{name.strip()} [{evidence.strip()}, {timing.strip()}{tail}]"


def says_the_same(reading: TableReading, grid: Grid) -> None:
    """Every value of a table that was accepted is what the text in its cell says."""
    header = [trimmed(name) for name in grid[0]]
    rows = [cells for cells in grid[1:] if any(cell.strip() for cell in cells)]
    assert len(rows) == len(reading.row_numbers)
    for name, values in reading.columns.items():
        field = reading.table.field(name)
        position = header.index(name)
        for cells, value in zip(rows, values, strict=True):
            found = tuple(map(str, value)) if isinstance(value, tuple) else value
            expected = simple_value(cells[position] if position < len(cells) else "", field)
            assert found == expected, (name, cells[position], found)
            assert type(found) is type(expected), (name, found)


def simple_grid(content: bytes) -> Grid:
    """The cells as the standard library reads them; a file that is not UTF-8 must have been refused."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def simple_json(content: bytes) -> Any:
    """The document, if nobody can read it in two ways; else AssertionError."""
    return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    assert len(dict(pairs)) == len(pairs), "accepted with a key that stands twice"
    return dict(pairs)


def _no_number(name: str) -> None:
    raise AssertionError(f"accepted with {name}")


def texts_within(value: Any) -> Iterator[str]:
    """Every text of a JSON document, keys included."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, dict):
            waiting.extend([*inner.keys(), *inner.values()])
        elif isinstance(inner, list):
            waiting.extend(inner)
