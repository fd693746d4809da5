"""The index page: all statements with their verdicts, what the verdicts mean, and what the evidence cannot show."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from kratom_evidence.claims import Judgement, Verdict
from kratom_evidence.dataset import Dataset
from kratom_evidence.presentation import (
    Link,
    ReportTable,
    ReportText,
    VerdictBadge,
    show_heading,
    show_list,
    show_table,
    show_text,
)
from kratom_evidence.presentation.inline import Inline
from kratom_evidence.presentation.outputs import HTML
from kratom_evidence.reports.cross_links import SiteLinks, cross_linked, site_links
from kratom_evidence.reports.found_pages import FoundPage
from kratom_evidence.reports.ledger_page import LEDGER
from kratom_evidence.reports.navigation import INDEX_ADDRESS
from kratom_evidence.reports.outline import outlined
from kratom_evidence.reports.page import Provenance, page_html

TITLE = "Kratom and serotonin syndrome: what published case reports do and do not support"
Pages = Mapping[str, tuple[FoundPage, ...]]


def index_html(
    dataset: Dataset,
    judgements: Sequence[Judgement],
    pages: Pages,
    provenance: Provenance,
    sheets: Sequence[ReportText | ReportTable] = (),
) -> str:
    """The whole index page. `pages` holds, by claim, the pages to link to; a claim without one is shown unlinked.

    `sheets` are the sections that list the pages of other kinds.
    """
    parts: tuple[ReportText | ReportTable, ...] = (
        show_heading(TITLE, level=1),
        show_text(_introduction(dataset, judgements)),
        show_heading("The statements"),
        show_table(
            _statements(judgements, pages),
            caption="Statements of the article, in its order, each with its verdict under the primary definitions",
            row_header="claim",
            empty="The ledger holds no statement.",
        ),
        *_ledger_link(pages),
        *_variant_section(pages),
        show_heading("What the verdicts mean"),
        show_table(_meanings(judgements), caption="The five verdicts", row_header="verdict"),
        *sheets,
        show_heading("What this evidence cannot show"),
        show_list(*_limits(dataset)),
    )
    html = "\n".join(part._repr_mimebundle_()[HTML] for part in parts)
    # Of the site's own pages only those are linked that were found, and their sections did so.
    publications = SiteLinks(publications=site_links(dataset).publications)
    content = outlined(cross_linked(html, publications, address=INDEX_ADDRESS), fallback_title=TITLE)
    return page_html(content, provenance=provenance, address=INDEX_ADDRESS)


def _introduction(dataset: Dataset, judgements: Sequence[Judgement]) -> str:
    return (
        f"The article “Kratom and Serotonin Syndrome” makes {len(judgements)} statements that are listed here. Each is "
        f"tested by a rule that was written down first, against {len(dataset.cases)} published cases and against "
        "aggregate studies. Each verdict is computed, and each number can be followed to the cases and papers behind "
        "it."
    )


def _statements(judgements: Sequence[Judgement], pages: Pages) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "claim": pd.Series([_link(judgement, pages) for judgement in judgements], dtype=object),
            "verdict": pd.Series([_badge(judgement.verdict) for judgement in judgements], dtype=object),
            "statement": [judgement.claim.statement for judgement in judgements],
            "deciding numbers": [judgement.summary for judgement in judgements],
        }
    )


def _link(judgement: Judgement, pages: Pages) -> str | Inline:
    name = judgement.claim.id
    defaults = [page for page in pages.get(name, ()) if not page.variant]
    return Link(text=name, href=defaults[0].address) if defaults else name


def _ledger_link(pages: Pages) -> tuple[ReportText, ...]:
    """A link to the ledger page, where there is one."""
    words = ("How firm each verdict is, with filters and sorting: ", ".")
    return tuple(
        show_text((words[0], Link(text="the ledger of statements", href=page.address), words[1]))
        for page in pages.get(LEDGER, ())
    )


def _variant_section(pages: Pages) -> tuple[ReportText, ...]:
    variants = _variants(pages)
    return (show_heading("Pages with other definitions"), show_list(*variants)) if variants else ()


def _variants(pages: Pages) -> list[Link]:
    """Links to the pages that were rendered with other definitions."""
    return [
        Link(text=f"{name} with {page.variant}", href=page.address)
        for name, found in sorted(pages.items())
        for page in found
        if page.variant
    ]


def _badge(verdict: Verdict) -> VerdictBadge:
    return VerdictBadge(verdict=verdict.value, label=verdict.label)


def _meanings(judgements: Sequence[Judgement]) -> pd.DataFrame:
    counts = Counter(judgement.verdict for judgement in judgements)
    return pd.DataFrame(
        {
            "verdict": pd.Series([_badge(verdict) for verdict in Verdict], dtype=object),
            "meaning": [verdict.meaning for verdict in Verdict],
            "statements": [counts[verdict] for verdict in Verdict],
        }
    )


def _limits(dataset: Dataset) -> tuple[str, ...]:
    cases = dataset.cases
    in_full = int((cases["source_access"] == "full_text").sum())
    sources = dataset.sources.loc[cases["citekey"].dropna().unique()]
    unnamed = int((sources["authors"].isna() | sources["year"].isna()).sum())
    return (
        (
            "Case reports are published because they are remarkable. They give no incidence and no risk: nobody knows "
            "how many people took kratom and had no event."
        ),
        (
            f"Of the {len(cases)} cases, {in_full} were read in full text, at least in part; for the others only an "
            "abstract or another publication’s description was read. What was not stated in what was read is never "
            "counted as absent."
        ),
        f"For {unnamed} of the {len(sources)} publications behind the cases the authors or the year could not be seen.",
        f"A further {len(dataset.unread)} case reports are known from reference lists and have not been read.",
        (
            "Other drugs, illnesses and unidentified products are common in these cases. A case in which kratom was "
            "taken with a serotonergic drug cannot tell the two apart."
        ),
    )
