"""Figure of notebook 3 on causality: each case's Naranjo total and the range that its unknown items leave open."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator

from kratom_evidence.evidence.causality import BAND_LIMITS, BANDS
from kratom_evidence.evidence.figures.state_grid import ROW_INCHES, SMALL, in_panels
from kratom_evidence.presentation import SERIES, figure_style
from kratom_evidence.presentation.palette import GREY, INK, PALE_GREY

LEAST, MOST = -4, 13
_LABELLED, _REST = SERIES[4], SERIES[0]


def naranjo_figure(ranges: pd.DataFrame) -> Figure:
    """Dot and range for every case, in two panels; `ranges` as `causality.naranjo_ranges`."""
    columns = in_panels([str(case_id) for case_id in ranges.index], 2)
    height = max(map(len, columns), default=1)
    with figure_style():
        figure = Figure(figsize=(11.0, 1.4 + ROW_INCHES * height), layout="constrained")
        panels = figure.subplots(1, 2, squeeze=False)[0]
        for axes, rows in zip(panels, columns, strict=False):
            _draw(axes, ranges.loc[[row.text for row in rows]], height)
        for axes in panels[len(columns) :]:
            axes.axis("off")
        figure.legend(
            handles=[
                _dot("total, authors label serotonin syndrome", _LABELLED.colour, _LABELLED.marker),
                _dot("total, other cases", _REST.colour, _REST.marker),
                Line2D([], [], color=GREY, linewidth=2, label="attainable if the unknown items were known"),
            ],
            loc="outside upper left",
            ncols=3,
        )
    return figure


def _draw(axes: Axes, ranges: pd.DataFrame, height: int) -> None:
    places = range(len(ranges))
    for place in range(0, len(ranges), 2):
        axes.axhspan(place - 0.5, place + 0.5, color="#F4F4F4", zorder=0)
    axes.hlines(places, ranges["lowest"], ranges["highest"], color=GREY, linewidth=2, zorder=2)
    for labelled, style in ((False, _REST), (True, _LABELLED)):
        chosen = [place for place, marked in zip(places, ranges["ss_labelled"], strict=True) if marked == labelled]
        totals = ranges["total"].to_numpy()[chosen]
        axes.plot(
            totals, chosen, linestyle="none", marker=style.marker, color=style.colour, markersize=5,
            markeredgecolor=INK, markeredgewidth=0.5, zorder=3,
        )  # fmt: skip
    axes.set_yticks(places, list(ranges.index), fontsize=SMALL)
    for tick, marked in zip(axes.get_yticklabels(), ranges["ss_labelled"], strict=True):
        tick.set_fontweight("bold" if marked else "normal")
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(LEAST - 0.5, MOST + 0.5), ylim=(height - 0.5, -1.8), xlabel="Naranjo total")
    axes.xaxis.set_major_locator(MultipleLocator(2))
    _draw_bands(axes)


def _draw_bands(axes: Axes) -> None:
    """The bands as lines between the whole totals, named above the cases."""
    edges = [MOST + 0.5, *(limit - 0.5 for limit in BAND_LIMITS.values()), LEAST - 0.5]
    for edge in edges[1:-1]:
        axes.axvline(edge, color=PALE_GREY if edge in {LEAST, MOST} else GREY, linewidth=0.8, linestyle="--", zorder=1)
    for band, upper, lower in zip(BANDS, edges, edges[1:], strict=False):
        axes.text((upper + lower) / 2, -1.15, band, ha="center", va="center", fontsize=SMALL, fontweight="bold")


def _dot(label: str, colour: str, marker: str) -> Line2D:
    return Line2D(
        [], [], linestyle="none", marker=marker, color=colour, markersize=6, markeredgecolor=INK,
        markeredgewidth=0.5, label=label,
    )  # fmt: skip
