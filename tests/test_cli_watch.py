"""Functional: `kratom-evidence watch` against a local server that answers as the three services do."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.writing import repaired
from kratom_evidence.cli import watch
from kratom_evidence.curation import validate
from kratom_evidence.dataset import load
from kratom_evidence.faults import UsageError
from kratom_evidence.literature import Notice
from kratom_evidence.literature.http import SystemClock
from kratom_evidence.locking import locked
from kratom_evidence.screening import watching
from kratom_evidence.screening.notices import NoticesRun, keep_notices
from tests.editing import Csv
from tests.new_cases import new_case
from tests.service_server import (
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
    serving,
)

NEW = {"title": ["Kratom and a seizure in a made-up man: a case report"], "DOI": "10.5555/new.1"}


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StillClock()
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: clock.sleep(seconds))
    monkeypatch.setattr(SystemClock, "seconds", lambda _: clock.seconds())
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now())
    monkeypatch.setenv("KRATOM_EVIDENCE_CONTACT", "curator@example.org")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ServiceServer]:
    monkeypatch.setenv("KRATOM_EVIDENCE_CACHE", str(tmp_path / "cache"))
    with serving() as running:
        for name in ("CROSSREF", "EUROPE_PMC", "PUBMED"):
            monkeypatch.setenv(f"KRATOM_EVIDENCE_{name}", running.address)
        running.answers("/works", crossref_list(crossref_work() | NEW))
        running.answers("/esearch.fcgi", pubmed_search("40000001"))
        running.answers("/esummary.fcgi", pubmed_summary(pubmed_record()))
        running.answers("/search", europe_answer(europe_record()))
        yield running


def run(data: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    watch.add_parser(parser.add_subparsers())
    options = parser.parse_args(["watch", "--data", str(data), *arguments])
    status: int = options.run(options)
    return status


def run_json(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    run(data, "--format", "json", *arguments)
    return json.loads(capsys.readouterr().out)


def screening(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data / "screening").glob("*.csv")}


def test_new_records_wait_in_valid_tables(
    server: ServiceServer, data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.asked == []
    assert run(data_copy) == 0
    printed = capsys.readouterr().out
    assert "pubmed (from the beginning): 1 found, 0 known, 1 twice, 0 new" in printed
    dataset = load(data_copy)
    assert sorted(dataset.candidates["doi"]) == ["10.5555/kratom.1", "10.5555/new.1"]
    assert dataset.candidates["decision"].isna().all()
    assert dataset.search_log["service"].tolist() == ["crossref", "europe_pmc", "pubmed"]
    assert dataset.search_log[["found", "known", "duplicates", "new"]].sum().tolist() == [3, 0, 1, 2]
    assert [str(fault) for fault in validate(data_copy).faults if "screening" in fault.file] == []


def test_again_finds_nothing_new_and_keeps_decisions(
    server: ServiceServer, data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data_copy)
    table = Csv(data_copy / "screening" / "candidates.csv")
    table.set(2, "decision", "exclude")
    table.set(2, "decision_reason", "survey")
    table.save()
    before = screening(data_copy)
    found = run_json(data_copy, capsys)
    assert found["candidates"] == []
    # Two weeks before the last search: what is registered late is not missed.
    assert {entry["since"] for entry in found["searched"]} == {"2026-11-08"}
    assert {entry["known"] for entry in found["searched"]} == {1}
    assert screening(data_copy)["candidates.csv"] == before["candidates.csv"]
    assert any(asked.parameters.get("mindate") == "2026/11/08" for asked in server.asked)


def test_what_the_review_knows_is_no_candidate(
    server: ServiceServer, data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By DOI in another case, by PMID, and by title alone: included, unread and excluded records."""
    dataset = load(data_copy)
    included = dataset.sources.dropna(subset=["doi"]).iloc[0]
    unread = dataset.unread.dropna(subset=["pmid"]).iloc[0]
    excluded = str(dataset.excluded["title"]["broyan2022"])
    server.answers("/works", crossref_list(crossref_work(str(included["doi"]).upper(), title=["Another title"])))
    server.answers("/esearch.fcgi", pubmed_search(str(unread["pmid"])))
    server.answers("/esummary.fcgi", pubmed_summary(pubmed_record(str(unread["pmid"]), articleids=[], elocationid="")))
    record = europe_record(title=f"{excluded}.", doi="10.5555/x", pubYear="2022") | {"pmid": None}
    server.answers("/search", europe_answer(record))
    found = run_json(data_copy, capsys)
    assert found["candidates"] == []
    assert [entry["known"] for entry in found["searched"]] == [1, 1, 1]


def test_one_service_that_fails_does_not_cost_the_others(
    server: ServiceServer, data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers("/works", Reply(status=500))
    assert run(data_copy) == 1
    assert "Crossref could not be asked" in capsys.readouterr().err
    dataset = load(data_copy)
    assert dataset.candidates["pmid"].tolist() == ["40000001"]
    assert dataset.search_log["service"].tolist() == ["europe_pmc", "pubmed"]
    server.answers("/works", crossref_list(crossref_work() | NEW))
    found = run_json(data_copy, capsys)
    assert {entry["service"]: entry["since"] for entry in found["searched"]}["crossref"] is None
    assert [candidate["doi"] for candidate in found["candidates"]] == ["10.5555/new.1"]


def test_a_dry_run_writes_nothing(server: ServiceServer, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert server.asked == []
    before = screening(data_copy)
    found = run_json(data_copy, capsys, "--dry-run")
    assert len(found["candidates"]) == 2 and found["written"] is False
    assert screening(data_copy) == before
    run(data_copy, "--dry-run")
    assert "Nothing was written." in capsys.readouterr().out


def test_offline_it_answers_from_the_cache_or_refuses(
    server: ServiceServer, data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data_copy, "--offline", "--since", "2026-01-01") == 1
    assert capsys.readouterr().err.count("cannot be asked offline") == 3
    run(data_copy, "--since", "2026-01-01")
    asked = len(server.asked)
    before = screening(data_copy)
    assert run(data_copy, "--offline", "--since", "2026-01-01") == 0
    assert len(server.asked) == asked
    assert screening(data_copy) == before, "an answer from the cache is no new search"


def test_hostile_records_are_harmless_text(
    server: ServiceServer, data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = crossref_work(
        title=['=cmd|" /C calc"!A0 <script>x</script>\x1b[31m;\r\n"kratom"'],
        author=[{"family": "../../etc/passwd; DROP TABLE"}],
        DOI="10.5555/=evil",
    )
    server.answers("/works", crossref_list(hostile))
    run(data_copy, "--service", "crossref")
    candidate = load(data_copy).candidates.iloc[0]
    assert candidate["title"].startswith("cmd|") and "<" not in candidate["title"]
    assert candidate.name == "etcpasswddroptable2025"
    assert "\x1b" not in capsys.readouterr().out
    assert [str(fault) for fault in validate(data_copy).faults if "screening" in fault.file] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "yesterday"), "2026-01-31"),
        (("--service", "pubmd"), "Did you mean 'pubmed'"),
        (("--contact", "nobody"), "mail address"),
        (("--notices", "--since", "2026-01-01"), "no meaning"),
        (("--notices", "--service", "scopus"), "crossref"),
    ],
)
def test_wrong_usage_is_explained(
    server: ServiceServer, data_copy: Path, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        run(data_copy, *arguments)
    assert server.asked == []


class TestNotices:
    @pytest.fixture
    def asked_for(self, server: ServiceServer, data_copy: Path) -> Path:
        """Only two publications of the data can be asked about; one has been retracted."""

        def bare(entry: dict[str, Any], position: int) -> dict[str, Any]:
            kept = {name: value for name, value in entry.items() if name not in {"DOI", "PMID", "PMCID"}}
            return kept | ({"DOI": f"10.5555/{position}", "PMID": str(position + 1)} if position < 2 else {})

        path = data_copy / "sources.json"
        entries = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps([bare(entry, number) for number, entry in enumerate(entries)]), encoding="utf-8")
        retraction = {"DOI": "10.5555/notice", "type": "retraction", "updated": {"date-parts": [[2026, 7, 26]]}}
        server.answers("/works/10.5555%2F0", crossref_answer(crossref_work("10.5555/0") | {"updated-by": [retraction]}))
        server.answers("/works/10.5555%2F1", crossref_answer(crossref_work("10.5555/1")))
        server.answers("/works", crossref_list())
        server.answers("/esummary.fcgi", pubmed_summary(pubmed_record("1"), pubmed_record("2")))
        server.answers("/search", europe_answer())
        return data_copy

    def test_who_was_asked_what_was_said_and_who_could_not_be_asked(
        self, asked_for: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = run_json(asked_for, capsys, "--notices")
        dataset = load(asked_for)
        first, second = dataset.sources.index[:2]
        told = [(row["citekey"], row["source"], row["kind"]) for row in found["notices"]]
        assert told == [
            (first, "crossref", "retraction"),
            (second, "crossref", "none_found"),
            (first, "pubmed", "none_found"),
            (second, "pubmed", "none_found"),
        ]
        assert found["unknown"] == {"crossref": 0, "europe_pmc": 2, "pubmed": 0}
        assert len(found["without_identifier"]) == len(dataset.sources) - 2
        assert set(dataset.notices["citekey"]) == {first, second}
        kept = dataset.notices[dataset.notices["kind"] == "retraction"].iloc[0]
        assert (kept["notice_doi"], kept["notice_date"], kept["checked_on"]) == (
            "10.5555/notice", "2026-07-26", "2026-11-22",
        )  # fmt: skip
        run(asked_for, "--notices")
        printed = capsys.readouterr().out
        assert f"{first}: Retracted (crossref, 10.5555/notice, 2026-07-26)" in printed
        assert "2 publications checked, 1 with a notice." in printed

    def test_a_failure_keeps_what_was_known_before(
        self, server: ServiceServer, asked_for: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(asked_for, "--notices")
        before = load(asked_for).notices
        server.answers("/works/10.5555%2F0", Reply(status=400))
        assert run(asked_for, "--notices") == 1
        assert "Crossref refused" in capsys.readouterr().err
        assert load(asked_for).notices.equals(before)


def test_the_client_of_the_command_is_the_polite_one(server: ServiceServer, data_copy: Path) -> None:
    run(data_copy)
    assert {asked.headers["User-Agent"].partition("/")[0] for asked in server.asked} == {"kratom-evidence"}
    assert all("curator@example.org" in asked.parameters.values() for asked in server.asked)


class TestChangedWhileSearching:
    """The search takes minutes and holds no lock; what others wrote meanwhile is neither lost nor overlooked."""

    def during(self, server: ServiceServer, monkeypatch: pytest.MonkeyPatch, data: Path, change: Any) -> None:
        assert server.asked == []
        search = watching.run_search

        def slow(*arguments: Any) -> Any:
            found = search(*arguments)
            with locked(data / ".lock", busy="Nobody may hold the lock while the services are asked.", longest_wait=1):
                pass
            change()
            return found

        monkeypatch.setattr(watching, "run_search", slow)
        run(data)

    def test_a_key_that_was_taken_is_given_to_nobody_else(
        self, server: ServiceServer, data_copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = new_case()
        citation = {**case.citation, "citekey": "example2025"}
        change = lambda: CaseEntry(data=data_copy).write(replace(case, citation=citation))  # noqa: E731
        self.during(server, monkeypatch, data_copy, change)
        after = load(data_copy)
        assert "example2025" in after.sources.index
        assert sorted(after.candidates["doi"]) == ["10.5555/kratom.1", "10.5555/new.1"]
        assert after.candidates.index.tolist() == ["example2025b", "example2025c"]
        assert int(after.search_log["new"].sum()) == len(after.candidates)

    def test_what_became_known_meanwhile_is_no_candidate_and_is_counted_as_known(
        self, server: ServiceServer, data_copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = new_case()
        citation = {**case.citation, "doi": "10.5555/new.1", "title": str(NEW["title"][0])}
        change = lambda: CaseEntry(data=data_copy).write(replace(case, citation=citation))  # noqa: E731
        self.during(server, monkeypatch, data_copy, change)
        after = load(data_copy)
        assert after.candidates["doi"].tolist() == ["10.5555/kratom.1"]
        assert after.search_log[["found", "known", "duplicates", "new"]].sum().tolist() == [3, 1, 1, 1]

    def test_stopped_between_the_two_files_it_is_finished_by_the_next_command(
        self, server: ServiceServer, data_copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else candidates would stand there for ever that no search of the log had found."""
        assert server.asked == []

        class Killed(BaseException):
            pass

        moved: list[Path] = []
        move = Path.replace

        def once(self: Path, target: Path) -> Path:
            if target.is_relative_to(data_copy):
                if moved:
                    raise Killed
                moved.append(self)
            return move(self, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", once)
            with pytest.raises(Killed):
                run(data_copy)
        assert repaired(data_copy)
        after = load(data_copy)
        assert int(after.search_log["new"].sum()) == len(after.candidates) == 2

    def test_notices_about_a_publication_that_left_get_no_row(self, data_copy: Path) -> None:
        told = Notice(
            service="pubmed", kind="none_found", direction="about_it", notice_doi=None, notice_pmid=None, date=None,
            checked_on=date(2026, 11, 20),
        )  # fmt: skip
        run_now = NoticesRun(
            notices=(("abdullah2019", told), ("left2020", told)), unknown={}, without_identifier=(), failures={}
        )
        keep_notices(data_copy, run_now)
        assert load(data_copy).notices["citekey"].tolist() == ["abdullah2019"]
