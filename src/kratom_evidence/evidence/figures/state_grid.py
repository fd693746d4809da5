"""Grids of cases in which each cell is in one of a few states: how they are laid out in panels and drawn.

Every state has a colour and a mark of its own, so that grey print and colour-blind readers can tell them apart.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from kratom_evidence.presentation.palette import INK, PALE_GREY, WHITE

SMALL = 7.5
ROW_INCHES = 0.165
GRID_COLOUR = "#CFCFCF"


@dataclass(frozen=True, kw_only=True)
class CellStyle:
    """How a state is drawn: its colour, its mark (of matplotlib; none for "") and its words in the legend.

    `mark_size` is in points; between two rows of `ROW_INCHES` there is room for the default.
    """

    words: str
    colour: str
    marker: str = ""
    mark_colour: str = INK
    mark_size: float = 5.0

    @property
    def mark(self) -> dict[str, Any]:
        """Keyword arguments of `plot` for the marks of this state."""
        return {
            "linestyle": "none",
            "marker": self.marker,
            "markersize": self.mark_size,
            "color": self.mark_colour,
            "markeredgewidth": 1.3,
        }


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a panel: a case, or the heading of the cases below it."""

    text: str
    is_heading: bool = False


def laid_out(groups: Mapping[str, Sequence[str]], panels: int) -> list[list[Row]]:
    """The cases of all groups under their headings, in panels of about the same height.

    A group that is broken by the end of a panel is headed again in the next; no heading stands last in a panel.
    """
    total = len(groups) + sum(map(len, groups.values()))
    height = -(-total // panels)
    columns: list[list[Row]] = [[]]
    for label, cases in groups.items():
        heading = Row(text=label, is_heading=True)
        if len(columns[-1]) + 2 > height and len(columns) < panels:
            columns.append([])
        columns[-1].append(heading)
        for case_id in cases:
            if len(columns[-1]) >= height and len(columns) < panels:
                columns.append([Row(text=f"{label} (continued)", is_heading=True)])
            columns[-1].append(Row(text=case_id))
    return columns


def in_panels(case_ids: Sequence[str], panels: int) -> list[list[Row]]:
    """The cases without headings, in panels of about the same height."""
    height = max(-(-len(case_ids) // panels), 1)
    return [
        [Row(text=case_id) for case_id in case_ids[start : start + height]] for start in range(0, len(case_ids), height)
    ]


def draw_panel(
    axes: Axes,
    rows: Sequence[Row],
    states: pd.DataFrame,
    styles: Mapping[int, CellStyle],
    *,
    bold: Collection[str] = (),
) -> None:
    """One panel: the given rows of a grid of states (case x column), with case ids beside and column names above.

    Args:
        axes: where to draw.
        rows: what stands in each row.
        states: index of case ids; the columns' names are the labels above.
        styles: state -> its style; every state of the grid has one.
        bold: cases whose id is set in bold.
    """
    values = [[np.nan] * states.shape[1] if row.is_heading else list(states.loc[row.text]) for row in rows]
    grid: npt.NDArray[np.float64] = np.array(values, dtype=np.float64)
    draw_cells(axes, grid, styles)
    axes.set_xticks(range(states.shape[1]), list(states.columns), rotation=90, fontsize=SMALL)
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(rows)), ["" if row.is_heading else row.text for row in rows], fontsize=SMALL)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("bold" if row.text in bold else "normal")
    axes.tick_params(length=0, pad=2)
    axes.spines[:].set_visible(False)
    for place, row in enumerate(rows):
        if row.is_heading:
            _draw_heading(axes, place, row.text)


def draw_cells(axes: Axes, grid: npt.NDArray[np.float64], styles: Mapping[int, CellStyle]) -> None:
    """The cells alone, one row of the grid a row; a row of NaN is left empty and without lines between its cells."""
    rows, columns = max(grid.shape[0], 1), max(grid.shape[1], 1)
    _draw_lines(axes, grid)
    for state, style in styles.items():
        across, down = np.nonzero(grid == state)[::-1]
        if not len(down):
            continue
        if style.colour != WHITE:
            cells = [Rectangle((x - 0.5, y - 0.5), 1, 1) for x, y in zip(across, down, strict=True)]
            axes.add_collection(
                PatchCollection(cells, facecolor=style.colour, edgecolor=GRID_COLOUR, linewidth=0.5, zorder=2)
            )
        if style.marker:
            axes.plot(across, down, zorder=3, **style.mark)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)


def draw_legend(figure: Figure, styles: Mapping[int, CellStyle], *, columns: int = 3) -> None:
    """The states in words, above the panels, in so many columns."""
    entries: list[Artist | tuple[Artist, ...]] = []
    for style in styles.values():
        patch = Patch(facecolor=style.colour, edgecolor=INK, linewidth=0.6)
        entries.append((patch, Line2D([], [], **style.mark)) if style.marker else patch)
    words = [style.words for style in styles.values()]
    # A tuple is drawn as one entry, its parts over each other; the type stubs do not know that.
    figure.legend(entries, words, loc="outside upper left", ncols=columns)  # type: ignore[call-overload]


def _draw_lines(axes: Axes, grid: npt.NDArray[np.float64]) -> None:
    """Lines around the cells of every row that has any."""
    filled = np.flatnonzero(~np.isnan(grid).all(axis=1)) if grid.size else np.array([], dtype=np.intp)
    edges = np.unique(np.concatenate([filled, filled + 1])) - 0.5
    starts = filled[np.isin(filled - 1, filled, invert=True)] - 0.5
    ends = filled[np.isin(filled + 1, filled, invert=True)] + 0.5
    style: dict[str, Any] = {"color": GRID_COLOUR, "linewidth": 0.5, "zorder": 1}
    axes.hlines(edges, -0.5, grid.shape[1] - 0.5, **style)
    for start, end in zip(starts, ends, strict=True):
        axes.vlines(np.arange(grid.shape[1] + 1) - 0.5, start, end, **style)


def _draw_heading(axes: Axes, place: int, text: str) -> None:
    """The heading of a group, from the left edge of the case ids on."""
    axes.annotate(
        text, (0, place), (-84, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
        va="center", fontsize=SMALL, fontweight="bold", annotation_clip=False,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": WHITE, "edgecolor": "none"},
    )  # fmt: skip
    axes.axhline(place - 0.5, color=PALE_GREY, linewidth=0.6)
