"""All rules with their explanations, for people who want to know what is checked."""

import inspect
from dataclasses import dataclass

from kratom_evidence.curation import rules_cases, rules_files, rules_numbers, rules_screening, rules_tables
from kratom_evidence.curation.file_rule_list import FILE_RULES
from kratom_evidence.curation.rule import Rule

_MODULES = (rules_cases, rules_files, rules_numbers, rules_screening, rules_tables)
RULES: tuple[Rule, ...] = tuple(
    sorted((rule for module in _MODULES for rule in module.RULES), key=lambda rule: rule.code)
)


@dataclass(frozen=True, kw_only=True)
class RuleDescription:
    """A rule in words: what must hold, and why and how to mend it."""

    code: str
    title: str
    explanation: str


def rule_catalogue() -> tuple[RuleDescription, ...]:
    """Every rule in the order of its code: F about files, C about cells, X across cells and files."""
    of_files = [RuleDescription(code=rule.code, title=rule.title, explanation=rule.explanation) for rule in FILE_RULES]
    return tuple(sorted((*of_files, *(_described(rule) for rule in RULES)), key=_order))


def _order(rule: RuleDescription) -> tuple[int, str]:
    return "FCX".index(rule.code[0]), rule.code


def _described(rule: Rule) -> RuleDescription:
    title, _, explanation = (inspect.getdoc(type(rule)) or "").partition("\n\n")
    return RuleDescription(code=rule.code, title=title, explanation=" ".join(explanation.split()))
