"""Rates and latencies, by a clock that the test holds."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.pipeline.statistics import WINDOW_NS, Latencies, Rate

SECOND = 1_000_000_000
FRAME = SECOND // 30


def ticked(times: range) -> Rate:
    rate = Rate()
    for now in times:
        rate.tick(now)
    return rate


def test_a_steady_camera_has_its_rate() -> None:
    rate = ticked(range(0, 10 * SECOND, FRAME))
    assert rate.per_second(10 * SECOND) == pytest.approx(30, rel=0.02)
    assert rate.count == len(range(0, 10 * SECOND, FRAME)), "the counter is of everything, the rate of the window"


def test_the_rate_follows_a_camera_that_slows_down() -> None:
    rate = ticked(range(0, 5 * SECOND, FRAME))
    for now in range(5 * SECOND, 9 * SECOND, SECOND // 5):
        rate.tick(now)
    assert rate.per_second(9 * SECOND) == pytest.approx(5, rel=0.1)


def test_a_camera_that_stopped_reads_as_stopping_and_then_as_nothing() -> None:
    rate = ticked(range(0, 5 * SECOND, FRAME))
    readings = [rate.per_second(5 * SECOND + late) for late in (0, SECOND, 2 * SECOND, WINDOW_NS + 1)]
    assert readings == sorted(readings, reverse=True)
    assert readings[-1] == 0


def test_one_frame_has_no_rate() -> None:
    rate = Rate()
    assert rate.per_second(0) == 0
    rate.tick(0)
    assert rate.per_second(1) == 0
    assert rate.count == 1


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=50))
def test_percentiles_are_those_of_the_values(values: list[float]) -> None:
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    assert latencies.percentiles() == pytest.approx(tuple(np.percentile(values, [50, 95])))


def test_only_the_last_latencies_count() -> None:
    latencies = Latencies(keep=10)
    for _ in range(100):
        latencies.add(1000)
    for _ in range(10):
        latencies.add(5)
    assert latencies.percentiles() == (5, 5)
    assert Latencies().percentiles() == (0, 0)


def test_reading_while_others_write_is_safe() -> None:
    """Percentiles copy under the lock: a deque that grows while it is read would raise."""
    latencies, rate, done = Latencies(keep=50), Rate(), threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for now in range(20_000):
                latencies.add(now)
                rate.tick(now)
        except BaseException as e:  # noqa: BLE001 - handed to the test
            failures.append(e)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        latencies.percentiles()
        rate.per_second(10**12)
    writer.join(10)
    assert not failures
    assert rate.count == 20_000
