"""The tables of data/screening with more rows, as text: no row is lost."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from kratom_evidence.faults import ExplainedError, Fault

CANDIDATES_FILE = "screening/candidates.csv"
LOG_FILE = "screening/search_log.csv"
NOTICES_FILE = "screening/notices.csv"


def read_rows(data: Path, file: str, needed: Sequence[str] = ()) -> tuple[list[str], list[dict[str, str]]]:
    """The header and the rows of a table that `load` has found to be in order; `needed` columns must be among them.

    Raises:
        ExplainedError: it is not there, is not separated by commas, or a row has not as many cells as the header.
    """
    try:
        with (data / file).open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = list(csv.reader(stream, strict=True))
        lacking = [name for name in needed if name not in header]
        if lacking:
            # `load` reads other separators too; rows added to such a file would be lost.
            raise ValueError(f"the column {lacking[0]} is not found, so it is not separated by commas")
        return header, [dict(zip(header, row, strict=True)) for row in rows if row]
    except (OSError, ValueError, csv.Error) as error:
        why = f"It cannot be read: {error}."
        fault = Fault(code="F001", file=file, why=why, mend="Run: kratom-evidence validate --fix --write")
        raise ExplainedError("The screening tables cannot be read.", [fault]) from None


def with_rows(data: Path, file: str, rows: Sequence[Mapping[str, str]], *, key: Sequence[str]) -> str | None:
    """The text of the table with the rows whose key is not there yet, in the order of its key; None without such."""
    header, there = read_rows(data, file, key)
    known = {tuple(row[name] for name in key) for row in there}
    new = [dict(row) for row in rows if tuple(row[name] for name in key) not in known]
    return _text(header, [*there, *new], key) if new else None


def with_rows_replaced(
    data: Path, file: str, rows: Sequence[Mapping[str, str]], *, about: Sequence[str], key: Sequence[str]
) -> str:
    """The text of the table with the rows in the place of those about the same (same values in columns `about`)."""
    header, there = read_rows(data, file, [*about, *key])
    renewed = {tuple(row[name] for name in about) for row in rows}
    kept = [row for row in there if tuple(row[name] for name in about) not in renewed]
    return _text(header, [*kept, *(dict(row) for row in rows)], key)


def _text(header: Sequence[str], rows: Sequence[Mapping[str, str]], key: Sequence[str]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in key))
    writer.writerows([row.get(name, "") for name in header] for row in ordered)
    return stream.getvalue()
