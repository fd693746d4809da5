"""Which cases meet Hunter, Sternbach and Radomski, what decides, what would settle it, and how far they agree."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from kratom_evidence.appraisal import (
    CRITERIA,
    JUDGEMENTS,
    CriterionResult,
    Reading,
    System,
    agreement_table,
    authors_states,
    criterion_results,
    criterion_states,
    explanation_states,
    judged_and_labelled,
    met_bounds,
    radomski_full,
    serotonergic_exposure,
    sets_in_words,
    sternbach_full,
)
from kratom_evidence.appraisal.three_valued import States, Truth, conjunction, negation
from kratom_evidence.dataset import Dataset

# (system, reading) -> case_id -> the answer.
Results: TypeAlias = Mapping[tuple[System, Reading], Mapping[str, CriterionResult]]

JUDGEMENT_WORDS = {
    f"{system}_{reading}": CRITERIA[system].title if system == "radomski" else f"{CRITERIA[system].title}, {reading}"
    for system, reading in JUDGEMENTS
} | {"authors": "authors' label"}
STATUS_WORDS = {Truth.YES: "met", Truth.NO: "not met", Truth.UNKNOWN: "undetermined"}
# The judgements compared for agreement: one reading each, for two readings of one system agree by construction.
COMPARED = ("hunter_strict", "sternbach_strict", "radomski_strict", "authors")
# Explanations that stand for the other causes which Sternbach (B) and Radomski ask to be excluded: what was there at
# the time of the event, and what was there before it, of which it is not known whether it explains anything.
_AT_EVENT = ("infection", "withdrawal_of_another_drug", "kratom_withdrawal")
_BEFORE_EVENT = ("organ_disease", "substance_use_history")
_LABELLED_SERIES = {
    "hunter_strict": "evans2010_fda_triptan_hunter",
    "sternbach_strict": "evans2010_fda_triptan_sternbach",
}

HEADINGS: Mapping[str, str] = {
    "met_if_present": "Would be met if present",
    "not_met_if_absent": "Would be not met if absent",
    "signs": "Signs reported",
    "met_ids": "Met in",
    "lenient_ids": "Met by the lenient reading only in",
    "first": "One",
    "second": "Other",
    "first_only_met": "Only the one met",
    "second_only_met": "Only the other met",
    "lowest": "Share that agrees, at least",
    "highest": "Share that agrees, at most",
    "agents": "Established serotonergic agents besides kratom",
    "hunter_without_kratom": "Hunter, kratom not counted",
    "hunter_with_kratom": "Hunter, kratom counted",
    "sternbach_full": "Sternbach A to C",
    "radomski_full": "Radomski with exclusions",
}


def all_results(dataset: Dataset) -> Results:
    """The detailed answers of all judgements for all cases."""
    return {judgement: criterion_results(dataset, *judgement) for judgement in JUDGEMENTS}


def judgements_of(results: Results, case_ids: Sequence[str]) -> pd.DataFrame:
    """One row per case and judgement, for the given cases.

    Index `case_id`. Columns: judgement (in words), status (met, not met, undetermined), decided_by, met_if_present,
    not_met_if_absent (the smallest sets of missing signs that would settle it, in words; "–" when there is nothing to
    say), signs ("3 of at most 9": signs present of those that could be).
    """
    rows = [
        {
            "case_id": case_id,
            "judgement": JUDGEMENT_WORDS[f"{system}_{reading}"],
            "status": result.status.replace("_", " ")
            + (" only by the lenient reading" if result.met_only_by_leniency else ""),
            "decided_by": "; ".join(result.decided_by) or "–",
            "met_if_present": sets_in_words(result.settled_by.met_if_present, CRITERIA[system]) or "–",
            "not_met_if_absent": sets_in_words(result.settled_by.not_met_if_absent, CRITERIA[system]) or "–",
            "signs": _sign_count(result),
        }
        for case_id in case_ids
        for (system, reading), by_case in results.items()
        for result in [by_case[case_id]]
    ]
    names = ["case_id", "judgement", "status", "decided_by", "met_if_present", "not_met_if_absent", "signs"]
    return pd.DataFrame(rows, columns=names).set_index("case_id")


def statuses(dataset: Dataset, case_ids: Sequence[str]) -> pd.DataFrame:
    """Case x judgement (in words), int8: 1 met, -1 not met, 0 undetermined."""
    return criterion_states(dataset).loc[list(case_ids)].rename(columns=JUDGEMENT_WORDS)


def met_counts(dataset: Dataset, results: Results) -> pd.DataFrame:
    """One row per judgement, over all cases.

    Index `judgement` (in words). Columns: met, not_met, undetermined, cases, met_at_least, met_at_most, met_ids,
    lenient_ids (met by the lenient reading only).
    """
    states = judged_and_labelled(dataset)
    counts = met_bounds(states)
    lenient = {
        f"{system}_{reading}": tuple(case_id for case_id, result in by_case.items() if result.met_only_by_leniency)
        for (system, reading), by_case in results.items()
    }
    counts = counts.assign(
        met_ids=_tuples([tuple(states.index[states[name] == Truth.YES]) for name in counts.index], counts.index),
        lenient_ids=_tuples([lenient.get(str(name), ()) for name in counts.index], counts.index),
    )
    return counts.set_axis(pd.Index([JUDGEMENT_WORDS[str(name)] for name in counts.index], name="judgement"))


def agreement(dataset: Dataset) -> pd.DataFrame:
    """How far the three systems (strict readings) and the authors' label agree, over all cases; one row per pair.

    Columns: first, second (in words), both_met, both_not_met, first_only_met, second_only_met, unsettled, cases,
    agree_at_least, agree_at_most (counts), lowest and highest (the same as shares of all cases), met_ids (the cases in
    which both are met).
    """
    states = judged_and_labelled(dataset)[list(COMPARED)]
    table = agreement_table(states)
    both = [
        tuple(states.index[(states[first] == Truth.YES) & (states[second] == Truth.YES)])
        for first, second in zip(table["first"], table["second"], strict=True)
    ]
    table = table.assign(
        first=table["first"].map(JUDGEMENT_WORDS),
        second=table["second"].map(JUDGEMENT_WORDS),
        lowest=table["agree_at_least"] / table["cases"],
        highest=table["agree_at_most"] / table["cases"],
        met_ids=_tuples(both, table.index),
    )
    order = ["first", "second", "both_met", "both_not_met", "first_only_met", "second_only_met", "unsettled", "cases"]
    return table[[*order, "agree_at_least", "agree_at_most", "lowest", "highest", "met_ids"]]


def label_against_criteria(dataset: Dataset) -> pd.DataFrame:
    """How many of the labelled cases meet the criteria, beside the labelled cases that Evans 2010 judged again.

    Index `judgement` (in words). Columns: labelled (cases), met, not_met, undetermined, met_ids, reference ("10 of 29";
    "–" where the series was not judged in that way), source.
    """
    states = criterion_states(dataset)
    states = states.loc[authors_states(dataset) == Truth.YES]
    studies = dataset.studies.to_dict("index")
    rows = []
    for name in states.columns:
        series = studies.get(_LABELLED_SERIES.get(str(name), ""), {})
        source = dataset.context_sources["short_reference"].get(series.get("citekey", ""), "–")
        rows.append(
            {
                "judgement": JUDGEMENT_WORDS[str(name)],
                "labelled": len(states),
                "met": int((states[name] == Truth.YES).sum()),
                "not_met": int((states[name] == Truth.NO).sum()),
                "undetermined": int((states[name] == Truth.UNKNOWN).sum()),
                "met_ids": tuple(states.index[states[name] == Truth.YES]),
                "reference": f"{int(series['value'])} of {int(series['n'])}" if series else "–",
                "source": source,
            }
        )
    return pd.DataFrame(rows).set_index("judgement")


def with_exposure(dataset: Dataset, case_ids: Sequence[str]) -> pd.DataFrame:
    """The criteria together with what they ask besides signs, for the given cases.

    Index `case_id`. Columns: agents (established serotonergic agents besides kratom, tuple), agent_on_board (yes, no
    or not stated), hunter_without_kratom and hunter_with_kratom (signs, strict, and an agent besides kratom; signs and
    kratom counted as one, which is the question itself), sternbach_full, radomski_full (in words: met, not met,
    undetermined).

    No field records that an agent was added or raised, or whether an antipsychotic was changed before onset, so both
    stay unknown where an agent was there. An infection or a withdrawal that is present means that other causes were not
    excluded. An organ disease or substance use before the event (for Radomski also a psychiatric illness) leaves that
    open; only what is reported absent is excluded.
    """
    exposure = serotonergic_exposure(dataset)
    agent = exposure["state"].to_numpy(dtype=np.int8)
    signs = {str(name): column.to_numpy(dtype=np.int8) for name, column in criterion_states(dataset).items()}
    unknown = np.zeros(len(agent), dtype=np.int8)
    added = np.minimum(agent, Truth.UNKNOWN).astype(np.int8)
    answers: dict[str, States] = {
        "hunter_without_kratom": conjunction([signs["hunter_strict"], agent]),
        "hunter_with_kratom": signs["hunter_strict"],
        "sternbach_full": sternbach_full(
            signs["sternbach_strict"],
            agent_added=added,
            other_causes_excluded=_excluded(dataset, _BEFORE_EVENT),
            no_neuroleptic_change=unknown,
        ),
        "radomski_full": radomski_full(
            signs["radomski_strict"],
            agent_added=added,
            other_causes_excluded=_excluded(dataset, (*_BEFORE_EVENT, "psychiatric_illness")),
            no_neuroleptic_change=unknown,
        ),
    }
    on_board = {Truth.YES: "yes", Truth.NO: "no", Truth.UNKNOWN: "not stated"}
    frame = pd.DataFrame(
        {
            "agents": exposure["agents"],
            "agent_on_board": exposure["state"].map(on_board),
            **{name: pd.Series(states, index=exposure.index).map(STATUS_WORDS) for name, states in answers.items()},
        }
    )
    return frame.loc[list(case_ids)].rename_axis("case_id")


def _tuples(values: list[tuple[str, ...]], index: "pd.Index[Any]") -> "pd.Series[Any]":
    return pd.Series(values, index=index, dtype=object)


def _excluded(dataset: Dataset, before_event: Sequence[str]) -> States:
    grid = explanation_states(dataset)
    at_event = [negation(grid[name].to_numpy(dtype=np.int8)) for name in _AT_EVENT]
    earlier = [np.where(grid[name] == Truth.NO, Truth.YES, Truth.UNKNOWN).astype(np.int8) for name in before_event]
    return conjunction([*at_event, *earlier])


def _sign_count(result: CriterionResult) -> str:
    groups = [
        f"{present} {'signs' if group == 'signs' else group} of at most {result.attainable_counts[group]}"
        for group, present in result.present_counts.items()
    ]
    return "; ".join(groups)
