"""The figures of the what-if: the specification curve, and how many further cases of one kind change a verdict."""

from collections.abc import Hashable, Mapping
from functools import cache
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kratom_evidence.claims.multiverse import CHOICES, Multiverse
from kratom_evidence.claims.verdict import ORDER, Verdict
from kratom_evidence.claims.wording import counted, listed, percent
from kratom_evidence.evidence.definitions import TITLES
from kratom_evidence.presentation import SERIES, STATES, drawn, figure_style, overlaid
from kratom_evidence.presentation.palette import GREY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kratom_evidence.evidence.figures.panels import Panel

CHOICE_TITLES = {**TITLES, "unknowns": "Cases that do not say"}
LEVELS = ORDER


def ordered(world: Multiverse) -> pd.DataFrame:
    """The specifications from the least to the most favourable verdict, then by the choices that move it most."""
    rank = {verdict.value: position for position, verdict in enumerate((Verdict.NOT_TESTABLE, *reversed(ORDER)))}
    frame = world.specifications.assign(rank=world.specifications["verdict"].map(rank))
    return frame.sort_values(["rank", *world.moved_by], kind="stable", ignore_index=True)


# Of the specification curve, in inches.
_LABELS, _GRID, _TITLES, _TOP, _ROW, _BETWEEN, _BOTTOM = 2.0, 4.0, 1.25, 0.1, 0.2, 0.15, 0.45
_ROWS = tuple((choice, option) for choice, options in CHOICES.items() for option in options)


def specification_curve(world: Multiverse) -> str:
    """The SVG of the verdict of every combination, sorted, with the options that each combination chose beneath it.

    Labels are drawn once for all statements.
    """
    frame = ordered(world)
    return overlaid(_drawn_labels(len(frame)), drawn(combinations_figure(frame)))


def combinations_figure(frame: pd.DataFrame) -> "Figure":
    """The marks alone, one column for each of the `ordered` combinations: their verdicts, and beneath their options."""
    from kratom_evidence.evidence.figures.panels import bare_figure

    primary = int(frame.index[frame["primary"]][0])
    verdicts = np.array([(frame["verdict"] == verdict.value).to_numpy() for verdict in LEVELS])
    chosen = np.array([(frame[choice] == option).to_numpy() for choice, option in _ROWS])
    with figure_style():
        figure = bare_figure(*_size(), transparent=True)
        for marks, panel in zip((verdicts, chosen), _panels(len(frame)), strict=True):
            axes = figure.add_axes(panel.place_in(figure))
            axes.set_axis_off()
            # As an image, because more than a thousand columns of marks would make a page heavy.
            axes.imshow(~marks, aspect="auto", cmap="gray", interpolation="nearest", vmin=-0.25, vmax=1)
            axes.axvline(primary, color=SERIES[4].colour, linewidth=1.2, linestyle="--")
        # Between the options of one choice and those of the next, in the lower panel.
        axes.hlines(_borders(), -0.5, len(frame) - 0.5, color="black", linewidth=0.6)
    return figure


def _borders() -> list[float]:
    """Where the options of each choice end."""
    return list(np.cumsum([len(options) for options in CHOICES.values()]) - 0.5)


@cache
def _drawn_labels(combinations: int) -> str:
    """What is the same for all statements: frames, the verdicts, the options and the choices that they belong to."""
    from kratom_evidence.evidence.figures.panels import bare_figure

    above, beneath = _panels(combinations)
    with figure_style():
        figure = bare_figure(*_size())
        for panel, names in ((above, [v.label for v in LEVELS]), (beneath, [o.replace("_", " ") for _, o in _ROWS])):
            (left, right), (top, bottom) = panel.across, panel.down
            corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            panel.lines(figure, corners, color=GREY, linewidth=0.8)
            for place, name in enumerate(names):
                panel.text(figure, left - 0.01 * combinations, place, name, ha="right", va="center", fontsize=8)
        (left, right), position = beneath.across, -0.5
        for choice, options in CHOICES.items():
            middle, title = position + len(options) / 2, fill(CHOICE_TITLES[choice], 20)
            beneath.text(figure, right + 0.015 * combinations, middle, title, va="center", fontsize=8)
            position += len(options)
        words = f"the {combinations} combinations, sorted by verdict (dashed line: primary analysis)"
        below = beneath.down[1] + 0.12 * beneath.rows_an_inch
        beneath.text(figure, (left + right) / 2, below, words, ha="center", va="top", fontsize=9)
        return drawn(figure)


def _size() -> tuple[float, float]:
    """Width and height of the drawing in inches."""
    rows = len(LEVELS) + len(_ROWS)
    return _LABELS + _GRID + _TITLES, _TOP + _ROW * rows + _BETWEEN + _BOTTOM


def _panels(combinations: int) -> "tuple[Panel, Panel]":
    """The verdicts above, the options beneath."""
    from kratom_evidence.evidence.figures.panels import Panel

    made = []
    for rows, bottom in ((len(LEVELS), _BOTTOM + _ROW * len(_ROWS) + _BETWEEN), (len(_ROWS), _BOTTOM)):
        across, down = (-0.5, combinations - 0.5), (-0.5, rows - 0.5)
        made.append(Panel(left=_LABELS, bottom=bottom, width=_GRID, height=_ROW * rows, across=across, down=down))
    return made[0], made[1]


def specification_alt(world: Multiverse) -> str:
    """What the specification curve shows, in words."""
    counts = world.specifications["verdict"].value_counts()
    shares = [f"{counts[verdict.value]} times {verdict.label.lower()}" for verdict in ORDER if verdict.value in counts]
    return (
        f"Specification curve. Above, one mark for the verdict of each of {len(world.specifications)} combinations of "
        f"choices: {listed(shares)}. Beneath, a grid that shows which options each combination chose."
    )


def robustness_in_words(world: Multiverse) -> str:
    """In how many combinations the verdict holds, and which choice moves it most."""
    total = len(world.specifications)
    words = f"The verdict holds in {world.holding} of {total} combinations of choices ({percent(world.share_holding)})."
    if world.most_moving is None:
        return f"{words} None of the choices, changed alone, moves it."
    choice, share = CHOICE_TITLES[world.most_moving].lower(), percent(world.moved_by[world.most_moving])
    return f'{words} The choice that moves it most is "{choice}": changed alone, it does so in {share} of comparisons.'


def robustness_table(world: Multiverse) -> pd.DataFrame:
    """One row per option. Columns: choice, option, meaning, combinations, holding (with the primary verdict), share."""
    holds = world.specifications["verdict"] == world.verdict.value
    rows = []
    for choice, options in CHOICES.items():
        for option, meaning in options.items():
            here = world.specifications[choice] == option
            rows.append(
                {
                    "choice": CHOICE_TITLES[choice],
                    "option": option.replace("_", " "),
                    "meaning": meaning,
                    "combinations": int(here.sum()),
                    "holding": int((here & holds).sum()),
                    "share": float(holds[here].mean()),
                }
            )
    return pd.DataFrame(rows)


def further_cases_figure(table: pd.DataFrame) -> "Figure":
    """Bars of how many further cases of one kind alone change the verdict; kinds that never do have none.

    `table` has the columns kind, number (missing when none was found) and new_verdict.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    with figure_style():
        figure, axes = plt.subplots(figsize=(7.0, 1.1 + 0.62 * len(table)))
        numbers = table["number"].fillna(0).astype(int)
        axes.barh(range(len(table)), numbers, height=0.6, **STATES["reported"].fill)
        for row, (number, verdict) in enumerate(zip(table["number"], table["new_verdict"], strict=True)):
            words = "changes nothing" if pd.isna(number) else f"{number}: {verdict.lower()}"
            axes.annotate(words, (numbers.iloc[row], row), xytext=(4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(table)), [fill(f"Cases {kind}", 42) for kind in table["kind"]], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlim(0, max(1, numbers.max()) * 1.7)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("further cases of this kind that change the verdict")
    return figure


def further_cases_alt(table: pd.DataFrame) -> str:
    """What `further_cases_figure` shows, in words."""
    lines = [f"Cases {row['kind']}: {_change_in_words(row)}." for row in table.to_dict("records")]
    return f"Horizontal bars, one for each kind of further case. {' '.join(lines)}"


def _change_in_words(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["number"]):
        return "no number changes the verdict"
    return f"{counted(row['number'], 'case')} to {row['new_verdict'].lower()}"
