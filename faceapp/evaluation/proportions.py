"""Rates with intervals, for samples whose members aren't independent.

A rate over pairs of photographs has fewer independent facts behind it than pairs: two photos of one person make the
same mistakes, and one person who looks like many takes part in all their pairs. So a rate's variance is found by
leaving one person out at a time (the jackknife), and the interval is the exact one (Clopper and Pearson 1934) for as
many independent tries as would have that variance, never more than a given number (Korn and
Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts estimated from
survey data"). Resampling people (a bootstrap) says the same where mistakes were seen, and nothing at all where none
was: then the interval is that of no mistake in the given number of tries, and all depends on how that was counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats64 = NDArray[np.float64]

CONFIDENCE = 0.95
TAIL = (1 - CONFIDENCE) / 2
"""On each side."""
_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of tries, and the interval that holds the true one in 95 of 100 such samples."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Rate:
        """As many times as much, at most 1."""
        return Rate(*(min(1.0, v * factor) for v in (self.value, self.low, self.high)))


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """A rate at each of K thresholds: float64 (K,) each."""

    value: Floats64
    low: Floats64
    high: Floats64

    def at(self, position: int) -> Rate:
        """The one at this threshold."""
        return Rate(float(self.value[position]), float(self.low[position]), float(self.high[position]))


def with_intervals(values: Floats64, variances: Floats64, units: float, rising: bool) -> Rates:
    """Korn and Graubard's interval of each rate. `values` (K,), `variances` (K,) of them, `units`: so many independent
    tries there are at most. `rising`: the rates rise with the position, else they fall; so do the ends, the outer of
    two that contradict each other."""
    spread = values * (1 - values)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        tries = np.where((spread > 0) & (variances > 0), spread / variances, units)
    tries = np.clip(tries, 1.0, units)
    low, high = clopper_pearson(values * tries, tries)
    order = slice(None) if rising else slice(None, None, -1)
    high = np.maximum.accumulate(high[order])[order]
    low = np.minimum.accumulate(low[order][::-1])[::-1][order]
    return Rates(values, np.minimum(low, values), np.maximum(high, values))


def interval(hits: int, tries: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """`clopper_pearson` of one rate: those at which as many hits or more, as few or fewer, would still turn up once in
    forty times. Raises ValueError where there can't be as many hits."""
    if not 0 <= hits <= tries or tries < 1:
        raise ValueError(f"{hits} of {tries} tries can't be")
    low, high = clopper_pearson(np.array([float(hits)]), np.array([float(tries)]), confidence)
    return float(low[0]), float(high[0])


def clopper_pearson(hits: Floats64, tries: Floats64, confidence: float = CONFIDENCE) -> tuple[Floats64, Floats64]:
    """The ends of the exact interval for `hits` (K,) of `tries` (K,) at least 1, neither need be whole."""
    tail = (1 - confidence) / 2
    both, where = np.unique(np.stack([hits, tries]), axis=1, return_inverse=True)  # a curve stands still at its ends
    if both.shape[1] < len(hits):
        few = clopper_pearson(both[0], both[1], confidence)
        return few[0][where.ravel()], few[1][where.ravel()]
    low, high = np.zeros(len(hits)), np.ones(len(hits))
    some, short = hits > 0, hits < tries
    low[some] = _beta_quantile(tail, hits[some], tries[some] - hits[some] + 1)
    high[short] = _beta_quantile(1 - tail, hits[short] + 1, tries[short] - hits[short])
    return low, high


def _beta_quantile(probability: float, a: Floats64, b: Floats64) -> Floats64:
    """On the logit, because the quantiles wanted may be as small as 1e-9: by Newton's method, and where that leaves the
    bracket by bisection."""
    low, high, scale = np.full(len(a), -60.0), np.full(len(a), 60.0), _log_scale(a, b)
    at = np.clip(np.log(a / b), -59.0, 59.0)
    left = np.arange(len(a))
    for _ in range(100):
        x, p, q, here = 1 / (1 + np.exp(-at[left])), a[left], b[left], at[left]
        error = beta_distribution(x, p, q, scale[left]) - probability
        low[left], high[left] = np.where(error < 0, here, low[left]), np.where(error < 0, high[left], here)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            following = here - error / np.exp(scale[left] + p * np.log(x) + q * np.log1p(-x))
        inside = (following > low[left]) & (following < high[left])
        at[left] = np.where(inside, following, (low[left] + high[left]) / 2)
        left = left[np.abs(at[left] - here) > 1e-9]
        if not len(left):
            break
    return np.asarray(1 / (1 + np.exp(-at)))


def beta_distribution(x: Floats64, a: Floats64, b: Floats64, scale: Floats64 | None = None) -> Floats64:
    """The regularised incomplete beta function, (K,) each, 0 < x < 1, a and b above 0: by the continued fraction of
    Press et al., "Numerical Recipes", 6.4, with Lentz's method. `scale`: `_log_scale` of a and b, where it is known."""
    swap = x > (a + 1) / (a + b + 2)
    p, q, y = np.where(swap, b, a), np.where(swap, a, b), np.where(swap, 1 - x, x)
    logs = _log_scale(a, b) if scale is None else scale
    with np.errstate(divide="ignore", under="ignore"):
        front = np.exp(logs + p * np.log(y) + q * np.log1p(-y)) / p
    lower = front * _continued_fraction(y, p, q)
    result: Floats64 = np.clip(np.where(swap, 1 - lower, lower), 0.0, 1.0)
    return result


def _log_scale(a: Floats64, b: Floats64) -> Floats64:
    """The negative logarithm of the beta function."""
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    return np.array([math.lgamma(u + v) - math.lgamma(u) - math.lgamma(v) for u, v in pairs], np.float64)


def _continued_fraction(x: Floats64, a: Floats64, b: Floats64) -> Floats64:
    tiny = 1e-300
    c = np.ones(len(x))
    if not len(x):
        return c
    d = 1 / _not_zero(1 - (a + b) * x / (a + 1), tiny)
    h: Floats64 = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _not_zero(1 + even * d, tiny)
        c = _not_zero(1 + even / c, tiny)
        h = h * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _not_zero(1 + odd * d, tiny)
        c = _not_zero(1 + odd / c, tiny)
        step = d * c
        h = h * step
        if np.all(np.abs(step - 1) < 1e-12):
            break
    return h


def _not_zero(value: Floats64, tiny: float) -> Floats64:
    result: Floats64 = np.where(np.abs(value) < tiny, tiny, value)
    return result
