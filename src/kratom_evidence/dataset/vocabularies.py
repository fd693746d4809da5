"""The allowed values that the codebook takes from another table or from a bibliography."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from kratom_evidence.codebook import Codebook, CsvText, Field, Table, Vocabulary, tidied

VocabularySource: TypeAlias = Callable[[Field], Vocabulary | None]


def vocabulary_source(
    codebook: Codebook,
    texts: Mapping[str, CsvText],
    bibliographies: Mapping[str, tuple[dict[str, Any], ...]],
    faulty_files: Collection[str],
) -> VocabularySource:
    """The allowed values of a field that takes them from another table; None when that could not be read in full.

    A value that stands in a row that could not be read must not be called unknown.
    """
    known: dict[tuple[str, str], Vocabulary | None] = {}

    def vocabulary(column: Field) -> Vocabulary | None:
        if column.vocabulary is None:
            return None
        resource, name = column.vocabulary
        if column.vocabulary not in known:
            table = codebook.table(resource)
            if resource in bibliographies:
                entries = bibliographies[resource]
                readable = entries or table.path not in faulty_files
                known[column.vocabulary] = _keys(entries, table) if readable else None
            else:
                known[column.vocabulary] = _vocabulary_of(texts[resource], name, table)
        return known[column.vocabulary]

    return vocabulary


def _keys(entries: Sequence[Mapping[str, Any]], table: Table) -> Vocabulary:
    return Vocabulary(
        names=frozenset(str(entry["id"]) for entry in entries),
        place=table.path,
        how_to_add=f"add the publication to {table.path} first (CSL JSON, as Zotero exports it), with this key as id",
    )


def _vocabulary_of(text: CsvText, name: str, table: Table) -> Vocabulary | None:
    if name not in text.header or not text.complete or not text.rows:
        return None
    names = [tidied(cell) for cell in text.columns[text.header.index(name)]]
    synonyms: dict[str, str] = {}
    if "synonyms" in text.header:
        for term, others in zip(names, text.columns[text.header.index("synonyms")], strict=True):
            for synonym in others.split(";"):
                synonyms.setdefault(tidied(synonym).casefold(), term)
        synonyms.pop("", None)
    return Vocabulary(
        names=frozenset(names),
        synonyms=synonyms,
        place=table.path,
        how_to_add=f"add a new one to {table.path} first",
    )
