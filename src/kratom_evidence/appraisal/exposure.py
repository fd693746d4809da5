"""Which serotonergic agents besides kratom were on board, and through which enzymes kratom could raise their level.

Every answer is three-valued (1 yes, -1 no, 0 unknown) and joined by Kleene's rules: a case is "yes" when one
co-exposure surely qualifies, "unknown" when one might, "no" when none can.

Rules of this module, chosen before the counts were made:

* Grades and timings are cumulative: `possible` includes established agents, `unclear` includes every other timing
  that counts. Unnamed drugs that the lexicon grades other than `none` belong by its convention to a class with
  established members, so they might be established; an unnamed anxiolytic might be buspirone (lexicon, grade basis).
  An unnamed benzodiazepine or hypnotic is taken as the lexicon has it, not serotonergic: a sedating antidepressant
  that the publication calls a sleeping aid would be missed.
* A drug given in hospital before the event was on board when the event began, so it counts like a concurrent one. It
  keeps its own timing class.
* A drug that was stopped before the event is `recently_stopped` when the publication calls the stop recent, or dates
  it within `RECENT_DAYS`; it is `past` otherwise. A recently stopped drug, or a past one whose stop is not dated, may
  still act, so it makes a case unknown, not absent, where only current drugs are accepted.
* Drugs given as treatment after onset are no co-exposures in the data and never count.
* Empty `co_exposures` is unknown. A list is read as it stands: what is not on it is taken as not taken, unless
  `listing_is_complete=False`, which makes such cases unknown; only the word `none` is then a "no".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from kratom_evidence.appraisal.three_valued import States, Truth
from kratom_evidence.appraisal.timing import TimingClass, stopped_days_before, timing_class
from kratom_evidence.computed_once import computed_by_case, computed_once
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import UsageError
from kratom_evidence.nearest import nearest_name

Grade: TypeAlias = Literal["established", "possible", "disputed"]
AcceptedTiming: TypeAlias = Literal["concurrent", "recently_stopped", "unclear"]

GRADE_RANK: Mapping[str, int] = {"none": 0, "disputed": 1, "possible": 2, "established": 3}
STRONGEST_UNNAMED: Mapping[str, str] = {"anxiolytic (unspecified)": "disputed"}
# Hair shows use at some time in the past, the product shows what was taken but not that it was: neither confirms alone.
CONFIRMING_SPECIMENS = frozenset({"blood", "urine", "other_tissue"})

_ACCEPTED: Mapping[str, frozenset[TimingClass]] = {
    "concurrent": frozenset({TimingClass.CONCURRENT, TimingClass.GIVEN_IN_HOSPITAL}),
    "recently_stopped": frozenset(
        {TimingClass.CONCURRENT, TimingClass.GIVEN_IN_HOSPITAL, TimingClass.RECENTLY_STOPPED}
    ),
    "unclear": frozenset(
        {TimingClass.CONCURRENT, TimingClass.GIVEN_IN_HOSPITAL, TimingClass.RECENTLY_STOPPED, TimingClass.UNCLEAR}
    ),
}


@dataclass(frozen=True, kw_only=True)
class ExposureArrays:
    """The co-exposures as arrays, for computing many combinations of definitions without touching frames.

    Attributes:
        case_ids: the cases, in the order of `Dataset.cases`.
        listed: per case 1 when co-exposures are listed, -1 when the publication says none, 0 when not stated.
        case: per co-exposure the position of its case in `case_ids`.
        grade: per co-exposure the rank of its grade (`GRADE_RANK`).
        strongest_grade: per co-exposure the strongest rank it might have (differs for unnamed drugs only).
        timing: per accepted timing, the truth of "taken at an accepted time" for each co-exposure.
        amitriptyline: per co-exposure whether it is amitriptyline, whose grade is tried both ways.
    """

    case_ids: "pd.Index[Any]"
    listed: States
    case: npt.NDArray[np.intp]
    grade: States
    strongest_grade: States
    timing: Mapping[str, States]
    amitriptyline: npt.NDArray[np.bool_]


@computed_by_case
def graded_exposures(dataset: Dataset) -> pd.DataFrame:
    """One row per case x co-exposure, with grade, timing class and pharmacokinetic route.

    Columns: case_id, substance, drug_class, evidence, timing, dose_text, timing_class, stopped_days_before, grade,
    strongest_grade (what an unnamed drug might be), mechanism; three-valued (1 yes, -1 no, 0 unknown) blocks_5ht2a,
    cyp2d6_substrate, cyp3a_substrate, cyp2d6_inhibitor, cyp3a_inhibitor. An empty enzyme list of the lexicon means
    not recorded and stays unknown; a list without the enzyme is read as no.
    """
    rows = dataset.co_exposures
    stopped = [
        stopped_days_before(text) if timing == "past" else None
        for timing, text in zip(rows["timing"], rows["dose_text"], strict=True)
    ]
    classes = [timing_class(t, text).value for t, text in zip(rows["timing"], rows["dose_text"], strict=True)]
    graded = rows[["case_id", "substance", "drug_class", "evidence", "timing", "dose_text"]].assign(
        timing_class=pd.Series(classes, dtype="str", index=rows.index),
        stopped_days_before=pd.Series(stopped, dtype="Float64", index=rows.index),
        grade=rows["serotonergic"],
        strongest_grade=[_strongest(s, g) for s, g in zip(rows["substance"], rows["serotonergic"], strict=True)],
        mechanism=rows["mechanism"],
        blocks_5ht2a=rows["blocks_5ht2a"].map({"yes": Truth.YES, "no": Truth.NO}).fillna(Truth.UNKNOWN).astype("int8"),
    )
    for role in ("substrate", "inhibitor"):
        for column, enzyme in (("cyp2d6", "2D6"), ("cyp3a", "3A4")):
            states = [_enzyme_state(entries, enzyme) for entries in rows[f"cyp_{role}"]]
            graded[f"{column}_{role}"] = pd.Series(states, dtype="int8", index=rows.index)
    return graded


@computed_once
def exposure_arrays(dataset: Dataset) -> ExposureArrays:
    """The co-exposures of the dataset as arrays."""
    graded = graded_exposures(dataset)
    classes = [TimingClass(value) for value in graded["timing_class"]]
    dated = graded["stopped_days_before"].notna().tolist()
    return ExposureArrays(
        case_ids=dataset.cases.index,
        listed=np.array([_listed(items) for items in dataset.cases["co_exposures"]], dtype=np.int8),
        case=dataset.cases.index.get_indexer(pd.Index(graded["case_id"])),
        grade=np.array([GRADE_RANK[grade] for grade in graded["grade"]], dtype=np.int8),
        strongest_grade=np.array([GRADE_RANK[grade] for grade in graded["strongest_grade"]], dtype=np.int8),
        timing={
            name: np.array([_timing_truth(c, d, name) for c, d in zip(classes, dated, strict=True)], dtype=np.int8)
            for name in _ACCEPTED
        },
        amitriptyline=(graded["substance"] == "amitriptyline").to_numpy(dtype=np.bool_),
    )


def qualifying(
    arrays: ExposureArrays,
    *,
    grade: Grade = "established",
    timing: AcceptedTiming = "concurrent",
    amitriptyline_as: Grade = "established",
) -> States:
    """Per co-exposure: is it an agent of that grade or stronger, at an accepted time (1 yes, -1 no, 0 unknown)?

    Raises:
        UsageError: an unknown grade or timing.
    """
    _check("grade", grade, get_args(Grade))
    _check("timing", timing, get_args(AcceptedTiming))
    _check("amitriptyline_as", amitriptyline_as, get_args(Grade))
    least, amitriptyline = GRADE_RANK[grade], GRADE_RANK[amitriptyline_as]
    sure = np.where(arrays.amitriptyline, amitriptyline, arrays.grade) >= least
    might = np.where(arrays.amitriptyline, amitriptyline, arrays.strongest_grade) >= least
    graded = np.where(sure, Truth.YES, np.where(might, Truth.UNKNOWN, Truth.NO))
    return np.minimum(graded, arrays.timing[timing]).astype(np.int8)


def exposure_states(
    arrays: ExposureArrays,
    *,
    grade: Grade = "established",
    timing: AcceptedTiming = "concurrent",
    amitriptyline_as: Grade = "established",
    listing_is_complete: bool = True,
) -> States:
    """Per case, in the order of `arrays.case_ids`: was a serotonergic agent besides kratom on board (1, -1, 0)?

    Raises:
        UsageError: an unknown grade or timing.
    """
    rows = qualifying(arrays, grade=grade, timing=timing, amitriptyline_as=amitriptyline_as)
    return _case_states(arrays, rows, listing_is_complete=listing_is_complete)


@computed_by_case
def serotonergic_exposure(
    dataset: Dataset,
    *,
    grade: Grade = "established",
    timing: AcceptedTiming = "concurrent",
    amitriptyline_as: Grade = "established",
    listing_is_complete: bool = True,
) -> pd.DataFrame:
    """Serotonergic agents besides kratom, per case (index case_id).

    Columns: agents (tuple of the substances that surely qualify), count (of them), state (int8: 1 at least one, -1
    none, 0 unknown), uncertain (tuple of the substances that might qualify). The rules are those of the module. Two
    names for one medicine (amfetamine and dexamfetamine, both listed for one tablet) count twice.

    Raises:
        UsageError: an unknown grade or timing.
    """
    arrays = exposure_arrays(dataset)
    rows = qualifying(arrays, grade=grade, timing=timing, amitriptyline_as=amitriptyline_as)
    return _per_case(dataset, arrays, rows, listing_is_complete=listing_is_complete)


@computed_by_case
def serotonin_2a_blockers(
    dataset: Dataset, *, timing: AcceptedTiming = "concurrent", listing_is_complete: bool = True
) -> pd.DataFrame:
    """5-HT2A blockers per case, which lower rather than raise the risk; columns as `serotonergic_exposure`.

    A substance whose block the lexicon leaves open makes a case unknown.

    Raises:
        UsageError: an unknown timing.
    """
    _check("timing", timing, get_args(AcceptedTiming))
    arrays = exposure_arrays(dataset)
    blocks = graded_exposures(dataset)["blocks_5ht2a"].to_numpy(dtype=np.int8)
    return _per_case(
        dataset, arrays, np.minimum(blocks, arrays.timing[timing]), listing_is_complete=listing_is_complete
    )


@computed_by_case
def kratom_confirmed(dataset: Dataset) -> "pd.Series[Any]":
    """Per case (index case_id, int8): was mitragynine measured in a body fluid or tissue?

    1 found in blood, urine or another tissue; -1 sought and not found; 0 no assay stated, or found in hair or the
    product only.
    """
    states = [_confirmed(specimens) for specimens in dataset.cases["mitragynine_detected_in"]]
    return pd.Series(states, index=dataset.cases.index, dtype="int8", name="kratom_confirmed")


def _confirmed(specimens: object) -> Truth:
    if not isinstance(specimens, tuple):
        return Truth.UNKNOWN
    if not specimens:
        return Truth.NO
    return Truth.YES if CONFIRMING_SPECIMENS & set(specimens) else Truth.UNKNOWN


def _per_case(dataset: Dataset, arrays: ExposureArrays, rows: States, *, listing_is_complete: bool) -> pd.DataFrame:
    substances = dataset.co_exposures["substance"].to_numpy()
    named: dict[Truth, list[list[str]]] = {truth: [[] for _ in arrays.case_ids] for truth in Truth}
    for case, state, substance in zip(arrays.case, rows, substances, strict=True):
        if substance not in named[Truth(state)][case]:
            named[Truth(state)][case].append(substance)
    agents = [tuple(sorted(names)) for names in named[Truth.YES]]
    return pd.DataFrame(
        {
            "agents": pd.Series(agents, index=arrays.case_ids, dtype=object),
            "count": pd.Series([len(names) for names in agents], index=arrays.case_ids, dtype="int64"),
            "state": pd.Series(
                _case_states(arrays, rows, listing_is_complete=listing_is_complete), index=arrays.case_ids
            ),
            "uncertain": pd.Series(
                [tuple(sorted(names)) for names in named[Truth.UNKNOWN]], index=arrays.case_ids, dtype=object
            ),
        }
    )


def _case_states(arrays: ExposureArrays, rows: States, *, listing_is_complete: bool) -> States:
    of_listed = Truth.NO if listing_is_complete else Truth.UNKNOWN
    states = np.where(arrays.listed == 0, Truth.UNKNOWN, np.where(arrays.listed > 0, of_listed, Truth.NO))
    states = states.astype(np.int8)
    np.maximum.at(states, arrays.case, rows)
    return states


def _timing_truth(timing: TimingClass, dated: bool, accepted: str) -> Truth:
    if timing in _ACCEPTED[accepted]:
        return Truth.YES
    return Truth.NO if timing is TimingClass.PAST and dated else Truth.UNKNOWN


def _listed(items: object) -> int:
    if not isinstance(items, tuple):
        return 0
    return 1 if items else -1


def _strongest(substance: str, grade: str) -> str:
    if not substance.endswith("(unspecified)"):
        return grade
    return STRONGEST_UNNAMED.get(substance, "none" if grade == "none" else "established")


def _enzyme_state(entries: object, enzyme: str) -> Truth:
    """Whether an enzyme is in a list of the lexicon: "2D6(weak)" names 2D6, "inducer:3A4" is no inhibitor of it."""
    if not isinstance(entries, tuple) or not entries:
        return Truth.UNKNOWN
    return Truth.YES if any(str(entry).partition("(")[0] == enzyme for entry in entries) else Truth.NO


def _check(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        nearest = nearest_name(str(value), allowed)
        hint = f" Did you mean {nearest!r}?" if nearest else ""
        raise UsageError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.{hint}")
