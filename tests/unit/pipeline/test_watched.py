"""The capture that outlives its camera's driver: looked at by hand, on a clock that the test moves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from faceapp.camera.source import FrameSource
from faceapp.errors import InputError, UnavailableError
from faceapp.pipeline.capture import BACK_OFF
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.watched import MOST_LEFT, WatchedCapture
from faceapp.types import Frame
from tests.fakes.camera import HandedSource, picture
from tests.fakes.clock import FakeClock
from tests.polling import until

GONE = UnavailableError("the camera was unplugged: plug it in again")


class Bench:
    """A capture on `sources`, one after the other, whose watch looks when the test says so."""

    def __init__(self, *sources: FrameSource | Exception, retry_opening: bool = False) -> None:
        self.clock = WatchersWait()
        self.sink = Everything()
        self._sources = list(sources)
        self.capture = WatchedCapture(self._make, [self.sink], clock=self.clock, retry_opening=retry_opening)

    def _make(self) -> FrameSource:
        source = self._sources.pop(0)
        if isinstance(source, Exception):
            raise source
        return source

    @property
    def ids(self) -> list[int]:
        return [f.id for f in self.sink.put_in]

    def fault(self) -> str | None:
        return self.capture.fault(self.clock.ns)

    def state(self) -> tuple[str, str | None]:
        """Phase and fault."""
        return self.capture.phase, self.fault()

    def pass_by(self, seconds: float) -> None:
        """Time goes by, and the watch looks as often as it does."""
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.capture._look(self.clock.ns)

    def gives(self, source: HandedSource, *ids: int) -> None:
        """The camera delivers, and it gets through."""
        wanted = len(self.sink.put_in) + len(ids)
        source.hand(*(picture(id) for id in ids))
        until(lambda: len(self.sink.put_in) == wanted)


class WatchersWait(FakeClock):
    """The supervising thread waits until it is stopped; for all others waiting takes no time."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        if threading.current_thread().name == "capture-watch":
            return stop.wait()
        return super().wait(stop, seconds)


class Everything(LatestSlot[Frame]):
    """A slot that also remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.put_in: list[Frame] = []

    def put(self, item: Frame) -> None:
        if not self.closed:
            self.put_in.append(item)
        super().put(item)


@pytest.fixture
def stuck() -> Iterator[list[HandedSource]]:
    """Sources to be let go in the end."""
    sources = [HandedSource() for _ in range(8)]
    yield sources
    for source in sources:
        source.hand(GONE, None)


def test_a_read_that_never_returns_is_noticed_and_replaced(stuck: list[HandedSource]) -> None:
    old, new = stuck[:2]
    bench = Bench(old, new)
    assert bench.state() == ("opening", None)
    bench.capture.start()
    bench.gives(old, 0, 1, 2)
    assert bench.state() == ("running", None)
    bench.pass_by(1.8)
    assert bench.fault() is None
    bench.pass_by(0.1)
    assert bench.fault() == "stalled", "within two seconds"
    assert new.opened == 0, "back-off"
    bench.pass_by(BACK_OFF[0])
    until(lambda: new.opened)
    assert bench.state() == ("reconnecting", "lost")
    assert bench.capture.left_behind == 1
    assert str(bench.capture.error) == "the camera handed sends no pictures: check its cable"
    bench.gives(new, 0, 1)
    until(lambda: bench.fault() is None)
    assert bench.ids == [0, 1, 2, 3, 4], "indices go on"
    assert (bench.capture.phase, bench.capture.error, bench.capture.read.count) == ("running", None, 5)
    assert bench.capture.stop(0.05) is False, "one is still stuck"


def test_a_late_frame_of_what_was_left_behind_goes_nowhere(stuck: list[HandedSource]) -> None:
    old, new = stuck[:2]
    bench = Bench(old, new)
    bench.capture.start()
    bench.gives(old, 0)
    bench.pass_by(2.6)
    until(lambda: new.opened)
    old.hand(picture(1), picture(2))
    until(lambda: old.closed)
    assert (bench.ids, bench.capture.read.count, old.reads) == ([0], 1, 2), "it isn't read again, and is let go"
    until(lambda: bench.capture.left_behind == 0)
    bench.gives(new, 0)
    assert bench.ids == [0, 1]
    assert bench.sink.put_in[1].image[0, 0, 0] == 0, "the new camera's"
    assert not bench.sink.closed


def test_a_frame_on_its_way_while_its_camera_is_replaced_goes_nowhere(stuck: list[HandedSource]) -> None:
    """The worst moment: it was read, and is held up just before the slots."""
    bench = Bench(*stuck[:2])
    bench.capture.start()
    bench.gives(stuck[0], 0)
    gate = bench.capture._gate
    assert gate is not None
    bench.pass_by(2.6)
    until(lambda: stuck[1].opened)
    gate.put(picture(1))
    gate.close()
    assert bench.ids == [0]
    assert not bench.sink.closed


def test_one_that_answers_before_its_time_is_up_is_kept(stuck: list[HandedSource]) -> None:
    bench = Bench(stuck[0])
    bench.capture.start()
    bench.gives(stuck[0], 0)
    bench.pass_by(2.1)
    assert bench.fault() == "stalled"
    bench.gives(stuck[0], 1)
    bench.pass_by(1.0)
    assert (bench.fault(), bench.ids) == (None, [0, 1])


def test_an_open_that_never_returns_is_replaced() -> None:
    release = threading.Event()
    old, new = HandedSource(lambda: release.wait(30)), HandedSource()
    bench = Bench(old, new)
    bench.capture.start()
    until(lambda: old.opened)
    bench.pass_by(8.0)
    assert bench.fault() is None
    bench.pass_by(0.1)
    assert bench.fault() == "stalled"
    bench.pass_by(0.5)
    until(lambda: new.opened)
    bench.gives(new, 0)
    until(lambda: bench.fault() is None)
    release.set()
    until(lambda: old.closed)
    assert old.reads == 0
    new.hand(None)
    assert bench.capture.stop(5) is True


def test_a_reopening_that_never_returns_is_replaced_too() -> None:
    """An unplugged camera, said so; then its driver hangs when it is opened again."""
    release = threading.Event()
    old, new = HandedSource(None, lambda: release.wait(30)), HandedSource()
    bench = Bench(old, new)
    bench.capture.start()
    bench.gives(old, 0)
    old.hand(GONE)
    until(lambda: old.opened == 2)
    bench.pass_by(8.0)
    assert (bench.fault(), bench.capture.error) == ("lost", GONE)
    bench.pass_by(0.7)
    until(lambda: new.opened)
    assert bench.capture.error is GONE, "why it was lost in the first place"
    bench.gives(new, 0)
    assert bench.ids == [0, 1]
    release.set()
    new.hand(None)


def test_a_camera_unplugged_and_plugged_in_again() -> None:
    busy = UnavailableError("camera 0 cannot be opened: is another program using it?")
    source = HandedSource(None, GONE, GONE, busy, None)
    bench = Bench(source)
    bench.capture.start()
    bench.gives(source, 0, 1)
    source.hand(GONE)
    until(lambda: source.opened == 5)
    assert (bench.fault(), str(bench.capture.error)) == ("lost", str(busy))
    assert [w for w in bench.clock.waits if w >= BACK_OFF[0]] == list(BACK_OFF)
    bench.gives(source, 0)
    until(lambda: bench.fault() is None)
    assert bench.ids == [0, 1, 2]
    source.hand(None)


def test_a_camera_that_is_not_there_at_the_start_is_waited_for() -> None:
    source = HandedSource(GONE, GONE, None)
    bench = Bench(source, retry_opening=True)
    bench.capture.start()
    until(lambda: source.opened == 3)
    assert (*bench.state(), bench.capture.error) == ("reconnecting", "lost", GONE)
    bench.gives(source, 0)
    until(lambda: bench.fault() is None)
    assert bench.capture.phase == "running"
    source.hand(None)


def test_unless_asked_to_it_fails_for_good() -> None:
    bench = Bench(HandedSource(GONE))
    bench.capture.start()
    until(lambda: bench.capture.phase == "failed")
    bench.pass_by(10)
    assert (bench.fault(), bench.capture.error, bench.sink.closed) == ("lost", GONE, True)


def test_what_cannot_be_made_is_told_at_once() -> None:
    bench = Bench(InputError("there is no such file"))
    with pytest.raises(InputError, match="no such file"):
        bench.capture.start()
    assert bench.capture.stop() is True


def test_a_drivers_own_error_is_a_lost_camera_where_it_is_to_go_on() -> None:
    old, new = HandedSource(), HandedSource()
    bench = Bench(old, new, retry_opening=True)
    bench.capture.start()
    bench.gives(old, 0)
    old.hand(RuntimeError("driver"))
    until(lambda: old.closed)
    until(lambda: bench.fault() == "lost")
    assert bench.capture.phase == "reconnecting"
    bench.pass_by(0.7)
    bench.gives(new, 0)
    assert (bench.ids, bench.capture.left_behind, bench.sink.closed) == ([0, 1], 0, False)
    until(lambda: bench.fault() is None)
    new.hand(None)


def test_no_more_threads_are_left_behind_than_bearable(
    stuck: list[HandedSource], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench = Bench(*stuck)
    bench.capture.start()
    bench.gives(stuck[0], 0)
    for k in range(MOST_LEFT):
        bench.pass_by(12)
        until(lambda k=k: stuck[k + 1].opened)  # type: ignore[misc]  # mypy knows no type for a default
    bench.pass_by(60)
    assert bench.capture.left_behind == MOST_LEFT
    assert stuck[MOST_LEFT + 1].opened == 0
    assert bench.state() == ("reconnecting", "stalled")
    assert "hangs in its driver, 4 times over: unplug it" in str(bench.capture.error)
    assert caplog.text.count("waiting for one to end") == 1
    stuck[1].hand(GONE)
    until(lambda: bench.capture.left_behind == MOST_LEFT - 1)
    bench.pass_by(1)
    until(lambda: stuck[MOST_LEFT + 1].opened)
    bench.gives(stuck[MOST_LEFT + 1], 1)  # 0 would be the picture that was seen last: a frozen one
    until(lambda: bench.fault() is None)
    assert bench.ids == [0, 2]


def test_the_last_one_may_recover_by_itself(stuck: list[HandedSource]) -> None:
    bench = Bench(*stuck)
    bench.capture.start()
    for k in range(MOST_LEFT):
        bench.pass_by(12)
        until(lambda k=k: stuck[k + 1].opened)  # type: ignore[misc]  # as above
    bench.pass_by(60)
    assert bench.fault() == "stalled"
    bench.gives(stuck[MOST_LEFT], 0)
    bench.pass_by(0.1)
    assert (bench.fault(), bench.capture.error) == (None, None)


def test_what_cannot_be_made_anew_is_tried_again(stuck: list[HandedSource]) -> None:
    bench = Bench(stuck[0], GONE, stuck[1])
    bench.capture.start()
    bench.gives(stuck[0], 0)
    bench.pass_by(2.7)
    assert bench.fault() == "stalled"
    bench.pass_by(1.2)
    bench.gives(stuck[1], 0)
    assert bench.ids == [0, 1]


def test_a_film_is_never_replaced_and_never_frozen() -> None:
    film = HandedSource(live=False)
    bench = Bench(film)
    bench.capture.start()
    same = np.zeros((48, 64, 3), np.uint8)
    for k in range(6):
        film.hand(Frame.freeze(k, k * 1_000_000_000, same.copy()))
    until(lambda: len(bench.ids) == 6)
    assert bench.fault() is None
    bench.pass_by(60)
    assert bench.fault() == "stalled"
    film.hand(None)
    until(lambda: bench.capture.phase == "ended")
    assert bench.fault() is None
    assert bench.sink.closed


def test_a_picture_that_stands_still_is_a_frozen_camera() -> None:
    source = HandedSource()
    bench = Bench(source)
    bench.capture.start()

    def same(seconds: float, grey: int = 50) -> None:
        for _ in range(round(seconds * 5)):
            bench.pass_by(0.2)
            reads = source.reads
            source.hand(picture(grey))
            until(lambda reads=reads: source.reads > reads)  # type: ignore[misc]  # as above

    bench.gives(source, 0)
    same(2.0)
    assert bench.fault() is None, "1.8 s"
    same(0.2)
    assert bench.state() == ("running", "frozen")
    bench.gives(source, 99)
    assert bench.fault() is None, "at once"
    same(5.0)
    assert (bench.fault(), source.opened) == ("frozen", 1)
    same(1.0)
    until(lambda: source.opened == 2)
    same(0.2)
    assert bench.fault() == "frozen", "the same picture from a camera that was opened again"
    same(8.0)
    assert source.opened == 2, "back-off"
    same(2.0)
    until(lambda: source.opened == 3)
    same(0.2, grey=70)
    until(lambda: bench.fault() is None)
    source.hand(None)


def test_what_stood_still_before_it_was_replaced_stands_still_after(stuck: list[HandedSource]) -> None:
    bench = Bench(*stuck[:2])
    bench.capture.start()
    bench.gives(stuck[0], 7)
    bench.pass_by(2.7)
    until(lambda: stuck[1].opened)
    bench.gives(stuck[1], 7)
    until(lambda: bench.capture.phase == "running")
    assert bench.fault() == "frozen"


def test_stop_leaves_what_is_stuck_and_lets_nothing_pass(stuck: list[HandedSource]) -> None:
    bench = Bench(*stuck[:2])
    bench.capture.start()
    bench.gives(stuck[0], 0)
    assert bench.capture.stop(0.05) is False
    assert (*bench.state(), bench.sink.closed) == ("stopped", None, True)
    stuck[0].hand(picture(1))
    until(lambda: stuck[0].closed)
    bench.pass_by(60)
    assert (bench.ids, bench.capture.read.count, stuck[1].opened) == ([0], 1, 0)
    assert bench.capture.stop(5) is True


def test_stop_before_start_is_harmless(stuck: list[HandedSource]) -> None:
    bench = Bench(stuck[0])
    assert bench.capture.stop() is True
    bench.capture.start()
    assert (stuck[0].opened, bench.capture.phase) == (0, "stopped")
