"""Panels of a drawing that is made for many pages: placed in inches, without matplotlib's axes.

To make and lay out axes takes longer than to draw what is in them. What is the same on all pages, such as the labels
of rows, is drawn once, and what differs is laid over it (`presentation.overlaid`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Transform


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A rectangle of the figure, in inches from its lower left corner, and the coordinates of its contents.

    `across` are the values at its left and right edge, `down` those at its upper and lower one.
    """

    left: float
    bottom: float
    width: float
    height: float
    across: tuple[float, float]
    down: tuple[float, float]

    @property
    def rows_an_inch(self) -> float:
        """How much of the coordinate that runs downwards there is in an inch."""
        return (self.down[1] - self.down[0]) / self.height

    def transform(self, figure: Figure) -> Transform:
        """From the coordinates of the contents to the figure's pixels."""
        scale_x = self.width / (self.across[1] - self.across[0])
        scale_y = self.height / (self.down[0] - self.down[1])
        placed = Affine2D().translate(-self.across[0], -self.down[1]).scale(scale_x, scale_y)
        return placed.translate(self.left, self.bottom) + figure.dpi_scale_trans

    def place_in(self, figure: Figure) -> tuple[float, float, float, float]:
        """Left, bottom, width and height as shares of the figure, for axes in the panel's place."""
        width, height = figure.get_size_inches()
        return self.left / width, self.bottom / height, self.width / width, self.height / height

    def boxes(self, figure: Figure, corners: Sequence[tuple[float, float, float, float]], **style: Any) -> None:
        """Rectangles of one style, each (left, top, right, bottom), as one shape."""
        shapes = [
            Path([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], closed=True)
            for left, top, right, bottom in corners
        ]
        shape = Path.make_compound_path(*shapes)
        figure.add_artist(PathPatch(shape, transform=self.transform(figure), **style))

    def marks(self, figure: Figure, places: Sequence[tuple[float, float]], **style: Any) -> None:
        """Marks of one style, as matplotlib's markers."""
        self.lines(figure, places, linestyle="none", **style)

    def lines(self, figure: Figure, places: Sequence[tuple[float, float]], **style: Any) -> None:
        """A line through these places."""
        across, down = zip(*places, strict=True)
        figure.add_artist(Line2D(across, down, transform=self.transform(figure), **style))

    def text(self, figure: Figure, across: float, down: float, words: str, **style: Any) -> None:
        """Words at a place of the contents."""
        figure.text(across, down, words, transform=self.transform(figure), **style)


def bare_figure(width: float, height: float, *, transparent: bool = False) -> Figure:
    """A figure of that size in inches without a layout engine; one that is laid over another is transparent."""
    figure = Figure(figsize=(width, height))
    figure.set_layout_engine("none")
    figure.patch.set_visible(not transparent)
    return figure
