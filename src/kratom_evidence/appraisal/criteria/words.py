"""Items and results of the criteria in plain words."""

from collections.abc import Mapping, Sequence
from math import comb, prod

from kratom_evidence.appraisal.criteria.rule import Criterion, items_of
from kratom_evidence.appraisal.criteria.settling import ItemSets

_SPECIAL = {
    "temperature": "temperature above 38 °C",
    "clonus_unspecified": "clonus of unstated type",
    "clonus": "clonus of unstated type",
    "diarrhea": "diarrhoea",
    "tachypnea_or_dyspnea": "tachypnoea or dyspnoea",
    "blood_pressure_change": "low or high blood pressure",
    "coma": "coma or semicoma",
    "impaired_consciousness": "confusion or impaired consciousness",
}


def item_in_words(item: str, stand_ins: Sequence[str] = ()) -> str:
    """An item's name in words, with the findings that stand for it in the lenient reading, if any do."""
    words = _SPECIAL.get(item, item.replace("_", " "))
    if not stand_ins:
        return words
    return f"{words} (lenient: {join_words([_SPECIAL.get(name, name.replace('_', ' ')) for name in stand_ins])})"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Words in a row: a, b and c; `last` is the word before the last one."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def sets_in_words(sets: ItemSets, criterion: Criterion, *, most: int = 8) -> str:
    """The settling sets of a criterion in words, as choices ("any 2 of a, b, c") where all choices will do.

    Sets that form no such choice are named one after the other, up to `most` of them; the rest are counted.
    """
    if len(sets) > 1 and (choices := _choices(sets, _sign_names(criterion))):
        return choices
    named = [" + ".join(item_in_words(item) for item in items) for items in sets[:most]]
    more = len(sets) - most
    if more > 0:
        named.append(f"{'one more set' if more == 1 else f'one of {more} more sets'} of {len(sets[0])} items")
    return "; or ".join(named)


def _sign_names(criterion: Criterion) -> dict[str, dict[str, str]]:
    """Group of signs -> item -> name of the sign; in criteria that weigh all signs alike, one group without a name."""
    if len(criterion.counted) == 1:
        return {"": {item: item_in_words(item) for item in criterion.items}}
    names: dict[str, dict[str, str]] = {}
    for group, signs in criterion.counted.items():
        items = [tuple(items_of(sign)) for sign in signs]
        names[group] = {item: join_words([item_in_words(one) for one in same], "or") for same in items for item in same}
    return names


def _choices(sets: ItemSets, names: Mapping[str, Mapping[str, str]]) -> str:
    """The sets as free choices of so many signs from each group; empty when they are not all such choices."""
    by_size: dict[tuple[int, ...], dict[tuple[frozenset[str], ...], None]] = {}
    for items in sets:
        chosen = tuple(frozenset(group[item] for item in items if item in group) for group in names.values())
        by_size.setdefault(tuple(map(len, chosen)), {})[chosen] = None
    worded = []
    for sizes, choices in by_size.items():
        used = [frozenset().union(*(choice[position] for choice in choices)) for position in range(len(names))]
        if len(choices) != prod(comb(len(signs), size) for signs, size in zip(used, sizes, strict=True)):
            return ""
        parts = [
            _choice(size, group, [sign for sign in dict.fromkeys(of_group.values()) if sign in signs])
            for size, signs, (group, of_group) in zip(sizes, used, names.items(), strict=True)
            if size
        ]
        worded.append(" and ".join(parts))
    return "; or ".join(worded)


def _choice(size: int, group: str, signs: Sequence[str]) -> str:
    number = "all" if size == len(signs) > 1 else "one" if size == 1 else f"any {size}"
    return f"{number} of {f'the {group} signs ' if group else ''}{', '.join(signs)}"
