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
    if not states:
        raise ValueError("at_least needs one array or more: without any, the shape of the answer is unknown")
    stacked = np.stack(states)
    certain = (stacked == Truth.YES).sum(axis=0)
    attainable = (stacked != Truth.NO).sum(axis=0)
    return np.where(certain >= count, Truth.YES, np.where(attainable < count, Truth.NO, Truth.UNKNOWN)).astype(np.int8)


def conjunction(states: Sequence[States]) -> States:
    """Whether all say yes: no as soon as one says no.

    Raises:
        ValueError: there is no array to judge by.
    """
    return at_least(len(states), states)


def disjunction(states: Sequence[States]) -> States:
    """Whether any says yes: yes as soon as one says yes.

    Raises:
        ValueError: there is no array to judge by.
    """
    return at_least(1, states)
