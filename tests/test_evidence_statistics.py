"""Statistics against scipy and statsmodels on thousands of random tables, and AC1 against its formula in fractions."""

import math
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]
from statsmodels.stats.inter_rater import cohens_kappa  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from kratom_evidence.evidence.statistics import (
    Agreement,
    Counts,
    agreement_table,
    cohen_kappa,
    fisher_exact,
    fisher_p_value,
    gwet_ac1,
    share_bounds,
    upper_bound_zero_events,
    wilson_interval,
)
from kratom_evidence.faults import UsageError

TOLERANCE = 1e-12
counts = st.integers(min_value=0, max_value=40)


def squares(size: int, largest: int = 12) -> st.SearchStrategy[list[list[int]]]:
    row = st.lists(st.integers(min_value=0, max_value=largest), min_size=size, max_size=size)
    return st.lists(row, min_size=size, max_size=size)


tables = st.integers(min_value=2, max_value=4).flatmap(squares)


def test_wilson_equals_statsmodels_on_thousands_of_shares() -> None:
    draw = np.random.default_rng(1)
    for total in draw.integers(1, 3000, size=4000):
        successes = int(draw.integers(0, total + 1))
        confidence = float(draw.uniform(0.5, 0.999))
        expected = proportion_confint(successes, int(total), alpha=1 - confidence, method="wilson")
        assert wilson_interval(successes, int(total), confidence) == pytest.approx(expected, abs=TOLERANCE)


def test_wilson_without_cases_knows_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(successes=counts, failures=counts)
def test_wilson_holds_the_share_and_mirrors(successes: int, failures: int) -> None:
    total = successes + failures
    low, high = wilson_interval(successes, total)
    assert 0 <= low <= high <= 1
    if total:
        assert low <= successes / total <= high
    assert wilson_interval(failures, total) == pytest.approx((1 - high, 1 - low), abs=TOLERANCE)


@pytest.mark.slow
def test_fisher_equals_a_sum_over_the_hypergeometric_distribution() -> None:
    draw = np.random.default_rng(2)
    for table in draw.integers(0, 15, size=(1000, 2, 2)):
        if 0 in table.sum(axis=0) or 0 in table.sum(axis=1):
            continue
        (a, b), (c, d) = table.tolist()
        weights = {k: math.comb(a + b, k) * math.comb(c + d, a + c - k) for k in range(a + c + 1)}
        as_rare = sum(weight for weight in weights.values() if weight <= weights[a])
        expected = float(Fraction(as_rare, math.comb(a + b + c + d, a + c)))
        assert fisher_exact(table.tolist()).p_value == pytest.approx(expected, abs=TOLERANCE)


def test_odds_ratio_and_interval_equal_scipy() -> None:
    draw = np.random.default_rng(3)
    for table in draw.integers(1, 12, size=(40, 2, 2)):
        ratio = stats.contingency.odds_ratio(table, kind="conditional")
        low, high = ratio.confidence_interval(confidence_level=0.9)
        result = fisher_exact(table.tolist(), confidence=0.9)
        assert result.odds_ratio == pytest.approx(ratio.statistic, rel=TOLERANCE)
        assert result.interval == pytest.approx((low, high), rel=TOLERANCE)


def test_the_exact_interval_is_where_the_tails_hold_half_of_what_is_left() -> None:
    low, high = fisher_exact([[7, 3], [2, 8]]).interval
    upper_tail = stats.nchypergeom_fisher.sf(6, 20, 9, 10, low)
    lower_tail = stats.nchypergeom_fisher.cdf(7, 20, 9, 10, high)
    assert (upper_tail, lower_tail) == pytest.approx((0.025, 0.025), abs=1e-6)


@pytest.mark.parametrize("table", [[[0, 0], [3, 4]], [[0, 5], [0, 4]], [[0, 0], [0, 0]]])
def test_fisher_says_that_an_empty_margin_compares_nothing(table: list[list[int]]) -> None:
    result = fisher_exact(table)
    assert result.odds_ratio is None
    assert result.interval == (0.0, math.inf)
    assert result.p_value == 1.0


def test_fisher_with_an_empty_cell_has_an_open_interval() -> None:
    result = fisher_exact([[5, 0], [2, 6]])
    assert result.odds_ratio == math.inf
    assert result.interval.high == math.inf
    assert result.interval.low > 0


@given(yes=counts, no=counts, unknown=counts)
def test_share_bounds_are_the_shares_of_the_two_extreme_completions(yes: int, no: int, unknown: int) -> None:
    total = yes + no + unknown
    shares = [(yes + k) / total for k in range(unknown + 1)] if total else [0.0, 1.0]
    assert share_bounds(yes, no, unknown) == (min(shares), max(shares))


@given(yes=counts, no=counts, unknown=st.integers(min_value=1, max_value=40))
def test_learning_a_case_never_widens_the_bounds(yes: int, no: int, unknown: int) -> None:
    low, high = share_bounds(yes, no, unknown)
    for learned in (share_bounds(yes + 1, no, unknown - 1), share_bounds(yes, no + 1, unknown - 1)):
        assert low <= learned.low <= learned.high <= high


@given(total=st.integers(min_value=1, max_value=5000), confidence=st.floats(min_value=0.5, max_value=0.999))
def test_zero_events_equals_the_one_sided_clopper_pearson_limit(total: int, confidence: float) -> None:
    expected = stats.beta.ppf(confidence, 1, total)
    assert upper_bound_zero_events(total, confidence) == pytest.approx(expected, rel=1e-9, abs=TOLERANCE)


def test_nothing_can_be_excluded_by_no_case_at_all() -> None:
    assert upper_bound_zero_events(0) == 1.0


def test_kappa_equals_statsmodels_on_thousands_of_tables() -> None:
    draw = np.random.default_rng(4)
    compared = 0
    for size in draw.integers(2, 6, size=2500):
        table = draw.integers(0, 9, size=(size, size))
        if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) < 2:
            continue
        expected = cohens_kappa(table, return_results=False)
        assert cohen_kappa(table, resamples=1).coefficient == pytest.approx(expected, abs=TOLERANCE)
        compared += 1
    assert compared > 2400


def ac1_in_fractions(table: list[list[int]]) -> Fraction:
    """Gwet 2008: (pa - pe) / (1 - pe) with pe = sum of pi (1 - pi) over the categories, divided by (q - 1)."""
    size, total = len(table), sum(map(sum, table))
    agreed = Fraction(sum(table[k][k] for k in range(size)), total)
    prevalence = [Fraction(sum(table[k]) + sum(row[k] for row in table), 2 * total) for k in range(size)]
    by_chance = sum((p * (1 - p) for p in prevalence), Fraction(0)) / (size - 1)
    return (agreed - by_chance) / (1 - by_chance)


def test_ac1_of_a_hand_worked_table() -> None:
    # 125 cases, 118 + 0 agreed: pa = 0.944; pi = (123 + 120) / 250 = 0.972; pe = 2 x 0.972 x 0.028 = 0.054432.
    expected = (0.944 - 0.054432) / (1 - 0.054432)
    table = [[118, 5], [2, 0]]
    assert gwet_ac1(table).coefficient == pytest.approx(expected, abs=TOLERANCE)
    assert float(ac1_in_fractions(table)) == pytest.approx(expected, abs=TOLERANCE)
    kappa = cohen_kappa(table).coefficient
    assert kappa is not None
    assert kappa < 0, "kappa's paradox, for which AC1 was made"


@given(table=tables.filter(lambda rows: sum(map(sum, rows)) > 0))
def test_ac1_equals_its_formula_in_fractions(table: list[list[int]]) -> None:
    assert gwet_ac1(table, resamples=1).coefficient == pytest.approx(float(ac1_in_fractions(table)), abs=TOLERANCE)


@given(table=tables)
def test_agreement_and_its_interval_never_leave_minus_one_to_one(table: list[list[int]]) -> None:
    for result in (cohen_kappa(table, resamples=60), gwet_ac1(table, resamples=60)):
        assert -1 <= result.interval.low <= result.interval.high <= 1
        assert result.coefficient is None or -1 <= result.coefficient <= 1


@given(table=tables.filter(lambda rows: sum(map(sum, rows)) > 0))
def test_perfect_agreement_is_one_where_it_is_defined(table: list[list[int]]) -> None:
    diagonal = np.diag(np.asarray(table).sum(axis=0))
    one_category = np.count_nonzero(diagonal) == 1
    assert gwet_ac1(diagonal, resamples=20).coefficient == pytest.approx(1)
    kappa = cohen_kappa(diagonal, resamples=20).coefficient
    assert kappa is None if one_category else kappa == pytest.approx(1)


def test_the_bootstrap_is_seeded_and_narrows_with_more_cases() -> None:
    few, many = [[8, 2], [3, 7]], [[800, 200], [300, 700]]
    assert cohen_kappa(few) == cohen_kappa(few)
    assert cohen_kappa(few, seed=1).interval != cohen_kappa(few, seed=2).interval
    for statistic in (cohen_kappa, gwet_ac1):
        narrow, wide = statistic(many), statistic(few)
        assert narrow.interval.high - narrow.interval.low < 0.3 * (wide.interval.high - wide.interval.low)
        assert narrow.coefficient is not None
        assert narrow.interval.low < narrow.coefficient < narrow.interval.high


def test_the_bootstrap_agrees_with_the_standard_error_of_statsmodels() -> None:
    table = np.array([[80, 20], [30, 70]])
    expected = cohens_kappa(table)
    interval = cohen_kappa(table, resamples=20_000).interval
    assert interval.high - interval.low == pytest.approx(expected.kappa_upp - expected.kappa_low, rel=0.05)


@pytest.mark.parametrize("statistic", [cohen_kappa, gwet_ac1])
def test_agreement_without_cases_is_undefined(statistic: Callable[[list[list[int]]], Agreement]) -> None:
    result = statistic([[0, 0], [0, 0]])
    assert (result.coefficient, result.observed, result.total) == (None, None, 0)
    assert result.interval == (-1.0, 1.0)


def test_the_agreement_table_counts_pairs_in_the_order_of_the_categories() -> None:
    table: Counts = agreement_table(["yes", "no", "yes", "yes"], ["yes", "yes", "no", "yes"], ["yes", "no", "unknown"])
    assert table.tolist() == [[2, 1, 0], [1, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilson_interval(5, 4), "0 <= successes <= total, not 5 of 4"),
        (lambda: wilson_interval(1, 4, 95), "between 0 and 1, not 95"),
        (lambda: fisher_exact([[1, 2, 3], [4, 5, 6]]), "2x2 table"),
        (lambda: fisher_exact([[1, -2], [4, 5]]), "2x2 table"),
        (lambda: share_bounds(1, -1, 0), "cannot be negative"),
        (lambda: upper_bound_zero_events(-1), "cannot be negative"),
        (lambda: cohen_kappa([[1, 2]]), "square table"),
        (lambda: gwet_ac1([[3]]), r"^Gwet's AC1 needs at least two categories\.$"),
        (lambda: agreement_table(["a"], ["a", "b"], ["a", "b"]), "not 1 and 2 ratings"),
        (lambda: agreement_table(["a"], ["c"], ["a", "b"]), r"Not in the categories \['a', 'b'\]"),
    ],
)
def test_wrong_use_is_explained(call: Callable[[], object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call()


def test_scipy_is_loaded_only_by_what_needs_it() -> None:
    code = (
        "import sys; from kratom_evidence.evidence import statistics as s; s.wilson_interval(3, 9);"
        "s.gwet_ac1([[3, 1], [1, 3]]); s.upper_bound_zero_events(9); assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_p_value_in_whole_numbers_is_that_of_scipy_on_thousands_of_tables() -> None:
    random = np.random.default_rng(20261122)
    for _ in range(2_000):
        table = random.integers(0, random.integers(1, 60), size=(2, 2)).tolist()
        assert fisher_p_value(table) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9, abs=TOLERANCE)


@pytest.mark.parametrize("table", [[[0, 0], [2, 3]], [[0, 4], [0, 3]], [[0, 0], [0, 0]]])
def test_the_p_value_of_an_empty_margin_is_one(table: list[list[int]]) -> None:
    assert fisher_p_value(table) == 1.0


@pytest.mark.parametrize("table", [[[1, 2]], [[1, -2], [3, 4]], [[1, 2, 3], [4, 5, 6]]])
def test_the_p_value_needs_a_table_of_counts(table: list[list[int]]) -> None:
    with pytest.raises(UsageError):
        fisher_p_value(table)


@pytest.mark.parametrize(("yes", "no", "unknown"), [(-1, 2, 0), (2, -1, 0), (2, 0, -1)])
def test_no_count_of_a_share_may_be_negative(yes: int, no: int, unknown: int) -> None:
    with pytest.raises(UsageError, match="cannot be negative"):
        share_bounds(yes, no, unknown)


def test_agreement_states_what_it_was_computed_from() -> None:
    # The table of 125 cases above: 118 of them agreed.
    for statistic in (cohen_kappa, gwet_ac1):
        result = statistic([[118, 5], [2, 0]], resamples=5, confidence=0.9)
        assert result.observed == pytest.approx(118 / 125)
        assert (result.total, result.confidence) == (125, 0.9)
        empty = statistic([[0, 0], [0, 0]], confidence=0.9)
        assert (empty.total, empty.confidence) == (0, 0.9)


@pytest.mark.parametrize("statistic", [cohen_kappa, gwet_ac1])
def test_the_bootstrap_equals_the_coefficient_of_each_drawn_table(
    statistic: Callable[..., Agreement],
) -> None:
    """The margins differ, so that a sum over the wrong axis of the drawn tables shows."""
    table, resamples, seed = np.array([[30, 40, 9], [3, 20, 5], [1, 2, 15]]), 150, 6
    drawn = np.random.default_rng(seed).multinomial(table.sum(), table.ravel() / table.sum(), size=resamples)
    tables_drawn = drawn.reshape(resamples, 3, 3)
    if statistic is cohen_kappa:
        coefficients = [cohens_kappa(one, return_results=False) for one in tables_drawn]
    else:
        coefficients = [float(ac1_in_fractions(one.tolist())) for one in tables_drawn]
    interval = statistic(table, resamples=resamples, seed=seed, confidence=0.9).interval
    assert interval == pytest.approx(tuple(np.percentile(coefficients, [5, 95])), abs=TOLERANCE)


@pytest.mark.parametrize("statistic", [cohen_kappa, gwet_ac1])
def test_each_seed_draws_its_own_tables_and_always_the_same(statistic: Callable[..., Agreement]) -> None:
    table = [[8, 2], [3, 7]]
    assert statistic(table) == statistic(table)
    assert statistic(table, seed=1).interval == statistic(table, seed=1).interval
    assert statistic(table, seed=1).interval != statistic(table, seed=2).interval


def test_rounding_never_lifts_perfect_agreement_above_one() -> None:
    """18, 9 and 1 of 28: in floating point the shares sum to a hair more than 1."""
    table = np.diag([18, 9, 1])
    assert sum(count / 28 for count in (18, 9, 1)) > 1
    for statistic in (cohen_kappa, gwet_ac1):
        result = statistic(table, resamples=20)
        assert (result.coefficient, result.interval.high) == (1.0, 1.0)


def test_kappa_that_is_undefined_leaves_everything_open() -> None:
    one_category = cohen_kappa([[5, 0], [0, 0]], resamples=20)
    assert (one_category.coefficient, one_category.interval) == (None, (-1.0, 1.0))
    # One case in each category; a single resample often draws the same case twice and has no kappa then.
    intervals = {tuple(cohen_kappa([[1, 0], [0, 1]], resamples=1, seed=seed).interval) for seed in range(30)}
    assert intervals == {(-1.0, 1.0), (1.0, 1.0)}


def test_the_agreement_table_holds_whole_numbers() -> None:
    assert agreement_table(["yes"], ["no"], ["yes", "no"]).dtype == np.int64


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5])
def test_a_confidence_lies_strictly_between_none_and_all(confidence: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        wilson_interval(1, 4, confidence)


def test_wilson_is_exact_at_its_ends() -> None:
    for total in range(1, 400):
        assert wilson_interval(0, total).low == 0.0
        assert wilson_interval(total, total).high == 1.0


def test_the_exact_test_states_its_confidence() -> None:
    assert fisher_exact([[3, 5], [4, 2]], confidence=0.9).confidence == 0.9
    assert fisher_exact([[0, 0], [4, 2]], confidence=0.9).confidence == 0.9


def test_kappa_is_defined_however_few_of_very_many_cases_are_in_the_other_category() -> None:
    """One case rated apart by each rating: agreement is that of chance, so kappa is as good as 0, and not undefined."""
    assert cohen_kappa([[10**9, 1], [1, 0]], resamples=2).coefficient == pytest.approx(0, abs=1e-6)
