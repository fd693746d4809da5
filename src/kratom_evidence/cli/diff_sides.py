"""The two sides of a comparison: finding, loading and judging them, and what differs between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from kratom_evidence.claims import Claim, Judgement, judge_all, read_claims
from kratom_evidence.claims.changes import ClaimChanges, compare_judgements
from kratom_evidence.cli.data_folder import data_folder
from kratom_evidence.cli.printing import visible
from kratom_evidence.codebook import CODEBOOK_FILE
from kratom_evidence.curation.alignment import with_columns_of
from kratom_evidence.curation.changes import CASES, CaseChanges, TableChange, compare_cases, compare_tables
from kratom_evidence.curation.revisions import SHORT_HASH, data_at_revision
from kratom_evidence.dataset import Readings, read_tables
from kratom_evidence.dataset.loading import dataset_from
from kratom_evidence.faults import ExplainedError, Fault
from kratom_evidence.project import data_fingerprint

Role = Literal["base", "working"]
_SIDE_WORDS: dict[Role, str] = {"base": "The base", "working": "The working side"}
_Result = TypeVar("_Result")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a side is: a data folder, and the commit it was read out of (None for a plain folder)."""

    role: Role
    name: str
    data: Path
    commit: str | None = None

    def __str__(self) -> str:
        return self.name if self.commit is None else f"{self.name} ({self.commit[:SHORT_HASH]})"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A side that was read. `put_in` names the columns (file, column) of the other side that this one lacks."""

    place: Place
    readings: Readings
    claims: tuple[Claim, ...]
    fingerprint: str
    put_in: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that differs between two sides."""

    base: Side
    working: Side
    cases: CaseChanges
    tables: tuple[TableChange, ...]
    claims: ClaimChanges

    @property
    def other_tables(self) -> tuple[TableChange, ...]:
        """The files besides the case reports in which rows or columns differ."""
        return tuple(table for table in self.tables if table.name != CASES)

    @property
    def case_table(self) -> TableChange | None:
        """The case reports, when their columns or their description differ."""
        return next((table for table in self.tables if table.name == CASES and table.definition_changed), None)

    @property
    def same_files(self) -> bool:
        """Whether every data file is the same, byte for byte."""
        return self.base.fingerprint == self.working.fingerprint

    @property
    def nothing_changed(self) -> bool:
        return not (self.cases.count or self.tables or self.claims.changes)


@contextmanager
def base_place(named: str, working: Path) -> Iterator[Place]:
    """The base: a folder of data of that name, or else a revision of the checkout around the working data.

    Raises:
        UsageError: it is neither.
        ExplainedError: the revision cannot be read, or has no such folder.
    """
    if names_data_folder(named):
        yield Place(role="base", name=named, data=data_folder(Path(named), "BASE"))
        return
    with data_at_revision(named, working) as revision:
        yield Place(role="base", name=named, data=revision.data, commit=revision.commit)


def names_data_folder(named: str) -> bool:
    """Whether BASE means a folder: it has a codebook, or the folder `data` in it has. Any other name is a revision."""
    try:
        folder = Path(named).expanduser()
        return bool(named) and any((place / CODEBOOK_FILE).is_file() for place in (folder, folder / "data"))
    except (OSError, ValueError, RuntimeError):
        return False


def compare(base: Place, working: Place) -> Comparison:
    """Everything that differs between two places.

    Raises:
        ExplainedError: a side cannot be loaded or judged; both sides and all their faults are named.
    """
    read_base, read_working = _both(lambda: _read(base), lambda: _read(working))
    base_judged, working_judged = _both(
        lambda: _judge(read_base, read_working), lambda: _judge(read_working, read_base)
    )
    return Comparison(
        base=base_judged[0],
        working=working_judged[0],
        cases=compare_cases(read_base.readings.tables[CASES], read_working.readings.tables[CASES]),
        tables=compare_tables(read_base.readings, read_working.readings),
        claims=compare_judgements(base_judged[1], working_judged[1]),
    )


def _both(first: Callable[[], _Result], second: Callable[[], _Result]) -> tuple[_Result, _Result]:
    """Do both, so that the faults of both sides are told at once."""
    results: list[_Result] = []
    refusals: list[str] = []
    for action in (first, second):
        try:
            results.append(action())
        except ExplainedError as error:
            refusals.append(str(error))
    if refusals:
        raise ExplainedError("\n".join(refusals))
    return results[0], results[1]


def _read(place: Place) -> Side:
    faults: list[Fault] = []
    problems: list[str] = []
    try:
        readings = read_tables(place.data)
        faults += readings.faults
    except ExplainedError as error:
        _keep(error, faults, problems)
    try:
        claims = read_claims(place.data)
    except ExplainedError as error:
        _keep(error, faults, problems)
    if faults or problems:
        raise _refused(place, faults, problems)
    return Side(place=place, readings=readings, claims=claims, fingerprint=data_fingerprint(place.data))


def _keep(error: ExplainedError, faults: list[Fault], problems: list[str]) -> None:
    if error.faults:
        faults.extend(error.faults)
    else:
        problems.append(str(error))


def _refused(place: Place, faults: list[Fault], problems: list[str], what: str = "loaded") -> ExplainedError:
    advice = (
        "Mend them; kratom-evidence validate explains each."
        if place.commit is None
        else "What is committed stays as it is; choose another revision as BASE."
    )
    count = len(faults) + len(problems)
    heading = (
        f"{_SIDE_WORDS[place.role]}, {place}, cannot be {what}: {count} {'fault' if count == 1 else 'faults'}. {advice}"
    )
    lines = [line for text in (*problems, *map(str, faults)) for line in text.splitlines()]
    return ExplainedError("\n  ".join(visible(line) for line in (heading, *lines)))


def _judge(side: Side, other: Side) -> tuple[Side, tuple[Judgement, ...]]:
    """The side with the columns that it lacked, and its judgements by its own claims.yaml."""
    aligned = with_columns_of(side.readings, other.readings)
    judged = replace(side, put_in=aligned.put_in)
    faults: list[Fault] = []
    problems: list[str] = []
    try:
        return judged, judge_all(dataset_from(aligned.readings), side.claims)
    except ExplainedError as error:
        _keep(error, faults, problems)
        raise _refused(side.place, faults, problems, "judged") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # The programs know columns by name and some as always filled; a codebook of another version may differ.
        lacking = ", ".join(f"{column} ({file})" for file, column in aligned.put_in)
        because = f" It lacks: {lacking}." if lacking else ""
        problem = f"These programs do not fit this version of the data ({type(error).__name__}: {error}).{because}"
        raise _refused(side.place, faults, [problem], "judged") from error
