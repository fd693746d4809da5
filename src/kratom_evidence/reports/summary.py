"""What a run did, for people in a few lines and for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from kratom_evidence.reports.manifest import Manifest

INDEX_PAGE = "index.html"
# Up to as many pages are named one by one; the index leads to more of them.
_MOST_NAMED = 3


class PageState(Enum):
    """What became of a page in this run."""

    MADE = "made"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class PageOutcome:
    """One page, by its place below the folder of reports. `failure` tells why it was not made."""

    page: str
    state: PageState
    failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class SiteResult:
    """What a run did. `pages` are the reports, `site` the pages and files over all of them; `note` is for the user."""

    out: Path
    pages: tuple[PageOutcome, ...]
    site: tuple[PageOutcome, ...]
    note: str | None = None

    @property
    def index(self) -> Path:
        return self.out / INDEX_PAGE

    @property
    def counts(self) -> Mapping[PageState, int]:
        """How many reports came to each state."""
        return {state: len(self.of(state)) for state in PageState}

    def of(self, state: PageState) -> tuple[PageOutcome, ...]:
        return tuple(outcome for outcome in self.pages if outcome.state is state)


def unchanged_result(out: Path, manifest: Manifest, kinds: frozenset[str]) -> SiteResult:
    """The result of a run that had nothing to do for these kinds."""
    return SiteResult(
        out=out,
        pages=tuple(
            PageOutcome(page=record.page, state=PageState.UNCHANGED)
            for record in manifest.pages
            if record.kind in kinds and not record.parameters
        ),
        site=tuple(PageOutcome(page=name, state=PageState.UNCHANGED) for name in manifest.site),
    )


def summary_text(result: SiteResult) -> str:
    """Some lines: how many reports were made and were not, which when they are few, and where the index is."""
    return "\n".join(_summary_lines(result))


def _summary_lines(result: SiteResult) -> Iterator[str]:
    counts = result.counts
    removed = f", {counts[PageState.REMOVED]} removed" if counts[PageState.REMOVED] else ""
    yield (
        f"Reports: {counts[PageState.MADE]} made, {counts[PageState.UNCHANGED]} unchanged, "
        f"{counts[PageState.FAILED]} failed{removed}."
    )
    present = [*result.of(PageState.MADE), *result.of(PageState.UNCHANGED)]
    yield from (f"Page: {result.out / outcome.page}" for outcome in (present if len(present) <= _MOST_NAMED else ()))
    yield from (f"Removed, as its subject is gone: {outcome.page}" for outcome in result.of(PageState.REMOVED))
    yield f"Index: {result.index}"


def summary_document(result: SiteResult) -> dict[str, Any]:
    """The same as what can be written as JSON; see `cli.report`."""
    return {
        "out": str(result.out),
        "index": str(result.index),
        "counts": {state.value: count for state, count in result.counts.items()},
        "pages": [_outcome(outcome) for outcome in result.pages],
        "site": [_outcome(outcome) for outcome in result.site],
    }


def _outcome(outcome: PageOutcome) -> dict[str, str | None]:
    return {"page": outcome.page, "state": outcome.state.value, "failure": outcome.failure}
