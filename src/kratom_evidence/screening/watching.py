"""One run of the saved search: each service on its own, so that one that fails does not cost the others' results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from kratom_evidence.dataset import Dataset
from kratom_evidence.literature import CitationService, SearchResult
from kratom_evidence.literature.http import ServiceError
from kratom_evidence.screening.candidates import Candidate, Sorted, Tally, sort_out
from kratom_evidence.screening.known import known_records
from kratom_evidence.screening.storing import CANDIDATES_FILE, LOG_FILE, add_rows
from kratom_evidence.screening.strategy import Strategy, last_searched

# A record can be found only some days after the day that it bears. What is found twice is known the second time.
OVERLAP = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run found. `failures` has one explanation for each service that could not be searched."""

    results: tuple[SearchResult, ...]
    hashes: Mapping[str, str]
    sorted_out: Sorted
    failures: Mapping[str, str]

    @property
    def new(self) -> tuple[Candidate, ...]:
        return self.sorted_out.new

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return self.sorted_out.tallies


def run_search(
    dataset: Dataset, strategies: Sequence[Strategy], services: Mapping[str, CitationService], since: date | None
) -> Run:
    """Search each service since the given day, or since shortly before its last search, or from the beginning."""
    results: list[SearchResult] = []
    failures: dict[str, str] = {}
    for strategy in strategies:
        last = last_searched(dataset.search_log, strategy)
        begin = since or (None if last is None else last - OVERLAP)
        try:
            results.append(services[strategy.service].search(strategy.query, since=begin, most=strategy.most_records))
        except ServiceError as error:
            failures[strategy.service] = str(error)
    taken = {str(key) for table in (dataset.sources, dataset.excluded, dataset.unread) for key in table.index}
    sorted_out = sort_out(results, known_records(dataset), dataset.candidates, taken)
    hashes = {strategy.service: strategy.query_hash for strategy in strategies}
    return Run(results=tuple(results), hashes=hashes, sorted_out=sorted_out, failures=failures)


def keep(data: Path, run: Run) -> None:
    """Write the new candidates, then the log: a run that is cut in between is only run again."""
    add_rows(data, CANDIDATES_FILE, [candidate.cells for candidate in run.new], key=["candidate_id"])
    tallies = {tally.service: tally for tally in run.tallies}
    rows = [_log_row(result, run.hashes[result.service], tallies[result.service]) for result in run.results]
    add_rows(data, LOG_FILE, rows, key=["searched_at", "service"])


def _log_row(result: SearchResult, query_hash: str, tally: Tally) -> dict[str, str]:
    return {
        "searched_at": result.searched_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "service": result.service,
        "query_hash": query_hash,
        "since": "" if result.since is None else result.since.isoformat(),
        "found": str(tally.found),
        "known": str(tally.known),
        "duplicates": str(tally.duplicates),
        "new": str(tally.new),
    }
