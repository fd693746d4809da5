"""The figures of a judgement, drawn from its tables."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from kratom_evidence.claims.judging import Judgement
from kratom_evidence.claims.verdict import ORDER, Verdict
from kratom_evidence.presentation import STATES, figure_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABEL_WIDTH = 38


# Of the drawing of counts, in inches.
_LABELS, _BARS, _RIGHT, _HEAD, _ROW, _FOOT = 2.9, 4.1, 0.2, 0.4, 0.66, 0.6


def counts_figure(counts: pd.DataFrame) -> "Figure":
    """Stacked bars of yes, no and not stated for each row of `counts_table`; every bar is as long as its cases."""
    from kratom_evidence.evidence.figures import stacked_bars
    from kratom_evidence.evidence.figures.panels import Panel, bare_figure

    most = int(counts[list(stacked_bars.PARTS)].sum(axis=1).max())
    height = _ROW * len(counts)
    with figure_style():
        figure = bare_figure(_LABELS + _BARS + _RIGHT, _HEAD + height + _FOOT)
        down = (-0.5, len(counts) - 0.5)
        panel = Panel(left=_LABELS, bottom=_FOOT, width=_BARS, height=height, across=(0, max(1, most)), down=down)
        stacked_bars.draw_axes(figure, panel)
        stacked_bars.draw_bars(figure, panel, counts, half=0.31, gid="counts")
        stacked_bars.draw_scale(figure, panel, most)
        stacked_bars.draw_legend(figure, "not stated")
        for place, name in enumerate(counts["cases"]):
            words = fill(f"Cases {name}", LABEL_WIDTH)
            panel.text(figure, -0.02 * max(1, most), place, words, ha="right", va="center", fontsize=9)
    return figure


def counts_alt(counts: pd.DataFrame) -> str:
    """What `counts_figure` shows, in words."""
    lines = [
        f"Cases {row.cases}: {row.yes} yes, {row.no} no, {row.not_stated} not stated." for row in counts.itertuples()
    ]
    return f"Stacked horizontal bars of numbers of cases. {' '.join(lines)}"


def studies_figure(judgement: Judgement, studies: pd.DataFrame) -> "Figure":
    """A dot for each figure of the deciding context test, with its threshold as a line.

    `studies` holds the rows of studies.csv that are drawn, indexed by context_id: measure, population, value, unit.
    """
    import matplotlib.pyplot as plt

    test = judgement.deciding.planned.test if judgement.deciding else None
    thresholds = [value for value in (getattr(test, "at_least", None), getattr(test, "at_most", None)) if value]
    units = studies["unit"].unique()
    with figure_style():
        figure, axes = plt.subplots(figsize=(7.0, 1.2 + 0.55 * len(studies)))
        axes.plot(studies["value"].astype(float), range(len(studies)), linestyle="none", **_marker())
        for threshold in thresholds:
            axes.axvline(threshold, linestyle="--", color="black", linewidth=1)
            axes.annotate(
                f"threshold {threshold:g}",
                (threshold, -0.75),
                ha="center",
                va="bottom",
                annotation_clip=False,
                fontsize=8.5,
            )
        axes.set_yticks(range(len(studies)), [fill(_study_label(row), 46) for row in studies.itertuples()])
        axes.set_ylim(len(studies) - 0.5, -0.75)
        axes.set_xlabel(" or ".join(str(unit).replace("_", " ") for unit in units))
        axes.set_xlim(left=0)
        axes.grid(axis="x")
        axes.margins(x=0.1)
    return figure


def _marker() -> dict[str, Any]:
    style = STATES["reported"]
    return {"marker": style.marker, "color": style.colour, "markersize": 8}


def _study_label(row: object) -> str:
    measure, citekey = getattr(row, "measure", ""), getattr(row, "Index", "")
    return f"{measure} ({str(citekey).split('_')[0]})"


def studies_alt(studies: pd.DataFrame) -> str:
    """What `studies_figure` shows, in words."""
    lines = [f"{_study_label(row)}: {row.value:g} {str(row.unit).replace('_', ' ')}." for row in studies.itertuples()]
    return f"Dots on a horizontal scale, one for each figure. {' '.join(lines)}"


def verdicts_figure(judgements: Sequence[Judgement]) -> "Figure":
    """How many statements got each verdict, as horizontal bars."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    counts = verdict_counts(judgements)
    with figure_style():
        figure, axes = plt.subplots(figsize=(7.0, 2.6))
        bars = axes.barh(counts["verdict"], counts["statements"], height=0.6, **STATES["reported"].fill)
        axes.bar_label(bars, padding=3)
        axes.invert_yaxis()
        axes.set_xlabel("number of statements")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.margins(x=0.1)
    return figure


def verdict_counts(judgements: Sequence[Judgement]) -> pd.DataFrame:
    """One row per verdict, also those that no statement got. Columns: verdict, statements, claims (their ids)."""
    rows = []
    for verdict in (*ORDER, Verdict.NOT_TESTABLE):
        ids = tuple(judgement.claim.id for judgement in judgements if judgement.verdict is verdict)
        rows.append({"verdict": verdict.label, "statements": len(ids), "claims": ids})
    return pd.DataFrame(rows)
