"""PubMed through NCBI's E-utilities (https://www.ncbi.nlm.nih.gov/books/NBK25501/): esearch and esummary as JSON.

NCBI asks for at most three requests a second, and for the name of the tool and an address in each.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from kratom_evidence.literature.answers import first_text, objects, part, texts, whole_number, year_of
from kratom_evidence.literature.citation import Author, Citation, plain_text
from kratom_evidence.literature.http import TOOL, Answer, ServiceClient, ServiceError
from kratom_evidence.literature.identifiers import Identifier, plain_doi, plain_pmcid, plain_pmid
from kratom_evidence.literature.medline import LANGUAGES, another_publication, notices_of
from kratom_evidence.literature.notices import Notice
from kratom_evidence.literature.search_result import Page, SearchResult, all_pages, incomplete

_PAGE = 200
# E-utilities want both ends of a range of dates; NCBI's own form writes the open end so.
_OPEN_END = "3000/12/31"
_INITIALS = re.compile(r"[A-Z]{1,6}")
_FORM_OF_DOI = "doi:"


class PubMed:
    """PubMed. Knows publications by PMID, and finds them by DOI and PMCID."""

    name = "pubmed"

    def __init__(self, client: ServiceClient, *, contact: str | None) -> None:
        self._client = client
        self._polite = {"tool": TOOL} | ({} if contact is None else {"email": contact})

    def find(self, identifier: Identifier) -> Citation | None:
        """The record with that identifier."""
        found = self._record(identifier)
        return None if found is None else self._citation(*found)

    def search(self, query: str, *, since: date | None, most: int) -> SearchResult:
        """Records that the query finds, by the date on which they came into PubMed (edat)."""
        parameters = {"term": query, "retmax": str(_PAGE)}
        if since is not None:
            parameters |= {"datetype": "edat", "mindate": since.strftime("%Y/%m/%d"), "maxdate": _OPEN_END}

        def page_at(start: str) -> Page[str]:
            answer = self._asked("/esearch.fcgi", {**parameters, "retstart": start}, fresh=True)
            total, numbers = self._numbers(answer)
            following = str(int(start) + len(numbers))
            return Page(fetched_at=answer.fetched_at, total=total, entries=tuple(numbers), following=following)

        found = all_pages(self._client.name, page_at, "0", most=most)
        citations: list[Citation] = []
        for start in range(0, found.total, _PAGE):
            answer, records = self._summaries(found.entries[start : start + _PAGE], fresh=False)
            citations += [self._citation(answer, record) for record in records]
        if len(citations) < found.total:
            raise incomplete(self._client.name, found.total, len(citations))
        return SearchResult(
            service=self.name,
            query=query,
            since=since,
            searched_at=found.fetched_at,
            total=found.total,
            citations=tuple(citations),
        )

    def notices(self, identifier: Identifier) -> tuple[Notice, ...] | None:
        """What the record says about corrections and retractions, and its type "Retracted Publication"."""
        found = self._record(identifier, fresh=True)
        if found is None:
            return None
        answer, record = found
        relations = (
            (plain_text(reference.get("reftype")), plain_pmid(reference.get("pmid")))
            for reference in objects(record.get("references"))
        )
        return notices_of(relations, texts(record.get("pubtype")), self.name, answer.fetched_at.date())

    def _record(self, identifier: Identifier, *, fresh: bool = False) -> tuple[Answer, Mapping[str, Any]] | None:
        number = identifier.value if identifier.kind == "pmid" else self._number_of(identifier, fresh=fresh)
        if number is None:
            return None
        answer, records = self._summaries([number], fresh=fresh)
        if not records:
            return None
        if not self._citation(answer, records[0]).identified_by(identifier):
            raise another_publication("PubMed", identifier)
        return answer, records[0]

    def _number_of(self, identifier: Identifier, *, fresh: bool) -> str | None:
        field = "doi" if identifier.kind == "doi" else "pmcid"
        term = f'"{identifier.value}"[{field}]'
        total, numbers = self._numbers(self._asked("/esearch.fcgi", {"term": term, "retmax": "2"}, fresh=fresh))
        # Several records for one DOI would mean that PubMed read the question as something else.
        return numbers[0] if total == 1 and numbers else None

    def _numbers(self, answer: Answer) -> tuple[int, list[str]]:
        """How many records there are, and the PMIDs of this page."""
        result = part(answer.document, "esearchresult")
        refusal = first_text(result.get("ERROR")) or first_text(part(answer.document).get("error"))
        if refusal is not None:
            raise ServiceError(f"PubMed refused the search: {refusal}. Check the query in search.yaml.")
        unknown = [
            *texts(part(result, "errorlist").get("phrasesnotfound")),
            *texts(part(result, "errorlist").get("fieldsnotfound")),
        ]
        if texts(part(result, "errorlist").get("fieldsnotfound")):
            raise ServiceError(f"PubMed does not know {', '.join(unknown)}. Check the query in search.yaml.")
        total, listed = whole_number(result.get("count")), result.get("idlist")
        numbers = [plain_pmid(entry) for entry in listed] if isinstance(listed, list) else [None]
        if total is None or None in numbers:
            raise self._client.another_form()
        return total, [number for number in numbers if number is not None]

    def _summaries(self, numbers: Sequence[str], *, fresh: bool) -> tuple[Answer, list[Mapping[str, Any]]]:
        """The summaries of those PMIDs; one that PubMed has no record of is left out."""
        answer = self._asked("/esummary.fcgi", {"id": ",".join(numbers)}, fresh=fresh)
        result = part(answer.document).get("result")
        if not isinstance(result, Mapping):
            raise self._client.another_form()
        records = [part(result, number) for number in numbers]
        return answer, [record for record in records if record and "error" not in record]

    def _asked(self, path: str, parameters: Mapping[str, str], *, fresh: bool) -> Answer:
        answer = self._client.get(
            path, {"db": "pubmed", "retmode": "json", **parameters}, polite=self._polite, fresh=fresh
        )
        if answer.document is None:
            raise ServiceError(f"{self._client.name} has no page at {answer.address}. Try again later.")
        return answer

    def _citation(self, answer: Answer, record: Mapping[str, Any]) -> Citation:
        identifiers = {str(entry.get("idtype")): entry.get("value") for entry in objects(record.get("articleids"))}
        location = record.get("elocationid")
        from_location = location.removeprefix(_FORM_OF_DOI) if isinstance(location, str) else None
        pmid = plain_pmid(record.get("uid"))
        language = first_text(record.get("lang"))
        title = plain_text(record.get("title"))
        return Citation(
            service=self.name,
            retrieved_from=answer.address,
            fetched_on=answer.fetched_at.date(),
            # PubMed closes a title with a point that is not part of it, and puts a translated one in brackets.
            title=None if title is None else title.removesuffix("."),
            authors=tuple(_authors(record.get("authors"))),
            year=year_of(record.get("pubdate")) or year_of(record.get("sortpubdate")),
            container_title=plain_text(record.get("fulljournalname")) or plain_text(record.get("source")),
            volume=plain_text(record.get("volume")),
            issue=plain_text(record.get("issue")),
            page=plain_text(record.get("pages")),
            language=LANGUAGES.get(language or ""),
            doi=plain_doi(identifiers.get("doi")) or plain_doi(from_location),
            pmid=pmid,
            pmcid=plain_pmcid(identifiers.get("pmc")),
            url=None if pmid is None else f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
            publication_types=texts(record.get("pubtype")),
        )


def _authors(value: object) -> Iterator[Author]:
    """PubMed writes "Brooks AB": the family name, then the initials."""
    for author in objects(value):
        name = plain_text(author.get("name"))
        if name is None:
            continue
        family, _, initials = name.rpartition(" ")
        if author.get("authtype") == "CollectiveName":
            yield Author(literal=name)
        elif family and _INITIALS.fullmatch(initials):
            yield Author(family=family, given=initials)
        else:
            yield Author(family=name)
