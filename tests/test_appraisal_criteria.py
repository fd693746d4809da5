"""The criteria against a second, independent reading of the published rules, and the promises every rule keeps."""

import time
from functools import cache, partial
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kratom_evidence.appraisal import (
    CRITERIA,
    System,
    Truth,
    hunter_signs,
    judge,
    radomski_full,
    radomski_signs,
    settling,
    sternbach_full,
    sternbach_signs,
)
from kratom_evidence.appraisal.criteria import rule
from kratom_evidence.appraisal.three_valued import States
from tests.oracles import serotonin_criteria as oracle

SYSTEMS: tuple[System, ...] = ("hunter", "sternbach", "radomski")
SIGNS = {"hunter": hunter_signs, "sternbach": sternbach_signs, "radomski": radomski_signs}
STATUS = {1: "met", -1: "not_met", 0: "undetermined"}
radomski_states = st.tuples(*[st.sampled_from([-1, 0, 1])] * len(oracle.ITEMS["radomski"]))


@cache
def table(system: System) -> list[bool]:
    return oracle.truth_table(system)


@cache
def answers(system: System) -> dict[tuple[int, ...], int]:
    return oracle.common_answers(table(system))


@cache
def every_input() -> States:
    return np.array(list(product((-1, 0, 1), repeat=10)), dtype="int8")


def random_inputs(system: System, cases: int, seed: int = 7) -> States:
    """Random states with ever more unknowns, so that all three answers occur."""
    generator = np.random.default_rng(seed)
    shape = (cases, len(CRITERIA[system].items))
    states = generator.choice(np.array([-1, 1], dtype="int8"), size=shape)
    return np.where(generator.random(shape) < generator.random((cases, 1)), 0, states).astype("int8")


def as_items(system: System, states: tuple[int, ...]) -> dict[str, Truth]:
    return {item: Truth(state) for item, state in zip(CRITERIA[system].items, states, strict=True)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_items_are_those_of_the_published_rule(system: System) -> None:
    assert CRITERIA[system].items == oracle.ITEMS[system]


@pytest.mark.parametrize("system", ["hunter", "sternbach"])
def test_every_three_valued_input_has_the_common_answer_of_all_ways_to_fill_it_in(system: System) -> None:
    inputs = every_input()
    expected = [oracle.common_answer(table(system), states) for states in inputs.tolist()]
    assert len(expected) == 3**10
    assert set(expected) == {-1, 0, 1}
    np.testing.assert_array_equal(SIGNS[system](inputs), expected)
    assert list(answers(system).values()) == expected


def test_radomski_has_the_common_answer_on_random_inputs() -> None:
    inputs = random_inputs("radomski", 4000)
    expected = [oracle.common_answer(table("radomski"), states) for states in inputs.tolist()]
    assert set(expected) == {-1, 0, 1}
    np.testing.assert_array_equal(radomski_signs(inputs), expected)


@settings(max_examples=150, deadline=None)
@given(radomski_states)
def test_radomski_has_the_common_answer(states: tuple[int, ...]) -> None:
    assert radomski_signs(np.array([states], dtype="int8"))[0] == oracle.common_answer(table("radomski"), states)


def test_radomski_is_right_for_every_number_of_major_and_minor_signs_with_none_unknown() -> None:
    inputs = np.array(list(product((-1, 1), repeat=10)), dtype="int8")
    for minor in range(10):
        padding = np.full((len(inputs), 9), -1, dtype="int8")
        padding[:, :minor] = 1
        complete = np.hstack([inputs, padding])
        expected = [oracle.common_answer(table("radomski"), states) for states in complete.tolist()]
        np.testing.assert_array_equal(radomski_signs(complete), expected)


@pytest.mark.parametrize("system", SYSTEMS)
def test_one_case_is_judged_as_in_the_array(system: System) -> None:
    inputs = random_inputs(system, 500)
    found = SIGNS[system](inputs)
    for states, answer in zip(inputs.tolist(), found, strict=True):
        assert judge(system, as_items(system, tuple(states))).status == STATUS[int(answer)]


@pytest.mark.parametrize(("system", "cases"), [("hunter", 400), ("sternbach", 150), ("radomski", 40)])
def test_settling_sets_are_all_the_smallest_ones(system: System, cases: int) -> None:
    items = CRITERIA[system].items
    answer_of = partial(oracle.common_answer, table(system)) if system == "radomski" else answers(system).__getitem__
    inputs = [tuple(states) for states in random_inputs(system, 4 * cases).tolist() if states.count(0) <= 10]
    undetermined = [states for states in inputs if answer_of(states) == 0][:cases]
    if system != "radomski":
        undetermined.append((0,) * len(items))
    assert len(undetermined) > cases // 4
    for states in undetermined:
        found = settling(CRITERIA[system].rule, as_items(system, states))
        for answer, sets in ((1, found.met_if_present), (-1, found.not_met_if_absent)):
            expected = oracle.smallest_settling_sets(answer_of, states, answer)
            assert len(set(sets)) == len(sets)
            assert {frozenset(items.index(item) for item in chosen) for chosen in sets} == expected


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_settled_case_has_nothing_left_to_settle(system: System) -> None:
    inputs = random_inputs(system, 300)
    settled = inputs[SIGNS[system](inputs) != 0]
    assert len(settled) > 20
    for states in settled.tolist():
        found = settling(CRITERIA[system].rule, as_items(system, tuple(states)))
        assert found.met_if_present == found.not_met_if_absent == ()


def test_all_radomski_sets_of_a_silent_case_settle_it_and_are_as_many_as_arithmetic_says() -> None:
    found = judge("radomski", {}).settled_by
    # Four of the eight other major signs, or three of them with impaired consciousness or with coma.
    assert len(found.met_if_present) == 70 + 2 * 56
    # Seven of these eight: the ninth alone, or nothing, is then left. Denying consciousness takes two items.
    assert len(found.not_met_if_absent) == 8
    for chosen in found.met_if_present:
        assert judge("radomski", dict.fromkeys(chosen, Truth.YES)).status == "met"
    for chosen in found.not_met_if_absent:
        assert judge("radomski", dict.fromkeys(chosen, Truth.NO)).status == "not_met"


@pytest.mark.parametrize("system", SYSTEMS)
def test_filling_in_a_gap_never_takes_an_answer_back(system: System) -> None:
    inputs = random_inputs(system, 2000)
    before = SIGNS[system](inputs)
    for column in range(inputs.shape[1]):
        gaps = inputs[:, column] == 0
        for filled in (1, -1):
            after_inputs = inputs.copy()
            after_inputs[gaps, column] = filled
            after = SIGNS[system](after_inputs)
            np.testing.assert_array_equal(after[before != 0], before[before != 0])
            assert (after * filled >= before * filled).all()


@pytest.mark.parametrize(
    ("present", "status"),
    [
        ({"hypertonia"}, "not_met"),
        ({"hypertonia", "temperature"}, "not_met"),
        ({"inducible_clonus", "temperature"}, "not_met"),
        ({"inducible_clonus", "diaphoresis"}, "met"),
        ({"ocular_clonus", "agitation"}, "met"),
        ({"clonus_unspecified", "agitation", "diaphoresis", "hypertonia", "temperature"}, "not_met"),
        ({"tremor", "agitation", "diaphoresis", "temperature", "hypertonia"}, "not_met"),
    ],
)
def test_the_wrong_versions_of_hunter_are_not_followed(present: set[str], status: str) -> None:
    items = {item: Truth.YES if item in present else Truth.NO for item in CRITERIA["hunter"].items}
    assert judge("hunter", items).status == status


def test_four_minor_signs_do_not_meet_radomski() -> None:
    items = {item: Truth.YES if item in oracle.RADOMSKI_MINOR else Truth.NO for item in CRITERIA["radomski"].items}
    assert judge("radomski", items).status == "not_met"


def test_coma_and_impaired_consciousness_are_one_radomski_sign() -> None:
    result = judge("radomski", dict.fromkeys(("coma", "impaired_consciousness", "fever", "tremor"), Truth.YES))
    assert result.status == "undetermined"
    assert result.present_counts == {"major": 3, "minor": 0}
    assert result.attainable_counts == {"major": 9, "minor": 9}


@pytest.mark.parametrize("full", [sternbach_full, radomski_full])
def test_the_full_criteria_need_all_four_parts(full: type) -> None:
    states = np.array(list(product((-1, 0, 1), repeat=4)), dtype="int8")
    answers = full(
        states[:, 0],
        agent_added=states[:, 1],
        other_causes_excluded=states[:, 2],
        no_neuroleptic_change=states[:, 3],
    )
    expected = [-1 if -1 in row else 0 if 0 in row else 1 for row in states.tolist()]
    np.testing.assert_array_equal(answers, expected)


def test_what_decided_is_named() -> None:
    met = judge("hunter", {"tremor": Truth.YES, "hyperreflexia": Truth.YES, "inducible_clonus": Truth.YES})
    assert met.decided_by == ("arm 4: tremor + hyperreflexia",)
    ruled_out = dict.fromkeys(("spontaneous_clonus", "inducible_clonus", "ocular_clonus", "tremor"), Truth.NO)
    assert judge("hunter", ruled_out).decided_by == (
        "arm 1: no spontaneous clonus",
        "arm 2: no inducible clonus",
        "arm 3: no ocular clonus",
        "arm 4: no tremor",
        "arm 5: no ocular clonus and inducible clonus",
    )
    assert judge("hunter", {}).decided_by == ()


def test_items_of_another_system_are_refused_and_the_right_ones_named() -> None:
    told = f"Hunter has no item coma, insomnia; it has {', '.join(oracle.ITEMS['hunter'])}"
    with pytest.raises(ValueError, match=f"^{told}$"):
        judge("hunter", {"insomnia": Truth.YES, "tremor": Truth.YES, "coma": Truth.NO})


@pytest.mark.parametrize("system", SYSTEMS)
def test_ten_thousand_cases_take_well_under_a_second(system: System) -> None:
    inputs = random_inputs(system, 10_000)
    start = time.process_time()
    SIGNS[system](inputs)
    assert time.process_time() - start < 0.5


def test_all_of_and_any_of_are_the_weakest_and_the_strongest_of_their_parts() -> None:
    """Kleene's strong logic: "and" is the minimum, "or" the maximum of -1, 0 and 1."""
    states = np.array(list(product((-1, 0, 1), repeat=3)), dtype="int8")
    columns = {name: states[:, position] for position, name in enumerate("abc")}
    assert (rule.answer(rule.all_of("a", "b", "c"), columns) == states.min(axis=1)).all()
    assert (rule.answer(rule.any_of("a", "b", "c"), columns) == states.max(axis=1)).all()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_makes_a_rule_fail_is_the_rule_met_by_absences(count: int) -> None:
    """De Morgan's law in Kleene's logic: at least k of three fails just when its opposite holds of the absences."""
    states = np.array(list(product((-1, 0, 1), repeat=3)), dtype="int8")
    columns = {name: states[:, position] for position, name in enumerate("abc")}
    absences = {name: -column for name, column in columns.items()}
    nested = rule.AtLeast(count, ("a", "b", rule.all_of("b", "c")))
    assert (rule.answer(rule.opposite(nested), absences) == -rule.answer(nested, columns)).all()
