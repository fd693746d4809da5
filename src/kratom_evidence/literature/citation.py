"""What a service says about one publication, cleaned, and the same as an entry of a CSL-JSON bibliography."""

import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from kratom_evidence.literature.identifiers import Identifier

# Crossref keeps the mark-up of titles (JATS faces, MathML), and some publishers escape it once more.
_TAG = re.compile(r"</?[A-Za-z][\w:-]{0,30}(?:\s[^<>]{0,300})?/?>")
_ESCAPED_TWICE = 2
_LONGEST_TEXT = 1000
# Two titles are one publication's from here on (0-100): a subtitle left out or a word misspelt still passes, two
# case reports of different patients under similar titles do not.
LEAST_TITLE_SIMILARITY = 90.0
_SHORTEST_TITLE = 12


@dataclass(frozen=True, kw_only=True)
class Author:
    """A person (`family`, `given`) or a group (`literal`)."""

    family: str | None = None
    given: str | None = None
    literal: str | None = None

    @property
    def short(self) -> str:
        """The family name, or the name of the group."""
        return self.family or self.literal or ""


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A publication as one service describes it. What the service does not say is None.

    `service`, `retrieved_from` and `fetched_on` say where the facts come from. `publication_types` are the service's
    own words ("Case Reports", "Retracted Publication"). `type` is a CSL type.
    """

    service: str
    retrieved_from: str
    fetched_on: date
    type: str = "article-journal"
    title: str | None = None
    authors: tuple[Author, ...] = ()
    year: int | None = None
    container_title: str | None = None
    volume: str | None = None
    issue: str | None = None
    page: str | None = None
    language: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None
    publication_types: tuple[str, ...] = ()

    def identified_by(self, identifier: Identifier) -> bool:
        """Whether the service says that this is the publication with that identifier."""
        return identifier.same_as({"doi": self.doi, "pmid": self.pmid, "pmcid": self.pmcid}[identifier.kind])

    def csl(self, citekey: str, *, genre: str | None = None) -> dict[str, Any]:
        """The entry for sources.json under that key: same fields and order as the others, without empty ones."""
        entry: dict[str, Any] = {
            "id": citekey,
            "type": self.type,
            "genre": genre,
            "title": self.title,
            "author": [_csl_author(author) for author in self.authors],
            "container-title": self.container_title,
            "volume": self.volume,
            "issue": self.issue,
            "page": self.page,
            "language": self.language,
            "issued": None if self.year is None else {"date-parts": [[self.year]]},
            "DOI": self.doi,
            "PMID": self.pmid,
            "PMCID": self.pmcid,
            "URL": None if self.doi else self.url,
        }
        return {name: value for name, value in entry.items() if value}

    @property
    def origin(self) -> str:
        """Where the facts come from, in words."""
        return f"{self.service}, {self.fetched_on.isoformat()}, {self.retrieved_from}"


def _csl_author(author: Author) -> dict[str, str]:
    parts = {"family": author.family, "given": author.given, "literal": author.literal}
    return {name: value for name, value in parts.items() if value}


def plain_text(value: object) -> str | None:
    """A text of a service without mark-up, entities, characters that cannot be seen and double spaces; None if empty.

    Spreadsheets run a cell that begins with = + - or @ as a formula, so these are removed from the beginning.
    """
    if not isinstance(value, str):
        return None
    text = value[: 10 * _LONGEST_TEXT]
    for _ in range(_ESCAPED_TWICE):
        text = html.unescape(_TAG.sub("", text))
    text = _TAG.sub("", text)
    spaced = "".join(" " if unicodedata.category(letter) in {"Zs", "Zl", "Zp", "Cc"} else letter for letter in text)
    seen = "".join(letter for letter in spaced if unicodedata.category(letter) not in {"Cf", "Cs", "Co", "Cn"})
    clean = unicodedata.normalize("NFC", " ".join(seen.split()))
    return clean[:_LONGEST_TEXT].lstrip("=+-@ ").rstrip() or None


@lru_cache(maxsize=20_000)
def comparable_title(title: str) -> str:
    """A title in small letters, without accents, punctuation and double spaces."""
    decomposed = unicodedata.normalize("NFKD", title.casefold())
    letters = "".join(letter if letter.isalnum() else " " for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(letters.split())


def title_agrees(first: str | None, second: str | None) -> bool:
    """Whether two titles are probably those of one publication; False when one of them is missing.

    Compared without case, accents, punctuation and order of words. A title that is the other without its subtitle
    agrees too, if it is long enough to mean anything.
    """
    from rapidfuzz import fuzz

    if not first or not second:
        return False
    one, other = comparable_title(first), comparable_title(second)
    if not one or not other:
        return False
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 2 * _SHORTEST_TITLE and longer.startswith(f"{shorter} "):
        return True
    if len(shorter) < _SHORTEST_TITLE:
        return one == other
    return bool(fuzz.token_sort_ratio(one, other) >= LEAST_TITLE_SIMILARITY)
