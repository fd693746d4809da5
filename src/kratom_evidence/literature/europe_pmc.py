"""Europe PMC's REST service (https://europepmc.org/RestfulWebService): its search, with core results as JSON."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from kratom_evidence.literature.answers import first_text, objects, part, texts, whole_number, year_of
from kratom_evidence.literature.citation import Author, Citation, plain_text
from kratom_evidence.literature.http import Answer, ServiceClient, ServiceError
from kratom_evidence.literature.identifiers import Identifier, plain_doi, plain_pmcid, plain_pmid
from kratom_evidence.literature.medline import LANGUAGES, another_publication, notices_of
from kratom_evidence.literature.notices import Notice
from kratom_evidence.literature.search_result import Page, SearchResult, all_pages

_PAGE = 100
_OPEN_END = "3000-12-31"
_QUESTIONS = {"doi": 'DOI:"{}"', "pmid": "EXT_ID:{} AND SRC:MED", "pmcid": "PMCID:{}"}


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

        def page_at(cursor: str) -> Page[Citation]:
            answer = self._asked(asked, fresh=True, cursor=cursor)
            total = whole_number(part(answer.document).get("hitCount"))
            if total is None:
                raise self._client.another_form()
            following = part(answer.document).get("nextCursorMark")
            return Page(
                fetched_at=answer.fetched_at,
                total=total,
                entries=tuple(self._citation(answer, record) for record in self._results(answer)),
                # The last page repeats its own mark.
                following=following if isinstance(following, str) and following != cursor else None,
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
        """The record's list of comments and corrections, without the comments."""
        found = self._record(identifier, fresh=True)
        if found is None:
            return None
        answer, record = found
        relations = (
            (plain_text(entry.get("type")), plain_pmid(entry.get("id")) if entry.get("source") == "MED" else None)
            for entry in objects(part(record, "commentCorrectionList").get("commentCorrection"))
        )
        types = texts(part(record, "pubTypeList").get("pubType"))
        return notices_of(relations, types, self.name, answer.fetched_at.date())

    def _record(self, identifier: Identifier, *, fresh: bool = False) -> tuple[Answer, Mapping[str, Any]] | None:
        answer = self._asked(_QUESTIONS[identifier.kind].format(identifier.value), fresh=fresh)
        records = self._results(answer)
        fitting = [record for record in records if self._citation(answer, record).identified_by(identifier)]
        if records and not fitting:
            raise another_publication("Europe PMC", identifier)
        return (answer, fitting[0]) if fitting else None

    def _results(self, answer: Answer) -> list[Mapping[str, Any]]:
        results = part(answer.document, "resultList").get("result")
        if not isinstance(results, list):
            raise self._client.another_form()
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
            language=LANGUAGES.get(plain_text(record.get("language")) or ""),
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
