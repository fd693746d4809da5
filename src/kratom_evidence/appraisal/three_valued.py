"""Kleene's three-valued logic, on single values and on int8 arrays of any shape: 1 yes, -1 no, 0 unknown.

The same numbers as in `Dataset.finding_states`, so that "and" is the minimum, "or" the maximum and "not" the sign.
A formula without "not" then answers yes or no exactly when every way of filling in the unknowns gives that answer, even
where a sign stands in it more than once; the tests compare it with all the ways of filling in.
Source: Kleene SC. Introduction to Metamathematics, 1952, section 64 (the strong tables).
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

States: TypeAlias = NDArray[np.int8]


class Truth(IntEnum):
    """One three-valued answer. UNKNOWN is "not stated", never "no"."""

    NO = -1
    UNKNOWN = 0
    YES = 1


# numpy compares with a plain number far faster than with a member of an enumeration.
_NO, _UNKNOWN, _YES = int(Truth.NO), int(Truth.UNKNOWN), int(Truth.YES)


def negation(states: States) -> States:
    """Yes becomes no and no becomes yes; unknown stays."""
    return np.negative(states)


def at_least(count: int, states: Sequence[States]) -> States:
    """Whether at least `count` of the arrays say yes, element by element.

    Yes when enough are known to be yes; no when too few are left that could be. The arrays have one shape, which the
    result has too.

    Raises:
        ValueError: there is no array to judge by.
    """
    stacked = _stacked(states)
    certain = (stacked == _YES).sum(axis=0)
    attainable = (stacked != _NO).sum(axis=0)
    return np.where(certain >= count, _YES, np.where(attainable < count, _NO, _UNKNOWN)).astype(np.int8)


def conjunction(states: Sequence[States]) -> States:
    """Whether all say yes: no as soon as one says no.

    Raises:
        ValueError: there is no array to judge by.
    """
    lowest: States = np.minimum.reduce(_stacked(states))
    return lowest


def disjunction(states: Sequence[States]) -> States:
    """Whether any says yes: yes as soon as one says yes.

    Raises:
        ValueError: there is no array to judge by.
    """
    highest: States = np.maximum.reduce(_stacked(states))
    return highest


def _stacked(states: Sequence[States]) -> States:
    if not states:
        raise ValueError("One can judge by one array or more: without any, the shape of the answer is unknown")
    return np.stack(states)
