"""Rules of ours that pandera has no words for, written as its documentation shows: as functions.

Each is given to pandera in its quickest form that keeps to the documentation: a function of a whole column or frame
with the text methods of pandas where these can say it, else a function of each cell that holds something.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from kratom_evidence.codebook import Field
from kratom_evidence.codebook.cells import LONGEST_CELL, hidden_character, is_open
from kratom_evidence.codebook.damage import (
    damage_of_open_entry,
    damage_of_open_text,
    scrambled,
    spreadsheet_damage,
)
from kratom_evidence.codebook.lists import parse_co_exposure, split_outside_brackets
from kratom_evidence.curation.rules_cases import HYPERTHERMIA_ABOVE_C

# A pandas frame or series; pandas is imported where the peers are.
Frame: TypeAlias = Any
Column: TypeAlias = Any


def sound_text(column: Field) -> Callable[[str], bool]:
    """Whether a cell that holds something is neither spoilt nor damaged, and holds each entry of a list once."""

    def sound(text: str) -> bool:
        if len(text) > LONGEST_CELL or hidden_character(text) or scrambled(text):
            return False
        entries = split_outside_brackets(text, ";") if column.list_kind is not None else [text]
        if len(set(entries)) < len(entries):
            return False
        if not is_open(column):
            return True
        damage = damage_of_open_text if column.list_kind is None else damage_of_open_entry
        return not spreadsheet_damage(text) and not any(map(damage, entries))

    return sound


def row_rules(implied: Mapping[str, frozenset[str]]) -> Mapping[str, Callable[[Frame], Column]]:
    """Code of each rule about the cells of a row -> which rows of a frame keep it.

    `implied` gives what each finding implies.
    """

    def findings_agree(frame: Frame) -> Column:
        return _each(
            frame, ("findings_present", "findings_absent"), lambda there, absent: _agree(there, absent, implied)
        )

    return {"X203": findings_agree, **_ROW_RULES}


def _temperature_agrees(frame: Frame) -> Column:
    words = ("hyperthermia", "fever")
    raised = (frame["temp_max_c"] > HYPERTHERMIA_ABOVE_C).fillna(value=False)
    not_raised = (frame["temp_max_c"] <= HYPERTHERMIA_ABOVE_C).fillna(value=False)
    return ~(raised & _names(frame["findings_absent"], words) | not_raised & _names(frame["findings_present"], words))


def _level_has_specimen(frame: Frame) -> Column:
    level = (frame["mitragynine_blood_ng_ml"] > 0).fillna(value=False)
    return ~level | _names(frame["mitragynine_detected_in"], ["blood"])


def _pressures_in_order(frame: Frame) -> Column:
    return ~(frame["sbp_max_mmhg"] < frame["dbp_max_mmhg"]).fillna(value=False)


def _death_is_outcome(frame: Frame) -> Column:
    return (frame["primary_event"] != "death") | (frame["outcome"] == "death")


def _criteria_need_the_syndrome(frame: Frame) -> Column:
    criteria = frame["ss_criteria_reported"]
    return ~(criteria.notna() & (criteria != "none") & (frame["ss_assessment"] == "not_mentioned"))


def _event_is_assessed(frame: Frame) -> Column:
    denied = frame["ss_assessment"].isin(["not_mentioned", "excluded"])
    return ~((frame["primary_event"] == "serotonin_syndrome") & denied)


def _substances_once(frame: Frame) -> Column:
    return frame["co_exposures"].map(_once_for_each_timing, na_action="ignore").fillna(value=True).astype(bool)


def _event_not_absent(frame: Frame) -> Column:
    return _each(frame, ("primary_event", "findings_absent"), lambda event, absent: event not in absent.split("; "))


def _age_once(frame: Frame) -> Column:
    return frame["age_years"].isna() | frame["age_text"].isna()


def _adulterant_is_confounder(frame: Frame) -> Column:
    adulterant = frame["co_exposures"].str.contains("[adulterant,", regex=False, na=False)
    return ~adulterant | _names(frame["confounders"], ["product_adulterated"])


_ROW_RULES: Mapping[str, Callable[[Frame], Column]] = {
    "X207": _temperature_agrees,
    "X208": _level_has_specimen,
    "X209": _pressures_in_order,
    "X212": _death_is_outcome,
    "X213": _criteria_need_the_syndrome,
    "X214": _event_is_assessed,
    "X215": _substances_once,
    "X219": _event_not_absent,
    "X222": _age_once,
    "X223": _adulterant_is_confounder,
}


def _names(column: Column, entries: Sequence[str]) -> Column:
    """Which cells of a list column hold one of the entries."""
    return column.str.contains(rf"(?:^|; )(?:{'|'.join(entries)})(?:;|$)", na=False)


def _each(frame: Frame, columns: Sequence[str], keeps: Callable[..., bool]) -> Column:
    """Which rows keep to a rule about two texts, where both are there."""
    keeping = frame[columns[0]].notna()
    both = keeping & frame[columns[1]].notna()
    keeping[:] = True
    keeping[both] = [keeps(*texts) for texts in zip(*(frame.loc[both, name] for name in columns), strict=True)]
    return keeping


def _agree(there: str, absent: str, implied: Mapping[str, frozenset[str]]) -> bool:
    present = there.split("; ")
    impossible = set(present).union(*(implied.get(finding, ()) for finding in present))
    return absent == "none" or impossible.isdisjoint(absent.split("; "))


def _once_for_each_timing(text: str) -> bool:
    found = [parse_co_exposure(entry) for entry in split_outside_brackets(text, ";")]
    pairs = [(one.substance, one.timing) for one in found if one is not None]
    return len(set(pairs)) == len(pairs)
