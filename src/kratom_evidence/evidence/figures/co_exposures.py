"""Figures of notebook 2: serotonergic substances by timing, agents per case, labelled cases beside the rest."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kratom_evidence.appraisal.timing import TimingClass
from kratom_evidence.evidence.co_exposures import TIMING_WORDS
from kratom_evidence.evidence.serotonergic_agents import REST_GROUP, SS_GROUP
from kratom_evidence.presentation import SERIES, STATES, SeriesStyle, figure_style
from kratom_evidence.presentation.palette import GREY, INK, PALE_GREY, SKY_BLUE, WHITE

Counts: TypeAlias = npt.NDArray[np.int64]

TIMING_STYLES: Mapping[str, SeriesStyle] = {
    TimingClass.CONCURRENT: SERIES[0],
    TimingClass.GIVEN_IN_HOSPITAL: SERIES[4],
    TimingClass.RECENTLY_STOPPED: SERIES[1],
    TimingClass.PAST: SERIES[3],
    TimingClass.UNCLEAR: STATES["not_stated"],
}
NUMBER_STYLES: Mapping[str, tuple[str, SeriesStyle]] = {
    "two_or_more": ("two or more", SERIES[4]),
    "one": ("one", SERIES[3]),
    "none": ("none", SeriesStyle(colour=SKY_BLUE)),
    "uncertain": ("listed, but uncertain", SeriesStyle(colour=WHITE, hatch="..")),
    "silent": ("publication silent", STATES["not_stated"]),
}
REFERENCE_GROUP = "aggregate study, counted differently"
GROUP_STYLES: Mapping[str, SeriesStyle] = {SS_GROUP: SERIES[4], REST_GROUP: SERIES[0], REFERENCE_GROUP: SERIES[3]}
_RANGE_WORDS = "range if every unknown case were a no, or a yes"
_RANGE_LINE: Mapping[str, Any] = MappingProxyType({"color": GREY, "linewidth": 1.0, "linestyle": ":"})
# A white ground for a number on a coloured or hatched bar.
_PLATE: dict[str, Any] = {"boxstyle": "square,pad=0.1", "facecolor": WHITE, "edgecolor": "none"}
# Heights of the groups within the row of a property.
_OFFSETS: Mapping[str, float] = {SS_GROUP: -0.25, REST_GROUP: 0.0, REFERENCE_GROUP: 0.25}


def substances_figure(substances: pd.DataFrame) -> Figure:
    """Cases per substance, split by timing; `substances` as `co_exposures.by_substance`, sorted by grade."""
    with figure_style():
        figure = Figure(figsize=(8.2, 1.3 + 0.24 * len(substances)), layout="constrained")
        axes = figure.subplots()
        left = np.zeros(len(substances), dtype=np.int64)
        places = np.arange(len(substances))
        for timing, words in TIMING_WORDS.items():
            counts = substances[timing].to_numpy()
            if counts.any():
                axes.barh(places, counts, left=left, height=0.75, label=words, **TIMING_STYLES[timing].fill)
            left = left + counts
        for place, total in zip(places, left, strict=True):
            axes.annotate(str(total), (total, place), (3, 0), textcoords="offset points", va="center", fontsize=8.5)
        axes.set_xlim(0, left.max(initial=1) * 1.06)
        axes.set_yticks(places, list(substances.index))
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_ylim(len(substances) - 0.4, -0.6)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("Cases (patients)")
        _mark_grades(axes, substances["grade"].tolist())
        if len(substances):
            figure.legend(loc="outside upper left", ncols=3)
    return figure


def _mark_grades(axes: Axes, grades: list[str]) -> None:
    """A line between the grades, and the name of each at the right."""
    for grade in dict.fromkeys(grades):
        first = grades.index(grade)
        if first:
            axes.axhline(first - 0.5, color=INK, linewidth=0.8)
        axes.annotate(
            grade, (1, first), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", weight="bold", annotation_clip=False,
        )  # fmt: skip


def agents_figure(agents: pd.DataFrame) -> Figure:
    """How many serotonergic agents the cases have; `agents` as `serotonergic_agents.agents_per_case`.

    Two, and three or more, are drawn as one: apart they are too narrow to be read.
    """
    drawn = agents.assign(two_or_more=agents["two"] + agents["three_or_more"])
    with figure_style():
        figure = Figure(figsize=(8.6, 1.5 + 0.5 * len(agents)), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(agents))
        left = np.zeros(len(agents), dtype=np.int64)
        for name, (label, style) in NUMBER_STYLES.items():
            counts = drawn[name].to_numpy()
            bars = axes.barh(places, counts, left=left, height=0.62, label=label, **style.fill)
            _write_counts(axes, bars, counts, roomy_from=0.03 * agents["cases"].max())
            left = left + counts
        axes.set_yticks(places, list(agents.index))
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlabel("Cases (patients)")
        axes.margins(x=0.01)
        figure.legend(title="Serotonergic agents besides kratom", alignment="left", loc="outside upper left", ncols=3)
    return figure


def _write_counts(axes: Axes, bars: BarContainer, counts: Counts, *, roomy_from: float) -> None:
    """The counts on the bars; above a bar that is too narrow for its number."""
    for bar, count in zip(bars.patches, counts.tolist(), strict=True):
        if not count:
            continue
        middle = bar.get_x() + bar.get_width() / 2
        if count < roomy_from:
            axes.annotate(
                str(count), (middle, bar.get_y()), (0, 2), textcoords="offset points", ha="center", fontsize=8
            )
        else:
            place = (middle, bar.get_y() + bar.get_height() / 2)
            axes.annotate(str(count), place, ha="center", va="center", fontsize=8.5, bbox=_PLATE)


def beside_rest_figure(beside: pd.DataFrame, references: pd.DataFrame) -> Figure:
    """Shares with Wilson intervals, and the range that the unknown cases leave open.

    `beside` as `serotonergic_agents.ss_beside_rest`, `references` as `reference_shares`.
    """
    properties = list(dict.fromkeys(beside["property"]))
    drawn = pd.concat(
        [
            beside.assign(known=beside["yes"] + beside["no"]),
            references.assign(group=REFERENCE_GROUP, known=references["n"]),
        ],
        ignore_index=True,
    )
    with figure_style():
        figure = Figure(figsize=(8.6, 1.6 + 0.62 * len(properties)), layout="constrained")
        axes = figure.subplots()
        for group, style in GROUP_STYLES.items():
            _draw_group(axes, drawn.loc[(drawn["group"] == group) & drawn["share"].notna()], properties, style)
        for place in range(len(properties) - 1):
            axes.axhline(place + 0.5, color=PALE_GREY, linewidth=0.8)
        axes.set_yticks(range(len(properties)), properties)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(properties) - 0.5, -0.5)
        axes.set_xlim(-0.02, 1.02)
        axes.xaxis.set_major_formatter(PercentFormatter(xmax=1))
        axes.set_xlabel("Share of the cases that say")
        axes.plot([], [], label=_RANGE_WORDS, **_RANGE_LINE)
        figure.legend(loc="outside upper left")
    return figure


def _draw_group(axes: Axes, rows: pd.DataFrame, properties: list[str], style: SeriesStyle) -> None:
    for position, row in enumerate(rows.to_dict("records")):
        place = properties.index(row["property"]) + _OFFSETS[row["group"]]
        if not pd.isna(row["lowest"]):
            axes.plot([row["lowest"], row["highest"]], [place, place], **_RANGE_LINE)
        axes.annotate(
            f"{row['yes']} of {row['known']}", (1, place), (6, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", fontsize=8.5, annotation_clip=False,
        )  # fmt: skip
        axes.plot([row["low"], row["high"]], [place, place], color=style.colour, linewidth=2.4, solid_capstyle="butt")
        axes.plot(
            row["share"], place, linestyle="none", marker=style.marker, color=style.colour, markeredgecolor=INK,
            markersize=7, label=row["group"] if position == 0 else None, zorder=3,
        )  # fmt: skip
