"""Crossref's REST API (https://api.crossref.org/swagger-ui): works, searches, and notices in both directions.

A retracted article says so itself in `updated-by`; the notice says so in `update-to`, and is found with the filter
`updates`. Both hold what publishers deposit and, since January 2025, what Retraction Watch collects
(https://www.crossref.org/blog/retraction-watch-retractions-now-in-the-crossref-api/).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from kratom_evidence.literature.answers import date_of_parts, first_text, objects, part, whole_number
from kratom_evidence.literature.citation import Author, Citation, plain_text
from kratom_evidence.literature.http import Answer, ServiceClient, ServiceError
from kratom_evidence.literature.identifiers import Identifier, plain_doi
from kratom_evidence.literature.notices import Direction, Notice, notice_kind, or_none_found
from kratom_evidence.literature.search_result import Page, SearchResult, all_pages

_TYPES = {
    "journal-article": "article-journal",
    "proceedings-article": "paper-conference",
    "posted-content": "article",
    "book-chapter": "chapter",
    "book": "book",
    "report": "report",
    "dissertation": "thesis",
}
_PAGE = 100


class Crossref:
    """Crossref. Knows publications by DOI only."""

    name = "crossref"

    def __init__(self, client: ServiceClient, *, contact: str | None) -> None:
        self._client = client
        self._polite = {} if contact is None else {"mailto": contact}

    def find(self, identifier: Identifier) -> Citation | None:
        """The work with that DOI; None for another kind of identifier."""
        answer = self._work(identifier)
        return None if answer is None else self._citation(part(answer.document, "message"), answer)

    def search(self, query: str, *, since: date | None, most: int) -> SearchResult:
        """Works whose bibliographic data match words of the query, by the date on which the DOI was registered."""
        parameters = {"query.bibliographic": query, "rows": str(_PAGE)}
        if since is not None:
            parameters["filter"] = f"from-created-date:{since.isoformat()}"

        def page_at(cursor: str) -> Page[Citation]:
            answer = self._asked("/works", {**parameters, "cursor": cursor}, fresh=True)
            message = part(answer.document, "message")
            total, following = whole_number(message.get("total-results")), message.get("next-cursor")
            if total is None or not isinstance(message.get("items"), list):
                raise self._client.another_form()
            return Page(
                fetched_at=answer.fetched_at,
                total=total,
                entries=tuple(self._citation(item, answer) for item in objects(message["items"])),
                following=following if isinstance(following, str) else None,
            )

        found = all_pages(self._client.name, page_at, "*", most=most)
        return SearchResult(
            service=self.name,
            query=query,
            since=since,
            searched_at=found.fetched_at,
            total=found.total,
            citations=found.entries,
        )

    def notices(self, identifier: Identifier) -> tuple[Notice, ...] | None:
        """What the work says about itself, and what other works say about it."""
        answer = self._work(identifier, fresh=True)
        if answer is None:
            return None
        checked_on = answer.fetched_at.date()
        message = part(answer.document, "message")
        found = [
            *self._updates(message.get("updated-by"), "about_it", checked_on),
            *self._updates(message.get("update-to"), "issued_by_it", checked_on),
        ]
        known = {notice.notice_doi for notice in found}
        found += [notice for notice in self._pointing_to(identifier) if notice.notice_doi not in known]
        return or_none_found(tuple(found), self.name, checked_on)

    def _updates(self, value: object, direction: Direction, checked_on: date) -> Iterator[Notice]:
        for update in objects(value):
            kind = notice_kind(plain_text(update.get("type"))) or "other_update"
            doi = plain_doi(update.get("DOI"))
            yield Notice(
                kind=kind,
                service=self.name,
                checked_on=checked_on,
                direction=direction,
                notice_doi=None if doi is None else doi.lower(),
                date=date_of_parts(update.get("updated")),
            )

    def _pointing_to(self, identifier: Identifier) -> Iterator[Notice]:
        answer = self._asked("/works", {"filter": f"updates:{identifier.value}", "rows": str(_PAGE)}, fresh=True)
        items = part(answer.document, "message").get("items")
        if not isinstance(items, list):
            raise self._client.another_form()
        for item in objects(items):
            doi = plain_doi(item.get("DOI"))
            for update in objects(item.get("update-to")):
                if doi is not None and identifier.same_as(plain_doi(update.get("DOI"))):
                    yield Notice(
                        kind=notice_kind(plain_text(update.get("type"))) or "other_update",
                        service=self.name,
                        checked_on=answer.fetched_at.date(),
                        notice_doi=doi.lower(),
                        date=date_of_parts(update.get("updated")),
                    )

    def _work(self, identifier: Identifier, *, fresh: bool = False) -> Answer | None:
        if identifier.kind != "doi":
            return None
        answer = self._asked(f"/works/{quote(identifier.value, safe='')}", {}, fresh=fresh)
        if answer.document is None:
            return None
        answered = plain_doi(part(answer.document, "message").get("DOI"))
        if not identifier.same_as(answered):
            raise ServiceError(
                f"Crossref was asked for {identifier} but answered about {answered or 'something without a DOI'}. "
                "Check the DOI, or enter the citation by hand."
            )
        return answer

    def _asked(self, path: str, parameters: Mapping[str, str], *, fresh: bool) -> Answer:
        return self._client.get(path, parameters, polite=self._polite, fresh=fresh)

    def _citation(self, work: Mapping[str, Any], answer: Answer) -> Citation:
        issued = date_of_parts(work.get("issued"))
        doi = plain_doi(work.get("DOI"))
        return Citation(
            service=self.name,
            retrieved_from=answer.address,
            fetched_on=answer.fetched_at.date(),
            type=_TYPES.get(str(work.get("type")), "article"),
            title=first_text(work.get("title")),
            authors=tuple(_authors(work.get("author"))),
            year=None if issued is None else int(issued[:4]),
            container_title=first_text(work.get("container-title")),
            volume=plain_text(work.get("volume")),
            issue=plain_text(work.get("issue")),
            page=plain_text(work.get("page")) or plain_text(work.get("article-number")),
            language=plain_text(work.get("language")),
            doi=doi,
            url=None if doi is None else f"https://doi.org/{doi}",
        )


def _authors(value: object) -> Iterator[Author]:
    for author in objects(value):
        family, literal = plain_text(author.get("family")), plain_text(author.get("name"))
        if family:
            yield Author(family=family, given=plain_text(author.get("given")))
        elif literal:
            yield Author(literal=literal)
