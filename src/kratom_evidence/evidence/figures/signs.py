"""Figures of notebook 4: sign x case, criteria met, and labelled cases beside the frequencies of published series."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kratom_evidence.appraisal import CRITERIA, Truth
from kratom_evidence.evidence.figures.confounding import PRESENCE, draw_named_cases
from kratom_evidence.evidence.figures.state_grid import CellStyle, draw_cells, draw_legend
from kratom_evidence.evidence.signs import SignGrid
from kratom_evidence.presentation import SERIES, SeriesStyle, figure_style
from kratom_evidence.presentation.palette import GREY, INK, YELLOW

# Drawn in place of "not stated" where the lenient reading puts another finding in the sign's place.
LENIENT = 2
SIGN_STYLES: Mapping[int, CellStyle] = {
    Truth.YES: replace(PRESENCE[Truth.YES], words="present; criteria met"),
    LENIENT: CellStyle(words="present by the lenient reading only", colour=YELLOW, marker="d"),
    Truth.NO: replace(PRESENCE[Truth.NO], words="reported absent; criteria not met"),
    Truth.UNKNOWN: replace(PRESENCE[Truth.UNKNOWN], words="not stated; criteria undetermined"),
}
STUDY_STYLES: Mapping[str, SeriesStyle] = {"werneke2016": SERIES[0], "moss2019": SERIES[1], "prakash2021": SERIES[4]}


def signs_figure(grid: SignGrid, statuses: pd.DataFrame, *, ss_labelled: Collection[str]) -> Figure:
    """Sign x case with the criteria that each case meets above.

    Args:
        grid: as `signs.sign_grid`.
        statuses: case x judgement, int8, the same cases.
        ss_labelled: cases whose id is set in bold.
    """
    cells = np.where(grid.lenient.to_numpy(), LENIENT, grid.states.to_numpy()).astype(np.float64).T
    answers = statuses.loc[grid.states.index].to_numpy(dtype=np.float64).T
    sizes = [len(answers), len(cells)]
    with figure_style():
        figure = Figure(figsize=(5.4 + 0.36 * max(cells.shape[1], 8), 2.8 + 0.23 * sum(sizes)), layout="constrained")
        met, signs = figure.subplots(2, 1, height_ratios=sizes)
        draw_cells(met, answers, SIGN_STYLES)
        _label_rows(met, list(statuses.columns))
        met.set_xticks(range(len(grid.states)), list(grid.states.index), rotation=90)
        met.xaxis.tick_top()
        for tick in met.get_xticklabels():
            tick.set_fontweight("bold" if tick.get_text() in ss_labelled else "normal")
        draw_cells(signs, cells, SIGN_STYLES)
        _label_rows(signs, [sign.label for sign in grid.signs])
        signs.set_xticks([])
        _draw_membership(signs, grid)
        draw_legend(figure, SIGN_STYLES, columns=2)
    return figure


def frequencies_figure(ss: pd.DataFrame, references: pd.DataFrame, sources: Mapping[str, str]) -> Figure:
    """Labelled cases by name beside the shares that published series counted, with 95 % intervals where known.

    Args:
        ss: labelled case x sign, int8.
        references: as `signs.reference_frequencies`.
        sources: citekey -> how the series is named in the legend.
    """
    places = {sign: place for place, sign in enumerate(ss.columns)}
    with figure_style():
        figure = Figure(figsize=(9.4, 2.3 + 0.27 * len(places)), layout="constrained")
        cells, shares = figure.subplots(1, 2, width_ratios=[0.4 + 0.35 * max(len(ss), 1), 4])
        draw_named_cases(cells, ss.T)
        heights = _heights(references["sign"].tolist(), places)
        for number, (citekey, words) in enumerate(sources.items()):
            chosen = (references["citekey"] == citekey).to_numpy()
            style = STUDY_STYLES.get(citekey, SERIES[number % len(SERIES)])
            _draw_series(shares, references[chosen], heights[chosen], words, style)
        for place in range(0, len(places), 2):
            shares.axhspan(place - 0.5, place + 0.5, color="#F4F4F4", zorder=0)
        shares.set(xlim=(0, 1), ylim=cells.get_ylim(), xlabel="Share of the cases of each series")
        shares.xaxis.set_major_formatter(PercentFormatter(1.0))
        shares.tick_params(axis="y", length=0, labelleft=False)
        figure.legend(*shares.get_legend_handles_labels(), loc="outside lower right", alignment="left")
        draw_legend(figure, PRESENCE)
    return figure


def _label_rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize=8.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_membership(axes: Axes, grid: SignGrid) -> None:
    """Right of the grid, the systems that each sign serves; lines between the domains."""
    for place, sign in enumerate(grid.signs):
        served = [criterion.title for system, criterion in CRITERIA.items() if system in sign.items]
        axes.annotate(
            ", ".join(served), (1, place), (5, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", fontsize=8, color=INK, annotation_clip=False,
        )  # fmt: skip
        if place and sign.domain != grid.signs[place - 1].domain:
            axes.axhline(place - 0.5, color=INK, linewidth=1.2)


def _heights(signs: Sequence[str], places: Mapping[str, int]) -> npt.NDArray[np.float64]:
    """Where each figure is drawn: several figures of one sign stand around the middle of its row."""
    seen: dict[str, int] = {}
    heights = []
    for sign in signs:
        nth = seen[sign] = seen.get(sign, -1) + 1
        heights.append(places[sign] + 0.3 * (nth - (signs.count(sign) - 1) / 2))
    return np.array(heights, dtype=np.float64)


def _draw_series(
    axes: Axes, rows: pd.DataFrame, heights: npt.NDArray[np.float64], words: str, style: SeriesStyle
) -> None:
    axes.hlines(heights, rows["low"], rows["high"], color=GREY, linewidth=1.6, zorder=2)
    axes.plot(
        rows["share"], heights, linestyle="none", marker=style.marker, color=style.colour, markersize=5.5,
        markeredgecolor=INK, markeredgewidth=0.6, zorder=3, label=words,
    )  # fmt: skip
