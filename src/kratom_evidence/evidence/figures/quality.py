"""Figures of notebook 3 on the quality of reports: the items of Murad per case, and completeness by year."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kratom_evidence.appraisal import Truth
from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.evidence.figures.state_grid import (
    ROW_INCHES,
    CellStyle,
    draw_legend,
    draw_panel,
    in_panels,
)
from kratom_evidence.presentation import SERIES, figure_style
from kratom_evidence.presentation.palette import GREEN, GREY, INK, ORANGE, WHITE

ANSWERS: Mapping[int, CellStyle] = {
    Truth.YES: CellStyle(words="yes", colour=GREEN, marker="+", mark_colour=WHITE),
    Truth.NO: CellStyle(words="no", colour=ORANGE, marker="x"),
    Truth.UNKNOWN: CellStyle(words="not stated in what was read", colour=WHITE),
}
_HATCHES = {Truth.YES: "", Truth.NO: "xx", Truth.UNKNOWN: ""}
PANELS = 3


def murad_figure(grid: pd.DataFrame, counts: pd.DataFrame, *, ss_labelled: "frozenset[str]") -> Figure:
    """The traffic light: counts of all cases above, each case below.

    Args:
        grid: as `quality.murad_grid`.
        counts: as `quality.murad_counts`, rows in the order of the grid's columns.
        ss_labelled: cases whose id is set in bold.
    """
    labels = [str(words).partition(":")[0] for words in counts.index]
    columns = in_panels([str(case_id) for case_id in grid.index], PANELS)
    height = max(map(len, columns), default=1)
    with figure_style():
        figure = Figure(figsize=(10.0, 5.6 + ROW_INCHES * height), layout="constrained")
        above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[3.4, 2.2 + ROW_INCHES * height])[:, 0]
        _draw_counts(above.subplots(), counts, [str(words) for words in counts.index])
        panels = below.subplots(1, PANELS, squeeze=False)[0]
        for axes, rows in zip(panels, columns, strict=False):
            draw_panel(axes, rows, grid.set_axis(labels, axis=1), ANSWERS, bold=ss_labelled)
            axes.set_ylim(height - 0.5, -0.5)
        for axes in panels[len(columns) :]:
            axes.axis("off")
        draw_legend(figure, ANSWERS)
    return figure


def completeness_years_figure(years: pd.DataFrame) -> Figure:
    """Share of reported fields by year with the range of single cases; `years` as `quality.completeness_years`."""
    with figure_style():
        figure = Figure(figsize=(9.0, 3.8), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(years))
        axes.vlines(places, years["lowest"], years["highest"], color=GREY, linewidth=2)
        axes.plot(places, years["share"], linestyle="none", marker="o", color=SERIES[0].colour)
        for place, cases, top in zip(places, years["cases"], years["highest"], strict=True):
            axes.annotate(str(cases), (place, top), (0, 3), textcoords="offset points", ha="center", fontsize=8.5)
        axes.set_xticks(places, [folded(str(label), width=8) for label in years.index])
        axes.tick_params(axis="x", length=0)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set(ylim=(0, 1), xlabel="Year of publication", ylabel="Fields of the codebook reported")
    return figure


def _draw_counts(axes: Axes, counts: pd.DataFrame, labels: list[str]) -> None:
    left = np.zeros(len(counts), dtype=np.int64)
    places = np.arange(len(counts))
    for name, truth in (("yes", Truth.YES), ("no", Truth.NO), ("not_stated", Truth.UNKNOWN)):
        here = counts[name].to_numpy(dtype=np.int64)
        axes.barh(
            places, here, left=left, height=0.7, facecolor=ANSWERS[truth].colour, edgecolor=INK, linewidth=0.6,
            hatch=_HATCHES[truth],
        )  # fmt: skip
        for place in places[here > 0]:
            axes.annotate(
                str(here[place]), (left[place] + here[place] / 2, place), ha="center", va="center", fontsize=8,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": WHITE, "edgecolor": "none"},
            )  # fmt: skip
        left = left + here
    axes.set_yticks(places, [folded(label, width=60) for label in labels], fontsize=8.5)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Cases")
