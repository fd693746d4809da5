"""The kinds of test that claims.yaml may name. A new kind of test is a new class here and nowhere else."""

from collections.abc import Mapping
from typing import Protocol

from kratom_evidence.claims import case_tests, context_tests, denial_tests
from kratom_evidence.claims.verdict import EvidenceKind, Outcome
from kratom_evidence.evidence.case_evidence import CaseEvidence


class ClaimTest(Protocol):
    """A test with its parameters: reads the evidence, returns what it found."""

    @property
    def evidence_kind(self) -> EvidenceKind: ...

    def evaluate(self, evidence: CaseEvidence) -> Outcome: ...


TEST_KINDS: Mapping[str, type] = {
    "count_at_most": case_tests.CountAtMost,
    "count_at_least": case_tests.CountAtLeast,
    "share_at_least": case_tests.ShareAtLeast,
    "no_counter_example": denial_tests.NoCounterExample,
    "no_clean_case": denial_tests.NoCleanCase,
    "zero_events": denial_tests.ZeroEvents,
    "compare_groups": case_tests.CompareGroups,
    "figures_agree": context_tests.FiguresAgree,
    "parts_reported": context_tests.PartsReported,
    "frequent_signs": context_tests.FrequentSigns,
    "no_increase_measured": context_tests.NoIncreaseMeasured,
    "effect_measured": context_tests.EffectMeasured,
    "classes_serotonergic": context_tests.ClassesSerotonergic,
}


def rule_of(name: str) -> str:
    """The rule of a kind of test, in words, for the reports."""
    text = TEST_KINDS[name].__doc__ or ""
    return " ".join(text.replace("`", "").split())
