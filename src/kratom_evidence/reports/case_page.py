"""What the sheet of one patient shows, made ready for the cells of notebooks/reports/case_report.ipynb."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from kratom_evidence.appraisal.criteria.systems import CRITERIA
from kratom_evidence.claims import Judgement, judge_all, read_claims
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.evidence import case_sheet
from kratom_evidence.faults import ExplainedError
from kratom_evidence.presentation import (
    NOT_STATED,
    Link,
    ReportTable,
    ReportText,
    linked_text,
    show_heading,
    show_list,
    show_table,
    show_text,
)
from kratom_evidence.presentation.inline import Inline
from kratom_evidence.project import find_project
from kratom_evidence.reports.case_glance import glance_table
from kratom_evidence.reports.case_judged import CaseJudged
from kratom_evidence.reports.case_notices import notices_in_words
from kratom_evidence.reports.limits import SILENCE
from kratom_evidence.reports.slugs import slugs
from kratom_evidence.reports.timeline import event_in_words, patient_in_words, timeline

CO_EXPOSURE_HEADINGS = {
    "drug_class": "Class",
    "timing_class": "When",
    "dose_text": "Dose or detail",
    "grade": "Serotonergic grade",
    "blocks_5ht2a": "Blocks 5-HT2A",
    "cyp2d6_substrate": "Broken down by CYP2D6",
    "cyp3a_substrate": "Broken down by CYP3A",
}


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """One patient. `dataset` holds all cases, `case` this one only."""

    dataset: Dataset
    case: Dataset
    judgements: Sequence[Judgement]

    @property
    def case_id(self) -> str:
        return str(self.case.cases.index[0])

    @cached_property
    def judged(self) -> CaseJudged:
        """What the rules make of the case."""
        return CaseJudged(case=self.case)

    def heading(self) -> ReportText:
        """Case, patient and event as the title of the page."""
        return show_heading(f"{self.case_id}: {patient_in_words(self.case)}. {event_in_words(self.case)}", level=1)

    def publication(self) -> ReportText:
        """The citation with its link, and what of it was read."""
        source_key = self.case.cases["citekey"].iloc[0]
        source = self.dataset.sources.loc[source_key].to_dict()
        paragraphs: list[Any] = [_citation(source)]
        paragraphs.append(f"What was read: {case_sheet.value_in_words(self.case, 'source_access')}.")
        others = self._patients_of_the_publication()
        if others:
            names = [part for name in others for part in (", ", _case_link(name))][1:]
            paragraphs.append(["Other patients of this publication: ", *names, "."])
        also = case_sheet.value_in_words(self.case, "also_reported_in")
        if also:
            paragraphs.append(f"The same patient is also reported in: {'; '.join(also)}.")
        if isinstance(source["note"], str):
            paragraphs.append(f"Note on the publication: {source['note']}")
        return show_text(*paragraphs, *notices_in_words(self.dataset, str(source_key)))

    def at_a_glance(self) -> ReportTable:
        """Who, what was taken, what happened, how it is judged, and what is not known."""
        return show_table(glance_table(self.case, self.judged), caption="At a glance", row_header="question")

    def timeline(self) -> ReportText:
        """What was taken and what happened, in words and in order."""
        return show_list(*timeline(self.case))

    def co_exposures(self) -> ReportTable:
        """Every other substance with its evidence, time, dose, grade and enzymes, linked to its own page."""
        pages = slugs(self.dataset.substances.index)
        table = case_sheet.co_exposure_table(self.case)
        linked = [Link(text=name, href=f"../substances/{pages[name]}.html") for name in table["substance"]]
        silent = self.case.cases["co_exposures"].iloc[0] is None
        return show_table(
            table.assign(
                substance=pd.Series(linked, index=table.index, dtype=object),
                mechanism=table["mechanism"].fillna("none recorded"),
            ),
            caption="Other substances",
            headings=CO_EXPOSURE_HEADINGS,
            row_header="substance",
            empty=f"{NOT_STATED.capitalize()} in what was read." if silent else "The publication says: none.",
        )

    def agents(self) -> ReportTable:
        """Whether a serotonergic agent besides kratom was on board, at each strictness."""
        return show_table(
            case_sheet.agent_table(self.case),
            caption="Serotonergic agents besides kratom",
            headings={"agents": "Which", "uncertain": "Might also count"},
            row_header="question",
        )

    def findings(self) -> ReportTable:
        """Every finding that is stated, also those that serve no criteria."""
        table = self.case.findings.sort_values(["state", "domain", "label"], ascending=[False, True, True])
        return show_table(
            table[["label", "state", "domain"]].assign(domain=table["domain"].str.replace("_", " ")),
            caption="All findings that are stated. What is not listed is not stated",
            headings={"label": "Finding"},
            row_header="label",
            empty=f"Findings are {NOT_STATED}.",
        )

    def measured(self) -> ReportTable:
        """Vital signs and laboratory values."""
        group = "Vital signs and laboratory values"
        return show_table(case_sheet.recorded(self.case, group), caption=group, row_header="field")

    def missing(self) -> ReportTable:
        """What the publication, or the part that was read, does not state."""
        table = case_sheet.reporting_rows(self.case)
        return show_table(
            table.assign(not_stated=[names or "nothing is missing" for names in table["not_stated"]]),
            caption="What is stated and what is not, by group of the codebook",
            row_header="group",
        )

    def notes(self) -> ReportText:
        """The notes of the extraction."""
        notes = case_sheet.value_in_words(self.case, "notes")
        return show_text(notes if notes else "The record has no notes.")

    def extraction(self) -> ReportTable:
        """Where two independent extractions differed, and how it was decided."""
        return show_table(
            case_sheet.extraction_rows(self.case),
            caption="Fields in which the two extractions differed",
            row_header="field",
            empty="The two extractions agreed in every field that was extracted twice.",
        )

    @cached_property
    def claims(self) -> tuple[Judgement, ...]:
        """The judgements that rest on this case."""
        return tuple(judgement for judgement in self.judgements if self.case_id in judgement.cases)

    def statements(self) -> ReportText:
        """The statements of the article whose verdict rests on this case, linked to their reports."""
        if not self.claims:
            return show_text("No statement of the article names this case among its evidence.")
        return show_list(*map(_statement, self.claims))

    def limits(self) -> ReportText:
        """What this sheet cannot show."""
        return show_list(
            "One patient cannot show what caused the event; the scales above order what is known, they do not prove.",
            (
                "The Hunter, Sternbach and Radomski answers are about signs. Whether kratom itself is a serotonergic "
                "agent is the question, so it is never counted as one here."
            ),
            "A substance that is not on a stated list is taken as not taken; the publication may have left it out.",
            f"{SILENCE}.",
        )

    def _patients_of_the_publication(self) -> list[str]:
        citekey = self.case.cases["citekey"].iloc[0]
        same = self.dataset.cases.index[self.dataset.cases["citekey"] == citekey]
        return [str(name) for name in same if name != self.case_id]

    def check(self) -> str:
        """Says that the sheet is complete.

        Raises:
            ExplainedError: signs, scores or co-exposures do not fit the record.
        """
        case_id, signs, causality = self.case_id, self.judged.sign_rows, self.judged.causality
        expected = sum(len(criterion.items) for criterion in CRITERIA.values())
        if len(signs) != expected:
            raise ExplainedError(f"{case_id}: {len(signs)} signs are shown, the criteria have {expected}.")
        unfounded = signs.loc[signs["read_from"].isna() & (signs["strict"] != NOT_STATED), "sign"]
        if len(unfounded):
            raise ExplainedError(f"{case_id}: signs that no stated finding stands behind: {', '.join(unfounded)}.")
        low, total, high = (int(causality[f"naranjo_{name}"]) for name in ("lowest", "total", "highest"))
        if not low <= total <= high:
            raise ExplainedError(f"{case_id}: the Naranjo total {total} is outside {low} to {high}.")
        listed = self.case.cases["co_exposures"].iloc[0] or ()
        if len(listed) != len(self.case.co_exposures):
            raise ExplainedError(f"{case_id}: not every co-exposure of the record is shown.")
        return f"Complete: {case_id}, {len(self.case.findings)} findings stated, {len(listed)} co-exposures."


def case_page(case_id: str, dataset: Dataset | None = None, judgements: Sequence[Judgement] | None = None) -> CasePage:
    """The sheet of one patient; the judgements are made when none are given.

    Raises:
        UsageError: there is no such case.
        ExplainedError: the data or the ledger cannot be read.
    """
    data = dataset or load()
    case = case_sheet.one_case(data, case_id)
    made = judgements if judgements is not None else judge_all(data, read_claims(find_project().data))
    return CasePage(dataset=data, case=case, judgements=made)


def _citation(source: Mapping[Any, Any]) -> list[str | Inline]:
    """Authors, year, title and place; what was not seen is said to be so. The title links to the publication."""
    authors = source["authors"] if isinstance(source["authors"], str) else "Authors not seen"
    year = "year not seen" if pd.isna(source["year"]) else str(source["year"])
    volume = source["volume"] if isinstance(source["volume"], str) else ""
    issue = f"({source['issue']})" if isinstance(source["issue"], str) else ""
    page = f":{source['page']}" if isinstance(source["page"], str) else ""
    container = source["container"] if isinstance(source["container"], str) else "Journal or meeting not seen"
    title = source["title"] if isinstance(source["title"], str) else "Title not seen"
    linked = linked_text(title, source["link"])
    place = " ".join(part for part in (container, f"{volume}{issue}{page}") if part)
    ending = "" if isinstance(linked, Link) else " (no address known)"
    return [f"{authors} ({year}). ", linked, f". {place}{ending}."]


def _case_link(case_id: str) -> Link:
    return Link(text=case_id, href=f"{case_id}.html")


def _statement(judgement: Judgement) -> list[str | Inline]:
    claim = judgement.claim
    link = Link(text=claim.id, href=f"../claims/{claim.id}.html")
    return [link, f": {claim.statement} ({judgement.verdict.label})"]
