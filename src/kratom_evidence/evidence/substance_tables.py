"""What was seen in the cases with one substance or drug class, beside the cases without it.

A case is "with" when the publication lists a member, at whatever time it was taken, and "without" when co-exposures are
stated and no member is among them. All others cannot be told: the publication does not say what else was taken, or it
lists a drug without naming it that may be a member. These groups were not sampled: their counts describe what was
published and are no risk, and a difference between them is no effect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.confounding import explanation_classes
from kratom_evidence.appraisal.criteria.agreement import authors_states
from kratom_evidence.appraisal.criteria.table import criterion_states
from kratom_evidence.appraisal.exposure import graded_exposures, kratom_confirmed, serotonergic_exposure
from kratom_evidence.appraisal.findings import appraised_states
from kratom_evidence.appraisal.three_valued import States, Truth
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.co_exposures import NOT_RECORDED
from kratom_evidence.evidence.tally import Tally, states_of, tally
from kratom_evidence.faults import UsageError, shorten
from kratom_evidence.nearest import nearest_name

UNNAMED_ENDING = "(unspecified)"
_ANTIDEPRESSANTS = frozenset({"ssri", "snri", "tca", "maoi", "atypical_antidepressant"})
# Classes that an unnamed drug may belong to. "Anxiolytic" and "hypnotic" name a purpose that drugs of many classes
# serve, so that they, and any unnamed drug that is added later, may be any substance.
UNNAMED_CLASSES: Mapping[str, frozenset[str]] = {
    "antidepressant (unspecified)": _ANTIDEPRESSANTS,
    "benzodiazepine (unspecified)": frozenset({"benzodiazepine"}),
    "opioid (unspecified)": frozenset({"opioid", "opioid_serotonergic"}),
    "stimulant (unspecified)": frozenset({"stimulant_amphetamine", "stimulant_other"}),
}
_LISTS = ("cyp_substrate", "cyp_inhibitor", "atc_codes")
# None of four: the 95 % Wilson interval ends below one half (0 to 0.49); none of three: above it (0 to 0.56). With
# fewer cases than these, not even a sign that no case has is known to be in fewer than half of such cases.
COMPARED_FROM = 4
GROUPS: Mapping[Truth, str] = {Truth.YES: "with_it", Truth.NO: "without_it", Truth.UNKNOWN: "cannot_tell"}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One substance, or all substances of a class: `members` are names of the lexicon. `drug_class` is None for one."""

    title: str
    members: tuple[str, ...]
    drug_class: str | None = None


def subject(dataset: Dataset, *, substance: str = "", drug_class: str = "") -> Subject:
    """The subject of a page: exactly one of the two must be given.

    Raises:
        UsageError: both or neither is given, or the lexicon does not have it; the nearest name is given.
    """
    if bool(substance) == bool(drug_class):
        given = "both were given" if substance else "neither was given"
        raise UsageError(
            f"Give either a substance or a drug_class ({given}), for example substance=venlafaxine or drug_class=snri."
        )
    lexicon = dataset.substances
    if substance:
        if substance not in lexicon.index:
            raise _unknown("substance", substance, _spellings(lexicon))
        return Subject(title=substance, members=(substance,))
    labels = dataset.codebook.table("substances").field("drug_class").labels
    members = tuple(str(name) for name in lexicon.index[lexicon["drug_class"] == drug_class])
    if not members:
        classes = set(lexicon["drug_class"])
        spelled = {name: name for name in classes} | {labels[name]: name for name in classes}
        raise _unknown("drug class", drug_class, spelled)
    return Subject(title=labels[drug_class], members=members, drug_class=drug_class)


def _spellings(lexicon: pd.DataFrame) -> dict[str, str]:
    """Every name and synonym -> the name."""
    spelled = {str(word): str(name) for name, words in lexicon["synonyms"].items() for word in words or ()}
    return spelled | {str(name): str(name) for name in lexicon.index}


def _unknown(what: str, name: str, spelled: Mapping[str, str]) -> UsageError:
    by_case = {word.casefold(): word for word in spelled}
    nearest = by_case.get(str(name).casefold()) or nearest_name(str(name), spelled)
    hint = f" Did you mean {spelled[nearest]!r}?" if nearest else ""
    return UsageError(f"There is no {what} {shorten(str(name))!r} in vocabulary/substances.csv.{hint}")


def membership(dataset: Dataset, chosen: Subject) -> "pd.Series[Any]":
    """Per case (index case_id, int8): 1 with it, -1 without it, 0 cannot tell; see the module."""
    classes = {str(dataset.substances.loc[name, "drug_class"]) for name in chosen.members if not _is_unnamed(name)}
    states = [_member_state(items, chosen.members, classes) for items in dataset.cases["co_exposures"]]
    return pd.Series(states, index=dataset.cases.index, dtype="int8", name="membership")


def cases_with(dataset: Dataset, chosen: Subject) -> tuple[str, ...]:
    """The cases that list a member, in the order of the cases."""
    states = membership(dataset, chosen)
    return tuple(str(case_id) for case_id in states.index[states == Truth.YES])


def _member_state(items: object, members: Sequence[str], classes: set[str]) -> Truth:
    if not isinstance(items, tuple):
        return Truth.UNKNOWN
    names = {item.substance for item in items}
    if names & set(members):
        return Truth.YES
    hidden = any(_may_be(name, classes) for name in names if _is_unnamed(name))
    return Truth.UNKNOWN if hidden else Truth.NO


def _is_unnamed(name: str) -> bool:
    return name.endswith(UNNAMED_ENDING)


def _may_be(unnamed: str, classes: set[str]) -> bool:
    """Whether an unnamed drug may be one of the named members, which are of these classes."""
    return bool(classes) and (unnamed not in UNNAMED_CLASSES or bool(UNNAMED_CLASSES[unnamed] & classes))


def lexicon_table(dataset: Dataset, chosen: Subject) -> pd.DataFrame:
    """What the lexicon says of each member, indexed by `substance`, those with cases first.

    Columns: drug_class, grade, mechanism, blocks_5ht2a, cyp_substrate, cyp_inhibitor, atc_codes, grade_rests_on (a
    publication that was read, or not), cases. What the lexicon leaves empty reads "not recorded".
    """
    fields = dataset.codebook.table("substances").field
    rows = dataset.substances.loc[list(chosen.members)]
    cases = dataset.co_exposures.groupby("substance")["case_id"].nunique()
    table = pd.DataFrame(
        {
            "drug_class": rows["drug_class"].map(fields("drug_class").labels),
            "grade": rows["serotonergic"],
            "mechanism": rows["mechanism"].map(fields("mechanism").labels),
            "blocks_5ht2a": rows["blocks_5ht2a"].map(fields("blocks_5ht2a").labels),
            **{name: rows[name].map(lambda items: items or None) for name in _LISTS},
            "grade_rests_on": rows["verified"].map({"yes": "a publication that was read"}).fillna("no source read"),
        }
    )
    table = table.astype(object).where(table.notna(), NOT_RECORDED)
    table["cases"] = cases.reindex(rows.index).fillna(0).astype(int)
    order = sorted(table.index, key=lambda name: (-table.loc[name, "cases"], name))
    return table.loc[order].rename_axis("substance")


def case_rows(dataset: Dataset, chosen: Subject) -> pd.DataFrame:
    """One row per case and member taken, by case.

    Columns: case_id, substance, timing_class, evidence, dose_text, event, serotonin_syndrome (authors), hunter (strict:
    met, not met, undetermined), other_substances (tuple; empty when no other is listed), citekey.
    """
    graded = graded_exposures(dataset)
    rows = graded[graded["substance"].isin(chosen.members)].sort_values(["case_id", "substance"], ignore_index=True)
    cases = dataset.cases.loc[rows["case_id"]]
    evidence = dataset.codebook.table("case_reports").field("co_exposures").item_categories["evidence"]
    hunter = criterion_states(dataset)["hunter_strict"].loc[rows["case_id"]]
    others = [
        tuple(item.substance for item in items if item.substance not in chosen.members)
        for items in cases["co_exposures"]
    ]
    return pd.DataFrame(
        {
            "case_id": rows["case_id"],
            "substance": rows["substance"],
            "timing_class": rows["timing_class"].str.replace("_", " "),
            "evidence": rows["evidence"].map({category.value: category.label for category in evidence}),
            "dose_text": rows["dose_text"],
            "event": cases["primary_event"].map(dataset.event_terms["label"]).to_numpy(),
            "serotonin_syndrome": cases["ss_assessment"].str.replace("_", " ").to_numpy(),
            "hunter": hunter.map({Truth.YES: "met", Truth.NO: "not met", Truth.UNKNOWN: "undetermined"}).to_numpy(),
            "other_substances": pd.Series(others, index=rows.index, dtype=object),
            "citekey": cases["citekey"].to_numpy(),
        }
    )


def timing_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """When it was taken, from the `case_rows`; a case may stand in more than one row.

    Columns: timing_class, evidence, cases, case_ids.
    """
    grouped = {how: tuple(sorted(set(of["case_id"]))) for how, of in rows.groupby(["timing_class", "evidence"])}
    records = [(*how, len(ids), ids) for how, ids in sorted(grouped.items(), key=lambda entry: -len(entry[1]))]
    return pd.DataFrame(records, columns=["timing_class", "evidence", "cases", "case_ids"])


def event_rows(dataset: Dataset, chosen: Subject) -> pd.DataFrame:
    """Primary events by group, the events of the cases with it first; the others are summed up.

    Index `event`. Columns: with_it, without_it, cannot_tell (cases), case_ids (those with it). The last row is the
    number of all cases.
    """
    groups = membership(dataset, chosen).map(GROUPS)
    events = dataset.cases["primary_event"].map(dataset.event_terms["label"])
    counts = pd.crosstab(events, groups).reindex(columns=list(GROUPS.values()), fill_value=0)
    own = counts[counts["with_it"] > 0].sort_values(["with_it", "without_it"], ascending=False, kind="stable")
    rest = counts[counts["with_it"] == 0]
    summed = pd.DataFrame([rest.sum(), counts.sum()], index=["All other events", "All cases"])
    table = pd.concat([own, summed])
    ids = {event: tuple(groups.index[(events == event) & (groups == "with_it")]) for event in own.index}
    ids["All cases"] = tuple(groups.index[groups == "with_it"])
    named = pd.Series([ids.get(event, ()) for event in table.index], index=table.index, dtype=object)
    return table.assign(case_ids=named).rename_axis(index="event", columns=None)


def property_rows(dataset: Dataset, chosen: Subject) -> pd.DataFrame:
    """What the cases show, by group. One row per property and group.

    Columns: property, group (with_it, without_it, cannot_tell), yes, no, not_stated (cases), says (in words with its
    denominator, such as "3 of 9 that say; 31 silent").
    """
    return _by_group(_properties(dataset), membership(dataset, chosen))


def sign_rows(dataset: Dataset, chosen: Subject) -> pd.DataFrame:
    """The findings stated of at least one case with it, by group; columns as `property_rows`, the most frequent first.

    `yes` is reported present, `no` reported absent.
    """
    members = membership(dataset, chosen)
    states = appraised_states(dataset)
    with_it = states[(members == Truth.YES).to_numpy()]
    present, stated = (with_it == Truth.YES).sum(), (with_it != Truth.UNKNOWN).sum()
    names = sorted(stated.index[stated > 0], key=lambda name: (-present[name], -stated[name], name))
    labels = dataset.finding_terms["label"]
    return _by_group({str(labels[name]): states[name].to_numpy() for name in names}, members)


def _properties(dataset: Dataset) -> Mapping[str, States]:
    criteria = criterion_states(dataset)
    return {
        "Authors name serotonin syndrome": authors_states(dataset).to_numpy(dtype=np.int8),
        "Hunter signs (strict)": criteria["hunter_strict"].to_numpy(),
        "Hunter signs (lenient)": criteria["hunter_lenient"].to_numpy(),
        "Sternbach signs (strict)": criteria["sternbach_strict"].to_numpy(),
        "Radomski signs": criteria["radomski_strict"].to_numpy(),
        "Established serotonergic agent besides kratom": serotonergic_exposure(dataset)["state"].to_numpy(),
        "Another explanation than kratom": explanation_classes(dataset)["alternative"].to_numpy(),
        "Mitragynine measured in the body": kratom_confirmed(dataset).to_numpy(),
        "Death": states_of(dataset.cases["outcome"].tolist(), yes=frozenset({"death"})),
    }


def _by_group(properties: Mapping[str, States], members: "pd.Series[Any]") -> pd.DataFrame:
    group_of = members.to_numpy(dtype=np.int8)
    rows = []
    for name, states in properties.items():
        for truth, group in GROUPS.items():
            count = tally(states[group_of == truth])
            rows.append((name, group, count.yes, count.no, count.unknown, in_words(count)))
    return pd.DataFrame(rows, columns=["property", "group", "yes", "no", "not_stated", "says"])


def in_words(count: Tally) -> str:
    """A count with its denominator; a group without a case, or in which no case says, is told in words."""
    if not count.total:
        return "no case"
    return str(count) if count.known else f"none says; {count.unknown} silent"
