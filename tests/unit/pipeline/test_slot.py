"""The slot between two threads: the newest item, and every other one counted."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.pipeline.slot import LatestSlot


def test_the_newest_item_is_what_is_taken() -> None:
    slot: LatestSlot[str] = LatestSlot()
    slot.put("old")
    slot.put("new")
    assert slot.take(0) == "new"
    assert slot.dropped == 1
    assert slot.take(0) is None, "an item is taken once"


def test_looking_takes_nothing() -> None:
    slot: LatestSlot[str] = LatestSlot()
    assert slot.peek() is None
    slot.put("a")
    assert slot.peek() == slot.peek() == "a"
    assert slot.take(0) == "a"
    assert slot.peek() == "a", "the picture stays on screen after recognition took it"
    assert slot.dropped == 0


def test_after_closing_what_is_there_can_be_taken_and_nothing_comes() -> None:
    slot: LatestSlot[str] = LatestSlot()
    slot.put("last")
    slot.close()
    slot.put("late")
    assert slot.closed
    assert slot.take() == "last"
    assert slot.take() is None, "without waiting for ever"
    assert slot.dropped == 0, "a late item was never accepted"


@pytest.mark.parametrize("wake", [lambda slot: slot.put("x"), lambda slot: slot.close()], ids=["put", "close"])
def test_a_waiting_taker_is_woken(wake: object) -> None:
    slot: LatestSlot[str] = LatestSlot()
    taken: list[str | None] = []
    taker = threading.Thread(target=lambda: taken.append(slot.take()))
    taker.start()
    assert callable(wake)
    wake(slot)
    taker.join(5)
    assert taken in (["x"], [None])
    assert not taker.is_alive()


@given(st.lists(st.sampled_from(["put", "take", "peek", "discard", "close"])))
def test_it_is_its_model(steps: list[str]) -> None:
    """Against the plainest description of it: a variable, whether it was taken, whether it is closed."""
    slot: LatestSlot[int] = LatestSlot()
    item, fresh, closed, accepted, taken = None, False, False, 0, 0
    for number, step in enumerate(steps):
        match step:
            case "put":
                slot.put(number)
                if not closed:
                    item, fresh, accepted = number, True, accepted + 1
            case "take":
                assert slot.take(0) == (item if fresh else None)
                taken += fresh
                fresh = False
            case "peek":
                assert slot.peek() == item
            case "discard":
                slot.discard()
                fresh = False
            case "close":
                slot.close()
                closed = True
        assert slot.dropped == accepted - taken - fresh
        assert slot.closed == closed


def test_no_item_is_lost_or_counted_twice_between_threads() -> None:
    """Three givers, two takers: each item was taken once or counted as dropped, and never taken out of its order."""
    slot: LatestSlot[tuple[int, int]] = LatestSlot()
    each = 2000
    taken: list[list[tuple[int, int]]] = [[], []]

    def give(giver: int) -> None:
        for number in range(each):
            slot.put((giver, number))

    def take(into: list[tuple[int, int]]) -> None:
        while (item := slot.take()) is not None:
            into.append(item)

    takers = [threading.Thread(target=take, args=(into,)) for into in taken]
    givers = [threading.Thread(target=give, args=(giver,)) for giver in range(3)]
    for thread in takers + givers:
        thread.start()
    for thread in givers:
        thread.join(30)
    slot.close()
    for thread in takers:
        thread.join(30)
    everything = taken[0] + taken[1]
    assert len(set(everything)) == len(everything)
    assert len(everything) + slot.dropped == 3 * each
    for into in taken:
        for giver in range(3):
            numbers = [number for by, number in into if by == giver]
            assert numbers == sorted(numbers)
