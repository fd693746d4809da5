"""What else could explain each case: explanations counted, cases classed, and labelled cases beside the rest.

"Present" means that the circumstance was there, not that it suffices to explain the event (see
`appraisal.confounding`). Every table carries the case ids behind its numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kratom_evidence.appraisal import (
    EXPLANATIONS,
    ExplanationClass,
    explanation_classes,
    explanation_states,
    explanation_table,
    kratom_confirmed,
)
from kratom_evidence.appraisal.exposure import graded_exposures
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.appraisal.timing import TimingClass
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import is_ss_labelled
from kratom_evidence.evidence.statistics import share_bounds
from kratom_evidence.evidence.tally import tally

LABELS: Mapping[str, str] = {explanation.name: explanation.label for explanation in EXPLANATIONS}
KRATOM_WITHDRAWAL = "kratom_withdrawal"
# The confounder terms or explanations of ours that are nearest to what Abadie 2015 counted.
_RECENT_CHANGE = "recent_serotonergic_drug_change"
_RAISED_LEVEL = "raised_co_drug_level"
REFERENCE_FIGURES: Mapping[str, str] = {
    _RECENT_CHANGE: "abadie2015_recent_change_pct",
    _RAISED_LEVEL: "abadie2015_pk_interaction_pct",
}
_REFERENCE_WORDS: Mapping[str, str] = {
    _RECENT_CHANGE: "a serotonergic medicine was recently changed",
    _RAISED_LEVEL: "kratom could raise the level of a co-drug",
}

HEADINGS: Mapping[str, str] = {
    "explanation_class": "Class",
    "ss_labelled": "Labelled serotonin syndrome",
    "rest": "All other cases",
    "decides": "Decides the class",
    "ss_says": "Labelled cases",
    "ss_ids": "Present in (labelled)",
    "rest_says": "All other cases",
    "case_ids": "Case ids",
    "says": "Cases that say",
    "lowest": "Share, at least",
    "highest": "Share, at most",
    "ours": "Nearest in our labelled cases",
    "n": "Cases of the study",
}


@dataclass(frozen=True, kw_only=True)
class ExplanationMatrix:
    """Case x explanation, in the order in which it is drawn.

    Attributes:
        states: int8, 1 present, -1 absent, 0 not stated; the explanations that decide the class stand first.
        deciding: how many of the columns decide the class.
        groups: label of the primary event -> its cases; serotonin syndrome first, then the most frequent events.
        ss_labelled: the cases whose authors diagnose or suspect serotonin syndrome.
    """

    states: pd.DataFrame
    deciding: int
    groups: Mapping[str, tuple[str, ...]]
    ss_labelled: frozenset[str]


def explanation_matrix(dataset: Dataset, *, kratom_withdrawal_counts: bool = False) -> ExplanationMatrix:
    """The matrix of all cases, grouped by primary event; within a group the most explained cases first."""
    deciding = alternatives(kratom_withdrawal_counts=kratom_withdrawal_counts)
    columns = [*deciding, *(name for name in LABELS if name not in deciding)]
    states = explanation_states(dataset)[columns]
    present = (states[list(deciding)] == Truth.YES).sum(axis=1)
    groups = {
        label: tuple(sorted(ids, key=lambda case_id: (-present[case_id], case_id)))
        for label, ids in events_in_order(dataset).items()
    }
    labelled = is_ss_labelled(dataset)
    return ExplanationMatrix(
        states=states.loc[[case_id for ids in groups.values() for case_id in ids]],
        deciding=len(deciding),
        groups=groups,
        ss_labelled=frozenset(labelled.index[labelled]),
    )


def alternatives(*, kratom_withdrawal_counts: bool = False) -> tuple[str, ...]:
    """The explanations that decide whether a case has another explanation than kratom."""
    return tuple(
        e.name for e in EXPLANATIONS if e.alternative or (kratom_withdrawal_counts and e.name == KRATOM_WITHDRAWAL)
    )


def events_in_order(dataset: Dataset) -> dict[str, list[str]]:
    """Label of the primary event -> its cases; serotonin syndrome first, then by number of cases and label."""
    events = dataset.cases["primary_event"]
    ids = {str(event): sorted(map(str, members)) for event, members in events.groupby(events).groups.items()}
    labels = dataset.event_terms["label"]
    order = sorted(ids, key=lambda event: (event != "serotonin_syndrome", -len(ids[event]), labels[event]))
    return {str(labels[event]): ids[event] for event in order}


def class_counts(dataset: Dataset, *, kratom_withdrawal_counts: bool = False) -> pd.DataFrame:
    """One row per class, the empty ones too.

    Index `explanation_class`. Columns: ss_labelled, rest, cases, case_ids.
    """
    classes = explanation_classes(dataset, kratom_withdrawal_counts=kratom_withdrawal_counts)["explanation_class"]
    labelled = is_ss_labelled(dataset)
    rows = []
    for name in ExplanationClass:
        members = classes == name.value
        rows.append(
            {
                "explanation_class": name.value,
                "ss_labelled": int((members & labelled).sum()),
                "rest": int((members & ~labelled).sum()),
                "cases": int(members.sum()),
                "case_ids": tuple(classes.index[members]),
            }
        )
    return pd.DataFrame(rows).set_index("explanation_class")


def explanation_counts(matrix: ExplanationMatrix) -> pd.DataFrame:
    """One row per explanation, in the order of the matrix.

    Index `explanation` (label). Columns: decides (whether it decides the class), ss_says and rest_says ("3 of 9 that
    say; 31 silent"), ss_ids (labelled cases with it), present, absent, not_stated (all cases), case_ids (all cases
    with it).
    """
    labelled = matrix.states.index.isin(matrix.ss_labelled)
    rows = []
    for place, name in enumerate(matrix.states.columns):
        states = matrix.states[name].to_numpy(dtype="int8")
        counted = tally(states)
        rows.append(
            {
                "explanation": LABELS[name],
                "decides": place < matrix.deciding,
                "ss_says": str(tally(states[labelled])),
                "rest_says": str(tally(states[~labelled])),
                "ss_ids": tuple(sorted(matrix.states.index[labelled & (states == Truth.YES)])),
                "present": counted.yes,
                "absent": counted.no,
                "not_stated": counted.unknown,
                "case_ids": tuple(sorted(matrix.states.index[states == Truth.YES])),
            }
        )
    return pd.DataFrame(rows).set_index("explanation")


def labelled_states(matrix: ExplanationMatrix) -> pd.DataFrame:
    """Explanation (label) x labelled case, int8 states."""
    return matrix.states.loc[sorted(matrix.ss_labelled)].rename(columns=LABELS).T.rename_axis("explanation")


def rest_counts(matrix: ExplanationMatrix) -> pd.DataFrame:
    """The cases that are not labelled, by explanation (label): columns present, absent, not_stated."""
    rest = matrix.states[~matrix.states.index.isin(matrix.ss_labelled)]
    counts = {word: (rest == truth).sum() for word, truth in (("present", 1), ("absent", -1), ("not_stated", 0))}
    return pd.DataFrame(counts).rename(index=LABELS).rename_axis("explanation")


def explanations_by_case(dataset: Dataset, matrix: ExplanationMatrix, classes: pd.DataFrame) -> pd.DataFrame:
    """One row per case in the order of the matrix, with the field and the words behind each explanation.

    Index `case_id`. Columns: primary_event (label), explanation_class, present (tuple of "label: words [column]"),
    absent (tuple of labels). An explanation in neither is not stated. `classes` is the table of `class_counts`.
    """
    class_of = {case_id: name for name, ids in classes["case_ids"].items() for case_id in ids}
    entries: dict[str, dict[str, list[str]]] = {}
    for record in explanation_table(dataset).to_dict("records"):
        words = record["label"]
        if record["state"] == "present":
            words = f"{words}: {record['detail']} [{record['from_fields'].replace('; ', ', ')}]"
        entries.setdefault(record["case_id"], {}).setdefault(record["state"], []).append(words)
    order = matrix.states.index
    columns = {
        name: pd.Series([tuple(entries[case_id].get(name, ())) for case_id in order], index=order, dtype=object)
        for name in ("present", "absent")
    }
    events = {case_id: label for label, ids in matrix.groups.items() for case_id in ids}
    return pd.DataFrame(
        {
            "primary_event": pd.Series(events, dtype="str").loc[order],
            "explanation_class": pd.Series(class_of, dtype="str").loc[order],
            **columns,
        }
    ).rename_axis("case_id")


def confirmation(dataset: Dataset) -> pd.DataFrame:
    """Whether mitragynine was found in a body fluid or tissue: labelled cases, the rest, and all.

    Index `group`. Columns: found, not_found, not_stated, says, lowest and highest (share of all cases in the group, if
    every silent case were a no or a yes), case_ids (found). A publication that looked in vain would seldom be written,
    so the share of those that say is shown as a count only.
    """
    states = kratom_confirmed(dataset)
    labelled = is_ss_labelled(dataset)
    everyone = pd.Series(True, index=states.index)
    groups = {"labelled serotonin syndrome": labelled, "all other cases": ~labelled, "all cases": everyone}
    rows = []
    for group, members in groups.items():
        chosen = states[members]
        counted = tally(chosen.to_numpy(dtype="int8"))
        low, high = share_bounds(counted.yes, counted.no, counted.unknown)
        rows.append(
            {
                "group": group,
                "found": counted.yes,
                "not_found": counted.no,
                "not_stated": counted.unknown,
                "says": str(counted),
                "lowest": low,
                "highest": high,
                "case_ids": tuple(chosen.index[chosen == Truth.YES]),
            }
        )
    return pd.DataFrame(rows).set_index("group")


def beside_reference(dataset: Dataset) -> pd.DataFrame:
    """What Abadie 2015 counted in criteria-positive cases, beside what is nearest to it in the labelled cases.

    Columns: measure (the study's), share, n, source, ours (our nearest property in words), says, case_ids.
    """
    labelled = is_ss_labelled(dataset).to_numpy()
    ours = {_RECENT_CHANGE: _recent_change(dataset), _RAISED_LEVEL: explanation_states(dataset)[_RAISED_LEVEL]}
    rows = []
    for name, key in REFERENCE_FIGURES.items():
        study = dataset.studies.to_dict("index")[key]
        states = ours[name].to_numpy(dtype="int8")
        rows.append(
            {
                "measure": study["measure"],
                "share": float(study["value"]) / 100,
                "n": int(study["n"]),
                "source": dataset.context_sources["short_reference"][study["citekey"]],
                "ours": _REFERENCE_WORDS[name],
                "says": str(tally(states[labelled])),
                "case_ids": tuple(dataset.cases.index[labelled & (states == Truth.YES)]),
            }
        )
    return pd.DataFrame(rows)


def _recent_change(dataset: Dataset) -> "pd.Series[Any]":
    """Named among the confounders, or an established serotonergic drug recently stopped among the co-exposures.

    No only when the publication says that there were no confounders.
    """
    named = dataset.cases["confounders"].map(_change_state).astype("int8")
    graded = graded_exposures(dataset)
    stopped = graded[(graded["grade"] == "established") & (graded["timing_class"] == TimingClass.RECENTLY_STOPPED)]
    return named.mask(named.index.isin(stopped["case_id"]), int(Truth.YES)).astype("int8")


def _change_state(terms: object) -> Truth:
    if not isinstance(terms, tuple):
        return Truth.UNKNOWN
    return Truth.YES if _RECENT_CHANGE in terms else Truth.UNKNOWN if terms else Truth.NO
