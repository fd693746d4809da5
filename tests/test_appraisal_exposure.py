"""Exposure: the timing rule by hand, the three-valued count against all possible worlds, and silence kept apart."""

from dataclasses import replace
from itertools import product
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.appraisal import (
    exposure_arrays,
    exposure_states,
    graded_exposures,
    kratom_confirmed,
    serotonergic_exposure,
    serotonin_2a_blockers,
)
from kratom_evidence.appraisal.exposure import AcceptedTiming, Grade
from kratom_evidence.appraisal.timing import stopped_days_before, timing_class
from kratom_evidence.codebook import CoExposure
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import UsageError
from tests.made_up import dataset_of

GRADES: tuple[Grade, ...] = get_args(Grade)
TIMINGS: tuple[AcceptedTiming, ...] = get_args(AcceptedTiming)
STRONGER = {
    "established": {"established"},
    "possible": {"established", "possible"},
    "disputed": {"established", "possible", "disputed"},
}
MAY_BE_ESTABLISHED = {"antidepressant (unspecified)", "opioid (unspecified)", "stimulant (unspecified)"}

# Read by hand, one by one: the details of every co-exposure that was stopped before the event.
RECENTLY_STOPPED = {
    ("anonchest2020", "bupropion"),
    ("anonchest2020", "sertraline"),
    ("liangnd", "alprazolam"),
    ("liangnd", "diamorphine"),
}
STOPPED_LONG_AGO = {
    ("anoncorewell2025", "amfetamine"),
    ("anonmds2018", "diamorphine"),
    ("eldridge2018", "oxycodone"),
}
STOPPED_AT_AN_UNSTATED_TIME = {
    ("anoncorewell2025", "dronabinol"),
    ("anonheroin", "diamorphine"),
    ("anonhome2019", "stimulant (unspecified)"),
    ("anonjaclp2022", "opioid (unspecified)"),
    ("anonkavakratom", "opioid (unspecified)"),
    ("anonkratombup-2", "opioid (unspecified)"),
    ("anonmds2018", "amfetamine"),
    ("bowe2020", "opioid (unspecified)"),
    ("boyer2008", "hydromorphone"),
    ("galbisreignd", "clonidine"),
    ("galbisreignd", "sertraline"),
    ("huter2024", "amfetamine"),
    ("huter2024", "cocaine"),
    ("huter2024", "dronabinol"),
    ("mackay2018-1", "oxycodone"),
    ("mcwhirter2010", "ethanol"),
    ("muller2021", "ethanol"),
    ("patel2024", "opioid (unspecified)"),
}


def co_exposures(*items: tuple[str, str]) -> tuple[CoExposure, ...]:
    return tuple(CoExposure(substance=name, evidence="reported", timing=timing) for name, timing in items)


def test_every_committed_past_exposure_is_classified_as_read_by_hand(dataset: Dataset) -> None:
    past = graded_exposures(dataset).query("timing == 'past'").set_index(["case_id", "substance"])
    recent = past["timing_class"] == "recently_stopped"
    dated = past["stopped_days_before"].notna()
    assert set(past.index[recent]) == RECENTLY_STOPPED
    assert set(past.index[~recent & dated]) == STOPPED_LONG_AGO
    assert set(past.index[~recent & ~dated]) == STOPPED_AT_AN_UNSTATED_TIME


def test_every_other_timing_is_kept_as_recorded(dataset: Dataset) -> None:
    rest = graded_exposures(dataset).query("timing != 'past'")
    assert rest["timing_class"].tolist() == rest["timing"].tolist()
    assert rest["stopped_days_before"].isna().all()


@pytest.mark.parametrize(
    ("wording", "days", "expected"),
    [
        ("recently discontinued", None, "recently_stopped"),
        ("Just stopped", None, "recently_stopped"),
        ("stopped five weeks before", 35, "recently_stopped"),
        ("stopped 36 days before", 36, "past"),
        ("stopped 2 months ago", 60, "past"),
        ("for ten days, stopped seven days before", 7, "recently_stopped"),
        ("six years of use before switching to kratom", None, "past"),
        ("stopped 1-2 days before", None, "past"),
        ("stopped 2.5 months before", None, "past"),
        ("twenty-one days ago", None, "past"),
        ("stopped abruptly", None, "past"),
        ("not stopped recently", None, "past"),
        (None, None, "past"),
        (float("nan"), None, "past"),
    ],
)
def test_recently_stopped_is_read_from_plain_wording_only(wording: object, days: float | None, expected: str) -> None:
    assert stopped_days_before(wording) == days
    assert timing_class("past", wording) == expected
    assert timing_class("concurrent", wording) == "concurrent"


def test_agents_of_the_three_cases_labelled_serotonin_syndrome(dataset: Dataset) -> None:
    primary = serotonergic_exposure(dataset)
    assert primary.loc["brooks2023", "agents"] == ("desvenlafaxine",)
    assert primary.loc["brogdon2022", "agents"] == ("venlafaxine",)
    assert primary.loc["anonchest2020", "agents"] == ("amitriptyline",)
    assert primary.loc["anonchest2020", "uncertain"] == ("sertraline",)
    stopped = serotonergic_exposure(dataset, timing="recently_stopped")
    assert stopped.loc["anonchest2020", "agents"] == ("amitriptyline", "sertraline")
    assert serotonergic_exposure(dataset, grade="possible").loc["brooks2023", "count"] == 2
    assert serotonergic_exposure(dataset, grade="disputed").loc["brooks2023", "count"] == 5


def test_amitriptyline_is_tried_as_possible(dataset: Dataset) -> None:
    weaker = serotonergic_exposure(dataset, amitriptyline_as="possible")
    assert weaker.loc["nelsen2010", "state"] == -1
    assert weaker.loc["anonchest2020", "state"] == 0, "sertraline was stopped recently and may still act"
    assert serotonergic_exposure(dataset).loc[["nelsen2010", "anonchest2020"], "state"].tolist() == [1, 1]


def worlds(row: Any, grade: str, timing: str, amitriptyline_as: str) -> set[bool]:
    """Whether the co-exposure is an agent on board, in every world that the publication leaves possible."""
    recorded = amitriptyline_as if row.substance == "amitriptyline" else row.serotonergic
    grades = {recorded}
    if row.substance in MAY_BE_ESTABLISHED:
        grades |= {"established"}
    if row.substance == "anxiolytic (unspecified)":
        grades |= {"disputed"}
    key = (row.case_id, row.substance)
    if row.timing in {"concurrent", "given_in_hospital_before_event"}:
        on_board = {True}
    elif row.timing == "unclear":
        on_board = {True} if timing == "unclear" else {True, False}
    elif key in RECENTLY_STOPPED:
        on_board = {True, False} if timing == "concurrent" else {True}
    else:
        on_board = {False} if key in STOPPED_LONG_AGO else {True, False}
    return {g in STRONGER[grade] and taken for g, taken in product(grades, on_board)}


@pytest.mark.parametrize(("grade", "timing", "amitriptyline_as"), list(product(GRADES, TIMINGS, GRADES)))
def test_states_are_what_all_possible_worlds_agree_on(
    dataset: Dataset, grade: Grade, timing: AcceptedTiming, amitriptyline_as: Grade
) -> None:
    result = serotonergic_exposure(dataset, grade=grade, timing=timing, amitriptyline_as=amitriptyline_as)
    for case_id, listed in dataset.cases["co_exposures"].items():
        rows = dataset.co_exposures[dataset.co_exposures["case_id"] == case_id]
        possible = [worlds(row, grade, timing, amitriptyline_as) for row in rows.itertuples()]
        outcomes = {any(world) for world in product(*possible)}
        sure = {True: 1, False: -1}[outcomes.pop()] if len(outcomes) == 1 else 0
        expected = 0 if listed is None else sure
        assert result.loc[str(case_id), "state"] == expected, case_id
        assert result.loc[str(case_id), "count"] == sum(world == {True} for world in possible), case_id


@pytest.mark.parametrize(("grade", "timing"), list(product(GRADES, TIMINGS)))
def test_silence_is_never_an_absence(dataset: Dataset, grade: Grade, timing: AcceptedTiming) -> None:
    listed = dataset.cases["co_exposures"]
    silent = listed.isna().to_numpy()
    none = listed.map(lambda items: items == ()).to_numpy()
    as_read = serotonergic_exposure(dataset, grade=grade, timing=timing)["state"]
    cautious = serotonergic_exposure(dataset, grade=grade, timing=timing, listing_is_complete=False)["state"]
    assert silent.any()
    assert none.any()
    assert (as_read[silent] == 0).all()
    assert (as_read[none] == -1).all()
    assert (cautious[none] == -1).all()
    assert (cautious[~none] >= 0).all()
    assert (cautious[as_read >= 0] == as_read[as_read >= 0]).all()


def test_a_case_made_silent_moves_from_no_to_unknown_and_changes_no_other(dataset: Dataset) -> None:
    before = serotonergic_exposure(dataset)["state"]
    assert before["abdullah2019"] == -1
    cases = dataset.cases.copy()
    cases["co_exposures"] = cases["co_exposures"].where(cases.index != "abdullah2019", None)
    after = serotonergic_exposure(replace(dataset, cases=cases))["state"]
    assert after["abdullah2019"] == 0
    assert after.drop("abdullah2019").equals(before.drop("abdullah2019"))


def test_treatment_after_onset_never_counts(dataset: Dataset) -> None:
    made = dataset_of(dataset, treated={"co_exposures": (), "treatments": ("sertraline", "tramadol")})
    assert serotonergic_exposure(made, grade="disputed", timing="unclear")["state"].tolist() == [-1]


def test_given_in_hospital_before_the_event_counts_and_keeps_its_class(dataset: Dataset) -> None:
    made = dataset_of(dataset, ward={"co_exposures": co_exposures(("tramadol", "given_in_hospital_before_event"))})
    assert serotonergic_exposure(made)["state"].tolist() == [1]
    assert graded_exposures(made)["timing_class"].tolist() == ["given_in_hospital_before_event"]


substances = st.sampled_from(
    ["sertraline", "amitriptyline", "trazodone", "bupropion", "diazepam", *sorted(MAY_BE_ESTABLISHED)]
)
timings = st.sampled_from(["concurrent", "past", "given_in_hospital_before_event", "unclear"])
lists = st.lists(st.tuples(substances, timings), max_size=4, unique=True).map(lambda items: co_exposures(*items))


@given(listed=lists, added=st.tuples(substances, timings))
def test_looser_definitions_and_further_agents_never_weaken_the_answer(
    dataset: Dataset, listed: tuple[CoExposure, ...], added: tuple[str, str]
) -> None:
    more = (*listed, *co_exposures(added))
    arrays = exposure_arrays(dataset_of(dataset, less={"co_exposures": listed}, more={"co_exposures": more}))
    states = np.array([[exposure_states(arrays, grade=g, timing=t) for t in TIMINGS] for g in GRADES])
    assert (np.diff(states, axis=0) >= 0).all(), "grades are cumulative"
    assert (np.diff(states, axis=1) >= 0).all(), "timings are cumulative"
    assert (states[..., 1] >= states[..., 0]).all(), "a further agent"


def test_the_array_form_gives_the_same_states(dataset: Dataset) -> None:
    arrays = exposure_arrays(dataset)
    for grade, timing in product(GRADES, TIMINGS):
        frame = serotonergic_exposure(dataset, grade=grade, timing=timing)
        assert frame["state"].tolist() == exposure_states(arrays, grade=grade, timing=timing).tolist()


def test_5ht2a_blockers_are_flagged(dataset: Dataset) -> None:
    blockers = serotonin_2a_blockers(dataset)
    assert blockers.loc["brooks2023", "agents"] == ("trazodone", "ziprasidone")
    assert blockers.loc["brogdon2022", "agents"] == ("quetiapine",)
    assert blockers.loc["abdullah2019", "state"] == -1
    assert blockers.loc["aggarwal2018", "state"] == 0


@pytest.mark.parametrize(
    ("substance", "column", "expected"),
    [
        ("venlafaxine", "cyp2d6_substrate", 1),
        ("venlafaxine", "cyp3a_substrate", 1),
        ("ethanol", "cyp2d6_substrate", -1),
        ("naltrexone", "cyp3a_substrate", 0),
        ("bupropion", "cyp2d6_inhibitor", 1),
        ("bupropion", "cyp3a_inhibitor", -1),
        ("modafinil", "cyp3a_inhibitor", -1),
    ],
)
def test_enzymes_of_the_lexicon(dataset: Dataset, substance: str, column: str, expected: int) -> None:
    made = dataset_of(dataset, one={"co_exposures": co_exposures((substance, "concurrent"))})
    assert graded_exposures(made)[column].tolist() == [expected]


def test_kratom_is_confirmed_by_a_body_fluid_only(dataset: Dataset) -> None:
    made = dataset_of(
        dataset,
        blood={"mitragynine_detected_in": ("blood", "product")},
        hair={"mitragynine_detected_in": ("hair",)},
        product={"mitragynine_detected_in": ("product",)},
        silent={},
        sought={"mitragynine_detected_in": ()},
    )
    expected = {"blood": 1, "hair": 0, "product": 0, "silent": 0, "sought": -1}
    assert kratom_confirmed(made).to_dict() == expected


def test_a_mistyped_definition_is_explained(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match=r"not 'establishd'\. Did you mean 'established'\?"):
        serotonergic_exposure(dataset, grade="establishd")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="timing must be one of concurrent, recently_stopped, unclear"):
        serotonin_2a_blockers(dataset, timing="past")  # type: ignore[arg-type]


def test_no_co_exposures_at_all(dataset: Dataset) -> None:
    made = dataset_of(dataset, silent={}, alone={"co_exposures": ()})
    assert graded_exposures(made).empty
    states: pd.Series[Any] = serotonergic_exposure(made)["state"]
    assert states.to_dict() == {"alone": -1, "silent": 0}
