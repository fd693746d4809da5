"""The headings of a page put in order: one of level 1, no level left out, an anchor on each."""

import re
import unicodedata
from dataclasses import dataclass
from html import unescape

_HEADING = re.compile(
    r"<h(?P<level>[1-6])(?P<attributes>(?:\s[^>]*)?)>(?P<inner>.*?)</h(?P=level)\s*>", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<(?P<closing>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?:\"[^\"]*\"|'[^']*'|[^\"'>])*>")
_ID = re.compile(r"""\sid=(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
# Elements that have no closing tag.
VOID = frozenset({"br", "col", "hr", "img", "input", "meta", "wbr"})
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
    there is none. The fragment is what the exporter makes of a notebook: each heading is closed by its own tag.
    """
    title, fragment = _without_title(fragment)
    taken: set[str] = set()
    headings: list[Heading] = []

    def in_order(match: "re.Match[str]") -> str:
        above = headings[-1].level if headings else 1
        level = min(max(int(match["level"]), 2), above + 1)
        text = _text(match["inner"])
        heading = Heading(level=level, text=text, anchor=_anchor(text, taken))
        headings.append(heading)
        attributes = _ID.sub("", match["attributes"])
        return f'<h{level}{attributes} id="{heading.anchor}">{match["inner"]}</h{level}>'

    ordered = _HEADING.sub(in_order, fragment)
    lead, rest = _split(ordered)
    listed = tuple(heading for heading in headings if heading.level <= _DEEPEST_LISTED)
    return Outlined(title=title or fallback_title, lead=lead, rest=rest, headings=listed)


def _without_title(fragment: str) -> tuple[str, str]:
    """The text of the first heading of level 1, "" where there is none, and the fragment without it."""
    found = next((match for match in _HEADING.finditer(fragment) if match["level"] == "1"), None)
    if found is None:
        return "", fragment
    return _text(found["inner"]), fragment[: found.start()] + fragment[found.end() :]


def _text(html: str) -> str:
    """What is read of the HTML within a heading."""
    return " ".join(unescape(_TAG.sub("", html)).split())


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


def _split(fragment: str) -> tuple[str, str]:
    """What stands before and from the top-level element that holds the first heading."""
    first = _HEADING.search(fragment)
    if first is None:
        return fragment, ""
    depth, top = 0, 0
    for tag in _TAG.finditer(fragment, 0, first.end()):
        name = tag["name"].lower()
        if tag["closing"]:
            depth = max(0, depth - 1)
        elif name not in VOID and not tag[0].endswith("/>"):
            top = tag.start() if depth == 0 else top
            depth += 1
        if tag.start() >= first.start():
            break
    return fragment[:top], fragment[top:]
