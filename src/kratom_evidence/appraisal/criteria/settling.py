"""What would settle an undetermined case: the smallest sets of unknown items that decide it, whatever the others are.

No criterion contains a "not". So if any answers to some items settle a case as met, then all of them being present does
too, and likewise all of them being absent for not met: only "all present" and "all absent" need to be searched. That
a broader finding may settle several items at once (no clonus of any kind) is not used: the unit is the item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from kratom_evidence.appraisal.criteria.rule import Rule, items_of, opposite
from kratom_evidence.appraisal.three_valued import Truth

ItemSets: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Settling:
    """The smallest sets of items that would settle a case; all sets of a kind have the same size.

    Attributes:
        met_if_present: each of these sets, all present, makes the criteria met; empty when none can.
        not_met_if_absent: each of these sets, all absent, makes the criteria not met; empty when none can.
    """

    met_if_present: ItemSets = ()
    not_met_if_absent: ItemSets = ()


def settling(rule: Rule, items: Mapping[str, Truth]) -> Settling:
    """The smallest sets of unknown items that would settle the rule, in the order of `items`; none when settled."""
    named = set(items_of(rule))
    names = tuple(item for item in items if item in named)
    return _settling(rule, names, tuple(items[name] for name in names))


@lru_cache(maxsize=4096)
def _settling(rule: Rule, names: tuple[str, ...], truths: tuple[Truth, ...]) -> Settling:
    if_present = dict(zip(names, truths, strict=True))
    if_absent = {name: Truth(-truth) for name, truth in if_present.items()}
    to_meet = _smallest(_sufficient(rule, names, if_present))
    to_fail = _smallest(_sufficient(opposite(rule), names, if_absent))
    if 0 in to_meet or 0 in to_fail:
        return Settling()
    return Settling(met_if_present=_named(to_meet, names), not_met_if_absent=_named(to_fail, names))


def _sufficient(rule: Rule, names: Sequence[str], truths: Mapping[str, Truth]) -> set[int]:
    """Sets of unknown items, as bit masks, that make the rule true; all the smallest sets are among them.

    The set 0 (nothing needed) stands for true already, no set at all for false already.
    """
    if isinstance(rule, str):
        needed = {Truth.YES: {0}, Truth.NO: set[int](), Truth.UNKNOWN: {1 << names.index(rule)}}
        return needed[truths[rule]]
    enough = [{0}, *(set[int]() for _ in range(rule.count))]
    for part in rule.parts:
        choices = _sufficient(part, names, truths)
        for fulfilled in range(rule.count, 0, -1):
            enough[fulfilled] |= {had | more for had in enough[fulfilled - 1] for more in choices}
    return enough[rule.count]


def _smallest(masks: set[int]) -> set[int]:
    size = min((mask.bit_count() for mask in masks), default=0)
    return {mask for mask in masks if mask.bit_count() == size}


def _named(masks: set[int], names: Sequence[str]) -> ItemSets:
    members = ([position for position in range(len(names)) if mask >> position & 1] for mask in masks)
    return tuple(tuple(names[position] for position in positions) for positions in sorted(members))
