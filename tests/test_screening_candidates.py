"""Unit and spec: what counts as known, what is one publication, how candidates are ranked and written."""

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kratom_evidence.dataset import Dataset, load
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.literature import Author, Citation, SearchResult
from kratom_evidence.screening.candidates import free_key, sort_out
from kratom_evidence.screening.known import Known, Record, known_records
from kratom_evidence.screening.ranking import RANKING, rank
from kratom_evidence.screening.storing import CANDIDATES_FILE, read_rows, with_rows, with_rows_replaced
from kratom_evidence.screening.strategy import SEARCH_FILE, last_searched, read_search
from tests.editing import Csv
from tests.service_server import NOON

TODAY = NOON.date()
SEIZURES, SAME_SEIZURES = "Kratom-induced seizures", "Kratom induced seizures."


def cited(service: str = "pubmed", title: str = "Kratom and seizures in a young man", **details: object) -> Citation:
    facts = {"authors": (Author(family="Example"), Author(family="Other")), "year": 2026} | details
    return Citation(service=service, retrieved_from="https://x", fetched_on=TODAY, title=title, **facts)  # type: ignore[arg-type]


def result(service: str, *citations: Citation) -> SearchResult:
    return SearchResult(
        service=service, query="kratom", since=None, searched_at=NOON, total=len(citations), citations=citations
    )


@pytest.fixture
def none_yet(dataset: Dataset) -> pd.DataFrame:
    return dataset.candidates.head(0)


class TestKnown:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            (Record(doi="10.5555/A"), Record(doi="10.5555/a"), True),
            (Record(doi="10.5555/a", title=SEIZURES), Record(doi="10.5555/b", title=SEIZURES), False),
            (Record(doi="10.5555/a", pmid="1"), Record(pmid="1"), True),
            (Record(title=SEIZURES, year=2020), Record(title=SAME_SEIZURES, year=2021), True),
            (Record(title=SEIZURES, year=2020), Record(title=SAME_SEIZURES, year=2023), False),
            (Record(title=SEIZURES, year=2020), Record(title=SAME_SEIZURES), True),
            (Record(doi="10.5555/a", title=SEIZURES), Record(pmid="1", title=SEIZURES), True),
            (Record(), Record(), False),
        ],
    )  # fmt: skip
    def test_identifiers_decide_then_titles(self, one: Record, other: Record, same: bool) -> None:
        assert one.same_as(other) is same and other.same_as(one) is same
        assert (Known([one]).find(other) is one) is same

    def test_everything_in_the_data_is_known(self, dataset: Dataset) -> None:
        """By its own identifiers, and by its title alone, without the year."""
        known = known_records(dataset)
        tables = (dataset.sources, dataset.unread, dataset.excluded, dataset.context_sources)
        titles = [str(title) for table in tables for title in table["title"].dropna()]
        assert len(titles) > 200
        assert [title for title in titles if known.find(Record(title=title)) is None] == []
        for doi in dataset.sources["doi"].dropna():
            assert known.find(Record(doi=str(doi).upper(), title="another")) is not None
        assert known.find(Record(title="A title that nobody has written about anything", doi="10.5555/new")) is None


def add_rows(data: Path, file: str, rows: list[dict[str, str]], key: list[str]) -> bool:
    """Write the table with more rows; says whether there were any."""
    text = with_rows(data, file, rows, key=key)
    if text is not None:
        (data / file).write_text(text, encoding="utf-8")
    return text is not None


class TestSortingOut:
    def test_found_is_known_and_duplicates_and_new(self, dataset: Dataset, none_yet: pd.DataFrame) -> None:
        included = dataset.sources.loc["abdullah2019"]
        results = [
            result(
                "crossref",
                cited("crossref", str(included["title"]), doi=included["doi"], year=2019),
                cited("crossref", doi="10.5555/1"),
                cited("crossref", "Kratom and hepatitis in a nurse", doi="10.5555/2"),
            ),
            result(
                "pubmed",
                cited(doi="10.5555/1", pmid="11"),
                cited(title="Kratom and hepatitis in a nurse.", pmid="22"),
                cited(title="Serotonin syndrome after kratom", pmid="33"),
            ),
            result("europe_pmc", cited("europe_pmc", pmid="11"), cited("europe_pmc", "Another", pmid="33")),
        ]
        found = sort_out(results, known_records(dataset), none_yet, {"example2026"})
        tallies = {tally.service: (tally.found, tally.known, tally.duplicates, tally.new) for tally in found.tallies}
        assert tallies == {"crossref": (3, 1, 0, 2), "pubmed": (3, 0, 2, 1), "europe_pmc": (2, 0, 2, 0)}
        assert [(one.doi, one.pmid, one.services) for one in found.new] == [
            (None, "33", ("europe_pmc", "pubmed")),
            ("10.5555/1", "11", ("crossref", "europe_pmc", "pubmed")),
            ("10.5555/2", "22", ("crossref", "pubmed")),
        ]
        assert {one.candidate_id for one in found.new} == {"example2026b", "example2026c", "example2026d"}
        assert found.new[0].authors == "Example et al."

    @pytest.mark.parametrize(
        ("family", "year", "key"),
        [
            ("Brooks", 2023, "brooks2023"),
            ("Güssregen", 2011, "gussregen2011"),
            ("van der Berg", None, "vanderbergnd"),
            (None, 2020, "anon2020"),
            ("李", 2020, "anon2020"),
        ],
    )
    def test_a_key_is_written_as_the_others(self, family: str | None, year: int | None, key: str) -> None:
        assert free_key(family, year, set()) == key
        assert free_key(family, year, {key}) == f"{key}b"

    def test_there_is_always_a_free_key(self) -> None:
        taken: set[str] = set()
        for _ in range(40):
            taken.add(free_key("Smith", 2026, taken))
        assert len(taken) == 40


class TestRanking:
    def test_the_likelier_case_report_comes_first(self) -> None:
        titles = [
            "Serotonin syndrome after kratom and venlafaxine: a case report",
            "Kratom-induced liver injury: a case report",
            "Kratom use among college students",
            "Prevalence of kratom use: a survey",
            "Mitragynine in mice: in vitro and in vivo",
            "Synthesis of indole alkaloids",
        ]
        scores = [rank(title).score for title in titles]
        assert scores == sorted(scores, reverse=True) and len(set(scores)) == len(scores)

    def test_the_score_is_the_sum_of_its_reasons(self) -> None:
        points = {rule.reason: rule.points for rule in RANKING}
        ranked = rank("Fatal kratom toxicity: a case report", ["Case Reports", "Review"])
        reasons = [reason.rsplit(" (", 1)[0] for reason in ranked.reasons]
        assert reasons == [
            "kratom in the title",
            "case report in the title",
            "indexed as case report",
            "harm in the title",
            "indexed as review",
        ]
        assert ranked.score == sum(points[reason] for reason in reasons)

    def test_no_title_is_no_reason_to_lose_a_record(self) -> None:
        assert rank(None).score == 0


class TestStoring:
    ROW = {"candidate_id": "example2026", "title": "T", "services": "pubmed", "score": "3", "found_on": "2026-11-22"}  # noqa: RUF012

    def test_rows_that_are_there_keep_what_was_decided(self, data_copy: Path) -> None:
        assert add_rows(data_copy, CANDIDATES_FILE, [self.ROW], key=["candidate_id"])
        table = Csv(data_copy / CANDIDATES_FILE)
        table.set(2, "decision", "exclude")
        table.set(2, "decision_reason", "a survey; not a case")
        table.save()
        before = (data_copy / CANDIDATES_FILE).read_bytes()
        assert not add_rows(data_copy, CANDIDATES_FILE, [self.ROW], key=["candidate_id"])
        assert (data_copy / CANDIDATES_FILE).read_bytes() == before
        add_rows(data_copy, CANDIDATES_FILE, [self.ROW | {"candidate_id": "before2026"}], key=["candidate_id"])
        after = (data_copy / CANDIDATES_FILE).read_text(encoding="utf-8").splitlines()
        assert [line.split(",")[0] for line in after] == ["candidate_id", "before2026", "example2026"]
        assert after[2] == before.decode().splitlines()[1]

    def test_what_is_written_is_what_the_data_take(self, data_copy: Path) -> None:
        hostile = self.ROW | {"title": 'A "quoted", title; with, commas'}
        add_rows(data_copy, CANDIDATES_FILE, [hostile], key=["candidate_id"])
        candidates = load(data_copy).candidates
        assert candidates["title"].tolist() == [hostile["title"]]
        assert candidates["services"].tolist() == [("pubmed",)]
        assert candidates["decision"].isna().all()

    def test_newer_rows_about_the_same_replace_the_older(self, data_copy: Path) -> None:
        file = "screening/notices.csv"
        row = {"citekey": "abdullah2019", "source": "pubmed", "kind": "correction", "direction": "about_it",
               "notice_pmid": "1", "checked_on": "2026-01-01"}  # fmt: skip
        other = row | {"source": "crossref"}
        about, key = ("citekey", "source"), ("citekey", "source", "kind")
        for rows_now in ([row, other], [row | {"kind": "none_found"}]):
            text = with_rows_replaced(data_copy, file, rows_now, about=about, key=key)
            (data_copy / file).write_text(text, encoding="utf-8")
        _, rows = read_rows(data_copy, file)
        assert [(entry["source"], entry["kind"]) for entry in rows] == [
            ("crossref", "correction"),
            ("pubmed", "none_found"),
        ]

    def test_a_table_of_another_shape_is_explained(self, data_copy: Path) -> None:
        with (data_copy / CANDIDATES_FILE).open("a", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerow(["too", "short"])
        with pytest.raises(ExplainedError, match="validate"):
            read_rows(data_copy, CANDIDATES_FILE)


class TestStrategy:
    def test_the_committed_search_has_one_strategy_for_each_service(self, project_root: Path) -> None:
        saved = read_search(project_root / "data")
        assert set(saved.strategies) == {"crossref", "europe_pmc", "pubmed"}
        assert all("kratom" in strategy.query for strategy in saved.strategies.values())
        assert "not recorded" in saved.original_collection

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("pubmed:", "pubmd:", "Did you mean 'pubmed'"),
            ("most_records: 2000", "most_records: many", "most_records"),
            ("fields:", "field:", "Did you mean 'fields'"),
            ("strategies:", "strategy:", "no strategy"),
            ("purpose: >-", "purpose: [", "not YAML"),
            ("query: kratom", "query: 7 #", "query"),
        ],
    )
    def test_a_fault_is_named_with_its_place(self, data_copy: Path, old: str, new: str, said: str) -> None:
        path = data_copy / SEARCH_FILE
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        with pytest.raises(ExplainedError, match=r"saved search cannot be used") as caught:
            read_search(data_copy)
        assert said in str(caught.value) and SEARCH_FILE in str(caught.value)

    def test_an_unknown_service_is_wrong_usage(self, project_root: Path) -> None:
        with pytest.raises(UsageError, match="Did you mean 'pubmed'"):
            read_search(project_root / "data").chosen(("pubmd",))

    def test_it_goes_on_where_the_same_query_ended(self, project_root: Path) -> None:
        strategy = read_search(project_root / "data").strategies["pubmed"]
        rows = [
            ("2026-01-05T08:00:00Z", "pubmed", strategy.query_hash, None),
            ("2026-03-01T08:00:00Z", "pubmed", strategy.query_hash, "2025-12-22"),
            ("2026-09-01T08:00:00Z", "pubmed", "0" * 12, None),
            ("2026-10-01T08:00:00Z", "crossref", strategy.query_hash, None),
        ]
        log = pd.DataFrame(rows, columns=["searched_at", "service", "query_hash", "since"])
        assert last_searched(log, strategy) == date(2026, 3, 1)
        assert last_searched(log.head(0), strategy) is None

    def test_a_search_that_began_late_hides_no_gap(self, project_root: Path) -> None:
        strategy = read_search(project_root / "data").strategies["pubmed"]
        late = ("2026-05-01T08:00:00Z", "pubmed", strategy.query_hash, "2026-04-20")
        first = ("2026-03-01T08:00:00Z", "pubmed", strategy.query_hash, None)
        columns = ["searched_at", "service", "query_hash", "since"]
        assert last_searched(pd.DataFrame([late], columns=columns), strategy) is None
        assert last_searched(pd.DataFrame([late, first], columns=columns), strategy) == date(2026, 3, 1)


@pytest.mark.parametrize("lines", ["", "x;y;z\n"])
def test_rows_are_not_added_to_a_table_with_another_separator(data_copy: Path, lines: str) -> None:
    """`load` reads such a table; a row written into it by names of columns would be empty."""
    path = data_copy / CANDIDATES_FILE
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";") + lines, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(ExplainedError, match="separated by commas"):
        add_rows(data_copy, CANDIDATES_FILE, [{"candidate_id": "example2026"}], key=["candidate_id"])
    assert path.read_bytes() == before
