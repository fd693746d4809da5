"""The signs of one case by set of criteria, drawn as a grid."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from kratom_evidence.evidence.case_signs import READINGS
from kratom_evidence.presentation import STATES, figure_style
from kratom_evidence.presentation.palette import INK

PANELS: Mapping[str, str] = {"hunter": "Hunter", "sternbach": "Sternbach", "radomski": "Radomski"}
# State in the table -> name of its style, and the sign written into the cell, so that colour is not the only cue.
_STATES: Mapping[str, tuple[str, str]] = {
    "present": ("present", "+"),
    "absent": ("absent", "–"),
    "not stated": ("not_stated", ""),
}
# Of the signs and readings, in points.
_LABEL_SIZE = 9
# Half a cell and room for its edge.
_MARGIN = 0.55
# In inches. The labels are the signs of the criteria, which do not depend on the data, so that fixed widths suffice;
# measuring them anew for each of many sheets would take longer than drawing.
_LABEL_WIDTHS: Mapping[str, float] = {"hunter": 1.85, "sternbach": 1.7, "radomski": 3.15}
_COLUMN_WIDTH, _ROW_HEIGHT, _HEAD, _FOOT, _RIGHT = 0.56, 0.25, 0.85, 0.08, 0.45


def signs_figure(signs: pd.DataFrame) -> Figure:
    """One panel for each set of criteria, one row for each sign, one column for each reading; `signs` as `sign_table`.

    Radomski has one column, since it has one reading.
    """
    readings: Mapping[str, Sequence[str]] = {
        system: READINGS[:1] if system == "radomski" else READINGS for system in PANELS
    }
    width = sum(_LABEL_WIDTHS[system] + _COLUMN_WIDTH * len(names) for system, names in readings.items()) + _RIGHT
    height = _HEAD + _FOOT + _ROW_HEIGHT * max(int((signs["system"] == system).sum()) for system in PANELS)
    left = 0.0
    with figure_style():
        figure = Figure(figsize=(width, height))
        figure.set_layout_engine("none")
        for system, title in PANELS.items():
            of_system = signs[signs["system"] == system]
            panel = (_COLUMN_WIDTH * len(readings[system]), _ROW_HEIGHT * len(of_system))
            left += _LABEL_WIDTHS[system]
            bottom = height - _HEAD - panel[1]
            axes = figure.add_axes((left / width, bottom / height, panel[0] / width, panel[1] / height))
            _draw(axes, of_system, readings[system])
            axes.set_title(title, pad=18)
            left += panel[0]
        handles = [
            Patch(label=f"{state} ({mark})" if mark else state, **STATES[style].fill)
            for state, (style, mark) in _STATES.items()
        ]
        figure.legend(handles=handles, loc="upper left", ncols=len(handles), borderaxespad=0)
    return figure


def _draw(axes: Axes, signs: pd.DataFrame, readings: Sequence[str]) -> None:
    """One cell a sign and reading."""
    # Cells of one state are one shape, and labels are plain texts, not those of ticks: a sheet is drawn for every case,
    # and each artist costs time.
    cells: dict[str, list[Path]] = {}
    for column, reading in enumerate(readings):
        for row, state in enumerate(signs[reading]):
            style, mark = _STATES[state]
            cell = Path.unit_rectangle().transformed(Affine2D().translate(column - 0.5, row - 0.5))
            cells.setdefault(style, []).append(cell)
            if mark:
                ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
                axes.text(column, row, mark, ha="center", va="center", fontsize=8, color=INK, bbox=ground)
    for style, shapes in cells.items():
        axes.add_patch(PathPatch(Path.make_compound_path(*shapes), **STATES[style].fill))
    axes.set_xlim(-_MARGIN, len(readings) - 1 + _MARGIN)
    axes.set_ylim(len(signs) - 1 + _MARGIN, -_MARGIN)
    axes.set_xticks([])
    axes.set_yticks([])
    for column, reading in enumerate(readings if len(readings) > 1 else ["one"]):
        axes.text(column, -_MARGIN - 0.15, reading, ha="center", va="bottom", fontsize=_LABEL_SIZE)
    for row, label in enumerate(map(_label, signs.to_dict("records"))):
        axes.text(-_MARGIN - 0.12, row, label, ha="right", va="center", fontsize=_LABEL_SIZE)
    axes.spines[["left", "bottom"]].set_visible(False)


def _label(row: Mapping[object, object]) -> str:
    """The sign, with the weight that Radomski gives it."""
    weight = str(row["criteria"]).partition(", ")[2]
    return f"{row['sign']} ({weight})" if weight else str(row["sign"])


def signs_alt(signs: pd.DataFrame) -> str:
    """What `signs_figure` shows, in words."""
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
