"""Figures of notebook 1: cases per year, age and sex, primary events."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kratom_evidence.evidence.case_set import YEAR_NOT_SEEN
from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.presentation import SERIES, STATES, SeriesStyle, figure_style

ACCESS_STYLES: Mapping[str, tuple[str, SeriesStyle]] = {
    "full_text": ("full text", SERIES[0]),
    "abstract": ("abstract only", SERIES[1]),
    "secondary": ("another publication's description", SERIES[3]),
}
SEX_STYLES: Mapping[str, tuple[str, SeriesStyle]] = {
    "male": ("male", SERIES[0]),
    "female": ("female", SERIES[1]),
    "not_stated": ("sex not stated", STATES["not_stated"]),
}
SS_STYLES: Mapping[str, tuple[str, SeriesStyle]] = {
    "ss_labelled": ("authors diagnose or suspect serotonin syndrome", SERIES[4]),
    "ss_excluded": ("authors reject it", SERIES[3]),
    "ss_not_mentioned": ("serotonin syndrome not mentioned in what was read", SERIES[0]),
}
# Room between the last year and the bar of the cases whose year was not seen.
_GAP = 0.8


def years_figure(per_year: pd.DataFrame) -> Figure:
    """Cases per year of publication, by what was read; `per_year` as `case_set.cases_per_year`."""
    with figure_style():
        figure = Figure(figsize=(9.0, 3.8), layout="constrained")
        axes = figure.subplots()
        places = [place + (_GAP if label == YEAR_NOT_SEEN else 0) for place, label in enumerate(per_year.index)]
        _stacked(axes, places, per_year, ACCESS_STYLES, vertical=True)
        axes.set_xticks(places, [label.replace(" ", "\n") for label in per_year.index])
        axes.tick_params(axis="x", length=0, labelsize=8.5)
        axes.set(xlabel="Year of publication", ylabel="Cases (patients)")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(title="What was read", alignment="left", loc="upper left")
    return figure


def age_figure(ages: pd.DataFrame) -> Figure:
    """Cases by age and sex; `ages` as `case_set.age_by_sex`."""
    with figure_style():
        figure = Figure(figsize=(7.4, 3.6), layout="constrained")
        axes = figure.subplots()
        places = [float(place) for place in range(len(ages))]
        _stacked(axes, places, ages, SEX_STYLES, vertical=True)
        axes.set_xticks(places, [folded(label, width=8) for label in ages.index])
        axes.tick_params(axis="x", length=0)
        axes.set(xlabel="Age in years", ylabel="Cases (patients)")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(loc="upper left")
    return figure


def events_figure(events: pd.DataFrame) -> Figure:
    """Cases by primary event, those labelled serotonin syndrome marked; `events` as `case_set.primary_events`."""
    with figure_style():
        figure = Figure(figsize=(7.8, 1.5 + 0.27 * len(events)), layout="constrained")
        axes = figure.subplots()
        places = [float(place) for place in range(len(events))]
        drawn = {name: style for name, style in SS_STYLES.items() if events[name].any()}
        _stacked(axes, places, events, drawn, vertical=False)
        axes.set_yticks(places, [folded(label) for label in events.index])
        axes.invert_yaxis()
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("Cases (patients)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(loc="lower right")
    return figure


def _stacked(
    axes: Axes,
    places: Sequence[float],
    counts: pd.DataFrame,
    styles: Mapping[str, tuple[str, SeriesStyle]],
    *,
    vertical: bool,
) -> None:
    """Bars stacked in the order of `styles`, their total written at the end."""
    base = pd.Series(0, index=counts.index)
    for name, (label, style) in styles.items():
        if vertical:
            axes.bar(places, counts[name], bottom=base, width=0.75, label=label, **style.fill)
        else:
            axes.barh(places, counts[name], left=base, height=0.75, label=label, **style.fill)
        base = base + counts[name]
    for place, total in zip(places, base, strict=True):
        if vertical:
            axes.annotate(str(total), (place, total), (0, 2), textcoords="offset points", ha="center", fontsize=8.5)
        else:
            axes.annotate(str(total), (total, place), (3, 0), textcoords="offset points", va="center", fontsize=8.5)
