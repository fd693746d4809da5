"""From an executed notebook to a self-contained page, by nbconvert with the project's own template on `basic`."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
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
    return _PageExporter(config=settings)  # type: ignore[no-untyped-call]


class _PageExporter(HTMLExporter):
    """nbconvert's exporter without what pages of reports do not need, which is half of its time.

    Its last step reads the page again and writes it anew: it makes every cell of the `lab` template a stop of the Tab
    key, and gives images without an alternative text a sentence in its place. There are no such cells here, and figures
    have true texts. Its preprocessors work on copies, each of which is validated; here they are this package's own, and
    the notebook is read by nothing else.
    """

    def _preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        return nb, resources

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[str, dict[str, Any]]:
        """The body of the page, and nbconvert's resources."""
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        self.register_filter("highlight_code", _highlighter(lexer))  # type: ignore[no-untyped-call]
        plain = WidgetsDataTypeFilter(  # type: ignore[no-untyped-call]
            notebook_metadata=self._nb_metadata, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", plain)  # type: ignore[no-untyped-call]
        html, resources = TemplateExporter.from_notebook_node(self, nb, resources)
        return html, resources


@cache
def _highlighter(lexer: str | None) -> Callable[..., str]:
    """Nbconvert's filter for code, which colours each text once: that of a template is on every page."""
    highlight = Highlight2HTML(pygments_lexer=lexer)  # type: ignore[no-untyped-call]
    once = lru_cache(maxsize=256)(highlight)

    def coloured(source: str, metadata: Mapping[str, Any]) -> str:
        return str(highlight(source, metadata=metadata) if "magics_language" in metadata else once(source))

    return coloured
