"""Which signs of the criteria each case has, and how often they occur beside published series.

A sign that is not stated stays a third answer. A low count is no evidence of absence: most publications name few signs,
and of many only an abstract was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kratom_evidence.appraisal import (
    CRITERIA,
    System,
    appraised_states,
    item_in_words,
    item_states,
    serving_findings,
    signs_overlap,
    stand_ins,
)
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import is_ss_labelled
from kratom_evidence.evidence.named_signs import NamedSign, named_states
from kratom_evidence.evidence.statistics import wilson_interval
from kratom_evidence.evidence.tally import tally
from kratom_evidence.presentation import Link, linked_text

# The rest of the vocabulary's domains (autonomic, respiratory, gastrointestinal) are autonomic signs in the criteria.
DOMAINS = ("neuromuscular", "mental", "autonomic")
STATE_WORDS: Mapping[int, str] = {Truth.YES: "present", Truth.NO: "absent", Truth.UNKNOWN: "not stated"}

HEADINGS: Mapping[str, str] = {
    "ss_assessment": "Serotonin syndrome (authors)",
    "hunter": "Hunter",
    "sternbach": "Sternbach",
    "radomski": "Radomski",
    "says": "Labelled cases",
    "present_ids": "Present in",
    "absent_ids": "Absent in",
    "rest_says": "All other cases",
    "rest_ids": "Present in (other cases)",
    "n": "Cases",
    "low": "95 % from",
    "high": "95 % to",
}


@dataclass(frozen=True, kw_only=True)
class CriteriaSign:
    """One sign of the criteria: items of several systems that the same findings serve are one sign.

    Attributes:
        label: in words.
        findings: the findings that serve it in the strict reading.
        domain: one of `DOMAINS`.
        items: system -> the name of its item.
    """

    label: str
    findings: tuple[str, ...]
    domain: str
    items: Mapping[System, str]


@dataclass(frozen=True, kw_only=True)
class SignGrid:
    """Sign x case.

    Attributes:
        signs: the rows, by domain.
        states: case x sign label, int8: 1 present, -1 absent, 0 not stated (strict reading).
        lenient: case x sign label: present by a stand-in in the lenient reading only.
    """

    signs: Sequence[CriteriaSign]
    states: pd.DataFrame
    lenient: pd.DataFrame


def criteria_signs(dataset: Dataset) -> tuple[CriteriaSign, ...]:
    """Every sign of Hunter, Sternbach and Radomski once, by domain."""
    items: dict[frozenset[str], dict[System, str]] = {}
    for system in CRITERIA:
        for item, findings in serving_findings(dataset.finding_terms, system).items():
            items.setdefault(frozenset(findings), {})[system] = item
    domain = dataset.finding_terms["domain"]
    labels = _labels(dataset, items)
    signs = [
        CriteriaSign(
            label=labels[findings],
            findings=tuple(sorted(findings)),
            domain=next((name for name in DOMAINS if name == domain[min(findings)]), DOMAINS[-1]),
            items=named,
        )
        for findings, named in items.items()
    ]
    return tuple(sorted(signs, key=lambda sign: DOMAINS.index(sign.domain)))


def overlapping_cases(dataset: Dataset, least_signs: int) -> pd.DataFrame:
    """The labelled cases, and the cases with at least so many signs of Hunter or of Sternbach; labelled cases first.

    Index `case_id`. Columns: primary_event (label), ss_assessment, hunter, sternbach, radomski (signs reported present,
    strict reading), source_access.
    """
    overlap = signs_overlap(dataset)
    labelled = is_ss_labelled(dataset)
    chosen = overlap.loc[labelled | (overlap[["hunter", "sternbach"]].max(axis=1) >= least_signs)]
    cases = dataset.cases.loc[chosen.index]
    table = chosen.assign(
        primary_event=cases["primary_event"].map(dataset.event_terms["label"]),
        ss_assessment=cases["ss_assessment"].str.replace("_", " "),
        source_access=cases["source_access"].str.replace("_", " "),
        rest=~labelled.loc[chosen.index],
    )
    ordered = table.rename_axis("case_id").reset_index()
    ordered = ordered.sort_values(["rest", "hunter", "sternbach", "case_id"], ascending=[True, False, False, True])
    columns = ["primary_event", "ss_assessment", "hunter", "sternbach", "radomski", "source_access"]
    return ordered.set_index("case_id")[columns]


def overlap_counts(dataset: Dataset) -> pd.DataFrame:
    """How many cases have so many signs of a system reported present; one row per number of signs.

    Index `signs`. Columns: hunter, sternbach, radomski (cases).
    """
    overlap = signs_overlap(dataset)
    numbers = pd.RangeIndex(int(overlap.to_numpy().max(initial=0)) + 1, name="signs")
    return pd.DataFrame({system: overlap[system].value_counts().reindex(numbers, fill_value=0) for system in overlap})


def sign_grid(dataset: Dataset, case_ids: Sequence[str]) -> SignGrid:
    """The signs of the criteria in the given cases."""
    signs = criteria_signs(dataset)
    strict = {system: item_states(dataset, system, "strict").loc[list(case_ids)] for system in CRITERIA}
    used = {
        system: stand_ins(appraised_states(dataset), dataset.finding_terms, system).loc[list(case_ids)]
        for system in CRITERIA
    }
    states, lenient = {}, {}
    for sign in signs:
        system, item = next(iter(sign.items.items()))
        states[sign.label] = strict[system][item]
        lenient[sign.label] = used[system][item].map(bool)
    return SignGrid(signs=signs, states=pd.DataFrame(states), lenient=pd.DataFrame(lenient).astype(bool))


def signs_table(grid: SignGrid) -> pd.DataFrame:
    """The grid in words: one row per sign, one column per case.

    Index `sign`. Columns: hunter, sternbach, radomski (the item it serves, else "–"), then the case ids
    (`present`, `absent`, `not stated`, or `present, lenient reading only`).
    """
    rows = []
    for sign in grid.signs:
        serves = {str(system): sign.items.get(system, "–").replace("_", " ") for system in CRITERIA}
        states = zip(grid.states.index, grid.states[sign.label], grid.lenient[sign.label], strict=True)
        cells = {
            str(case_id): "present, lenient reading only" if by_stand_in else STATE_WORDS[int(state)]
            for case_id, state, by_stand_in in states
        }
        rows.append({"sign": sign.label, **serves, **cells})
    return pd.DataFrame(rows).set_index("sign")


def sign_frequencies(dataset: Dataset, signs: Sequence[NamedSign]) -> pd.DataFrame:
    """How often named signs are reported in the labelled cases, beside all other cases.

    Index `sign`. Columns: present, absent, not_stated (labelled cases), says, present_ids, absent_ids, rest_says (all
    other cases), rest_ids (those with it).
    """
    labelled = is_ss_labelled(dataset).to_numpy()
    ids = dataset.cases.index
    rows = []
    for label, states in named_states(dataset, signs).items():
        ours = tally(states[labelled])
        rows.append(
            {
                "sign": label,
                "present": ours.yes,
                "absent": ours.no,
                "not_stated": ours.unknown,
                "says": str(ours),
                "present_ids": tuple(ids[labelled & (states == Truth.YES)]),
                "absent_ids": tuple(ids[labelled & (states == Truth.NO)]),
                "rest_says": str(tally(states[~labelled])),
                "rest_ids": tuple(ids[~labelled & (states == Truth.YES)]),
            }
        )
    return pd.DataFrame(rows).set_index("sign")


def labelled_states(dataset: Dataset, signs: Sequence[NamedSign]) -> pd.DataFrame:
    """Labelled case x named sign, int8: 1 present, -1 absent, 0 not stated."""
    labelled = is_ss_labelled(dataset)
    return pd.DataFrame(named_states(dataset, signs), index=dataset.cases.index)[labelled]


def reference_frequencies(dataset: Dataset, signs: Sequence[NamedSign]) -> pd.DataFrame:
    """What published series counted, one row per sign and figure.

    Columns: sign, citekey, measure, population, n (missing when the denominator was not recorded), share, low, high
    (Wilson, 95 %; missing without n), source (a link where an address is known), note. For the interval a percentage is
    turned into the nearest whole count.
    """
    studies = dataset.studies.to_dict("index")
    rows = []
    for sign in signs:
        for key in sign.figures:
            study = studies[key]
            share = float(study["value"]) / 100
            known = not pd.isna(study["n"])
            interval = wilson_interval(round(share * int(study["n"])), int(study["n"])) if known else (np.nan, np.nan)
            source = dataset.context_sources.loc[study["citekey"]]
            rows.append(
                {
                    "sign": sign.label,
                    "citekey": study["citekey"],
                    "measure": study["measure"],
                    "population": study["population"],
                    "n": study["n"],
                    "share": share,
                    "low": interval[0],
                    "high": interval[1],
                    "source": linked_text(source["short_reference"], source["link"]),
                    "note": "–" if pd.isna(study["note"]) else study["note"],
                }
            )
    return pd.DataFrame(rows).astype({"n": "Int64"})


def series_in_words(references: pd.DataFrame) -> dict[str, str]:
    """Citekey -> source and population of each series of `reference_frequencies`, in the order of the rows."""
    named: dict[str, str] = {}
    for citekey, source, population in zip(
        references["citekey"], references["source"], references["population"], strict=True
    ):
        text = source.plain() if isinstance(source, Link) else source
        named.setdefault(citekey, f"{text}: {population}")
    return named


def _labels(dataset: Dataset, items: Mapping[frozenset[str], Mapping[System, str]]) -> dict[frozenset[str], str]:
    """Each sign in words; signs that would bear the same words are told by their findings."""
    words = {findings: item_in_words(next(iter(named.values()))) for findings, named in items.items()}
    taken = list(words.values())
    finding_labels = dataset.finding_terms["label"].str.lower()
    return {
        findings: label
        if taken.count(label) == 1
        else " or ".join(sorted(finding_labels[finding] for finding in findings))
        for findings, label in words.items()
    }
