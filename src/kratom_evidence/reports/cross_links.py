"""Links between pages: names of cases, substances, drug classes and publications in a page's text become links.

One pass over the finished HTML, so that no table has to know of it. What is linked, and how often:

- a case: in running text its first mention under each heading; in a table the cell that heads a row, and otherwise
  its first mention in that table;
- a substance that a case lists: the same, but in tables only;
- a drug class: in tables, where a cell under (or beside) the heading "Class" holds exactly its name, once a table;
- a publication: in tables, where a cell holds exactly its short reference and no other publication has the same one.

A table with many links is preceded by a link that leads past it, so that the keyboard need not go through all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from kratom_evidence.dataset import Dataset
from kratom_evidence.presentation.inline import escape, is_safe_href
from kratom_evidence.reports.navigation import address_from
from kratom_evidence.reports.slugs import slugs

# From here on a table can be skipped by keyboard.
MANY_LINKS = 8
CLASS_HEADING = "Class"
_TAG = re.compile(r"(<[^>]*>)")
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
# Within these nothing is linked: it is no text of the page, a link already, or what the rest belongs to.
_CLOSED = frozenset(
    {"a", "button", "caption", "code", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "style", "summary"}
)
_TABLE = re.compile(r'(?:<div class="wide"[^>]*>\s*)?<table\b.*?</table>(?:\s*</div>)?', re.DOTALL)
_SECTION = re.compile(r"h[1-6]")
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class SiteLinks:
    """What can be linked: a case, a substance or the label of a class -> its page below the folder of reports.

    `publications` maps a short reference that only one publication has to its DOI, PubMed or other address.
    """

    cases: Mapping[str, str] = field(default_factory=dict)
    substances: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    publications: Mapping[str, str] = field(default_factory=dict)


NO_LINKS = SiteLinks()


def site_links(dataset: Dataset) -> SiteLinks:
    """The pages of the whole site: every case, and each substance and class that a case lists."""
    listed = sorted(set(dataset.co_exposures["substance"]))
    files = slugs(dataset.substances.index)
    labels = dataset.codebook.table("substances").field("drug_class").labels
    classes = slugs(sorted(set(dataset.co_exposures["drug_class"])))
    references = dataset.sources["short_reference"]
    single = dataset.sources[~references.duplicated(keep=False) & dataset.sources["link"].notna()]
    return SiteLinks(
        cases={str(name): f"cases/{name}.html" for name in dataset.cases.index},
        substances={str(name): f"substances/{files[name]}.html" for name in listed},
        classes={labels[name]: f"classes/{file}.html" for name, file in classes.items()},
        publications=dict(zip(single["short_reference"], single["link"], strict=True)),
    )


def cross_linked(html: str, links: SiteLinks, *, address: str) -> str:
    """The HTML of the page at `address`, with its text linked; never to the page itself."""
    parts: list[str] = []
    position = 0
    seen: set[str] = set()
    for number, found in enumerate(_TABLE.finditer(html)):
        parts.append(_linked_text(html[position : found.start()], links, address, seen))
        parts.append(_skippable(_linked_table(found[0], links, address), number))
        position = found.end()
    parts.append(_linked_text(html[position:], links, address, seen))
    return "".join(parts)


def _linked_text(html: str, links: SiteLinks, address: str, seen: set[str]) -> str:
    """Running text; `seen` holds what is linked under the present heading."""
    pieces = []
    pattern = _pattern(tuple(links.cases))
    for piece, within in _pieces(html):
        if piece.startswith("<"):
            if _SECTION.fullmatch(_name(piece)):
                seen.clear()
            pieces.append(piece)
        else:
            pieces.append(piece if within & _CLOSED else _tokens(piece, pattern, links.cases, address, seen))
    return "".join(pieces)


def _linked_table(html: str, links: SiteLinks, address: str) -> str:
    named = {**links.cases, **links.substances}
    if not any(name in html for name in chain(named, links.classes, links.publications)):
        return html
    pattern = _pattern(tuple(named))
    seen: set[str] = set()
    headings: list[str] = []
    pieces, column, row_heading, heads_row = [], -1, "", False
    for piece, within in _pieces(html):
        if piece.startswith("<"):
            name = _name(piece)
            column = -1 if name == "tr" else column
            if name in {"td", "th"} and not piece.startswith("</"):
                column, heads_row = column + 1, 'scope="row"' in piece
            pieces.append(piece)
            continue
        if "thead" in within and "th" in within:
            headings.append(piece.strip())
        elif within & {"td", "th"} and not within & _CLOSED:
            heading = headings[column] if column < len(headings) else ""
            whole = _whole_cell(piece, links, address, seen, is_class=CLASS_HEADING in {heading, row_heading})
            if heads_row:
                row_heading = piece.strip()
            pieces.append(whole or _tokens(piece, pattern, named, address, set() if heads_row else seen))
            continue
        pieces.append(piece)
    return "".join(pieces)


def _whole_cell(text: str, links: SiteLinks, address: str, seen: set[str], *, is_class: bool) -> str | None:
    """The link of a cell that holds the name of a class or a publication and nothing else; None for any other."""
    href = links.publications.get(text)
    if href is not None and is_safe_href(href):
        return f'<a href="{escape(href)}">{text}</a>'
    target = links.classes.get(text) if is_class else None
    if target is None or target == address or text in seen:
        return None
    seen.add(text)
    return f'<a href="{address_from(address, target)}">{text}</a>'


def _tokens(
    text: str, pattern: "re.Pattern[str] | None", targets: Mapping[str, str], address: str, seen: set[str]
) -> str:
    """The text with the first mention of each name linked that is not in `seen`, which it adds to."""

    def linked(match: "re.Match[str]") -> str:
        name = match[0]
        if name in seen or targets[name] == address:
            return name
        seen.add(name)
        return f'<a href="{address_from(address, targets[name])}">{name}</a>'

    return text if pattern is None else pattern.sub(linked, text)


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> "re.Pattern[str] | None":
    """Whole names only, longest first: no part of a longer word, of a file name or of an address."""
    plain = sorted((name for name in names if escape(name) == name), key=len, reverse=True)
    if not plain:
        return None
    either = "|".join(map(re.escape, plain))
    return re.compile(rf"(?<![\w/@.:=&#-])(?:{either})(?![\w@/=-]|[.:]\w)")


def _skippable(table: str, number: int) -> str:
    """The table, with a link past it when it has many links."""
    if table.count("<a href=") < MANY_LINKS:
        return table
    anchor = f"after-table-{number + 1}"
    caption = _CAPTION.search(table)
    words = f"Skip the table: {caption[1]}" if caption else "Skip the table"
    return f'<a class="skip-table" href="#{anchor}">{words}</a>\n{table}\n<span id="{anchor}" tabindex="-1"></span>'


def _pieces(html: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Tags and the texts between them, each with the names of the elements that it stands in."""
    open_elements: list[str] = []
    within: frozenset[str] = frozenset()
    for piece in _TAG.split(html):
        if not piece:
            continue
        if piece.startswith("<"):
            name = _name(piece)
            if piece.startswith("</"):
                if name in open_elements:
                    del open_elements[len(open_elements) - 1 - open_elements[::-1].index(name) :]
            elif name and name not in _VOID and not piece.endswith("/>"):
                open_elements.append(name)
            within = frozenset(open_elements)
        yield piece, within


_VOID = frozenset({"br", "hr", "img", "meta", "input", "wbr"})


def _name(piece: str) -> str:
    found = _TAG_NAME.match(piece)
    return found[1].lower() if found else ""
