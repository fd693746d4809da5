"""Colours and patterns of all figures: safe for colour-blind readers and told apart in grey print.

Colours are those of Okabe and Ito (Color Universal Design, 2008; https://jfly.uni-koeln.de/color/). Each meaning also
has a pattern, and filled shapes have an edge, so that nothing is told by colour alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
WHITE = "#FFFFFF"
INK = "#222222"
GREY = "#767676"
PALE_GREY = "#E6E6E6"


@dataclass(frozen=True, kw_only=True)
class SeriesStyle:
    """How one series or one meaning is drawn."""

    colour: str
    hatch: str = ""
    marker: str = "o"
    linestyle: str = "-"

    @property
    def fill(self) -> Mapping[str, Any]:
        """Keyword arguments of `bar`, `barh`, `Rectangle` and other filled shapes."""
        return {"facecolor": self.colour, "hatch": self.hatch, "edgecolor": INK, "linewidth": 0.6}

    @property
    def line(self) -> Mapping[str, Any]:
        """Keyword arguments of `plot`."""
        return {"color": self.colour, "marker": self.marker, "linestyle": self.linestyle}


# Ordered so that neighbours differ in lightness as well as in hue.
SERIES = (
    SeriesStyle(colour=BLUE),
    SeriesStyle(colour=ORANGE, hatch="//", marker="s", linestyle="--"),
    SeriesStyle(colour=GREEN, hatch="..", marker="^", linestyle="-."),
    SeriesStyle(colour=YELLOW, hatch="\\\\", marker="D", linestyle=":"),
    SeriesStyle(colour=VERMILLION, hatch="xx", marker="v", linestyle="--"),
    SeriesStyle(colour=SKY_BLUE, hatch="--", marker="P", linestyle="-."),
    SeriesStyle(colour=PURPLE, hatch="oo", marker="X", linestyle=":"),
)

_SAID = SeriesStyle(colour=BLUE)
_SAID_NOT = SeriesStyle(colour=SKY_BLUE, hatch="//", marker="s")
_SILENT = SeriesStyle(colour=WHITE, hatch="", marker=".", linestyle=":")

# Silence is white and empty in every figure: it is neither presence nor absence.
STATES: Mapping[str, SeriesStyle] = MappingProxyType(
    {
        "present": _SAID,
        "absent": _SAID_NOT,
        "reported": _SAID,
        "none": _SAID_NOT,
        "met": _SAID,
        "not_met": _SAID_NOT,
        "not_stated": _SILENT,
        "undetermined": _SILENT,
    }
)

SEROTONERGIC_GRADES: Mapping[str, SeriesStyle] = MappingProxyType(
    {
        "established": SeriesStyle(colour=VERMILLION),
        "possible": SeriesStyle(colour=ORANGE, hatch="//", marker="s"),
        "disputed": SeriesStyle(colour=YELLOW, hatch="..", marker="^"),
        "none": SeriesStyle(colour=PALE_GREY, marker="."),
    }
)

# DejaVu Sans comes with matplotlib, so that text has the same size on every machine.
_STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "figure.figsize": (7.0, 4.0),
        "figure.constrained_layout.use": True,
        "figure.facecolor": WHITE,
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "axes.titlesize": 10.5,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.labelsize": 9.5,
        "axes.labelcolor": INK,
        "axes.edgecolor": GREY,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": PALE_GREY,
        "grid.linewidth": 0.8,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "text.color": INK,
        # Labels come from the data: $5 to $10 is no formula, and a formula could be one that stops the drawing.
        "text.parse_math": False,
        "hatch.linewidth": 0.7,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "lines.linewidth": 1.6,
    }
)


@contextmanager
def figure_style() -> Iterator[None]:
    """The style of all figures, whatever the reader's own matplotlib settings are."""
    import matplotlib.style

    with matplotlib.style.context(["default", dict(_STYLE)]):
        yield
