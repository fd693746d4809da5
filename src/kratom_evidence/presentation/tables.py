"""Tables for reading: a caption, headings that belong to their cells, and "not stated" where nothing is stated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from kratom_evidence.presentation.cells import Cell, CellFormat, cell
from kratom_evidence.presentation.inline import clean_text, escape
from kratom_evidence.presentation.outputs import HTML, PLAIN, MimeBundle

# Widths in characters. A column's cells are not squeezed below these: see the page's style sheet.
_PARAGRAPH = 160
_LONG_TEXT = 45
_MEDIUM_TEXT = 18
_LEAST_WIDTHS = {"paragraph": 45, "long": 30, "medium": 14}
# What a narrow phone (320 px) shows without scrolling, in characters of the table's type; each column also needs a gap.
_PHONE_WIDTH = 36
_GAP = 2


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column, ready to be written. Its `kind` decides on alignment and least width."""

    heading: str
    cells: tuple[Cell, ...]
    is_row_header: bool

    @cached_property
    def kind(self) -> str:
        """Number, short, medium, long or paragraph."""
        stated = [entry for entry in self.cells if entry.is_number]
        if stated and all(entry.is_number or entry.plain == "not stated" for entry in self.cells):
            return "number"
        longest = max((len(entry.plain) for entry in self.cells), default=0)
        if longest > _PARAGRAPH:
            return "paragraph"
        if longest > _LONG_TEXT:
            return "long"
        return "medium" if longest > _MEDIUM_TEXT else "short"

    @cached_property
    def least_width(self) -> int:
        """Characters below which the column cannot be squeezed: its longest word, or the width of its kind."""
        texts = [self.heading, *(entry.plain for entry in self.cells)]
        longest_word = max((len(word) for text in texts for word in text.split()), default=0)
        return max(longest_word, _LEAST_WIDTHS.get(self.kind, 0)) + _GAP


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """A table for a notebook and a page. `frame` holds the values that it was made from."""

    caption: str
    columns: tuple[Column, ...]
    row_count: int
    empty: str
    frame: pd.DataFrame

    @property
    def is_wide(self) -> bool:
        """Whether a phone has to scroll it."""
        return sum(column.least_width for column in self.columns) > _PHONE_WIDTH

    def html(self) -> str:
        """The table element; a wide one lies in a region of its own that the keyboard can scroll."""
        caption = escape(self.caption)
        headings = "".join(f'<th scope="col"{_class(column)}>{escape(column.heading)}</th>' for column in self.columns)
        table = (
            f'<table class="report-table">\n<caption>{caption}</caption>\n'
            f"<thead><tr>{headings}</tr></thead>\n<tbody>\n{''.join(self._html_rows())}</tbody>\n</table>"
        )
        if not self.is_wide:
            return table
        return f'<div class="wide" role="region" tabindex="0" aria-label="{caption}">\n{table}\n</div>'

    def _html_rows(self) -> Iterator[str]:
        if not self.row_count:
            yield f'<tr><td colspan="{max(len(self.columns), 1)}">{escape(self.empty)}</td></tr>\n'
        for row in range(self.row_count):
            yield f"<tr>{''.join(_html_cell(column, row) for column in self.columns)}</tr>\n"

    def plain(self) -> str:
        """The table in aligned plain text."""
        texts = [[clean_text(column.heading), *(entry.plain for entry in column.cells)] for column in self.columns]
        widths = [max(map(len, column)) for column in texts]
        right = [column.kind == "number" for column in self.columns]
        lines = [
            "  ".join(
                text.rjust(width) if to_right else text.ljust(width)
                for text, width, to_right in zip(row, widths, right, strict=True)
            ).rstrip()
            for row in zip(*texts, strict=True)
        ]
        rule = "  ".join("-" * width for width in widths)
        rows = lines[1:] if self.row_count else [clean_text(self.empty)]
        return "\n".join([clean_text(self.caption), "", *lines[:1], rule, *rows])

    def _repr_mimebundle_(self, **_: object) -> MimeBundle:
        return {HTML: self.html(), PLAIN: self.plain()}


def show_table(
    frame: pd.DataFrame,
    *,
    caption: str,
    headings: Mapping[str, str] | None = None,
    row_header: str | None = None,
    formats: Mapping[str, CellFormat] | None = None,
    empty: str = "No entries.",
) -> ReportTable:
    """A frame as a table with a caption; everything in it is escaped, and missing values read "not stated".

    Args:
        frame: each row becomes a row of the table; a named index becomes the first column or columns.
        caption: what the table shows; also its name for screen readers.
        headings: column -> heading; entries for columns that the frame does not have are ignored. Without one, the
            column's name with spaces.
        row_header: the column whose cells head their rows; by default the first column of a named index.
        formats: column -> format specification (".1f", ".0%") or a function that writes the value. See `cells.cell`.
        empty: what stands in a table without rows.

    Raises:
        ValueError: `row_header` or a key of `formats` is no column, or the frame has several levels of columns.
    """
    if frame.columns.nlevels > 1:
        raise ValueError("The frame has several levels of columns; join them to one first.")
    named_index = any(name is not None for name in frame.index.names)
    values = frame.reset_index() if named_index else frame
    names = [str(name) for name in values.columns]
    header = row_header if row_header is not None or not named_index else names[0]
    for wanted in (*(formats or {}), *([] if header is None else [header])):
        if wanted not in names:
            raise ValueError(f"The frame has no column {wanted!r}; it has {', '.join(names)}.")
    columns = tuple(
        Column(
            heading=(headings or {}).get(name) or _heading(name),
            cells=tuple(cell(value, (formats or {}).get(name)) for value in _values(values, position)),
            is_row_header=name == header,
        )
        for position, name in enumerate(names)
    )
    return ReportTable(caption=caption, columns=columns, row_count=len(values), empty=empty, frame=values)


def _values(frame: pd.DataFrame, position: int) -> Sequence[Any]:
    return list(frame.iloc[:, position])


def _heading(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _class(column: Column) -> str:
    return "" if column.kind == "short" else f' class="{column.kind}"'


def _html_cell(column: Column, row: int) -> str:
    content = column.cells[row].html
    if column.is_row_header:
        return f'<th scope="row"{_class(column)}>{content}</th>'
    return f"<td{_class(column)}>{content}</td>"
