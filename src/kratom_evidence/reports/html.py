"""From an executed notebook to a self-contained page, by nbconvert with the project's own template on `basic`."""

from functools import cache
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from kratom_evidence.reports.cross_links import NO_LINKS, SiteLinks, cross_linked
from kratom_evidence.reports.notebook_outputs import fold_tables, join_code, join_figures
from kratom_evidence.reports.outline import outlined
from kratom_evidence.reports.page import Provenance, page_html

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE_NAME = "kratom_report"


def notebook_page(
    notebook: NotebookNode, *, title: str, provenance: Provenance, address: str, links: SiteLinks = NO_LINKS
) -> str:
    """The page of an executed notebook. Its first heading of level 1 is the title, or `title` where there is none.

    `address` is the page's own below the folder of reports; names of `links` in its text become links.
    """
    fragment, _ = _exporter().from_notebook_node(notebook)
    content = outlined(cross_linked(fragment, links, address=address), fallback_title=title)
    return page_html(content, provenance=provenance, address=address)


@cache
def _exporter() -> HTMLExporter:
    """The exporter, with its templates compiled once for all pages."""
    settings = Config()
    settings.HTMLExporter.template_name = TEMPLATE_NAME
    settings.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]
    settings.HTMLExporter.exclude_anchor_links = True
    settings.HTMLExporter.exclude_input_prompt = True
    settings.HTMLExporter.exclude_output_prompt = True
    settings.HTMLExporter.preprocessors = [join_figures, fold_tables, join_code]
    return HTMLExporter(config=settings)  # type: ignore[no-untyped-call]
