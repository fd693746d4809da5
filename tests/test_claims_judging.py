"""From tests to a judgement, and every name in the ledger that the data do not have."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kratom_evidence.claims import Claim, Verdict, judge, judge_all, read_claims, reference_faults
from kratom_evidence.claims.case_tests import CompareGroups, CountAtLeast, CountAtMost
from kratom_evidence.claims.context_tests import (
    ClassesSerotonergic,
    EffectMeasured,
    FiguresAgree,
    FrequentSigns,
    NoIncreaseMeasured,
    PartsReported,
)
from kratom_evidence.claims.denial_tests import NoCleanCase, NoCounterExample
from kratom_evidence.claims.judging import planned_verdict
from kratom_evidence.claims.ledger import PlannedTest
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.claims.verdict import ORDER, EvidenceKind, at_best
from kratom_evidence.computed_once import forget, remember
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.definitions import Definitions
from kratom_evidence.faults import ExplainedError, Fault
from tests.made_evidence import evidence_of
from tests.made_evidence import made_claim as claim

DRUG, FIGURE = "other_drug", "prakash2021_fatal_cases"


def planned(test: ClaimTest, *, decides: bool = True, ceiling: Verdict | None = None) -> PlannedTest:
    return PlannedTest(name="a test", test=test, reason="", decides=decides, line=7, ceiling=ceiling)


def test_the_deciding_test_gives_the_verdict_and_the_sentence(dataset: Dataset) -> None:
    beside = planned(CountAtLeast(of=DRUG, at_least=1), decides=False)
    deciding = planned(CountAtMost(of=DRUG, at_most=0))
    statement = claim(beside, deciding)
    evidence = replace(evidence_of(dataset, other_drug=[1]), definitions=Definitions(timing="concurrent"))
    found = judge(statement, evidence)
    assert (found.claim, found.definitions) == (statement, Definitions(timing="concurrent"))
    assert (found.verdict, found.decided_by) == (Verdict.CONTRADICTED, EvidenceKind.CASE_REPORTS)
    assert found.summary == "1 case with another drug besides kratom was found."
    assert [result.planned for result in found.results] == [beside, deciding]
    assert [result.verdict for result in found.results] == [Verdict.SUPPORTED, Verdict.CONTRADICTED]


@pytest.mark.parametrize(("because", "summary"), [("Nothing was measured.", "Nothing was measured."), (None, "")])
def test_without_a_deciding_test_nothing_is_tested_and_the_reason_is_told(
    dataset: Dataset, because: str | None, summary: str
) -> None:
    found = judge(claim(not_testable_because=because), evidence_of(dataset, other_drug=[1]))
    assert (found.verdict, found.decided_by, found.summary) == (Verdict.NOT_TESTABLE, None, summary)
    assert found.results == ()


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("ceiling", [None, *Verdict])
def test_a_ceiling_lowers_a_verdict_and_never_lifts_it(verdict: Verdict, ceiling: Verdict | None) -> None:
    """In the order from supported to contradicted; what has no place in it lowers nothing and is not lowered."""
    rank = {name: place for place, name in enumerate(["supported", "supported_with_limits", "not_supported"])}
    rank["contradicted"] = 3
    comparable = ceiling is not None and {verdict.value, ceiling.value} <= rank.keys()
    lowered = comparable and ceiling is not None and rank[verdict] < rank[ceiling]
    assert at_best(verdict, ceiling) is (ceiling if lowered else verdict)
    assert [verdict.value for verdict in ORDER] == list(rank)


def test_the_ceiling_of_the_plan_is_applied(dataset: Dataset) -> None:
    test = planned(CountAtLeast(of=DRUG, at_least=1), ceiling=Verdict.SUPPORTED_WITH_LIMITS)
    evidence = evidence_of(dataset, other_drug=[1])
    assert planned_verdict(test, evidence) is Verdict.SUPPORTED_WITH_LIMITS
    (result,) = judge(claim(test), evidence).results
    assert (result.outcome.verdict, result.verdict) == (Verdict.SUPPORTED, Verdict.SUPPORTED_WITH_LIMITS)
    assert result.was_lowered


FIGURE_FILE, LEXICON = "figure of context/studies.csv", "class of vocabulary/substances.csv"
TARGET = "target of context/pharmacology.csv"
WRONG = f"{FIGURE}s"


@pytest.mark.parametrize(
    ("test", "wrong", "nearest", "what"),
    [
        (FiguresAgree(figures=(FIGURE, WRONG)), WRONG, FIGURE, FIGURE_FILE),
        (PartsReported(parts={"a": (FIGURE,), "b": (FIGURE, WRONG)}), WRONG, FIGURE, FIGURE_FILE),
        (FrequentSigns(signs={"a": (FIGURE,), "b": (FIGURE, WRONG)}, at_least=1), WRONG, FIGURE, FIGURE_FILE),
        (ClassesSerotonergic(parts={"a": ("ssri",), "b": ("ssri", "ssrii")}), "ssrii", "ssri", LEXICON),
        (NoIncreaseMeasured(targets=("CYP2D6", "CYP2D66")), "CYP2D66", "CYP2D6", TARGET),
        (EffectMeasured(targets=("CYP2D6", "CYP2D66")), "CYP2D66", "CYP2D6", TARGET),
        (CountAtMost(of="finding:tremorr", at_most=1), "finding:tremorr", "finding:tremor", "finding"),
        (CountAtLeast(of=DRUG, among="finding:tremorr", at_least=1), "finding:tremorr", "finding:tremor", "finding"),
        (NoCounterExample(of=DRUG, stratum="finding:tremorr"), "finding:tremorr", "finding:tremor", "finding"),
        (CompareGroups(of=DRUG, exposed="finding:tremorr"), "finding:tremorr", "finding:tremor", "finding"),
        (NoCleanCase(of=DRUG, clean="finding:tremorr"), "finding:tremorr", "finding:tremor", "finding"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_name_that_the_data_do_not_have_is_told_with_its_place_and_the_nearest(
    dataset: Dataset, test: ClaimTest, wrong: str, nearest: str, what: str
) -> None:
    right = planned(CountAtMost(of="finding:tremor", at_most=1))
    fault = Fault(
        code="C105", file="claims.yaml", row=7, column="C99", value=wrong, why=f"There is no such {what}.",
        mend="Correct the name, or add it to that file first.", nearest=nearest,
    )  # fmt: skip
    assert reference_faults([claim(right), claim(right, planned(test))], dataset) == (fault,)
    with pytest.raises(ExplainedError, match=r"^The claims do not fit the data\.") as refusal:
        judge_all(dataset, [claim(right), claim(planned(test))])
    assert refusal.value.faults == (fault,)


def test_all_names_that_the_data_do_not_have_are_told_at_once(dataset: Dataset) -> None:
    tests = (planned(FiguresAgree(figures=("x", "y"))), planned(CompareGroups(of="finding:x", exposed="finding:y")))
    assert [fault.value for fault in reference_faults([claim(*tests)], dataset)] == ["x", "y", "finding:x", "finding:y"]


@pytest.fixture
def remembered_claims(dataset: Dataset, project_root: Path) -> Iterator[tuple[Claim, ...]]:
    """The statements of the ledger; they and the data are remembered while the test runs."""
    claims = read_claims(project_root / "data")
    remember(dataset)
    remember(claims)
    yield claims
    forget(claims)
    forget(dataset)


def test_remembered_statements_are_judged_once_for_each_set_of_definitions(
    dataset: Dataset, remembered_claims: tuple[Claim, ...]
) -> None:
    first = judge_all(dataset, remembered_claims)
    assert judge_all(dataset, remembered_claims) is first
    strict = Definitions(ss_definition="hunter_strict")
    under_hunter = judge_all(dataset, remembered_claims, strict)
    assert {found.definitions for found in under_hunter} == {strict}
    assert judge_all(dataset, remembered_claims) is first
    some = remembered_claims[:3]
    remember(some)
    try:
        assert [found.claim.id for found in judge_all(dataset, some)] == ["C01", "C02", "C03"]
    finally:
        forget(some)


def test_what_is_not_remembered_is_judged_anew(dataset: Dataset, remembered_claims: tuple[Claim, ...]) -> None:
    """A statement or a table that was changed in place gets what follows from the change."""
    others = list(remembered_claims)
    assert judge_all(dataset, others) is not judge_all(dataset, others)
    forget(dataset)
    first = judge_all(dataset, remembered_claims)
    assert judge_all(dataset, remembered_claims) is not first
    assert judge_all(dataset, remembered_claims) == first
    strict = Definitions(ss_definition="hunter_strict")
    assert {found.definitions for found in judge_all(dataset, remembered_claims, strict)} == {strict}
