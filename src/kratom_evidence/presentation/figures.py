"""Figures for reading: a drawing that is the same everywhere, its alternative text, its caption and its data."""

import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kratom_evidence.presentation.inline import clean_text, escape
from kratom_evidence.presentation.outputs import FIGURE_CAPTION, HTML, METADATA_KEY, PLAIN, SVG, MimeBundle
from kratom_evidence.presentation.tables import ReportTable, show_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Letters are drawn as outlines: a page then needs no font, and looks the same in a mail, on a phone and in print.
# A fixed salt and no metadata make equal figures equal to the byte.
_SVG_SETTINGS: dict[Any, Any] = {"svg.fonttype": "path", "svg.hashsalt": "kratom-evidence", "svg.image_inline": True}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_POINTS_PER_INCH = 72
_SVG_HEAD, _SVG_END = re.compile(r"<svg\b[^>]*>"), "</svg>"
_GROUP = re.compile(r"</?g\b[^>]*>")
_PATH_SPACES = re.compile(r" ?([A-Za-z]) ?")
# What a drawing does not need, as (pattern, replacement); it then has about half the size.
_COMPACTIONS = tuple(
    (re.compile(pattern, re.DOTALL), replacement)
    for pattern, replacement in (
        (r"^.*?(?=<svg\b)", ""),
        (r"<!--.*?-->", ""),
        (r">\s+<", "><"),
        (r"\s*\n\s*", " "),
        # Names of groups, which nothing refers to, and long names of letters.
        (r'<g id="[^"]*"', "<g"),
        (r"<g ?/>", ""),
        (r"DejaVuSans-", "g"),
        # Coordinates to a hundredth of a point. Numbers below 1 are left alone: they may be factors of scale.
        (r"(?<![\w.#-])(-?[1-9]\d*\.\d\d)\d+(?![\w.])", r"\1"),
        (r'(?<= d=")[^"]+', lambda path: _PATH_SPACES.sub(r"\1", path[0].strip())),
        # The short forms of SVG 2, which every browser knows.
        (r"xlink:href=", "href="),
        (r'(<use href="#[^"]+") transform="translate\((-?[\d.]+) 0\)"', r'\1 x="\2"'),
        (r'(?<= style=")[^"]+', lambda style: style[0].replace(": ", ":").replace("; ", ";")),
    )
)


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """A figure for a notebook and a page.

    It is shown as two outputs: the drawing as SVG, which JupyterLab and GitHub show, with alternative text and
    caption in the metadata; then the caption and a folded table of the data as HTML, which tests of notebooks compare
    in place of the drawing. The exporter of pages joins the two.
    """

    svg: str
    alt: str
    caption: str
    data: ReportTable | None

    def drawing(self) -> tuple[MimeBundle, dict[str, Any]]:
        """The first output: its bundle and its metadata."""
        plain = f"Figure: {clean_text(self.caption)} {clean_text(self.alt)}"
        return {SVG: self.svg, PLAIN: plain}, {METADATA_KEY: {"alt": self.alt, "caption": self.caption}}

    def explanation(self) -> tuple[MimeBundle, dict[str, Any]]:
        """The second output: its bundle and its metadata."""
        html = f'<p class="figure-caption">{escape(self.caption)}</p>'
        plain = clean_text(self.caption)
        if self.data is not None:
            html += (
                f'\n<details class="figure-data"><summary>Data of this figure</summary>\n{self.data.html()}\n</details>'
            )
            plain += f"\n\n{self.data.plain()}"
        return {HTML: html, PLAIN: plain}, {METADATA_KEY: {"part": FIGURE_CAPTION}}

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        for bundle, metadata in (self.drawing(), self.explanation()):
            publish_display_data(bundle, metadata)  # type: ignore[no-untyped-call]


def show_figure(
    figure: "Figure | str", *, alt: str, caption: str, data: "pd.DataFrame | ReportTable | None" = None
) -> ReportFigure:
    """A matplotlib figure, drawn as SVG and closed.

    Args:
        figure: made within `figure_style`, or what `drawn` or `overlaid` made of it.
        alt: what the drawing shows, for those who do not see it: kind of figure, axes, and what stands out.
        caption: what it is about; shown below it.
        data: the numbers drawn, shown as a folded table beside the figure.

    Raises:
        ValueError: `alt` or `caption` is empty.
    """
    if not alt.strip() or not caption.strip():
        raise ValueError("A figure needs an alternative text and a caption.")
    table = show_table(data, caption=f"Data of the figure: {caption}") if isinstance(data, pd.DataFrame) else data
    svg = figure if isinstance(figure, str) else drawn(figure)
    return ReportFigure(svg=svg, alt=alt, caption=caption, data=table)


def drawn(figure: "Figure") -> str:
    """The figure as SVG; it is closed."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.StringIO()
    with mpl.rc_context(_SVG_SETTINGS), warnings.catch_warnings():
        # Such a letter is an empty box, for no drawing depends on a machine's fonts. The table beside has the text.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas = FigureCanvasSVG(figure)
        _lay_out(figure)
        # Not `savefig`, which would draw a figure with a layout engine twice, the first time to no end.
        canvas.print_svg(stream, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
    plt.close(figure)
    return compact_svg(stream.getvalue())


def overlaid(ground: str, *above: str) -> str:
    """Drawings of one size as one, each over those before it. All but the first have a transparent background.

    Raises:
        ValueError: the drawings differ in size.
    """
    head = _SVG_HEAD.match(ground)
    if head is None or any(not drawing.startswith(head[0]) for drawing in above):
        raise ValueError("Only drawings of the same size can be laid over each other.")
    contents = [drawing.removeprefix(head[0]).removesuffix(_SVG_END) for drawing in (ground, *above)]
    return "".join((head[0], *contents, _SVG_END))


def _lay_out(figure: "Figure") -> None:
    """Let the layout engine place the axes, at the resolution of the drawing, and be done with it."""
    figure.dpi = _POINTS_PER_INCH
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")


def compact_svg(text: str) -> str:
    """The SVG element alone, in fewer characters; what is seen stays the same."""
    for pattern, replacement in _COMPACTIONS:
        text = pattern.sub(replacement, text)
    return _without_bare_groups(text.strip())


def _without_bare_groups(text: str) -> str:
    """The drawing without groups that have no attributes, which change nothing."""
    bare: list[bool] = []

    def kept(match: "re.Match[str]") -> str:
        if match[0].endswith("/>"):
            return match[0]
        if match[0] == "</g>":
            return "" if bare.pop() else match[0]
        bare.append(match[0] == "<g>")
        return "" if bare[-1] else match[0]

    return _GROUP.sub(kept, text)
