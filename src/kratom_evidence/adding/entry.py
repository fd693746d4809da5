"""Adding a case without any user interface: questions, faults, warnings, impact, writing.

The command, the terminal dialogue and the form in JupyterLab all work through `CaseEntry`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kratom_evidence.adding.questions import QuestionGroup, case_groups, question_groups
from kratom_evidence.adding.writing import Written, data_with, planned, write
from kratom_evidence.codebook import cell_reader
from kratom_evidence.curation.new_case import NewCase, case_fields, standing, vocabulary_of
from kratom_evidence.curation.new_case_rows import Addition, addition
from kratom_evidence.curation.new_publication import citation_problems, csl_entry
from kratom_evidence.curation.same_patient import (
    PossibleSamePatient,
    facts,
    facts_of_known,
    possible_same_patients,
)
from kratom_evidence.curation.second_extraction import second_extraction, second_fields
from kratom_evidence.dataset import Readings, read_tables
from kratom_evidence.faults import Fault

if TYPE_CHECKING:
    from kratom_evidence.claims.changes import ClaimChanges

WarningKind = Literal["same_patient", "remark", "citation"]


@dataclass(frozen=True, kw_only=True)
class Caution:
    """Something that the curator should know before writing. `must_confirm`: it is not written without a word."""

    kind: WarningKind
    sentence: str
    must_confirm: bool = False


@dataclass(frozen=True, kw_only=True)
class CaseEntry:
    """The door to adding a case to one data folder. Nothing but `write` changes a file.

    With `second_of` it is the door to the second extraction of that case, and nothing of the first is shown.
    """

    data: Path
    second_of: str | None = None

    @cached_property
    def readings(self) -> Readings:
        """The data as they were when the entry began; `write` reads them again."""
        return read_tables(self.data)

    @cached_property
    def groups(self) -> tuple[QuestionGroup, ...]:
        """The questions with their help and choices: the publication first, then the groups of the codebook."""
        if self.second_of is not None:
            return case_groups(self.readings, second_fields(self.readings))
        return question_groups(self.readings)

    def plan(self, new: NewCase, readings: Readings, texts: Mapping[str, str]) -> Addition:
        """The addition that the answers ask for, from these readings and texts of the data."""
        if self.second_of is not None:
            return second_extraction(self.second_of, new, readings, texts)
        return addition(new, readings, texts)

    def preview(self, new: NewCase) -> Addition:
        """The row, the entry and the new files as they would be written now, or the faults that stand against it."""
        return planned(self.data, lambda readings, texts: self.plan(new, readings, texts))

    def check(self, new: NewCase) -> tuple[Fault, ...]:
        """Everything that stands against writing the answers, a possible same patient apart."""
        return self.preview(new).faults

    def warnings(self, new: NewCase) -> tuple[Caution, ...]:
        """What the curator should know before writing."""
        made = self.preview(new)
        return self.warnings_of(new, made)

    def warnings_of(self, new: NewCase, made: Addition) -> tuple[Caution, ...]:
        """The warnings of an addition that was planned already."""
        if self.second_of is not None:
            return ()
        told = (*made.remarks, *event_remarks(new, self.readings))
        remarks = tuple(Caution(kind="remark", sentence=remark) for remark in told)
        return (*remarks, *_citation_warnings(new), *(_same_patient_warning(same) for same in self.same_patients(new)))

    def same_patients(self, new: NewCase) -> tuple[PossibleSamePatient, ...]:
        """The cases of other publications that could be the same patient; empty once that was denied."""
        return () if self.second_of is not None else _same_patients(new, self.readings)

    def impact(self, new: NewCase) -> "ClaimChanges":
        """Which statements would move.

        Raises:
            ExplainedError: the answers have faults.
        """
        from kratom_evidence.adding.impact import impact_between

        with self.written_aside(self.preview(new)) as after:
            return impact_between(self.data, after)

    @contextmanager
    def written_aside(self, made: Addition) -> Iterator[Path]:
        """A temporary copy of the data with the addition in it."""
        with data_with(self.data, made.files) as after:
            yield after

    def write(self, new: NewCase) -> Written:
        """Write the case, from the files as they are now.

        Raises:
            ExplainedError: the answers have faults, or a possible same patient was not denied. Nothing was changed.
        """
        return write(self.data, lambda readings, texts: self._confirmed(new, readings, texts))

    def _confirmed(self, new: NewCase, readings: Readings, texts: Mapping[str, str]) -> Addition:
        made = self.plan(new, readings, texts)
        if made.faults or self.second_of is not None:
            return made
        return replace(made, faults=tuple(same_patient_fault(same) for same in _same_patients(new, readings)))


def event_remarks(new: NewCase, readings: Readings) -> tuple[str, ...]:
    """That the primary event is a finding too, where it does not stand among the findings."""
    event = new.case.get("primary_event", "")
    findings = readings.tables["findings"].columns["finding"]
    present = {item.strip() for item in new.case.get("findings_present", "").split(";")}
    if event not in findings or event in present:
        return ()
    sentence = (
        f"The primary event, {event}, is also the name of a finding. Signs are counted from findings_present only: add "
        "it there if the publication reports it as one."
    )
    return (sentence,)


def _same_patients(new: NewCase, readings: Readings) -> tuple[PossibleSamePatient, ...]:
    if new.not_the_same_patient:
        return ()
    values = {}
    for column in case_fields(readings.codebook):
        reading = cell_reader(column, vocabulary_of(column, readings))(new.case.get(column.name, ""))
        values[column.name] = None if reading.problems else reading.value
    sound = not citation_problems(new.citation)
    included = standing(new, readings).included
    citekey = included.citekey if included else None
    return possible_same_patients(
        facts(values, csl_entry(new.citation, "new") if sound else {}), facts_of_known(readings), citekey=citekey
    )


def same_patient_fault(same: PossibleSamePatient) -> Fault:
    """The fault of a case that may be in the table already."""
    return Fault(
        code="A107",
        file="case",
        column="case_id",
        value=same.case_id,
        why=same_patient_words(same),
        mend="Look at both publications. The same patient is one row: name the second publication in "
        "also_reported_in of that row. Another patient: confirm it with --not-the-same-patient.",
    )


def same_patient_words(same: PossibleSamePatient) -> str:
    """Which known case may be the same patient, with what agrees and what differs."""
    agree = ", ".join(f"{compared.field} {_both(compared.new, compared.known)}" for compared in same.agreeing)
    differ = ", ".join(f"{compared.field} ({compared.new} here, {compared.known} there)" for compared in same.differing)
    differing = f" These differ: {differ}." if differ else ""
    return f"This may be the patient of {same.case_id}. These agree: {agree}.{differing}"


def _both(new: str, known: str) -> str:
    return f"({new})" if new == known else f"({new} here, {known} there)"


def _same_patient_warning(same: PossibleSamePatient) -> Caution:
    return Caution(kind="same_patient", sentence=same_patient_words(same), must_confirm=True)


def _citation_warnings(new: NewCase) -> list[Caution]:
    if new.same_publication:
        return []
    missing = [name for name in ("authors", "year") if not new.citation.get(name)]
    warnings = [Caution(kind="citation", sentence=f"The citation has no {name}.") for name in missing]
    if not any(new.citation.get(name) for name in ("doi", "pmid", "pmcid", "url")):
        sentence = "The citation has no DOI, PMID, PMCID or address, so that nobody can follow it."
        warnings.append(Caution(kind="citation", sentence=sentence))
    return warnings
