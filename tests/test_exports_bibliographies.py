"""The bibliographies, read back by programs that have nothing to do with this one."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import rispy  # type: ignore[import-untyped]
from pybtex.database import Person, parse_string  # type: ignore[import-untyped]

from kratom_evidence.exports.bibtex import bibtex, escaped
from kratom_evidence.exports.csl import csl_json
from kratom_evidence.exports.ris import ris

# What the CSL-JSON specification says of the parts that the project uses.
_NAME = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("family", "given", "literal", "suffix")},
    "additionalProperties": False,
}
_TEXTS = (
    "title", "container-title", "genre", "language", "page", "DOI", "PMID", "PMCID", "URL", "note",
)  # fmt: skip
CSL_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "properties": {
            "id": {"type": ["string", "number"]},
            "type": {"enum": ["article", "article-journal", "chapter", "paper-conference", "report", "webpage"]},
            "author": {"type": "array", "items": _NAME},
            "issued": {
                "type": "object",
                "properties": {"date-parts": {"type": "array", "items": {"type": "array", "maxItems": 3}}},
            },
            **{name: {"type": "string"} for name in _TEXTS},
            **{name: {"type": ["string", "number"]} for name in ("volume", "issue", "number")},
            "custom": {"type": "object"},
        },
        "additionalProperties": False,
    },
}
ODD: dict[str, Any] = {
    "id": "odd2020",
    "type": "article-journal",
    "title": "50 % of R&D: the $5 #1 case_report {braces} ~ ^ \\ naïve β-Ödem",
    "container-title": "Substance Use & Misuse",
    "author": [
        {"family": "de Persis", "given": "Séverine"},
        {"family": "Gogh", "given": "Vincent", "non-dropping-particle": "van"},
        {"literal": "Centers for Disease Control and Prevention"},
        {"family": "King", "given": "Martin", "suffix": "Jr"},
    ],
    "issued": {"date-parts": [[2020, 5]]},
    "page": "211-215",
    "DOI": "10.1000/a_b{c}",
    "PMID": "123",
    "PMCID": "PMC456",
}


@pytest.fixture(params=["sources.json", "context/sources.json"])
def entries(request: pytest.FixtureRequest, project_root: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((project_root / "data" / request.param).read_text(encoding="utf-8"))
    return found


def names(entry: dict[str, Any]) -> list[str]:
    return [author.get("family") or author["literal"] for author in entry.get("author", [])]


def plain(text: str) -> str:
    """What LaTeX prints for the escapes that are used."""
    for escape, character in (
        (r"\textbackslash{}", "\\"), (r"\textasciitilde{}", "~"), (r"\textasciicircum{}", "^"),
        *((f"\\{mark}", mark) for mark in "{}&%$#_"),
    ):  # fmt: skip
        text = text.replace(escape, character)
    return text


def surname(person: Person) -> str:
    return plain(" ".join([*person.prelast_names, *person.last_names])).strip("{}")


def test_pybtex_reads_every_publication(entries: list[dict[str, Any]]) -> None:
    read = parse_string(bibtex(entries), "bibtex").entries
    assert sorted(read) == sorted(entry["id"] for entry in entries)
    for entry in entries:
        found = read[entry["id"]]
        assert plain(found.fields.get("title", "{}")[1:-1]) == entry.get("title", "")
        assert [surname(person) for person in found.persons.get("author", [])] == names(entry)
        assert found.fields.get("doi") == entry.get("DOI")
        assert found.fields.get("pmid") == entry.get("PMID")
        assert found.fields.get("pmcid") == entry.get("PMCID")
        assert ("year" in found.fields) == ("issued" in entry)


def test_rispy_reads_every_publication(entries: list[dict[str, Any]]) -> None:
    read = {entry["id"]: entry for entry in rispy.loads(ris(entries))}
    assert sorted(read) == sorted(entry["id"] for entry in entries)
    for entry in entries:
        found = read[entry["id"]]
        assert found.get("title") == entry.get("title")
        assert [author.split(",")[0] for author in found.get("authors", [])] == names(entry)
        assert found.get("doi") == entry.get("DOI")
        assert found.get("accession_number") == entry.get("PMID")
        assert found.get("year") == (str(entry["issued"]["date-parts"][0][0]) if "issued" in entry else None)


def test_csl_json_is_that_of_the_data_in_order(entries: list[dict[str, Any]]) -> None:
    written = json.loads(csl_json(reversed(entries)))
    jsonschema.validate(written, CSL_SCHEMA)
    assert written == sorted(entries, key=lambda entry: str(entry["id"]))


def test_a_publication_with_everything_odd_in_bibtex() -> None:
    text = bibtex([ODD])
    found = parse_string(text, "bibtex").entries["odd2020"]
    assert r"{{50 \% of R\&D: the \$5 \#1 case\_report \{braces\}" in text
    assert plain(found.fields["title"][1:-1]) == ODD["title"]
    persons: Sequence[Person] = found.persons["author"]
    assert persons[0].prelast_names == ["de"] and persons[0].last_names == ["Persis"]
    assert persons[1].prelast_names == ["van"] and persons[1].last_names == ["Gogh"]
    assert surname(persons[2]) == "Centers for Disease Control and Prevention"
    assert persons[3].lineage_names == ["Jr"]
    assert found.fields["pages"] == "211--215"
    assert found.fields["doi"] == "10.1000/a_b%7Bc%7D"


def test_a_publication_with_everything_odd_in_ris() -> None:
    found = rispy.loads(ris([{**ODD, "note": "two\nlines"}]))[0]
    assert found["title"] == ODD["title"]
    assert found["authors"] == [
        "de Persis, Séverine", "van Gogh, Vincent", "Centers for Disease Control and Prevention", "King, Martin, Jr",
    ]  # fmt: skip
    assert (found["start_page"], found["end_page"]) == ("211", "215")
    assert found["notes"] == ["two lines"]


@pytest.mark.parametrize(
    ("kind", "in_bibtex", "in_ris"),
    [
        ("article-journal", "article", "JOUR"),
        ("paper-conference", "inproceedings", "CPAPER"),
        ("thesis", "phdthesis", "THES"),
        ("chapter", "incollection", "CHAP"),
        ("report", "techreport", "RPRT"),
        ("webpage", "misc", "ELEC"),
        ("article", "misc", "GEN"),
    ],
)
def test_kinds_of_publication(kind: str, in_bibtex: str, in_ris: str) -> None:
    entry = {"id": "x", "type": kind, "title": "T"}
    assert parse_string(bibtex([entry]), "bibtex").entries["x"].type == in_bibtex
    assert rispy.loads(ris([entry]))[0]["type_of_reference"] == in_ris


def test_what_was_not_seen_is_not_made_up() -> None:
    bare = {"id": "anon", "type": "article"}
    assert bibtex([bare]) == "@misc{anon,\n}\n"
    assert ris([bare]) == "TY  - GEN\nID  - anon\nER  - \n"


def test_a_family_name_of_two_words_without_a_given_name_stays_whole() -> None:
    entry = {"id": "x", "type": "article", "author": [{"family": "De Francesco"}, {"family": "Li"}]}
    assert "author = {{De Francesco} and Li}" in bibtex([entry])


def test_braces_do_not_open_what_they_do_not_close() -> None:
    assert escaped("a}b{") == r"a\}b\{"
