"""Not to know is never to be live: sources that crash, hang or aren't there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import get_args

import numpy as np
import pytest

from faceapp.access.observations import Liveness
from faceapp.types import Box, Face, Frame, TrackedFace
from faceapp.vision.liveness.evidence import Evidence, Guarded, Missing, Reason, State, weigh

FRAME = Frame.freeze(0, 0, np.zeros((4, 4, 3), np.uint8))
FACE = TrackedFace(1, Face(Box(0, 0, 2, 2), 0.9), observed=True)


class Source:
    """Says live, as soon as it is let."""

    id = "source"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.fails = False
        self.answered = threading.Semaphore(0)
        self.threads: set[str] = set()

    def observe(self, _frame: Frame, _face: TrackedFace, now_ns: int) -> Evidence:
        self.threads.add(threading.current_thread().name)
        self.go.wait(20)
        self.answered.release()
        if self.fails:
            raise RuntimeError("broken")
        return Evidence(self.id, "live", Reason.MODEL_LIVE, now_ns / 10)


@pytest.fixture
def source() -> Iterator[Source]:
    found = Source()
    yield found
    found.go.set()


def test_the_words_are_the_policys() -> None:
    assert set(get_args(State)) == set(get_args(Liveness))
    assert len({r.code for r in Reason}) == len(Reason)


def test_live_is_only_who_all_required_sources_say_is() -> None:
    def say(source: str, state: State) -> Evidence:
        return Evidence(source, state, Reason.ASKING)

    a, b = say("active", "live"), say("model", "live")
    assert weigh([a, b], ["active", "model"]) == "live"
    assert weigh([a], ["active", "model"]) == "unknown"
    assert weigh([a, say("model", "unknown")], ["active", "model"]) == "unknown"
    assert weigh([a, say("model", "attack")], ["active"]) == "attack"
    assert weigh([a, b], []) == "unknown"
    assert weigh([], []) == "unknown"


def test_a_guarded_source_answers_on_a_thread_of_its_own(source: Source) -> None:
    guarded = Guarded(source, patience=20)
    found = [guarded.observe(FRAME, FACE, n) for n in range(3)]
    assert [e.score for e in found] == [0.0, 0.1, 0.2]
    assert source.threads == {"liveness source"}
    guarded.close()


def test_a_source_that_crashes_is_unknown_and_goes_on(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    guarded = Guarded(source, patience=20)
    source.fails = True
    assert [guarded.observe(FRAME, FACE, n).reason for n in range(2)] == [Reason.CRASHED] * 2
    assert len(caplog.records) == 1  # said once, not thirty times a second
    source.fails = False
    assert guarded.observe(FRAME, FACE, 2).state == "live"
    guarded.close()


def test_a_source_that_hangs_is_unknown_and_keeps_nobody(source: Source) -> None:
    guarded = Guarded(source, patience=0.01)
    source.go.clear()
    found = [guarded.observe(FRAME, FACE, n) for n in range(50)]
    assert {(e.state, e.reason) for e in found} == {("unknown", Reason.LATE)}
    assert source.answered.acquire(blocking=False) is False  # fifty frames, one question
    guarded.close()


def test_an_answer_that_comes_too_late_is_dropped(source: Source) -> None:
    guarded = Guarded(source, patience=0.01)
    source.go.clear()
    assert guarded.observe(FRAME, FACE, 10).reason is Reason.LATE
    source.go.set()
    assert source.answered.acquire(timeout=20)
    guarded._patience = 20
    following = guarded.observe(FRAME, FACE, 20)
    while following.reason is Reason.LATE:  # the late answer is still on its way
        following = guarded.observe(FRAME, FACE, 20)
    assert following.score == 2.0
    guarded.close()


def test_a_missing_model_is_unknown() -> None:
    found = Missing("model").observe(FRAME, FACE, 0)
    assert (found.source, found.state, found.code) == ("model", "unknown", "no_model")
    assert found.sentence == "no liveness model is installed"
