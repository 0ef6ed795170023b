"""Whose turn it is, with a virtual clock: nobody starves, whatever the others do."""

from __future__ import annotations

import heapq
from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from faceapp.pipeline.turns import Turns


def turns(periods_ms: list[int], costs_ms: list[int], seconds: float = 5.0) -> list[int]:
    """Who was served, in order: camera n delivers every `periods_ms[n]` and a frame of it takes `costs_ms[n]`."""
    waiting, served = Turns(), []
    arrivals = [(n, n) for n in range(len(periods_ms))]  # (when in ms, camera)
    heapq.heapify(arrivals)
    now = 0
    while now < seconds * 1000:
        while arrivals and arrivals[0][0] <= now:
            at, camera = heapq.heappop(arrivals)
            waiting.arrived(camera)
            heapq.heappush(arrivals, (at + periods_ms[camera], camera))
        camera = waiting.next()
        if camera is None:
            now = arrivals[0][0]
            continue
        served.append(camera)
        now += costs_ms[camera]
    return served


def longest_gap(served: list[int], camera: int) -> int:
    """The most turns of others between two of `camera`'s."""
    at = [k for k, c in enumerate(served) if c == camera]
    return max(b - a - 1 for a, b in pairwise(at))


def test_nobody_waits_nobody_is_next() -> None:
    assert Turns().next() is None


def test_whose_turn_is_longest_ago_goes_next_and_then_waits_no_more() -> None:
    waiting = Turns()
    for camera in (2, 0, 1):
        waiting.arrived(camera)
    assert [waiting.next() for _ in range(4)] == [0, 1, 2, None]
    waiting.arrived(2)
    waiting.arrived(1)
    assert waiting.next() == 1


def test_another_picture_of_one_that_waits_is_no_second_turn() -> None:
    waiting = Turns()
    waiting.arrived(0)
    waiting.arrived(0)
    assert [waiting.next(), waiting.next()] == [0, None]


def test_four_busy_cameras_have_as_many_turns_each() -> None:
    counts = Counter(turns([33] * 4, [20] * 4))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_camera_with_six_faces_takes_time_but_no_turns() -> None:
    served = turns([33] * 4, [60, 10, 10, 10])
    counts = Counter(served)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert all(longest_gap(served, camera) <= 3 for camera in range(4))


def test_a_fast_camera_beside_slow_ones_is_not_starved() -> None:
    """By its newest picture's age it would be: that is always the youngest."""
    served = turns([8, 33, 33, 33], [12] * 4)
    assert longest_gap(served, 0) <= 3


def test_what_one_camera_does_not_need_the_others_have() -> None:
    served = turns([200, 33], [20, 20])
    assert Counter(served) == {0: 25, 1: served.count(1)}
    assert served.count(1) >= 120


@given(st.lists(st.tuples(st.integers(5, 120), st.integers(1, 80)), min_size=2, max_size=9))
def test_between_two_turns_of_a_camera_each_other_has_one_at_most(cameras: list[tuple[int, int]]) -> None:
    """...where the camera has its next picture before its own frame is done."""
    served = turns([p for p, _ in cameras], [c for _, c in cameras], seconds=2.0)
    for camera, (period, cost) in enumerate(cameras):
        at = [k for k, c in enumerate(served) if c == camera]
        if period > cost:  # it may have no picture then, and the others its turns
            continue
        for a, b in pairwise(at):
            assert max(Counter(served[a + 1 : b]).values(), default=0) <= 1
