"""Tests of statements that deny: that there is none, none that would show it, or none clean enough to be sure.

Each class is one kind of test; its docstring is its rule. As in `case_tests`, a case that does not say can make a
verdict less sure, never surer.
"""

from dataclasses import dataclass
from typing import ClassVar

from kratom_evidence.appraisal.three_valued import Truth, conjunction
from kratom_evidence.claims.case_wording import among, is_case, silent, subject
from kratom_evidence.claims.verdict import EvidenceKind, Outcome, Verdict
from kratom_evidence.claims.wording import counted, none_or, percent, sentence
from kratom_evidence.evidence.case_evidence import CaseEvidence
from kratom_evidence.evidence.properties import property_words
from kratom_evidence.evidence.statistics import upper_bound_zero_events
from kratom_evidence.evidence.tally import Tally, tally


@dataclass(frozen=True, kw_only=True)
class NoCounterExample:
    """A flat denial ("does not cause"): is there a case that contradicts it, or one that leaves it open?

    Contradicted by one case that has the property and belongs to the counter-example stratum. Not supported when
    cases have the property but none belongs to the stratum: they neither show it nor exclude it; nor when no case
    says. Supported with limits at best when cases are said not to have the property and none has it, since case
    reports cannot prove that something never happens.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CASE_REPORTS
    of: str
    stratum: str

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        having = evidence.states(self.of)
        inside = evidence.states(self.stratum)
        counter = conjunction([having, inside])
        events, counts = tally(having), tally(inside[having == Truth.YES])
        if counts.yes:
            verdict, branch = Verdict.CONTRADICTED, "a counter-example was found"
        elif events.yes:
            verdict = Verdict.NOT_SUPPORTED
            branch = "there are cases, but none that could show the statement wrong or right"
        elif events.no:
            verdict = Verdict.SUPPORTED_WITH_LIMITS
            branch = "no case at all was found, and case reports cannot prove that something never happens"
        else:
            verdict, branch = Verdict.NOT_SUPPORTED, "no case says, and silence supports nothing"
        them = f", and {none_or(counts.yes)} of them {is_case(counts.yes, self.stratum)}" if events.yes else ""
        words = f"{subject(events.yes, self.of)}{them}{silent(events.unknown)}"
        tallies = {property_words(self.of): events, property_words(self.stratum): counts}
        decisive = evidence.case_ids(counter) if counts.yes else evidence.case_ids(having)
        return Outcome(verdict=verdict, sentence=sentence(words), branch=branch, tallies=tallies, cases=decisive)


@dataclass(frozen=True, kw_only=True)
class NoCleanCase:
    """Nothing can be said for certain as long as no case is clean ("it is difficult to say").

    Supported when cases have the property and every one of them is known not to be clean; supported with limits when
    some do not say enough to be called unclean; not supported when a clean case exists, or when no case has the
    property, so that there is nothing to be uncertain about.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CASE_REPORTS
    of: str
    clean: str

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        having = evidence.states(self.of) == Truth.YES
        states = evidence.states(self.clean)[having]
        counts = tally(states)
        if counts.yes or not counts.total:
            verdict = Verdict.NOT_SUPPORTED
            branch = "a clean case exists" if counts.yes else "there is no case to judge"
        elif counts.unknown:
            verdict, branch = Verdict.SUPPORTED_WITH_LIMITS, "no case is known to be clean, but not all say enough"
        else:
            verdict, branch = Verdict.SUPPORTED, "no case is clean"
        words = (
            f"of {counted(counts.total, 'case', property_words(self.of))}, "
            f"{none_or(counts.yes)} {is_case(counts.yes, self.clean)}{silent(counts.unknown)}"
            if counts.total
            else subject(0, self.of)
        )
        tallies = {property_words(self.clean): counts}
        return Outcome(
            verdict=verdict,
            sentence=sentence(words),
            branch=branch,
            tallies=tallies,
            cases=tuple(evidence.ids[having]),
        )


@dataclass(frozen=True, kw_only=True)
class ZeroEvents:
    """No case of a stratum has a property, and the stratum is large enough for that to mean something.

    Contradicted by one case. Supported when none has it and the one-sided 95 % upper bound of its share lies at or
    below the threshold; not supported when the stratum is too small for that, or when a case that has it does not say
    whether it belongs there: silence is not evidence.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CASE_REPORTS
    of: str
    among: str
    upper_bound_at_most: float

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        stratum, having = evidence.states(self.among), evidence.states(self.of)
        found = conjunction([stratum, having])
        inside: Tally = tally(having[stratum == Truth.YES])
        unplaced = int(((stratum == Truth.UNKNOWN) & (having == Truth.YES)).sum())
        bound = upper_bound_zero_events(inside.no)
        if inside.yes:
            verdict, branch = Verdict.CONTRADICTED, "a case was found"
        elif bound <= self.upper_bound_at_most and not unplaced:
            verdict, branch = Verdict.SUPPORTED, "none in a stratum large enough to notice"
        elif unplaced:
            verdict = Verdict.NOT_SUPPORTED
            branch = "none was found there, but cases of which it is not stated might belong there"
        else:
            verdict = Verdict.NOT_SUPPORTED
            branch = "none was found, but too few cases are known to belong there for that to mean anything"
        excluded = (
            f"after {inside.no} without one, a share of up to {percent(bound)} could still have gone unseen"
            if inside.no
            else "no case says that it is not one, so nothing can be excluded"
        )
        words = (
            f"of {counted(inside.total, 'case', among(self.among))}, {none_or(inside.yes)} "
            f"{is_case(inside.yes, self.of)}; {excluded}"
        )
        if unplaced:
            words += (
                f"; of {counted(unplaced, 'case', property_words(self.of))} it is not stated whether "
                f"{'it is' if unplaced == 1 else 'they are'} {property_words(self.among)}"
            )
        tallies = {property_words(self.of): inside}
        return Outcome(
            verdict=verdict, sentence=sentence(words), branch=branch, tallies=tallies, cases=evidence.case_ids(found)
        )
