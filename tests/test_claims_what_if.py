"""Multiverse and fragility: against brute force, against the real data path, and properties of the extremes."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.claims import Claim, Judgement, Verdict, judge, judge_all, read_claims
from kratom_evidence.claims.case_tests import CountAtMost, ShareAtLeast
from kratom_evidence.claims.denial_tests import NoCounterExample
from kratom_evidence.claims.fragility import LARGEST_MIXTURE, Influence, fragility, influence, kinds_of_case
from kratom_evidence.claims.multiverse import CHOICES, Multiverse, combinations, multiverses, verdicts_over_unknowns
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.claims.verdict import ORDER
from kratom_evidence.claims.what_if_figures import LEVELS, combinations_figure, ordered
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from tests.made_evidence import evidence_of, judged_by

SS, ALONE = "serotonin_syndrome", "kratom_alone_confirmed"
TRUTHS = [Truth.YES, Truth.UNKNOWN, Truth.NO]
states = st.sampled_from(TRUTHS)


@pytest.fixture(scope="module")
def claims(project_root: Path) -> tuple[Claim, ...]:
    return read_claims(project_root / "data")


@pytest.fixture(scope="module")
def judgements(dataset: Dataset, claims: tuple[Claim, ...]) -> tuple[Judgement, ...]:
    return judge_all(dataset, claims)


@pytest.fixture(scope="module")
def worlds(dataset: Dataset, judgements: tuple[Judgement, ...]) -> dict[str, Multiverse]:
    return {world.claim.id: world for world in multiverses(dataset, judgements)}


def made_up(dataset: Dataset, pairs: list[tuple[Truth, Truth]]) -> CaseEvidence:
    """Evidence of cases with the given states of the syndrome and of "kratom alone, confirmed"."""
    return evidence_of(dataset, **{SS: [pair[0] for pair in pairs], ALONE: [pair[1] for pair in pairs]})


def test_every_combination_of_choices_is_computed_once(worlds: dict[str, Multiverse]) -> None:
    expected = {tuple(chosen) for chosen in product(*(options for options in CHOICES.values()))}
    for world in worlds.values():
        found = list(world.specifications[list(CHOICES)].itertuples(index=False, name=None))
        assert len(found) == len(set(found)) and set(found) == expected
        primary = world.specifications[world.specifications["primary"]]
        assert primary["verdict"].tolist() == [world.verdict.value]


@pytest.mark.parametrize("claim_id", ["C11", "C13", "C15", "C20", "C21", "C23"])
def test_array_verdicts_equal_those_of_the_plain_path(
    dataset: Dataset, claims: tuple[Claim, ...], worlds: dict[str, Multiverse], claim_id: str
) -> None:
    """A sample of combinations, each judged afresh without the shared arrays."""
    claim = next(claim for claim in claims if claim.id == claim_id)
    as_is = worlds[claim_id].specifications.query("unknowns == 'as_is'").reset_index(drop=True)
    chosen = combinations()
    for position in range(0, len(chosen), 37):
        assert judge_all(dataset, [claim], chosen[position])[0].verdict.value == as_is.loc[position, "verdict"]


def test_best_case_as_is_worst_case_are_in_order_everywhere(worlds: dict[str, Multiverse]) -> None:
    rank = {verdict.value: position for position, verdict in enumerate(ORDER)}
    for world in worlds.values():
        others = [choice for choice in CHOICES if choice != "unknowns"]
        table = world.specifications.set_index([*others, "unknowns"])["verdict"].map(rank).unstack("unknowns")
        assert (table["best_case"] <= table["as_is"]).all() and (table["as_is"] <= table["worst_case"]).all()


@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(st.tuples(states, states), min_size=1, max_size=5))
def test_the_extremes_cover_every_way_of_filling_in_the_silent_cases(
    dataset: Dataset, pairs: list[tuple[Truth, Truth]]
) -> None:
    """Brute force over every single completion, not only over uniform ones."""
    test = NoCounterExample(of=SS, stratum=ALONE)
    evidence = made_up(dataset, pairs)
    planned = judged_by(test, evidence).deciding
    assert planned is not None
    found = verdicts_over_unknowns(planned.planned, evidence)
    options = [
        [(a, b) for a in ([p[0]] if p[0] else TRUTHS[::2]) for b in ([p[1]] if p[1] else TRUTHS[::2])] for p in pairs
    ]
    completions = [test.evaluate(made_up(dataset, list(filled))).verdict for filled in product(*options)]
    ranks = [ORDER.index(verdict) for verdict in completions]
    assert ORDER.index(found["best_case"]) <= min(ranks)
    assert ORDER.index(found["worst_case"]) >= max(ranks)


def brute_force(test: ClaimTest, pairs: list[tuple[Truth, Truth]], dataset: Dataset) -> int | None:
    """The smallest number of further cases, of any mixture, that changes the verdict: by adding real cases."""
    before = test.evaluate(made_up(dataset, pairs)).verdict
    for size in range(1, 3):
        for further in product(product(TRUTHS, TRUTHS), repeat=size):
            if test.evaluate(made_up(dataset, [*pairs, *further])).verdict is not before:
                return size
    return None


@settings(max_examples=25, deadline=None)
@given(
    pairs=st.lists(st.tuples(states, states), min_size=1, max_size=6),
    test=st.sampled_from(
        [
            NoCounterExample(of=SS, stratum=ALONE),
            CountAtMost(of=SS, at_most=2),
            ShareAtLeast(of=ALONE, among=SS, at_least=0.5),
        ]
    ),
)
def test_the_smallest_number_of_further_cases_is_that_of_brute_force(
    dataset: Dataset, pairs: list[tuple[Truth, Truth]], test: ClaimTest
) -> None:
    evidence = made_up(dataset, pairs)
    found = fragility(judged_by(test, evidence), evidence)
    expected = brute_force(test, pairs, dataset)
    if expected is None:
        assert found.number is None or found.number > 2
    else:
        assert found.number == expected


def test_what_the_fragility_sentence_foretells_comes_true(dataset: Dataset, judgements: tuple[Judgement, ...]) -> None:
    evidence = gather(dataset)
    for judgement in judgements:
        foretold = fragility(judgement, evidence)
        if foretold.number is None or foretold.number > LARGEST_MIXTURE:
            continue
        assert judgement.deciding is not None and foretold.new_verdict is not judgement.verdict
        assert sum(count for _, count in foretold.kinds) == foretold.number
        kinds = kinds_of_case(judgement.deciding.planned.test)
        fewer = [
            judge(judgement.claim, evidence.with_further([kind] * (foretold.number - 1))).verdict for kind in kinds
        ]
        assert set(fewer) == {judgement.verdict}


def test_one_clean_case_is_foretold_for_the_flat_denial(dataset: Dataset, judgements: tuple[Judgement, ...]) -> None:
    denial = next(judgement for judgement in judgements if judgement.claim.id == "C13")
    foretold = fragility(denial, gather(dataset))
    assert (foretold.number, foretold.new_verdict) == (1, Verdict.CONTRADICTED)
    assert "confirmed by a laboratory and nothing else was taken" in foretold.sentence


def test_leaving_out_a_publication_equals_data_without_it(dataset: Dataset, judgements: tuple[Judgement, ...]) -> None:
    evidence = gather(dataset)
    handful = next(judgement for judgement in judgements if judgement.claim.id == "C20")
    assert influence(handful, evidence).changes == {}
    for key in ("brooks2023", "brogdon2022", "anonchest2020"):
        left = judge(handful.claim, evidence.without_publication(key))
        assert len(left.cases) == len(handful.cases) - 1


def test_a_verdict_from_one_context_publication_does_not_stand_without_it(
    dataset: Dataset, judgements: tuple[Judgement, ...]
) -> None:
    single = next(judgement for judgement in judgements if judgement.claim.id == "C06")
    assert influence(single, gather(dataset)).changes == {"abadie2015": Verdict.NOT_TESTABLE}


def test_what_is_not_testable_rests_on_no_publication(dataset: Dataset, judgements: tuple[Judgement, ...]) -> None:
    untestable = next(judgement for judgement in judgements if judgement.verdict is Verdict.NOT_TESTABLE)
    alone = influence(untestable, gather(dataset))
    assert (alone.claim, alone.verdict) == (untestable.claim, Verdict.NOT_TESTABLE)
    assert (alone.publications, alone.changes) == (0, {})


def test_the_curve_marks_the_verdict_and_the_options_of_every_combination(worlds: dict[str, Multiverse]) -> None:
    """Read back from the two images: in each column one verdict, and one option of each choice."""
    world = worlds["C13"]
    frame = ordered(world)
    above, beneath = (np.asarray(axes.images[0].get_array()) == 0 for axes in combinations_figure(frame).axes)
    assert [LEVELS[row].value for row in above.argmax(axis=0)] == frame["verdict"].tolist()
    assert (above.sum(axis=0) == 1).all()
    start = 0
    for choice, options in CHOICES.items():
        rows = beneath[start : start + len(options)]
        assert [list(options)[row] for row in rows.argmax(axis=0)] == frame[choice].tolist()
        assert (rows.sum(axis=0) == 1).all()
        start += len(options)


def test_a_statement_that_is_not_tested_rests_on_no_publication(
    judgements: tuple[Judgement, ...], dataset: Dataset
) -> None:
    evidence = gather(dataset)
    not_tested = [judgement for judgement in judgements if judgement.verdict is Verdict.NOT_TESTABLE]
    assert not_tested
    for judgement in not_tested:
        assert influence(judgement, evidence) == Influence(
            claim=judgement.claim, verdict=judgement.verdict, publications=0, changes={}
        )
