"""What each test of a statement says it found: verdict, reason, counts and cases of examples worked by hand.

The sentences stand in full: they are what the reader of a report sees, with singular, plural and none.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from kratom_evidence.claims.case_tests import CompareGroups, CountAtLeast, CountAtMost, ShareAtLeast
from kratom_evidence.claims.denial_tests import NoCleanCase, NoCounterExample, ZeroEvents
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.claims.verdict import Verdict
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence
from kratom_evidence.evidence.statistics import fisher_p_value, upper_bound_zero_events, wilson_interval
from kratom_evidence.evidence.tally import Tally
from tests.made_evidence import evidence_of

DRUG, SYNDROME = "other_drug", "serotonin_syndrome"
# How the two properties are told.
WITH_DRUG, WITHOUT_DRUG = "with another drug besides kratom", "in which nothing else was taken"
OF_SYNDROME = "of serotonin syndrome"
States = Sequence[int]


def share_at_least(least: float, evidence: CaseEvidence) -> Verdict:
    return ShareAtLeast(of=DRUG, at_least=least).evaluate(evidence).verdict


def no_event(most: float, evidence: CaseEvidence) -> Verdict:
    return ZeroEvents(of=DRUG, among="all_cases", upper_bound_at_most=most).evaluate(evidence).verdict


@pytest.mark.parametrize(
    ("test", "drug", "syndrome", "found"),
    [
        (CountAtMost(of=DRUG, at_most=1), [1, 1, -1, 0], [], (Verdict.CONTRADICTED,
         "more than 1 were found", f"2 cases {WITH_DRUG} were found; 1 case does not say.")),
        (CountAtMost(of=DRUG, at_most=2), [1, 0, -1], [], (Verdict.SUPPORTED,
         "at most 2, whatever the silent cases would say", f"1 case {WITH_DRUG} was found; 1 case does not say.")),
        (CountAtMost(of=DRUG, at_most=1), [1, 0, 0], [], (Verdict.SUPPORTED_WITH_LIMITS,
         "at most 1 among those that were read", f"1 case {WITH_DRUG} was found; 2 cases do not say.")),
        (CountAtLeast(of=DRUG, among=SYNDROME, at_least=2), [1, 1, 0, -1, 1], [1, 1, 1, 1, -1], (Verdict.SUPPORTED,
         "at least 2 were asked for", f"Of 4 cases {OF_SYNDROME}, 2 are cases {WITH_DRUG}; 1 case does not say.")),
        (CountAtLeast(of=DRUG, at_least=1), [-1], [], (Verdict.NOT_SUPPORTED,
         "at least 1 was asked for", f"Of 1 case, none is a case {WITH_DRUG}.")),
        (CountAtLeast(of=DRUG, among=SYNDROME, at_least=1), [1], [0], (Verdict.NOT_SUPPORTED,
         "at least 1 was asked for", f"No case {OF_SYNDROME} was found.")),
        # Wilson's interval: of 10 of 10 from 10 / (10 + 1.96²); of 3 of 5 and 2 of 5 as statsmodels has it.
        (ShareAtLeast(of=DRUG, at_least=0.5), [1] * 10, [], (Verdict.SUPPORTED,
         "the whole interval lies above 50 %",
         f"Of 10 cases that say, 10 (100 %, 95 % interval 72 % to 100 %) are cases {WITH_DRUG}.")),
        (ShareAtLeast(of=DRUG, at_least=0.5), [1] * 3 + [-1] * 2, [], (Verdict.SUPPORTED_WITH_LIMITS,
         "the share reaches 50 %, but with so few cases it could lie below it",
         f"Of 5 cases that say, 3 (60 %, 95 % interval 23 % to 88 %) are cases {WITH_DRUG}.")),
        (ShareAtLeast(of=DRUG, at_least=0.5), [1] * 2 + [-1] * 3, [], (Verdict.NOT_SUPPORTED,
         "the share does not reach 50 %",
         f"Of 5 cases that say, 2 (40 %, 95 % interval 12 % to 77 %) are cases {WITH_DRUG}.")),
        (ShareAtLeast(of=DRUG, among=SYNDROME, at_least=0.5), [-1] * 10 + [1, 0], [1] * 10 + [-1, 1],
         (Verdict.CONTRADICTED, "the whole interval lies below 50 %",
         (f"Of 10 cases {OF_SYNDROME} that say, none (0 %, 95 % interval 0 % to 28 %) is a case {WITH_DRUG}; "
         "1 case does not say."))),
        (ShareAtLeast(of=DRUG, among=SYNDROME, at_least=0.5), [0, 0, 1], [1, 1, 0], (Verdict.NOT_SUPPORTED,
         "no case says", f"2 cases {OF_SYNDROME} were found, and none says.")),
        (NoCounterExample(of=SYNDROME, stratum=DRUG), [1, -1, 1], [1, 1, 0], (Verdict.CONTRADICTED,
         "a counter-example was found",
         f"2 cases {OF_SYNDROME} were found, and 1 of them is a case {WITH_DRUG}; 1 case does not say.")),
        (NoCounterExample(of=SYNDROME, stratum=DRUG), [0, 1], [1, -1], (Verdict.NOT_SUPPORTED,
         "there are cases, but none that could show the statement wrong or right",
         f"1 case {OF_SYNDROME} was found, and none of them is a case {WITH_DRUG}.")),
        (NoCounterExample(of=SYNDROME, stratum=DRUG), [1, 1], [-1, -1], (Verdict.SUPPORTED_WITH_LIMITS,
         "no case at all was found, and case reports cannot prove that something never happens",
         f"No case {OF_SYNDROME} was found.")),
        (NoCounterExample(of=SYNDROME, stratum=DRUG), [1], [0], (Verdict.NOT_SUPPORTED,
         "no case says, and silence supports nothing",
         f"No case {OF_SYNDROME} was found; 1 case does not say.")),
        (NoCleanCase(of=SYNDROME, clean=DRUG), [-1, -1, 1], [1, 1, 0], (Verdict.SUPPORTED,
         "no case is clean", f"Of 2 cases {OF_SYNDROME}, none is a case {WITH_DRUG}.")),
        (NoCleanCase(of=SYNDROME, clean=DRUG), [-1, 0, 1], [1, 1, -1], (Verdict.SUPPORTED_WITH_LIMITS,
         "no case is known to be clean, but not all say enough",
         f"Of 2 cases {OF_SYNDROME}, none is a case {WITH_DRUG}; 1 case does not say.")),
        (NoCleanCase(of=SYNDROME, clean=DRUG), [1, 0], [1, -1], (Verdict.NOT_SUPPORTED,
         "a clean case exists", f"Of 1 case {OF_SYNDROME}, 1 is a case {WITH_DRUG}.")),
        (NoCleanCase(of=SYNDROME, clean=DRUG), [1, 1], [-1, 0], (Verdict.NOT_SUPPORTED,
         "there is no case to judge", f"No case {OF_SYNDROME} was found.")),
        # One-sided exact bound of none in n: 1 - 0.05 ** (1 / n), 22.1 % for 12 and 95 % for one.
        (ZeroEvents(of=DRUG, among=SYNDROME, upper_bound_at_most=0.25), [-1] * 12 + [0, 1], [1] * 13 + [-1],
         (Verdict.SUPPORTED, "none in a stratum large enough to notice",
         (f"Of 13 cases {OF_SYNDROME}, none is a case {WITH_DRUG}; "
         "after 12 without one, a share of up to 22 % could still have gone unseen."))),
        (ZeroEvents(of=DRUG, among=SYNDROME, upper_bound_at_most=0.25), [-1] * 12 + [1], [1] * 12 + [0],
         (Verdict.NOT_SUPPORTED, "none was found there, but cases of which it is not stated might belong there",
         (f"Of 12 cases {OF_SYNDROME}, none is a case {WITH_DRUG}; "
         "after 12 without one, a share of up to 22 % could still have gone unseen; "
         f"of 1 case {WITH_DRUG} it is not stated whether it is {OF_SYNDROME}."))),
        (ZeroEvents(of=DRUG, among=SYNDROME, upper_bound_at_most=1.0), [0, 1, 1], [1, 0, 0], (Verdict.NOT_SUPPORTED,
         "none was found there, but cases of which it is not stated might belong there",
         (f"Of 1 case {OF_SYNDROME}, none is a case {WITH_DRUG}; "
         "no case says that it is not one, so nothing can be excluded; "
         f"of 2 cases {WITH_DRUG} it is not stated whether they are {OF_SYNDROME}."))),
        (ZeroEvents(of=DRUG, among="all_cases", upper_bound_at_most=0.25), [-1], [], (Verdict.NOT_SUPPORTED,
         "none was found, but too few cases are known to belong there for that to mean anything",
         (f"Of 1 case, none is a case {WITH_DRUG}; "
         "after 1 without one, a share of up to 95 % could still have gone unseen."))),
        (ZeroEvents(of=DRUG, among=SYNDROME, upper_bound_at_most=0.25), [1, 1, -1], [1, 1, 1], (Verdict.CONTRADICTED,
         "a case was found",
         (f"Of 3 cases {OF_SYNDROME}, 2 are cases {WITH_DRUG}; "
         "after 1 without one, a share of up to 95 % could still have gone unseen."))),
        # Fisher: 4 against 4 that differ in all, p = 2 / 70; 1 against 2, p = 1 / 3 and 1.
        (CompareGroups(of=SYNDROME, exposed=DRUG), [1] * 4 + [-1] * 4 + [0], [1] * 4 + [-1] * 4 + [1],
         (Verdict.SUPPORTED, "more frequent among the exposed",
         (f"4 of 4 cases {WITH_DRUG} and 0 of 4 cases {WITHOUT_DRUG} are cases {OF_SYNDROME} "
         "(Fisher's exact test, p = 0.029); 1 case does not say."))),
        (CompareGroups(of=SYNDROME, exposed=DRUG), [1, -1, -1], [1, -1, -1], (Verdict.SUPPORTED_WITH_LIMITS,
         "more frequent among the exposed, but chance could explain it",
         (f"1 of 1 case {WITH_DRUG} and 0 of 2 cases {WITHOUT_DRUG} are cases {OF_SYNDROME} "
         "(Fisher's exact test, p = 0.33)."))),
        (CompareGroups(of=SYNDROME, exposed=DRUG), [1] * 4 + [-1] * 4, [-1] * 4 + [1] * 4, (Verdict.CONTRADICTED,
         "less frequent among the exposed",
         (f"0 of 4 cases {WITH_DRUG} and 4 of 4 cases {WITHOUT_DRUG} are cases {OF_SYNDROME} "
         "(Fisher's exact test, p = 0.029)."))),
        # More cases and yet less frequent: C(12, 3) / C(15, 6) = 220 / 5005.
        (CompareGroups(of=SYNDROME, exposed=DRUG), [1] * 12 + [-1] * 3, [1] * 3 + [-1] * 9 + [1] * 3,
         (Verdict.CONTRADICTED, "less frequent among the exposed",
         (f"3 of 12 cases {WITH_DRUG} and 3 of 3 cases {WITHOUT_DRUG} are cases {OF_SYNDROME} "
         "(Fisher's exact test, p = 0.044)."))),
        (CompareGroups(of=SYNDROME, exposed=DRUG), [1, -1, -1], [-1, 1, 1], (Verdict.NOT_SUPPORTED,
         "not more frequent among the exposed",
         (f"0 of 1 case {WITH_DRUG} and 2 of 2 cases {WITHOUT_DRUG} are cases {OF_SYNDROME} "
         "(Fisher's exact test, p = 0.33)."))),
        (CompareGroups(of=SYNDROME, exposed=DRUG), [1, 1, -1, -1], [1, -1, 1, -1], (Verdict.NOT_SUPPORTED,
         "not more frequent among the exposed",
         (f"1 of 2 cases {WITH_DRUG} and 1 of 2 cases {WITHOUT_DRUG} are cases {OF_SYNDROME} "
         "(Fisher's exact test, p = 1)."))),
    ],
)  # fmt: skip
def test_a_test_says_what_it_counted(
    dataset: Dataset, test: ClaimTest, drug: States, syndrome: States, found: tuple[Verdict, str, str]
) -> None:
    states: dict[str, States] = {DRUG: drug} | ({SYNDROME: syndrome} if syndrome else {})
    outcome = test.evaluate(evidence_of(dataset, **states))
    assert (outcome.verdict, outcome.branch, outcome.sentence) == found


@pytest.mark.parametrize(
    ("test", "tallies", "cases"),
    [
        (CountAtMost(of=DRUG, at_most=9), {WITH_DRUG: (3, 4, 2)}, "023"),
        (CountAtLeast(of=DRUG, among=SYNDROME, at_least=1), {WITH_DRUG: (1, 2, 1)}, "2"),
        (ShareAtLeast(of=DRUG, among=SYNDROME, at_least=0.9), {WITH_DRUG: (1, 2, 1)}, "2"),
        (NoCounterExample(of=SYNDROME, stratum=DRUG), {OF_SYNDROME: (4, 3, 2), WITH_DRUG: (1, 2, 1)}, "2"),
        (NoCleanCase(of=SYNDROME, clean=DRUG), {WITH_DRUG: (1, 2, 1)}, "2567"),
        (ZeroEvents(of=DRUG, among=SYNDROME, upper_bound_at_most=0.1), {WITH_DRUG: (1, 2, 1)}, "2"),
        (CompareGroups(of=SYNDROME, exposed=DRUG),
         {f"{OF_SYNDROME} and {WITH_DRUG}": (1, 1, 1), f"{OF_SYNDROME} and {WITHOUT_DRUG}": (2, 1, 1)}, "2"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_counts_and_cases_of_nine_cases(
    dataset: Dataset, test: ClaimTest, tallies: Mapping[str, tuple[int, int, int]], cases: str
) -> None:
    """Nine cases, counted by hand: yes, no and not stated of each name, and the numbers of the cases that decide."""
    evidence = evidence_of(
        dataset, other_drug=[1, 0, 1, 1, -1, -1, -1, 0, -1], serotonin_syndrome=[0, -1, 1, -1, -1, 1, 1, 1, 0]
    )
    outcome = test.evaluate(evidence)
    assert {name: (it.yes, it.no, it.unknown) for name, it in outcome.tallies.items()} == tallies
    assert outcome.cases == tuple(f"case{number}" for number in cases)
    assert outcome.figures == ()


def test_cases_that_do_not_say_are_counted_where_none_says(dataset: Dataset) -> None:
    found = ShareAtLeast(of=DRUG, at_least=0.5).evaluate(evidence_of(dataset, other_drug=[0, 0, 0]))
    assert (found.tallies, found.cases) == ({WITH_DRUG: Tally(yes=0, no=0, unknown=3)}, ())


def test_a_threshold_that_is_just_met_is_met(dataset: Dataset) -> None:
    """The limits are those of the statistics, which have tests of their own; the next number beyond tells the sides."""
    many, few = evidence_of(dataset, other_drug=[1] * 9 + [-1]), evidence_of(dataset, other_drug=[1] + [-1] * 9)
    lower, upper = wilson_interval(9, 10)[0], wilson_interval(1, 10)[1]
    assert share_at_least(lower, many) is Verdict.SUPPORTED
    assert share_at_least(math.nextafter(lower, 1), many) is Verdict.SUPPORTED_WITH_LIMITS
    assert share_at_least(upper, few) is Verdict.NOT_SUPPORTED
    assert share_at_least(math.nextafter(upper, 1), few) is Verdict.CONTRADICTED
    none, bound = evidence_of(dataset, other_drug=[-1] * 12), upper_bound_zero_events(12)
    assert no_event(bound, none) is Verdict.SUPPORTED
    assert no_event(math.nextafter(bound, 0), none) is Verdict.NOT_SUPPORTED


def test_a_p_value_at_the_level_is_not_below_it(dataset: Dataset) -> None:
    evidence = evidence_of(dataset, other_drug=[1, -1, -1], serotonin_syndrome=[1, -1, -1])
    p_value = fisher_p_value([[1, 0], [0, 2]])
    for alpha, verdict in (
        (p_value, Verdict.SUPPORTED_WITH_LIMITS),
        (math.nextafter(p_value, 1), Verdict.SUPPORTED),
    ):
        assert CompareGroups(of=SYNDROME, exposed=DRUG, alpha=alpha).evaluate(evidence).verdict is verdict


def test_without_a_counter_example_the_cases_that_leave_it_open_are_named(dataset: Dataset) -> None:
    evidence = evidence_of(dataset, serotonin_syndrome=[1, 1, -1], other_drug=[0, -1, 1])
    assert NoCounterExample(of=SYNDROME, stratum=DRUG).evaluate(evidence).cases == ("case0", "case1")


@pytest.mark.parametrize(
    ("unread", "verdict", "words"),
    [
        (1, Verdict.SUPPORTED, "; 1 known record could not be read and might add to the count."),
        (2, Verdict.SUPPORTED_WITH_LIMITS, "; 2 known records could not be read and might add to the count."),
    ],
)
def test_an_unread_record_counts_like_a_silent_case(
    dataset: Dataset, unread: int, verdict: Verdict, words: str
) -> None:
    """One case and one silent case leave room for one record under a limit of three, and for no second one."""
    evidence = evidence_of(dataset, other_drug=[1, 0])
    some = replace(evidence, dataset=replace(evidence.dataset, unread=dataset.unread[:unread]))
    outcome = CountAtMost(of=DRUG, at_most=3, unread_may_add=True).evaluate(some)
    assert (outcome.verdict, outcome.sentence) == (
        verdict, f"1 case {WITH_DRUG} was found; 1 case does not say{words}",
    )  # fmt: skip


@pytest.mark.parametrize(("silent", "verdict"), [(10, Verdict.SUPPORTED), (11, Verdict.SUPPORTED_WITH_LIMITS)])
def test_a_share_is_sure_only_while_silent_cases_could_not_undo_it(
    dataset: Dataset, silent: int, verdict: Verdict
) -> None:
    """Ten of ten that say: half of twenty cases at the least, but not half of twenty-one."""
    evidence = evidence_of(dataset, other_drug=[1] * 10 + [0] * silent)
    assert ShareAtLeast(of=DRUG, at_least=0.5).evaluate(evidence).verdict is verdict


@pytest.mark.parametrize(("alpha", "verdict"), [(0.03, Verdict.SUPPORTED), (0.02, Verdict.SUPPORTED_WITH_LIMITS)])
def test_the_level_of_the_comparison_is_that_of_the_plan(dataset: Dataset, alpha: float, verdict: Verdict) -> None:
    evidence = evidence_of(dataset, other_drug=[1] * 4 + [-1] * 4, serotonin_syndrome=[1] * 4 + [-1] * 4)
    assert CompareGroups(of=SYNDROME, exposed=DRUG, alpha=alpha).evaluate(evidence).verdict is verdict
