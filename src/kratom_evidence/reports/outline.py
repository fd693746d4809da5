"""The headings of a page put in order: one of level 1, no level left out, an anchor on each."""

import re
import unicodedata
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

_HEADINGS = re.compile(r"^h[1-6]$")
_DEEPEST_LISTED = 3


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading below the title, for the table of contents."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Outlined:
    """The content of a page in two parts: `lead` is what stands before the first heading below the title."""

    title: str
    lead: str
    rest: str
    headings: tuple[Heading, ...]


def outlined(fragment: str, *, fallback_title: str) -> Outlined:
    """The fragment with its headings in order.

    The first heading of level 1 becomes the title and is taken out; others are lowered. `fallback_title` is used when
    there is none.
    """
    soup = BeautifulSoup(fragment, features="html.parser")
    title = _take_title(soup) or fallback_title
    found = soup.find_all(_HEADINGS)
    taken: set[str] = set()
    headings = []
    level = 1
    for tag in found:
        level = min(max(int(tag.name[1]), 2), level + 1)
        tag.name = f"h{level}"
        text = " ".join(tag.get_text().split())
        anchor = _anchor(text, taken)
        tag.attrs["id"] = anchor
        headings.append(Heading(level=level, text=text, anchor=anchor))
    lead, rest = _split(soup, found[0] if found else None)
    listed = tuple(heading for heading in headings if heading.level <= _DEEPEST_LISTED)
    return Outlined(title=title, lead=lead, rest=rest, headings=listed)


def _take_title(soup: BeautifulSoup) -> str | None:
    tag = soup.find("h1")
    if tag is None:
        return None
    text = " ".join(tag.get_text().split())
    tag.decompose()
    return text or None


def _anchor(text: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    base = words if words[:1].isalpha() else f"section-{words}".rstrip("-")
    anchor, number = base, 1
    while anchor in taken:
        number += 1
        anchor = f"{base}-{number}"
    taken.add(anchor)
    return anchor


def _split(soup: BeautifulSoup, first: Tag | None) -> tuple[str, str]:
    """What stands before and from the top-level element that holds the first heading."""
    if first is None:
        return str(soup), ""
    top = first
    while top.parent is not None and top.parent is not soup:
        top = top.parent
    children = list(soup.children)
    position = next(number for number, child in enumerate(children) if child is top)
    return "".join(map(str, children[:position])), "".join(map(str, children[position:]))
