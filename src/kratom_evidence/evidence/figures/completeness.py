"""The completeness grid: field x case, with the number of cases that state each field beside it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from kratom_evidence.dataset import ReportingState
from kratom_evidence.evidence.completeness import CompletenessGrid, field_completeness
from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.presentation import STATES, figure_style
from kratom_evidence.presentation.palette import INK

# Order of the numbers in the picture, and the words of the legend.
STATE_WORDS = {
    ReportingState.NOT_STATED: "not stated in what was read",
    ReportingState.NONE: "the publication says there were none",
    ReportingState.REPORTED: "reported",
}
_GRID_COLOUR = "#CFCFCF"
_DOT: Mapping[str, Any] = MappingProxyType({"marker": "o", "markersize": 2.2, "color": INK})


def completeness_figure(grid: CompletenessGrid) -> Figure:
    """The grid as a picture: 2 reported, 1 reported as none, 0 not stated; one row a field, one column a case.

    Cases stand from the most to the least complete. "None" also bears a dot, so that grey print keeps it apart.
    """
    with figure_style():
        figure = Figure(figsize=(11.5, 1.6 + 0.2 * len(grid.titles)), layout="constrained")
        cells, bars = figure.subplots(1, 2, sharey=True, width_ratios=[5, 1])
        _draw_cells(cells, grid)
        _draw_counts(bars, grid)
        _draw_legend(figure)
    return figure


def _draw_cells(axes: Axes, grid: CompletenessGrid) -> None:
    values = np.zeros(grid.states.T.shape, dtype=np.int8)
    for number, state in enumerate(STATE_WORDS):
        values[(grid.states == state.value).to_numpy().T] = number
    colours = ListedColormap([STATES[state.value].colour for state in STATE_WORDS])
    axes.imshow(values, cmap=colours, vmin=0, vmax=2, aspect="auto", interpolation="nearest")
    rows, columns = np.nonzero(values == 1)
    axes.plot(columns, rows, linestyle="none", **_DOT)
    fields, cases = values.shape
    axes.vlines(np.arange(0.5, cases - 1), -0.5, fields - 0.5, color=_GRID_COLOUR, linewidth=0.4)
    axes.hlines(np.arange(0.5, fields - 1), -0.5, cases - 0.5, color=_GRID_COLOUR, linewidth=0.4)
    ticks = [0, *range(9, cases, 10)]
    axes.set_xticks(ticks, [str(tick + 1) for tick in ticks])
    axes.set_yticks(range(fields), list(grid.titles.values()), fontsize=8.5)
    axes.set_xlabel("Case, from the most to the least complete (numbers as in the table of this figure)")
    for start in _group_starts(grid)[1:]:
        axes.axhline(start - 0.5, color=INK, linewidth=1.0)


def _draw_counts(axes: Axes, grid: CompletenessGrid) -> None:
    table = field_completeness(grid)
    places = range(len(table))
    for state, style in ((ReportingState.REPORTED, STATES["reported"]), (ReportingState.NONE, STATES["none"])):
        left = table["reported"] if state is ReportingState.NONE else 0
        axes.barh(places, table[state.value], left=left, height=0.7, **style.fill)
    for place, said in zip(places, table["said"], strict=True):
        axes.annotate(str(said), (said, place), (3, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_xlim(0, len(grid.states) * 1.2)
    axes.set_xlabel(f"Cases that say\n(of {len(grid.states)})")
    axes.tick_params(axis="y", length=0, labelleft=False)
    for start in _group_starts(grid)[1:]:
        axes.axhline(start - 0.5, color=INK, linewidth=1.0)
    for start, (group, names) in zip(_group_starts(grid), grid.groups.items(), strict=True):
        middle = start + (len(names) - 1) / 2
        axes.annotate(
            folded(group, width=16), (1, middle), (6, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", fontsize=8.5, annotation_clip=False,
        )  # fmt: skip


def _group_starts(grid: CompletenessGrid) -> list[int]:
    """Row at which each group of fields begins."""
    sizes = [len(names) for names in grid.groups.values()]
    return [sum(sizes[:place]) for place in range(len(sizes))]


def _draw_legend(figure: Figure) -> None:
    dot = Line2D([], [], linestyle="none", **_DOT)
    entries: list[Artist | tuple[Artist, ...]] = []
    for state in reversed(STATE_WORDS):
        patch = Patch(facecolor=STATES[state.value].colour, edgecolor=INK, linewidth=0.6)
        entries.append((patch, dot) if state is ReportingState.NONE else patch)
    words = list(reversed(STATE_WORDS.values()))
    # A tuple is drawn as one entry, its parts over each other; the type stubs do not know that.
    figure.legend(entries, words, loc="outside upper left", ncols=3)  # type: ignore[call-overload]
