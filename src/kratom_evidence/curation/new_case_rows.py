"""From the answers to the new text of each file: the row, the entry, and what else has to follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kratom_evidence.codebook import cell_reader
from kratom_evidence.curation.duplicates import KnownPublication
from kratom_evidence.curation.insertion import with_csv_row, with_entry, with_key_renamed, without_csv_row
from kratom_evidence.curation.new_case import (
    CASES,
    NewCase,
    Standing,
    answer_faults,
    case_fields,
    standing,
    vocabulary_of,
)
from kratom_evidence.curation.new_publication import csl_entry, proposed_citekey
from kratom_evidence.curation.rules_tables import case_number
from kratom_evidence.dataset import Readings
from kratom_evidence.faults import Fault

# The tables whose first column is case_id, besides the case reports.
FOLLOWING = ("first_extraction", "second_extraction", "adjudication")


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What adding a case does. It can be written only when `faults` is empty.

    `row` gives the text of every stated column; `entry` is the publication in CSL-JSON, None when it is included
    already. `files` maps the path of each file that changes (in the data folder, the order in which they are replaced)
    to its new text. `remarks` tells what changes besides the row and the entry.
    """

    case_id: str = ""
    citekey: str = ""
    row: Mapping[str, str]
    entry: Mapping[str, Any] | None = None
    files: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def addition(new: NewCase, readings: Readings, texts: Mapping[str, str]) -> Addition:
    """The addition that the answers ask for; `texts` maps the path of every data file to its present text."""
    place = standing(new, readings)
    faults = (*answer_faults(new, readings), *place.faults)
    if place.included is not None:
        faults += _twins(new, readings, place.included.citekey)
    citekey = place.included.citekey if place.included else _citekey(new, readings, place)
    if citekey is None and not faults:
        faults = (_no_key(),)
    if faults or citekey is None:
        return Addition(row={}, files={}, faults=faults)
    path = {name: readings.codebook.table(name).path for name in ("sources", "unread", *FOLLOWING, CASES)}
    case_id, renamed = _case_id(citekey, readings)
    row = {"case_id": case_id, "citekey": citekey, **{name: text for name, text in new.case.items() if text}}
    files: dict[str, str] = {}
    remarks: list[str] = []
    entry = None
    if place.included is None:
        entry = csl_entry(new.citation, citekey)
        files[path["sources"]] = with_entry(texts[path["sources"]], entry, path["sources"])
    for known in place.unread:
        files[path["unread"]] = without_csv_row(files.get(path["unread"], texts[path["unread"]]), known.citekey)
        remarks.append(f"{known.citekey} was waiting to be read; its row leaves {path['unread']}.")
    remarks += [_undecided(known) for known in place.candidates if known.decision != "include"]
    cases = texts[path[CASES]]
    if renamed:
        cases = with_key_renamed(cases, citekey, renamed)
        remarks.append(f"{citekey} becomes {renamed} in every file, since its publication now has several patients.")
        for name in FOLLOWING:
            text = with_key_renamed(texts[path[name]], citekey, renamed)
            if text != texts[path[name]]:
                files[path[name]] = text
    files[path[CASES]] = with_csv_row(cases, row)
    return Addition(case_id=case_id, citekey=citekey, row=row, entry=entry, files=files, remarks=tuple(remarks))


def _undecided(known: KnownPublication) -> str:
    decision = f"was decided to be {known.decision}" if known.decision else "has no decision yet"
    return (
        f"The saved search found the publication as {known.citekey}, which {decision}: write include into its row of "
        "screening/candidates.csv, so that it is counted as included."
    )


def _twins(new: NewCase, readings: Readings, citekey: str) -> tuple[Fault, ...]:
    """A patient of the same publication of whom exactly the same is stated: the command was given twice."""
    columns = readings.tables[CASES].columns
    values = {
        column.name: cell_reader(column, vocabulary_of(column, readings))(new.case.get(column.name, "")).value
        for column in case_fields(readings.codebook)
    }
    return tuple(
        Fault(
            code="A109",
            file="case",
            column="case_id",
            value=str(columns["case_id"][row]),
            why="The publication has a patient of whom exactly the same is stated.",
            mend="If it is another patient, say in the notes how the two can be told apart.",
        )
        for row, key in enumerate(columns["citekey"])
        if key == citekey and all(columns[name][row] == value for name, value in values.items())
    )


def _citekey(new: NewCase, readings: Readings, place: Standing) -> str | None:
    """The key that was given, that of the candidate which the publication is, or a free one."""
    given = new.citation.get("citekey")
    if given:
        return given
    entries = [*readings.bibliographies["sources"]]
    taken = {str(entry["id"]) for entry in entries}
    waiting = {known.citekey for known in (*place.unread, *place.candidates)}
    for table in ("excluded", "unread"):
        taken |= {str(key) for key in readings.tables[table].columns["citekey"]} - waiting
    # A key with a number at its end is that of a case; the stem must not be one either.
    taken |= {str(case_id) for case_id in readings.tables[CASES].columns["case_id"]}
    found = [known.citekey for known in place.candidates if known.citekey not in taken]
    taken |= {str(key) for key in readings.tables["candidates"].columns["candidate_id"]} - waiting
    return found[0] if found else proposed_citekey(new.citation, taken)


def _no_key() -> Fault:
    return Fault(
        code="A102",
        file="citation",
        column="citekey",
        why="No citation key can be made without an author.",
        mend="Give the authors, or a citekey of your own such as anonliver2024.",
    )


def _case_id(citekey: str, readings: Readings) -> tuple[str, str | None]:
    """The identifier of the new case, and the new one of the only case so far, where that has no number."""
    columns = readings.tables[CASES].columns
    own = [
        case_number(str(case_id), citekey)
        for case_id, key in zip(columns["case_id"], columns["citekey"], strict=True)
        if key == citekey
    ]
    numbers = [number for number in own if number is not None]
    if not numbers:
        return citekey, None
    if 0 in numbers:
        return f"{citekey}-2", f"{citekey}-1"
    return f"{citekey}-{max(numbers) + 1}", None
