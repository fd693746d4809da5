"""The answers of the form and what stands against writing them. No widget in here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from kratom_evidence.adding.draft import Draft
from kratom_evidence.adding.entry import CaseEntry, Caution, same_patient_words
from kratom_evidence.adding.questions import Question, QuestionGroup, by_name
from kratom_evidence.adding.writing import texts_of
from kratom_evidence.curation.new_case import NewCase, Part
from kratom_evidence.curation.new_case_rows import Addition
from kratom_evidence.faults import Fault

Key: TypeAlias = tuple[Part, str]
MISSING = "C101"
FURTHER_PATIENT = "A further patient of a publication that is included already"
OTHER_PATIENT = "I have compared them with both publications: it is another patient"
# What the messages for the command line would have the user do, said of the form.
_MENDS = {
    ("A103", False): f"Give its citekey, DOI or PMID; for a publication that is not included yet, untick "
    f"“{FURTHER_PATIENT}”.",
    ("A104", False): f"For a further patient of it, tick “{FURTHER_PATIENT}”. The same patient is one row: correct "
    "that row.",
    ("A104", True): "Leave the key out, and a free one is made; for a further patient of that publication, tick "
    f"“{FURTHER_PATIENT}”.",
}


@dataclass(frozen=True, kw_only=True)
class FormState:
    """The answers so far.

    `unfinished` holds the lists that were said to have entries while none was given. `denied` holds the cases (case_id)
    that were looked at and are other patients.
    """

    draft: Draft
    unfinished: frozenset[Key] = frozenset()
    denied: frozenset[str] = frozenset()

    @property
    def new(self) -> NewCase:
        return self.draft.new

    def answer(self, key: Key) -> str:
        """The text of an answer; empty when it was not given."""
        answers = self.new.citation if key[0] == "citation" else self.new.case
        return answers.get(key[1], "")


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What the answers would do, and everything that stands against it.

    `by_field` holds the faults that belong to a question, `general` all others. `similar` are the cases that may be the
    same patient, `undenied` whether one of them was not looked at yet.
    """

    addition: Addition
    by_field: Mapping[Key, tuple[Fault, ...]]
    general: tuple[Fault, ...] = ()
    cautions: tuple[Caution, ...] = ()
    similar: Mapping[str, str]
    undenied: bool = False

    @property
    def faultless(self) -> bool:
        return not self.by_field and not self.general

    @property
    def can_be_saved(self) -> bool:
        return self.faultless and not self.undenied


def answered(state: FormState, key: Key, text: str, *, finished: bool = True) -> FormState:
    """The state with another answer. A list whose entries are still to come is not finished."""
    unfinished = state.unfinished - {key} if finished else state.unfinished | {key}
    new = state.new.with_answer(*key, text)
    return replace(state, draft=replace(state.draft, new=new), unfinished=unfinished)


def with_citation(state: FormState, found: Mapping[str, str]) -> FormState:
    """The state with what a service says about the publication; what was entered by hand is kept."""
    new = replace(state.new, citation={**found, **{name: text for name, text in state.new.citation.items() if text}})
    return replace(state, draft=replace(state.draft, new=new))


def identifier_answer(typed: str) -> dict[str, str]:
    """The identifier that no service could be asked about, where it is a well-formed one."""
    from kratom_evidence.literature import inspect_identifier

    found = inspect_identifier(typed).identifier
    return {} if found is None else {found.kind: found.value}


def joining(state: FormState, *, same_publication: bool) -> FormState:
    """The state of a further patient of an included publication, or of a new publication."""
    return replace(state, draft=replace(state.draft, new=replace(state.new, same_publication=same_publication)))


def to_write(state: FormState, assessment: Assessment) -> NewCase:
    """The answers as they are handed over: similar cases count as other patients only when each was denied."""
    denied = bool(assessment.similar) and not assessment.undenied
    return replace(state.new, not_the_same_patient=denied)


def assess(state: FormState, entry: CaseEntry) -> Assessment:
    """Check the answers as `kratom-evidence validate` would after they were written. Writes nothing.

    Raises:
        ExplainedError: the data folder cannot be read.
    """
    new = replace(state.new, not_the_same_patient=False)
    # The answers alone are checked at once; only when they are sound is the whole of the data checked with them.
    made = entry.plan(new, entry.readings, texts_of(entry.data, entry.readings))
    if not made.faults:
        made = entry.preview(new)
    faults = [*(_unfinished(key) for key in sorted(state.unfinished)), *(_said_of_the_form(f) for f in made.faults)]
    similar = {same.case_id: same_patient_words(same) for same in entry.same_patients(new)}
    questions = by_name(entry.groups)
    places = [place_of(fault, questions) for fault in faults]
    by_field: dict[Key, tuple[Fault, ...]] = {}
    for place, fault in zip(places, faults, strict=True):
        if place is not None:
            by_field[place] = (*by_field.get(place, ()), fault)
    confirmed = replace(new, not_the_same_patient=True)
    return Assessment(
        addition=made,
        by_field=by_field,
        general=tuple(fault for place, fault in zip(places, faults, strict=True) if place is None),
        cautions=() if faults else entry.warnings_of(confirmed, made),
        similar=similar,
        undenied=not similar.keys() <= state.denied,
    )


def place_of(fault: Fault, questions: Mapping[Key, Question]) -> Key | None:
    """The question that a fault is about, found by the name of its column; None when it is about none."""
    parts: tuple[Part, ...] = ("citation", "case")
    if fault.column is None:
        return None
    for part in parts:
        if fault.file == part or (part == "case" and fault.file.endswith(".csv")):
            key: Key = (part, fault.column.casefold())
            return key if key in questions else None
    return None


def still_to_answer(groups: Sequence[QuestionGroup], assessment: Assessment) -> tuple[Question, ...]:
    """The questions that must be answered and are not."""
    return tuple(
        question
        for question in questions_of(groups)
        if any(fault.code == MISSING for fault in assessment.by_field.get((question.part, question.name), ()))
    )


def wrong_answers(groups: Sequence[QuestionGroup], assessment: Assessment) -> tuple[tuple[Question, Fault], ...]:
    """The faults of given answers, in the order in which they are asked."""
    return tuple(
        (question, fault)
        for question in questions_of(groups)
        for fault in assessment.by_field.get((question.part, question.name), ())
        if fault.code != MISSING
    )


def questions_of(groups: Sequence[QuestionGroup]) -> Iterator[Question]:
    """Every question, group by group."""
    for group in groups:
        yield from group.questions


def _unfinished(key: Key) -> Fault:
    return Fault(
        code="A111",
        file=key[0],
        column=key[1],
        why="“These” was chosen, but there is no entry yet.",
        mend="Add an entry, or choose what the publication says: that there were none, or nothing.",
    )


def _said_of_the_form(fault: Fault) -> Fault:
    mend = _MENDS.get((fault.code, fault.column == "citekey")) or _MENDS.get((fault.code, False))
    return fault if mend is None else replace(fault, mend=mend)
