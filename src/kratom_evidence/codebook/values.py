"""What a cell can hold, and what can be wrong with it.

A list cell has three states (contract): values separated by `; `, the word `none` (the publication says that there
were none) or empty (the publication, or the part that was read, does not say). They are read as a tuple, as the
empty tuple and as None. "Not stated" is never turned into "absent".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

from kratom_evidence.nearest import nearest_name

NONE_WORD = "none"
SEPARATOR = "; "


@dataclass(frozen=True, kw_only=True, order=True)
class CoExposure:
    """Another substance besides kratom; `evidence` and `timing` are values of the codebook's categories."""

    substance: str
    evidence: str
    timing: str
    dose_text: str | None = None

    def __str__(self) -> str:
        detail = "" if self.dose_text is None else f": {self.dose_text}"
        return f"{self.substance} [{self.evidence}, {self.timing}{detail}]"


Item: TypeAlias = str | CoExposure
Value: TypeAlias = str | int | float | tuple[Item, ...] | None


@dataclass(frozen=True, kw_only=True)
class CellProblem:
    """What is wrong with one value in a cell, before it is known in which file and row the cell is."""

    code: str
    value: str
    why: str
    mend: str
    nearest: str | None = None


Problems: TypeAlias = tuple[CellProblem, ...]


class CellReading(NamedTuple):
    """The value of a cell, and what is wrong with it. The value means nothing when there are problems.

    A named tuple, which takes less time to make than a dataclass: one is made for each text of a table.
    """

    value: Value
    problems: Problems = ()


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The allowed values of a column and, for suggestions only, other spellings of them (in lower case).

    `place` names the file that lists them, and `how_to_add` says how a new one is added there.
    """

    names: frozenset[str]
    synonyms: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    how_to_add: str = "add a new one to the vocabulary first"

    @cached_property
    def _by_case(self) -> Mapping[str, str]:
        return {name.casefold(): name for name in sorted(self.names)}

    @cached_property
    def _spellings(self) -> Sequence[str]:
        return sorted({*self.names, *self.synonyms})

    def suggest(self, text: str) -> str | None:
        """The allowed value that `text` is a synonym or a misspelling of."""
        known = self.synonyms.get(text.casefold())
        if known is not None:
            return known
        if text.casefold() in self._by_case:
            return self._by_case[text.casefold()]
        match = nearest_name(text, self._spellings)
        return self.synonyms.get(match, match) if match is not None else None


def format_cell(value: Value) -> str:
    """The text of a cell that holds `value`: the inverse of reading."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return SEPARATOR.join(str(item) for item in value) if value else NONE_WORD
    return str(value)
