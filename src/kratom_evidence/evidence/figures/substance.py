"""What was seen in the cases with a substance beside the cases without it, as counts."""

from collections.abc import Mapping
from functools import cache

import pandas as pd
from matplotlib.figure import Figure

from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.evidence.figures.panels import Panel, bare_figure
from kratom_evidence.evidence.figures.stacked_bars import PARTS, draw_axes, draw_bars, draw_legend, draw_scale
from kratom_evidence.presentation import drawn, figure_style, overlaid

PANELS: Mapping[str, str] = {"with_it": "with it", "without_it": "without it"}
# In inches. The labels are the properties, which are the same for all substances.
_LABEL_WIDTH, _PANEL_WIDTH, _GAP, _ROW_HEIGHT, _HEAD, _FOOT = 1.8, 3.4, 0.35, 0.36, 0.75, 0.6
_BAR = 0.33  # half the height of a bar, in rows


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
            total = int(rows[list(PARTS)].iloc[0].sum())
            panel = _panel(number, len(names), total)
            panel.text(figure, 0, -1.0, f"Cases {words}: {total}", fontsize=10.5, fontweight="bold")
            draw_bars(figure, panel, rows, half=_BAR, gid=group)
            draw_scale(figure, panel, total)
    return figure


@cache
def _drawn_labels(names: tuple[str, ...]) -> str:
    """What is the same for all substances: names of the properties and scales, axes, and the legend."""
    with figure_style():
        figure = bare_figure(*_size(len(names)))
        for number in range(len(PANELS)):
            draw_axes(figure, _panel(number, len(names), 1))
        for place, name in enumerate(names):
            panel = _panel(0, len(names), 1)
            panel.text(figure, -0.02, place, folded(name, width=30), ha="right", va="center", fontsize=9)
        draw_legend(figure, "not stated, or undetermined")
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
