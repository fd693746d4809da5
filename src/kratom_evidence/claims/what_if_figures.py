"""The figures of the what-if: the specification curve, and how many further cases of one kind change a verdict."""

from collections.abc import Hashable, Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kratom_evidence.claims.multiverse import CHOICES, Multiverse
from kratom_evidence.claims.verdict import ORDER, Verdict
from kratom_evidence.claims.wording import counted, listed, percent
from kratom_evidence.evidence.definitions import TITLES
from kratom_evidence.presentation import SERIES, STATES, figure_style

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHOICE_TITLES = {**TITLES, "unknowns": "Cases that do not say"}
LEVELS = ORDER


def ordered(world: Multiverse) -> pd.DataFrame:
    """The specifications from the least to the most favourable verdict, then by the choices that move it most."""
    rank = {verdict.value: position for position, verdict in enumerate((Verdict.NOT_TESTABLE, *reversed(ORDER)))}
    frame = world.specifications.assign(rank=world.specifications["verdict"].map(rank))
    return frame.sort_values(["rank", *world.moved_by], kind="stable", ignore_index=True)


def specification_curve(world: Multiverse) -> "Figure":
    """The verdict of every combination, sorted, with the options that each combination chose beneath it."""
    import matplotlib.pyplot as plt

    frame = ordered(world)
    rows = [(choice, option) for choice, options in CHOICES.items() for option in options]
    with figure_style():
        figure, (above, beneath) = plt.subplots(
            2, 1, sharex=True, figsize=(7.0, 6.4), gridspec_kw={"height_ratios": [1, 3.2]}
        )
        verdicts = np.array([(frame["verdict"] == verdict.value).to_numpy() for verdict in LEVELS])
        _grid(above, verdicts)
        above.set_yticks(range(len(LEVELS)), [verdict.label for verdict in LEVELS])
        chosen = np.array([(frame[choice] == option).to_numpy() for choice, option in rows])
        _grid(beneath, chosen)
        beneath.set_yticks(range(len(rows)), [option.replace("_", " ") for _, option in rows], fontsize=8)
        _separate_choices(beneath)
        primary = int(frame.index[frame["primary"]][0])
        for axes in (above, beneath):
            axes.axvline(primary, color=SERIES[4].colour, linewidth=1.2, linestyle="--")
        beneath.set_xlabel(f"the {len(frame)} combinations, sorted by verdict (dashed line: primary analysis)")
    return figure


def _grid(axes: "Axes", marks: "npt.NDArray[np.bool_]") -> None:
    """Dark where marked. As an image, because more than a thousand columns of marks would make a page heavy."""
    axes.imshow(~marks, aspect="auto", cmap="gray", interpolation="nearest", vmin=-0.25, vmax=1)


def _separate_choices(axes: "Axes") -> None:
    position = -0.5
    for choice, options in CHOICES.items():
        axes.text(1.01, position + len(options) / 2, fill(CHOICE_TITLES[choice], 16), va="center", fontsize=8,
                  transform=axes.get_yaxis_transform())  # fmt: skip
        position += len(options)
        axes.axhline(position, color="black", linewidth=0.6)


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
