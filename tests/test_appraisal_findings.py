"""From stated findings to the items of the criteria: what follows from a statement, and what never does."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from kratom_evidence.appraisal import (
    CRITERIA,
    Reading,
    System,
    Truth,
    appraised_states,
    at_least,
    conjunction,
    disjunction,
    implied_states,
    item_states,
    items_from_states,
    negation,
    serving_findings,
    stand_in_findings,
    stand_ins,
    states_from_findings,
)
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import ExplainedError

SYSTEMS: tuple[System, ...] = ("hunter", "sternbach", "radomski")
READINGS: tuple[Reading, ...] = ("strict", "lenient")


def grid(dataset: Dataset, *cases: dict[str, int]) -> pd.DataFrame:
    """Finding states of made-up cases: 1 present, -1 absent, what is not named is not stated."""
    states = pd.DataFrame(0, index=[f"case{n}" for n in range(len(cases))], columns=dataset.finding_terms.index)
    for case_id, findings in zip(states.index, cases, strict=True):
        for finding, state in findings.items():
            states.loc[case_id, finding] = state
    return states.astype("int8")


def stated(states: pd.DataFrame, case_id: str) -> dict[str, int]:
    """What is present or absent in one case."""
    return {str(finding): int(state) for finding, state in states.loc[case_id].items() if state}


def item(dataset: Dataset, findings: dict[str, int], system: System, name: str, reading: Reading = "strict") -> int:
    return int(items_from_states(grid(dataset, findings), dataset.finding_terms, system, reading)[name].iloc[0])


def with_temperatures(dataset: Dataset, temperatures: list[float | None]) -> Dataset:
    """The first cases with other temperatures and with no findings stated."""
    cases = dataset.cases.iloc[: len(temperatures)].copy()
    cases["temp_max_c"] = pd.array(temperatures, dtype="Float64")
    return replace(dataset, cases=cases, findings=dataset.findings.iloc[:0])


def test_kleene_tables() -> None:
    """Kleene's strong tables, written out."""
    first, second = (np.array(column, dtype="int8") for column in zip(*product((1, 0, -1), repeat=2), strict=True))
    assert conjunction([first, second]).tolist() == [1, 0, -1, 0, 0, -1, -1, -1, -1]
    assert disjunction([first, second]).tolist() == [1, 1, 1, 1, 0, 0, 1, 0, -1]
    assert negation(np.array([1, 0, -1], dtype="int8")).tolist() == [-1, 0, 1]


def test_at_least_two_of_three() -> None:
    for states in product((1, 0, -1), repeat=3):
        fillings = [[state] if state else [1, -1] for state in states]
        answers = {sum(answer == 1 for answer in filling) >= 2 for filling in product(*fillings)}
        expected = 0 if len(answers) == 2 else 1 if answers == {True} else -1
        assert at_least(2, [np.array([state], dtype="int8") for state in states])[0] == expected


def test_at_least_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="one array or more"):
        at_least(1, [])


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_vocabulary_serves_every_item_and_no_other(dataset: Dataset, system: System) -> None:
    items = set(dataset.finding_terms[system].dropna().str.rpartition(":")[2])
    assert items == set(CRITERIA[system].items)
    assert set(stand_in_findings(dataset.finding_terms, system)) <= set(CRITERIA[system].items)


def test_the_vocabulary_and_radomski_agree_on_major_and_minor(dataset: Dataset) -> None:
    column = dataset.finding_terms["radomski"].dropna()
    items = CRITERIA["radomski"].items
    assert {value.removeprefix("major:") for value in column if value.startswith("major:")} == set(items[:10])
    assert {value.removeprefix("minor:") for value in column if value.startswith("minor:")} == set(items[10:])


def test_the_stand_ins_are_those_of_the_evidence_notes(dataset: Dataset) -> None:
    assert {item: set(names) for item, names in stand_in_findings(dataset.finding_terms, "hunter").items()} == {
        "inducible_clonus": {"clonus"},
        "hypertonia": {"muscle_rigidity"},
        "agitation": {"restlessness", "akathisia"},
        "temperature": {"fever"},
    }
    assert set(stand_in_findings(dataset.finding_terms, "sternbach")) == {"agitation"}
    assert stand_in_findings(dataset.finding_terms, "radomski") == {}


def test_a_temperature_decides_hyperthermia_and_nothing_else(dataset: Dataset) -> None:
    changed = with_temperatures(dataset, [38.0, 38.1, 36.7, None])
    states = appraised_states(changed)
    assert states["hyperthermia"].tolist() == [-1, 1, -1, 0]
    assert (states.drop(columns="hyperthermia") == 0).all(axis=None)
    assert states.dtypes.unique().tolist() == [np.dtype("int8")]


def test_the_number_decides_over_the_word_hyperthermia(dataset: Dataset) -> None:
    changed = with_temperatures(dataset, [37.0, None])
    stated = pd.DataFrame({"case_id": changed.cases.index, "finding": "hyperthermia", "state": "present"})
    assert appraised_states(replace(changed, findings=stated))["hyperthermia"].tolist() == [-1, 1]


def test_a_vocabulary_without_hyperthermia_is_explained(dataset: Dataset) -> None:
    with pytest.raises(ExplainedError, match=r"findings.csv has no finding hyperthermia"):
        appraised_states(replace(dataset, finding_terms=dataset.finding_terms.drop(index="hyperthermia")))


def test_an_item_that_no_finding_serves_is_unknown(dataset: Dataset) -> None:
    terms = dataset.finding_terms.drop(index=["akathisia"])
    states = grid(dataset, {"restlessness": 1}).drop(columns="akathisia")
    assert items_from_states(states, terms, "radomski", "strict")["akathisia"].tolist() == [0]


def test_the_dataset_itself_is_not_changed(dataset: Dataset) -> None:
    before = dataset.finding_states.copy()
    implied_states(appraised_states(dataset), dataset.finding_terms)
    item_states(dataset, "hunter", "lenient")
    pd.testing.assert_frame_equal(dataset.finding_states, before)


def test_presence_goes_to_broader_and_absence_to_narrower_findings(dataset: Dataset) -> None:
    implied = implied_states(
        grid(dataset, {"coma": 1}, {"clonus": -1}, {"clonus": 1}, {"coma": -1}), dataset.finding_terms
    )
    assert [stated(implied, case_id) for case_id in implied.index] == [
        {"coma": 1, "unresponsive": 1, "altered_mental_status": 1},
        {"clonus": -1, "spontaneous_clonus": -1, "inducible_clonus": -1, "ocular_clonus": -1},
        {"clonus": 1},
        {"coma": -1},
    ]


def test_what_was_stated_is_kept_when_something_else_implies_the_contrary(dataset: Dataset) -> None:
    implied = implied_states(grid(dataset, {"ocular_clonus": 1, "clonus": -1}), dataset.finding_terms)
    assert stated(implied, "case0") == {
        "clonus": -1,
        "spontaneous_clonus": -1,
        "inducible_clonus": -1,
        "ocular_clonus": 1,
    }


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("reading", READINGS)
def test_a_silent_case_has_only_unknown_items(dataset: Dataset, system: System, reading: Reading) -> None:
    items = items_from_states(grid(dataset, {}), dataset.finding_terms, system, reading)
    assert tuple(items.columns) == CRITERIA[system].items
    assert (items == 0).all(axis=None)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("reading", READINGS)
def test_each_serving_finding_makes_its_item_present_and_no_other(
    dataset: Dataset, system: System, reading: Reading
) -> None:
    for name, findings in serving_findings(dataset.finding_terms, system).items():
        for finding in findings:
            items = items_from_states(grid(dataset, {finding: 1}), dataset.finding_terms, system, reading)
            present = set(items.columns[(items == 1).iloc[0]])
            expected = {name}
            if reading == "lenient":
                standing = stand_in_findings(dataset.finding_terms, system).items()
                expected |= {replaced for replaced, names in standing if finding in names}
            assert present == expected, finding


@pytest.mark.parametrize(
    ("findings", "system", "name", "state"),
    [
        ({"coma": 1}, "radomski", "coma", 1),
        ({"coma": 1}, "radomski", "impaired_consciousness", 0),
        ({"spontaneous_clonus": 1}, "hunter", "clonus_unspecified", 0),
        ({"myoclonus": 1}, "hunter", "spontaneous_clonus", 0),
        ({"neonatal_hypertonia": 1}, "hunter", "hypertonia", 0),
        ({"clonus": -1}, "hunter", "spontaneous_clonus", -1),
        ({"inducible_clonus": -1}, "hunter", "ocular_clonus", 0),
        ({"altered_mental_status": -1}, "radomski", "coma", -1),
        ({"altered_mental_status": -1}, "radomski", "impaired_consciousness", -1),
        ({"altered_mental_status": -1}, "sternbach", "mental_status_change", 0),
        ({"confusion": -1}, "sternbach", "mental_status_change", 0),
        ({"incoordination": -1}, "sternbach", "incoordination", -1),
        ({"ataxia": -1}, "sternbach", "incoordination", 0),
        ({"diarrhea": -1}, "sternbach", "diarrhea", -1),
        ({"shivering": -1}, "sternbach", "shivering", -1),
        ({"shivering": -1}, "radomski", "chills_or_shivering", 0),
        ({"shivering": -1, "chills": -1}, "radomski", "chills_or_shivering", -1),
        ({"shivering": -1, "chills": 1}, "radomski", "chills_or_shivering", 1),
        ({"fever": 1}, "sternbach", "fever", 1),
        ({"fever": -1}, "sternbach", "fever", -1),
        ({"hyperthermia": -1}, "sternbach", "fever", -1),
        ({"hyperthermia": -1, "fever": 1}, "sternbach", "fever", 1),
        ({"fever": 1}, "hunter", "temperature", 0),
        ({"fever": -1}, "hunter", "temperature", 0),
    ],
)
def test_strict_items(dataset: Dataset, findings: dict[str, int], system: System, name: str, state: int) -> None:
    assert item(dataset, findings, system, name) == state


@pytest.mark.parametrize(
    ("findings", "system", "name", "state"),
    [
        ({"clonus": 1}, "hunter", "inducible_clonus", 1),
        ({"clonus": 1, "ocular_clonus": 1}, "hunter", "inducible_clonus", 0),
        ({"clonus": 1, "inducible_clonus": -1}, "hunter", "inducible_clonus", -1),
        ({"ocular_clonus": 1}, "hunter", "inducible_clonus", 0),
        ({"muscle_rigidity": 1}, "hunter", "hypertonia", 1),
        ({"muscle_rigidity": -1}, "hunter", "hypertonia", 0),
        ({"restlessness": 1}, "hunter", "agitation", 1),
        ({"restlessness": 1}, "sternbach", "agitation", 1),
        ({"restlessness": -1}, "hunter", "agitation", 0),
        ({"akathisia": 1, "restlessness": 1}, "hunter", "agitation", 1),
        ({"restlessness": 1, "agitation": -1}, "hunter", "agitation", -1),
        ({"akathisia": 1}, "radomski", "agitation", 0),
        ({"fever": 1}, "hunter", "temperature", 1),
        ({"fever": -1}, "hunter", "temperature", -1),
        ({"fever": 1, "hyperthermia": -1}, "hunter", "temperature", -1),
    ],
)
def test_lenient_items(dataset: Dataset, findings: dict[str, int], system: System, name: str, state: int) -> None:
    assert item(dataset, findings, system, name, "lenient") == state


def test_the_stand_in_is_named_only_where_it_was_needed(dataset: Dataset) -> None:
    states = grid(dataset, {"restlessness": 1, "akathisia": 1}, {"restlessness": 1, "agitation": 1}, {"fever": 1}, {})
    used = stand_ins(states, dataset.finding_terms, "hunter")
    assert [set(names) for names in used["agitation"]] == [{"restlessness", "akathisia"}, set(), set(), set()]
    assert list(used["temperature"]) == [(), (), ("fever",), ()]
    assert used.loc["case3"].map(len).sum() == 0


def test_stand_ins_are_exactly_what_leniency_adds(dataset: Dataset) -> None:
    states = appraised_states(dataset)
    for system in SYSTEMS:
        strict, lenient = (item_states(dataset, system, reading) for reading in READINGS)
        used = stand_ins(states, dataset.finding_terms, system).map(len) > 0
        pd.testing.assert_frame_equal(used, (strict != 1) & (lenient == 1))


RELEVANT = (
    "spontaneous_clonus", "inducible_clonus", "ocular_clonus", "clonus", "agitation", "restlessness", "akathisia",
    "diaphoresis", "tremor", "hyperreflexia", "hypertonia", "muscle_rigidity", "hyperthermia", "fever", "coma",
    "unresponsive", "altered_mental_status", "confusion", "shivering", "chills", "diarrhea", "bloody_diarrhea",
    "myoclonus", "incoordination", "ataxia", "mania", "elevated_mood", "delirium",
)  # fmt: skip


@pytest.fixture(scope="module")
def made_up(dataset: Dataset) -> pd.DataFrame:
    """Two thousand cases with random statements about the findings that serve some item, from silent to complete."""
    generator = np.random.default_rng(11)
    states = pd.DataFrame(0, index=range(2000), columns=dataset.finding_terms.index, dtype="int8")
    stated = generator.random((2000, len(RELEVANT))) < generator.random((2000, 1))
    denied = generator.random((2000, len(RELEVANT))) < generator.random((2000, 1))
    states[list(RELEVANT)] = np.where(stated, np.where(denied, -1, 1), 0).astype("int8")
    return states


def filled(states: pd.DataFrame, finding: str, truth: Truth) -> pd.DataFrame:
    """The same cases with one finding stated wherever it was not."""
    return states.assign(**{finding: states[finding].mask(states[finding] == 0, int(truth)).astype("int8")})


def test_lenient_meets_whatever_strict_meets(dataset: Dataset, made_up: pd.DataFrame) -> None:
    states = states_from_findings(made_up, dataset.finding_terms)
    for system in ("hunter", "sternbach"):
        strict, lenient = states[f"{system}_strict"], states[f"{system}_lenient"]
        assert set(strict) == {-1, 0, 1}
        assert (lenient[strict == 1] == 1).all()
        assert ((strict != 1) & (lenient == 1)).any()


def test_a_finding_that_turns_from_not_stated_to_present_unmeets_nothing(
    dataset: Dataset, made_up: pd.DataFrame
) -> None:
    before = states_from_findings(made_up, dataset.finding_terms)
    for finding in RELEVANT:
        after = states_from_findings(filled(made_up, finding, Truth.YES), dataset.finding_terms)
        assert (after.to_numpy()[before.to_numpy() == 1] == 1).all(), finding


def test_a_strict_answer_is_never_taken_back_by_a_denial_and_never_raised(
    dataset: Dataset, made_up: pd.DataFrame
) -> None:
    strict = ["hunter_strict", "sternbach_strict", "radomski_strict"]
    before = states_from_findings(made_up, dataset.finding_terms)[strict].to_numpy()
    for finding in RELEVANT:
        after = states_from_findings(filled(made_up, finding, Truth.NO), dataset.finding_terms)[strict].to_numpy()
        assert (after <= before).all(), finding
        assert (after[before == 1] == 1).all(), finding
