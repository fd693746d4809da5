"""Spec: what is read from the answers of Crossref, PubMed and Europe PMC, and how titles and identifiers are judged."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.dataset.bibliography import read_csl_json
from kratom_evidence.faults import UsageError
from kratom_evidence.literature import (
    CitationService,
    LookUp,
    Notice,
    inspect_identifier,
    read_identifier,
    services,
    title_agrees,
)
from kratom_evidence.literature.citation import plain_text
from kratom_evidence.literature.http import Access, ServiceError
from tests.service_server import (
    NOON,
    Reply,
    ServiceServer,
    StillClock,
    crossref_answer,
    crossref_list,
    crossref_work,
    europe_answer,
    europe_record,
    pubmed_record,
    pubmed_search,
    pubmed_summary,
    reply,
    serving,
)

DOI = "10.5555/kratom.1"
WORK = "/works/10.5555%2Fkratom.1"
TODAY = NOON.date()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceServer]:
    with serving() as running:
        for name in ("CROSSREF", "EUROPE_PMC", "PUBMED"):
            monkeypatch.setenv(f"KRATOM_EVIDENCE_{name}", running.address)
        yield running


@pytest.fixture
def known(server: ServiceServer) -> dict[str, CitationService]:
    assert server.asked == []
    return services(Access(clock=StillClock()))


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            ("10.1093/qjmed/hcg109", "doi", "10.1093/qjmed/hcg109"),
            (" https://doi.org/10.1093/qjmed/hcg109. ", "doi", "10.1093/qjmed/hcg109"),
            ("doi: 10.1016/S0140-6736(97)11096-0", "doi", "10.1016/S0140-6736(97)11096-0"),
            ("(10.1000/a(b)c)", None, None),
            ("10.1000/a(b))", "doi", "10.1000/a(b)"),
            ("12925718", "pmid", "12925718"),
            ("PMID: 12925718", "pmid", "12925718"),
            ("https://pubmed.ncbi.nlm.nih.gov/12925718/", "pmid", "12925718"),
            ("pmc7643221", "pmcid", "PMC7643221"),
            ("https://pmc.ncbi.nlm.nih.gov/articles/PMC7643221/", "pmcid", "PMC7643221"),
            ("10.12/x", None, None),
            ("10.1000/with space", None, None),
            ("012345", None, None),
            ("123456789", None, None),
            ("brooks2023", None, None),
            ("", None, None),
        ],
    )
    def test_a_text_is_recognised_or_explained(self, text: str, kind: str | None, value: str | None) -> None:
        inspection = inspect_identifier(text)
        assert inspection.sentence.endswith(".")
        found = inspection.identifier
        assert (found and found.kind, found and found.value) == (kind, value)

    def test_what_is_none_of_them_is_wrong_usage(self) -> None:
        with pytest.raises(UsageError, match="DOI"):
            read_identifier("brooks2023")

    @given(st.text(max_size=60))
    def test_any_text_gets_one_sentence(self, text: str) -> None:
        sentence = inspect_identifier(text).sentence
        assert sentence.endswith(".") and len(sentence) < 1000


class TestTitles:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("A case of kratom-induced seizures", "A CASE OF KRATOM INDUCED SEIZURES."),
            ("Kratom–induced hépatitis: a case report", "Kratom-induced hepatitis: a case report"),
            (
                "Fatal Mitragynine-Associated Toxicity in Canada",
                "Fatal mitragynine associated toxicity in Canada: cases",
            ),
        ],
    )
    def test_one_publication(self, first: str, second: str) -> None:
        assert title_agrees(first, second) and title_agrees(second, first)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("A case of kratom-induced seizures", "A case of kratom-induced hepatitis"),
            ("Kratom", "Kratom: what we know"),
            ("Kratom withdrawal", None),
            ("", ""),
            ("!!!", "???"),
        ],
    )
    def test_two_publications_or_unknown(self, first: str, second: str | None) -> None:
        assert not title_agrees(first, second) and not title_agrees(second, first)

    @pytest.mark.parametrize(
        ("raw", "clean"),
        [
            ("Use of <i>Mitragyna speciosa</i> &amp;amp; alcohol", "Use of Mitragyna speciosa & alcohol"),
            ("5-HT<sub>2A</sub>\n  receptor", "5-HT2A receptor"),
            ("p < 0.05 and q > 3", "p < 0.05 and q > 3"),
            ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
            ("a\u200bb\x00c\u202ed", "ab cd"),
            ('=HYPERLINK("http://x")', 'HYPERLINK("http://x")'),
            ("   ", None),
            (None, None),
            (7, None),
        ],
    )
    def test_mark_up_and_hidden_characters_are_removed(self, raw: object, clean: str | None) -> None:
        assert plain_text(raw) == clean


class TestFinding:
    def test_crossref(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        server.answers(WORK, crossref_answer(crossref_work(DOI.upper())))
        citation = known["crossref"].find(read_identifier(DOI))
        assert citation is not None
        assert citation.title == "Serotonin syndrome after Mitragyna speciosa & venlafaxine: a case report"
        assert [(author.family, author.given, author.literal) for author in citation.authors] == [
            ("Example", "Ada B.", None),
            (None, None, "The Example Group"),
        ]
        assert (citation.year, citation.volume, citation.issue, citation.page) == (2025, "7", "2", "e77")
        assert (citation.service, citation.fetched_on) == ("crossref", TODAY)

    @pytest.mark.parametrize("text", ["40000001", DOI, "PMC9900001"])
    def test_pubmed(self, server: ServiceServer, known: dict[str, CitationService], text: str) -> None:
        server.answers("/esearch.fcgi", pubmed_search("40000001"))
        server.answers("/esummary.fcgi", pubmed_summary(pubmed_record()))
        citation = known["pubmed"].find(read_identifier(text))
        assert citation is not None
        assert citation.title == "Serotonin syndrome after kratom and venlafaxine: a case report"
        assert (citation.doi, citation.pmid, citation.pmcid) == (DOI, "40000001", "PMC9900001")
        assert [author.short for author in citation.authors] == ["Example", "The Example Group"]
        assert citation.language == "en"
        assert all(asked.parameters["tool"] == "kratom-evidence" for asked in server.asked)

    @pytest.mark.parametrize("text", ["40000001", DOI, "PMC9900001"])
    def test_europe_pmc(self, server: ServiceServer, known: dict[str, CitationService], text: str) -> None:
        server.answers("/search", europe_answer(europe_record()))
        citation = known["europe_pmc"].find(read_identifier(text))
        assert citation is not None
        assert (citation.doi, citation.pmid, citation.container_title) == (DOI, "40000001", "Journal of Examples")
        assert (citation.authors[0].family, citation.authors[0].given) == ("Example", "AB")

    def test_what_a_service_does_not_know_is_none(
        self, server: ServiceServer, known: dict[str, CitationService]
    ) -> None:
        server.answers("/esearch.fcgi", pubmed_search())
        server.answers("/search", europe_answer())
        assert [known[name].find(read_identifier(DOI)) for name in known] == [None, None, None]
        server.answers(
            "/esummary.fcgi",
            reply({"result": {"uids": ["99"], "99": {"uid": "99", "error": "cannot get document summary"}}}),
        )
        assert known["pubmed"].find(read_identifier("99")) is None

    def test_an_answer_about_another_publication_is_refused(
        self, server: ServiceServer, known: dict[str, CitationService]
    ) -> None:
        server.answers(WORK, crossref_answer(crossref_work("10.5555/other")))
        server.answers("/esearch.fcgi", pubmed_search("40000001"))
        other = [{"idtype": "doi", "value": "10.5555/other"}]
        server.answers("/esummary.fcgi", pubmed_summary(pubmed_record(articleids=other, elocationid="")))
        server.answers("/search", europe_answer(europe_record(doi="10.5555/other")))
        for service in known.values():
            with pytest.raises(ServiceError, match=r"answered about.*by hand"):
                service.find(read_identifier(DOI))

    @pytest.mark.parametrize("value", [None, 7, "text", [], {}, [[]], [None], {"date-parts": "x"}, True, -1, [{}]])
    def test_any_field_may_hold_anything(
        self, server: ServiceServer, known: dict[str, CitationService], value: object
    ) -> None:
        """What is not of the documented form is left out; nothing trips over it."""
        work, record, core = crossref_work(), pubmed_record(), europe_record()
        server.answers(WORK, crossref_answer({name: DOI if name == "DOI" else value for name in work}))
        server.answers(
            "/esummary.fcgi", pubmed_summary({name: "40000001" if name == "uid" else value for name in record})
        )
        server.answers("/search", europe_answer({name: DOI if name == "doi" else value for name in core}))
        citations = [
            known["crossref"].find(read_identifier(DOI)),
            known["pubmed"].find(read_identifier("40000001")),
            known["europe_pmc"].find(read_identifier(DOI)),
        ]
        for citation in citations:
            assert citation is not None
            assert citation.year is None or citation.year >= 1500
            assert json.dumps(citation.csl("example2025"))

    def test_the_entry_is_one_that_the_bibliography_takes(
        self, server: ServiceServer, known: dict[str, CitationService], tmp_path: Path
    ) -> None:
        server.answers(WORK, crossref_answer(crossref_work()))
        server.answers("/esummary.fcgi", pubmed_summary(pubmed_record()))
        server.answers("/search", europe_answer(europe_record()))
        for name, text in (("crossref", DOI), ("pubmed", "40000001"), ("europe_pmc", DOI)):
            citation = known[name].find(read_identifier(text))
            assert citation is not None
            entry = citation.csl("example2025", genre="case_report")
            file = tmp_path / f"{name}.json"
            file.write_text(json.dumps([entry]), encoding="utf-8")
            entries, faults = read_csl_json(file, file.name)
            assert faults == () and entries == (entry,)
            assert entry["issued"] == {"date-parts": [[2025]]}
            assert "URL" not in entry


class TestLookUp:
    def test_the_next_service_is_asked_when_one_fails(
        self, server: ServiceServer, known: dict[str, CitationService]
    ) -> None:
        server.answers(WORK, Reply(status=400))
        server.answers("/search", europe_answer(europe_record()))
        assert LookUp(services=known).find(DOI).service == "europe_pmc"

    def test_nobody_knows_it(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        server.answers("/esearch.fcgi", pubmed_search())
        server.answers("/search", europe_answer())
        with pytest.raises(ServiceError, match=r"well-formed, but .*by hand"):
            LookUp(services=known).find(DOI)

    def test_not_known_here_and_not_asked_there_is_not_nowhere(
        self, server: ServiceServer, known: dict[str, CitationService]
    ) -> None:
        server.answers("/esearch.fcgi", Reply(status=400))
        server.answers("/search", europe_answer())
        with pytest.raises(ServiceError, match="could not be looked up") as caught:
            LookUp(services=known).find(DOI)
        assert "Not known to crossref, europe_pmc" in str(caught.value)
        assert "PubMed refused the request" in str(caught.value)


class TestSearching:
    SINCE = date(2026, 1, 31)

    def test_crossref_reads_all_pages(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        works = [crossref_work(f"10.5555/{number}") for number in range(3)]
        server.answers(
            "/works", crossref_list(*works[:2], total=3, cursor="next"), crossref_list(works[2], total=3, cursor="end")
        )
        result = known["crossref"].search("kratom mitragynine", since=self.SINCE, most=10)
        assert [citation.doi for citation in result.citations] == ["10.5555/0", "10.5555/1", "10.5555/2"]
        assert result.total == 3 and result.searched_at == NOON
        assert [asked.parameters["cursor"] for asked in server.asked] == ["*", "next"]
        assert {asked.parameters["filter"] for asked in server.asked} == {"from-created-date:2026-01-31"}

    def test_pubmed_reads_all_pages(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        server.answers("/esearch.fcgi", pubmed_search("1", "2", total=3), pubmed_search("3", total=3))
        server.answers("/esummary.fcgi", pubmed_summary(*(pubmed_record(number) for number in "123")))
        result = known["pubmed"].search("kratom[tiab]", since=self.SINCE, most=10)
        assert [citation.pmid for citation in result.citations] == ["1", "2", "3"]
        first = server.asked[0].parameters
        assert (first["datetype"], first["mindate"], first["maxdate"]) == ("edat", "2026/01/31", "3000/12/31")
        assert server.asked[1].parameters["retstart"] == "2"

    def test_europe_pmc_reads_all_pages(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        server.answers(
            "/search",
            europe_answer(europe_record("1"), total=2, cursor="next"),
            europe_answer(europe_record("2"), total=2, cursor="next"),
        )
        result = known["europe_pmc"].search("TITLE:kratom", since=self.SINCE, most=10)
        assert [citation.pmid for citation in result.citations] == ["1", "2"]
        assert server.asked[0].parameters["query"] == ("(TITLE:kratom) AND (CREATION_DATE:[2026-01-31 TO 3000-12-31])")

    @pytest.mark.parametrize("name", ["crossref", "pubmed", "europe_pmc"])
    def test_a_part_is_never_taken_for_the_whole(
        self, server: ServiceServer, known: dict[str, CitationService], name: str
    ) -> None:
        server.answers("/works", crossref_list(crossref_work(), total=5))
        server.answers("/esearch.fcgi", pubmed_search("1", total=5), pubmed_search(total=5))
        server.answers("/search", europe_answer(europe_record(), total=5))
        with pytest.raises(ServiceError, match="5 records, more than the 4"):
            known[name].search("kratom", since=None, most=4)
        server.answers("/esearch.fcgi", pubmed_search("1", total=5), pubmed_search(total=5))
        with pytest.raises(ServiceError, match="announced 5 records but delivered 1"):
            known[name].search("kratom", since=None, most=10)

    @pytest.mark.parametrize(
        "answer",
        [
            reply({"esearchresult": {"ERROR": "Search Backend failed: unbalanced brackets"}}),
            pubmed_search(errorlist={"phrasesnotfound": [], "fieldsnotfound": ["tiabb"]}),
            reply({"esearchresult": {"count": "x", "idlist": []}}),
            reply({"esearchresult": {"count": "1", "idlist": ["1 OR 2"]}}),
            reply({"esearchresult": [1]}),
        ],
    )
    def test_pubmeds_refusals_and_other_forms_are_explained(
        self, server: ServiceServer, known: dict[str, CitationService], answer: Reply
    ) -> None:
        server.answers("/esearch.fcgi", answer)
        with pytest.raises(ServiceError, match="PubMed"):
            known["pubmed"].search("kratom[tiabb]", since=None, most=10)


class TestNotices:
    RETRACTION: ClassVar[dict[str, Any]] = {
        "DOI": "10.5555/Notice",
        "type": "retraction",
        "label": "Retraction",
        "source": "retraction-watch",
        "updated": {"date-parts": [[2026, 7, 26]], "date-time": "2026-07-26T00:00:00Z", "timestamp": 1},
        "record-id": "20946",
    }

    def of(self, service: CitationService, text: str = DOI) -> tuple[Notice, ...]:
        notices = service.notices(read_identifier(text))
        assert notices is not None
        return notices

    def test_crossref_what_the_article_says(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        server.answers(WORK, crossref_answer(crossref_work() | {"updated-by": [self.RETRACTION]}))
        server.answers("/works", crossref_list())
        assert self.of(known["crossref"]) == (
            Notice(
                kind="retraction",
                service="crossref",
                checked_on=TODAY,
                notice_doi="10.5555/notice",
                date="2026-07-26",
            ),
        )

    def test_crossref_what_the_notice_says(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        update = {"DOI": DOI.upper(), "type": "expression_of_concern", "updated": {"date-parts": [[2026, 7]]}}
        stranger = {"DOI": "10.5555/someone", "type": "retraction"}
        notice = crossref_work("10.5555/notice") | {"update-to": [stranger, update]}
        server.answers(WORK, crossref_answer(crossref_work()))
        server.answers("/works", crossref_list(notice))
        (found,) = self.of(known["crossref"])
        assert (found.kind, found.notice_doi, found.date) == ("expression_of_concern", "10.5555/notice", "2026-07")
        assert found.direction == "about_it"
        assert server.asked[-1].parameters["filter"] == f"updates:{DOI}"

    def test_crossref_a_publication_that_is_itself_a_correction(
        self, server: ServiceServer, known: dict[str, CitationService]
    ) -> None:
        corrects = {"DOI": "10.5555/first", "type": "corrigendum", "updated": {"date-parts": [[2025]]}}
        server.answers(WORK, crossref_answer(crossref_work() | {"update-to": [corrects]}))
        server.answers("/works", crossref_list())
        (found,) = self.of(known["crossref"])
        assert (found.kind, found.direction) == ("correction", "issued_by_it")

    def test_pubmed(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        references = [
            {"refsource": "J Ex. 2026;1", "reftype": "Erratum in", "pmid": 40000002, "note": ""},
            {"refsource": "J Ex. 2026;2", "reftype": "Comment in", "pmid": 40000003, "note": ""},
        ]
        record = pubmed_record(references=references, pubtype=["Case Reports", "Retracted Publication"])
        server.answers("/esummary.fcgi", pubmed_summary(record))
        found = self.of(known["pubmed"], "40000001")
        assert [(notice.kind, notice.notice_pmid) for notice in found] == [
            ("correction", "40000002"),
            ("retraction", None),
        ]

    def test_europe_pmc(self, server: ServiceServer, known: dict[str, CitationService]) -> None:
        corrections = [
            {"id": "40000009", "source": "MED", "reference": "J Ex 2026", "type": "Retraction in", "orderIn": 1},
            {"id": "PPR1", "source": "PPR", "type": "Preprint of"},
        ]
        record = europe_record(commentCorrectionList={"commentCorrection": corrections})
        server.answers("/search", europe_answer(record))
        (found,) = self.of(known["europe_pmc"])
        assert (found.kind, found.notice_pmid, found.direction) == ("retraction", "40000009", "about_it")

    @pytest.mark.parametrize("name", ["crossref", "pubmed", "europe_pmc"])
    def test_asked_and_nothing_found_is_said_so_and_not_known_is_not_that(
        self, server: ServiceServer, known: dict[str, CitationService], name: str
    ) -> None:
        server.answers("/esearch.fcgi", pubmed_search())
        server.answers("/search", europe_answer())
        assert known[name].notices(read_identifier(DOI)) is None
        server.answers(WORK, crossref_answer(crossref_work()))
        server.answers("/works", crossref_list())
        server.answers("/esearch.fcgi", pubmed_search("40000001"))
        server.answers("/esummary.fcgi", pubmed_summary(pubmed_record()))
        server.answers("/search", europe_answer(europe_record()))
        assert [notice.kind for notice in self.of(known[name])] == ["none_found"]
