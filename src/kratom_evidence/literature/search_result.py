"""What a search of a service gives: everything that it finds, read page by page, or an error."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from kratom_evidence.literature.citation import Citation
from kratom_evidence.literature.http import ServiceError

Entry = TypeVar("Entry")


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """What a search found. `total` is the service's own count, and `citations` are all of them."""

    service: str
    query: str
    since: date | None
    searched_at: datetime
    total: int
    citations: tuple[Citation, ...]


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Entry]):
    """One page of an answer. `total` counts all pages; `following` is where the next begins, None after the last."""

    fetched_at: datetime
    total: int
    entries: tuple[Entry, ...]
    following: str | None


def all_pages(name: str, page_at: Callable[[str], Page[Entry]], begin: str, *, most: int) -> Page[Entry]:
    """All pages as one, with the time of the first.

    Args:
        name: the service, as it is told to people.
        page_at: asks for the page that begins there.
        begin: where the first page begins.
        most: how many entries may be read.

    Raises:
        ServiceError: there are more than `most`, since a part would look like the whole; or fewer come than announced.
    """
    first = page = page_at(begin)
    entries = list(page.entries)
    while True:
        if page.total > most:
            raise ServiceError(
                f"{name} finds {page.total} records, more than the {most} that the search allows. Narrow the query or "
                "the dates (--since), or raise `most_records` in search.yaml. Nothing of it was kept."
            )
        if len(entries) >= page.total or not page.entries or page.following is None:
            break
        page = page_at(page.following)
        entries += page.entries
    if len(entries) < page.total:
        raise incomplete(name, page.total, len(entries))
    return Page(fetched_at=first.fetched_at, total=page.total, entries=tuple(entries[: page.total]), following=None)


def incomplete(name: str, total: int, read: int) -> ServiceError:
    """The error of a search that delivers fewer records than were announced."""
    return ServiceError(
        f"{name} announced {total} records but delivered {read}. Try again later. Nothing of it was kept."
    )
