"""Checking the data: every rule on every file at once, and a count of what passed, what failed and what was skipped."""

from kratom_evidence.curation.catalogue import RuleDescription, rule_catalogue
from kratom_evidence.curation.earlier import Earlier, at_revision, last_commit
from kratom_evidence.curation.file_rule_list import form_codes
from kratom_evidence.curation.lost_points import RULE as LOST_POINTS_RULE
from kratom_evidence.curation.outcome import Check, Outcome, ValidationReport, check_outcome
from kratom_evidence.curation.repair_diff import repair_diff
from kratom_evidence.curation.repairs import Proposal, Repair, TableRepair, propose_repairs
from kratom_evidence.curation.validation import validate

__all__ = [
    "LOST_POINTS_RULE",
    "Check",
    "Earlier",
    "Outcome",
    "Proposal",
    "Repair",
    "RuleDescription",
    "TableRepair",
    "ValidationReport",
    "at_revision",
    "check_outcome",
    "form_codes",
    "last_commit",
    "propose_repairs",
    "repair_diff",
    "rule_catalogue",
    "validate",
]
