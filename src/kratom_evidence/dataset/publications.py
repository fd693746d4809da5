"""The publications as a table: links, authors and short references."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from kratom_evidence.dataset.bibliography import FORMS, publication_year

_SOURCE_COLUMNS = [
    "citekey", "type", "genre", "title", "authors", "year", "container", "volume", "issue", "page", "language",
    "doi", "pmid", "pmcid", "url", "link", "short_reference", "note",
]  # fmt: skip


def sources_frame(entries: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row per publication, indexed by `citekey`; what was not seen is missing.

    Columns: type, genre, title, authors, year, container, volume, issue, page, language, doi, pmid, pmcid, url,
    link (the best address: DOI, PubMed, PubMed Central, URL), short_reference ("Brooks 2023"), note.
    """
    records = [_record(entry) for entry in entries]
    frame = pd.DataFrame(records, columns=_SOURCE_COLUMNS)
    frame["year"] = frame["year"].astype("Int64")
    return frame.set_index("citekey").sort_index()


def _record(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = [str(author.get("family") or author.get("literal")) for author in entry.get("author", [])]
    return {
        "citekey": entry["id"],
        "type": entry.get("type"),
        "genre": entry.get("genre"),
        "title": entry.get("title"),
        "authors": ", ".join(_author(author) for author in entry.get("author", [])) or None,
        "year": publication_year(entry),
        "container": entry.get("container-title"),
        **{name: entry.get(name) for name in ("volume", "issue", "page", "language", "note")},
        "doi": entry.get("DOI"),
        "pmid": entry.get("PMID"),
        "pmcid": entry.get("PMCID"),
        "url": entry.get("URL"),
        "link": link(entry),
        "short_reference": _short_reference(names, entry),
    }


def _author(author: Mapping[str, str]) -> str:
    return author.get("literal") or " ".join(part for part in (author.get("family"), author.get("given")) if part)


def _short_reference(names: list[str], entry: Mapping[str, Any]) -> str:
    year = publication_year(entry)
    when = str(year) if year is not None else "year not seen"
    if not names:
        return f"Authors not seen, {when}"
    if len(names) == 1:
        return f"{names[0]}, {when}"
    return f"{names[0]} and {names[1]}, {when}" if len(names) == 2 else f"{names[0]} et al., {when}"


def link(entry: Mapping[str, Any]) -> str | None:
    """The best address of a publication, or None. Only addresses of a checked form are given out."""
    for name, prefix in (
        ("DOI", "https://doi.org/"),
        ("PMID", "https://pubmed.ncbi.nlm.nih.gov/"),
        ("PMCID", "https://pmc.ncbi.nlm.nih.gov/articles/"),
        ("URL", ""),
    ):
        value = entry.get(name)
        if isinstance(value, str) and FORMS[name][0].fullmatch(value):
            return prefix + value
    return None
