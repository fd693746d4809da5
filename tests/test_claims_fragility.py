"""How easily a verdict falls, worked by hand: the fewest further cases, their kinds, the weight of a publication."""

from collections.abc import Mapping
from itertools import product

import pandas as pd
import pytest

from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.claims import Verdict, judge
from kratom_evidence.claims.case_tests import CompareGroups, CountAtLeast, CountAtMost, ShareAtLeast
from kratom_evidence.claims.context_tests import (
    ClassesSerotonergic,
    EffectMeasured,
    FiguresAgree,
    FrequentSigns,
    NoIncreaseMeasured,
    PartsReported,
)
from kratom_evidence.claims.denial_tests import NoCounterExample
from kratom_evidence.claims.fragility import (
    Fragility,
    context_publications,
    fragility,
    further_cases_table,
    influence,
    kind_in_words,
    kinds_of_case,
)
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from tests.made_evidence import evidence_of, judged_by, made_claim, with_measurements, with_studies
from tests.made_up import dataset_of

DRUG, SYNDROME = "other_drug", "serotonin_syndrome"
WITH_DRUG, WITHOUT_DRUG = "with another drug besides kratom", "in which nothing else was taken"
YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def found_in(test: ClaimTest, evidence: CaseEvidence) -> Fragility:
    return fragility(judged_by(test, evidence), evidence)


# --- kinds of further cases


def test_the_kinds_of_case_that_say_most_come_first_and_name_the_event_first() -> None:
    kinds = kinds_of_case(NoCounterExample(of=DRUG, stratum=SYNDROME))
    assert {tuple(kind) for kind in kinds} == {(SYNDROME, DRUG)}
    silences = [sum(state is UNKNOWN for state in kind.values()) for kind in kinds]
    assert silences == [0] * 4 + [1] * 4 + [2]
    assert [tuple(kind.values()) for kind in kinds[:4]] == [(YES, YES), (YES, NO), (NO, YES), (NO, NO)]
    assert {tuple(kind.values()) for kind in kinds} == set(product(Truth, repeat=2))


def test_all_cases_are_no_property_that_a_case_could_lack() -> None:
    assert kinds_of_case(CountAtLeast(of=DRUG, at_least=1)) == ({DRUG: YES}, {DRUG: NO}, {DRUG: UNKNOWN})


def test_a_kind_of_case_is_told_in_words() -> None:
    assert kind_in_words({SYNDROME: YES, DRUG: NO}) == f"of serotonin syndrome, {WITHOUT_DRUG}"
    assert kind_in_words({SYNDROME: NO}) == "not of serotonin syndrome"
    assert kind_in_words({DRUG: UNKNOWN}) == f"not stated whether {WITH_DRUG}"


# --- the fewest further cases


def test_of_two_equally_small_changes_the_one_by_a_case_that_says_is_named(dataset: Dataset) -> None:
    """One case under a limit of one: a second one contradicts, a silent one would make the verdict less sure."""
    found = found_in(CountAtMost(of=DRUG, at_most=1), evidence_of(dataset, other_drug=[1]))
    assert (found.verdict, found.rests_on_cases, found.number) == (Verdict.SUPPORTED, True, 1)
    assert (found.kinds, found.new_verdict) == (((WITH_DRUG, 1),), Verdict.CONTRADICTED)
    assert found.sentence == f'1 further case report would change this verdict to "Contradicted": 1 case {WITH_DRUG}.'


def test_one_kind_of_case_is_named_before_a_mixture(dataset: Dataset) -> None:
    """None of one: two with a drug make two thirds; one with and one without make a half only."""
    test = ShareAtLeast(of=DRUG, at_least=0.5)
    evidence = evidence_of(dataset, other_drug=[-1] * 2)
    found = found_in(test, evidence)
    assert (found.verdict, found.number, found.kinds) == (Verdict.NOT_SUPPORTED, 2, ((WITH_DRUG, 2),))
    assert found.new_verdict is Verdict.SUPPORTED_WITH_LIMITS


def test_a_mixture_is_named_only_where_no_kind_alone_changes_as_much(dataset: Dataset) -> None:
    """The event stays more frequent among the exposed while 5 times 1 exceeds b times c, at first 1 times 2.

    Two more of b make 3 times 2, one more of each 2 times 3, two more of c 1 times 4.
    """
    syndrome = [1] * 5 + [-1] + [-1] + [1] * 2
    drug = [1] * 5 + [-1] + [1] + [-1] * 2
    found = found_in(
        CompareGroups(of=SYNDROME, exposed=DRUG, alpha=0),
        evidence_of(dataset, serotonin_syndrome=syndrome, other_drug=drug),
    )
    assert (found.number, found.kinds) == (2, ((f"not of serotonin syndrome, {WITH_DRUG}", 2),))


@pytest.mark.parametrize(("limit", "number"), [(5, 5), (100, 100), (101, None)])
def test_up_to_a_hundred_cases_of_one_kind_are_tried(dataset: Dataset, limit: int, number: int | None) -> None:
    """One case is there, so that a limit of 100 falls with the hundredth further case, and one of 101 does not."""
    test, evidence = CountAtMost(of=DRUG, at_most=limit), evidence_of(dataset, other_drug=[1])
    judgement = judged_by(test, evidence)
    found = fragility(judgement, evidence)
    assert (found.claim, found.verdict) == (judgement.claim, Verdict.SUPPORTED)
    assert (found.number, found.rests_on_cases) == (number, True)
    told = (
        "No mixture of up to 4 further case reports, and no number up to 100 of one kind, changes this verdict."
        if number is None
        else f'{number} further case reports would change this verdict to "Contradicted": {number} cases {WITH_DRUG}.'
    )
    assert found.sentence == told
    table = further_cases_table(judgement, evidence)
    assert table["number"].tolist() == [pd.NA if number is None else number, pd.NA]


@pytest.mark.parametrize(("exposed", "number"), [(4, 4), (5, None)])
def test_mixtures_of_up_to_four_cases_are_tried(dataset: Dataset, exposed: int, number: int | None) -> None:
    """So many exposed cases with the event and one without either; x exposed without it, y with it unexposed.

    The event stays more frequent among the exposed while x times y is below the number of exposed cases with it: for
    four of them two and two undo it, and three cases of any kinds cannot; for five of them four cases are too few.
    """
    states = [1] * exposed + [-1]
    evidence = evidence_of(dataset, serotonin_syndrome=states, other_drug=states)
    found = found_in(CompareGroups(of=SYNDROME, exposed=DRUG, alpha=0), evidence)
    assert (found.verdict, found.number) == (Verdict.SUPPORTED_WITH_LIMITS, number)
    if number:
        unexposed, without = f"of serotonin syndrome, {WITHOUT_DRUG}", f"not of serotonin syndrome, {WITH_DRUG}"
        assert (found.kinds, found.new_verdict) == (((unexposed, 2), (without, 2)), Verdict.NOT_SUPPORTED)


def test_no_case_report_changes_what_other_studies_decide(dataset: Dataset) -> None:
    evidence = with_studies(dataset, {"a": (60.0, "one")})
    judgement = judged_by(FiguresAgree(figures=("a",), at_least=50), evidence)
    found = fragility(judgement, evidence)
    assert found == Fragility(claim=judgement.claim, verdict=judgement.verdict, rests_on_cases=False)
    assert found.sentence == "No further case report can change this verdict: it is not decided by the case reports."
    untested = judge(made_claim(), evidence)
    assert fragility(untested, evidence) == Fragility(
        claim=untested.claim, verdict=Verdict.NOT_TESTABLE, rests_on_cases=False
    )
    for nothing in (judgement, untested):
        table = further_cases_table(nothing, evidence)
        assert (list(table), len(table)) == (["kind", "number", "new_verdict"], 0)
        assert table["number"].dtype == "Int64"


@pytest.mark.parametrize(("limit", "number"), [(1, 1), (2, 2)])
def test_the_table_of_further_cases_has_a_row_for_each_kind_that_says_all(
    dataset: Dataset, limit: int, number: int
) -> None:
    """One case is there; cases without the drug change nothing."""
    evidence = evidence_of(dataset, other_drug=[1])
    table = further_cases_table(judged_by(CountAtMost(of=DRUG, at_most=limit), evidence), evidence)
    assert table["kind"].tolist() == [WITH_DRUG, WITHOUT_DRUG]
    assert table["number"].tolist() == [number, pd.NA] and table["number"].dtype == "Int64"
    assert table["new_verdict"].dropna().tolist() == ["Contradicted"]


# --- the weight of each publication


@pytest.mark.parametrize(
    ("test", "verdict", "publications", "changes"),
    [
        (FiguresAgree(figures=("a", "c"), at_least=50), Verdict.SUPPORTED, 2,
         {"one": Verdict.SUPPORTED_WITH_LIMITS, "two": Verdict.SUPPORTED_WITH_LIMITS}),
        (FiguresAgree(figures=("a", "b"), at_least=50), Verdict.SUPPORTED_WITH_LIMITS, 1,
         {"one": Verdict.NOT_TESTABLE}),
        (FiguresAgree(figures=("a", "c", "d"), at_least=50), Verdict.SUPPORTED_WITH_LIMITS, 3,
         {"three": Verdict.SUPPORTED}),
        (PartsReported(parts={"first": ("a", "c"), "second": ("c",)}), Verdict.SUPPORTED, 2,
         {"two": Verdict.SUPPORTED_WITH_LIMITS}),
        (PartsReported(parts={"first": ("a",), "second": ()}), Verdict.SUPPORTED_WITH_LIMITS, 1,
         {"one": Verdict.NOT_TESTABLE}),
        (FrequentSigns(signs={"p": ("a",), "q": ("c",)}, at_least=50), Verdict.SUPPORTED, 2,
         {"one": Verdict.SUPPORTED_WITH_LIMITS, "two": Verdict.SUPPORTED_WITH_LIMITS}),
        (ClassesSerotonergic(parts={"antidepressants": ("ssri",)}), Verdict.SUPPORTED, 0, {}),
    ],
)  # fmt: skip
def test_a_verdict_on_published_figures_without_each_publication(
    dataset: Dataset, test: ClaimTest, verdict: Verdict, publications: int, changes: Mapping[str, Verdict]
) -> None:
    figures = {"a": (60.0, "one"), "b": (70.0, "one"), "c": (55.0, "two"), "d": (10.0, "three")}
    evidence = with_studies(dataset, figures)
    judgement = judged_by(test, evidence)
    found = influence(judgement, evidence)
    assert (found.claim, found.verdict) == (judgement.claim, verdict)
    assert (found.publications, found.changes) == (publications, changes)


@pytest.mark.parametrize(
    ("test", "verdict", "changes"),
    [
        (NoIncreaseMeasured(targets=("serotonin_level",)), Verdict.SUPPORTED, {0: Verdict.NOT_SUPPORTED}),
        (EffectMeasured(targets=("serotonin_level",)), Verdict.SUPPORTED, {0: Verdict.NOT_SUPPORTED}),
    ],
)
def test_a_verdict_on_measurements_without_each_publication(
    dataset: Dataset, test: ClaimTest, verdict: Verdict, changes: Mapping[int, Verdict]
) -> None:
    """A clear decrease in people is of the first publication, an increase in rats of the other."""
    first, second = dataset.context_sources.index[:2]
    people = {"assay": "human_pk", "effect": "decrease", "ci_low": 0.5, "ci_high": 0.75, "citekey": first}
    others = [{"assay": "animal_in_vivo", "effect": "increase", "citekey": second}]
    if isinstance(test, EffectMeasured):
        others.append({"assay": "human_pk", "effect": "no_effect", "citekey": second})
    evidence = with_measurements(dataset, people, *others)
    judgement = judged_by(test, evidence)
    found = influence(judgement, evidence)
    keys = (first, second)
    assert (judgement.verdict, found.publications) == (verdict, 2)
    assert found.changes == {keys[number]: changed for number, changed in changes.items()}


def test_a_verdict_on_cases_without_each_publication(dataset: Dataset) -> None:
    """Two cases of one publication and one of another, under a limit of two."""
    cases = {
        "a": {"citekey": "brooks2023"}, "b": {"citekey": "brooks2023"}, "c": {"citekey": "brogdon2022"},
        "d": {"citekey": "anonchest2020", "ss_assessment": "excluded"},
    }  # fmt: skip
    evidence = gather(
        dataset_of(dataset, **{name: {"ss_assessment": "diagnosed"} | case for name, case in cases.items()})
    )
    found = influence(judged_by(CountAtMost(of=SYNDROME, at_most=2), evidence), evidence)
    assert (found.verdict, found.publications) == (Verdict.CONTRADICTED, 3)
    assert found.changes == {"brogdon2022": Verdict.SUPPORTED, "brooks2023": Verdict.SUPPORTED}
    assert found.sentence == (
        'The verdict changes when one publication is left out: brogdon2022 ("Supported") and brooks2023 ("Supported").'
    )


def test_the_publications_of_figures_and_measurements_are_named_once_in_order(dataset: Dataset) -> None:
    known = dataset.context_sources.index[1]
    evidence = with_studies(dataset, {"a": (1.0, "two"), "b": (1.0, "one"), "c": (1.0, "two"), "d": (1.0, "three")})
    assert context_publications(["c", "b", "a", known], evidence.dataset) == sorted({"one", "two", known})
