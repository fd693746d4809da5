"""The form of a rule: items joined by "at least k of these", nested; and how it is answered for many cases at once.

"All of" and "any of" are the two ends of "at least k of". There is no "not" in any of the criteria, which is what
makes the three-valued answer exact (see `three_valued`) and the settling sets easy (see `settling`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kratom_evidence.appraisal.three_valued import States, at_least

System: TypeAlias = Literal["hunter", "sternbach", "radomski"]
Reading: TypeAlias = Literal["strict", "lenient"]


@dataclass(frozen=True)
class AtLeast:
    """At least `count` of `parts` hold."""

    count: int
    parts: "tuple[Rule, ...]"


# The name of an item, or a combination of rules.
Rule: TypeAlias = str | AtLeast


def all_of(*parts: Rule) -> AtLeast:
    """All the parts hold."""
    return AtLeast(len(parts), parts)


def any_of(*parts: Rule) -> AtLeast:
    """One of the parts holds, or more."""
    return AtLeast(1, parts)


def items_of(rule: Rule) -> Iterator[str]:
    """The items that a rule names, from left to right; an item that stands in it twice comes twice."""
    if isinstance(rule, str):
        yield rule
    else:
        for part in rule.parts:
            yield from items_of(part)


def answer(rule: Rule, items: Mapping[str, States]) -> States:
    """The rule's answer for each case, from the items' states (one int8 array per item, all of one shape)."""
    if isinstance(rule, str):
        return items[rule]
    return at_least(rule.count, [answer(part, items) for part in rule.parts])


def opposite(rule: Rule) -> Rule:
    """What must be absent for the rule to fail, as a rule about absences: k of n fails when n - k + 1 are absent."""
    if isinstance(rule, str):
        return rule
    return AtLeast(len(rule.parts) - rule.count + 1, tuple(opposite(part) for part in rule.parts))


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One published set of criteria: its signs only, never the exposure that it also asks for.

    Attributes:
        system: which set.
        title: its name in reports.
        source: the publication of the rule.
        items: names of all items, in the order of the columns of an item array. An item may serve no arm.
        arms: the ways of meeting the criteria, by name; one is enough.
        counted: groups of signs to count, by name. A sign that two items describe is one rule here, counted once.
    """

    system: System
    title: str
    source: str
    items: tuple[str, ...]
    arms: Mapping[str, Rule]
    counted: Mapping[str, tuple[Rule, ...]]

    @property
    def rule(self) -> AtLeast:
        return any_of(*self.arms.values())

    def columns(self, item_states: States) -> dict[str, States]:
        """The states by item, from an array with one column per item (any shape before the last axis)."""
        return {item: item_states[..., position] for position, item in enumerate(self.items)}

    def states(self, item_states: States) -> States:
        """Met 1, not met -1, undetermined 0, for each case; `item_states` is cases x items, int8."""
        return answer(self.rule, self.columns(item_states))
