"""One run of the saved search: each service on its own, so that one that fails does not cost the others' results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from kratom_evidence.dataset import Dataset, load
from kratom_evidence.literature import CitationService, SearchResult
from kratom_evidence.literature.http import ServiceError
from kratom_evidence.replacing import finish_pending, replace_files
from kratom_evidence.screening.candidates import Candidate, Sorted, Tally, sort_out
from kratom_evidence.screening.known import known_records
from kratom_evidence.screening.storing import CANDIDATES_FILE, LOG_FILE, with_rows
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
    hashes = {strategy.service: strategy.query_hash for strategy in strategies}
    return Run(results=tuple(results), hashes=hashes, sorted_out=_sorted_out(results, dataset), failures=failures)


def keep(data: Path, run: Run) -> Run:
    """Write the new candidates and the log as one; the run as it was kept. The lock of the data must be held.

    The search took a while without the lock, so what it found is sorted out again from the files as they are now: what
    became known meanwhile is no candidate, and a key that was taken meanwhile is given to nobody else.
    """
    finish_pending(data)
    kept = replace(run, sorted_out=_sorted_out(run.results, load(data)))
    tallies = {tally.service: tally for tally in kept.tallies}
    log = [_log_row(result, run.hashes[result.service], tallies[result.service]) for result in kept.results]
    candidates = [candidate.cells for candidate in kept.new]
    texts = {
        CANDIDATES_FILE: with_rows(data, CANDIDATES_FILE, candidates, key=["candidate_id"]),
        LOG_FILE: with_rows(data, LOG_FILE, log, key=["searched_at", "service"]),
    }
    replace_files(data, {file: text for file, text in texts.items() if text is not None})
    return kept


def _sorted_out(results: Sequence[SearchResult], dataset: Dataset) -> Sorted:
    taken = {str(key) for table in (dataset.sources, dataset.excluded, dataset.unread) for key in table.index}
    return sort_out(results, known_records(dataset), dataset.candidates, taken)


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
