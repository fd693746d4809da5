"""The five verdicts, and what a test and a judgement consist of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kratom_evidence.evidence.tally import Tally


class Verdict(StrEnum):
    """What the evidence that was found says about a statement (contract: five values)."""

    SUPPORTED = "supported"
    SUPPORTED_WITH_LIMITS = "supported_with_limits"
    NOT_SUPPORTED = "not_supported"
    CONTRADICTED = "contradicted"
    NOT_TESTABLE = "not_testable_with_case_reports"

    @property
    def label(self) -> str:
        """The verdict in words for a heading."""
        return _LABELS[self]

    @property
    def meaning(self) -> str:
        """What the verdict means, in one sentence."""
        return _MEANINGS[self]


_LABELS = {
    Verdict.SUPPORTED: "Supported",
    Verdict.SUPPORTED_WITH_LIMITS: "Supported, with limits",
    Verdict.NOT_SUPPORTED: "Not supported",
    Verdict.CONTRADICTED: "Contradicted",
    Verdict.NOT_TESTABLE: "Not testable with case reports",
}
_MEANINGS = {
    Verdict.SUPPORTED: "The evidence that was found meets the rule that was set for this statement.",
    Verdict.SUPPORTED_WITH_LIMITS: "The evidence that was found points the way the statement says, but part of it is "
    "missing, thin or mixed.",
    Verdict.NOT_SUPPORTED: "The evidence that was found does not bear the statement out; it does not show the opposite "
    "either.",
    Verdict.CONTRADICTED: "The evidence that was found speaks against the statement as it is worded.",
    Verdict.NOT_TESTABLE: "Neither the case reports nor the context studies that were read can test the statement.",
}
# From the most to the least favourable to the statement; "not testable" has no place in the order.
ORDER = (Verdict.SUPPORTED, Verdict.SUPPORTED_WITH_LIMITS, Verdict.NOT_SUPPORTED, Verdict.CONTRADICTED)


def at_best(verdict: Verdict, ceiling: Verdict | None) -> Verdict:
    """The verdict, lowered to `ceiling` where it is more favourable than that."""
    if ceiling is None or verdict not in ORDER or ceiling not in ORDER:
        return verdict
    return max(verdict, ceiling, key=ORDER.index)


class EvidenceKind(StrEnum):
    """The two kinds of evidence that are shown side by side."""

    CASE_REPORTS = "case_reports"
    CONTEXT = "context_studies"

    @property
    def label(self) -> str:
        return "the case reports" if self is EvidenceKind.CASE_REPORTS else "the context studies"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one test found.

    `sentence` says what was counted, out of how many; `branch` says which part of the rule applied. `tallies` holds
    the counts by name, `cases` the case ids that decide, `figures` the context ids or measurements that decide.
    """

    verdict: Verdict
    sentence: str
    branch: str
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
