"""What the review knows already, and whether a record is among it: by DOI, by PMID, or by a title that agrees."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kratom_evidence.dataset import Dataset
from kratom_evidence.literature import title_agrees

# Years of one publication differ by this much at most: online first in one service, the printed issue in another.
_YEARS_APART = 1


@dataclass(frozen=True, kw_only=True)
class Record:
    """What identifies a publication. `key` is its citation key, where it has one."""

    key: str | None = None
    title: str | None = None
    year: int | None = None
    doi: str | None = None
    pmid: str | None = None

    def same_as(self, other: "Record") -> bool:
        """Whether both are one publication. Identifiers decide where both have one; otherwise the titles do."""
        for mine, theirs in ((self.doi, other.doi), (self.pmid, other.pmid)):
            if mine and theirs:
                return mine.casefold() == theirs.casefold()
        if self.year is not None and other.year is not None and abs(self.year - other.year) > _YEARS_APART:
            return False
        return title_agrees(self.title, other.title)


class Known:
    """Records to compare with. Titles are compared only where no identifier decides."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_identifier: dict[str, Record] = {}
        # By whether they have a DOI and a PMID: most pairs have one in common, and need no comparison of titles.
        self._by_kind: dict[tuple[bool, bool], list[Record]] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Know one more record."""
        self._by_kind.setdefault((bool(record.doi), bool(record.pmid)), []).append(record)
        for identifier in _identifiers(record):
            self._by_identifier.setdefault(identifier, record)

    def find(self, record: Record) -> Record | None:
        """The known record that is the same publication, or None."""
        for identifier in _identifiers(record):
            if identifier in self._by_identifier:
                return self._by_identifier[identifier]
        for (has_doi, has_pmid), records in self._by_kind.items():
            if not (has_doi and record.doi) and not (has_pmid and record.pmid):
                for known in records:
                    if known.same_as(record):
                        return known
        return None


def _identifiers(record: Record) -> list[str]:
    named = (("doi", record.doi), ("pmid", record.pmid))
    return [f"{name}:{value.casefold()}" for name, value in named if value]


def records_of(frame: pd.DataFrame) -> tuple[Record, ...]:
    """The rows of a table indexed by key, with the columns title, year, doi and pmid where it has them."""
    return tuple(
        Record(
            key=str(key),
            title=_text(row.get("title")),
            year=None if pd.isna(row.get("year")) else int(row["year"]),
            doi=_text(row.get("doi")),
            pmid=_text(row.get("pmid")),
        )
        for key, row in frame.iterrows()
    )


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def known_records(dataset: Dataset) -> Known:
    """Everything that is included, excluded, listed as unread, or used as context."""
    tables = (dataset.sources, dataset.excluded, dataset.unread, dataset.context_sources)
    return Known([record for table in tables for record in records_of(table)])
