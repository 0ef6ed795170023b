"""Rates and their intervals: against SciPy's beta distribution, and against what the words promise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from faceapp.evaluation.proportions import Rate, beta_distribution, clopper_pearson, interval, with_intervals


@given(
    st.just(0.0) | st.just(1.0) | st.floats(1e-6, 1 - 1e-6),
    st.floats(1, 1e5),
    st.sampled_from((0.9, 0.95, 0.99)),
)
@settings(max_examples=30)
def test_the_exact_interval_is_the_beta_distributions(share: float, tries: float, confidence: float) -> None:
    hits = share * tries
    low, high = clopper_pearson(np.array([hits]), np.array([tries]), confidence)
    tail = (1 - confidence) / 2
    expected_low = beta.ppf(tail, hits, tries - hits + 1) if hits > 0 else 0.0
    expected_high = beta.ppf(1 - tail, hits + 1, tries - hits) if hits < tries else 1.0
    assert low[0] == pytest.approx(expected_low, rel=1e-7, abs=1e-20)
    assert high[0] == pytest.approx(expected_high, rel=1e-7)


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"), [(0, 10, 0, 0.3085), (10, 10, 0.6915, 1), (5, 10, 0.1871, 0.8129)]
)
def test_the_exact_interval_of_the_tables(hits: int, tries: int, low: float, high: float) -> None:
    found = clopper_pearson(np.array([float(hits)]), np.array([float(tries)]))
    assert (found[0][0], found[1][0]) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def at_most(count: int, tries: int, rate: float) -> float:
    """The binomial distribution, P(X <= count), term by term: an oracle without a beta function."""
    return math.fsum(math.comb(tries, k) * rate**k * (1 - rate) ** (tries - k) for k in range(count + 1))


@given(st.data(), st.integers(1, 200))
@settings(max_examples=30)
def test_the_ends_are_where_as_many_or_as_few_turn_up_once_in_forty(data: st.DataObject, tries: int) -> None:
    hits = data.draw(st.integers(0, tries))
    low, high = interval(hits, tries)
    assert (low == 0.0) if hits == 0 else 1 - at_most(hits - 1, tries, low) == pytest.approx(0.025, abs=1e-7)
    assert (high == 1.0) if hits == tries else at_most(hits, tries, high) == pytest.approx(0.025, abs=1e-7)


def test_no_hit_in_n_tries_is_about_three_in_n() -> None:
    assert interval(0, 300)[1] == pytest.approx(1 - 0.025 ** (1 / 300))
    assert interval(300, 300)[0] == pytest.approx(0.025 ** (1 / 300))
    assert interval(5, 10, confidence=0.5)[0] > interval(5, 10)[0]


@pytest.mark.parametrize(("hits", "tries"), [(3, 2), (-1, 4), (0, 0)])
def test_what_cannot_be_has_no_interval(hits: int, tries: int) -> None:
    with pytest.raises(ValueError, match="can't be"):
        interval(hits, tries)


def test_the_distribution_function_is_the_beta_distributions() -> None:
    x, a, b = (
        g.ravel() for g in np.meshgrid([1e-9, 1e-3, 0.3, 0.5, 0.97], [0.5, 1.0, 7.5, 4e5], [0.5, 2.0, 300.0, 8e6])
    )
    assert beta_distribution(x, a, b) == pytest.approx(beta.cdf(x, a, b), rel=1e-7, abs=1e-30)
    assert len(beta_distribution(x[:0], a[:0], b[:0])) == 0


def test_no_mistake_is_the_rule_of_three() -> None:
    rates = with_intervals(np.zeros(1), np.zeros(1), 1000, rising=True)
    # One-sided: 3/N. Ours has two ends, so 3.69/N.
    assert rates.at(0) == Rate(0.0, 0.0, pytest.approx(1 - 0.025 ** (1 / 1000)))


def test_dependent_tries_count_less() -> None:
    share = np.array([0.1])
    alone = with_intervals(share, share * 0.9 / 1000, 1000, rising=True).at(0)
    together = with_intervals(share, share * 0.9 / 20, 1000, rising=True).at(0)  # as 20 independent ones
    assert alone.low > together.low
    assert alone.high < together.high
    assert (together.low, together.high) == (
        pytest.approx(beta.ppf(0.025, 2, 19)),
        pytest.approx(beta.ppf(0.975, 3, 18)),
    )
    assert with_intervals(share, share * 0.9 / 1e9, 50, rising=True).at(0).high > alone.high  # never more than units


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3)), min_size=2, max_size=20), st.integers(2, 500), st.booleans()
)
@settings(max_examples=20)
def test_intervals_hold_their_rates_and_run_one_way(rows: list[tuple[float, float]], units: int, rising: bool) -> None:
    values = np.sort([r[0] for r in rows])[:: 1 if rising else -1]
    rates = with_intervals(values, np.array([r[1] for r in rows]), units, rising)
    assert np.all(rates.low <= rates.value)
    assert np.all(rates.value <= rates.high)
    for ends in (rates.low, rates.high):
        assert np.all(np.diff(ends) * (1 if rising else -1) >= 0)


def test_a_rate_never_exceeds_one() -> None:
    assert Rate(0.2, 0.1, 0.4).times(3) == Rate(pytest.approx(0.6), pytest.approx(0.3), 1.0)
