"""Rules about the saved search: what it found, what the log counts, and which record a key stands for."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from kratom_evidence.codebook import Codebook
from kratom_evidence.curation.duplicates import known_publications, one_publication
from kratom_evidence.curation.rule import Rule, readable_rows
from kratom_evidence.dataset import Readings
from kratom_evidence.faults import Fault, shorten


class X225(Rule):
    """Every candidate was found by a search that stands in the log, and every new record of the log is a candidate.

    The flow of records (PRISMA) is counted from both. A publication that was found in another way belongs into
    unread.csv or excluded.csv, or is added as a case; a candidate that is left out gets the decision exclude and stays.
    """

    targets = ("candidates",)
    columns = ("candidate_id", "services")
    also_reads: ClassVar[Mapping[str, tuple[str, ...]]] = {"search_log": ("service", "new")}
    needs_every_row = True

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each candidate of a service that the log does not name; where there is none, numbers that differ."""
        reading, log = readings.tables[target], readings.tables["search_log"]
        searched = {str(service) for service in log.columns["service"]}
        rows = list(readable_rows(reading, self.columns))
        unlogged = [(row, [name for name in row.names("services") if name not in searched]) for row in rows]
        named = [(row, services) for row, services in unlogged if services]
        for row, services in named:
            yield self.fault(
                reading.table.path,
                row=row.number,
                column="services",
                value="; ".join(row.names("services")),
                why=f"{log.table.path} has no search of {', '.join(services)} that could have found the record.",
                mend="Remove the row and put the record where it belongs (unread.csv, excluded.csv, or a case of its "
                "own), or restore the log from git.",
            )
        new = sum(int(number) for number in log.columns["new"] if isinstance(number, int))
        if not named and new != len(rows):
            yield self.fault(
                reading.table.path,
                column="candidate_id",
                why=f"{log.table.path} counts {new} new records, but there are {len(rows)} candidates.",
                mend="Restore rows that were removed, and remove those that no search found: "
                f"git diff data/{reading.table.path} data/{log.table.path}",
            )


class X226(Rule):
    """A key stands for one publication, in the candidates as in the other files.

    Else a case that was found in another way would count as found by the saved search. Give one of the two another
    key.
    """

    targets = ("candidates",)
    columns = ("candidate_id", "title", "year", "doi", "pmid")
    also_reads: ClassVar[Mapping[str, tuple[str, ...]]] = {"sources": (), "excluded": (), "unread": ()}

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:
        """The candidates, and all that a publication is known by."""
        others = {name: codebook.column_names(name) for name in ("excluded", "unread")}
        return {target: self.columns, "sources": (), **others}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each candidate whose key is that of another publication."""
        reading = readings.tables[target]
        keyed = {known.citekey: known for known in known_publications(readings) if known.where != "candidate"}
        for row in readable_rows(reading, self.columns):
            known = keyed.get(str(row.text("candidate_id")))
            citation = {name: str(value) for name, value in row.values.items() if value is not None}
            if known is not None and not one_publication(citation, known):
                yield self.fault(
                    reading.table.path,
                    row=row.number,
                    column="candidate_id",
                    value=row.text("candidate_id"),
                    why=f"The key stands for another publication, which is {known.where} "
                    f"({shorten(known.title or 'without title')}).",
                    mend="Give that publication another key, in every file that names it; the candidate keeps its own.",
                )


class X227(Rule):
    """What a search found was known, was there twice, or is new.

    The log is written by the command watch and never changed by hand: restore the row from git.
    """

    targets = ("search_log",)
    columns = ("found", "known", "duplicates", "new")

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each row whose numbers do not add up."""
        reading = readings.tables[target]
        for row in readable_rows(reading, self.columns):
            found, *parts = (int(row.quantity(name) or 0) for name in self.columns)
            if found != sum(parts):
                yield self.fault(
                    reading.table.path,
                    row=row.number,
                    column="found",
                    value=str(found),
                    why=f"Of {found} records {parts[0]} were known, {parts[1]} there twice and {parts[2]} new, which "
                    f"makes {sum(parts)}.",
                    mend="Restore the row from git.",
                )


RULES = (X225(), X226(), X227())
