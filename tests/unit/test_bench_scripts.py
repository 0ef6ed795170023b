"""The arithmetic of scripts in tests/bench that judge by it."""

from __future__ import annotations

import math

import pytest

from tests.bench.memory import slope


def test_a_straight_line_has_its_slope_and_no_interval() -> None:
    rise, half = slope([100 + 0.5 * k for k in range(20)])
    assert (rise, half) == (pytest.approx(0.5), pytest.approx(0, abs=1e-6))


def test_noise_without_a_trend_is_within_its_interval() -> None:
    rise, half = slope([100 + (-1) ** k for k in range(20)])
    assert abs(rise) < half


def test_a_slow_leak_is_told_from_noise() -> None:
    rise, half = slope([100 + 0.4 * (-1) ** k + 0.2 * k for k in range(19)])
    assert rise - half > 0.1


def test_two_values_tell_nothing() -> None:
    assert math.isinf(slope([1, 2])[1])
