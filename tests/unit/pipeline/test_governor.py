from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from faceapp.pipeline.embedding import EMBED_AT_ONCE, STALE_S
from faceapp.pipeline.governor import BOUND_MS, PACES, Governor

MS = 1_000_000
SECOND = 1_000 * MS


class Machine:
    """A camera of 30 frames a second, and a machine whose frames take as long as `takes` says at a level."""

    def __init__(self, takes: Callable[[int, int], float]) -> None:
        self.governor = Governor()
        self.takes = takes
        self.now = 0
        self.levels: list[int] = []

    def runs(self, seconds: float) -> list[int]:
        """The levels of each frame."""
        end = self.now + round(seconds * SECOND)
        self.levels = []
        while self.now < end:
            ms = self.takes(self.governor.level, self.now)
            self.now += round(max(33.3, ms) * MS)
            self.governor.saw(ms + 16, self.now)
            self.levels.append(self.governor.level)
        return self.levels


def test_a_quick_machine_is_left_alone() -> None:
    assert set(Machine(lambda _level, _now: 20).runs(60)) == {0}


def test_one_slow_moment_is_no_reason() -> None:
    slow = Machine(lambda _level, now: 900 if now % (10 * SECOND) < SECOND else 20)
    assert set(slow.runs(60)) == {0}


@pytest.mark.parametrize("enough", [1, 2, 3])
def test_less_is_done_until_it_is_in_time_and_no_less(enough: int) -> None:
    machine = Machine(lambda level, _now: 300 if level < enough else 100)
    machine.runs(enough * 5)
    assert set(machine.runs(60)) == {enough}


def test_a_machine_that_is_always_late_stays_at_the_last_pace() -> None:
    machine = Machine(lambda _level, _now: 2000)
    machine.runs(60)
    assert set(machine.runs(60)) == {len(PACES) - 1}


def test_when_the_machine_has_time_again_so_have_the_faces() -> None:
    machine = Machine(lambda _level, now: 300 if now < 20 * SECOND else 20)
    assert machine.runs(20)[-1] > 0
    assert machine.runs(40)[-1] == 0


def test_it_does_not_swing_to_and_fro() -> None:
    """In good time at pace 1 and late at pace 0: tried again, ever more seldom."""
    machine = Machine(lambda level, _now: 30 if level else 300)
    first, second = machine.runs(120), machine.runs(600)
    tries = [sum(a > b for a, b in itertools.pairwise(levels)) for levels in (first, second)]
    assert 1 <= tries[0] <= 5
    assert tries[1] <= 8
    assert second.count(0) < 0.1 * len(second)


def test_a_reset_begins_anew() -> None:
    machine = Machine(lambda _level, _now: 2000)
    machine.runs(60)
    machine.governor.reset()
    assert machine.governor.level == 0
    machine.takes = lambda _level, _now: 20
    assert set(machine.runs(10)) == {0}


def test_the_paces_do_ever_less_and_no_name_is_older_than_a_second() -> None:
    assert PACES[0].faces == EMBED_AT_ONCE
    assert PACES[0].patience == 1
    assert PACES[0].rest == 0
    for more, less in itertools.pairwise(PACES):
        assert (less.faces, -less.patience, -less.rest) <= (more.faces, -more.patience, -more.rest)
    assert max(p.patience for p in PACES) * STALE_S < 1
    assert BOUND_MS == 150
