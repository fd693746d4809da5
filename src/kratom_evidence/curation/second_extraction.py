"""The second extraction of a case: its row in extraction/second.csv, and that of the first beside it.

Both extractions hold the same cases (rule X206). A case that was added lately stands in neither; its row in
case_reports.csv is then the first extraction, and is copied to extraction/first.csv as it is.
"""

import csv
import io
from collections.abc import Mapping

from kratom_evidence.codebook import Field, cell_reader
from kratom_evidence.curation.insertion import with_csv_row
from kratom_evidence.curation.new_case import CASES, NewCase, unknown_names, vocabulary_of
from kratom_evidence.curation.new_case_rows import Addition
from kratom_evidence.dataset import Readings
from kratom_evidence.faults import Fault
from kratom_evidence.nearest import nearest_name

SECOND = "second_extraction"
FIRST = "first_extraction"


def second_fields(readings: Readings) -> tuple[Field, ...]:
    """The columns that are extracted twice, without the key."""
    return tuple(column for column in readings.codebook.table(SECOND).fields if column.name != "case_id")


def second_faults(case_id: str, readings: Readings) -> tuple[Fault, ...]:
    """Why the case cannot be extracted a second time: there is none, or it was already."""
    cases = [str(name) for name in readings.tables[CASES].columns["case_id"]]
    if case_id not in cases:
        near = nearest_name(case_id, cases)
        return (_fault(case_id, "There is no such case.", "Give the case_id of a row of case_reports.csv.", near),)
    if case_id in readings.tables[SECOND].columns["case_id"]:
        path = readings.codebook.table(SECOND).path
        why = f"The case was extracted a second time already; it stands in {path}."
        return (_fault(case_id, why, "Its differences from the first are decided in extraction/adjudication.csv."),)
    return ()


def second_extraction(case_id: str, new: NewCase, readings: Readings, texts: Mapping[str, str]) -> Addition:
    """The rows that a second extraction adds; only `new.case` is read. Nothing of the first is in the row returned."""
    faults = list(second_faults(case_id, readings))
    fields = second_fields(readings)
    faults += unknown_names("case", new.case, {column.name for column in fields})
    for column in fields:
        problems = cell_reader(column, vocabulary_of(column, readings))(new.case.get(column.name, "")).problems
        faults += [
            Fault(
                code=p.code, file="case", column=column.name, value=p.value, why=p.why, mend=p.mend, nearest=p.nearest
            )
            for p in problems
        ]
    if faults:
        return Addition(row={}, files={}, faults=tuple(faults))
    row = {"case_id": case_id, **{name: text for name, text in new.case.items() if text}}
    first, second = (readings.codebook.table(name).path for name in (FIRST, SECOND))
    files = {second: with_csv_row(texts[second], row)}
    if case_id not in readings.tables[FIRST].columns["case_id"]:
        files[first] = with_csv_row(
            texts[first], _first_row(case_id, readings, texts[readings.codebook.table(CASES).path])
        )
    return Addition(case_id=case_id, row=row, files=files)


def _first_row(case_id: str, readings: Readings, cases: str) -> dict[str, str]:
    """The cells of the case as they stand in the text of the case reports."""
    rows = csv.DictReader(io.StringIO(cases.removeprefix("\ufeff"), newline=""))
    row = next(row for row in rows if row["case_id"] == case_id)
    return {column.name: row[column.name] for column in readings.codebook.table(FIRST).fields if column.name in row}


def _fault(case_id: str, why: str, mend: str, near: str | None = None) -> Fault:
    return Fault(code="A110", file="case", column="case_id", value=case_id, why=why, mend=mend, nearest=near)
