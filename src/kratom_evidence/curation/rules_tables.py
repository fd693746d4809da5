"""Rules about one whole table: keys, order, numbering, and the vocabularies' own logic."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from kratom_evidence.codebook import Codebook, Table
from kratom_evidence.curation.rule import Rule, readable_cells, readable_rows
from kratom_evidence.dataset import Readings
from kratom_evidence.dataset.needed_codebook import KEYS
from kratom_evidence.faults import Fault


def _keys_of(table: Table) -> tuple[tuple[str, ...], ...]:
    """The column groups whose values may stand only once."""
    keys = [table.primary_key] if table.primary_key else []
    keys += [(field.name,) for field in table.fields if field.unique]
    return tuple(dict.fromkeys(keys))


class X201(Rule):
    """A key stands once in its table.

    Keys are case_id, citekey and the like, and in adjudication.csv the case together with the field. Two rows with
    one key are one patient counted twice or two patients mixed up: remove one row, or give it a key of its own.
    """

    def targets_in(self, codebook: Codebook) -> tuple[str, ...]:
        """All tables that have a key."""
        return tuple(table.name for table in codebook.tables if table.format == "csv" and _keys_of(table))

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:
        """The columns of all keys of the table."""
        return {target: tuple(dict.fromkeys(name for key in _keys_of(codebook.table(target)) for name in key))}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each row whose key stands in an earlier row."""
        reading = readings.tables[target]
        for key in _keys_of(reading.table):
            first_seen: dict[tuple[object, ...], int] = {}
            for number, values in readable_cells(reading, key):
                first = first_seen.setdefault(values, number)
                if first != number and values != (None,) * len(key):
                    yield self.fault(
                        reading.table.path,
                        row=number,
                        column=key[-1],
                        value=", ".join(str(value) for value in values),
                        why=f"The key {' + '.join(key)} already stands in row {first}.",
                        mend="Remove one of the rows, or give it a key of its own.",
                    )


class X210(Rule):
    """Rows stand in the order of their key.

    Sorted tables keep changes small and make a row easy to find. Sort by the key, plainly by character: capitals
    before small letters, and x-10 before x-2. Only the first misplaced row is named.
    """

    targets = (
        "case_reports", "sources", "substances", "excluded", "unread", "first_extraction", "second_extraction",
        "adjudication", "context_sources",
    )  # fmt: skip

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:
        """The key of the table."""
        return {target: codebook.table(target).primary_key}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """The first row that sorts before the row above it."""
        table = readings.codebook.table(target)
        keys: list[tuple[int, tuple[str, ...]]]
        if target in readings.bibliographies:
            entries = enumerate(readings.bibliographies[target], start=1)
            keys = [(number, (str(entry["id"]),)) for number, entry in entries]
        else:
            rows = readable_cells(readings.tables[target], table.primary_key)
            keys = [(number, tuple(map(str, values))) for number, values in rows]
        for (_, above), (number, key) in pairwise(keys):
            if key < above:
                before = max((other for _, other in keys if other < key), default=None)
                place = "first" if before is None else f"after {', '.join(before)}"
                yield self.fault(
                    table.path,
                    row=number,
                    column=table.primary_key[-1] if table.primary_key else "id",
                    value=", ".join(key),
                    why=f"{', '.join(key)} sorts before {', '.join(above)}, which stands above it.",
                    mend=f"Sort by {' and '.join(table.primary_key) or 'id'}: it belongs {place}.",
                )
                return


class X211(Rule):
    """The case_id is the citation key, followed by -1, -2, … when one publication describes several patients.

    The numbers run from 1 without gaps, in the order in which the publication mentions the patients.
    """

    targets = ("case_reports",)
    columns = ("case_id", "citekey")
    needs_every_row = True

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each case whose identifier does not fit its publication or leaves a number out."""
        reading = readings.tables[target]
        cases: dict[str, list[tuple[int, str]]] = {}
        for row, (case_id, citekey) in readable_cells(reading, self.columns):
            cases.setdefault(str(citekey), []).append((row, str(case_id)))
        for citekey, rows in cases.items():
            case_ids = {case_id for _, case_id in rows}
            numbers = {case_number(case_id, citekey) for case_id in case_ids}
            for row, case_id in rows:
                why, nearest = _numbering(case_id, citekey, numbers, several=len(case_ids) > 1)
                if why:
                    yield self.fault(
                        reading.table.path,
                        row=row,
                        column="case_id",
                        value=case_id,
                        why=why,
                        mend="Correct case_id or citekey; number the patients of a publication from 1 without gaps.",
                        nearest=nearest,
                    )


def case_number(case_id: str, citekey: str) -> int | None:
    """The number of a case within its publication; 0 when it has none, None when the two do not belong together."""
    if case_id == citekey:
        return 0
    number = case_id.removeprefix(f"{citekey}-")
    return int(number) if number != case_id and number.isdecimal() and str(int(number)) == number else None


def _numbering(case_id: str, citekey: str, numbers: set[int | None], *, several: bool) -> tuple[str | None, str | None]:
    number = case_number(case_id, citekey)
    if number is None:
        return f"The case_id is not made from the citation key {citekey}.", None if several else citekey
    if number == 0:
        return ("The publication has several cases, but this one has no number.", None) if several else (None, None)
    if number != 1 and number - 1 not in numbers:
        return f"There is no case {citekey}-{number - 1} before it.", None
    return None, None


class X216(Rule):
    """No finding implies itself, neither directly nor through others.

    Remove one of the entries of the column implies: the more specific finding implies the more general one.
    """

    targets = ("findings",)
    columns = ("finding", "implies")

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each finding that is reached from itself."""
        reading = readings.tables[target]
        rows = list(readable_rows(reading, self.columns))
        implied = all_implied({str(row.text("finding")): row.names("implies") for row in rows})
        for row in rows:
            finding = str(row.text("finding"))
            if finding in implied[finding]:
                yield self.fault(
                    reading.table.path,
                    row=row.number,
                    column="implies",
                    value="; ".join(row.names("implies")),
                    why=f"{finding} implies itself through this list.",
                    mend="Remove the entry that leads from the general finding to the specific one.",
                )


def all_implied(implies: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Finding -> all findings that it implies, through any number of steps."""
    closed: dict[str, frozenset[str]] = {}
    for finding in implies:
        reached: set[str] = set()
        waiting = list(implies[finding])
        while waiting:
            other = waiting.pop()
            if other not in reached:
                reached.add(other)
                waiting.extend(implies.get(other, ()))
        closed[finding] = frozenset(reached)
    return closed


class X220(Rule):
    """Another spelling stands for one term only.

    The synonyms are what a misspelt or foreign name is corrected to; one that stands for two terms, or that is itself
    a term, would suggest the wrong one. Remove it from one of the rows.
    """

    targets = ("substances", "findings")

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG002
        """The names of the terms, and their synonyms."""
        return {target: (*KEYS[target], "synonyms")}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each synonym that an earlier row, or another term, already claims."""
        reading = readings.tables[target]
        name = KEYS[target][0]
        rows = list(readable_rows(reading, (name, "synonyms")))
        claimed = {str(row.text(name)).casefold(): str(row.text(name)) for row in rows}
        for row in rows:
            for synonym in row.names("synonyms"):
                owner = claimed.setdefault(synonym.casefold(), str(row.text(name)))
                if owner != row.text(name):
                    yield self.fault(
                        reading.table.path,
                        row=row.number,
                        column="synonyms",
                        value=synonym,
                        why=f"The spelling already stands for {owner}.",
                        mend="Remove it from one of the two rows.",
                    )


class X224(Rule):
    """A substance has a serotonergic mechanism exactly when it has a serotonergic grade.

    Fill in the mechanism of a drug graded established, possible or disputed; empty it where the grade is none.
    """

    targets = ("substances",)
    columns = ("name", "serotonergic", "mechanism")

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each substance whose grade and mechanism disagree."""
        reading = readings.tables[target]
        for row in readable_rows(reading, self.columns):
            grade, mechanism = row.text("serotonergic"), row.text("mechanism")
            if (grade == "none") != (mechanism is None):
                given = "a mechanism is given" if mechanism else "no mechanism is given"
                yield self.fault(
                    reading.table.path,
                    row=row.number,
                    column="mechanism",
                    value=mechanism or "",
                    why=f"The serotonergic grade of {row.text('name')} is {grade}, but {given}.",
                    mend="Fill in the mechanism, empty it, or correct the grade.",
                )


RULES = (X201(), X210(), X211(), X216(), X220(), X224())
