"""Preparing an executed notebook for its page: figures joined with their captions, details and code folded."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from nbformat import NotebookNode, from_dict

from kratom_evidence.presentation.figures import ReportFigure
from kratom_evidence.presentation.inline import escape
from kratom_evidence.presentation.outputs import FIGURE_CAPTION, HTML, METADATA_KEY, SVG

Resources = dict[str, Any]
_SOURCE_BREAK = "\n\n"
# Cells that only check that a report is complete: they fail or have nothing to say to a reader.
CHECK_TAG = "completeness"
# Cells with a table of details, which a reader opens when they want it.
FOLD_TAG = "folded"
# What may not stand in the address of a drawing within a quoted attribute.
_QUOTED_IN_ADDRESS = re.compile(r"[^\w /:;,=()'.!*+$@~-]+", re.ASCII)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)


def join_figures(notebook: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
    """Each drawing made by `show_figure` and the explanation after it become one `<figure>`."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = list(_joined(cell.outputs))
    return notebook, resources


def _joined(outputs: Sequence[NotebookNode]) -> Iterator[NotebookNode]:
    position = 0
    while position < len(outputs):
        output = outputs[position]
        following = outputs[position + 1] if position + 1 < len(outputs) else None
        marks = _marks(output)
        if SVG in output.get("data", {}) and "alt" in marks:
            explained = following is not None and _marks(following).get("part") == FIGURE_CAPTION
            details = following.data[HTML] if explained and following is not None else ""
            yield _figure(output, marks, details)
            position += 2 if explained else 1
        else:
            yield output
            position += 1


def _marks(output: NotebookNode) -> dict[str, Any]:
    marks = output.get("metadata", {}).get(METADATA_KEY, {})
    return dict(marks)


def _figure(output: NotebookNode, marks: dict[str, Any], explanation: str) -> NotebookNode:
    html = _figure_html(output.data[SVG], marks["alt"], marks["caption"], explanation)
    joined: NotebookNode = from_dict(  # type: ignore[no-untyped-call]
        {"output_type": "display_data", "data": {HTML: html}, "metadata": {}}
    )
    return joined


def figure_html(figure: ReportFigure) -> str:
    """A figure as the pages of notebooks have it, for a page that is made without one."""
    return _figure_html(figure.svg, figure.alt, figure.caption, str(figure.explanation()[0][HTML]))


def _figure_html(svg: str, alt: str, caption: str, explanation: str) -> str:
    said = escape(caption)
    image = f'<img alt="{escape(alt)}" src="{_data_address(svg)}">'
    # On a phone the drawing keeps a size at which it can be read, and is scrolled in its own region.
    region = f'<div class="wide" role="region" tabindex="0" aria-label="Figure: {said}">{image}</div>'
    # The caption is in the explanation too, for readers of the notebook; here the figcaption says it.
    data = explanation.partition("</p>")[2]
    return f"<figure>\n{region}\n<figcaption>{said}</figcaption>\n{data}\n</figure>"


def _data_address(svg: str) -> str:
    """The drawing as an address. Most of it stands as it is, which takes a quarter less room than base64."""
    quoted = svg if "'" in svg else svg.replace('"', "'")
    return f"data:{SVG},{_QUOTED_IN_ADDRESS.sub(lambda found: _quoted(found[0]), quoted)}"


# A drawing repeats a few of them, such as those between two elements, thousands of times.
@lru_cache(maxsize=1024)
def _quoted(characters: str) -> str:
    return quote(characters, safe="")


def fold_tables(notebook: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
    """The tables that a cell tagged `folded` shows lie in folds, which say their captions."""
    for cell in notebook.cells:
        if FOLD_TAG in cell.metadata.get("tags", []):
            for output in cell.get("outputs", []):
                output.data[HTML] = _folded(output.data[HTML])
    return notebook, resources


def _folded(table: str) -> str:
    caption = _CAPTION.search(table)
    if caption is None:
        return table
    return f'<details class="fold"><summary>{caption[1]}</summary>\n{table}\n</details>'


def join_code(notebook: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
    """Code cells that follow each other without prose between them become one: all outputs, then one fold of code.

    What a cell tagged `completeness` shows is left out.
    """
    joined: list[NotebookNode] = []
    for cell in notebook.cells:
        if CHECK_TAG in cell.metadata.get("tags", []):
            cell.outputs = []
        before = joined[-1] if joined else None
        if before is not None and before.cell_type == cell.cell_type == "code":
            before.source = (before.source.rstrip() + _SOURCE_BREAK + cell.source).strip()
            before.outputs = [*before.outputs, *cell.outputs]
        else:
            joined.append(cell)
    notebook.cells = joined
    return notebook, resources
