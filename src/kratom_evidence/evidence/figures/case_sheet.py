"""The signs of one case by set of criteria, drawn as a grid."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kratom_evidence.evidence.case_signs import READINGS
from kratom_evidence.evidence.figures.panels import Panel, bare_figure
from kratom_evidence.presentation import STATES, drawn, figure_style, overlaid
from kratom_evidence.presentation.palette import INK, WHITE

PANELS: Mapping[str, str] = {"hunter": "Hunter", "sternbach": "Sternbach", "radomski": "Radomski"}
# Radomski has one reading.
_READINGS: Mapping[str, Sequence[str]] = {
    system: READINGS[:1] if system == "radomski" else READINGS for system in PANELS
}
# State in the table -> name of its style, the mark in its cells and in the legend, so that colour is not the only cue.
_STATES: Mapping[str, tuple[str, str, str]] = {
    "present": ("present", "+", " (+)"),
    "absent": ("absent", "_", " (–)"),
    "not stated": ("not_stated", "", ""),
}
# In inches. The labels are the signs of the criteria, which do not depend on the data, so that fixed widths suffice.
_LABEL_WIDTHS: Mapping[str, float] = {"hunter": 1.85, "sternbach": 1.7, "radomski": 3.15}
_COLUMN_WIDTH, _ROW_HEIGHT, _HEAD, _FOOT, _RIGHT = 0.51, 0.238, 0.85, 0.1, 0.5
_FONT_SIZE = 9
# System -> labels of its rows.
Labels: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]


def signs_drawing(signs: pd.DataFrame) -> str:
    """The SVG of one panel for each set of criteria, one row for each sign, one column for each reading.

    `signs` as `sign_table`. Labels and legend are drawn once for all cases.
    """
    return overlaid(_drawn_labels(_labels(signs)), drawn(cells_figure(signs)))


def cells_figure(signs: pd.DataFrame) -> Figure:
    """The cells alone, transparent where there are none. Each shape names its set of criteria as its `gid`."""
    labels = _labels(signs)
    figure = bare_figure(*_size(labels), transparent=True)
    with figure_style():
        for system, panel in _panels(labels):
            of_system = signs[signs["system"] == system]
            for state, (style, mark, _) in _STATES.items():
                cells = [
                    (column, row)
                    for column, reading in enumerate(_READINGS[system])
                    for row, stated in enumerate(of_system[reading])
                    if stated == state
                ]
                if cells:
                    _draw_cells(figure, panel, cells, style, mark, gid=system)
    return figure


def _draw_cells(
    figure: Figure, panel: Panel, cells: Sequence[tuple[int, int]], style: str, mark: str, *, gid: str
) -> None:
    boxes = [(column - 0.5, row - 0.5, column + 0.5, row + 0.5) for column, row in cells]
    panel.boxes(figure, boxes, gid=gid, **STATES[style].fill)
    if mark:
        panel.marks(figure, cells, marker="s", markersize=8.5, color=WHITE)
        panel.marks(figure, cells, marker=mark, markersize=5.5, markeredgewidth=1.0, color=INK)


@cache
def _drawn_labels(labels: Labels) -> str:
    """What is the same for all cases: names of the criteria, readings and signs, and the legend."""
    with figure_style():
        figure = bare_figure(*_size(labels))
        for (system, names), (_, panel) in zip(labels, _panels(labels), strict=True):
            panel.text(figure, -0.5, -1.55, PANELS[system], ha="left", va="bottom", fontsize=10.5, fontweight="bold")
            for column, reading in enumerate(_READINGS[system] if len(_READINGS[system]) > 1 else ["one"]):
                panel.text(figure, column, -0.75, reading, ha="center", va="bottom", fontsize=_FONT_SIZE)
            for row, name in enumerate(names):
                panel.text(figure, -0.67, row, name, ha="right", va="center", fontsize=_FONT_SIZE)
        handles = [Patch(label=f"{state}{mark}", **STATES[style].fill) for state, (style, _, mark) in _STATES.items()]
        figure.legend(handles=handles, loc="upper left", ncols=len(handles), borderaxespad=0)
        return drawn(figure)


def _labels(signs: pd.DataFrame) -> Labels:
    rows = signs[["system", "criteria", "sign"]].to_dict("records")
    return tuple((system, tuple(_label(row) for row in rows if row["system"] == system)) for system in PANELS)


def _label(row: Mapping[object, object]) -> str:
    """The sign, with the weight that Radomski gives it."""
    weight = str(row["criteria"]).partition(", ")[2]
    return f"{row['sign']} ({weight})" if weight else str(row["sign"])


def _size(labels: Labels) -> tuple[float, float]:
    """Width and height of the drawing in inches."""
    width = sum(_LABEL_WIDTHS[system] + _COLUMN_WIDTH * len(_READINGS[system]) for system, _ in labels)
    return width + _RIGHT, _HEAD + _FOOT + _ROW_HEIGHT * max(len(names) for _, names in labels)


def _panels(labels: Labels) -> Iterator[tuple[str, Panel]]:
    left, height = 0.0, _size(labels)[1]
    for system, names in labels:
        left += _LABEL_WIDTHS[system]
        columns, rows = len(_READINGS[system]), len(names)
        yield (
            system,
            Panel(
                left=left,
                bottom=height - _HEAD - _ROW_HEIGHT * rows,
                width=_COLUMN_WIDTH * columns,
                height=_ROW_HEIGHT * rows,
                across=(-0.5, columns - 0.5),
                down=(-0.5, rows - 0.5),
            ),
        )
        left += _COLUMN_WIDTH * columns


def signs_alt(signs: pd.DataFrame) -> str:
    """What `signs_drawing` shows, in words."""
    parts = []
    for system, title in PANELS.items():
        of_system = signs[signs["system"] == system]
        silent = int((of_system["strict"] == "not stated").sum())
        parts.append(f"{title}: {_in_words(of_system, 'strict')}; not stated {silent} of {len(of_system)}.")
        changed = of_system[of_system["strict"] != of_system["lenient"]]
        if len(changed):
            parts.append(f"{title}, changed by the lenient reading: {_in_words(changed, 'lenient')}.")
    return f"Grid of signs, one panel for each set of criteria and one row for each sign. {' '.join(parts)}"


def _in_words(signs: pd.DataFrame, reading: str) -> str:
    present, absent = (", ".join(signs.loc[signs[reading] == state, "sign"]) for state in ("present", "absent"))
    return f"reported present {present or 'none'}; reported absent {absent or 'none'}"
