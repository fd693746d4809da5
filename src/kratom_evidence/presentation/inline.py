"""Pieces of text that are safe to put into a page: escaping, links and verdict badges."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

# Characters that no page may hold: controls, and lone surrogates, which cannot be written as UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FRAGMENT = r"#[A-Za-z][A-Za-z0-9_.-]*"
# A page of the same site: folders and a file name of plain characters, no scheme, no host, no query.
_SITE_PAGE = re.compile(
    rf"(?:\.\./)*(?:[A-Za-z0-9_][A-Za-z0-9_.=+-]*/)*[A-Za-z0-9_][A-Za-z0-9_.=+-]*\.html(?:{_FRAGMENT})?"
)
_VERDICT_SYMBOLS = {
    "supported": "✓",
    "supported_with_limits": "◐",
    "not_supported": "○",
    "contradicted": "✗",
    "not_testable_with_case_reports": "–",
}
_PLAIN_NAME = re.compile(r"[a-z0-9_]+")


def clean_text(text: str) -> str:
    """The text without characters that a page cannot hold; each is replaced by U+FFFD, so that the loss is seen."""
    return _UNPRINTABLE.sub(_REPLACEMENT, text)


def escape(text: str) -> str:
    """The text for use in HTML, between tags or in a quoted attribute."""
    return html.escape(clean_text(text), quote=True)


def is_safe_href(href: str) -> bool:
    """Whether a link may lead there: http(s) with a host, a place on the same page, or a page of the same site."""
    if re.fullmatch(_FRAGMENT, href) or _SITE_PAGE.fullmatch(href):
        return True
    if re.search(r"[\s\\\"'<>`]", href) or _UNPRINTABLE.search(href):
        return False
    try:
        parts = urlsplit(href)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


@runtime_checkable
class Inline(Protocol):
    """Something that stands inside a line of text or a table cell and knows both its forms."""

    def html(self) -> str:
        """The form for a page, escaped."""

    def plain(self) -> str:
        """The form for a terminal and for comparison."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link; one that leads anywhere but http(s) or this site (such as javascript:) is shown as its text only."""

    text: str
    href: str

    def html(self) -> str:
        if not is_safe_href(self.href):
            return escape(self.text)
        return f'<a href="{escape(self.href)}">{escape(self.text)}</a>'

    def plain(self) -> str:
        return clean_text(self.text)


def linked_text(text: str, address: object) -> str | Link:
    """The text as a link where an address is known (missing: the text alone)."""
    return Link(text=text, href=address) if isinstance(address, str) else text


@dataclass(frozen=True, kw_only=True)
class VerdictBadge:
    """A verdict in one or two words with a symbol, so that it is told by more than colour."""

    verdict: str
    label: str

    @property
    def symbol(self) -> str:
        return _VERDICT_SYMBOLS.get(self.verdict, "?")

    @property
    def css_class(self) -> str:
        known = _PLAIN_NAME.fullmatch(self.verdict) is not None
        return f"verdict verdict-{self.verdict.replace('_', '-')}" if known else "verdict"

    def html(self) -> str:
        symbol = f'<span class="verdict-symbol" aria-hidden="true">{self.symbol}</span>'
        return f'<span class="{self.css_class}">{symbol} {escape(self.label)}</span>'

    def plain(self) -> str:
        return f"{self.symbol} {clean_text(self.label)}"


InlineText = str | Inline | Sequence[str | Inline]


def inline_html(content: InlineText) -> str:
    """HTML of a text, a link or a sequence of them."""
    if isinstance(content, str):
        return escape(content)
    if isinstance(content, Inline):
        return content.html()
    return "".join(inline_html(part) for part in content)


def inline_plain(content: InlineText) -> str:
    """Plain text of a text, a link or a sequence of them."""
    if isinstance(content, str):
        return clean_text(content)
    if isinstance(content, Inline):
        return content.plain()
    return "".join(inline_plain(part) for part in content)
