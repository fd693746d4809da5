"""Tests that count or compare case reports. Each class is one kind of test; its docstring is its rule.

Every rule reads three-valued states, so that a case that does not say can make a verdict less sure, never surer.
"""

from dataclasses import dataclass
from typing import ClassVar

from kratom_evidence.appraisal.three_valued import States, Truth, conjunction
from kratom_evidence.claims.case_wording import among, is_case, silent, subject
from kratom_evidence.claims.verdict import EvidenceKind, Outcome, Verdict
from kratom_evidence.claims.wording import counted, listed, none_or, percent, sentence, verb
from kratom_evidence.evidence.case_evidence import CaseEvidence
from kratom_evidence.evidence.properties import property_named, property_words
from kratom_evidence.evidence.statistics import fisher_p_value, wilson_interval
from kratom_evidence.evidence.tally import tally


@dataclass(frozen=True, kw_only=True)
class CountAtMost:
    """At most so many cases have a property.

    Supported when even the cases that do not say could not exceed the limit; supported with limits when the cases
    that say stay within it; contradicted when more cases than the limit have the property. With
    `unread_may_add`, every known but unread record counts as one that does not say.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CASE_REPORTS
    of: str
    at_most: int
    unread_may_add: bool = False

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        states = evidence.states(self.of)
        counts = tally(states)
        unread = len(evidence.dataset.unread) if self.unread_may_add else 0
        if counts.yes > self.at_most:
            verdict, branch = Verdict.CONTRADICTED, f"more than {self.at_most} were found"
        elif counts.yes + counts.unknown + unread <= self.at_most:
            verdict, branch = Verdict.SUPPORTED, f"at most {self.at_most}, whatever the silent cases would say"
        else:
            verdict, branch = Verdict.SUPPORTED_WITH_LIMITS, f"at most {self.at_most} among those that were read"
        unread_words = (
            f"; {counted(unread, 'known record')} could not be read and might add to the count" if unread else ""
        )
        words = f"{subject(counts.yes, self.of)}{silent(counts.unknown)}{unread_words}"
        return Outcome(
            verdict=verdict,
            sentence=sentence(words),
            branch=branch,
            tallies={property_words(self.of): counts},
            cases=evidence.case_ids(states),
        )


@dataclass(frozen=True, kw_only=True)
class CountAtLeast:
    """At least so many cases have a property.

    Supported when as many were found, not supported otherwise: that a thing was not found among published cases
    does not contradict that it happens.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CASE_REPORTS
    of: str
    at_least: int
    among: str = "all_cases"

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        within = evidence.states(self.among) == Truth.YES
        states: States = evidence.states(self.of)[within]
        counts = tally(states)
        enough = counts.yes >= self.at_least
        words = (
            f"of {counted(counts.total, 'case', among(self.among))}, {none_or(counts.yes)} "
            f"{is_case(counts.yes, self.of)}{silent(counts.unknown)}"
            if counts.total
            else subject(0, self.among)
        )
        return Outcome(
            verdict=Verdict.SUPPORTED if enough else Verdict.NOT_SUPPORTED,
            sentence=sentence(words),
            branch=f"at least {self.at_least} {verb(self.at_least, 'was')} asked for",
            tallies={property_words(self.of): counts},
            cases=tuple(evidence.ids[within][states == Truth.YES]),
        )


@dataclass(frozen=True, kw_only=True)
class ShareAtLeast:
    """At least such a share of the cases that say have a property.

    Supported when the lower limit of the 95 % Wilson interval reaches the threshold, and the share would reach it
    even if no silent case had the property; supported with limits when the share itself reaches it; contradicted
    when the upper limit stays below it; not supported otherwise, and when no case says.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CASE_REPORTS
    of: str
    at_least: float
    among: str = "all_cases"

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        within = evidence.states(self.among) == Truth.YES
        states: States = evidence.states(self.of)[within]
        counts = tally(states)
        cases = tuple(evidence.ids[within][states == Truth.YES])
        tallies = {property_words(self.of): counts}
        if counts.share is None:
            words = (
                f"{counted(counts.total, 'case', among(self.among))} {verb(counts.total, 'was')} found, and none says"
            )
            branch = "no case says"
            return Outcome(verdict=Verdict.NOT_SUPPORTED, sentence=sentence(words), branch=branch, tallies=tallies)
        low, high = wilson_interval(counts.yes, counts.known)
        worst = counts.yes / counts.total
        if low >= self.at_least and worst >= self.at_least:
            verdict, branch = Verdict.SUPPORTED, f"the whole interval lies above {percent(self.at_least)}"
        elif counts.share >= self.at_least:
            verdict = Verdict.SUPPORTED_WITH_LIMITS
            branch = f"the share reaches {percent(self.at_least)}, but with so few cases it could lie below it"
        elif high < self.at_least:
            verdict, branch = Verdict.CONTRADICTED, f"the whole interval lies below {percent(self.at_least)}"
        else:
            verdict, branch = Verdict.NOT_SUPPORTED, f"the share does not reach {percent(self.at_least)}"
        words = (
            f"of {counted(counts.known, 'case', among(self.among))} that {verb(counts.known, 'says')}, "
            f"{none_or(counts.yes)} ({percent(counts.share)}, 95 % interval {percent(low)} to {percent(high)}) "
            f"{is_case(counts.yes, self.of)}{silent(counts.unknown)}"
        )
        return Outcome(verdict=verdict, sentence=sentence(words), branch=branch, tallies=tallies, cases=cases)


@dataclass(frozen=True, kw_only=True)
class CompareGroups:
    """A property is more frequent among the exposed than among the others, by Fisher's exact test.

    Supported when the odds ratio is above 1 with p below `alpha`; supported with limits when it is above 1 and p is
    not; contradicted when it is below 1 with p below `alpha`; not supported otherwise. Cases that do not say about
    either are left out and counted.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CASE_REPORTS
    of: str
    exposed: str
    alpha: float = 0.05

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        having, exposed = evidence.states(self.of), evidence.states(self.exposed)
        table = [
            [int(((exposed == e) & (having == h)).sum()) for h in (Truth.YES, Truth.NO)] for e in (Truth.YES, Truth.NO)
        ]
        left_out = len(having) - sum(map(sum, table))
        p_value = fisher_p_value(table)
        more = table[0][0] * sum(table[1]) > table[1][0] * sum(table[0])
        fewer = table[0][0] * sum(table[1]) < table[1][0] * sum(table[0])
        clear = p_value < self.alpha
        if more:
            verdict = Verdict.SUPPORTED if clear else Verdict.SUPPORTED_WITH_LIMITS
            branch = "more frequent among the exposed" + ("" if clear else ", but chance could explain it")
        elif fewer and clear:
            verdict, branch = Verdict.CONTRADICTED, "less frequent among the exposed"
        else:
            verdict, branch = Verdict.NOT_SUPPORTED, "not more frequent among the exposed"
        of, with_words = property_words(self.of), property_words(self.exposed)
        without_words = property_named(self.exposed).negation_words
        words = (
            f"{table[0][0]} of {counted(sum(table[0]), 'case', with_words)} and {table[1][0]} of "
            f"{counted(sum(table[1]), 'case', without_words)} are cases {of} "
            f"(Fisher's exact test, p = {p_value:.2g}){silent(left_out)}"
        )
        tallies = {
            listed([property_words(self.of), with_words]): tally(having[exposed == Truth.YES]),
            listed([property_words(self.of), property_named(self.exposed).negation_words]): tally(
                having[exposed == Truth.NO]
            ),
        }
        cases = evidence.case_ids(conjunction([having, exposed]))
        return Outcome(verdict=verdict, sentence=sentence(words), branch=branch, tallies=tallies, cases=cases)
