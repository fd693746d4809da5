"""Intervals, exact tests, bounds and agreement for small counts. scipy is imported only by the function that needs it.

None of these turns case reports into an incidence: they describe how far a count of published cases can be trusted,
not how often something happens to people who take kratom.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kratom_evidence.faults import UsageError

Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

BOOTSTRAP_RESAMPLES = 2000
BOOTSTRAP_SEED = 1981


class Interval(NamedTuple):
    """A lower and an upper limit."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ExactTest:
    """Fisher's exact test of a 2x2 table.

    `odds_ratio` is the conditional maximum likelihood estimate, None when a row or a column of the table is empty, so
    that nothing can be compared; `interval` is then 0 to infinity. `p_value` is two-sided.
    """

    odds_ratio: float | None
    interval: Interval
    p_value: float
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Chance-corrected agreement of two ratings of the same cases.

    `coefficient` is None when it is undefined; `interval` is then -1 to 1. `observed` is the share of equal ratings,
    None when nothing was rated.
    """

    coefficient: float | None
    interval: Interval
    observed: float | None
    total: int
    confidence: float


def wilson_interval(successes: int, total: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a share (Wilson 1927). With a total of 0 nothing is known: 0 to 1.

    Raises:
        UsageError: successes do not lie between 0 and total, or confidence not between 0 and 1.
    """
    _check_confidence(confidence)
    if not 0 <= successes <= total:
        raise UsageError(f"A share needs 0 <= successes <= total, not {successes} of {total}.")
    if total == 0:
        return Interval(0.0, 1.0)
    z_squared = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share, shrink = successes / total, 1 + z_squared / total
    centre = (share + z_squared / (2 * total)) / shrink
    half = math.sqrt(z_squared * (share * (1 - share) / total + z_squared / (4 * total**2))) / shrink
    # Exact at the ends, where rounding could leave the share itself outside.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    return Interval(low, 1.0 if successes == total else min(1.0, centre + half))


def fisher_exact(table: Sequence[Sequence[int]], confidence: float = 0.95) -> ExactTest:
    """Fisher's exact test with the conditional odds ratio and its exact interval.

    `table` is ((a, b), (c, d)): rows are the groups that are compared, columns yes and no.

    Raises:
        UsageError: the table is not 2x2 or holds a negative count.
    """
    from scipy import stats  # type: ignore[import-untyped]  # scipy ships no types

    _check_confidence(confidence)
    counts = np.asarray(table, dtype=np.int64)
    if counts.shape != (2, 2) or (counts < 0).any():
        raise UsageError(f"Fisher's test needs a 2x2 table of counts, not {table!r}.")
    if (counts.sum(axis=0) == 0).any() or (counts.sum(axis=1) == 0).any():
        return ExactTest(odds_ratio=None, interval=Interval(0.0, math.inf), p_value=1.0, confidence=confidence)
    ratio = stats.contingency.odds_ratio(counts)
    low, high = ratio.confidence_interval(confidence_level=confidence)
    return ExactTest(
        odds_ratio=float(ratio.statistic),
        interval=Interval(float(low), float(high)),
        p_value=float(stats.fisher_exact(counts).pvalue),
        confidence=confidence,
    )


def fisher_p_value(table: Sequence[Sequence[int]]) -> float:
    """The two-sided p-value of Fisher's exact test, in whole numbers and without scipy, which takes a second to load.

    The sum of the probabilities of all tables with the same margins that are at most as probable as the one seen;
    `table` as in `fisher_exact`. With an empty margin nothing can be compared: 1.

    Raises:
        UsageError: the table is not 2x2 or holds a negative count.
    """
    rows = [tuple(row) for row in table]
    if [len(row) for row in rows] != [2, 2] or min(map(min, rows)) < 0:
        raise UsageError(f"Fisher's test needs a 2x2 table of counts, not {table!r}.")
    (a, b), (c, d) = rows
    first_row, second_row, first_column = a + b, c + d, a + c
    lowest, highest = max(0, first_column - second_row), min(first_row, first_column)
    weight = math.comb(first_row, lowest) * math.comb(second_row, first_column - lowest)
    weights = []
    for count in range(lowest, highest + 1):
        weights.append(weight)
        weight = weight * (first_row - count) * (first_column - count)
        weight //= (count + 1) * (second_row - first_column + count + 1)
    seen = weights[a - lowest]
    return sum(weight for weight in weights if weight <= seen) / sum(weights)


def share_bounds(yes: int, no: int, unknown: int) -> Interval:
    """The share of yes if every unknown case were a no, and if every one were a yes. Without any case: 0 to 1.

    Raises:
        UsageError: a count is negative.
    """
    total = yes + no + unknown
    if min(yes, no, unknown) < 0:
        raise UsageError(f"Counts cannot be negative: {yes} yes, {no} no, {unknown} unknown.")
    return Interval(yes / total, (yes + unknown) / total) if total else Interval(0.0, 1.0)


def upper_bound_zero_events(total: int, confidence: float = 0.95) -> float:
    """Exact one-sided upper limit (Clopper and Pearson 1934) of a share when none of `total` cases had the event.

    Raises:
        UsageError: total is negative, or confidence not between 0 and 1.
    """
    _check_confidence(confidence)
    _check_total(total)
    return 1.0 if total == 0 else -math.expm1(math.log1p(-confidence) / total)


def agreement_table(first: Sequence[Hashable], second: Sequence[Hashable], categories: Sequence[Hashable]) -> Counts:
    """Square table of counts: rows the first rating, columns the second, both in the order of `categories`.

    A rating of "not stated" is a category like any other and must be listed when it occurs.

    Raises:
        UsageError: the ratings differ in number, or one of them is not in `categories`.
    """
    if len(first) != len(second):
        raise UsageError(f"Two ratings of the same cases are needed, not {len(first)} and {len(second)} ratings.")
    position = {category: index for index, category in enumerate(categories)}
    unlisted = {rating for rating in (*first, *second) if rating not in position}
    if unlisted:
        raise UsageError(f"Not in the categories {list(categories)!r}: {sorted(map(repr, unlisted))}.")
    table = np.zeros((len(categories), len(categories)), dtype=np.int64)
    for one, other in zip(first, second, strict=True):
        table[position[one], position[other]] += 1
    return table


def cohen_kappa(
    table: Sequence[Sequence[int]] | Counts,
    *,
    confidence: float = 0.95,
    resamples: int = BOOTSTRAP_RESAMPLES,
    seed: int = BOOTSTRAP_SEED,
) -> Agreement:
    """Cohen's kappa (Cohen 1960) of a square table of counts, with a percentile bootstrap interval over the cases.

    Undefined (None) when both ratings put every case into one and the same category, or there is no case. Resamples in
    which it is undefined are left out of the interval; when all are, the interval is -1 to 1.

    Raises:
        UsageError: the table is not square or holds a negative count.
    """
    return _agreement(_square(table), _kappa, confidence=confidence, resamples=resamples, seed=seed)


def gwet_ac1(
    table: Sequence[Sequence[int]] | Counts,
    *,
    confidence: float = 0.95,
    resamples: int = BOOTSTRAP_RESAMPLES,
    seed: int = BOOTSTRAP_SEED,
) -> Agreement:
    """Gwet's AC1 (Gwet 2008) of a square table of counts, with a percentile bootstrap interval over the cases.

    Steady where kappa is not, namely when nearly all cases fall into one category. The number of categories is that of
    the table, used or not. Undefined (None) without any case; 1 when both ratings agree in every case.

    Raises:
        UsageError: the table is not square, has fewer than two categories, or holds a negative count.
    """
    counts = _square(table)
    if counts.shape[0] < 2:
        raise UsageError("Gwet's AC1 needs at least two categories.")
    return _agreement(counts, _ac1, confidence=confidence, resamples=resamples, seed=seed)


def _kappa(shares: Values) -> Values:
    """Kappa of tables of shares (last two axes); NaN where undefined."""
    observed = np.trace(shares, axis1=-2, axis2=-1)
    expected = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return _beyond_chance(observed, expected)


def _ac1(shares: Values) -> Values:
    """AC1 of tables of shares (last two axes); NaN where undefined."""
    observed = np.trace(shares, axis1=-2, axis2=-1)
    prevalence = (shares.sum(axis=-1) + shares.sum(axis=-2)) / 2
    expected = (prevalence * (1 - prevalence)).sum(axis=-1) / (shares.shape[-1] - 1)
    return _beyond_chance(observed, expected)


def _beyond_chance(observed: Values, expected: Values) -> Values:
    # Rounding can leave the sum of squared shares a hair off 1 when every case is in one category.
    certain = np.isclose(expected, 1.0, rtol=0.0, atol=1e-12)
    room = np.where(certain, np.nan, 1 - expected)
    return np.clip((observed - expected) / room, -1.0, 1.0)


def _agreement(
    counts: Counts, coefficient: Callable[[Values], Values], *, confidence: float, resamples: int, seed: int
) -> Agreement:
    _check_confidence(confidence)
    total = int(counts.sum())
    if total == 0:
        return Agreement(coefficient=None, interval=Interval(-1.0, 1.0), observed=None, total=0, confidence=confidence)
    shares = counts / total
    point = float(coefficient(shares))
    drawn = np.random.default_rng(seed).multinomial(total, shares.ravel(), size=resamples)
    spread = coefficient(drawn.reshape(resamples, *counts.shape) / total)
    spread = spread[~np.isnan(spread)]
    limits = np.quantile(spread, [(1 - confidence) / 2, (1 + confidence) / 2]) if spread.size else (-1.0, 1.0)
    undefined = math.isnan(point)
    return Agreement(
        coefficient=None if undefined else point,
        interval=Interval(-1.0, 1.0) if undefined else Interval(float(limits[0]), float(limits[1])),
        observed=float(np.trace(shares)),
        total=total,
        confidence=confidence,
    )


def _square(table: Sequence[Sequence[int]] | Counts) -> Counts:
    counts = np.asarray(table, dtype=np.int64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or (counts < 0).any():
        raise UsageError(f"Agreement needs a square table of counts, not one of shape {counts.shape}.")
    return counts


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise UsageError(f"The confidence must lie between 0 and 1, not {confidence}.")


def _check_total(total: int) -> None:
    if total < 0:
        raise UsageError(f"A total cannot be negative, not {total}.")
