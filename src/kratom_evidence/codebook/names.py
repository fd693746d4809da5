"""Reading one text of a cell: a category, a term of a vocabulary, a text of a given form, or free text."""

import re
from collections.abc import Callable
from typing import TypeAlias

from kratom_evidence.codebook.patterns import LONGEST_TEXT
from kratom_evidence.codebook.schema import Field
from kratom_evidence.codebook.values import CellProblem, Item, Problems, Vocabulary

ItemReader: TypeAlias = Callable[[str], tuple[Item, Problems]]
MOST_OPTIONS_SHOWN = 12


def name_reader(column: Field, vocabulary: Vocabulary | None) -> ItemReader:
    """The function that reads one text of a column: the whole cell, or one entry of a list."""
    allowed = vocabulary or (Vocabulary(names=frozenset(column.labels)) if column.categories else None)
    code = "C105" if vocabulary else "C104"
    pattern = re.compile(column.pattern) if column.pattern else None

    def read(text: str) -> tuple[Item, Problems]:
        if allowed is not None and text not in allowed.names:
            return text, (unlisted(text, code, column.title, allowed),)
        if pattern is not None and len(text) > LONGEST_TEXT:
            return text, (_too_long(text, column, LONGEST_TEXT),)
        if pattern is not None and not pattern.fullmatch(text):
            return text, (_malformed(text, column, pattern),)
        if column.max_length is not None and len(text) > column.max_length:
            return text, (_too_long(text, column, column.max_length),)
        return text, ()

    return read


def unlisted(text: str, code: str, title: str, allowed: Vocabulary) -> CellProblem:
    """The fault of a text that is not among the allowed values."""
    where = f"listed in {allowed.place}" if allowed.place else "one of the listed values"
    few = len(allowed.names) <= MOST_OPTIONS_SHOWN
    options = f" Allowed: {', '.join(sorted(allowed.names))}." if few else ""
    return CellProblem(
        code=code,
        value=text,
        why=f"{title} must be {where}; {text[:80]!r} is not.{options}",
        mend=f"Use a listed value, or {allowed.how_to_add}." if code == "C105" else "Use one of the listed values.",
        nearest=allowed.suggest(text),
    )


def _malformed(text: str, column: Field, pattern: re.Pattern[str]) -> CellProblem:
    return CellProblem(
        code="C108",
        value=text,
        why=f"{column.title} must have the form {column.pattern}.",
        mend=f"Write it in that form ({column.description.rstrip('.')}).",
        nearest=_well_formed(text, pattern),
    )


def _well_formed(text: str, pattern: re.Pattern[str]) -> str | None:
    """The same text in another case, without spaces, or without what stands around it, when that has the form."""
    variants = (text.upper(), text.lower(), re.sub(r"\s+", "_", text.lower()), re.sub(r"\s+", "", text))
    whole = next((variant for variant in variants if pattern.fullmatch(variant)), None)
    if whole is not None:
        return whole
    # An address such as https://doi.org/10.1000/xyz holds the identifier at its end.
    inside = pattern.search(text)
    return inside.group() if inside and "/" in text and text.endswith(inside.group()) else None


def _too_long(text: str, column: Field, longest: int) -> CellProblem:
    return CellProblem(
        code="C108",
        value=text,
        why=f"{column.title} must have at most {longest} characters; it has {len(text)}.",
        mend=f"Shorten it ({column.description.rstrip('.')}).",
    )
