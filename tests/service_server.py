"""A local server that answers as Crossref, PubMed and Europe PMC do, and a clock that does not wait.

The answers have the services' documented forms:
https://api.crossref.org/swagger-ui, https://www.ncbi.nlm.nih.gov/books/NBK25501/, https://europepmc.org/RestfulWebService
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

JSON = "application/json;charset=utf-8"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class StillClock:
    """A clock that moves only when somebody sleeps; it remembers how long."""

    def __init__(self, now: datetime = NOON) -> None:
        self.started = now
        self.passed = 0.0
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self.started + timedelta(seconds=self.passed)

    def seconds(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        if seconds > 0:
            self.sleeps.append(seconds)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer. `claimed_length` lies about the length; `delay` is waited for before the body."""

    body: bytes = b"{}"
    status: int = 200
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    claimed_length: int | None = None
    delay: float = 0.0


def reply(document: Any, **details: Any) -> Reply:
    """A JSON answer."""
    return Reply(body=json.dumps(document, ensure_ascii=False).encode(), **details)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that arrived."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]


class ServiceServer:
    """Answers each path with its replies in turn; the last one stays. What is not known is 404."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[Asked] = []
        self._replies: dict[tuple[str, str], list[Reply]] = {}

    def answers(self, path: str, *replies: Reply, where: str = "") -> None:
        """Set the replies of a path, or only of the questions in which the text `where` stands."""
        self._replies[(path, where)] = list(replies)

    def take(self, asked: Asked, question: str) -> Reply:
        self.asked.append(asked)
        fitting = [key for key in self._replies if key[0] == asked.path and key[1] in question]
        if not fitting:
            return Reply(body=b"Resource not found.", status=404, content_type="text/plain")
        replies = self._replies[max(fitting, key=lambda key: len(key[1]))]
        return replies.pop(0) if len(replies) > 1 else replies[0]


@contextmanager
def serving() -> Iterator[ServiceServer]:
    """A server on a free port of this machine, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
            asked = Asked(path=parts.path, parameters=parameters, headers=dict(self.headers.items()))
            question = " ".join(parameters.values())
            found = server.take(asked, question)
            time.sleep(found.delay)
            try:
                self.send_response(found.status)
                self.send_header("Content-Type", found.content_type)
                length = len(found.body) if found.claimed_length is None else found.claimed_length
                self.send_header("Content-Length", str(length))
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(found.body)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *_: object) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = ServiceServer(f"http://127.0.0.1:{http.server_address[1]}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def crossref_work(doi: str = "10.5555/kratom.1", **changes: Any) -> dict[str, Any]:
    """A work as Crossref describes it, from a made-up journal."""
    work: dict[str, Any] = {
        "DOI": doi,
        "type": "journal-article",
        "title": ["Serotonin syndrome after <i>Mitragyna speciosa</i> &amp;amp; venlafaxine: a case report"],
        "author": [
            {"given": "Ada B.", "family": "Example", "sequence": "first", "affiliation": []},
            {"name": "The Example Group", "sequence": "additional"},
        ],
        "container-title": ["Journal of Examples"],
        "volume": "7",
        "issue": "2",
        "article-number": "e77",
        "language": "en",
        "issued": {"date-parts": [[2025, 3, 9]]},
        "URL": f"https://doi.org/{doi}",
        "relation": {},
    }
    return work | changes


def crossref_answer(work: dict[str, Any], **details: Any) -> Reply:
    """The answer to /works/DOI."""
    return reply({"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": work}, **details)


def crossref_list(*works: dict[str, Any], total: int | None = None, cursor: str | None = None) -> Reply:
    """A page of an answer to /works."""
    message = {
        "facets": {},
        "total-results": len(works) if total is None else total,
        "items": list(works),
        "items-per-page": 100,
        "query": {"start-index": 0, "search-terms": None},
    }
    if cursor is not None:
        message["next-cursor"] = cursor
    return reply({"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message})


def pubmed_search(*pmids: str, total: int | None = None, **changes: Any) -> Reply:
    """An answer of esearch."""
    result = {
        "count": str(len(pmids) if total is None else total),
        "retmax": str(len(pmids)),
        "retstart": "0",
        "idlist": list(pmids),
        "translationset": [],
        "querytranslation": "kratom",
    }
    return reply({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result | changes})


def pubmed_record(pmid: str = "40000001", **changes: Any) -> dict[str, Any]:
    """A record as esummary describes it."""
    record: dict[str, Any] = {
        "uid": pmid,
        "pubdate": "2025 Mar 9",
        "epubdate": "",
        "source": "J Ex",
        "authors": [
            {"name": "Example AB", "authtype": "Author", "clusterid": ""},
            {"name": "The Example Group", "authtype": "CollectiveName", "clusterid": ""},
        ],
        "title": "Serotonin syndrome after kratom and venlafaxine: a case report.",
        "volume": "7",
        "issue": "2",
        "pages": "e77",
        "lang": ["eng"],
        "pubtype": ["Journal Article", "Case Reports"],
        "articleids": [
            {"idtype": "pubmed", "idtypen": 1, "value": pmid},
            {"idtype": "doi", "idtypen": 3, "value": "10.5555/kratom.1"},
            {"idtype": "pmc", "idtypen": 8, "value": "PMC9900001"},
        ],
        "fulljournalname": "Journal of Examples",
        "elocationid": "doi: 10.5555/kratom.1",
        "sortpubdate": "2025/03/09 00:00",
        "references": [],
    }
    return record | changes


def pubmed_summary(*records: dict[str, Any]) -> Reply:
    """An answer of esummary."""
    result: dict[str, Any] = {"uids": [record["uid"] for record in records]}
    result |= {record["uid"]: record for record in records}
    return reply({"header": {"type": "esummary", "version": "0.3"}, "result": result})


def europe_record(pmid: str = "40000001", **changes: Any) -> dict[str, Any]:
    """A core record of Europe PMC."""
    record: dict[str, Any] = {
        "id": pmid,
        "source": "MED",
        "pmid": pmid,
        "pmcid": "PMC9900001",
        "doi": "10.5555/kratom.1",
        "title": "Serotonin syndrome after kratom and venlafaxine: a case report.",
        "authorString": "Example AB, The Example Group.",
        "authorList": {
            "author": [
                {"fullName": "Example AB", "firstName": "Ada B", "lastName": "Example", "initials": "AB"},
                {"collectiveName": "The Example Group"},
            ]
        },
        "journalInfo": {
            "issue": "2",
            "volume": "7",
            "yearOfPublication": 2025,
            "journal": {"title": "Journal of Examples", "medlineAbbreviation": "J Ex"},
        },
        "pubYear": "2025",
        "pageInfo": "e77",
        "language": "eng",
        "pubTypeList": {"pubType": ["case-report", "Case Reports", "Journal Article"]},
        "firstPublicationDate": "2025-03-09",
    }
    return record | changes


def europe_answer(*records: dict[str, Any], total: int | None = None, cursor: str | None = None) -> Reply:
    """An answer of Europe PMC's search."""
    document: dict[str, Any] = {
        "version": "6.9",
        "hitCount": len(records) if total is None else total,
        "request": {"resultType": "core"},
        "resultList": {"result": list(records)},
    }
    if cursor is not None:
        document["nextCursorMark"] = cursor
    return reply(document)
