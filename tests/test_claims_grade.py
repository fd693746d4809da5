"""The certainty of the evidence behind a verdict: worked by hand for each kind of evidence."""

from dataclasses import replace

import pytest

from kratom_evidence.claims import judge
from kratom_evidence.claims.case_tests import CountAtMost
from kratom_evidence.claims.context_tests import ClassesSerotonergic, FiguresAgree, NoIncreaseMeasured
from kratom_evidence.claims.grade import EvidenceGrade, GradeLevel, evidence_grade
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from tests.made_evidence import evidence_of, judged_by, made_claim, with_measurements, with_studies

LOW, VERY_LOW = GradeLevel.LOW, GradeLevel.VERY_LOW


def grade(test: ClaimTest, evidence: CaseEvidence) -> EvidenceGrade | None:
    return evidence_grade(judged_by(test, evidence), evidence.dataset)


def test_case_reports_stay_at_very_low(dataset: Dataset) -> None:
    found = grade(CountAtMost(of="other_drug", at_most=9), evidence_of(dataset, other_drug=[1]))
    reason = "Case reports compare nothing and are chosen for publication."
    assert found == EvidenceGrade(level=VERY_LOW, reason=reason)
    assert found.sentence == f"Certainty of this evidence: very low. {reason}"


@pytest.mark.parametrize(
    ("figures", "level", "reason"),
    [
        ("ab", VERY_LOW, "It rests on 1 publication of observations."),
        ("ac", LOW, "It rests on 2 publications of observations, not on trials."),
    ],
)
def test_figures_of_one_publication_are_graded_lower(
    dataset: Dataset, figures: str, level: GradeLevel, reason: str
) -> None:
    evidence = with_studies(dataset, {"a": (60.0, "one"), "b": (70.0, "one"), "c": (55.0, "two")})
    found = grade(FiguresAgree(figures=tuple(figures), at_least=50), evidence)
    assert found == EvidenceGrade(level=level, reason=reason)


def test_lists_of_drugs_are_no_publication_of_observations(dataset: Dataset) -> None:
    found = grade(ClassesSerotonergic(parts={"antidepressants": ("ssri",)}), gather(dataset))
    assert found == EvidenceGrade(level=LOW, reason="It rests on published lists of drugs, not on trials.")


@pytest.mark.parametrize(
    ("people", "level", "reason"),
    [
        ([], VERY_LOW, "It was measured in animals only."),
        # People were measured, but for something else.
        ([("CYP2D6", 0)], VERY_LOW, "It was measured in animals only."),
        ([("serotonin_level", 1)], LOW, "It rests on 2 publications of observations, not on trials."),
        ([("serotonin_level", 0)], VERY_LOW, "It rests on 1 publication of observations."),
    ],
)
def test_what_was_measured_in_animals_only_is_graded_lower(
    dataset: Dataset, people: list[tuple[str, int]], level: GradeLevel, reason: str
) -> None:
    keys = dataset.context_sources.index[:2]
    animal = {"assay": "animal_in_vivo", "effect": "no_effect", "citekey": keys[0]}
    measured = [
        {"assay": "human_pk", "effect": "no_effect", "target": target, "citekey": keys[number]}
        for target, number in people
    ]
    evidence = with_measurements(dataset, animal, *measured)
    found = grade(NoIncreaseMeasured(targets=("serotonin_level",)), evidence)
    assert found == EvidenceGrade(level=level, reason=reason)


def test_what_is_not_testable_has_no_grade(dataset: Dataset) -> None:
    evidence = evidence_of(dataset, other_drug=[1])
    assert evidence_grade(judge(made_claim(), evidence), dataset) is None


def test_the_grade_is_that_of_the_deciding_test(dataset: Dataset) -> None:
    evidence = with_studies(dataset, {"a": (60.0, "one"), "c": (55.0, "two")})
    deciding = judged_by(FiguresAgree(figures=("a", "c"), at_least=50), evidence).claim.tests[0]
    beside = replace(deciding, test=CountAtMost(of="other_drug", at_most=9), decides=False)
    found = evidence_grade(judge(made_claim(beside, deciding), evidence), evidence.dataset)
    assert found is not None and found.level is LOW
