"""Reading figures back: the bars and words that were drawn, and whether they can be read."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from kratom_evidence.presentation import STATES

LEAST_SIZE = 8.0


def bar_lengths(axes: Axes, label: str, *, horizontal: bool = False) -> list[float]:
    """The lengths of the bars of one series, in drawing order."""
    found = [bars for bars in axes.containers if isinstance(bars, BarContainer) and bars.get_label() == label]
    assert len(found) == 1, f"{label!r} is not one of {[str(bars.get_label()) for bars in axes.containers]}"
    return [float(bar.get_width() if horizontal else bar.get_height()) for bar in found[0].patches]


def box_widths(figure: Figure, gid: str, style: str, *, rows: int) -> list[int]:
    """The widths of the boxes of one `gid` and style, one for each row of whole numbers; 0 where there is none."""
    widths = [0] * rows
    for patch in figure.findobj(PathPatch):
        if patch.get_gid() == gid and to_hex(patch.get_facecolor()) == STATES[style].colour.lower():
            for corners in map(np.array, patch.get_path().to_polygons()):
                widths[round(float(corners[:, 1].mean()))] = round(float(np.ptp(corners[:, 0])))
    return widths


def bar_tops(axes: Axes) -> list[float]:
    """Where the stack of upright bars at each place ends, from left to right."""
    tops: dict[float, float] = {}
    for bars in axes.containers:
        if isinstance(bars, BarContainer):
            for bar in bars.patches:
                tops[bar.get_x()] = max(tops.get(bar.get_x(), 0.0), float(bar.get_y() + bar.get_height()))
    return [tops[place] for place in sorted(tops)]


def written(axes: Axes) -> list[str]:
    """What is written into the axes, apart from labels of axes and ticks."""
    return [text.get_text() for text in axes.texts]


def legend_words(figure: Figure) -> list[str]:
    """The words of all legends."""
    return [text.get_text() for legend in _legends(figure) for text in legend.get_texts()]


def assert_legible(figure: Figure) -> None:
    """Every text is large enough and lies inside the picture, and no two tick labels of an axis overlap."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib
    width, height = canvas.get_width_height()
    for text in _texts(figure):
        box = text.get_window_extent()
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{text.get_text()!r} is cut off"
        size = float(text.get_fontsize())
        assert size >= LEAST_SIZE, f"{text.get_text()!r} has only {size} points"
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            _assert_apart(_tick_labels(axis))


def _texts(figure: Figure) -> list[Text]:
    found = [text for legend in _legends(figure) for text in legend.get_texts()]
    for axes in figure.axes:
        if axes.axison:
            found += [axes.xaxis.label, axes.yaxis.label, *_tick_labels(axes.xaxis), *_tick_labels(axes.yaxis)]
        found += axes.texts
    return [text for text in found if text.get_text() and text.get_visible()]


def _tick_labels(axis: Axis) -> list[Text]:
    """The labels within the limits of the axis; those beyond are kept by matplotlib, but not drawn."""
    low, high = sorted(axis.get_view_interval())
    room = (high - low) * 1e-6
    ticks = zip(axis.get_majorticklocs(), axis.get_major_ticks(), strict=True)
    labels = [tick.label1 for place, tick in ticks if low - room <= place <= high + room]
    return [label for label in labels if label.get_text() and label.get_visible()]


def _legends(figure: Figure) -> list[Legend]:
    return [*figure.legends, *(legend for axes in figure.axes if (legend := axes.get_legend()) is not None)]


def _assert_apart(labels: Sequence[Text]) -> None:
    for one, other in pairwise(labels):
        assert not one.get_window_extent().overlaps(other.get_window_extent()), (
            f"{one.get_text()!r} and {other.get_text()!r} overlap"
        )
