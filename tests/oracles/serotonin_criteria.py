"""The three criteria once more, written from the published rules as yes-no functions of the signs present.

Shares no code with the package. An unknown sign is handled by trying both answers: the criteria are met, or not met,
when all ways of filling in the unknowns agree, and undetermined when they differ.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations, product

import numpy as np

HUNTER_ITEMS = (
    "spontaneous_clonus", "inducible_clonus", "ocular_clonus", "clonus_unspecified", "agitation", "diaphoresis",
    "tremor", "hyperreflexia", "hypertonia", "temperature",
)  # fmt: skip
STERNBACH_ITEMS = (
    "mental_status_change", "agitation", "myoclonus", "hyperreflexia", "diaphoresis", "shivering", "tremor", "diarrhea",
    "incoordination", "fever",
)  # fmt: skip
RADOMSKI_MAJOR = (
    "impaired_consciousness", "elevated_mood", "coma", "fever", "hyperhidrosis", "myoclonus", "tremor",
    "chills_or_shivering", "rigidity", "hyperreflexia",
)  # fmt: skip
RADOMSKI_MINOR = (
    "agitation", "insomnia", "tachycardia", "tachypnea_or_dyspnea", "diarrhea", "blood_pressure_change",
    "impaired_coordination", "mydriasis", "akathisia",
)  # fmt: skip
ITEMS = {
    "hunter": HUNTER_ITEMS,
    "sternbach": STERNBACH_ITEMS,
    "radomski": RADOMSKI_MAJOR + RADOMSKI_MINOR,
}


def hunter(present: frozenset[str]) -> bool:
    if "spontaneous_clonus" in present:
        return True
    if "agitation" in present or "diaphoresis" in present:
        if "inducible_clonus" in present:
            return True
        if "ocular_clonus" in present:
            return True
    if {"tremor", "hyperreflexia"} <= present:
        return True
    clonus = "ocular_clonus" in present or "inducible_clonus" in present
    return clonus and "hypertonia" in present and "temperature" in present


def sternbach(present: frozenset[str]) -> bool:
    return len(present.intersection(STERNBACH_ITEMS)) > 2


def radomski(present: frozenset[str]) -> bool:
    major = len(present.intersection(RADOMSKI_MAJOR))
    if "coma" in present and "impaired_consciousness" in present:
        major -= 1
    minor = len(present.intersection(RADOMSKI_MINOR))
    return major > 3 or (major == 3 and minor > 1)


RULES: Mapping[str, Callable[[frozenset[str]], bool]] = {
    "hunter": hunter,
    "sternbach": sternbach,
    "radomski": radomski,
}


def truth_table(system: str) -> list[bool]:
    """The rule's answer for every set of present signs; bit i of the position stands for item i."""
    items, rule = ITEMS[system], RULES[system]
    return [
        rule(frozenset(item for bit, item in enumerate(items) if position >> bit & 1))
        for position in range(1 << len(items))
    ]


def common_answer(table: list[bool], states: Iterable[int]) -> int:
    """1 or -1 when all ways of filling in the unknowns (0) are met or not met, 0 when they differ."""
    present = unknown = 0
    for bit, state in enumerate(states):
        present |= (state == 1) << bit
        unknown |= (state == 0) << bit
    answers = set()
    chosen = unknown
    while True:
        answers.add(table[present | chosen])
        if len(answers) > 1:
            return 0
        if chosen == 0:
            return 1 if answers.pop() else -1
        chosen = (chosen - 1) & unknown


def common_answers(table: list[bool]) -> dict[tuple[int, ...], int]:
    """`common_answer` of every input of -1, 0 and 1: unknown is what absent and present have in common."""
    items = len(table).bit_length() - 1
    answers = np.where(table, 1, -1).reshape((2,) * items).transpose()
    for item in range(items):
        absent, present = np.split(answers, 2, axis=item)
        answers = np.concatenate([absent, np.where(absent == present, absent, 0), present], axis=item)
    return dict(zip(product((-1, 0, 1), repeat=items), answers.ravel().tolist(), strict=True))


def smallest_settling_sets(
    answer_of: Callable[[tuple[int, ...]], int], states: tuple[int, ...], answer: int
) -> set[frozenset[int]]:
    """The smallest sets of unknown positions for which *some* answers settle the rule as `answer`; tries all."""
    unknown = [position for position, state in enumerate(states) if state == 0]
    for size in range(1, len(unknown) + 1):
        found = set()
        for chosen in combinations(unknown, size):
            if any(answer_of(tried) == answer for tried in _answered(states, chosen)):
                found.add(frozenset(chosen))
        if found:
            return found
    return set()


def _answered(states: tuple[int, ...], chosen: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    """The states with every combination of present and absent at the chosen positions."""
    for answers in product((-1, 1), repeat=len(chosen)):
        tried = list(states)
        for position, state in zip(chosen, answers, strict=True):
            tried[position] = state
        yield tuple(tried)
