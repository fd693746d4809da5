"""Asking a service over the network: politely, with limits, and with an explanation for everything that goes wrong.

Polite means: a name and, where one is given, a contact address in every request; no more requests a second than the
service allows; a growing pause after a refusal, or the one that the service asks for (Retry-After, RFC 9110).
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from kratom_evidence import __version__
from kratom_evidence.faults import ExplainedError, UsageError, shorten
from kratom_evidence.literature.cache import AnswerCache, CachedAnswer

TOOL = "kratom-evidence"
_HOSTS_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_MOST_REDIRECTS = 3
_CONTACT = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
BY_HAND = "Try again later, or enter the citation by hand."


class Clock(Protocol):
    """The time, so that tests need not wait."""

    def now(self) -> datetime:
        """The time in UTC."""

    def seconds(self) -> float:
        """Seconds of a clock that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ServiceError(ExplainedError):
    """A service could not be asked, or its answer could not be used."""


class _AgainLaterError(Exception):
    """The service asks to be asked again. `pause` is the number of seconds that it names, if any."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        self.reason = reason
        self.pause = pause
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long, how often and how much. Seconds and bytes."""

    between_requests: float = 0.34
    timeout: float = 20.0
    whole_answer: float = 60.0
    attempts: int = 4
    first_pause: float = 1.0
    longest_pause: float = 60.0
    largest_answer: int = 8_000_000


@dataclass(frozen=True, kw_only=True)
class Access:
    """How the services are reached: shared by all of them.

    `contact` is a mail address that the services can write to when something goes wrong; `fresh_for` is the age up to
    which a cached answer is used instead of asking again.
    """

    contact: str | None = None
    cache: AnswerCache | None = None
    offline: bool = False
    limits: Limits = Limits()
    clock: Clock = field(default_factory=SystemClock)
    fresh_for: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        if self.contact is not None and not _CONTACT.fullmatch(self.contact):
            raise UsageError(
                f"The contact address {shorten(self.contact)!r} is no mail address. Give one such as name@example.org."
            )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A JSON object that a service answered, and when (UTC); `document` is None when it has no such record."""

    document: Mapping[str, Any] | None
    address: str
    fetched_at: datetime


class ServiceClient:
    """Asks one service. Not for several threads at once: the pauses are counted per client."""

    def __init__(self, name: str, base: str, access: Access) -> None:
        self.name = name
        self._base = _checked_base(name, base)
        self._access = access
        self._next_at = 0.0

    def another_form(self) -> ServiceError:
        """The error of an answer that lacks what its documentation promises."""
        return ServiceError(f"{self.name} answered in another form than it documents. Try again later.")

    def get(
        self, path: str, parameters: Mapping[str, str], *, polite: Mapping[str, str] | None = None, fresh: bool = False
    ) -> Answer:
        """The JSON object at base + path.

        Args:
            path: with everything in it that needs it already escaped.
            parameters: of the question; they and the address are what the cache knows the answer by.
            polite: further parameters that only say who asks.
            fresh: ask even if the cache has an answer that is young enough.

        Raises:
            ServiceError: there is no answer that can be used.
        """
        address = f"{self._base}{path}"
        cache, clock = self._access.cache, self._access.clock
        kept = None if cache is None else cache.read(address, parameters)
        young = kept is not None and clock.now() - kept.fetched_at <= self._access.fresh_for
        if kept is not None and (self._access.offline or (young and not fresh)):
            return Answer(
                document=self._object(kept.body) if kept.found else None, address=address, fetched_at=kept.fetched_at
            )
        if self._access.offline:
            raise ServiceError(
                f"{self.name} cannot be asked offline, and the cache has no answer to this question ({address}). "
                "Ask once with a network connection, or enter the citation by hand."
            )
        body = self._asked(address, {**parameters, **(polite or {})})
        document = None if body is None else self._object(body)
        fetched_at = clock.now()
        if cache is not None:
            answer = CachedAnswer(address=address, fetched_at=fetched_at, found=body is not None, body=body or "")
            cache.keep(answer, parameters)
        return Answer(document=document, address=address, fetched_at=fetched_at)

    def _asked(self, address: str, parameters: Mapping[str, str]) -> str | None:
        """The body of the answer, after as many attempts as it takes; None when there is no such record."""
        limits, clock = self._access.limits, self._access.clock
        reason = ""
        for attempt in range(limits.attempts):
            clock.sleep(max(0.0, self._next_at - clock.seconds()))
            self._next_at = clock.seconds() + limits.between_requests
            try:
                return self._once(address, parameters)
            except _AgainLaterError as error:
                reason = error.reason
                pause = limits.first_pause * 2**attempt if error.pause is None else error.pause
                if pause > limits.longest_pause:
                    raise ServiceError(
                        f"{self.name} asks to wait {pause:.0f} seconds before the next request ({reason}). {BY_HAND}"
                    ) from None
                if attempt + 1 < limits.attempts:
                    clock.sleep(pause)
        raise ServiceError(f"{self.name} could not be asked ({limits.attempts} attempts): {reason}. {BY_HAND}")

    def _once(self, address: str, parameters: Mapping[str, str]) -> str | None:
        trust = urlsplit(self._base).hostname not in _HOSTS_OF_THIS_MACHINE
        headers = {"User-Agent": self._user_agent(), "Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            with httpx.Client(timeout=self._access.limits.timeout, headers=headers, trust_env=trust) as client:
                url = httpx.URL(address, params=dict(parameters))
                for _ in range(_MOST_REDIRECTS + 1):
                    with client.stream("GET", url) as response:
                        if not response.is_redirect:
                            return self._body(response)
                        url = self._redirected(url, response)
        except httpx.TimeoutException:
            raise _AgainLaterError("it did not answer in time") from None
        except httpx.TransportError as error:
            raise _AgainLaterError(f"the connection failed: {shorten(str(error) or type(error).__name__)}") from None
        except (httpx.InvalidURL, httpx.HTTPError) as error:
            raise ServiceError(f"{self.name} could not be asked: {shorten(str(error))}. {BY_HAND}") from None
        raise ServiceError(f"{self.name} redirects in a circle. {BY_HAND}")

    def _user_agent(self) -> str:
        contact = self._access.contact
        return f"{TOOL}/{__version__}" + (f" (mailto:{contact})" if contact else "")

    def _redirected(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        target = url.join(response.headers.get("location", ""))
        if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
            place = f"{target.scheme}://{target.host}"
            raise ServiceError(f"{self.name} sends us to another place ({shorten(place)}); not followed. {BY_HAND}")
        return target

    def _body(self, response: httpx.Response) -> str | None:
        status = response.status_code
        if status in {404, 410}:
            return None
        if status in _TRY_AGAIN:
            raise _AgainLaterError(f"it answered with status {status}", self._asked_pause(response))
        if status != httpx.codes.OK:
            raise ServiceError(f"{self.name} refused the request with status {status}. {BY_HAND}")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if kind.endswith(("html", "xml")):
            raise ServiceError(
                f"{self.name} answered with {kind} instead of JSON; a proxy or a log-in page of the network may be in "
                f"between. {BY_HAND}"
            )
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ServiceError(f"{self.name} answered in a compressed form that was not asked for. {BY_HAND}")
        return self._read(response)

    def _read(self, response: httpx.Response) -> str:
        limits, clock = self._access.limits, self._access.clock
        ends_at = clock.seconds() + limits.whole_answer
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > limits.largest_answer:
                raise ServiceError(f"{self.name} answered with more than {limits.largest_answer} bytes. {BY_HAND}")
            if clock.seconds() > ends_at:
                raise _AgainLaterError("its answer did not end in time")
        text = content.decode("utf-8", errors="replace")
        # PubMed says so with status 200 as well as with 429.
        if "rate limit exceeded" in text[:300].casefold():
            raise _AgainLaterError("it was asked too often")
        return text

    def _asked_pause(self, response: httpx.Response) -> float | None:
        """Seconds of a Retry-After header, which holds a number or a date."""
        value = response.headers.get("retry-after", "").strip()
        if value.isdecimal() and value.isascii():
            return float(value[:9])
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max(0.0, (when - self._access.clock.now()).total_seconds())

    def _object(self, body: str) -> Mapping[str, Any]:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise ServiceError(
                f"{self.name} answered with something that is not complete JSON: {shorten(body.strip(), 60)!r}. "
                f"{BY_HAND}"
            ) from None
        if not isinstance(document, dict):
            raise ServiceError(f"{self.name} answered with JSON of another form than it documents. {BY_HAND}")
        return document


def _checked_base(name: str, base: str) -> str:
    """The address without a final slash; only https, and http on this machine itself (for tests and mirrors)."""
    parts = urlsplit(base)
    local = parts.hostname in _HOSTS_OF_THIS_MACHINE
    if not parts.hostname or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        raise UsageError(f"The address of {name} must begin with https://, unlike {shorten(base)!r}.")
    return base.rstrip("/")
