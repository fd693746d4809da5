"""The Drug Interaction Probability Scale for cases in which the authors claim an interaction with kratom.

Source: Horn JR, Hansten PD, Chan LN. Ann Pharmacother 2007;41(4):674-680, doi 10.1345/aph.1H423. The bands were not
verified against the paper, and say so.

The scale is built for pharmacokinetic interactions, so a pair is scored only where a cytochrome route is recorded:
kratom as the precipitant where it inhibits an enzyme (data/context/pharmacology.csv) that breaks down the co-exposure
(lexicon); kratom as the object where the co-exposure inhibits an enzyme that breaks down mitragynine. The pharmacology
table names no such enzyme at present, so the second direction has no recorded route. Only co-exposures that were
certainly on board (concurrent, or given in hospital before the event) are paired.

Left unknown for every pair: earlier credible reports (1), time course (4), dechallenge and rechallenge of the
precipitant with the object unchanged (5, 6), level of the object (8), other objective evidence on it (9) and
dose-response (10); no case field records them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kratom_evidence.appraisal.confounding import explanation_table
from kratom_evidence.appraisal.exposure import exposure_arrays, graded_exposures
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.computed_once import computed_by_case, computed_once
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import UsageError

KRATOM = "kratom"
BAND_NOTE = "bands not verified against the paper"
SCORES: Mapping[int, tuple[int, int]] = {
    1: (1, -1),
    2: (1, -1),
    3: (1, -1),
    4: (1, -1),
    5: (1, -2),
    6: (2, -1),
    7: (-1, 1),
    8: (1, 0),
    9: (1, 0),
    10: (1, -1),
}
# Enzyme -> its name in the pharmacology table and the stem of its columns in `graded_exposures`.
ENZYMES: Mapping[str, tuple[str, str]] = {"CYP2D6": ("CYP2D6", "cyp2d6"), "CYP3A": ("CYP3A4", "cyp3a")}
# Compounds of the pharmacology table whose effect on an enzyme is an effect of kratom.
KRATOM_COMPOUNDS = ("mitragynine", "kratom")
_INHIBITION = frozenset({"inhibitor", "time_dependent_inhibitor"})


@dataclass(frozen=True, kw_only=True)
class DipsScore:
    """Total with unknown = 0, its (unverified) band, and the totals attainable if the unknown items became known."""

    total: int
    lowest: int
    highest: int

    @property
    def band(self) -> str:
        return dips_band(self.total)


@dataclass(frozen=True, kw_only=True)
class _Pair:
    case_id: str
    precipitant: str
    co_exposure: str
    enzymes: tuple[str, ...]


def dips_band(total: int) -> str:
    """Highly probable (above 8), probable (5-8), possible (2-4) or doubtful (below 2). Unverified, see the module."""
    if total > 8:
        return "highly probable"
    if total >= 5:
        return "probable"
    return "possible" if total >= 2 else "doubtful"


def dips_score(answers: Mapping[int, Truth]) -> DipsScore:
    """The score of given answers; items that are not in `answers` are unknown or not applicable.

    Raises:
        UsageError: an item that the scale does not have.
    """
    unlisted = set(answers) - set(SCORES)
    if unlisted:
        raise UsageError(f"DIPS has the items 1 to {max(SCORES)}, not {sorted(unlisted)}.")
    known = {n: SCORES[n][0 if a is Truth.YES else 1] for n, a in answers.items() if a is not Truth.UNKNOWN}
    unknown = [points for n, points in SCORES.items() if n not in known]
    total = sum(known.values())
    return DipsScore(
        total=total,
        lowest=total + sum(min(points) for points in unknown),
        highest=total + sum(max(points) for points in unknown),
    )


def kratom_enzyme_roles(pharmacology: pd.DataFrame) -> pd.DataFrame:
    """What kratom does to each enzyme (index CYP2D6, CYP3A): int8 in_vitro, in_people, substrate.

    1 inhibits (or is broken down by it), -1 measured without effect, 0 not recorded. People outweigh nothing here: both
    columns stand side by side. Exposure measures only (AUC and peak): an unchanged half-life does not deny inhibition.
    """
    kratom = pharmacology[pharmacology["compound"].map(lambda name: str(name).startswith(KRATOM_COMPOUNDS))]
    measured = kratom[~kratom["measure"].isin(["predicted_AUC_ratio", "half_life_ratio"])]
    records = []
    for target, _ in ENZYMES.values():
        rows = measured[measured["target"] == target]
        in_vitro = rows.loc[rows["assay"] == "enzyme_inhibition", "effect"]
        in_people = rows.loc[rows["assay"] == "human_pk", "effect"]
        substrate = Truth.YES if (rows["effect"] == "substrate").any() else Truth.UNKNOWN
        records.append((_inhibits(in_vitro), _inhibits(in_people), substrate))
    return pd.DataFrame(records, columns=["in_vitro", "in_people", "substrate"], index=list(ENZYMES), dtype="int8")


@computed_by_case
def dips_items(dataset: Dataset) -> pd.DataFrame:
    """One row per scored pair x item.

    Columns: case_id, precipitant, object, enzymes, item, answer (int8), score, provenance (`derived` or `unknown`).
    """
    names = ["case_id", "precipitant", "object", "enzymes", "item", "answer", "score", "provenance"]
    records = []
    for pair, answers in _answers(dataset):
        for item, points in SCORES.items():
            answer = answers.get(item, Truth.UNKNOWN)
            score = {Truth.YES: points[0], Truth.NO: points[1], Truth.UNKNOWN: 0}[answer]
            provenance = "unknown" if answer is Truth.UNKNOWN else "derived"
            records.append((*_named(pair), item, int(answer), score, provenance))
    return pd.DataFrame(records, columns=names).astype({"answer": "int8"})


@computed_by_case
def dips_table(dataset: Dataset) -> pd.DataFrame:
    """One row per scored pair: case_id, precipitant, object, enzymes, total, band, lowest, highest, band_note."""
    records = []
    for pair, answers in _answers(dataset):
        score = dips_score(answers)
        records.append((*_named(pair), score.total, score.band, score.lowest, score.highest, BAND_NOTE))
    names = ["case_id", "precipitant", "object", "enzymes", "total", "band", "lowest", "highest", "band_note"]
    return pd.DataFrame(records, columns=names)


@computed_once
def interaction_cases(dataset: Dataset) -> "pd.Index[Any]":
    """The cases in which the authors attribute the event to kratom together with another drug."""
    return dataset.cases.index[(dataset.cases["author_causality"] == "interaction").to_numpy()]


def _inhibits(effects: "pd.Series[str]") -> Truth:
    if effects.empty:
        return Truth.UNKNOWN
    return Truth.YES if effects.isin(_INHIBITION).any() else Truth.NO


def _named(pair: _Pair) -> tuple[str, str, str, str]:
    other = KRATOM if pair.precipitant != KRATOM else pair.co_exposure
    return pair.case_id, pair.precipitant, other, "; ".join(pair.enzymes)


def _answers(dataset: Dataset) -> Iterable[tuple[_Pair, dict[int, Truth]]]:
    roles = kratom_enzyme_roles(dataset.pharmacology)
    table = explanation_table(dataset)
    present = table[(table["state"] == "present") & ~table["explanation"].isin(_NO_RIVAL)]
    pairs = list(_pairs(dataset, roles))
    named: dict[str, set[str]] = {pair.case_id: set() for pair in pairs}
    for case_id, detail in zip(present["case_id"], present["detail"], strict=True):
        if case_id in named:
            named[case_id].update(str(detail).split("; "))
    for pair in pairs:
        # Whether anything but the pair itself is named as an explanation.
        rival = bool(named[pair.case_id] - {pair.co_exposure})
        yield pair, {2: _known_property(pair, roles), 3: Truth.YES, 7: Truth.YES if rival else Truth.UNKNOWN}


# Present, but no cause of the event apart from the pair itself.
_NO_RIVAL = ("raised_co_drug_level", "kratom_withdrawal", "no_toxicological_confirmation")


def _known_property(pair: _Pair, roles: pd.DataFrame) -> Truth:
    """Item 2. For kratom, inhibition seen in people is a yes; seen in the test tube only, it is left unknown."""
    if pair.precipitant != KRATOM:
        return Truth.YES
    in_people = roles.loc[list(pair.enzymes), "in_people"]
    return Truth.YES if (in_people == Truth.YES).any() else Truth.UNKNOWN


def _pairs(dataset: Dataset, roles: pd.DataFrame) -> Iterable[_Pair]:
    on_board = exposure_arrays(dataset).timing["concurrent"] == Truth.YES
    graded = graded_exposures(dataset)[on_board]
    claimed = graded[graded["case_id"].isin(interaction_cases(dataset))]
    for record in claimed.to_dict("records"):
        affected = _shared(record, "substrate", roles["in_vitro"])
        affecting = _shared(record, "inhibitor", roles["substrate"])
        case_id, substance = str(record["case_id"]), str(record["substance"])
        if affected:
            yield _Pair(case_id=case_id, precipitant=KRATOM, co_exposure=substance, enzymes=affected)
        if affecting:
            yield _Pair(case_id=case_id, precipitant=substance, co_exposure=substance, enzymes=affecting)


def _shared(record: Mapping[Any, Any], role: str, kratom: "pd.Series[int]") -> tuple[str, ...]:
    return tuple(
        enzyme
        for enzyme, (_, column) in ENZYMES.items()
        if record[f"{column}_{role}"] == Truth.YES and kratom[enzyme] == Truth.YES
    )
