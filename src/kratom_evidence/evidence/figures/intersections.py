"""The intersection plot: which drugs, or classes of drugs, the same patient had.

After Lex A et al., UpSet, IEEE Trans Vis Comput Graph 2014, doi 10.1109/TVCG.2014.2346248: a column for each
combination that occurs, a dot for each member of it, its number of cases above, the cases of each member beside.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from kratom_evidence.evidence.co_exposures import GRADES
from kratom_evidence.evidence.combinations import GRADE_WORDS, set_sizes
from kratom_evidence.presentation import SERIES, SEROTONERGIC_GRADES, figure_style
from kratom_evidence.presentation.palette import INK, PALE_GREY

# What the legend needs.
_LEAST_WIDTH = 7.7
_LABELLED, _OTHERS = SERIES[4], SERIES[0]


def intersection_figure(table: pd.DataFrame, *, grades: Mapping[str, str], ss_labelled: Collection[str]) -> Figure:
    """An intersection plot.

    Args:
        table: as `combinations.combinations`.
        grades: member -> its serotonergic grade, which gives its dots their shape and colour. Members stand by grade,
            then by number of cases.
        ss_labelled: case ids whose part of the bars is marked.
    """
    sizes = set_sizes(table)
    members = sorted(sizes.index, key=lambda member: (GRADES.index(grades[member]), -sizes[member], member))
    with figure_style():
        size = (max(_LEAST_WIDTH, 3.4 + 0.27 * len(table)), 2.9 + 0.24 * len(members))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(2, 2, width_ratios=[1, 4], height_ratios=[1.3, 0.24 * len(members) + 0.4])
        panels[0, 0].axis("off")
        _draw_cases(panels[0, 1], table, ss_labelled)
        _draw_sizes(panels[1, 0], sizes, members)
        _draw_matrix(panels[1, 1], table, members, grades)
        panels[0, 1].sharex(panels[1, 1])
        panels[1, 0].sharey(panels[1, 1])
        _draw_legends(figure, panels[0, 1], [grade for grade in GRADES if grade in {grades[name] for name in members}])
    return figure


def _draw_cases(axes: Axes, table: pd.DataFrame, ss_labelled: Collection[str]) -> None:
    places = np.arange(len(table))
    marked = np.array([sum(case_id in ss_labelled for case_id in ids) for ids in table["case_ids"]], dtype=np.int64)
    cases = table["cases"].to_numpy(dtype=np.int64)
    axes.bar(places, marked, width=0.7, label="labelled serotonin syndrome", **_LABELLED.fill)
    axes.bar(places, cases - marked, bottom=marked, width=0.7, label="other cases", **_OTHERS.fill)
    for place, count in zip(places, cases, strict=True):
        axes.annotate(str(count), (place, count), (0, 2), textcoords="offset points", ha="center", fontsize=8.5)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    axes.set_ylabel("Cases")
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.margins(y=0.2)


def _draw_sizes(axes: Axes, sizes: "pd.Series[int]", members: Sequence[str]) -> None:
    counts = [int(sizes[member]) for member in members]
    axes.barh(range(len(members)), counts, height=0.6, **_OTHERS.fill)
    for place, count in enumerate(counts):
        axes.annotate(
            str(count), (count, place), (-3, 0), textcoords="offset points", ha="right", va="center", fontsize=8.5
        )
    axes.set_xlim(max(counts, default=1) * 1.35, 0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=3))
    axes.set_xlabel("Cases with it")
    axes.spines["left"].set_visible(False)
    axes.spines["right"].set_visible(True)
    axes.tick_params(axis="y", length=0, labelleft=False)


def _draw_matrix(axes: Axes, table: pd.DataFrame, members: Sequence[str], grades: Mapping[str, str]) -> None:
    position = {member: place for place, member in enumerate(members)}
    for place in range(0, len(members), 2):
        axes.axhspan(place - 0.5, place + 0.5, color="#F4F4F4", zorder=0)
    axes.vlines(np.arange(len(table)), -0.5, len(members) - 0.5, color=PALE_GREY, linewidth=0.8, zorder=1)
    spans = [[position[member] for member in chosen] for chosen in table["members"]]
    lows, highs = [min(span) for span in spans], [max(span) for span in spans]
    axes.vlines(np.arange(len(table)), lows, highs, color=INK, linewidth=1.4, zorder=2)
    for grade in GRADES:
        dots = [
            (column, position[member])
            for column, chosen in enumerate(table["members"])
            for member in chosen
            if grades[member] == grade
        ]
        if dots:
            columns, rows = zip(*dots, strict=True)
            axes.scatter(
                columns, rows, s=46, marker=SEROTONERGIC_GRADES[grade].marker, color=_dot_colour(grade),
                edgecolors=INK, linewidths=0.6, zorder=3, label=grade,
            )  # fmt: skip
    axes.set_yticks(range(len(members)), list(members))
    axes.set_ylim(len(members) - 0.5, -0.5)
    axes.set_xlim(-0.6, max(len(table), 1) - 0.4)
    axes.set_xticks(range(len(table)), [_column_name(ids) for ids in table["case_ids"]], rotation=90, fontsize=8)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _column_name(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{len(ids)} cases"


def _dot_colour(grade: str) -> str:
    """The colour of the grade; not serotonergic is dark, so that it is not taken for an empty place."""
    return INK if grade == "none" else SEROTONERGIC_GRADES[grade].colour


def _words(grade: str) -> str:
    return GRADE_WORDS[grade] if grade == "none" else f"{grade} serotonergic agent"


def _draw_legends(figure: Figure, axes: Axes, grades: Sequence[str]) -> None:
    dots = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=SEROTONERGIC_GRADES[grade].marker,
            color=_dot_colour(grade),
            markeredgecolor=INK,
            markersize=7,
            label=_words(grade),
        )
        for grade in grades
    ]
    bars = [
        Patch(label=str(bar.get_label()), **style.fill)
        for bar, style in zip(axes.containers, (_LABELLED, _OTHERS), strict=True)
    ]
    figure.legend(handles=[*bars, *dots], loc="outside upper left", ncols=3)
