"""From stated findings to the items of the criteria. What is not stated stays unknown at every step.

Presence is read from the recorded finding's own row in the vocabulary, never through `implies`: coma implies impaired
consciousness, and would count twice. Absence goes from a broader finding to the narrower ones ("no clonus" denies
inducible clonus), because that adds nothing to what was said.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.criteria.rule import Reading, System
from kratom_evidence.appraisal.criteria.systems import CRITERIA
from kratom_evidence.appraisal.three_valued import States, Truth, disjunction
from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import ExplainedError

# The temperature above which all three systems and the vocabulary speak of hyperthermia, in degrees Celsius.
HYPERTHERMIA_ABOVE_C = 38.0
# One observation, by thermometer and by word; the vocabulary gives both the same HPO term.
_MEASURED, _BY_WORD = "hyperthermia", "fever"


@computed_by_case
def appraised_states(dataset: Dataset) -> pd.DataFrame:
    """Case x finding, int8: 1 present, -1 absent, 0 not stated; the stated findings and the measured temperature.

    A highest temperature above 38 °C makes `hyperthermia` present, one at or below makes it absent. The number decides
    over the word `hyperthermia`, which is defined by it; the word `fever` is left as stated.

    Raises:
        ExplainedError: the vocabulary has no finding `hyperthermia` to put the temperature into.
    """
    if _MEASURED not in dataset.finding_terms.index:
        message = (
            f"vocabulary/findings.csv has no finding {_MEASURED}, which measured temperatures count as. Restore it."
        )
        raise ExplainedError(message)
    states = dataset.finding_states.copy()
    temperature = dataset.cases["temp_max_c"].to_numpy(dtype="float64", na_value=np.nan)
    measured = np.where(temperature > HYPERTHERMIA_ABOVE_C, Truth.YES, Truth.NO)
    stated = states[_MEASURED].to_numpy()
    states[_MEASURED] = np.where(np.isnan(temperature), stated, measured).astype("int8")
    return states


def implied_states(states: pd.DataFrame, finding_terms: pd.DataFrame) -> pd.DataFrame:
    """The same grid with what the stated findings imply; for counting how often a finding occurs, not for criteria.

    A present finding makes its broader findings present, an absent one makes its narrower findings absent. What was
    stated itself is never changed.
    """
    closed = _with_implied_absence(states, finding_terms)
    for finding, broader in _broader(finding_terms).items():
        rows = (states[finding] == Truth.YES).to_numpy()
        for name in broader:
            closed[name] = closed[name].mask(rows & (closed[name] == Truth.UNKNOWN), Truth.YES).astype("int8")
    return closed


@computed_by_case
def implied_findings(dataset: Dataset) -> pd.DataFrame:
    """Case x finding, int8: `appraised_states` with what they imply."""
    return implied_states(appraised_states(dataset), dataset.finding_terms)


@computed_by_case
def item_states(dataset: Dataset, system: System, reading: Reading) -> pd.DataFrame:
    """Case x item of a system, int8: 1 present, -1 absent, 0 unknown; see `items_from_states` for the rules."""
    return items_from_states(appraised_states(dataset), dataset.finding_terms, system, reading)


def items_from_states(
    states: pd.DataFrame, finding_terms: pd.DataFrame, system: System, reading: Reading
) -> pd.DataFrame:
    """The items of a system read from a grid of finding states; columns in the order of the criterion's `items`.

    Strict: an item is present when a finding that serves it is present, and absent only when all of them are absent
    ("no shivering" leaves the Radomski item "chills or shivering" open). Fever and hyperthermia are one observation, so
    that either being denied denies the item, unless the other is present.

    Lenient: a stand-in fills a gap and never contradicts the publication. Where the item itself is stated, the
    statement stands. Where it is not, a stand-in that is present makes it present; a stand-in that is absent leaves it
    unknown (no restlessness is not no agitation), except that "no fever" denies a temperature above 38 °C. Clonus
    stands in for inducible clonus only where none of its kinds is present, for only then is its type unstated.

    Radomski names restlessness and akathisia as signs of their own, so that the two readings agree.
    """
    known = _with_implied_absence(states, finding_terms)
    served = serving_findings(finding_terms, system)
    strict = {item: _strict_item(known, findings) for item, findings in served.items()}
    if reading == "strict":
        return pd.DataFrame(strict, index=states.index)
    lenient = dict(strict)
    for item, signs in _stand_in_signs(known, finding_terms, system).items():
        present = np.any([sign == Truth.YES for sign in signs.values()], axis=0)
        filled = np.where(present, Truth.YES, Truth.UNKNOWN)
        if _BY_WORD in signs:
            filled = np.where(signs[_BY_WORD] == Truth.NO, Truth.NO, filled)
        lenient[item] = np.where(strict[item] == Truth.UNKNOWN, filled, strict[item]).astype("int8")
    return pd.DataFrame(lenient, index=states.index)


def stand_ins(states: pd.DataFrame, finding_terms: pd.DataFrame, system: System) -> pd.DataFrame:
    """Case x item: the findings that make the item present in the lenient reading only, as a tuple, empty for none."""
    known = _with_implied_absence(states, finding_terms)
    strict = items_from_states(states, finding_terms, system, "strict")
    used = pd.DataFrame(
        [[()] * strict.shape[1]] * len(strict), index=strict.index, columns=strict.columns, dtype=object
    )
    for item, signs in _stand_in_signs(known, finding_terms, system).items():
        unknown = (strict[item] == Truth.UNKNOWN).to_numpy()
        present = {finding: unknown & (sign == Truth.YES) for finding, sign in signs.items()}
        used[item] = [tuple(finding for finding in present if present[finding][row]) for row in range(len(strict))]
    return used


def serving_findings(finding_terms: pd.DataFrame, system: System) -> dict[str, tuple[str, ...]]:
    """The findings that serve each item in the strict reading, in the order of the criterion's items."""
    return _by_item(finding_terms[system], CRITERIA[system].items)


def stand_in_findings(finding_terms: pd.DataFrame, system: System) -> dict[str, tuple[str, ...]]:
    """The findings that can stand for an item in the lenient reading; items without any are left out.

    The column `hunter_lenient` also serves the Sternbach items of the same name (agitation). Radomski has none.
    """
    if system == "radomski":
        return {}
    by_item = _by_item(finding_terms["hunter_lenient"], CRITERIA[system].items)
    return {item: findings for item, findings in by_item.items() if findings}


def _by_item(column: "pd.Series[str]", items: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    findings: dict[str, list[str]] = {item: [] for item in items}
    for finding, value in column.dropna().items():
        item = value.rpartition(":")[2]
        if item in findings:
            findings[item].append(str(finding))
    return {item: tuple(names) for item, names in findings.items()}


def _strict_item(known: pd.DataFrame, findings: tuple[str, ...]) -> States:
    signs = {finding: known[finding].to_numpy() for finding in findings}
    if not signs:
        return np.zeros(len(known), dtype="int8")
    state = disjunction(list(signs.values()))
    if _MEASURED in signs and _BY_WORD in signs:
        denied = (signs[_MEASURED] == Truth.NO) | (signs[_BY_WORD] == Truth.NO)
        state = np.where(denied & (state != Truth.YES), Truth.NO, state).astype("int8")
    return state


def _stand_in_signs(
    known: pd.DataFrame, finding_terms: pd.DataFrame, system: System
) -> Mapping[str, Mapping[str, States]]:
    """The state of each stand-in by item and finding; of a broader finding only where none of its kinds is present."""
    broader = _broader(finding_terms)
    signs: dict[str, dict[str, States]] = {}
    for item, findings in stand_in_findings(finding_terms, system).items():
        signs[item] = {}
        for finding in findings:
            state = known[finding].to_numpy()
            kinds = [name for name, wider in broader.items() if finding in wider]
            # A stand-in that does not include the item itself (restlessness) is a sign of its own, whatever its kind.
            if item in kinds:
                typed = (known[kinds] == Truth.YES).any(axis=1).to_numpy()
                state = np.where(typed, Truth.UNKNOWN, state).astype("int8")
            signs[item][finding] = state
    return signs


def _broader(finding_terms: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """All broader findings of each finding that has any, however many steps away."""
    implies = finding_terms["implies"]
    direct = {str(finding): tuple(names) for finding, names in implies.items() if isinstance(names, tuple) and names}
    return {finding: _reach(finding, direct) for finding in direct}


def _reach(finding: str, direct: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    reached: dict[str, None] = {}
    waiting = list(direct.get(finding, ()))
    while waiting:
        name = waiting.pop(0)
        if name not in reached and name != finding:
            reached[name] = None
            waiting.extend(direct.get(name, ()))
    return tuple(reached)


def _with_implied_absence(states: pd.DataFrame, finding_terms: pd.DataFrame) -> pd.DataFrame:
    """The states with the kinds of denied findings denied too, unless stated otherwise."""
    position = {str(finding): column for column, finding in enumerate(states.columns)}
    stated = states.to_numpy()
    closed = stated.copy()
    for finding, broader in _broader(finding_terms).items():
        own = stated[:, position[finding]]
        denied = (stated[:, [position[name] for name in broader]] == Truth.NO).any(axis=1)
        closed[:, position[finding]] = np.where(denied & (own == Truth.UNKNOWN), Truth.NO, own)
    return pd.DataFrame(closed, index=states.index, columns=states.columns)
