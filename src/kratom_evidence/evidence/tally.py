"""Counting with three states: how many cases are so, how many are not, how many do not say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kratom_evidence.appraisal.three_valued import States, Truth


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many cases are so, are not so, and do not say. Silence is in no denominator but its own."""

    yes: int
    no: int
    unknown: int

    @property
    def known(self) -> int:
        """The cases that say: the denominator of every share."""
        return self.yes + self.no

    @property
    def total(self) -> int:
        return self.yes + self.no + self.unknown

    @property
    def share(self) -> float | None:
        """Share of the cases that say; None when no case says."""
        return self.yes / self.known if self.known else None

    def __str__(self) -> str:
        """The contract's wording, for example "3 of 9 that say; 31 silent"."""
        if self.unknown == 0:
            return f"{self.yes} of {self.total}"
        return f"{self.yes} of {self.known} that say; {self.unknown} silent"


def tally(states: States) -> Tally:
    """Count an array of 1 (yes), -1 (no) and 0 (not stated)."""
    no, unknown, yes = np.bincount(states.ravel() + 1, minlength=3).tolist()
    return Tally(yes=yes, no=no, unknown=unknown)


def states_of(values: Sequence[object], yes: frozenset[str]) -> States:
    """States of a text column: yes for the values in `yes`, unknown for missing values, else no."""
    return np.array(
        [
            Truth.UNKNOWN if not isinstance(value, str) else (Truth.YES if value in yes else Truth.NO)
            for value in values
        ],
        dtype=np.int8,
    )
