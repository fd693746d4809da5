"""A new case as answers, and what is wrong with them before any file is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from kratom_evidence.codebook import CellProblem, Codebook, Field, Vocabulary, cell_reader
from kratom_evidence.curation.duplicates import (
    KnownPublication,
    Match,
    known_publications,
    matches,
    one_publication,
)
from kratom_evidence.curation.new_publication import CITATION, citation_problems
from kratom_evidence.dataset import Readings
from kratom_evidence.faults import Fault, shorten
from kratom_evidence.nearest import nearest_name

CASES = "case_reports"
# Made from the publication, never asked.
KEYS = ("case_id", "citekey")
Part = Literal["citation", "case"]


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """The answers: the text of each field of the citation and of each column of the case.

    A field that is left out, or empty, is not stated; `none` in a list says that there were none. `same_publication`:
    it is a further patient of a publication that is included already. `not_the_same_patient`: the similar cases of
    other publications were looked at and are other patients.
    """

    citation: Mapping[str, str] = field(default_factory=dict)
    case: Mapping[str, str] = field(default_factory=dict)
    same_publication: bool = False
    not_the_same_patient: bool = False

    def with_answer(self, part: Part, name: str, text: str) -> "NewCase":
        """The same with another answer; an empty text takes the answer away."""
        answers = {key: value for key, value in getattr(self, part).items() if key != name}
        if text:
            answers[name] = text
        return replace(self, citation=answers) if part == "citation" else replace(self, case=answers)


def case_fields(codebook: Codebook) -> tuple[Field, ...]:
    """The columns of the case reports that are asked: all but the keys."""
    return tuple(column for column in codebook.table(CASES).fields if column.name not in KEYS)


def vocabulary_of(column: Field, readings: Readings) -> Vocabulary | None:
    """The allowed values that the column takes from another table, with their other spellings."""
    if column.vocabulary is None:
        return None
    resource, name = column.vocabulary
    columns = readings.tables[resource].columns
    names = [str(value) for value in columns[name] if value is not None]
    synonyms: dict[str, str] = {}
    for own, others in zip(columns[name], columns.get("synonyms", [None] * len(columns[name])), strict=True):
        for other in others if isinstance(others, tuple) else ():
            synonyms.setdefault(str(other).casefold(), str(own))
    path = readings.codebook.table(resource).path
    return Vocabulary(
        names=frozenset(names), synonyms=synonyms, place=path, how_to_add=f"add a new one to data/{path} first"
    )


def answer_problems(column: Field, text: str, readings: Readings) -> tuple[CellProblem, ...]:
    """What is wrong with one answer about the case."""
    return cell_reader(column, vocabulary_of(column, readings))(text).problems


def answer_faults(new: NewCase, readings: Readings) -> tuple[Fault, ...]:
    """The faults of each answer alone, in the order in which they are asked; `file` is the part of the answers."""
    faults = [*unknown_names("case", new.case, {column.name for column in case_fields(readings.codebook)})]
    faults += unknown_names("citation", new.citation, CITATION.by_name)
    if not new.same_publication:
        faults += [_fault("citation", name, problem) for name, problem in citation_problems(new.citation)]
    for column in case_fields(readings.codebook):
        problems = answer_problems(column, new.case.get(column.name, ""), readings)
        faults += [_fault("case", column.name, problem) for problem in problems]
    return tuple(faults)


def unknown_names(part: Part, answers: Mapping[str, str], known: Mapping[str, Field] | set[str]) -> list[Fault]:
    """A fault for each answer to something that is not asked."""
    return [
        Fault(
            code="A101",
            file=part,
            column=name,
            value=shorten(answers[name]),
            why="It is made from the citation, not given." if name in KEYS else "There is no such field.",
            mend="Remove it." if name in KEYS else "Correct the name; add --template lists all fields.",
            nearest=None if name in KEYS else nearest_name(name, known),
        )
        for name in answers
        if name not in known
    ]


def _fault(part: Part, name: str, problem: CellProblem) -> Fault:
    return Fault(
        code=problem.code,
        file=part,
        column=name,
        value=problem.value or None,
        why=problem.why,
        mend=problem.mend,
        nearest=problem.nearest,
    )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the publication stands to those that are known.

    `included` is the publication that the case joins; `unread` those that were waiting to be read and now are;
    `candidates` those that the saved search found; `faults` say why the case cannot be added as it is.
    """

    included: KnownPublication | None = None
    unread: tuple[KnownPublication, ...] = ()
    candidates: tuple[KnownPublication, ...] = ()
    faults: tuple[Fault, ...] = ()


def standing(new: NewCase, readings: Readings) -> Standing:
    """Whether the publication is new, joins one that is included, was unread, or cannot be added."""
    found = matches(new.citation, known_publications(readings))
    included = [match for match in found if match.known.where == "included"]
    excluded = [match for match in found if match.known.where == "excluded"]
    unread = tuple(match.known for match in found if match.known.where == "unread")
    candidates = tuple(match.known for match in found if match.known.where == "candidate")
    own_key = [match for match in found if match.known.where == "candidate" and match.shared == "citekey"]
    taken = [match for match in own_key if not one_publication(new.citation, match.known)]
    if taken:
        return Standing(faults=tuple(_key_of_a_candidate(match) for match in taken))
    if left_out := [candidate for candidate in candidates if candidate.decision == "exclude"]:
        return Standing(faults=tuple(_left_out(candidate) for candidate in left_out))
    if excluded:
        return Standing(faults=tuple(_excluded(match) for match in excluded))
    if new.same_publication:
        return _joined(new, included, unread)
    if included:
        return Standing(faults=tuple(_included(match) for match in included))
    return Standing(unread=unread, candidates=candidates)


def _joined(new: NewCase, included: list[Match], unread: tuple[KnownPublication, ...]) -> Standing:
    if len({match.known.citekey for match in included}) == 1:
        return Standing(included=included[0].known, unread=unread)
    names = ", ".join(match.known.citekey for match in included)
    fault = Fault(
        code="A103",
        file="citation",
        column="citekey",
        value=new.citation.get("citekey"),
        why=f"The answers fit several publications: {names}."
        if included
        else "No included publication fits the answers.",
        mend="Give its citekey (the id in sources.json), DOI or PMID; "
        "for a publication that is not included yet, leave --same-publication away.",
    )
    return Standing(faults=(fault,))


def _included(match: Match) -> Fault:
    known = match.known
    title = f" ({shorten(known.title)})" if known.title else ""
    if match.shared == "citekey":
        why = f"The key stands for another publication already{title}."
        mend = "Leave the key out, and a free one is made; for a further patient of that one, say --same-publication."
    else:
        why = f"The publication is included already as {known.citekey}{title}: it has the same {match.shared}."
        mend = "For a further patient of it, say --same-publication. The same patient is one row: correct that row."
    return Fault(code="A104", file="citation", column=match.shared, value=match.value, why=why, mend=mend)


def _key_of_a_candidate(match: Match) -> Fault:
    return Fault(
        code="A104",
        file="citation",
        column="citekey",
        value=match.value,
        why="The key stands for another publication, which the saved search found "
        f"({shorten(match.known.title or 'without title')}).",
        mend="Leave the key out, and a free one is made.",
    )


def _left_out(candidate: KnownPublication) -> Fault:
    return Fault(
        code="A105",
        file="citation",
        column="title",
        value=candidate.title,
        why=f"The saved search found the publication as {candidate.citekey}, and it was excluded. "
        f"The reason: {candidate.reason or 'not recorded'}",
        mend="If the reason no longer holds, change the decision in screening/candidates.csv to include first.",
    )


def _excluded(match: Match) -> Fault:
    known = match.known
    if match.shared == "citekey":
        why = f"The key stands in screening/excluded.csv ({shorten(known.title or 'without title')})."
        mend = "Leave the key out, and a free one is made."
    else:
        why = f"The publication was excluded as {known.citekey}. The reason: {known.reason}"
        mend = "If the reason no longer holds, remove its row from screening/excluded.csv first."
    return Fault(code="A105", file="citation", column=match.shared, value=match.value, why=why, mend=mend)
