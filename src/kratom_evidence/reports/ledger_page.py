"""The ledger page: all statements with verdict, deciding numbers and how firm they are, to filter and to sort.

The table is complete without scripts; the page's own small script adds the controls.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from kratom_evidence.claims.fragility import LARGEST_MIXTURE, MOST_OF_ONE_KIND
from kratom_evidence.claims.records import StatementResult, verdicts_document
from kratom_evidence.claims.records_schema import SCHEMA_FILE, VERDICTS_SCHEMA
from kratom_evidence.claims.verdict import EvidenceKind, Verdict
from kratom_evidence.claims.what_if_figures import CHOICE_TITLES
from kratom_evidence.claims.wording import percent
from kratom_evidence.dataset import Dataset
from kratom_evidence.files import write_atomically
from kratom_evidence.presentation import Link, VerdictBadge, show_heading, show_list, show_text
from kratom_evidence.reports.found_pages import FoundPage
from kratom_evidence.reports.listing import (
    Listing,
    ListingCell,
    ListingColumn,
    ListingFilter,
    ListingRow,
    listing_script,
    listing_style,
)
from kratom_evidence.reports.outline import outlined
from kratom_evidence.reports.page import Provenance, page_html

TITLE = "The ledger of statements"
# Its name among the pages of statements, which no statement can have.
LEDGER = "index"
LEDGER_PAGE = f"claims/{LEDGER}.html"
VERDICTS_FILE = "verdicts.json"
NOT_TESTED = "not tested"
NOT_BY_CASES = "does not depend on how the cases are defined"
COLUMNS = (
    ListingColumn(name="id", heading="Id"),
    ListingColumn(name="statement", heading="Statement"),
    ListingColumn(name="verdict", heading="Verdict", is_number=True),
    ListingColumn(name="evidence", heading="Decided by", is_number=True),
    ListingColumn(name="numbers", heading="Deciding numbers"),
    ListingColumn(name="robustness", heading="Robustness", is_number=True),
    ListingColumn(name="fragility", heading="Fragility", is_number=True),
    ListingColumn(name="influence", heading="Influence", is_number=True),
)
Pages = Mapping[str, tuple[FoundPage, ...]]


def write_ledger(
    out: Path, dataset: Dataset, results: Sequence[StatementResult], pages: Pages, provenance: Provenance
) -> None:
    """Write the ledger page, verdicts.json and its schema into the folder of reports.

    Raises:
        ExplainedError: a file cannot be written.
    """
    document = verdicts_document(dataset, results, package_version=provenance.package_version)
    write_atomically(out / VERDICTS_FILE, json_text(document))
    write_atomically(out / SCHEMA_FILE, json_text(VERDICTS_SCHEMA))
    write_atomically(out / LEDGER_PAGE, ledger_html(results, pages, provenance))


def json_text(content: Mapping[str, object]) -> str:
    """The same content gives the same bytes."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def ledger_html(results: Sequence[StatementResult], pages: Pages, provenance: Provenance) -> str:
    """The whole page. `pages` holds, by claim, the pages below claims/; a claim without one is shown unlinked."""
    listing = Listing(
        noun="statements",
        caption="Statements of the article under the primary definitions",
        css_class="ledger",
        columns=COLUMNS,
        filters=_filters(results),
        rows=[_row(result, pages) for result in results],
    )
    parts = (show_heading(TITLE, level=1).html, show_text(_introduction(results)).html, listing.html())
    reading = (show_heading("How to read the ledger").html, show_list(*_explanations()).html)
    content = outlined("\n".join((*parts, *reading)), fallback_title=TITLE)
    return page_html(
        content,
        provenance=provenance,
        address=LEDGER_PAGE,
        style=listing_style("ledger.css"),
        scripts=[listing_script()],
    )


def _filters(results: Sequence[StatementResult]) -> tuple[ListingFilter, ...]:
    """Only what some statement has is offered."""
    verdicts = {result.judgement.verdict for result in results}
    kinds = {result.judgement.decided_by for result in results}
    return (
        ListingFilter(
            name="verdict", label="Verdict", options=tuple(verdict.label for verdict in Verdict if verdict in verdicts)
        ),
        ListingFilter(
            name="evidence",
            label="Decided by",
            options=tuple(_evidence(kind) for kind in (*EvidenceKind, None) if kind in kinds),
        ),
    )


def _introduction(results: Sequence[StatementResult]) -> str:
    tested = sum(result.world is not None for result in results)
    return (
        f"Each of the {len(results)} statements, with its verdict, the numbers that decided, and how firm the verdict "
        f"is. Of them, {tested} can be tested by the case reports or the context studies. The same, for programs, is "
        f"in {VERDICTS_FILE} beside the index page."
    )


def _explanations() -> tuple[str, ...]:
    return (
        "Decided by: which kind of evidence made the verdict. The page of a statement shows the other kind beside it.",
        (
            "Robustness: in how many of all combinations of definitions the verdict is the same, and which choice "
            "moves it most when it is changed alone."
        ),
        (
            "Fragility: the smallest number of further case reports that would change the verdict. Searched for: any "
            f"mixture of up to {LARGEST_MIXTURE} cases, and up to {MOST_OF_ONE_KIND} of one kind."
        ),
        "Influence: whether the verdict stands when any one publication is left out.",
        "Case reports give no incidence and no risk, and what a publication does not state is never counted as absent.",
    )


def _row(result: StatementResult, pages: Pages) -> ListingRow:
    judgement = result.judgement
    evidence = _evidence(judgement.decided_by)
    order = [kind.value for kind in EvidenceKind]
    return ListingRow(
        values={"verdict": (judgement.verdict.label,), "evidence": (evidence,)},
        cells=(
            ListingCell(html=_link(judgement.claim.id, pages), sort_key=judgement.claim.id),
            _text(judgement.claim.statement),
            ListingCell(
                html=Markup(VerdictBadge(verdict=judgement.verdict.value, label=judgement.verdict.label).html()),
                sort_key=str(list(Verdict).index(judgement.verdict)),
            ),
            ListingCell(
                html=Markup.escape(evidence),
                sort_key=str(order.index(judgement.decided_by) if judgement.decided_by else len(order)),
            ),
            _text(judgement.summary),
            _robustness(result),
            _fragility(result),
            ListingCell(
                html=Markup.escape(result.influence.sentence),
                sort_key=str(len(result.influence.changes)) if result.influence.publications else "",
            ),
        ),
    )


def _text(words: str) -> ListingCell:
    return ListingCell(html=Markup.escape(words))


def _evidence(kind: EvidenceKind | None) -> str:
    return kind.label.removeprefix("the ") if kind else NOT_TESTED


def _link(claim_id: str, pages: Pages) -> Markup:
    defaults = [page for page in pages.get(claim_id, ()) if not page.variant]
    if not defaults:
        return Markup.escape(claim_id)
    # The ledger lies in the folder of the pages that it links to.
    return Markup(Link(text=claim_id, href=Path(defaults[0].address).name).html())


def _robustness(result: StatementResult) -> ListingCell:
    world = result.world
    if world is None:
        return ListingCell(html=Markup('<em class="not-stated">{}</em>').format(NOT_TESTED), sort_key="")
    if result.judgement.decided_by is EvidenceKind.CONTEXT:
        return ListingCell(html=Markup.escape(NOT_BY_CASES), sort_key="")
    total = len(world.specifications)
    words = Markup("{} of {} combinations ({})").format(world.holding, total, percent(world.share_holding))
    if world.most_moving is not None:
        moved = CHOICE_TITLES[world.most_moving].lower()
        words += Markup('<span class="beside"> moved most by: {}</span>').format(moved)
    return ListingCell(html=words, sort_key=f"{world.share_holding:.6f}")


def _fragility(result: StatementResult) -> ListingCell:
    """Sorted by the number of further cases; a verdict that no number changes comes after all that have one."""
    found = result.fragility
    number = found.number or MOST_OF_ONE_KIND + 1
    return ListingCell(html=Markup.escape(found.sentence), sort_key=str(number) if found.rests_on_cases else "")
