"""What was seen in the cases with a substance beside the cases without it, as counts."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.presentation import STATES, figure_style

PANELS: Mapping[str, str] = {"with_it": "with it", "without_it": "without it"}
# Column of the table -> words of the legend and name of the style.
_PARTS: Mapping[str, tuple[str, str]] = {
    "yes": ("yes", "present"),
    "no": ("no", "absent"),
    "not_stated": ("not stated, or undetermined", "not_stated"),
}


def groups_figure(properties: pd.DataFrame) -> Figure:
    """Stacked bars of yes, no and not stated, one panel for each group; `properties` as `property_rows`.

    Each panel is as wide as its group has cases, so that lengths can be compared within a panel only.
    """
    names = list(dict.fromkeys(properties["property"]))
    with figure_style():
        figure = Figure(figsize=(9.0, 1.5 + 0.36 * len(names)), layout="constrained")
        for axes, (group, words) in zip(figure.subplots(1, len(PANELS), sharey=True), PANELS.items(), strict=True):
            rows = properties[properties["group"] == group].set_index("property").loc[names]
            _draw(axes, rows)
            total = int(rows[list(_PARTS)].iloc[0].sum())
            axes.set_title(f"Cases {words}: {total}")
            axes.set_xlim(0, max(1, total) * 1.01)
        figure.axes[0].set_yticks(range(len(names)), [folded(name, width=30) for name in names])
        figure.axes[0].invert_yaxis()
        handles = [Patch(label=words, **STATES[style].fill) for words, style in _PARTS.values()]
        figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return figure


def _draw(axes: Axes, rows: pd.DataFrame) -> None:
    left = pd.Series(0, index=rows.index)
    for column, (_, style) in _PARTS.items():
        axes.barh(range(len(rows)), rows[column], left=left, height=0.66, **STATES[style].fill)
        for place, (width, start) in enumerate(zip(rows[column], left, strict=True)):
            if width:
                ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.9}
                axes.text(start + width / 2, place, str(width), ha="center", va="center", fontsize=8, bbox=ground)
        left = left + rows[column]
    axes.set_xlabel("number of cases")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(axis="y", length=0)


def groups_alt(properties: pd.DataFrame) -> str:
    """What `groups_figure` shows, in words."""
    drawn = "Stacked horizontal bars of numbers of cases, one panel for each group; not stated includes undetermined."
    parts = [
        f"{row['property']}, {PANELS[row['group']]}: {row['yes']} yes, {row['no']} no, {row['not_stated']} not stated."
        for row in properties.to_dict("records")
        if row["group"] in PANELS
    ]
    return f"{drawn} {' '.join(parts)}"
