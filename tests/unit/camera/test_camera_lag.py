"""A stream that falls behind its own clock, told in figures."""

from __future__ import annotations

import pytest

from faceapp.camera.lag import DRIFT, UNNOTICED, Lag

MS, SECOND = 1_000_000, 1_000_000_000
BEGIN = 77 * SECOND


def times(lag: Lag, *frames: tuple[float, float]) -> list[float]:
    """For (arrival, the stream's own time) in seconds: when each was taken, in seconds."""
    return [(lag.taken_ns(BEGIN + round(at * SECOND), 1000 * own) - BEGIN) / SECOND for at, own in frames]


def test_pictures_that_keep_up_count_as_taken_when_they_come() -> None:
    assert times(Lag(), (0, 5), (0.04, 5.04), (0.48, 5.08), (0.5, 5.5)) == [0, 0.04, 0.48, 0.5]


def test_what_piled_up_in_a_stall_is_as_old_as_it_is() -> None:
    lag = Lag()
    burst = times(lag, (0, 1), (3.0, 1.04), (3.01, 1.08), (3.02, 3.5), (3.03, 4.0))
    assert burst == pytest.approx([0, 0.04, 0.08, 2.5, 3.03], abs=0.01)


def test_a_connection_that_begins_with_old_pictures_is_measured_by_the_newest() -> None:
    lag = Lag()
    taken = times(lag, (0, 0.1), (0.01, 0.8), (2.0, 1.0))
    assert taken[-1] == pytest.approx(0.21, abs=0.01)


def test_time_never_runs_backwards_and_nothing_comes_before_it_is_taken() -> None:
    lag = Lag()
    frames = [(k * 0.1, 1 + k * 0.06) for k in range(40)]  # 40 ms more behind with each
    taken = times(lag, *frames)
    assert taken == sorted(set(taken))
    for (at, _), when in zip(frames, taken, strict=True):
        assert when <= at
    behind = [at - (own - 1) for at, own in frames]
    ages = [at - when for (at, _), when in zip(frames, taken, strict=True)]
    assert all(age >= b - 2 * UNNOTICED for b, age in zip(behind, ages, strict=True))
    assert ages[-1] == pytest.approx(behind[-1], abs=0.02)


def test_a_camera_s_slow_clock_is_no_lag() -> None:
    lag = Lag()
    taken = times(lag, *((k, 1 + k * (1 - DRIFT / 2)) for k in range(0, 3600, 10)))
    assert taken == list(range(0, 3600, 10))


@pytest.mark.parametrize("own", [(0, 0, 0), (-1, -1, -1), (float("nan"),) * 3, (900, 900, 900), (900, 3, 3.9)])
def test_a_stream_without_times_or_with_a_new_clock_is_taken_as_it_comes(own: tuple[float, float, float]) -> None:
    lag = Lag()
    assert times(lag, *zip((0.0, 1.0, 2.0), own, strict=True)) == [0, 1, 2]
    assert lag.behind_s == pytest.approx(0, abs=0.11)
