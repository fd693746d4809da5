"""From what the services found to new rows of candidates.csv: without what is known, each publication once, ranked."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kratom_evidence.literature import Citation, SearchResult
from kratom_evidence.literature.citation import plain_text
from kratom_evidence.screening.known import Known, Record, records_of
from kratom_evidence.screening.ranking import rank_of


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A row of candidates.csv. `decision` and `decision_reason` are filled in by hand."""

    candidate_id: str
    title: str | None
    year: int | None
    authors: str | None
    doi: str | None
    pmid: str | None
    services: tuple[str, ...]
    score: int
    score_reasons: tuple[str, ...]
    found_on: date

    @property
    def cells(self) -> dict[str, str]:
        """Column -> text of the cell."""
        return {
            "candidate_id": self.candidate_id,
            "title": self.title or "",
            "year": "" if self.year is None else str(self.year),
            "authors": self.authors or "",
            "doi": self.doi or "",
            "pmid": self.pmid or "",
            "services": "; ".join(self.services),
            "score": str(self.score),
            "score_reasons": "; ".join(self.score_reasons),
            "found_on": self.found_on.isoformat(),
            "decision": "",
            "decision_reason": "",
        }


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of the records of one service in one search: found = known + duplicates + new."""

    service: str
    found: int
    known: int
    duplicates: int
    new: int


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """New candidates, those that look most like a case report first, and the tally of each service."""

    new: tuple[Candidate, ...]
    tallies: tuple[Tally, ...]


def sort_out(
    results: Sequence[SearchResult], known: Known, candidates: pd.DataFrame, taken_keys: Collection[str]
) -> Sorted:
    """Remove what is known and what is there twice, and rank the rest.

    Args:
        results: one for each service that could be searched.
        known: what is included, excluded or unread.
        candidates: the candidates of earlier searches, as in `Dataset.candidates`.
        taken_keys: citation keys that new candidates must not have.
    """
    earlier = Known(records_of(candidates))
    groups: list[list[Citation]] = []
    group_of: dict[Record, list[Citation]] = {}
    this_time = Known(())
    tallies: list[Tally] = []
    for result in results:
        counts = {"known": 0, "duplicates": 0, "new": 0}
        for citation in result.citations:
            record = _record(citation)
            if known.find(record) or earlier.find(record):
                counts["known"] += 1
                continue
            same = this_time.find(record)
            group = [] if same is None else group_of[same]
            if same is None:
                groups.append(group)
            group.append(citation)
            group_of[record] = group
            this_time.add(record)
            counts["new" if same is None else "duplicates"] += 1
        tallies.append(Tally(service=result.service, found=len(result.citations), **counts))
    taken = {*taken_keys, *(str(key) for key in candidates.index)}
    new: list[Candidate] = []
    for group in groups:
        candidate = _candidate(group, taken)
        taken.add(candidate.candidate_id)
        new.append(candidate)
    ordered = sorted(new, key=lambda candidate: (-candidate.score, candidate.candidate_id))
    return Sorted(new=tuple(ordered), tallies=tuple(tallies))


def _record(citation: Citation) -> Record:
    return Record(title=citation.title, year=citation.year, doi=citation.doi, pmid=citation.pmid)


def _candidate(group: Sequence[Citation], taken: Collection[str]) -> Candidate:
    """One publication as all services describe it; the first that states a value gives it."""
    first = next((citation for citation in group if citation.authors), group[0])
    names = [author.short for author in first.authors if author.short]
    year = next((citation.year for citation in group if citation.year is not None), None)
    ranked = rank_of(group)
    return Candidate(
        candidate_id=free_key(names[0] if names else None, year, taken),
        title=next((citation.title for citation in group if citation.title), None),
        year=year,
        authors=None if not names else plain_text(names[0] + (" et al." if len(names) > 1 else "")),
        doi=next((citation.doi for citation in group if citation.doi), None),
        pmid=next((citation.pmid for citation in group if citation.pmid), None),
        services=tuple(sorted({citation.service for citation in group})),
        score=ranked.score,
        score_reasons=ranked.reasons,
        found_on=min(citation.fetched_on for citation in group),
    )


def free_key(family: str | None, year: int | None, taken: Collection[str]) -> str:
    """A citation key as the project writes them: brooks2023; with b, c … when it is taken; anon and nd for unknown."""
    decomposed = unicodedata.normalize("NFKD", (family or "").casefold())
    letters = re.sub(r"[^a-z]", "", decomposed) or "anon"
    base = f"{letters[:40]}{year if year is not None else 'nd'}"
    return next(key for key in _numbered(base) if key not in taken)


def _numbered(base: str) -> Iterable[str]:
    yield base
    for letter in "bcdefghijklmnopqrstuvwxyz":
        yield f"{base}{letter}"
    number = 1
    while True:
        yield f"{base}_{number}"
        number += 1
