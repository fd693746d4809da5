"""Whether a publication is known already: included, excluded, waiting to be read, or found by the saved search."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kratom_evidence.dataset import Readings
from kratom_evidence.dataset.bibliography import publication_year
from kratom_evidence.dataset.needed_codebook import KEYS

Where = Literal["included", "excluded", "unread", "candidate"]
IDENTIFIERS = ("doi", "pmid", "pmcid")
# Two titles of one publication differ in punctuation, capitals and a subtitle; measured on sources.json, the most
# similar titles of different publications score below this (0-100).
LEAST_TITLE_SIMILARITY = 92.0
_SHORTEST_TITLE = 20
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class KnownPublication:
    """A publication of the project. `reason` says why it was excluded; `decision` is that on a candidate."""

    where: Where
    citekey: str
    title: str | None
    year: int | None
    identifiers: Mapping[str, str]
    reason: str | None = None
    decision: str | None = None


@dataclass(frozen=True, kw_only=True)
class Match:
    """A known publication that the new one seems to be, and what they share: `citekey`, an identifier, or `title`."""

    known: KnownPublication
    shared: str
    value: str


def known_publications(readings: Readings) -> tuple[KnownPublication, ...]:
    """Every publication that is included, excluded, unread, or a candidate of the saved search."""
    included = tuple(_included(entry) for entry in readings.bibliographies["sources"])
    excluded = tuple(_screened("excluded", row, reason=row.get("reason")) for row in _rows(readings, "excluded"))
    unread = tuple(_screened("unread", row) for row in _rows(readings, "unread"))
    candidates = tuple(
        _screened("candidate", row, reason=row.get("decision_reason")) for row in _rows(readings, "candidates")
    )
    return (*included, *excluded, *unread, *candidates)


def matches(citation: Mapping[str, str], known: tuple[KnownPublication, ...]) -> tuple[Match, ...]:
    """The known publications that share the key, an identifier, or nearly the title with the answers.

    One with the same title is not taken for the same when both years are stated and are more than one apart, or when
    both have the same kind of identifier and it differs.
    """
    found = (_match(citation, publication) for publication in known)
    return tuple(match for match in found if match is not None)


def _match(citation: Mapping[str, str], known: KnownPublication) -> Match | None:
    own = _identifiers_of(citation)
    for name, value in own.items():
        in_reason = name == "doi" and known.where == "excluded" and value in (known.reason or "").casefold()
        if known.identifiers.get(name) == value or in_reason:
            return Match(known=known, shared=name, value=citation[name])
    if citation.get("citekey") == known.citekey:
        return Match(known=known, shared="citekey", value=known.citekey)
    differs = any(known.identifiers.get(name, value) != value for name, value in own.items())
    if not differs and _same_title(citation, known):
        return Match(known=known, shared="title", value=str(known.title))
    return None


def one_publication(citation: Mapping[str, str], known: KnownPublication) -> bool:
    """Whether both may be one publication: they share an identifier, or none differs and the titles do not either.

    A title that is missing does not differ, nor does one without its subtitle.
    """
    without_key = {name: text for name, text in citation.items() if name != "citekey"}
    if _match(without_key, known) is not None:
        return True
    if any(known.identifiers.get(name, text) != text for name, text in _identifiers_of(citation).items()):
        return False
    titles = [" ".join(_words(title)) for title in (citation.get("title"), known.title) if title]
    shorter, longer = sorted(titles, key=len) if len(titles) > 1 else ("", "")
    return longer.startswith(shorter)


def _identifiers_of(citation: Mapping[str, str]) -> dict[str, str]:
    return {name: citation[name].casefold() for name in IDENTIFIERS if citation.get(name)}


def title_similarity(one: str, other: str) -> float:
    """How similar two titles are (0-100), whatever their punctuation and capitals."""
    from rapidfuzz import fuzz

    return float(fuzz.ratio(" ".join(_words(one)), " ".join(_words(other))))


def _same_title(citation: Mapping[str, str], known: KnownPublication) -> bool:
    title, year = citation.get("title", ""), citation.get("year", "")
    if known.title is None or min(len(title), len(known.title)) < _SHORTEST_TITLE:
        return bool(title) and title.casefold() == (known.title or "").casefold()
    if year.isdecimal() and known.year is not None and abs(int(year) - known.year) > 1:
        return False
    return title_similarity(title, known.title) >= LEAST_TITLE_SIMILARITY


def _words(title: str) -> list[str]:
    return _WORD.findall(title.casefold())


def _included(entry: Mapping[str, Any]) -> KnownPublication:
    identifiers = {name: str(entry[name.upper()]).casefold() for name in IDENTIFIERS if entry.get(name.upper())}
    return KnownPublication(
        where="included",
        citekey=str(entry["id"]),
        title=entry.get("title"),
        year=publication_year(entry),
        identifiers=identifiers,
    )


def _screened(where: Where, row: Mapping[str, Any], reason: str | None = None) -> KnownPublication:
    return KnownPublication(
        where=where,
        citekey=str(row["key"]),
        title=row.get("title"),
        year=row.get("year"),
        identifiers={name: str(row[name]).casefold() for name in IDENTIFIERS if row.get(name)},
        reason=reason,
        decision=row.get("decision"),
    )


def _rows(readings: Readings, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a table that have a key, with it under the name `key` too; none where the data have no such table."""
    table = readings.tables.get(name)
    columns = {} if table is None else dict(table.columns)
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        key = row.get(KEYS[name][0])
        if key:
            yield row | {"key": key}
