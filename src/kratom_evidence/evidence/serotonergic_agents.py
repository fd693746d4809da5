"""How many serotonergic agents besides kratom each case had, at each strictness, and labelled cases beside the rest.

What a publication does not say stays a third answer throughout. The authors' label is no independent yardstick: a
serotonergic drug on board is one of the reasons for which a physician thinks of serotonin syndrome at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kratom_evidence.appraisal.exposure import (
    GRADE_RANK,
    AcceptedTiming,
    Grade,
    serotonergic_exposure,
    serotonin_2a_blockers,
)
from kratom_evidence.appraisal.three_valued import States, Truth
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import is_ss_labelled
from kratom_evidence.evidence.statistics import share_bounds, wilson_interval
from kratom_evidence.evidence.tally import Tally, tally

SS_GROUP, REST_GROUP = "authors diagnose or suspect serotonin syndrome", "all other cases"


@dataclass(frozen=True, kw_only=True)
class Strictness:
    """Which agents count: the weakest grade accepted, and the grade that amitriptyline is given."""

    label: str
    grade: Grade
    amitriptyline_as: Grade = "established"


STRICTNESS: Sequence[Strictness] = (
    Strictness(label="established, amitriptyline only possible", grade="established", amitriptyline_as="possible"),
    Strictness(label="established", grade="established"),
    Strictness(label="established or possible", grade="possible"),
    Strictness(label="established, possible or disputed", grade="disputed"),
)
# Rows of `ss_beside_rest` -> figures of aggregate studies that measured something alike (data/context/studies.csv).
REFERENCE_FIGURES: Mapping[str, Sequence[str]] = {
    "any other substance, at any time": ("post2019_npds_multiple_substance",),
    "two or more established agents": ("abadie2015_interaction_pct",),
}


def agents_per_case(dataset: Dataset, timing: AcceptedTiming) -> pd.DataFrame:
    """One row per strictness: how many cases have no, one, two, three or more serotonergic agents.

    Index `agents_counted`. Columns: none, one, two, three_or_more (a case with a further uncertain agent is counted
    with those it surely has), uncertain (co-exposures are listed, but whether one qualifies is not known), silent (the
    publication does not say what else was taken), cases, case_ids (those with at least one).
    """
    silent = dataset.cases["co_exposures"].isna().to_numpy()
    rows = []
    for level in STRICTNESS:
        exposure = serotonergic_exposure(
            dataset, grade=level.grade, timing=timing, amitriptyline_as=level.amitriptyline_as
        )
        state, count = exposure["state"].to_numpy(), exposure["count"].to_numpy()
        counts = {
            "none": state == Truth.NO,
            "one": count == 1,
            "two": count == 2,
            "three_or_more": count >= 3,
            "uncertain": (state == Truth.UNKNOWN) & ~silent,
            "silent": silent,
        }
        rows.append(
            {
                "agents_counted": level.label,
                **{name: int(np.count_nonzero(chosen)) for name, chosen in counts.items()},
                "cases": len(exposure),
                "case_ids": tuple(exposure.index[state == Truth.YES]),
            }
        )
    return pd.DataFrame(rows).set_index("agents_counted")


def serotonergic_cases(dataset: Dataset, timing: AcceptedTiming) -> pd.DataFrame:
    """One row per case with a serotonergic agent of any grade, sure or uncertain; the labelled cases first.

    Index `case_id`. Columns: ss_assessment, established, possible, disputed (tuples of the agents of that grade),
    uncertain (might qualify: time not clear, or the drug is not named), blocks_5ht2a (tuple).
    """
    exposure = serotonergic_exposure(dataset, grade="disputed", timing=timing)
    chosen = exposure.loc[(exposure["count"] > 0) | (exposure["uncertain"].map(len) > 0)]
    grade_of = dataset.substances["serotonergic"]
    agents = {
        grade: [tuple(name for name in names if grade_of[name] == grade) for names in chosen["agents"]]
        for grade in GRADE_RANK
        if grade != "none"
    }
    labelled = is_ss_labelled(dataset)
    table = pd.DataFrame(
        {
            "ss_assessment": dataset.cases["ss_assessment"].str.replace("_", " "),
            "established": pd.Series(agents["established"], index=chosen.index, dtype=object),
            "possible": pd.Series(agents["possible"], index=chosen.index, dtype=object),
            "disputed": pd.Series(agents["disputed"], index=chosen.index, dtype=object),
            "uncertain": chosen["uncertain"],
            "blocks_5ht2a": serotonin_2a_blockers(dataset, timing=timing)["agents"],
        }
    ).loc[chosen.index]
    order = sorted(table.index, key=lambda case_id: (not labelled[case_id], case_id))
    return table.loc[order]


def ss_beside_rest(dataset: Dataset, timing: AcceptedTiming) -> pd.DataFrame:
    """What the cases labelled serotonin syndrome had on board, beside all other cases.

    One row per property and group: property, group, yes, no, uncertain (co-exposures are listed, but whether one
    qualifies is not known), silent (cases), says ("3 of 9 that say; 2 uncertain; 31 silent"), share (of yes and no;
    missing when there is neither), low, high (Wilson, 95 %), lowest, highest (the share if every unknown case were a
    no, or a yes), case_ids (yes).
    """
    labelled = is_ss_labelled(dataset).to_numpy()
    rows = [
        {"property": name, "group": group, **_counted(dataset, states, members)}
        for name, states in _properties(dataset, timing).items()
        for group, members in ((SS_GROUP, labelled), (REST_GROUP, ~labelled))
    ]
    return pd.DataFrame(rows)


def _counted(dataset: Dataset, states: States, members: npt.NDArray[np.bool_]) -> dict[str, object]:
    counted = tally(states[members])
    silent = int(np.count_nonzero(members & dataset.cases["co_exposures"].isna().to_numpy()))
    uncertain = counted.unknown - silent
    interval = wilson_interval(counted.yes, counted.known)
    bounds = share_bounds(counted.yes, counted.no, counted.unknown)
    between = f"{uncertain} uncertain; " if uncertain else ""
    return {
        "yes": counted.yes,
        "no": counted.no,
        "uncertain": uncertain,
        "silent": silent,
        "says": f"{counted.yes} of {counted.known} that say; {between}{silent} silent",
        "share": counted.share,
        "low": interval.low,
        "high": interval.high,
        "lowest": bounds.low,
        "highest": bounds.high,
        "case_ids": tuple(dataset.cases.index[members & (states == Truth.YES)]),
    }


def reference_shares(dataset: Dataset) -> pd.DataFrame:
    """Figures of aggregate studies to stand beside `ss_beside_rest`; the studies count differently (see population).

    Columns: property, measure, population, yes, n, share, low, high (Wilson, 95 %), source, link. A percentage is
    turned into the nearest whole count.
    """
    rows = []
    for name, keys in REFERENCE_FIGURES.items():
        for key in keys:
            study = dataset.studies.to_dict("index")[key]
            n = int(study["n"])
            yes = round(float(study["value"]) * (1 if study["unit"] == "count" else n / 100))
            counted = Tally(yes=yes, no=n - yes, unknown=0)
            low, high = wilson_interval(yes, n)
            source = dataset.context_sources.loc[study["citekey"]]
            rows.append(
                {
                    "property": name,
                    "measure": study["measure"],
                    "population": study["population"],
                    "yes": yes,
                    "n": n,
                    "share": counted.share,
                    "low": low,
                    "high": high,
                    "source": source["short_reference"],
                    "link": source["link"],
                }
            )
    return pd.DataFrame(rows)


def _properties(dataset: Dataset, timing: AcceptedTiming) -> Mapping[str, States]:
    listed = dataset.cases["co_exposures"].map(
        lambda items: Truth.UNKNOWN if items is None else Truth.YES if items else Truth.NO
    )
    established = serotonergic_exposure(dataset, grade="established", timing=timing)
    widest = serotonergic_exposure(dataset, grade="disputed", timing=timing)
    return {
        "any other substance, at any time": listed.to_numpy(dtype=np.int8),
        "an established agent": established["state"].to_numpy(dtype=np.int8),
        "an established or possible agent": serotonergic_exposure(dataset, grade="possible", timing=timing)[
            "state"
        ].to_numpy(dtype=np.int8),
        "an agent of any grade": widest["state"].to_numpy(dtype=np.int8),
        "two or more established agents": _at_least_two(dataset, established),
        "two or more agents of any grade": _at_least_two(dataset, widest),
        "a 5-HT2A blocker": serotonin_2a_blockers(dataset, timing=timing)["state"].to_numpy(dtype=np.int8),
    }


def _at_least_two(dataset: Dataset, exposure: pd.DataFrame) -> States:
    """Yes when two surely qualify, no when even the uncertain ones do not make two; silence is unknown."""
    sure = exposure["count"].to_numpy()
    most = sure + exposure["uncertain"].map(len).to_numpy()
    silent = dataset.cases["co_exposures"].isna().to_numpy()
    states: States = np.where(sure >= 2, Truth.YES, np.where(silent | (most >= 2), Truth.UNKNOWN, Truth.NO)).astype(
        np.int8
    )
    return states
