"""The completeness grid: field x case, with the number of cases that state each field beside it."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from kratom_evidence.dataset import ReportingState
from kratom_evidence.evidence.completeness import CompletenessGrid, field_completeness
from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.evidence.figures.state_grid import GRID_COLOUR, CellStyle, draw_legend
from kratom_evidence.presentation import STATES, figure_style
from kratom_evidence.presentation.palette import INK

# The number of each state in the picture, and how it is drawn, as the legend lists them.
STATE_NUMBERS = {ReportingState.REPORTED: 2, ReportingState.NONE: 1, ReportingState.NOT_STATED: 0}
STYLES: Mapping[int, CellStyle] = {
    2: CellStyle(words="reported", colour=STATES["reported"].colour),
    1: CellStyle(words="the publication says there were none", colour=STATES["none"].colour, marker="o", mark_size=1.9),
    0: CellStyle(words="not stated in what was read", colour=STATES["not_stated"].colour),
}


def completeness_figure(grid: CompletenessGrid) -> Figure:
    """The grid as a picture: 2 reported, 1 reported as none, 0 not stated; one row a field, one column a case.

    Cases stand from the most to the least complete. "None" also bears a dot, so that grey print keeps it apart.
    """
    with figure_style():
        figure = Figure(figsize=(11.5, 1.6 + 0.2 * len(grid.titles)), layout="constrained")
        cells, bars = figure.subplots(1, 2, sharey=True, width_ratios=[5, 1])
        _draw_cells(cells, grid)
        _draw_counts(bars, grid)
        draw_legend(figure, STYLES)
    return figure


def _draw_cells(axes: Axes, grid: CompletenessGrid) -> None:
    """The cells as one image: there are thousands, and as shapes (see `state_grid`) each would be written out."""
    values = np.zeros(grid.states.T.shape, dtype=np.int8)
    for state, number in STATE_NUMBERS.items():
        values[(grid.states == state.value).to_numpy().T] = number
    colours = ListedColormap([STYLES[number].colour for number in sorted(STYLES)])
    axes.imshow(values, cmap=colours, vmin=0, vmax=2, aspect="auto", interpolation="nearest")
    for number, style in STYLES.items():
        if style.marker:
            rows, columns = np.nonzero(values == number)
            axes.plot(columns, rows, **style.mark)
    fields, cases = values.shape
    axes.vlines(np.arange(0.5, cases - 1), -0.5, fields - 0.5, color=GRID_COLOUR, linewidth=0.4)
    axes.hlines(np.arange(0.5, fields - 1), -0.5, cases - 0.5, color=GRID_COLOUR, linewidth=0.4)
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
