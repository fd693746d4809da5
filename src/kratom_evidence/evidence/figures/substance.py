"""What was seen in the cases with a substance beside the cases without it, as counts."""

from collections.abc import Mapping
from functools import cache

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.evidence.figures.panels import Panel, bare_figure
from kratom_evidence.presentation import STATES, drawn, figure_style, overlaid
from kratom_evidence.presentation.palette import GREY

PANELS: Mapping[str, str] = {"with_it": "with it", "without_it": "without it"}
# Column of the table -> words of the legend and name of the style.
_PARTS: Mapping[str, tuple[str, str]] = {
    "yes": ("yes", "present"),
    "no": ("no", "absent"),
    "not_stated": ("not stated, or undetermined", "not_stated"),
}
# In inches. The labels are the properties, which are the same for all substances.
_LABEL_WIDTH, _PANEL_WIDTH, _GAP, _ROW_HEIGHT, _HEAD, _FOOT = 1.8, 3.4, 0.35, 0.36, 0.75, 0.6
_BAR = 0.33  # half the height of a bar, in rows
_TICKS = 5


def groups_drawing(properties: pd.DataFrame) -> str:
    """The SVG of stacked bars of yes, no and not stated, one panel for each group; `properties` as `property_rows`.

    Each panel is as wide as its group has cases, so that lengths can be compared within a panel only. Labels and legend
    are drawn once for all substances.
    """
    return overlaid(_drawn_labels(tuple(dict.fromkeys(properties["property"]))), drawn(bars_figure(properties)))


def bars_figure(properties: pd.DataFrame) -> Figure:
    """The bars with their numbers and scales, transparent around them. Each shape names its group as its `gid`."""
    names = list(dict.fromkeys(properties["property"]))
    figure = bare_figure(*_size(len(names)), transparent=True)
    with figure_style():
        for number, (group, words) in enumerate(PANELS.items()):
            rows = properties[properties["group"] == group].set_index("property").loc[names]
            total = int(rows[list(_PARTS)].iloc[0].sum())
            panel = _panel(number, len(names), total)
            panel.text(figure, 0, -1.0, f"Cases {words}: {total}", fontsize=10.5, fontweight="bold")
            _draw_bars(figure, panel, rows, gid=group)
            _draw_scale(figure, panel, total)
    return figure


def _draw_bars(figure: Figure, panel: Panel, rows: pd.DataFrame, *, gid: str) -> None:
    start = [0] * len(rows)
    for column, (_, style) in _PARTS.items():
        bars = [(place, left, int(width)) for place, (left, width) in enumerate(zip(start, rows[column], strict=True))]
        boxes = [(left, place - _BAR, left + width, place + _BAR) for place, left, width in bars if width]
        if boxes:
            panel.boxes(figure, boxes, gid=gid, **STATES[style].fill)
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.9}
        for place, left, width in bars:
            if width:
                panel.text(
                    figure, left + width / 2, place, str(width), ha="center", va="center", fontsize=8, bbox=ground
                )
        start = [left + width for _, left, width in bars]


def _draw_scale(figure: Figure, panel: Panel, total: int) -> None:
    axis = panel.down[1]
    ticks = [int(tick) for tick in MaxNLocator(_TICKS, integer=True).tick_values(0, max(1, total)) if tick <= total]
    panel.marks(figure, [(tick, axis) for tick in ticks], marker=3, markersize=3.5, color=GREY)
    for tick in ticks:
        panel.text(figure, tick, axis + 0.25, str(tick), ha="center", va="top", fontsize=9)


@cache
def _drawn_labels(names: tuple[str, ...]) -> str:
    """What is the same for all substances: names of the properties and scales, axes, and the legend."""
    with figure_style():
        figure = bare_figure(*_size(len(names)))
        for number in range(len(PANELS)):
            panel = _panel(number, len(names), 1)
            left, right = panel.across
            top, bottom = panel.down
            panel.lines(figure, [(left, top), (left, bottom), (right, bottom)], color=GREY, linewidth=0.8)
            panel.text(figure, (left + right) / 2, bottom + 0.85, "number of cases", ha="center", va="top")
        for place, name in enumerate(names):
            panel = _panel(0, len(names), 1)
            panel.text(figure, -0.02, place, folded(name, width=30), ha="right", va="center", fontsize=9)
        handles = [Patch(label=words, **STATES[style].fill) for words, style in _PARTS.values()]
        figure.legend(handles=handles, loc="upper left", ncols=len(handles), borderaxespad=0)
        return drawn(figure)


def _size(rows: int) -> tuple[float, float]:
    """Width and height of the drawing in inches."""
    return _LABEL_WIDTH + len(PANELS) * (_PANEL_WIDTH + _GAP), _HEAD + _ROW_HEIGHT * rows + _FOOT


def _panel(number: int, rows: int, total: int) -> Panel:
    """The panel with that number from the left, for so many rows and cases."""
    return Panel(
        left=_LABEL_WIDTH + number * (_PANEL_WIDTH + _GAP),
        bottom=_FOOT,
        width=_PANEL_WIDTH,
        height=_ROW_HEIGHT * rows,
        across=(0, max(1, total)),
        down=(-0.6, rows - 0.4),
    )


def groups_alt(properties: pd.DataFrame) -> str:
    """What `groups_drawing` shows, in words."""
    drawn = "Stacked horizontal bars of numbers of cases, one panel for each group; not stated includes undetermined."
    parts = [
        f"{row['property']}, {PANELS[row['group']]}: {row['yes']} yes, {row['no']} no, {row['not_stated']} not stated."
        for row in properties.to_dict("records")
        if row["group"] in PANELS
    ]
    return f"{drawn} {' '.join(parts)}"
