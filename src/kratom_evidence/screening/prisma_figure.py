"""The PRISMA 2020 flow as a drawing: two columns of boxes that meet in the publications of the data."""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kratom_evidence.presentation import ReportFigure, figure_style, show_figure
from kratom_evidence.presentation.palette import GREY, INK, PALE_GREY, WHITE
from kratom_evidence.screening.flow import Box, Flow
from kratom_evidence.screening.prisma import flow_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LETTERS = 27
_MOST_DETAILS = 4
# Inches. The total stretches below both sides.
_WIDTH = 2.0
_TOTAL_WIDTH = 6.8
_LINE = 0.135
_PADDING = 0.16
_BETWEEN = 0.3
_TOP = 0.4
# Left edge of each box and its row, counted from the top. Boxes of one side hang below one another; what leaves the
# flow stands to the right of where it leaves.
_PLACES = {
    "original_identified": (0.0, 0),
    "original_removed": (2.3, 0),
    "original_screened": (0.0, 1),
    "original_excluded": (2.3, 1),
    "original_unread": (2.3, 2),
    "original_included": (0.0, 3),
    "search_identified": (4.8, 0),
    "search_removed": (7.1, 0),
    "search_candidates": (4.8, 1),
    "search_excluded": (7.1, 1),
    "search_unread": (7.1, 2),
    "search_included": (4.8, 3),
    "total_included": (0.0, 4),
}
_ARROWS = (
    ("original_identified", "original_removed"),
    ("original_identified", "original_screened"),
    ("original_screened", "original_excluded"),
    ("original_screened", "original_unread"),
    ("original_screened", "original_included"),
    ("original_included", "total_included"),
    ("search_identified", "search_removed"),
    ("search_identified", "search_candidates"),
    ("search_candidates", "search_excluded"),
    ("search_candidates", "search_unread"),
    ("search_candidates", "search_included"),
    ("search_included", "total_included"),
)


def box_text(box: Box) -> str:
    """What stands in a box: its heading, its count, and what the count is made of."""
    lines = [*textwrap.wrap(box.heading, _LETTERS), f"({box.number})"]
    for name, count in box.details[:_MOST_DETAILS]:
        lines += textwrap.wrap(f"{name}: {count}", _LETTERS, subsequent_indent="  ")
    hidden = len(box.details) - _MOST_DETAILS
    if hidden > 0:
        lines.append(f"and {hidden} more, see the table")
    return "\n".join(lines)


def prisma_figure(flow: Flow) -> ReportFigure:
    """The flow diagram with its alternative text and the counts as a table."""
    from matplotlib.figure import Figure

    frames = _frames(flow)
    bottom = min(frame.bottom for frame in frames.values()) - 0.05
    with figure_style():
        figure = Figure(figsize=(9.2, _TOP - bottom))
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-0.05, 9.15)
        axes.set_ylim(bottom, _TOP)
        axes.axis("off")
        for name, heading in (("original_identified", "Original collection"), ("search_identified", "Saved search")):
            axes.text(_PLACES[name][0], 0.12, heading, fontsize=10.5, fontweight="bold", color=INK)
        for box in flow.boxes:
            _draw(axes, box, frames[box.name])
        for origin, target in _ARROWS:
            _connect(axes, frames[origin], frames[target])
        return show_figure(figure, alt=_alternative(flow), caption=_CAPTION, data=flow_frame(flow))


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """Where a box lies, in inches from the top left."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top - self.height


def _frames(flow: Flow) -> dict[str, _Frame]:
    """Boxes of one row are as high as the one with most lines."""
    heights: dict[int, float] = {}
    for box in flow.boxes:
        row = _PLACES[box.name][1]
        lines = box_text(box).count("\n") + 1
        heights[row] = max(heights.get(row, 0.0), lines * _LINE + _PADDING)
    tops = {row: -sum(heights[above] + _BETWEEN for above in heights if above < row) for row in heights}
    frames = {}
    for box in flow.boxes:
        left, row = _PLACES[box.name]
        width = _TOTAL_WIDTH if box.part == "total" else _WIDTH
        frames[box.name] = _Frame(left=left, top=tops[row], width=width, height=heights[row])
    return frames


_CAPTION = (
    "Flow of records after PRISMA 2020 (form for updated reviews), counted from the tables of the data. Dashed: no "
    "number."
)


def _alternative(flow: Flow) -> str:
    """The diagram in words, box by box."""
    parts = []
    for part in dict.fromkeys(box.part for box in flow.boxes):
        boxes = [f"{box.heading.lower()} {box.number}" for box in flow.boxes if box.part == part]
        parts.append(f"{part}: {', '.join(boxes)}")
    return f"Flow diagram with two columns of boxes that meet in one. {'; '.join(parts)}."


def _draw(axes: "Axes", box: Box, frame: _Frame) -> None:
    from matplotlib.patches import FancyBboxPatch

    known = box.count is not None
    axes.add_patch(
        FancyBboxPatch(
            (frame.left, frame.bottom),
            frame.width,
            frame.height,
            boxstyle="round,pad=0,rounding_size=0.05",
            facecolor=WHITE if known else PALE_GREY,
            edgecolor=INK if known else GREY,
            linewidth=0.9,
            linestyle="-" if known else "--",
        )
    )
    axes.text(frame.left + 0.08, frame.top - 0.08, box_text(box), fontsize=7.8, va="top", linespacing=1.2)


def _connect(axes: "Axes", origin: _Frame, target: _Frame) -> None:
    """An arrow to the box on the right, to one further down on the right, or straight down."""
    middle = origin.left + origin.width / 2
    if target.left <= middle <= target.left + target.width:
        start, end = (middle, origin.bottom), (middle, target.top)
    else:
        same_row = target.top == origin.top
        height = origin.top - origin.height * (0.5 if same_row else 0.75)
        start, end = (origin.left + origin.width, height), (target.left, target.top - target.height / 2)
    axes.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.9})
