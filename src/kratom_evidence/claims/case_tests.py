"""Tests of a statement on the case reports. Each class is one kind of test; its docstring is its rule.

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
from kratom_evidence.evidence.statistics import fisher_p_value, upper_bound_zero_events, wilson_interval
from kratom_evidence.evidence.tally import Tally, tally


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
