"""Spec and faults: how a service is asked, what is kept of its answers, and what is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.literature.cache import AnswerCache, default_cache_folder
from kratom_evidence.literature.http import Access, Limits, ServiceClient, ServiceError
from tests.service_server import NOON, Reply, ServiceServer, StillClock, reply, serving

PATH = "/works"


@pytest.fixture
def server() -> Iterator[ServiceServer]:
    with serving() as running:
        yield running


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def client(server: ServiceServer, clock: StillClock, **access: Any) -> ServiceClient:
    return ServiceClient("Crossref", server.address, Access(clock=clock, **access))


class TestPolite:
    def test_each_request_says_who_asks(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, reply({}))
        client(server, clock, contact="curator@example.org").get(PATH, {}, polite={"mailto": "curator@example.org"})
        (asked,) = server.asked
        assert asked.headers["User-Agent"].startswith("kratom-evidence/")
        assert "mailto:curator@example.org" in asked.headers["User-Agent"]
        assert asked.parameters["mailto"] == "curator@example.org"

    @pytest.mark.parametrize("contact", ["", "nobody", "a@b", "a@example.org\r\nX-Other: 1", "a b@example.org"])
    def test_a_contact_that_is_no_mail_address_is_refused(self, contact: str) -> None:
        with pytest.raises(UsageError, match="mail address"):
            Access(contact=contact)

    def test_requests_keep_their_distance(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, reply({}))
        asking = client(server, clock, limits=Limits(between_requests=0.34))
        for _ in range(4):
            asking.get(PATH, {})
        assert clock.passed >= 3 * 0.34
        assert len(server.asked) == 4

    def test_a_named_pause_is_kept_then_asked_again(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(status=429, headers={"Retry-After": "7"}), reply({"a": 1}))
        assert client(server, clock).get(PATH, {}).document == {"a": 1}
        assert 7.0 in clock.sleeps

    def test_a_pause_named_as_a_date_is_kept(self, server: ServiceServer, clock: StillClock) -> None:
        until = format_datetime(NOON + timedelta(seconds=12), usegmt=True)
        server.answers(PATH, Reply(status=503, headers={"Retry-After": until}), reply({"a": 1}))
        assert client(server, clock).get(PATH, {}).document == {"a": 1}
        assert max(clock.sleeps) == pytest.approx(12, abs=1)

    def test_a_pause_of_an_hour_is_explained_not_waited_for(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(status=429, headers={"Retry-After": "3600"}))
        with pytest.raises(ServiceError, match="wait 3600 seconds"):
            client(server, clock).get(PATH, {})
        assert len(server.asked) == 1

    def test_pauses_grow(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(status=500), Reply(status=502), Reply(status=504), reply({"a": 1}))
        assert client(server, clock).get(PATH, {}).document == {"a": 1}
        assert [pause for pause in clock.sleeps if pause >= 1] == [1, 2, 4]

    def test_it_gives_up_with_an_explanation(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(status=500))
        with pytest.raises(ServiceError, match=r"4 attempts.*status 500.*by hand"):
            client(server, clock).get(PATH, {})
        assert len(server.asked) == 4

    def test_pubmeds_refusal_with_status_200_is_a_refusal(self, server: ServiceServer, clock: StillClock) -> None:
        refusal = {"error": "API rate limit exceeded", "api-key": "192.0.2.1", "count": "4", "limit": "3"}
        server.answers(PATH, reply(refusal), reply({"a": 1}))
        assert client(server, clock).get(PATH, {}).document == {"a": 1}


class TestHostileAnswers:
    @pytest.mark.parametrize(
        ("hostile", "said"),
        [
            (Reply(body=b'{"message": {"DOI": "10.5'), "not complete JSON"),
            (Reply(body=b""), "not complete JSON"),
            (Reply(body=b"[1, 2]"), "another form"),
            (Reply(body=b"null"), "another form"),
            (Reply(body=b"[" * 200_000), "not complete JSON"),
            (Reply(body=b'{"a":' * 200_000), "not complete JSON"),
            (Reply(body=b'{"a": ' + b"9" * 10_000 + b"}"), "not complete JSON"),
            (Reply(body=b"<html>Log in</html>", content_type="text/html; charset=utf-8"), "log-in page"),
            (
                Reply(body=b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", content_type="application/xml"),
                "instead of JSON",
            ),
            (Reply(body=b"{}", headers={"Content-Encoding": "gzip"}), "compressed"),
            (Reply(status=400, body=b"{}"), "status 400"),
            (Reply(status=302, headers={"Location": "https://attacker.example/works"}), "another place"),
            (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "another place"),
            (Reply(status=302, headers={"Location": "/works"}), "circle"),
        ],
    )
    def test_it_is_refused_with_an_explanation(
        self, server: ServiceServer, clock: StillClock, hostile: Reply, said: str
    ) -> None:
        server.answers(PATH, hostile)
        with pytest.raises(ServiceError, match=said):
            client(server, clock).get(PATH, {})

    def test_a_body_larger_than_allowed_is_not_read_to_its_end(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(body=b'{"a": "' + b"x" * 300_000 + b'"}'))
        with pytest.raises(ServiceError, match="more than 100000 bytes"):
            client(server, clock, limits=Limits(largest_answer=100_000)).get(PATH, {})

    def test_a_connection_cut_in_the_middle_is_tried_again(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(body=b'{"a": 1}', claimed_length=900), reply({"a": 2}))
        assert client(server, clock).get(PATH, {}).document == {"a": 2}

    def test_a_silent_server_is_not_waited_for_without_end(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(delay=0.4))
        with pytest.raises(ServiceError, match="did not answer in time"):
            client(server, clock, limits=Limits(timeout=0.05, attempts=2)).get(PATH, {})

    def test_a_redirect_on_the_same_host_is_followed(self, server: ServiceServer, clock: StillClock) -> None:
        server.answers(PATH, Reply(status=301, headers={"Location": "/v1/works"}))
        server.answers("/v1/works", reply({"a": 1}))
        assert client(server, clock).get(PATH, {}).document == {"a": 1}

    def test_nobody_there_is_explained(self, clock: StillClock) -> None:
        with serving() as gone:
            address = gone.address
        with pytest.raises(ServiceError, match="connection failed"):
            ServiceClient("Crossref", address, Access(clock=clock)).get(PATH, {})

    @pytest.mark.parametrize("base", ["http://api.crossref.org", "ftp://127.0.0.1", "api.crossref.org", "", "https://"])
    def test_only_a_secure_address_is_asked(self, base: str) -> None:
        with pytest.raises(UsageError, match="https://"):
            ServiceClient("Crossref", base, Access())


class TestCache:
    @pytest.fixture
    def access(self, tmp_path: Path, clock: StillClock) -> Access:
        return Access(cache=AnswerCache(folder=tmp_path / "cache"), clock=clock)

    def ask(self, server: ServiceServer, access: Access, *, fresh: bool = False) -> Any:
        return ServiceClient("Crossref", server.address, access).get(
            PATH, {"q": "kratom"}, polite={"mailto": "a@example.org"}, fresh=fresh
        )

    def test_an_answer_is_asked_for_once(self, server: ServiceServer, access: Access) -> None:
        server.answers(PATH, reply({"a": "Zoë"}))
        assert self.ask(server, access) == self.ask(server, access)
        assert len(server.asked) == 1

    def test_it_serves_offline_with_the_date_on_which_it_was_given(
        self, server: ServiceServer, access: Access, clock: StillClock
    ) -> None:
        server.answers(PATH, reply({"a": 1}))
        first = self.ask(server, access)
        clock.passed += timedelta(days=400).total_seconds()
        again = self.ask(server, replace(access, offline=True, contact="other@example.org"))
        assert (again.document, again.fetched_at) == ({"a": 1}, first.fetched_at)
        assert len(server.asked) == 1

    def test_offline_without_an_answer_is_a_clear_refusal(self, server: ServiceServer, access: Access) -> None:
        with pytest.raises(ServiceError, match=r"offline.*cache has no answer.*by hand"):
            self.ask(server, replace(access, offline=True))
        assert server.asked == []

    def test_it_is_asked_again_when_it_is_old_or_when_the_newest_is_wanted(
        self, server: ServiceServer, access: Access, clock: StillClock
    ) -> None:
        server.answers(PATH, reply({"a": 1}), reply({"a": 2}), reply({"a": 3}))
        assert self.ask(server, access).document == {"a": 1}
        assert self.ask(server, access, fresh=True).document == {"a": 2}
        clock.passed += timedelta(days=8).total_seconds()
        assert self.ask(server, access).document == {"a": 3}

    def test_that_there_is_no_such_record_is_remembered_too(self, server: ServiceServer, access: Access) -> None:
        assert self.ask(server, access).document is None
        assert self.ask(server, access).document is None
        assert len(server.asked) == 1

    @pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"address": 1}', b"\xff\xfe", b"[" * 100_000])
    def test_a_damaged_file_only_means_asking_again(
        self, server: ServiceServer, access: Access, tmp_path: Path, damage: bytes
    ) -> None:
        server.answers(PATH, reply({"a": 1}))
        self.ask(server, access)
        (kept,) = (tmp_path / "cache").iterdir()
        kept.write_bytes(damage)
        assert self.ask(server, access).document == {"a": 1}
        assert json.loads(kept.read_text(encoding="utf-8"))["found"] is True

    def test_no_refused_answer_is_kept(self, server: ServiceServer, access: Access, tmp_path: Path) -> None:
        server.answers(PATH, Reply(body=b"{"))
        with pytest.raises(ServiceError):
            self.ask(server, access)
        assert not (tmp_path / "cache").exists()

    def test_the_folder_is_where_the_user_says(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("KRATOM_EVIDENCE_CACHE", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert default_cache_folder() == tmp_path / "kratom-evidence" / "literature"
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert default_cache_folder() == Path.home() / ".cache" / "kratom-evidence" / "literature"
        monkeypatch.setenv("KRATOM_EVIDENCE_CACHE", str(tmp_path / "mine"))
        assert default_cache_folder() == tmp_path / "mine"

    def test_a_folder_that_cannot_be_written_to_is_no_fault(
        self, server: ServiceServer, clock: StillClock, tmp_path: Path
    ) -> None:
        (tmp_path / "cache").write_text("a file", encoding="utf-8")
        server.answers(PATH, reply({"a": 1}))
        access = Access(cache=AnswerCache(folder=tmp_path / "cache"), clock=clock)
        assert self.ask(server, access).document == {"a": 1}


def test_every_failure_is_an_explained_one() -> None:
    assert issubclass(ServiceError, ExplainedError)
