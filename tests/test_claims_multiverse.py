"""All combinations of definitions, on evidence made up for each so that the shares can be worked by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.claims import Verdict, judge
from kratom_evidence.claims.case_tests import CompareGroups, CountAtLeast, CountAtMost
from kratom_evidence.claims.context_tests import FiguresAgree, NoIncreaseMeasured
from kratom_evidence.claims.multiverse import (
    CHOICES,
    Multiverse,
    combinations,
    multiverse,
    multiverses,
    verdicts_over_unknowns,
)
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence
from kratom_evidence.evidence.definitions import OPTIONS, Definitions
from tests.made_evidence import evidence_of, judged_by, made_claim, with_measurements, with_studies

DRUG, SYNDROME = "other_drug", "serotonin_syndrome"
ONE_WITH_DRUG = CountAtLeast(of=DRUG, at_least=1)


def world_of(dataset: Dataset, test: ClaimTest, state: Callable[[Definitions], Truth]) -> Multiverse:
    """The multiverse of one case whose "other drug" has the state that is given for each combination."""
    made = evidence_of(dataset, other_drug=[0])
    evidences = [
        replace(made.what_if({DRUG: np.array([state(chosen)], dtype=np.int8)}), definitions=chosen)
        for chosen in combinations()
    ]
    primary = next(evidence for evidence in evidences if evidence.definitions == Definitions())
    return multiverse(judged_by(test, primary), evidences)


def test_the_combinations_are_all_of_all_options_once() -> None:
    """Six definitions of the syndrome, four grades, three timings, three kinds of access, two of toxicology."""
    found = combinations()
    assert len(found) == len(set(found)) == 6 * 4 * 3 * 3 * 2
    assert found[0] == Definitions(**{name: next(iter(options)) for name, options in OPTIONS.items()})
    assert list(CHOICES) == [*OPTIONS, "unknowns"]
    assert list(CHOICES["unknowns"]) == ["as_is", "best_case", "worst_case"]


def test_one_choice_that_decides_all_is_found(dataset: Dataset) -> None:
    """The case has the drug at the primary timing only, so a third holds and every change of the timing moves it."""
    world = world_of(
        dataset, ONE_WITH_DRUG, lambda chosen: Truth.YES if chosen.timing == "concurrent" else Truth.NO
    )  # fmt: skip
    assert (world.verdict, world.holding) == (Verdict.SUPPORTED, 432)
    assert world.share_holding == pytest.approx(1 / 3)
    assert world.moved_by == {"timing": 1.0} | dict.fromkeys([name for name in CHOICES if name != "timing"], 0.0)
    assert (next(iter(world.moved_by)), world.most_moving) == ("timing", "timing")
    assert list(world.moved_by)[1:] == sorted(list(world.moved_by)[1:])


def test_a_choice_that_matters_under_some_others_moves_a_share(dataset: Dataset) -> None:
    """The case has the drug unless the grade is `disputed` and toxicology `confirmed`.

    Then the other grades change only where toxicology is confirmed, and there for one of three: 1 of 6. Toxicology
    changes only under one of four grades.
    """
    world = world_of(
        dataset,
        ONE_WITH_DRUG,
        lambda chosen: (
            Truth.NO if (chosen.serotonergic_grade, chosen.toxicology) == ("disputed", "confirmed") else Truth.YES
        ),
    )
    assert world.share_holding == pytest.approx(7 / 8)
    moving = {name: share for name, share in world.moved_by.items() if share}
    assert moving == {"toxicology": pytest.approx(1 / 4), "serotonergic_grade": pytest.approx(1 / 6)}
    assert list(world.moved_by)[:2] == ["toxicology", "serotonergic_grade"]


def test_a_silent_case_is_taken_both_ways(dataset: Dataset) -> None:
    """The case says under the primary definition of the syndrome, and is silent under the five others."""
    world = world_of(
        dataset, ONE_WITH_DRUG,
        lambda chosen: Truth.YES if chosen.ss_definition == "label_or_suspected" else Truth.UNKNOWN,
    )  # fmt: skip
    frame = world.specifications
    assert list(frame) == [*CHOICES, "verdict", "primary"]
    silent = frame[frame["ss_definition"] != "label_or_suspected"]
    told = {unknowns: set(rows["verdict"]) for unknowns, rows in silent.groupby("unknowns")}
    assert told == {"as_is": {"not_supported"}, "best_case": {"supported"}, "worst_case": {"not_supported"}}
    assert set(frame[frame["ss_definition"] == "label_or_suspected"]["verdict"]) == {"supported"}
    # Of six definitions the primary one holds three times, each other one once.
    assert world.share_holding == pytest.approx((3 + 5) / 18)
    assert world.moved_by["ss_definition"] == pytest.approx(2 / 3)
    # Where a definition leaves the case silent, one of two other ways of taking it changes the verdict.
    assert world.moved_by["unknowns"] == pytest.approx(5 / 6 / 2)
    assert frame.loc[frame["primary"], list(CHOICES)].to_dict("records") == [
        {name: getattr(Definitions(), name) for name in OPTIONS} | {"unknowns": "as_is"}
    ]


@pytest.mark.parametrize("measured", [False, True])
def test_definitions_of_cases_move_no_verdict_of_other_studies(dataset: Dataset, measured: bool) -> None:
    figures = with_studies(dataset, {"a": (60.0, "one")})
    test: ClaimTest = FiguresAgree(figures=("a",), at_least=50)
    if measured:
        test, figures = NoIncreaseMeasured(targets=("SERT",)), with_measurements(dataset, {"target": "SERT"})
    judgement = judged_by(test, figures)
    world = multiverse(judgement, [replace(figures, definitions=chosen) for chosen in combinations()])
    assert (world.claim, world.share_holding, world.holding) == (judgement.claim, 1.0, 1296)
    assert set(world.specifications["verdict"]) == {judgement.verdict.value}
    assert world.most_moving is None


def test_what_is_not_testable_has_no_multiverse(dataset: Dataset) -> None:
    evidence = evidence_of(dataset, other_drug=[1])
    untested = judge(made_claim(), evidence)
    with pytest.raises(ValueError, match=r"^C99 is not testable, so it has no multiverse$"):
        multiverse(untested, [evidence])
    assert multiverses(dataset, [untested]) == ()


# --- silent cases


def as_told(dataset: Dataset, test: ClaimTest, **states: list[int]) -> Mapping[str, Verdict]:
    evidence: CaseEvidence = evidence_of(dataset, **states)
    deciding = judged_by(test, evidence).deciding
    assert deciding is not None
    return verdicts_over_unknowns(deciding.planned, evidence)


def test_silent_cases_speak_for_or_against_a_statement(dataset: Dataset) -> None:
    """One case and two silent ones under a limit of two: at best one, at worst three."""
    assert as_told(dataset, CountAtMost(of=DRUG, at_most=2), other_drug=[1, 0, 0]) == {
        "as_is": Verdict.SUPPORTED_WITH_LIMITS,
        "best_case": Verdict.SUPPORTED,
        "worst_case": Verdict.CONTRADICTED,
    }


def test_each_property_is_taken_both_ways_on_its_own(dataset: Dataset) -> None:
    """Four cases with both and four with neither; one is silent of the drug, another of the syndrome.

    Fisher: 5 of 5 against 0 of 5 is clear at 0.01 (p = 2 / 252), 5 of 6 against 0 of 4 is not (p = 12 / 252).
    """
    test = CompareGroups(of=SYNDROME, exposed=DRUG, alpha=0.01)
    found = as_told(
        dataset, test, other_drug=[1] * 4 + [-1] * 4 + [0, -1], serotonin_syndrome=[1] * 4 + [-1] * 4 + [1, 0]
    )
    assert found == {
        "as_is": Verdict.SUPPORTED_WITH_LIMITS,
        "best_case": Verdict.SUPPORTED,
        "worst_case": Verdict.SUPPORTED_WITH_LIMITS,
    }


def test_where_no_case_is_silent_all_is_as_it_is(dataset: Dataset) -> None:
    found = as_told(dataset, CountAtMost(of=DRUG, at_most=2), other_drug=[1, -1, 1])
    assert found == dict.fromkeys(CHOICES["unknowns"], Verdict.SUPPORTED)


def test_what_nobody_measured_stays_not_testable_however_silent_cases_are_taken(dataset: Dataset) -> None:
    deciding = judged_by(NoIncreaseMeasured(targets=("SERT",)), with_measurements(dataset, {})).deciding
    assert deciding is not None
    found = verdicts_over_unknowns(deciding.planned, with_measurements(dataset, {}))
    assert found == dict.fromkeys(CHOICES["unknowns"], Verdict.NOT_TESTABLE)
