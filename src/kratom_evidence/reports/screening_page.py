"""The page about screening: how the publications were found, as a PRISMA 2020 flow, and what the search brings."""

from pathlib import Path

from kratom_evidence.dataset import Dataset
from kratom_evidence.files import write_atomically
from kratom_evidence.presentation import ReportTable, ReportText, show_heading, show_text
from kratom_evidence.reports.notebook_outputs import figure_html
from kratom_evidence.reports.outline import outlined
from kratom_evidence.reports.page import Provenance, page_html
from kratom_evidence.screening import pages, prisma
from kratom_evidence.screening.prisma_figure import prisma_figure

SCREENING_PAGE = "screening.html"
TITLE = "How the publications were found and screened"
_SHOWN_CANDIDATES = 20
_INTRODUCTION = (
    "A review of case reports is only as good as its search. After the form of the PRISMA 2020 statement (Page MJ et "
    "al., BMJ 2021;372:n71), this page shows how many records went which way: on the left the original collection, on "
    "the right the saved search, which is run again and again. Every number is counted from the tables."
)


def write_screening(out: Path, dataset: Dataset, data: Path, provenance: Provenance) -> Path:
    """Write the page into the folder of reports; `data` is the folder of the data, with the saved search.

    Raises:
        ExplainedError: the saved search has faults, or the file cannot be written.
    """
    path = out / SCREENING_PAGE
    write_atomically(path, screening_html(dataset, data, provenance))
    return path


def screening_html(dataset: Dataset, data: Path, provenance: Provenance) -> str:
    """The whole page."""
    flow = prisma.prisma_flow(dataset)
    prisma.check(flow)
    parts = (
        show_heading(TITLE, level=1).html,
        show_text(_INTRODUCTION).html,
        prisma.flow_words(flow).html,
        show_heading("The flow of records").html,
        figure_html(prisma_figure(flow)),
        prisma.flow_table(flow).html(),
        prisma.flow_remarks(flow).html,
        show_heading("What is searched for").html,
        pages.strategies(data).html(),
        pages.searches(dataset).html(),
        show_heading("What waits for a decision").html,
        pages.waiting(dataset, _SHOWN_CANDIDATES).html(),
        pages.ranking().html(),
        show_heading("What was left out, and why").html,
        prisma.excluded_table(dataset).html(),
        show_heading("Retractions and corrections").html,
        _html(pages.notices(dataset)),
    )
    return page_html(outlined("\n".join(parts), fallback_title=TITLE), provenance=provenance, address=SCREENING_PAGE)


def _html(shown: ReportTable | ReportText) -> str:
    return shown.html() if isinstance(shown, ReportTable) else shown.html
