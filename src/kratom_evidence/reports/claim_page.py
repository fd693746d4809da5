"""What the report of one statement shows, made ready for the cells of notebooks/reports/claim.ipynb."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from kratom_evidence.claims import Claim, EvidenceKind, Judgement, Verdict, judge_all, read_claims, what_if_figures
from kratom_evidence.claims import figures as claim_figures
from kratom_evidence.claims import tables as claim_tables
from kratom_evidence.claims.fragility import fragility, further_cases_table, influence
from kratom_evidence.claims.grade import evidence_grade
from kratom_evidence.claims.multiverse import Multiverse
from kratom_evidence.claims.records import StatementResult, statement_result
from kratom_evidence.claims.symptoms import symptom_table, symptoms_of
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from kratom_evidence.evidence.case_set import restrict
from kratom_evidence.evidence.definitions import TITLES, Definitions
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.nearest import nearest_name
from kratom_evidence.presentation import (
    ReportFigure,
    ReportTable,
    ReportText,
    linked_text,
    show_figure,
    show_heading,
    show_list,
    show_table,
    show_text,
    verdict_banner,
)
from kratom_evidence.project import find_project
from kratom_evidence.reports.limits import general_limits

CASE_HEADINGS = {
    "case_id": "Case",
    "what_was_read": "What was read",
    "other_drugs": "Other drugs (timing)",
    "serotonin_syndrome": "Serotonin syndrome (authors)",
    "hunter_signs": "Hunter signs",
    "mitragynine_found_in": "Mitragynine found in",
}


@dataclass(frozen=True, kw_only=True)
class ClaimPage:
    """The judgement on one statement with what its report shows."""

    dataset: Dataset
    claim: Claim
    judgement: Judgement
    evidence: CaseEvidence

    def heading(self) -> ReportText:
        """The statement as the title of the page."""
        return show_heading(f"{self.claim.id}: {self.claim.statement}", level=1)

    def banner(self) -> ReportText:
        """The verdict with its deciding numbers."""
        return verdict_banner(self.judgement.verdict.value, self.judgement.verdict.label, self.judgement.summary)

    def why(self) -> ReportText:
        """Why this verdict: the branch of the rule, which evidence decided, and whether the two kinds differ."""
        judgement, deciding = self.judgement, self.judgement.deciding
        lines = [judgement.verdict.meaning]
        if deciding is None or judgement.decided_by is None:
            lines += [f"Why it cannot be tested: {self.claim.not_testable_because}"]
            lines += [f"What could test it: {self.claim.could_be_tested_by}"]
            return show_text(*lines)
        lines += [f"It was decided by {judgement.decided_by.label}: {deciding.outcome.branch}."]
        if deciding.was_lowered:
            rule_alone = deciding.outcome.verdict.label
            lines += [f'By the rule alone the verdict would be "{rule_alone}". A limit of the rule lowered it:']
            lines += [deciding.planned.ceiling_reason or ""]
        if judgement.disagreement:
            lines += [judgement.disagreement]
        grade = evidence_grade(judgement, self.dataset)
        lines += [grade.sentence] if grade else []
        return show_text(*lines)

    def definitions(self) -> ReportText:
        """The definitions under which this page was made, in words."""
        words = self.judgement.definitions.in_words()
        return show_list(*(f"{TITLES[name]}: {meaning}." for name, meaning in words.items()))

    def tests(self) -> ReportTable:
        """What each test found."""
        headings = {"part_of_the_rule": "Part of the rule that applied", "by_the_rule": "Verdict by the rule"}
        return show_table(
            claim_tables.tests_table(self.judgement),
            caption="What the tests of this statement found",
            headings=headings,
            empty="This statement is not tested.",
        )

    def rules(self) -> ReportTable:
        """The rules and the reasons for the thresholds."""
        return show_table(
            claim_tables.rules_table(self.judgement),
            caption="The rules, with the reason for each threshold",
            headings={"reason": "Reason for the threshold", "ceiling": "Why the verdict is capped"},
            row_header="test",
            empty="This statement has no rule, since it is not tested.",
        )

    def revisions(self) -> ReportText | None:
        """How the rule was changed after its first results had been seen; None where there is no rule."""
        if not self.claim.tests:
            return None
        changes = [revision.sentence for revision in self.claim.revised]
        return show_text(*(changes or ["No change of this rule after its first results is on record."]))

    @cached_property
    def counts(self) -> pd.DataFrame:
        """The counts of cases: those of the tests, or what the case reports say at all when no test counts cases."""
        counts = claim_tables.counts_table(self.judgement)
        return counts if len(counts) else claim_tables.background_counts(self.evidence)

    def counts_table(self) -> ReportTable:
        """How many cases are so, are not so, and do not say."""
        headings = {"cases": "Cases …", "not_stated": "Not stated", "in_words": "In words"}
        return show_table(
            self.counts, caption="Cases counted, with those that do not say", headings=headings, row_header="cases"
        )

    def signs(self) -> ReportTable | None:
        """The symptoms that the statement names, in the labelled cases, beside published series; None when none is."""
        symptoms = symptoms_of(self.claim)
        if not symptoms:
            return None
        cases = restrict(self.dataset, self.judgement.definitions.source_access)
        return show_table(
            symptom_table(cases, symptoms),
            caption="The symptoms in the cases that their authors call serotonin syndrome, and in published series",
            headings={"present_ids": "Present in", "published": "Published series"},
        )

    def counts_figure(self) -> ReportFigure:
        """The counts of cases, drawn."""
        return show_figure(
            claim_figures.counts_figure(self.counts),
            alt=claim_figures.counts_alt(self.counts),
            caption="Cases that are so, that are not so, and that do not say",
        )

    @cached_property
    def drawn_studies(self) -> pd.DataFrame:
        """The figures of the deciding context test; empty when none decides."""
        deciding = self.judgement.deciding
        names = [] if deciding is None else [n for n in deciding.outcome.figures if n in self.dataset.studies.index]
        return self.dataset.studies.loc[names]

    def studies_figure(self) -> ReportFigure | ReportText:
        """The deciding figures of the context studies against the threshold; a sentence when there are none."""
        if not self.judgement.figures:
            return show_text("No context study was chosen to test this statement.")
        if not len(self.drawn_studies):
            return show_text("None of the context figures decides this statement; they are shown for comparison.")
        return show_figure(
            claim_figures.studies_figure(self.judgement, self.drawn_studies),
            alt=claim_figures.studies_alt(self.drawn_studies),
            caption="Figures of the context studies that decide",
        )

    def studies(self) -> ReportTable | None:
        """The context studies behind the statement, with links to their publications; None when there are none."""
        table = claim_tables.study_table(self.dataset, self.judgement.figures)
        if not len(table):
            return None
        return show_table(
            linked(table),
            caption="Context studies and measurements",
            headings={"out_of": "Out of", "seen_in": "Read in"},
        )

    @cached_property
    def case_ids(self) -> tuple[str, ...]:
        """The cases behind the statement; the cases of serotonin syndrome when no test names cases."""
        return self.judgement.cases or self.evidence.case_ids(self.evidence.states("serotonin_syndrome"))

    def cases(self) -> ReportTable:
        """The cases behind the statement, with links to their publications."""
        table = claim_tables.case_table(self.dataset, self.case_ids)
        caption = (
            "The cases behind the verdict"
            if self.judgement.cases
            else "The published cases of serotonin syndrome, for orientation"
        )
        return show_table(linked(table), caption=caption, headings=CASE_HEADINGS, empty="No case.")

    @cached_property
    def primary(self) -> StatementResult:
        """The what-if of the primary analysis."""
        return statement_result(self.dataset, self.claim)

    @cached_property
    def world(self) -> Multiverse | None:
        """The statement under every combination of definitions; None when it does not rest on case reports."""
        if self.judgement.decided_by is not EvidenceKind.CASE_REPORTS:
            return None
        return self.primary.world

    def robustness(self) -> ReportText:
        """In how many combinations of choices the verdict of the primary analysis holds."""
        if self.world is None:
            return show_text("This verdict does not depend on how the cases are defined: no case report decides it.")
        return show_text(what_if_figures.robustness_in_words(self.world))

    def specification_curve(self) -> ReportFigure | None:
        """The verdict under every combination, with a table of the options beside it."""
        if self.world is None:
            return None
        table = show_table(
            what_if_figures.robustness_table(self.world),
            caption="How often the verdict of the primary analysis holds, by option",
            headings={"holding": "With this verdict"},
            formats={"share": ".0%"},
            row_header="option",
        )
        return show_figure(
            what_if_figures.specification_curve(self.world),
            alt=what_if_figures.specification_alt(self.world),
            caption="Specification curve: the verdict under every combination of choices",
            data=table,
        )

    def fragility(self) -> ReportText:
        """What would change the verdict: further cases, or one publication less."""
        if self.judgement.definitions == Definitions():
            return show_list(self.primary.fragility.sentence, self.primary.influence.sentence)
        return show_list(
            fragility(self.judgement, self.evidence).sentence, influence(self.judgement, self.evidence).sentence
        )

    def further_cases(self) -> ReportFigure | None:
        """How many further cases of one kind change the verdict; None when no case report does."""
        table = further_cases_table(self.judgement, self.evidence)
        if not len(table):
            return None
        return show_figure(
            what_if_figures.further_cases_figure(table),
            alt=what_if_figures.further_cases_alt(table),
            caption="How many further cases of one kind alone would change the verdict",
        )

    def limits(self) -> ReportText:
        """What this report cannot show."""
        return show_list(*self.claim.limits, *general_limits(self.evidence.cases))

    def would_change(self) -> ReportText:
        """What would change the verdict."""
        return show_text(self.claim.would_change)

    def check(self) -> str:
        """Says that the page is complete.

        Raises:
            ExplainedError: the counts, the cases and the verdict do not fit together.
        """
        let_in = len(self.evidence.index)
        for result in self.judgement.results:
            for name, count in result.outcome.tallies.items():
                if count.total > let_in:
                    raise ExplainedError(f"{self.claim.id}: {count.total} cases {name}, but only {let_in} were let in.")
        testable = self.judgement.deciding is not None
        if testable == (self.judgement.verdict is Verdict.NOT_TESTABLE) and self.claim.kind == "case_reports":
            raise ExplainedError(f"{self.claim.id}: the verdict does not fit the kind of the claim.")
        unknown = set(self.case_ids) - set(self.evidence.index)
        if unknown:
            raise ExplainedError(f"{self.claim.id}: cases that the definitions leave out: {sorted(unknown)}.")
        return f"Complete: {self.claim.id}, {let_in} cases let in, {len(self.judgement.results)} tests."


def claim_page(claim_id: str, definitions: Definitions | None = None, dataset: Dataset | None = None) -> ClaimPage:
    """The report of one statement under the definitions (default: the primary analysis).

    Raises:
        UsageError: there is no such statement.
        ExplainedError: the data or the ledger cannot be read.
    """
    data = dataset or load()
    claims = read_claims(find_project().data)
    chosen = [claim for claim in claims if claim.id == claim_id]
    if not chosen:
        near = nearest_name(str(claim_id), [claim.id for claim in claims])
        hint = f" Did you mean {near}?" if near else ""
        raise UsageError(f"There is no statement {claim_id!r}; they are {claims[0].id} to {claims[-1].id}.{hint}")
    judgement = judge_all(data, chosen, definitions)[0]
    return ClaimPage(dataset=data, claim=chosen[0], judgement=judgement, evidence=gather(data, judgement.definitions))


def linked(table: pd.DataFrame) -> pd.DataFrame:
    """A table with a publication and a link column: the publication as a link, where an address is known."""
    publication = [linked_text(*pair) for pair in zip(table["publication"], table["link"], strict=True)]
    return table.assign(publication=pd.Series(publication, index=table.index, dtype=object)).drop(columns="link")
