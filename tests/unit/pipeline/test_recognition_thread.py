"""The recognition thread: what others may ask of it, and that nothing it meets makes it silent."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest

from faceapp.errors import UnavailableError
from faceapp.pipeline import governor
from faceapp.pipeline.governor import Pace
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognition import RecognitionThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.types import Frame, FrameResult
from tests.fakes.camera import picture
from tests.fakes.vision import Seen, World, index_of
from tests.polling import until

WAIT = 10.0


class Rig:
    """A recognition thread over an invented world, and the results it gave."""

    def __init__(self) -> None:
        self.world = World()
        self.world.people = [Seen("Ada")]
        self.work: LatestSlot[Frame] = LatestSlot()
        self.results: LatestSlot[FrameResult] = LatestSlot()
        self.watched: list[tuple[int, int]] = []
        self.builds: Callable[[], object] = lambda: None
        self.thread = RecognitionThread(self._build, self.results, self._watch)
        self.watch_fails: Exception | None = None
        self.thread.attach(self.work)

    def _build(self) -> Recogniser:
        self.builds()
        self.built_on = threading.get_ident()
        return Recogniser(
            detector=self.world,
            embedder=self.world,
            index=index_of("Ada"),
            threshold=0.9,
            same_person=1.0,
            min_face=40,
        )

    def _watch(self, _: Recogniser, frame: Frame, result: FrameResult) -> None:
        assert result.frame_id == frame.id
        self.watched.append((frame.id, threading.get_ident()))
        if self.watch_fails is not None:
            raise self.watch_fails

    def recognised(self, id: int) -> FrameResult | None:
        """The result of one frame, put in now; None where there was none."""
        before = self._done()
        self.work.put(picture(id, id * 33_000_000, (640, 480)))
        until(lambda: self._done() > before, WAIT)
        self.thread.call(lambda _: None).result(WAIT)  # the watcher has returned by then
        return self.results.take(0)

    def _done(self) -> int:
        return self.thread.processed.count + self.thread.failed


class HeldSlot(LatestSlot[Frame]):
    """A slot whose taker can be held up right before it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.proceed = threading.Event(), threading.Event()

    def take(self, timeout: float | None = None) -> Frame | None:
        self.entered.set()
        self.proceed.wait(WAIT)
        return super().take(timeout)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.thread.stop(WAIT)


def test_it_builds_on_its_own_thread_and_recognises_there(rig: Rig) -> None:
    rig.thread.start()
    result = rig.recognised(0)
    assert result is not None
    assert [f.match.name for f in result.faces if f.match] == ["Ada"]
    assert rig.thread.phase == "running"
    assert rig.built_on != threading.get_ident()
    assert rig.watched == [(0, rig.built_on)]
    assert rig.thread.processed.count == 1


def test_starting_does_not_wait_for_the_networks(rig: Rig) -> None:
    release = threading.Event()
    rig.builds = lambda: release.wait(WAIT)
    rig.thread.start()
    assert rig.thread.started
    assert rig.thread.phase == "building"
    release.set()
    assert rig.recognised(0) is not None


def test_commands_run_between_frames_with_the_recogniser(rig: Rig) -> None:
    waiting = rig.thread.call(lambda r: (r.threshold, threading.get_ident()))  # asked before it is built
    rig.thread.start()
    assert waiting.result(WAIT) == (0.9, rig.built_on)
    rig.thread.call(lambda r: r.search(index_of("Ada"), 0.4)).result(WAIT)
    result = rig.recognised(0)
    assert result is not None
    assert result.faces[0].match is not None
    assert result.faces[0].match.threshold == 0.4


def test_what_is_asked_before_a_frame_comes_counts_for_that_frame(rig: Rig) -> None:
    """Also where the thread is just waiting for it: somebody enrolled or deleted is so from the next frame on."""
    slot = rig.work = HeldSlot()
    rig.thread.attach(slot)
    rig.thread.start()
    assert slot.entered.wait(WAIT)
    rig.thread.call(lambda r: r.search(index_of("Ada"), 0.4))
    slot.put(picture(0, 0, (640, 480)))
    slot.proceed.set()
    result = until(lambda: rig.results.take(0), WAIT)
    assert [f.match.threshold for f in result.faces if f.match] == [0.4]


def test_a_frame_of_a_source_that_is_just_being_left_is_not_recognised_but_counted(rig: Rig) -> None:
    slot, other = HeldSlot(), LatestSlot[Frame]()
    rig.thread.attach(slot)
    rig.thread.start()
    assert slot.entered.wait(WAIT)
    rig.thread.attach(other)
    slot.put(picture(7, 0, (640, 480)))
    slot.proceed.set()
    until(lambda: rig.thread.failed, WAIT)
    rig.work = other
    assert rig.recognised(1) is not None
    assert [id for id, _ in rig.watched] == [1]
    assert rig.thread.processed.count == 1


def test_what_a_command_raises_reaches_whoever_asked_and_the_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.thread.start()
    wrong = rig.thread.call(lambda r: r.search(index_of("Ada", space="other"), 0.4))
    assert "other" in str(wrong.exception(WAIT))
    assert any(r.exc_info for r in caplog.records), "also where nobody looks at the answer"
    assert rig.recognised(0) is not None


def test_another_source_begins_with_new_tracks(rig: Rig) -> None:
    rig.thread.start()
    before = rig.recognised(0)
    rig.work.close()
    rig.work = LatestSlot()
    rig.thread.attach(rig.work)
    after = rig.recognised(1)
    assert before is not None
    assert after is not None
    assert after.faces[0].track != before.faces[0].track


def test_another_source_forgets_the_trouble_and_the_frames_of_the_one_before(rig: Rig) -> None:
    rig.world.fails_with = UnavailableError("too dark")
    rig.thread.start()
    rig.recognised(0)
    assert rig.thread.problem == "too dark"
    before, rig.work = rig.work, LatestSlot()
    busy, free = threading.Event(), threading.Event()
    rig.thread.call(lambda _: (busy.set(), free.wait(WAIT)))
    assert busy.wait(WAIT)
    before.put(picture(1))
    rig.thread.attach(rig.work)
    free.set()
    rig.thread.call(lambda _: None).result(WAIT)
    assert rig.thread.problem is None, "the new source may never deliver a frame that says so"
    assert before.take(0) is None
    assert before.dropped == 1, "what nobody looked at is counted"


# Trouble


def test_a_missing_model_is_a_line_and_every_question_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    def no_model() -> Recogniser:
        raise UnavailableError('facenet-512 is missing: run "faceapp models install"')

    thread = RecognitionThread(no_model, LatestSlot(), lambda *_: None)
    early = thread.call(lambda r: r.threshold)
    thread.start()
    with pytest.raises(CancelledError):
        early.result(WAIT)
    thread.stop(WAIT)
    assert thread.phase == "failed"
    assert thread.problem == 'facenet-512 is missing: run "faceapp models install"'
    assert thread.call(lambda r: r.threshold).cancelled()
    assert not any(r.exc_info for r in caplog.records)


def test_a_driver_that_fails_to_start_is_a_line_and_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Recogniser:
        raise RuntimeError("CUDA\nfailure 999")

    thread = RecognitionThread(broken, LatestSlot(), lambda *_: None)
    thread.start()
    with pytest.raises(CancelledError):
        thread.call(lambda r: r.threshold).result(WAIT)
    thread.stop(WAIT)
    assert thread.phase == "failed"
    assert thread.problem is not None
    assert "\n" not in thread.problem
    assert any(r.exc_info for r in caplog.records)


def tracebacks(caplog: pytest.LogCaptureFixture) -> int:
    return sum(1 for r in caplog.records if r.exc_info and r.levelno == logging.ERROR)


def test_a_bad_frame_is_reported_and_the_next_one_recognised(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.thread.start()
    assert rig.recognised(0) is not None
    rig.world.fails_with = ZeroDivisionError("odd")
    assert [rig.recognised(k) for k in range(1, 6)] == [None] * 5
    assert rig.thread.problem is not None
    assert "ZeroDivisionError" in rig.thread.problem
    assert "\n" not in rig.thread.problem
    assert tracebacks(caplog) == 1, "not thirty a second"
    rig.world.fails_with = None
    assert rig.recognised(6) is not None
    assert rig.thread.problem is None
    assert rig.thread.phase == "running"
    assert (rig.thread.processed.count, rig.thread.failed) == (2, 5), "read, but with nothing to show for it"


def test_a_bug_is_logged_also_after_a_known_error(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.thread.start()
    rig.world.fails_with = UnavailableError("the graphics card was taken away: plug it in")
    rig.recognised(0)
    assert rig.thread.problem == "the graphics card was taken away: plug it in"
    assert tracebacks(caplog) == 0
    rig.world.fails_with = ZeroDivisionError("odd")
    rig.recognised(1)
    assert tracebacks(caplog) == 1


def test_a_watcher_that_fails_is_reported_and_ends_nothing(rig: Rig) -> None:
    rig.watch_fails = KeyError("x")
    rig.thread.start()
    assert rig.recognised(0) is not None, "the result is out before the watcher sees it"
    assert rig.thread.problem is not None
    assert rig.thread.failed == 0
    rig.watch_fails = None
    assert rig.recognised(1) is not None
    assert rig.thread.problem is None


# The end


def test_after_stop_nothing_is_accepted_and_nobody_waits_for_ever(rig: Rig) -> None:
    rig.thread.start()
    rig.recognised(0)
    rig.thread.stop(WAIT)
    assert rig.thread.phase == "stopped"
    assert rig.thread.call(lambda _: None).cancelled()


def test_nobody_who_asks_while_it_stops_waits_for_ever(rig: Rig) -> None:
    """Between looking whether it still runs and asking, it takes its last command, if it can."""
    stopping = threading.Thread(target=rig.thread.stop, args=(WAIT,))

    class Hesitating(queue.SimpleQueue[Any]):
        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            stopping.start()
            rig.thread._thread.join(0.3)  # would it end now?
            super().put(item, block, timeout)

    rig.thread.start()
    rig.recognised(0)
    rig.thread._commands = Hesitating()
    future = rig.thread.call(lambda _: None)
    stopping.join(WAIT)
    assert future.done()


def test_stop_before_start_is_harmless_and_answers(rig: Rig) -> None:
    asked = rig.thread.call(lambda r: r.threshold)
    assert rig.thread.stop()
    assert asked.cancelled()
    assert rig.thread.call(lambda r: r.threshold).cancelled()


def test_stop_leaves_a_driver_behind_that_does_not_return_and_answers_for_it(rig: Rig) -> None:
    building, release = threading.Event(), threading.Event()
    rig.builds = lambda: (building.set(), release.wait(WAIT))
    rig.thread.start()
    assert building.wait(WAIT)
    asked = rig.thread.call(lambda r: r.threshold)
    assert rig.thread.stop(0.05) is False
    assert asked.cancelled(), "at once, not when the driver returns"
    assert rig.thread.call(lambda r: r.threshold).cancelled()
    release.set()
    assert rig.thread.stop(WAIT)
    assert rig.thread.phase == "stopped"


def test_a_source_that_ended_leaves_it_answering(rig: Rig) -> None:
    rig.thread.start()
    rig.recognised(0)
    rig.work.close()
    assert rig.thread.call(lambda r: r.threshold).result(WAIT) == 0.9
    assert rig.thread.phase == "running"


def test_where_frames_come_late_less_is_done_until_another_source_follows(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(governor, "OVER_NS", 0)
    paces: list[Pace] = []
    rig.thread.start()
    rig.thread.call(lambda r: monkeypatch.setattr(r, "ease", paces.append)).result(WAIT)
    assert rig.thread.slowed == 0
    for k in range(governor.FEWEST):  # taken when the machine was started, by their own time
        assert rig.recognised(k) is not None
    assert rig.thread.slowed == 1
    assert paces == [governor.PACES[1]]
    rig.thread.attach(rig.work)
    rig.thread.call(lambda _: None).result(WAIT)
    assert rig.thread.slowed == 0
    assert paces[1:] == [governor.PACES[0]]


def test_a_doors_frames_are_never_made_fewer(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(governor, "OVER_NS", 0)
    rig.thread.start()
    rig.thread.call(lambda r: setattr(r, "eases", False)).result(WAIT)
    for k in range(3 * governor.FEWEST):
        assert rig.recognised(k) is not None
    assert rig.thread.slowed == 0
