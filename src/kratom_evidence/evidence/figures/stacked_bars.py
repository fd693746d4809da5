"""Stacked bars of yes, no and not stated in a panel: each bar is as long as its cases, silence is white."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from kratom_evidence.evidence.figures.panels import Panel
from kratom_evidence.presentation import STATES
from kratom_evidence.presentation.palette import GREY

# Column of the table -> name of its style.
PARTS: Mapping[str, str] = {"yes": "present", "no": "absent", "not_stated": "not_stated"}
_TICKS = 6


def draw_bars(figure: Figure, panel: Panel, rows: pd.DataFrame, *, half: float, gid: str) -> None:
    """One bar for each row, with the number of cases in each part. `half` is half the height of a bar, in rows.

    `rows` has the columns of `PARTS`. The shapes carry the `gid`.
    """
    start = [0] * len(rows)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.9}
    for column, style in PARTS.items():
        bars = [(place, left, int(width)) for place, (left, width) in enumerate(zip(start, rows[column], strict=True))]
        boxes = [(left, place - half, left + width, place + half) for place, left, width in bars if width]
        if boxes:
            panel.boxes(figure, boxes, gid=gid, **STATES[style].fill)
        for place, left, width in bars:
            if width:
                middle = left + width / 2
                panel.text(figure, middle, place, str(width), ha="center", va="center", fontsize=8, bbox=ground)
        start = [left + width for _, left, width in bars]


def draw_scale(figure: Figure, panel: Panel, total: int) -> None:
    """Whole numbers along the lower edge, up to `total`."""
    axis, inch = panel.down[1], panel.rows_an_inch
    locator = MaxNLocator(_TICKS, integer=True)
    ticks = [int(tick) for tick in locator.tick_values(0, max(1, total)) if tick <= total]
    panel.marks(figure, [(tick, axis) for tick in ticks], marker=3, markersize=3.5, color=GREY)
    for tick in ticks:
        panel.text(figure, tick, axis + 0.09 * inch, str(tick), ha="center", va="top", fontsize=9)


def draw_axes(figure: Figure, panel: Panel) -> None:
    """The lines at the left and below, and what is counted."""
    left, right = panel.across
    top, bottom = panel.down
    panel.lines(figure, [(left, top), (left, bottom), (right, bottom)], color=GREY, linewidth=0.8)
    below = bottom + 0.3 * panel.rows_an_inch
    panel.text(figure, (left + right) / 2, below, "number of cases", ha="center", va="top")


def draw_legend(figure: Figure, silence: str) -> None:
    """The parts in words at the upper left; `silence` is what the white part is called."""
    words = {"yes": "yes", "no": "no", "not_stated": silence}
    handles = [Patch(label=words[column], **STATES[style].fill) for column, style in PARTS.items()]
    figure.legend(handles=handles, loc="upper left", ncols=len(handles), borderaxespad=0)
