"""Publications as BibTeX in UTF-8, for biber and for every BibTeX since 8 bits.

Titles are in double braces, so that a style does not change their capitals. In addresses and identifiers nothing is
escaped but braces and backslashes, which are percent-encoded: styles print them verbatim.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from kratom_evidence.exports.csl import Entry, in_order, one_line, year

TYPES: Mapping[str, str] = {
    "article-journal": "article",
    "paper-conference": "inproceedings",
    "chapter": "incollection",
    "report": "techreport",
    "thesis": "phdthesis",
    "book": "book",
}
_CONTAINERS = {"article": "journal", "inproceedings": "booktitle", "incollection": "booktitle"}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {mark: f"\\{mark}" for mark in "&%$#_"}
_VERBATIM_BREAKERS = re.compile(r"[{}\\]")


def bibtex(entries: Iterable[Entry]) -> str:
    """The publications as the text of a .bib file, in the order of their citation keys."""
    return "\n".join(_entry(entry) for entry in in_order(entries))


def escaped(text: str) -> str:
    """The text in one line, with the characters escaped that mean something to LaTeX."""
    return "".join(_SPECIAL.get(character, character) for character in one_line(text))


def _entry(entry: Entry) -> str:
    kind = TYPES.get(str(entry["type"]), "misc")
    fields = {
        "author": " and ".join(_name(author) for author in entry.get("author", ())),
        "title": f"{{{escaped(entry['title'])}}}" if entry.get("title") else "",
        _CONTAINERS.get(kind, "howpublished"): escaped(entry.get("container-title", "")),
        "year": year(entry) or "",
        "volume": escaped(str(entry.get("volume", ""))),
        "number": escaped(str(entry.get("issue") or entry.get("number") or "")),
        "pages": re.sub(r"(?<=\w)[-–](?=\w)", "--", escaped(str(entry.get("page", "")))),
        "language": escaped(entry.get("language", "")),
        "doi": _verbatim(entry.get("DOI", "")),
        "pmid": _verbatim(entry.get("PMID", "")),
        "pmcid": _verbatim(entry.get("PMCID", "")),
        "url": _verbatim(entry.get("URL", "")),
        "note": escaped(entry.get("note", "")),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@{kind}{{{entry['id']},", *lines, "}", ""))


def _name(author: Mapping[str, str]) -> str:
    """Family name, given name; what must not be taken apart is in braces."""
    if "literal" in author:
        return f"{{{escaped(author['literal'])}}}"
    particle = author.get("non-dropping-particle") or author.get("dropping-particle") or ""
    family = _whole(author.get("family", ""))
    if not author.get("given") and " " in family and not family.startswith("{"):
        # Without a comma BibTeX takes the first of two words for a given name.
        family = f"{{{family}}}"
    parts = [
        f"{escaped(particle)} {family}".strip(),
        escaped(author.get("suffix", "")),
        _whole(author.get("given", "")),
    ]
    return ", ".join(part for part in parts if part)


def _whole(name: str) -> str:
    text = escaped(name)
    return f"{{{text}}}" if re.search(r",|\band\b", text) else text


def _verbatim(text: str) -> str:
    return _VERBATIM_BREAKERS.sub(lambda found: quote(found[0]), one_line(str(text)))
