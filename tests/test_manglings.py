"""Acceptance: what spreadsheet programs do to the file of cases is read rightly or refused by name; nothing else moves.

One entry for each damage that was seen. What is read rightly is also restored to the last byte by `validate --fix`.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kratom_evidence.cli import main
from kratom_evidence.codebook import Value
from kratom_evidence.dataset import Readings, read_tables
from tests.editing import Csv

CASES = "case_reports.csv"
Rows = list[list[str]]


def saved(rows: Rows, *, delimiter: str = ",", end: str = "\n", encoding: str = "utf-8", quoting: int = 0) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)


def cell(column: str, text: str, row: int = 7) -> Callable[[Rows], bytes]:
    """Put a text into a cell, in a row as a spreadsheet numbers it."""

    def change(rows: Rows) -> bytes:
        rows[row - 1][rows[0].index(column)] = text
        return saved(rows)

    return change


def each(change: Callable[[str], str], *columns: str) -> Callable[[Rows], bytes]:
    """Change every cell that is not empty, of these columns or of all."""

    def changed(rows: Rows) -> bytes:
        chosen = [rows[0].index(name) for name in columns or rows[0]]
        for line in rows[1:]:
            for place in chosen:
                line[place] = change(line[place]) if line[place] else ""
        return saved(rows)

    return changed


NUMBERS = ("kratom_dose_g_per_day", "kratom_duration_days", "mitragynine_blood_ng_ml", "temp_max_c", "onset_hours")
# In German spreadsheets both go together: columns by semicolons, decimals by commas.
GERMAN = each(lambda text: text.replace(".", ","), *NUMBERS)


def german(rows: Rows) -> bytes:
    GERMAN(rows)
    return saved(rows, delimiter=";", end="\r\n", encoding="utf-8-sig")


READ: dict[str, Callable[[Rows], bytes]] = {
    "byte order mark": lambda rows: saved(rows, encoding="utf-8-sig"),
    "CRLF": lambda rows: saved(rows, end="\r\n"),
    "CR alone": lambda rows: saved(rows, end="\r"),
    "semicolons": lambda rows: saved(rows, delimiter=";"),
    "tabs": lambda rows: saved(rows, delimiter="\t"),
    "the line sep=": lambda rows: b"sep=;\r\n" + saved(rows, delimiter=";", end="\r\n"),
    "every cell in quotation marks": lambda rows: saved(rows, quoting=csv.QUOTE_ALL),
    "semicolons and decimal commas": german,
    "UTF-16": lambda rows: saved(rows, delimiter="\t", encoding="utf-16"),
    "empty rows at the end": lambda rows: saved([*rows, *[[""] * len(rows[0])] * 3]),
    "empty columns at the end": lambda rows: saved([[*row, "", ""] for row in rows]),
    "blanks around cells": each(lambda text: f"  {text} "),
    "no-break spaces around cells": each(lambda text: f"\u00a0{text}\u202f"),
    "columns in another order": lambda rows: saved([row[::-1] for row in rows]),
    "lists without blanks": each(lambda text: text.replace("; ", ";"), "findings_present", "findings_absent"),
}

# Read, but named until they are restored, because the same bytes might say something else.
NAMED = {"semicolons and decimal commas": {"C102"}, "UTF-16": {"F002"}}

REFUSED: dict[str, tuple[str, str | None, Callable[[Rows], bytes]]] = {
    "Windows-1252": ("F002", None, lambda rows: saved(rows, encoding="cp1252")),
    "smart quotes for straight ones": (
        "F004", None, lambda rows: saved(rows, quoting=csv.QUOTE_ALL).replace(b'"', "”".encode()),
    ),
    "mojibake": ("C117", "notes", cell("notes", "MÃ¼ller saw tremor")),
    "a letter lost": ("C117", "notes", cell("notes", "M?ller saw tremor")),
    "1-3 became a day": ("C114", "kratom_dose_text", cell("kratom_dose_text", "1-Mar")),
    "1-3 became a date": ("C114", "kratom_dose_text", cell("kratom_dose_text", "2026-03-01")),
    "1-3 became a day in German": ("C114", "kratom_dose_text", cell("kratom_dose_text", "01. Mrz")),
    "1-3 became the number of a day": ("C114", "kratom_dose_text", cell("kratom_dose_text", "46082")),
    "decimal comma": ("C102", "temp_max_c", cell("temp_max_c", "38,4")),
    "an identifier in scientific notation": ("C115", "case_id", cell("case_id", "3.5E+07")),
    "a number in scientific notation": ("C115", "ck_max_u_l", cell("ck_max_u_l", "1.2E+04")),
    "decimals added": ("C102", "age_years", cell("age_years", "34.5")),
    "TRUE": ("C116", "notes", cell("notes", "TRUE")),
    "FALSE in a list": ("C116", "findings_absent", cell("findings_absent", "FALSE")),
    "WAHR": ("C116", "sex", cell("sex", "WAHR")),
    "a formula": ("C116", "notes", cell("notes", "=SUM(A1:A3)")),
    "the error of a formula": ("C116", "notes", cell("notes", "#NAME?")),
    "a column too narrow": ("C116", "age_years", cell("age_years", "###")),
    "a percentage": ("C115", "notes", cell("notes", "12%")),
    "none beside a value": ("C107", "conditions", cell("conditions", "none; migraine")),
    "NA": ("C118", "conditions", cell("conditions", "NA")),
    "a dash": ("C118", "findings_absent", cell("findings_absent", "-")),
    "a line break in a cell": ("F009", "notes", cell("notes", "first\nsecond")),
    "a row pasted without its last cells": ("F008", None, lambda rows: saved([*rows[:-1], rows[-1][:-3]])),
}  # fmt: skip


@dataclass(frozen=True)
class Damaged:
    """The data with a damaged file of cases, and the bytes as they were."""

    data: Path
    committed: bytes
    readings: Readings


def damaged(data: Path, mangle: Callable[[Rows], bytes]) -> Damaged:
    committed = (data / CASES).read_bytes()
    table = Csv(data / CASES)
    (data / CASES).write_bytes(mangle([table.header, *(list(row) for row in table.rows)]))
    return Damaged(data=data, committed=committed, readings=read_tables(data))


@pytest.fixture(scope="module")
def original(project_root: Path) -> Readings:
    return read_tables(project_root / "data")


def values(readings: Readings) -> dict[tuple[int, str], Value]:
    reading = readings.tables["case_reports"]
    return {
        (row, name): value
        for name, column in reading.columns.items()
        for row, value in zip(reading.row_numbers, column, strict=True)
    }


@pytest.mark.parametrize("name", READ)
def test_it_is_read_rightly_and_restored(data_copy: Path, original: Readings, name: str) -> None:
    found = damaged(data_copy, READ[name])
    named = {(fault.row, fault.column) for fault in found.readings.faults}
    assert {fault.code for fault in found.readings.faults} == NAMED.get(name, set())
    before, after = values(original), values(found.readings)
    assert {place for place in before if before[place] != after[place]} <= named
    assert main(["validate", "--data", str(data_copy), "--fix", "--write"]) == 0
    assert (data_copy / CASES).read_bytes() == found.committed


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_name_and_no_other_value_changes(data_copy: Path, original: Readings, name: str) -> None:
    code, column, mangle = REFUSED[name]
    found = damaged(data_copy, mangle)
    faults = found.readings.tables["case_reports"].faults
    assert [fault for fault in faults if fault.code == code and column in (None, fault.column)]
    assert all(fault.why and fault.mend for fault in faults)
    before, after = values(original), values(found.readings)
    if name in {"Windows-1252", "smart quotes for straight ones"}:
        # The whole file is refused, whatever could be read of it.
        return
    moved = {place for place in after if before.get(place) != after[place]}
    assert moved <= {(fault.row, fault.column) for fault in faults}


def test_all_three_states_of_lists_are_among_what_survives(original: Readings) -> None:
    """Where every value is read as it was, so are the lists that are silent, none, or hold something."""
    cells = original.tables["case_reports"].columns["co_exposures"]
    states = {"silent" if value is None else "some" if value else "none" for value in cells}
    assert states == {"silent", "none", "some"}
