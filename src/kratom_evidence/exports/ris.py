"""Publications as RIS, for EndNote, Zotero and Mendeley. AN holds the PubMed identifier, C2 that of PubMed Central."""

import re
from collections.abc import Iterable, Iterator, Mapping

from kratom_evidence.exports.csl import Entry, in_order, one_line, year

TYPES: Mapping[str, str] = {
    "article-journal": "JOUR",
    "paper-conference": "CPAPER",
    "chapter": "CHAP",
    "report": "RPRT",
    "thesis": "THES",
    "book": "BOOK",
    "webpage": "ELEC",
}
_RANGE = re.compile(r"(\w+)\s*[-–]\s*(\w+)")
_PLAIN = {
    "title": "TI",
    "container-title": "T2",
    "volume": "VL",
    "language": "LA",
    "DOI": "DO",
    "URL": "UR",
    "PMID": "AN",
    "PMCID": "C2",
    "note": "N1",
}


def ris(entries: Iterable[Entry]) -> str:
    """The publications as the text of an .ris file, in the order of their citation keys."""
    return "\n".join(_entry(entry) for entry in in_order(entries))


def _entry(entry: Entry) -> str:
    return "".join(f"{tag}  - {one_line(str(value))}\n" for tag, value in _lines(entry)) + "ER  - \n"


def _lines(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "TY", TYPES.get(str(entry["type"]), "GEN")
    yield "ID", str(entry["id"])
    for author in entry.get("author", ()):
        yield "AU", _name(author)
    published = year(entry)
    if published:
        yield "PY", published
    for name, tag in _PLAIN.items():
        if entry.get(name):
            yield tag, str(entry[name])
    issue = entry.get("issue") or entry.get("number")
    if issue:
        yield "IS", str(issue)
    if entry.get("page"):
        yield from _pages(str(entry["page"]))


def _name(author: Mapping[str, str]) -> str:
    if "literal" in author:
        return author["literal"]
    particle = author.get("non-dropping-particle") or author.get("dropping-particle") or ""
    family = f"{particle} {author.get('family', '')}".strip()
    parts = (family, author.get("given", ""), author.get("suffix", ""))
    return ", ".join(part for part in parts if part)


def _pages(text: str) -> Iterator[tuple[str, str]]:
    both = _RANGE.fullmatch(text)
    if both is None:
        yield "SP", text
    else:
        yield "SP", both[1]
        yield "EP", both[2]
