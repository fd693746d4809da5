"""Europe PMC's REST service (https://europepmc.org/RestfulWebService): its search, with core results as JSON."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from kratom_evidence.literature.answers import first_text, objects, part, texts, whole_number, year_of
from kratom_evidence.literature.citation import Author, Citation, plain_text
from kratom_evidence.literature.http import Answer, ServiceClient, ServiceError
from kratom_evidence.literature.identifiers import Identifier, plain_doi, plain_pmcid, plain_pmid
from kratom_evidence.literature.notices import Notice, kind_and_direction, notice_kind, or_none_found
from kratom_evidence.literature.services import SearchResult, incomplete, too_many

_PAGE = 100
_OPEN_END = "3000-12-31"
_QUESTIONS = {"doi": 'DOI:"{}"', "pmid": "EXT_ID:{} AND SRC:MED", "pmcid": "PMCID:{}"}
_LANGUAGES = {"eng": "en", "ger": "de", "fre": "fr", "spa": "es", "cze": "cs", "jpn": "ja", "tha": "th", "may": "ms"}


class EuropePmc:
    """Europe PMC. Knows publications by DOI, PMID and PMCID; holds PubMed's records, preprints and others."""

    name = "europe_pmc"

    def __init__(self, client: ServiceClient, *, contact: str | None) -> None:
        self._client = client
        self._polite = {} if contact is None else {"email": contact}

    def find(self, identifier: Identifier) -> Citation | None:
        """The record with that identifier."""
        found = self._record(identifier)
        return None if found is None else self._citation(*found)

    def search(self, query: str, *, since: date | None, most: int) -> SearchResult:
        """Records that the query finds, by the date on which they came into Europe PMC."""
        asked = query if since is None else f"({query}) AND (CREATION_DATE:[{since.isoformat()} TO {_OPEN_END}])"
        citations: list[Citation] = []
        first: Answer | None = None
        cursor = "*"
        while True:
            answer = self._asked(asked, fresh=True, cursor=cursor)
            first = first or answer
            total = whole_number(part(answer.document).get("hitCount"))
            if total is None:
                raise self._another_form()
            if total > most:
                raise too_many(self._client.name, total, most)
            page = [self._citation(answer, record) for record in self._results(answer)]
            citations += page
            following = part(answer.document).get("nextCursorMark")
            if len(citations) >= total or not page or not isinstance(following, str) or following == cursor:
                break
            cursor = following
        if len(citations) < total:
            raise incomplete(self._client.name, total, len(citations))
        return SearchResult(
            service=self.name,
            query=query,
            since=since,
            searched_at=first.fetched_at,
            total=total,
            citations=tuple(citations[:total]),
        )

    def notices(self, identifier: Identifier) -> tuple[Notice, ...] | None:
        """The record's list of comments and corrections, without the comments."""
        found = self._record(identifier, fresh=True)
        if found is None:
            return None
        answer, record = found
        checked_on = answer.fetched_at.date()
        notices = []
        for entry in objects(part(record, "commentCorrectionList").get("commentCorrection")):
            relation = kind_and_direction(plain_text(entry.get("type")))
            if relation is not None:
                kind, direction = relation
                pmid = plain_pmid(entry.get("id")) if entry.get("source") == "MED" else None
                notices.append(
                    Notice(kind=kind, service=self.name, checked_on=checked_on, direction=direction, notice_pmid=pmid)
                )
        kinds = {notice.kind for notice in notices if notice.direction == "about_it"}
        for words in texts(part(record, "pubTypeList").get("pubType")):
            typed = notice_kind(words) if words.casefold().endswith("publication") else None
            if typed is not None and typed not in kinds:
                notices.append(Notice(kind=typed, service=self.name, checked_on=checked_on))
        return or_none_found(tuple(notices), self.name, checked_on)

    def _record(self, identifier: Identifier, *, fresh: bool = False) -> tuple[Answer, Mapping[str, Any]] | None:
        answer = self._asked(_QUESTIONS[identifier.kind].format(identifier.value), fresh=fresh)
        records = self._results(answer)
        fitting = [record for record in records if self._citation(answer, record).identified_by(identifier)]
        if records and not fitting:
            raise ServiceError(
                f"Europe PMC was asked for {identifier} but answered about another publication. "
                "Check the identifier, or enter the citation by hand."
            )
        return (answer, fitting[0]) if fitting else None

    def _results(self, answer: Answer) -> list[Mapping[str, Any]]:
        results = part(answer.document, "resultList").get("result")
        if not isinstance(results, list):
            raise self._another_form()
        return list(objects(results))

    def _asked(self, query: str, *, fresh: bool, cursor: str = "*") -> Answer:
        parameters = {
            "query": query,
            "resultType": "core",
            "format": "json",
            "pageSize": str(_PAGE),
            "cursorMark": cursor,
        }
        answer = self._client.get("/search", parameters, polite=self._polite, fresh=fresh)
        refusal = first_text(part(answer.document).get("errMsg"))
        if refusal is not None:
            raise ServiceError(f"Europe PMC refused the search: {refusal}. Check the query in search.yaml.")
        if answer.document is None:
            raise ServiceError(f"{self._client.name} has no page at {answer.address}. Try again later.")
        return answer

    def _another_form(self) -> ServiceError:
        return ServiceError(f"{self._client.name} answered in another form than it documents. Try again later.")

    def _citation(self, answer: Answer, record: Mapping[str, Any]) -> Citation:
        journal = part(record, "journalInfo")
        title = plain_text(record.get("title"))
        source, number = plain_text(record.get("source")), plain_text(record.get("id"))
        return Citation(
            service=self.name,
            retrieved_from=answer.address,
            fetched_on=answer.fetched_at.date(),
            type="article" if source == "PPR" else "article-journal",
            title=None if title is None else title.removesuffix("."),
            authors=tuple(_authors(part(record, "authorList").get("author"))),
            year=year_of(record.get("pubYear")) or year_of(record.get("firstPublicationDate")),
            container_title=plain_text(part(journal, "journal").get("title")),
            volume=plain_text(journal.get("volume")),
            issue=plain_text(journal.get("issue")),
            page=plain_text(record.get("pageInfo")),
            language=_LANGUAGES.get(plain_text(record.get("language")) or ""),
            doi=plain_doi(record.get("doi")),
            pmid=plain_pmid(record.get("pmid")),
            pmcid=plain_pmcid(record.get("pmcid")),
            url=f"https://europepmc.org/article/{source}/{number}" if source and number else None,
            publication_types=texts(part(record, "pubTypeList").get("pubType")),
        )


def _authors(value: object) -> Iterator[Author]:
    for author in objects(value):
        family = plain_text(author.get("lastName"))
        literal = plain_text(author.get("collectiveName")) or plain_text(author.get("fullName"))
        if family:
            yield Author(family=family, given=plain_text(author.get("initials")) or plain_text(author.get("firstName")))
        elif literal:
            yield Author(literal=literal)
