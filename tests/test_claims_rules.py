"""The rules of the tests that claims name: against independent oracles, and properties that every rule must have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from kratom_evidence.claims.case_tests import (
    CompareGroups,
    CountAtLeast,
    CountAtMost,
    ShareAtLeast,
)
from kratom_evidence.claims.context_tests import (
    ClassesSerotonergic,
    EffectMeasured,
    FiguresAgree,
    FrequentSigns,
    NoIncreaseMeasured,
    PartsReported,
)
from kratom_evidence.claims.denial_tests import NoCleanCase, NoCounterExample, ZeroEvents
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.claims.verdict import ORDER, Verdict
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from tests.made_evidence import evidence_of, with_measurements, with_studies

OF, AMONG = "other_drug", "serotonin_syndrome"
states_lists = st.lists(st.sampled_from([1, 0, -1]), min_size=1, max_size=40)
paired_states = st.lists(st.tuples(st.sampled_from([1, 0, -1]), st.sampled_from([1, 0, -1])), min_size=1, max_size=40)


def rank(verdict: Verdict) -> int:
    return ORDER.index(verdict)


@given(states=states_lists, limit=st.integers(0, 12))
def test_count_at_most_agrees_with_every_way_the_silent_cases_could_speak(
    dataset: Dataset, states: list[int], limit: int
) -> None:
    verdict = CountAtMost(of=OF, at_most=limit).evaluate(evidence_of(dataset, other_drug=states)).verdict
    fewest, most = states.count(1), states.count(1) + states.count(0)
    possible = {count <= limit for count in range(fewest, most + 1)}
    expected = {
        frozenset({True}): Verdict.SUPPORTED,
        frozenset({False}): Verdict.CONTRADICTED,
        frozenset({True, False}): Verdict.SUPPORTED_WITH_LIMITS,
    }[frozenset(possible)]
    assert verdict is expected


def test_unread_records_can_make_a_count_less_sure_but_not_surer(dataset: Dataset) -> None:
    evidence = evidence_of(dataset, other_drug=[1, -1, -1])
    assert len(dataset.unread) > 2
    assert CountAtMost(of=OF, at_most=2).evaluate(evidence).verdict is Verdict.SUPPORTED
    assert CountAtMost(of=OF, at_most=2, unread_may_add=True).evaluate(evidence).verdict is (
        Verdict.SUPPORTED_WITH_LIMITS
    )


@given(pairs=paired_states, least=st.integers(1, 5))
def test_count_at_least_counts_only_what_is_stated_inside_the_stratum(
    dataset: Dataset, pairs: list[tuple[int, int]], least: int
) -> None:
    among, of = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    outcome = CountAtLeast(of=OF, among=AMONG, at_least=least).evaluate(
        evidence_of(dataset, other_drug=of, serotonin_syndrome=among)
    )
    expected = [f"case{i}" for i, pair in enumerate(pairs) if pair == (1, 1)]
    assert list(outcome.cases) == expected
    assert (outcome.verdict is Verdict.SUPPORTED) == (len(expected) >= least)


@given(states=states_lists, threshold=st.sampled_from([0.1, 0.25, 0.5, 0.75]))
def test_share_at_least_agrees_with_the_interval_of_statsmodels(
    dataset: Dataset, states: list[int], threshold: float
) -> None:
    verdict = ShareAtLeast(of=OF, at_least=threshold).evaluate(evidence_of(dataset, other_drug=states)).verdict
    yes, known = states.count(1), states.count(1) + states.count(-1)
    if known == 0:
        assert verdict is Verdict.NOT_SUPPORTED
        return
    low, high = proportion_confint(yes, known, method="wilson")
    if verdict is Verdict.SUPPORTED:
        assert low >= threshold - 1e-12 and yes / len(states) >= threshold
    elif verdict is Verdict.SUPPORTED_WITH_LIMITS:
        assert yes / known >= threshold and (low < threshold or yes / len(states) < threshold)
    elif verdict is Verdict.CONTRADICTED:
        assert high < threshold
    else:
        assert yes / known < threshold <= high + 1e-12


@given(pairs=paired_states)
def test_compare_groups_agrees_with_scipy(dataset: Dataset, pairs: list[tuple[int, int]]) -> None:
    exposed, having = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    outcome = CompareGroups(of=OF, exposed=AMONG).evaluate(
        evidence_of(dataset, other_drug=having, serotonin_syndrome=exposed)
    )
    table = [[pairs.count((e, h)) for h in (1, -1)] for e in (1, -1)]
    p_value = stats.fisher_exact(table).pvalue
    more = table[0][0] * table[1][1] > table[0][1] * table[1][0]
    fewer = table[0][0] * table[1][1] < table[0][1] * table[1][0]
    expected = Verdict.NOT_SUPPORTED
    if more:
        expected = Verdict.SUPPORTED if p_value < 0.05 else Verdict.SUPPORTED_WITH_LIMITS
    elif fewer and p_value < 0.05:
        expected = Verdict.CONTRADICTED
    assert outcome.verdict is expected


def test_one_counter_example_contradicts_a_flat_denial_and_an_open_case_leaves_it_unsupported(
    dataset: Dataset,
) -> None:
    rule = NoCounterExample(of=AMONG, stratum=OF)

    def verdict(pairs: list[tuple[int, int]]) -> Verdict:
        return rule.evaluate(
            evidence_of(dataset, serotonin_syndrome=[p[0] for p in pairs], other_drug=[p[1] for p in pairs])
        ).verdict

    assert verdict([(1, 1), (1, -1), (0, 1)]) is Verdict.CONTRADICTED
    assert verdict([(1, 0), (1, -1), (0, 1)]) is Verdict.NOT_SUPPORTED
    assert verdict([(0, 1), (-1, 1)]) is Verdict.SUPPORTED_WITH_LIMITS
    assert verdict([(0, 1), (0, 0), (0, -1)]) is Verdict.NOT_SUPPORTED


def test_no_clean_case_needs_cases_and_speech(dataset: Dataset) -> None:
    rule = NoCleanCase(of=AMONG, clean=OF)

    def verdict(having: list[int], clean: list[int]) -> Verdict:
        return rule.evaluate(evidence_of(dataset, serotonin_syndrome=having, other_drug=clean)).verdict

    assert verdict([1, 1, -1], [-1, -1, 1]) is Verdict.SUPPORTED
    assert verdict([1, 1, -1], [-1, 0, 1]) is Verdict.SUPPORTED_WITH_LIMITS
    assert verdict([1, 1, -1], [-1, 1, 1]) is Verdict.NOT_SUPPORTED
    assert verdict([0, -1], [1, 1]) is Verdict.NOT_SUPPORTED


def test_zero_events_needs_fifty_nine_silent_free_cases_for_five_percent(dataset: Dataset) -> None:
    """The exact one-sided bound of zero in n is 1 - 0.05 ** (1 / n): 59 is the first n at which it is below 5 %."""
    rule = ZeroEvents(of=OF, among=AMONG, upper_bound_at_most=0.05)

    def verdict(events: list[int]) -> Verdict:
        return rule.evaluate(evidence_of(dataset, other_drug=events, serotonin_syndrome=[1] * len(events))).verdict

    assert verdict([-1] * 59) is Verdict.SUPPORTED
    assert verdict([-1] * 58) is Verdict.NOT_SUPPORTED
    assert verdict([-1] * 58 + [0] * 50) is Verdict.NOT_SUPPORTED
    assert verdict([-1] * 200 + [1]) is Verdict.CONTRADICTED


def test_an_event_of_unknown_place_keeps_zero_events_from_being_supported(dataset: Dataset) -> None:
    rule = ZeroEvents(of=OF, among=AMONG, upper_bound_at_most=0.05)
    evidence = evidence_of(dataset, other_drug=[-1] * 80 + [1], serotonin_syndrome=[1] * 80 + [0])
    assert rule.evaluate(evidence).verdict is Verdict.NOT_SUPPORTED


RULES_ON_ONE_PROPERTY: list[ClaimTest] = [
    CountAtMost(of=OF, at_most=3),
    CountAtLeast(of=OF, at_least=2),
    ShareAtLeast(of=OF, at_least=0.5),
]


@pytest.mark.parametrize("rule", RULES_ON_ONE_PROPERTY, ids=lambda rule: type(rule).__name__)
@given(states=states_lists)
def test_as_is_lies_between_best_case_and_worst_case(dataset: Dataset, rule: ClaimTest, states: list[int]) -> None:
    def verdict(unknown_as: int) -> Verdict:
        filled = [unknown_as if state == 0 else state for state in states]
        return rule.evaluate(evidence_of(dataset, other_drug=filled)).verdict

    as_is = rank(rule.evaluate(evidence_of(dataset, other_drug=states)).verdict)
    extremes = sorted([rank(verdict(1)), rank(verdict(-1))])
    assert extremes[0] <= as_is <= extremes[1]


@pytest.mark.parametrize("rule", RULES_ON_ONE_PROPERTY[1:], ids=lambda rule: type(rule).__name__)
@given(states=states_lists)
def test_a_further_supporting_case_never_makes_a_verdict_worse(
    dataset: Dataset, rule: ClaimTest, states: list[int]
) -> None:
    before = rule.evaluate(evidence_of(dataset, other_drug=states)).verdict
    after = rule.evaluate(evidence_of(dataset, other_drug=[*states, 1])).verdict
    assert rank(after) <= rank(before)


@given(states=states_lists)
def test_a_silent_case_never_makes_a_verdict_surer(dataset: Dataset, states: list[int]) -> None:
    for rule in RULES_ON_ONE_PROPERTY:
        before = rule.evaluate(evidence_of(dataset, other_drug=states)).verdict
        after = rule.evaluate(evidence_of(dataset, other_drug=[*states, 0])).verdict
        assert after is before or after is not Verdict.SUPPORTED, rule


def test_figures_agree_asks_for_two_publications(dataset: Dataset) -> None:
    evidence = with_studies(dataset, {"a": (60.0, "one"), "b": (70.0, "one"), "c": (55.0, "two"), "d": (10.0, "two")})

    def verdict(figures: str, *, one_is_enough: bool = False) -> Verdict:
        return FiguresAgree(figures=tuple(figures), at_least=50, one_is_enough=one_is_enough).evaluate(evidence).verdict

    assert verdict("ac") is Verdict.SUPPORTED
    assert verdict("ab") is Verdict.SUPPORTED_WITH_LIMITS
    assert verdict("abcd") is Verdict.SUPPORTED_WITH_LIMITS
    assert verdict("d") is Verdict.CONTRADICTED
    assert verdict("ad", one_is_enough=True) is Verdict.SUPPORTED


def test_parts_and_signs_without_a_figure_are_named_and_never_counted_as_borne_out(dataset: Dataset) -> None:
    evidence = with_studies(dataset, {"a": (60.0, "one"), "b": (0.0, "one"), "c": (24.9, "two")})
    parts = PartsReported(parts={"first": ("a",), "second": ("b",), "third": ()}).evaluate(evidence)
    assert parts.verdict is Verdict.SUPPORTED_WITH_LIMITS
    assert "second" in parts.sentence.split("no figure")[1] and "third" in parts.sentence.split("no figure")[1]
    assert PartsReported(parts={"x": ("b",), "y": ()}).evaluate(evidence).verdict is Verdict.NOT_SUPPORTED
    signs = FrequentSigns(signs={"p": ("a",), "q": ("c",), "r": ()}, at_least=25).evaluate(evidence)
    assert signs.verdict is Verdict.NOT_SUPPORTED
    assert FrequentSigns(signs={"p": ("a",), "q": ("c",)}, at_least=24).evaluate(evidence).verdict is Verdict.SUPPORTED


def test_pharmacology_rules_follow_the_species(dataset: Dataset) -> None:
    def evidence(*rows: tuple[str, str, float | None, float | None]) -> CaseEvidence:
        names = ("assay", "effect", "ci_low", "ci_high")
        return with_measurements(dataset, *(dict(zip(names, row, strict=True)) for row in rows))

    rule = NoIncreaseMeasured(targets=("serotonin_level",))
    assert rule.evaluate(evidence(("animal_in_vivo", "increase", None, None))).verdict is Verdict.NOT_SUPPORTED
    assert rule.evaluate(evidence(("animal_in_vivo", "no_effect", None, None))).verdict is (
        Verdict.SUPPORTED_WITH_LIMITS
    )
    assert rule.evaluate(evidence(("binding", "binds", None, None))).verdict is Verdict.NOT_TESTABLE
    people_changed = evidence(("human_pk", "increase", 1.2, 1.5), ("animal_in_vivo", "no_effect", None, None))
    assert rule.evaluate(people_changed).verdict is Verdict.CONTRADICTED
    measured = EffectMeasured(targets=("serotonin_level",))
    assert measured.evaluate(people_changed).verdict is Verdict.SUPPORTED
    assert measured.evaluate(evidence(("human_pk", "increase", 0.9, 1.5))).verdict is Verdict.NOT_SUPPORTED
    assert measured.evaluate(evidence(("human_pk", "increase", None, None))).verdict is Verdict.NOT_SUPPORTED
    assert measured.evaluate(evidence(("human_pk", "increase", 1.2, None))).verdict is Verdict.NOT_SUPPORTED


def test_classes_are_looked_up_in_the_lexicon(dataset: Dataset) -> None:
    evidence = gather(dataset)
    rule = ClassesSerotonergic(parts={"antidepressants": ("ssri",), "sedatives": ("benzodiazepine",)})
    outcome = rule.evaluate(evidence)
    assert outcome.verdict is Verdict.SUPPORTED_WITH_LIMITS
    assert "sedatives" in outcome.sentence.split("none among")[1]
