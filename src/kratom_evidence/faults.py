"""Explained faults: what is wrong, where, why it matters and how to mend it.

Everything that a file, an argument or a spreadsheet can contain is reported through these classes, so that no
traceback reaches a user. Exit status 1 stands for `ExplainedError`, 2 for `UsageError`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault in one place of one file.

    `row` counts as a spreadsheet does (the header is row 1); `column` is the column's name; `value` is the text
    found there. Each is None where it has no meaning. `nearest` is the allowed value closest to what was written.
    """

    code: str
    file: str
    why: str
    mend: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    nearest: str | None = None

    def place(self) -> str:
        """Where the fault is, in words: file, row and column."""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def __str__(self) -> str:
        found = "" if self.value is None else f" Found: {shorten(self.value)!r}."
        nearest = "" if self.nearest is None else f" Did you mean {self.nearest!r}?"
        return f"{self.code} {self.place()}: {self.why}{found} {self.mend}{nearest}"


class ExplainedError(Exception):
    """A fault of the data, the files or the reports that was explained to the user. Exit status 1."""

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        lines = [message, *(str(fault) for fault in self.faults)]
        super().__init__("\n".join(lines))


class UsageError(ExplainedError):
    """A command or function was called with something that does not exist or makes no sense. Exit status 2."""


def shorten(text: str, width: int = 80) -> str:
    """The text in at most `width` characters, so that one huge cell cannot fill a terminal."""
    return text if len(text) <= width else text[: width - 1] + "…"
