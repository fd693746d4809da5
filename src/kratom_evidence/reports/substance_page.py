"""What the report of one substance or drug class shows, for the cells of notebooks/reports/substance.ipynb."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.three_valued import States, Truth
from kratom_evidence.claims.wording import counted, listed
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.dataset.selection import some_cases
from kratom_evidence.evidence import substance_tables as tables
from kratom_evidence.evidence.tally import Tally, tally
from kratom_evidence.faults import ExplainedError
from kratom_evidence.presentation import (
    Link,
    ReportFigure,
    ReportTable,
    ReportText,
    linked_text,
    show_figure,
    show_heading,
    show_list,
    show_table,
    show_text,
)
from kratom_evidence.presentation.inline import Inline
from kratom_evidence.reports.limits import general_limits
from kratom_evidence.reports.slugs import slugs

LEXICON_HEADINGS = {
    "drug_class": "Class",
    "grade": "Serotonergic grade",
    "mechanism": "Serotonergic mechanism",
    "blocks_5ht2a": "Blocks 5-HT2A",
    "cyp_substrate": "Broken down by CYP",
    "cyp_inhibitor": "Inhibits or induces CYP",
    "atc_codes": "ATC codes",
    "grade_rests_on": "The grade rests on",
}
CASE_HEADINGS = {
    "case_id": "Case",
    "timing_class": "When",
    "dose_text": "Dose or detail",
    "serotonin_syndrome": "Serotonin syndrome (authors)",
    "hunter": "Hunter signs (strict)",
    "other_substances": "Other substances besides",
}
GROUP_HEADINGS = {"with_it": "With it", "without_it": "Without it", "cannot_tell": "Cannot be told"}


_LIMITS_OF_GROUPS = (
    (
        "The cases with it and those without it were not sampled. A difference between their counts is no effect of "
        "the substance, and no count here is a risk."
    ),
    ("A case counts as without it when its stated co-exposures do not include it; a publication may have left it out."),
)


@dataclass(frozen=True, kw_only=True)
class SubstancePage:
    """One substance or class with the cases in which it was taken besides kratom.

    `dataset` holds all cases where there are enough with it to be compared with those without it, and otherwise those
    with it alone: what such a page shows then depends on no other case.
    """

    dataset: Dataset
    subject: tables.Subject
    is_compared: bool

    @property
    def groups(self) -> Sequence[str]:
        """The groups that are shown."""
        return list(tables.GROUPS.values()) if self.is_compared else [tables.GROUPS[Truth.YES]]

    @cached_property
    def membership(self) -> "pd.Series[Any]":
        """Per case: with it, without it, cannot be told."""
        return tables.membership(self.dataset, self.subject)

    def heading(self) -> ReportText:
        """The substance or class as the title of the page."""
        kind = " (drug class)" if self.subject.drug_class else ""
        return show_heading(f"{self.subject.title}{kind}: the cases in which it was taken besides kratom", level=1)

    def in_short(self) -> ReportText:
        """How many cases list it, what the others say, and how serotonergic it is held to be."""
        states: States = self.membership.to_numpy(dtype=np.int8)
        count = tally(states)
        labelled = self.dataset.cases["ss_assessment"].isin(["diagnosed", "suspected"])
        named = int((labelled & (self.membership == Truth.YES)).sum())
        grades = listed(sorted(set(self.dataset.substances.loc[list(self.subject.members), "serotonergic"])))
        return show_list(
            *(self._in_short_compared(count) if self.is_compared else self._in_short_alone(count)),
            f"In {counted(named, 'case')} with it the authors diagnose or suspect serotonin syndrome.",
            f"Serotonergic grade: {grades}.",
        )

    def _in_short_compared(self, count: Tally) -> tuple[str, ...]:
        lists = f"{counted(count.yes, 'case').capitalize()} of {count.total} {'list' if count.yes > 1 else 'lists'} it."
        without = (
            f"{counted(count.no, 'case').capitalize()} with stated co-exposures, or with none, "
            f"{'are' if count.no > 1 else 'is'} without it."
        )
        unknown = (
            f"For {counted(count.unknown, 'case')} it cannot be told: the publication does not say what else was "
            "taken, or leaves a drug unnamed that may be it."
        )
        return lists, without, unknown

    def _in_short_alone(self, count: Tally) -> tuple[str, ...]:
        lists = f"{counted(count.yes, 'case').capitalize()} {'list' if count.yes > 1 else 'lists'} it."
        least = tables.COMPARED_FROM
        why = (
            f"Cases without it are set beside those with it once there are {least} with it. Fewer say too little: a "
            f"sign that none of {least - 1} has may still be there in half of such cases (95\N{NO-BREAK SPACE}% Wilson "
            "interval)."
        )
        return lists, why

    @cached_property
    def lexicon_rows(self) -> pd.DataFrame:
        """The table of `substance_tables.lexicon_table`."""
        return tables.lexicon_table(self.dataset, self.subject)

    def lexicon(self) -> ReportTable:
        """What is recorded of it: class, grade, mechanism, receptor, enzymes, codes; one substance as a list."""
        rows = self.lexicon_rows
        caption = f"{self.subject.title} in the lexicon of this project"
        if self.subject.drug_class:
            return show_table(self._linked(rows), caption=caption, headings=LEXICON_HEADINGS, row_header="substance")
        facts = rows.iloc[0].rename(index={**LEXICON_HEADINGS, "cases": "Cases"})
        table = pd.DataFrame({"property": facts.index, "recorded": facts.to_numpy()}, dtype=object)
        return show_table(table, caption=caption, row_header="property")

    def _linked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with a link to the page of each substance that a case lists."""
        pages = slugs(self.dataset.substances.index)
        frame = rows.reset_index()
        names = [
            Link(text=name, href=f"../substances/{pages[name]}.html") if cases else name
            for name, cases in zip(frame["substance"], frame["cases"], strict=True)
        ]
        return frame.assign(substance=pd.Series(names, dtype=object))

    def why_this_grade(self) -> ReportText:
        """The basis of each grade with its sources, linked."""
        rows = self.dataset.substances.loc[self.lexicon_rows.index]
        return show_list(*(self._grade(str(name), row) for name, row in rows.to_dict("index").items()))

    def _grade(self, name: str, row: Mapping[Any, Any]) -> list[str | Inline]:
        basis = row["grade_basis"] if isinstance(row["grade_basis"], str) else "the lexicon gives no basis"
        sources = [self._source(key) for key in row["sources"] or ()]
        parts: list[str | Inline] = [f"{name} – {row['serotonergic']}: {basis}. Sources: "]
        for position, source in enumerate(sources):
            parts += ["; " if position else "", source]
        return [*parts, "none that was read." if not sources else "."]

    def _source(self, citekey: str) -> str | Inline:
        source = self.dataset.context_sources.loc[citekey]
        return linked_text(f"{source['short_reference']} ({citekey})", source["link"])

    @cached_property
    def case_rows(self) -> pd.DataFrame:
        """The table of `substance_tables.case_rows`."""
        return tables.case_rows(self.dataset, self.subject)

    def cases(self) -> ReportTable:
        """Every case with it, linked to its sheet and its publication."""
        rows = self.case_rows
        sources = self.dataset.sources.loc[rows["citekey"]]
        publications = [linked_text(*pair) for pair in zip(sources["short_reference"], sources["link"], strict=True)]
        sheets = [Link(text=case_id, href=f"../cases/{case_id}.html") for case_id in rows["case_id"]]
        table = rows.drop(columns="citekey").assign(
            case_id=pd.Series(sheets, dtype=object), publication=pd.Series(publications, dtype=object)
        )
        return show_table(
            table if self.subject.drug_class else table.drop(columns="substance"),
            caption=f"Every case with {self.subject.title}",
            headings=CASE_HEADINGS,
            row_header="case_id",
            empty="No published case that was read lists it.",
        )

    def timing(self) -> ReportTable:
        """When it was taken, and how that is known."""
        return show_table(
            tables.timing_rows(self.case_rows),
            caption="When it was taken, and how that is known",
            headings={"timing_class": "When", "case_ids": "Which cases"},
            row_header="timing_class",
            empty="No case.",
        )

    @cached_property
    def property_rows(self) -> pd.DataFrame:
        """The table of `substance_tables.property_rows`."""
        return tables.property_rows(self.dataset, self.subject)

    def figure(self) -> ReportFigure | ReportText:
        """What was seen with it and without it; a sentence where the two are not compared."""
        if not self.is_compared:
            return show_text(f"Counts of the cases with {self.subject.title}; too few for a drawing.")
        from kratom_evidence.evidence.figures.substance import groups_alt, groups_drawing

        return show_figure(
            groups_drawing(self.property_rows),
            alt=groups_alt(self.property_rows),
            caption=f"Published cases with and without {self.subject.title}. Each panel has its own scale",
        )

    def properties(self) -> ReportTable:
        """What was seen, by group, each count with its denominator."""
        return show_table(
            _beside(self.property_rows, self.property_rows["says"])[self.groups],
            caption="What the cases show, by group" if self.is_compared else "What the cases show",
            headings=GROUP_HEADINGS,
        )

    def events(self) -> ReportTable:
        """Primary events by group."""
        rows = tables.event_rows(self.dataset, self.subject)
        return show_table(
            (rows if self.is_compared else rows[rows["with_it"] > 0])[[*self.groups, "case_ids"]],
            caption="Primary events (cases)",
            headings={**GROUP_HEADINGS, "case_ids": "Cases with it"},
        )

    def signs(self) -> ReportTable:
        """The findings stated of the cases with it, by group, with what is silent."""
        rows = tables.sign_rows(self.dataset, self.subject)
        words = [
            f"{row['yes']} present, {row['no']} absent, {row['not_stated']} not stated"
            for row in rows.to_dict("records")
        ]
        return show_table(
            _beside(rows, pd.Series(words, index=rows.index, dtype="str"))[self.groups].rename_axis("finding"),
            caption="Findings stated of at least one case with it (cases)",
            headings=GROUP_HEADINGS,
            empty="No finding is stated of a case with it.",
        )

    def limits(self) -> ReportText:
        """What this page cannot show."""
        return show_list(
            *(_LIMITS_OF_GROUPS if self.is_compared else ("No count here is a risk.",)),
            (
                "A serotonergic drug on board is one of the reasons for which a physician thinks of serotonin "
                "syndrome, so that the authors' label and the drug are not independent."
            ),
            "Grades, mechanisms and enzymes are those of the lexicon; they describe the substance, not the patient.",
            *general_limits(self.dataset.cases),
        )

    def check(self) -> str:
        """Says that the page is complete.

        Raises:
            ExplainedError: the groups do not add up to all cases, or a case with it is not shown.
        """
        total, title = len(self.dataset.cases), self.subject.title
        counts = self.property_rows.groupby("property")[["yes", "no", "not_stated"]].sum().sum(axis=1)
        if (counts != total).any():
            raise ExplainedError(f"{title}: a property counts other than all {total} cases.")
        with_it = set(self.membership.index[self.membership == Truth.YES])
        shown = set(self.case_rows["case_id"])
        if shown != with_it:
            raise ExplainedError(f"{title}: shown and counted cases differ: {', '.join(sorted(shown ^ with_it))}.")
        return f"Complete: {title}, {counted(len(with_it), 'case')} with it, {total} counted."


def substance_page(*, substance: str = "", drug_class: str = "", dataset: Dataset | None = None) -> SubstancePage:
    """The report of a substance or of a class; exactly one of the two names must be given.

    Raises:
        UsageError: both or neither is given, or there is none of that name.
        ExplainedError: the data cannot be read.
    """
    data = dataset or load()
    chosen = tables.subject(data, substance=substance, drug_class=drug_class)
    with_it = tables.cases_with(data, chosen)
    is_compared = len(with_it) >= tables.COMPARED_FROM
    shown = data if is_compared else some_cases(data, with_it)
    return SubstancePage(dataset=shown, subject=chosen, is_compared=is_compared)


def _beside(rows: pd.DataFrame, words: "pd.Series[Any]") -> pd.DataFrame:
    """One row per property, one column per group, each cell in words; `rows` has all groups of a property together."""
    groups = list(tables.GROUPS.values())
    names = pd.Index(rows["property"].iloc[:: len(groups)], name="property")
    return pd.DataFrame(words.to_numpy(dtype=object).reshape(-1, len(groups)), index=names, columns=groups)
