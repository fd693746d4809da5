"""Tables as CSV: UTF-8, commas, line feeds, one header line; texts made harmless as `spreadsheet_text` says.

Empty means "not stated in what was read", and the word none in a list of the table `cases` means that the publication
says there were none. `cases.csv` without the marks of `spreadsheet_text` reads back as data/case_reports.csv does.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from kratom_evidence.codebook import Field
from kratom_evidence.exports.spreadsheet_text import neutralised
from kratom_evidence.exports.tables import ExportTable, Scalar, rows

DICTIONARY_COLUMNS = (
    "table", "column", "title", "description", "type", "unit", "allowed_values", "origin", "table_description",
)  # fmt: skip
_TYPES = {"string": "text", "integer": "whole number", "number": "number"}
_LISTS = {
    "three_state": "list: entries separated by '; ', or none, or empty (not stated)",
    "plain": "list: entries separated by '; '",
}


def csv_text(table: ExportTable) -> str:
    """The table as the text of a CSV file."""
    return _written([field.name for field in table.fields], rows(table))


def dictionary_rows(tables: Iterable[ExportTable]) -> list[tuple[Scalar, ...]]:
    """One row per column of every table, with the columns of `DICTIONARY_COLUMNS`."""
    return [
        (
            table.name,
            field.name,
            field.title,
            field.description,
            _LISTS[field.list_kind] if field.list_kind else _TYPES[field.type],
            field.unit,
            _allowed(field),
            table.origin,
            table.description,
        )
        for table in tables
        for field in table.fields
    ]


def dictionary_text(tables: Iterable[ExportTable]) -> str:
    """The data dictionary of the tables as the text of a CSV file."""
    return _written(DICTIONARY_COLUMNS, dictionary_rows(tables))


def _allowed(field: Field) -> str | None:
    words = [f"{category.value} ({category.label})" for category in field.categories]
    for part, categories in field.item_categories.items():
        words.append(f"{part}: " + ", ".join(category.value for category in categories))
    if field.vocabulary:
        words.append("{1} of {0}".format(*field.vocabulary))
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f"{field.minimum:g}"
        high = "" if field.maximum is None else f"{field.maximum:g}"
        words.append(f"{low} to {high}" if low and high else f"{low or high} or {'more' if low else 'less'}")
    return "; ".join(words) or None


def _written(header: Sequence[str], records: Iterable[Sequence[Scalar]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_cell(value) for value in record] for record in records])
    return stream.getvalue()


def _cell(value: Scalar) -> Scalar:
    return neutralised(value) if isinstance(value, str) else value
