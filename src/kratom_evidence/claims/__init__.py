"""The article's statements, their tests, and the verdicts that follow. Nothing here is typed in: rules in, facts in."""

from kratom_evidence.claims.judging import Judgement, TestResult, judge, judge_all, reference_faults
from kratom_evidence.claims.ledger import Claim, PlannedTest, read_claims
from kratom_evidence.claims.registry import TEST_KINDS, rule_of
from kratom_evidence.claims.verdict import EvidenceKind, Outcome, Verdict

__all__ = [
    "TEST_KINDS",
    "Claim",
    "EvidenceKind",
    "Judgement",
    "Outcome",
    "PlannedTest",
    "TestResult",
    "Verdict",
    "judge",
    "judge_all",
    "read_claims",
    "reference_faults",
    "rule_of",
]
