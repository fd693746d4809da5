"""The parts of the index page that list the sheets of cases, substances and drug classes."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from kratom_evidence.dataset import Dataset
from kratom_evidence.presentation import Link, ReportTable, ReportText, show_heading, show_table
from kratom_evidence.presentation.inline import Inline
from kratom_evidence.reports.found_pages import FoundPage
from kratom_evidence.reports.kinds import KINDS

Pages = Mapping[str, tuple[FoundPage, ...]]


def sheet_sections(dataset: Dataset, pages: Mapping[str, Pages]) -> tuple[ReportText | ReportTable, ...]:
    """A heading and a table for each kind of sheet that has pages; `pages` holds the found pages by kind."""
    return tuple(
        part for kind, section in _SECTIONS.items() if pages.get(kind) for part in section(dataset, pages[kind])
    )


def _cases(dataset: Dataset, pages: Pages) -> Iterator[ReportText | ReportTable]:
    cases = dataset.cases
    frame = pd.DataFrame(
        {
            "case": _linked("cases", [str(name) for name in cases.index], pages),
            "publication": dataset.sources.loc[cases["citekey"], "short_reference"].to_numpy(),
            "event": cases["primary_event"].map(dataset.event_terms["label"]).to_numpy(),
            "serotonin_syndrome": cases["ss_assessment"].str.replace("_", " ").to_numpy(),
        }
    )
    yield show_heading("The cases")
    yield show_table(
        frame,
        caption="One sheet a patient",
        headings={"serotonin_syndrome": "Serotonin syndrome (authors)"},
        row_header="case",
    )


def _substances(dataset: Dataset, pages: Pages) -> Iterator[ReportText | ReportTable]:
    counts = dataset.co_exposures.groupby("substance")["case_id"].nunique()
    facts = dataset.substances.loc[counts.index]
    labels = dataset.codebook.table("substances").field("drug_class").labels
    frame = pd.DataFrame(
        {
            "substance": _linked("substances", [str(name) for name in counts.index], pages),
            "drug_class": facts["drug_class"].map(labels).to_numpy(),
            "grade": facts["serotonergic"].to_numpy(),
            "cases": counts.to_numpy(),
        }
    )
    yield show_heading("What was taken besides kratom")
    yield show_table(
        frame,
        caption="Substances that a case lists",
        headings={"drug_class": "Class", "grade": "Serotonergic grade"},
        row_header="substance",
    )


def _classes(dataset: Dataset, pages: Pages) -> Iterator[ReportText | ReportTable]:
    counts = dataset.co_exposures.groupby("drug_class")["case_id"].nunique()
    labels = dataset.codebook.table("substances").field("drug_class").labels
    names = [str(name) for name in counts.index]
    linked = _linked("classes", names, pages, labels)
    yield show_heading("Drug classes")
    yield show_table(
        pd.DataFrame({"drug_class": linked, "cases": counts.to_numpy()}),
        caption="Classes of which a case lists a substance",
        headings={"drug_class": "Class"},
        row_header="drug_class",
    )


_SECTIONS = {"cases": _cases, "substances": _substances, "classes": _classes}


def _linked(kind: str, subjects: list[str], pages: Pages, labels: Mapping[str, str] | None = None) -> "pd.Series[Any]":
    """The subjects in words, each with a link to its page where there is one with the default parameters."""
    cells: list[str | Inline] = []
    for subject in subjects:
        words = (labels or {}).get(subject, subject)
        found = [page for page in pages.get(KINDS[kind].file_name(subject), ()) if not page.variant]
        cells.append(Link(text=words, href=found[0].address) if found else words)
    return pd.Series(cells, dtype=object)
