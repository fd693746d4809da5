"""The browse page: all cases in one table to filter, to search and to sort, with links to sheets and publications."""

from collections.abc import Iterable
from pathlib import Path

from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.browse_table import browse_table
from kratom_evidence.files import write_atomically
from kratom_evidence.presentation import NOT_STATED, show_heading, show_list, show_text
from kratom_evidence.reports.browse_rows import COLUMNS, LABELLED, NONE, Pages, Vocabulary, browse_filters, browse_row
from kratom_evidence.reports.found_pages import found_pages
from kratom_evidence.reports.kinds import KINDS
from kratom_evidence.reports.listing import Listing, listing_script, listing_style
from kratom_evidence.reports.outline import outlined
from kratom_evidence.reports.page import Provenance, page_html

BROWSE_PAGE = "browse.html"
TITLE = "All cases, to search, filter and sort"


def write_browse(
    out: Path, dataset: Dataset, provenance: Provenance, *, addresses: Iterable[str] | None = None
) -> Path:
    """Write the browse page into the folder of reports.

    `addresses` are the pages below that folder that it may link to; by default all that lie there.

    Raises:
        ExplainedError: the file cannot be written.
    """
    linkable = _lying_in(out) if addresses is None else list(addresses)
    pages = {name: found_pages(linkable, KINDS[name]) for name in ("cases", "substances")}
    path = out / BROWSE_PAGE
    write_atomically(path, browse_html(dataset, pages, provenance))
    return path


def _lying_in(out: Path) -> list[str]:
    return [path.relative_to(out).as_posix() for path in out.glob("*/*.html")]


def browse_html(dataset: Dataset, pages: Pages, provenance: Provenance) -> str:
    """The whole page. A case or a substance without a page among `pages` is shown unlinked."""
    vocabulary = Vocabulary.of(dataset)
    cases = browse_table(dataset)
    rows = [
        browse_row(str(case_id), case, vocabulary, pages)
        for case_id, case in zip(cases.index, cases.to_dict("records"), strict=True)
    ]
    listing = Listing(
        noun="cases",
        caption="The cases, one row a patient",
        css_class="browse",
        columns=COLUMNS,
        filters=browse_filters(rows, vocabulary),
        rows=rows,
    )
    parts = (show_heading(TITLE, level=1).html, show_text(_introduction(dataset)).html, listing.html())
    reading = (show_heading("How to read the table").html, show_list(*_explanations()).html)
    content = outlined("\n".join((*parts, *reading)), fallback_title=TITLE)
    return page_html(
        content,
        provenance=provenance,
        address=BROWSE_PAGE,
        style=listing_style("browse.css"),
        scripts=[listing_script()],
    )


def _introduction(dataset: Dataset) -> str:
    return (
        f"Each of the {len(dataset.cases)} published cases, with what was recorded of it and what the published "
        "criteria say. What is chosen stands in the address of the page, so that a view can be kept or sent."
    )


def _explanations() -> tuple[str, ...]:
    return (
        (
            f"“{NOT_STATED}” means that what was read does not say; “{NONE}” means that it says there were none. They "
            "are never counted together. What is not stated, or undetermined, stands last in every order."
        ),
        (
            "Taken besides kratom: everything that the case lists, at the time of the event unless it says otherwise. "
            "What was only given as treatment is not among it."
        ),
        f"Serotonin syndrome (authors): “{LABELLED}” takes both labels together. “not mentioned” is not a rejection.",
        (
            "Hunter, Sternbach, Radomski: whether the reported signs alone meet the criteria, strict reading; where "
            "the lenient reading comes to something else, it stands beside. “undetermined” means that signs that were "
            "not stated could decide either way."
        ),
        "What was read: the full text, at least in part; the abstract only; or another publication’s description.",
        "Case reports give no incidence and no risk: counts of rows say nothing of how often anything happens.",
    )
