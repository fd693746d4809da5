"""The citation of a new publication: what is asked about it, and its entry in sources.json (CSL-JSON)."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from kratom_evidence.codebook import Category, CellProblem, Field, Table, cell_reader
from kratom_evidence.dataset.bibliography import FORMS, publication_year

_INITIALS = re.compile(r"[^\W\d_a-z](?:[.\-\s]?[^\W\d_a-z])*\.?")
_KEY = r"[a-z][a-z0-9_]*"


def _field(name: str, title: str, description: str, **more: Any) -> Field:
    return Field(name=name, title=title, description=description, group="Publication", **more)


def _values(**labels: str) -> tuple[Category, ...]:
    return tuple(Category(value=value.replace("__", "-"), label=label) for value, label in labels.items())


CITATION = Table(
    name="citation",
    path="sources.json",
    title="Publication",
    description="The publication that describes the case.",
    format="json",
    fields=(
        _field("title", "Title", "Title as printed.", required=True, max_length=500),
        _field(
            "authors",
            "Authors",
            "Family name and initials of each author, as PubMed shows them: Brooks A; van der Berg CD. "
            "An institution is written by its name.",
            list_kind="plain",
        ),
        _field("year", "Year", "Year of publication.", type="integer", minimum=1900, maximum=2100),
        _field("journal", "Journal", "Journal, book or meeting."),
        _field("volume", "Volume", "Volume."),
        _field("issue", "Issue", "Issue."),
        _field("page", "Pages", "Pages or article number, such as 211-215 or e6588."),
        _field("doi", "DOI", "Digital Object Identifier, without https://doi.org/.", pattern=FORMS["DOI"][0].pattern),
        _field("pmid", "PMID", "PubMed identifier: digits only.", pattern=FORMS["PMID"][0].pattern),
        _field("pmcid", "PMCID", "PubMed Central identifier: PMC and digits.", pattern=FORMS["PMCID"][0].pattern),
        _field("url", "Address", "Address of the publication, where it has no DOI.", pattern=FORMS["URL"][0].pattern),
        _field(
            "type",
            "Type",
            "Type of the publication in CSL-JSON.",
            required=True,
            categories=_values(
                article__journal="Article in a journal",
                paper__conference="Paper or abstract of a meeting",
                article="Other",
            ),
        ),
        _field(
            "genre",
            "Kind",
            "Kind of report.",
            required=True,
            categories=_values(
                case_report="Case report",
                case_series="Case series",
                conference_abstract="Abstract of a meeting",
                letter="Letter",
                forensic_report="Forensic report",
                other="Other",
            ),
        ),
        _field("language", "Language", "Language of the text, two letters.", pattern="[a-z]{2}"),
        _field("publication_note", "Note", "What the reader should know about the citation."),
        _field(
            "citekey",
            "Citation key",
            "First author and year in small letters, such as brooks2023. Left out, one is made.",
            pattern=_KEY,
            max_length=36,
        ),
    ),
)
_CSL = {
    "title": "title", "journal": "container-title", "volume": "volume", "issue": "issue", "page": "page",
    "language": "language", "doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "url": "URL", "publication_note": "note",
}  # fmt: skip
# As the entries of sources.json are ordered.
_ORDER = (
    "title", "authors", "journal", "volume", "issue", "page", "language", "year", "doi", "pmid", "pmcid", "url",
    "publication_note",
)  # fmt: skip
DEFAULTS: Mapping[str, str] = {"type": "article-journal", "genre": "case_report", "language": "en"}


def citation_problems(citation: Mapping[str, str]) -> tuple[tuple[str, CellProblem], ...]:
    """What is wrong with the answers about the publication, each with the name of its field."""
    complete = {**DEFAULTS, **{name: text for name, text in citation.items() if text}}
    return tuple(
        (field.name, problem)
        for field in CITATION.fields
        for problem in cell_reader(field)(complete.get(field.name, "")).problems
    )


def csl_entry(citation: Mapping[str, str], citekey: str) -> dict[str, Any]:
    """The entry of the publication in CSL-JSON; what was not given is left out."""
    given = {**DEFAULTS, **{name: text for name, text in citation.items() if text}}
    entry: dict[str, Any] = {"id": citekey, "type": given["type"], "genre": given["genre"]}
    for name in (name for name in _ORDER if name in given):
        if name == "authors":
            entry["author"] = [_author(text.strip()) for text in given[name].split(";") if text.strip()]
        elif name == "year":
            entry["issued"] = {"date-parts": [[int(given[name])]]}
        else:
            entry[_CSL[name]] = given[name]
    return entry


def citation_answers(entry: Mapping[str, Any]) -> dict[str, str]:
    """The answers that an entry in CSL-JSON gives; the reverse of `csl_entry`."""
    answers = {name: " ".join(str(entry[csl]).split()) for name, csl in _CSL.items() if entry.get(csl)}
    year = publication_year(entry)
    if year is not None:
        answers["year"] = str(year)
    names = [_author_text(author) for author in entry.get("author", []) if isinstance(author, Mapping)]
    if any(names):
        answers["authors"] = "; ".join(name for name in names if name)
    fields = CITATION.by_name
    answers |= {name: str(entry[name]) for name in ("type", "genre") if entry.get(name) in fields[name].labels}
    return answers


def proposed_citekey(citation: Mapping[str, str], taken: Collection[str]) -> str | None:
    """A free key of first author and year, such as brooks2023 or brooks2023b; None when the author is unknown."""
    names = [text.strip() for text in citation.get("authors", "").split(";") if text.strip()]
    if not names:
        return None
    author = _author(names[0])
    family = unicodedata.normalize("NFKD", str(author.get("family") or author.get("literal"))).casefold()
    stem = re.sub(r"[^a-z]", "", family)[:24]
    if not stem:
        return None
    base = f"{stem}{citation.get('year', '')}"
    letters = ("", *"bcdefghijklmnopqrstuvwxyz", *(f"_{number}" for number in range(2, 1000)))
    return next((base + letter for letter in letters if base + letter not in taken), None)


def _author(text: str) -> dict[str, str]:
    family, comma, given = text.partition(",")
    if comma and family.strip() and given.strip():
        return {"family": family.strip(), "given": given.strip()}
    family, _, initials = text.rpartition(" ")
    if family and _INITIALS.fullmatch(initials) and len(initials) <= 6:
        return {"family": family.strip(), "given": initials}
    return {"literal": text}


def _author_text(author: Mapping[str, Any]) -> str:
    if author.get("literal"):
        return str(author["literal"]).replace(";", ",")
    family = " ".join(str(part) for part in (author.get("non-dropping-particle"), author.get("family")) if part)
    given = str(author.get("given") or "")
    text = (
        f"{family} {given}"
        if _INITIALS.fullmatch(given) and len(given) <= 6 and " " not in given
        else f"{family}, {given}"
    )
    return (text if given else family).replace(";", ",").strip()
