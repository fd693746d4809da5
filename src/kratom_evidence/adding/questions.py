"""The questions about a new case, in groups, with the help and the choices that the codebook gives. No input or output.

The terminal dialogue, the form in JupyterLab and the template are all made from these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kratom_evidence.codebook import CellProblem, Field, Vocabulary, cell_reader
from kratom_evidence.curation.new_case import Part, case_fields, vocabulary_of
from kratom_evidence.curation.new_publication import CITATION, DEFAULTS
from kratom_evidence.dataset import Readings

# The columns of a vocabulary that say what a name means, the first that exists and is filled.
_MEANINGS = ("label", "drug_class", "definition")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An allowed value, what it means, and other spellings of it."""

    value: str
    label: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """One field that is asked. `default` is what holds when nothing is answered; None: not stated."""

    part: Part
    field: Field
    choices: tuple[Choice, ...] = ()
    vocabulary: Vocabulary | None = None
    default: str | None = None

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def is_list(self) -> bool:
        return self.field.list_kind is not None

    @property
    def can_be_none(self) -> bool:
        """Whether `none` (there were none) and empty (not stated) are two different answers."""
        return self.field.list_kind == "three_state"

    @property
    def must_be_given(self) -> bool:
        return self.field.required and self.default is None

    def problems(self, text: str) -> tuple[CellProblem, ...]:
        """What is wrong with an answer."""
        if not text and self.default is not None:
            return ()
        return cell_reader(self.field, self.vocabulary)(text).problems

    def kind(self) -> str:
        """What an answer looks like, in words."""
        field = self.field
        if field.item_form == "co_exposure":
            return "list: substance [evidence, timing: dose or detail]; …"
        if self.is_list:
            return "list: first; second; …"
        if field.type == "string":
            return "one of the listed values" if self.choices else "text"
        number = "whole number" if field.type == "integer" else "number"
        unit = f" in {field.unit}" if field.unit else ""
        limits = f", {field.minimum:g} to {field.maximum:g}" if field.minimum is not None and field.maximum else ""
        return f"{number}{unit}{limits}"


@dataclass(frozen=True, kw_only=True)
class QuestionGroup:
    """Questions under one heading of the codebook."""

    title: str
    questions: tuple[Question, ...]


def question_groups(readings: Readings) -> tuple[QuestionGroup, ...]:
    """The citation, then every column of the case reports, in the order in which their groups first appear."""
    citation = [
        Question(part="citation", field=f, choices=_named(f), default=DEFAULTS.get(f.name)) for f in CITATION.fields
    ]
    return (
        QuestionGroup(title="Publication", questions=tuple(citation)),
        *case_groups(readings, case_fields(readings.codebook)),
    )


def case_groups(readings: Readings, fields: Sequence[Field]) -> tuple[QuestionGroup, ...]:
    """Questions about columns that are about a case, by their groups."""
    grouped: dict[str, list[Question]] = {}
    for field in fields:
        vocabulary = vocabulary_of(field, readings)
        choices = _named(field) or _listed(field, readings)
        question = Question(part="case", field=field, choices=choices, vocabulary=vocabulary)
        grouped.setdefault(field.group or "Other", []).append(question)
    return tuple(QuestionGroup(title=title, questions=tuple(questions)) for title, questions in grouped.items())


def _named(field: Field) -> tuple[Choice, ...]:
    return tuple(Choice(value=category.value, label=category.label) for category in field.categories)


def _listed(field: Field, readings: Readings) -> tuple[Choice, ...]:
    if field.vocabulary is None:
        return ()
    resource, name = field.vocabulary
    columns = readings.tables[resource].columns
    meanings = next((columns[meaning] for meaning in _MEANINGS if meaning in columns), [None] * len(columns[name]))
    synonyms = columns.get("synonyms", [()] * len(columns[name]))
    return tuple(
        Choice(
            value=str(value),
            label=str(meaning or ""),
            synonyms=tuple(str(other) for other in others) if isinstance(others, tuple) else (),
        )
        for value, meaning, others in zip(columns[name], meanings, synonyms, strict=True)
        if value is not None
    )


def mended(question: Question, text: str) -> str | None:
    """What was probably meant, where that is a sound answer; else None.

    The one choice that begins with the answer, or the answer with each faulty part replaced by the nearest allowed one.
    """
    problems = question.problems(text)
    if not problems:
        return None
    begun = [choice.value for choice in question.choices if choice.value.casefold().startswith(text.casefold())]
    if text and len(begun) == 1 and not question.problems(begun[0]):
        return begun[0]
    candidate = text
    for problem in problems:
        if problem.nearest is not None:
            candidate = (
                problem.nearest if problem.value == text else candidate.replace(problem.value, problem.nearest, 1)
            )
    return candidate if candidate != text and not question.problems(candidate) else None


def by_name(groups: Sequence[QuestionGroup]) -> Mapping[tuple[Part, str], Question]:
    """(part, field name) -> question."""
    return {(question.part, question.name): question for group in groups for question in group.questions}
