"""The newest picture of each of several cameras, taken in turn."""

from __future__ import annotations

import threading

from faceapp.pipeline.waiting import Waiting
from tests.fakes.camera import picture

WAIT = 30.0


def test_each_camera_gives_its_newest_picture_in_its_turn() -> None:
    waiting = Waiting(2)
    for camera, id in ((1, 1), (0, 2), (1, 3)):
        waiting.slots[camera].put(picture(id))
    taken = [waiting.take(0), waiting.take(0)]
    assert [(got[0], got[1].id) for got in taken if got is not None] == [(0, 2), (1, 3)]
    assert waiting.take(0) is None
    assert [s.dropped for s in waiting.slots] == [0, 1]


def test_who_waits_is_woken_by_a_picture() -> None:
    waiting = Waiting(2)
    got: list[tuple[int, int]] = []

    def take() -> None:
        taken = waiting.take(WAIT)
        if taken is not None:
            got.append((taken[0], taken[1].id))

    thread = threading.Thread(target=take)
    thread.start()
    waiting.slots[1].put(picture(7))
    thread.join(WAIT)
    assert got == [(1, 7)]


def test_the_end_of_the_last_camera_wakes_who_waits() -> None:
    waiting = Waiting(2)
    ended = threading.Event()

    def take() -> None:
        if waiting.take(WAIT) is None:
            ended.set()

    thread = threading.Thread(target=take)
    thread.start()
    waiting.slots[0].close()
    assert not waiting.closed
    waiting.slots[1].close()
    thread.join(WAIT)
    assert ended.is_set()
    assert waiting.closed


def test_what_was_put_before_the_end_is_taken() -> None:
    waiting = Waiting(2)
    waiting.slots[0].put(picture(5))
    waiting.close()
    waiting.slots[1].put(picture(6))
    taken = waiting.take(0)
    assert taken is not None
    assert taken[1].id == 5
    assert waiting.take(0) is None


def test_a_picture_that_was_given_up_is_no_turn() -> None:
    waiting = Waiting(2)
    waiting.slots[0].put(picture(1))
    waiting.slots[0].discard()
    waiting.slots[1].put(picture(2))
    taken = waiting.take(0)
    assert taken is not None
    assert taken[0] == 1
