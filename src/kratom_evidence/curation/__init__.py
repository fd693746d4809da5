"""Checking the data: every rule on every file at once, and a count of what passed, what failed and what was skipped."""

from kratom_evidence.curation.catalogue import RuleDescription, rule_catalogue
from kratom_evidence.curation.outcome import Check, Outcome, ValidationReport, check_outcome
from kratom_evidence.curation.validation import validate

__all__ = ["Check", "Outcome", "RuleDescription", "ValidationReport", "check_outcome", "rule_catalogue", "validate"]
