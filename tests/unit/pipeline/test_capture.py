"""The capture thread: what it delivers, when, and what it says when the camera lets it down."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import numpy as np
import pytest

from faceapp.errors import InputError, UnavailableError
from faceapp.pipeline.capture import BACK_OFF, STALLED_NS, CaptureThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.types import Frame
from tests.fakes.camera import ScriptedSource, Step, picture
from tests.fakes.clock import FakeClock

SECOND = 1_000_000_000


class Everything(LatestSlot[Frame]):
    """A slot that also remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.put_in: list[Frame] = []

    def put(self, item: Frame) -> None:
        if not self.closed:
            self.put_in.append(item)
        super().put(item)


def film(count: int, spacing_ns: int = SECOND // 30, begins_ns: int = 5 * SECOND) -> list[Step]:
    return [picture(k, begins_ns + k * spacing_ns) for k in range(count)]


def played(
    source: ScriptedSource, *, pace: bool = True, clock: FakeClock | None = None
) -> tuple[CaptureThread, Everything]:
    """The source played to its end, without any real waiting."""
    sink = Everything()
    capture = CaptureThread(source, [sink], pace, clock or FakeClock())
    capture.start()
    capture._thread.join(10)  # to its end, not `stop`
    assert not capture._thread.is_alive()
    return capture, sink


def test_every_frame_reaches_every_sink_and_then_the_sinks_close() -> None:
    source = ScriptedSource(film(5))
    sinks = [Everything(), Everything()]
    capture = CaptureThread(source, sinks, clock=FakeClock())
    capture.start()
    capture._thread.join(10)
    for sink in sinks:
        assert [f.id for f in sink.put_in] == [0, 1, 2, 3, 4]
        assert sink.closed
    assert capture.phase == "ended"
    assert capture.error is None
    assert capture.read.count == 5
    assert sinks[0].put_in[0].image is sinks[1].put_in[0].image, "one picture, not a copy for each"


def test_frames_on_their_way_cannot_be_written_to() -> None:
    _, sink = played(ScriptedSource(film(1)))
    with pytest.raises(ValueError, match="read-only"):
        sink.put_in[0].image[0, 0] = 255


def test_a_source_that_forgot_to_freeze_its_frames_shares_a_frozen_copy() -> None:
    reused = np.full((48, 64, 3), 7, np.uint8)
    _, sink = played(ScriptedSource([Frame(0, 0, reused[:]), lambda: reused.fill(9), None]))
    assert (sink.put_in[0].image == 7).all(), "what the source does with its memory afterwards is its own affair"
    assert not sink.put_in[0].image.flags.writeable


def test_only_the_reading_thread_touches_the_source() -> None:
    source = ScriptedSource(film(3))
    played(source)
    assert source.threads.isdisjoint({threading.get_ident()})
    assert len(source.threads) == 1
    assert source.calls[0] == "open"
    assert source.calls[-1] == "close"


# Pace


def test_a_film_plays_at_its_own_rate() -> None:
    clock = FakeClock()
    begun = clock.ns
    _, sink = played(ScriptedSource(film(31)), clock=clock)
    assert clock.ns - begun == pytest.approx(SECOND, rel=1e-3)
    gaps = {b.captured_ns - a.captured_ns for a, b in zip(sink.put_in, sink.put_in[1:], strict=False)}
    assert gaps == {SECOND // 30}
    assert sink.put_in[0].captured_ns == begun, "its times are this machine's, not the film's"


def test_frames_unevenly_apart_stay_so() -> None:
    times = [0, 100, 200, 232, 264, 400]  # as a webcam recorded in poor light
    clock = FakeClock()
    _, sink = played(ScriptedSource([picture(k, ms * 1_000_000) for k, ms in enumerate(times)]), clock=clock)
    first = sink.put_in[0].captured_ns
    assert [round((f.captured_ns - first) / 1e6) for f in sink.put_in] == times


def test_unpaced_nothing_waits_and_times_stay_the_films() -> None:
    clock = FakeClock()
    source_frames = film(100)
    _, sink = played(ScriptedSource(source_frames), pace=False, clock=clock)
    assert clock.waits == []
    assert sink.put_in == source_frames


def test_a_live_camera_is_never_held_back() -> None:
    clock = FakeClock()
    played(ScriptedSource(film(10), live=True), clock=clock)
    assert clock.waits == []


def test_a_film_that_cannot_keep_up_slows_down_instead_of_rushing_after() -> None:
    """Reading takes a second in the middle: what follows is shown at the film's rate, and stamped as seen."""
    clock = FakeClock()
    frames = film(20)
    frames.insert(10, lambda: clock.advance(1.0))
    _, sink = played(ScriptedSource(frames), clock=clock)
    gaps = [b.captured_ns - a.captured_ns for a, b in zip(sink.put_in, sink.put_in[1:], strict=False)]
    assert gaps[9] == pytest.approx(SECOND, rel=0.05)
    assert set(gaps[:9] + gaps[10:]) == {SECOND // 30}
    assert sink.put_in[-1].captured_ns == clock.ns


# Failure


def test_a_source_that_cannot_be_opened_says_why() -> None:
    capture, sink = played(ScriptedSource(UnavailableError("there is no camera 7"), live=True))
    assert capture.phase == "failed"
    assert str(capture.error) == "there is no camera 7"
    assert sink.closed


def test_a_film_that_breaks_is_not_tried_again() -> None:
    source = ScriptedSource([picture(0), InputError("cut off")])
    capture, sink = played(source)
    assert capture.phase == "failed"
    assert str(capture.error) == "cut off"
    assert [f.id for f in sink.put_in] == [0]
    assert source.calls.count("open") == 1
    assert source.calls[-1] == "close"


def test_a_lost_camera_is_reopened_with_longer_and_longer_waits() -> None:
    gone = UnavailableError("still unplugged")
    source = ScriptedSource(
        [picture(0), picture(1), UnavailableError("unplugged")], *[gone] * 5, [picture(0), picture(1)], live=True
    )
    clock = FakeClock()
    capture, sink = played(source, clock=clock)
    assert clock.waits == [*BACK_OFF, BACK_OFF[-1], BACK_OFF[-1]]
    assert [f.id for f in sink.put_in] == [0, 1, 2, 3], "indices go on: nobody sees frame 0 twice"
    assert capture.phase == "ended"
    assert capture.error is None, "what is over is not shown"
    opened = [k for k, call in enumerate(source.calls) if call == "open"][1:]
    assert all(source.calls[k - 1] == "close" for k in opened), "let go before it is opened again"


def test_a_camera_that_opens_and_delivers_nothing_is_not_back() -> None:
    """Some open at once and fail at the first read: each try waits longer, and the banner doesn't flicker."""
    again = UnavailableError("no picture")
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        seen.append((capture.phase, capture.error is None))

    source = ScriptedSource(
        [picture(0), UnavailableError("unplugged")],
        *[[look, again]] * 3,
        [look, picture(0), look, again],
        [],
        live=True,
    )
    clock = FakeClock()
    sink = LatestSlot[Frame]()
    capture = CaptureThread(source, [sink], clock=clock)
    capture.start()
    capture._thread.join(10)
    assert seen == [("reconnecting", False)] * 4 + [("running", True)]
    assert clock.waits == [*BACK_OFF, BACK_OFF[0]], "a frame, and the waits begin anew"


def test_while_it_tries_again_it_says_so() -> None:
    seen: list[tuple[str, str]] = []
    clock = FakeClock()
    source = ScriptedSource([picture(0), UnavailableError("unplugged")], UnavailableError("not yet"), [], live=True)
    capture = CaptureThread(source, [], clock=clock)
    wait = clock.wait

    def noted(stop: threading.Event, seconds: float) -> bool:
        seen.append((capture.phase, str(capture.error)))
        return wait(stop, seconds)

    clock.wait = noted  # type: ignore[method-assign]  # looking in from the moment it waits
    capture.start()
    capture._thread.join(10)
    assert seen == [("reconnecting", "unplugged"), ("reconnecting", "not yet")]


@pytest.mark.parametrize(
    "scripts",
    [
        [RuntimeError("driver")],
        [[picture(0), RuntimeError("driver")]],
        [[UnavailableError("unplugged")], RuntimeError("driver")],
    ],
    ids=["opening", "reading", "reopening"],
)
def test_a_drivers_own_error_becomes_a_line_and_a_traceback_in_the_log(
    scripts: list[list[Step] | Exception], caplog: pytest.LogCaptureFixture
) -> None:
    capture, sink = played(ScriptedSource(*scripts, live=True))
    assert capture.phase == "failed"
    assert "RuntimeError" in str(capture.error)
    assert "\n" not in str(capture.error)
    assert sink.closed
    assert any(r.exc_info and r.levelno == logging.ERROR for r in caplog.records)


def test_a_source_that_cannot_even_be_closed_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Clinging(ScriptedSource):
        def close(self) -> None:
            raise RuntimeError("no")

    capture, sink = played(Clinging(film(2)))
    assert capture.phase == "ended"
    assert sink.closed
    assert "could not be closed" in caplog.text


# Stopping and stalling


def blocking(entered: threading.Event, release: threading.Event) -> Callable[[], object]:
    def block() -> None:
        entered.set()
        release.wait(30)

    return block


def test_stop_leaves_a_stuck_read_behind_and_its_late_frame_goes_nowhere() -> None:
    entered, release = threading.Event(), threading.Event()
    source = ScriptedSource([picture(0), blocking(entered, release), picture(1)], live=True)
    sink = Everything()
    capture = CaptureThread(source, [sink])
    capture.start()
    assert entered.wait(5)
    assert capture.stop(timeout=0.05) is False
    assert sink.take(0) is not None
    release.set()
    capture._thread.join(5)
    assert [f.id for f in sink.put_in] == [0]
    assert capture.read.count == 1, "nor is it counted"
    assert sink.peek() is sink.put_in[0]
    assert source.calls[-1] == "close", "it lets go of the camera when it gets there"
    assert capture._thread.daemon, "and never keeps the program from ending"


def test_stop_interrupts_the_wait_for_a_film_and_for_a_lost_camera() -> None:
    for source in (
        ScriptedSource(film(3, spacing_ns=3600 * SECOND)),
        ScriptedSource([UnavailableError("unplugged")], *[UnavailableError("gone")] * 1000, live=True),
    ):
        capture = CaptureThread(source, [LatestSlot()])
        capture.start()
        assert capture.stop(timeout=5) is True
        assert capture.phase == "stopped"


def test_stop_before_start_is_harmless() -> None:
    source = ScriptedSource(film(1))
    capture = CaptureThread(source, [LatestSlot()])
    assert capture.stop() is True
    capture.start()
    capture._thread.join(5)
    assert "open" not in source.calls, "the camera's light doesn't go on"
    assert capture.phase == "stopped"


def test_a_film_with_long_pauses_is_not_stalled() -> None:
    clock = FakeClock()
    source = ScriptedSource(film(3, spacing_ns=60 * SECOND))
    capture = CaptureThread(source, [LatestSlot()], clock=clock)
    stalled: list[bool] = []
    wait = clock.wait

    def looked_at_half_time(stop: threading.Event, seconds: float) -> bool:
        stalled.append(capture.stalled(clock.ns + round(seconds / 2 * SECOND)))
        return wait(stop, seconds)

    clock.wait = looked_at_half_time  # type: ignore[method-assign]  # looking in while it waits
    capture.start()
    capture._thread.join(10)
    assert stalled == [False, False]


def test_a_camera_that_delivers_nothing_is_noticed_while_it_blocks() -> None:
    entered, release = threading.Event(), threading.Event()
    clock = FakeClock()
    source = ScriptedSource([picture(0), blocking(entered, release), picture(1)], live=True)
    capture = CaptureThread(source, [LatestSlot()], clock=clock)
    assert not capture.stalled(clock.ns)
    capture.start()
    assert entered.wait(5)
    assert not capture.stalled(clock.ns + STALLED_NS)
    assert capture.stalled(clock.ns + STALLED_NS + 1)
    assert STALLED_NS < 2 * SECOND
    release.set()
    capture._thread.join(5)
    assert not capture.stalled(clock.ns + 60 * SECOND), "what has ended is not stalled"


def test_a_camera_that_does_not_even_open_is_noticed() -> None:
    entered, release = threading.Event(), threading.Event()

    class Stuck(ScriptedSource):
        def open(self) -> None:
            blocking(entered, release)()

    clock = FakeClock()
    capture = CaptureThread(Stuck(live=True), [LatestSlot()], clock=clock)
    capture.start()
    assert entered.wait(5)
    assert not capture.stalled(clock.ns + 5 * SECOND)
    assert capture.stalled(clock.ns + 9 * SECOND)
    release.set()
    assert capture.stop(5)


def test_what_a_try_took_is_part_of_the_wait_for_the_next() -> None:
    """An address where nobody answers takes four seconds to find out: another two and a half would be too long."""
    clock = FakeClock()

    class Slow(ScriptedSource):
        def open(self) -> None:
            if self.calls.count("open"):
                clock.advance(1.0)
            super().open()

    gone = UnavailableError("no answer in time")
    source = Slow([picture(0), gone], *[gone] * 5, [picture(0)], live=True)
    _, sink = played(source, clock=clock)
    assert clock.waits == pytest.approx([0.5, 0.5, 1.0, 1.5, 1.5, 1.5])
    assert [f.id for f in sink.put_in] == [0, 1]


def test_a_live_source_that_is_not_there_yet_is_waited_for_if_asked() -> None:
    gone = UnavailableError("there is no camera 7")
    sink = Everything()
    source = ScriptedSource(gone, gone, [picture(0)], live=True)
    clock = FakeClock()
    capture = CaptureThread(source, [sink], clock=clock, retry_opening=True)
    capture.start()
    capture._thread.join(10)
    assert clock.waits == [*BACK_OFF[:2]]
    assert [f.id for f in sink.put_in] == [0]
    assert (capture.phase, capture.error) == ("ended", None)


def test_a_film_that_is_not_there_is_not_waited_for() -> None:
    source = ScriptedSource(InputError("there is no such file"), [picture(0)])
    capture = CaptureThread(source, [LatestSlot()], clock=FakeClock(), retry_opening=True)
    capture.start()
    capture._thread.join(10)
    assert capture.phase == "failed"
