"""Figures of notebook 3 on other explanations: the case x explanation matrix, and labelled cases beside the rest."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kratom_evidence.appraisal import Truth
from kratom_evidence.evidence.confounding import LABELS, ExplanationMatrix
from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.evidence.figures.state_grid import (
    ROW_INCHES,
    CellStyle,
    draw_cells,
    draw_legend,
    draw_panel,
    laid_out,
)
from kratom_evidence.presentation import STATES, figure_style
from kratom_evidence.presentation.palette import INK, WHITE

PRESENCE: Mapping[int, CellStyle] = {
    Truth.YES: CellStyle(words="present", colour=STATES["present"].colour, marker="+", mark_colour=WHITE),
    Truth.NO: CellStyle(words="reported absent", colour=STATES["absent"].colour, marker="_"),
    Truth.UNKNOWN: CellStyle(words="not stated in what was read", colour=WHITE),
}


def matrix_figure(matrix: ExplanationMatrix) -> Figure:
    """The matrix with one row per case, in two panels; the columns right of the line do not decide the class."""
    columns = laid_out(matrix.groups, 2)
    height = max(map(len, columns))
    labelled = matrix.states.rename(columns=LABELS)
    with figure_style():
        figure = Figure(figsize=(11.0, 3.0 + ROW_INCHES * height), layout="constrained")
        panels = figure.subplots(1, 2, squeeze=False)[0]
        for axes, rows in zip(panels, columns, strict=False):
            draw_panel(axes, rows, labelled, PRESENCE, bold=matrix.ss_labelled)
            axes.axvline(matrix.deciding - 0.5, color=INK, linewidth=1.4)
            axes.set_ylim(height - 0.5, -0.5)
        for axes in panels[len(columns) :]:
            axes.axis("off")
        draw_legend(figure, PRESENCE)
    return figure


def explanations_figure(ss: pd.DataFrame, rest: pd.DataFrame) -> Figure:
    """Labelled cases by name beside all other cases counted.

    Args:
        ss: explanation (label) x labelled case, int8 states.
        rest: index of the same labels; columns present, absent, not_stated (cases).
    """
    with figure_style():
        figure = Figure(figsize=(9.0, 2.1 + 0.27 * len(rest)), layout="constrained")
        cells, bars = figure.subplots(1, 2, width_ratios=[0.4 + 0.35 * max(ss.shape[1], 1), 4])
        draw_named_cases(cells, ss)
        _draw_counts(bars, rest)
        bars.set_ylim(cells.get_ylim())
        draw_legend(figure, PRESENCE)
    return figure


def draw_named_cases(axes: Axes, states: pd.DataFrame) -> None:
    """A few cases by name: one column each, one row per label."""
    draw_cells(axes, states.to_numpy(dtype="float64"), PRESENCE)
    axes.set_yticks(range(len(states)), [folded(str(label)) for label in states.index])
    axes.set_xticks(range(states.shape[1]), list(states.columns), rotation=90)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_ylim(len(states) - 0.5, -0.5)


def _draw_counts(axes: Axes, counts: pd.DataFrame) -> None:
    left = pd.Series(0, index=counts.index)
    places = range(len(counts))
    for name in ("present", "absent", "not_stated"):
        axes.barh(places, counts[name], left=left, height=0.7, **STATES[name].fill)
        left = left + counts[name]
    for place, total, present, absent in zip(places, left, counts["present"], counts["absent"], strict=True):
        axes.annotate(
            f"{present} present, {absent} absent", (total, place), (4, 0), textcoords="offset points", va="center",
            fontsize=8.5, annotation_clip=False,
        )  # fmt: skip
    axes.set_xlim(0, max(left.max(), 1) * 1.32)
    axes.spines["bottom"].set_bounds(0, max(left.max(), 1))
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.set_xticks(range(0, int(left.max()) + 1, 20))
    axes.set_xlabel("All other cases")
