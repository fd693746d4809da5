"""Figure of notebook 6: agreement of the two extractions by field, with intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kratom_evidence.presentation import SERIES, SeriesStyle, figure_style
from kratom_evidence.presentation.palette import GREY, INK, WHITE

_BAND = "#F4F4F4"
# Two measures of one field stand above each other by so much of a row.
_APART = 0.18
_ALL, _STATED = SERIES[0], SERIES[1]
_KAPPA, _AC1 = SERIES[2], SERIES[4]


def agreement_figure(measures: pd.DataFrame) -> Figure:
    """Shares of agreeing cases on the left, kappa and AC1 on the right; one row per row of `field_agreement`.

    A coefficient without an interval is drawn as an empty mark; one that was not computed has no mark.
    """
    with figure_style():
        figure = Figure(figsize=(11.0, 1.8 + 0.3 * len(measures)), layout="constrained")
        shares, coefficients = figure.subplots(1, 2, sharey=True)
        _draw_rows(shares, measures)
        _draw_rows(coefficients, measures)
        _draw(shares, measures, ("share", "low", "high"), _ALL, "all cases", above=True)
        stated = ("stated_share", "stated_low", "stated_high")
        _draw(shares, measures, stated, _STATED, "cases in which a reader found something stated", above=False)
        _draw(coefficients, measures, ("kappa", "kappa_low", "kappa_high"), _KAPPA, "Cohen's kappa", above=True)
        _draw(coefficients, measures, ("ac1", "ac1_low", "ac1_high"), _AC1, "Gwet's AC1", above=False)
        shares.plot(
            measures["written_share"], range(len(measures)), linestyle="none", marker="|", markersize=11, color=INK,
            markeredgewidth=1.6, label="all cases, as the readers first wrote",
        )  # fmt: skip
        shares.set_yticks(range(len(measures)), list(measures["title"]))
        shares.set_ylim(len(measures) - 0.5, -0.5)
        shares.set(xlim=(-0.02, 1.02), xlabel="Cases in which both readers have the same")
        shares.xaxis.set_major_formatter(PercentFormatter(1.0))
        coefficients.set(xlim=(_least(measures), 1.04), xlabel="Agreement beyond chance (1: full, 0: as by chance)")
        figure.legend(loc="outside upper left", ncols=3)
    return figure


def _draw_rows(axes: Axes, measures: pd.DataFrame) -> None:
    for place in range(0, len(measures), 2):
        axes.axhspan(place - 0.5, place + 0.5, color=_BAND, zorder=0)
    axes.axvline(1, color=GREY, linewidth=0.8, zorder=1)
    axes.tick_params(axis="y", length=0)


def _draw(
    axes: Axes, measures: pd.DataFrame, columns: Sequence[str], style: SeriesStyle, label: str, *, above: bool
) -> None:
    values, low, high = (measures[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan) for name in columns)
    places = np.arange(len(measures)) + (-_APART if above else _APART)
    known, limited = ~np.isnan(values), ~np.isnan(values) & ~np.isnan(low)
    axes.hlines(places[limited], low[limited], high[limited], color=style.colour, linewidth=1.6, zorder=2)
    marks: dict[str, Any] = {"marker": style.marker, "markersize": 5, "markeredgecolor": INK, "markeredgewidth": 0.6}
    axes.plot(values[limited], places[limited], linestyle="none", color=style.colour, label=label, zorder=3, **marks)
    bare = known & ~limited
    axes.plot(values[bare], places[bare], linestyle="none", color=WHITE, zorder=3, **marks)


def _least(measures: pd.DataFrame) -> float:
    """The left end of the scale of coefficients: 0, or below the lowest limit."""
    lowest = measures[["kappa", "kappa_low", "ac1", "ac1_low"]].min().min()
    return -0.04 if pd.isna(lowest) else min(0.0, float(lowest)) - 0.04
