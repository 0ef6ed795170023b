"""The capture thread: one for each camera, and the only one that touches it."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from faceapp.camera.source import FrameSource
from faceapp.errors import KnownError
from faceapp.pipeline.clock import Clock, RealClock
from faceapp.pipeline.statistics import Rate
from faceapp.pipeline.stillness import Stillness
from faceapp.types import Frame

CapturePhase: TypeAlias = Literal["opening", "running", "reconnecting", "ended", "failed", "stopped"]

STALLED_NS = 1_800_000_000
"""A camera that delivers nothing for so long is stalled, even while its `read` still waits. Whoever asks five times a
second knows within two seconds."""
OPENING_NS = 8_000_000_000
"""So is one that is still not open after so long: every source's own time limits are shorter."""
BACK_OFF = (0.5, 1.0, 2.0, 2.5)
"""Seconds from each try to reopen a camera that was lost to the next one; the last repeats. With the second or two
that a network camera takes to open, one that returns is seen again within five."""
LATE_NS = 100_000_000
"""A film that is read later than this doesn't hurry to catch up: it goes on at its own rate from where it is."""

_log = logging.getLogger(__name__)


class FrameSink(Protocol):
    """Where frames go: a slot, or what stands before several."""

    def put(self, item: Frame) -> None:
        """Take a frame, at once."""

    def close(self) -> None:
        """No more frames come."""


class CaptureThread:
    """Reads a source and puts each frame into every sink. `phase`, `error` and the counters may be read from any
    thread; the source belongs to this one alone, which also releases it.

    It reopens what says that it was lost. It cannot help a source that never answers: `stalled` and `stuck` tell, and
    `WatchedCapture` replaces such a one."""

    def __init__(
        self,
        source: FrameSource,
        sinks: Sequence[FrameSink],
        pace: bool = True,
        clock: Clock | None = None,
        *,
        retry_opening: bool = False,
        lost: KnownError | None = None,
        stillness: Stillness | None = None,
    ) -> None:
        """`pace`: show a finite source in its own time, else as fast as it can be read. `retry_opening`: a live source
        that is not there at the start is tried again, as one that was lost later. `lost`: this one stands in for
        another that was lost so, and is reconnecting until it delivers. `stillness`: what that one saw last."""
        self._source = source
        self._sinks = sinks
        self._pace = pace
        self._clock = clock or RealClock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._retry_opening = retry_opening or lost is not None
        self._last_ns: int | None = None
        self._asked: tuple[int, int] | None = None
        """Since when the source is to answer, and how long it may take; None while nothing is asked of it."""
        self._reopen: KnownError | None = None
        self._attempts = 0
        self._tried_ns: int | None = None
        self._next_id = 0
        self._first_id = 0
        self._film_starts_ns: tuple[int, int] | None = None
        self.stillness = Stillness() if stillness is None else stillness
        self.read = Rate()
        self.phase: CapturePhase = "opening" if lost is None else "reconnecting"
        self.error: KnownError | None = lost
        """Why it failed, or why it is reconnecting."""

    def start(self) -> None:
        """Open and read the source, on the thread."""
        self._last_ns = self._clock.now_ns()
        self._asked = self._last_ns, OPENING_NS
        self._thread.start()

    def stop(self, timeout: float = 0.8) -> bool:
        """Ask the thread to end and wait up to `timeout` seconds; False where it is stuck in the camera's own code. It
        is then left behind: the sinks are closed, so its late frames go nowhere, and it releases the camera if it ever
        gets there."""
        self._stop.set()
        for sink in self._sinks:
            sink.close()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def stalled(self, now_ns: int) -> bool:
        """True where the source runs but has delivered nothing for STALLED_NS, or cannot even be opened."""
        last = self._last_ns
        if last is None or self.phase not in ("opening", "running"):
            return False
        return now_ns - last > (STALLED_NS if self.phase == "running" else OPENING_NS)

    def stuck(self, now_ns: int) -> bool:
        """True where the source's own code has not come back in time, reconnecting or not: for STALLED_NS after a
        frame, for OPENING_NS while it is opened and until its first frame, which some cameras take their time for."""
        asked = self._asked
        return asked is not None and now_ns - asked[0] > asked[1]

    @property
    def frozen(self) -> bool:
        """True where a live source has been delivering the same picture for two seconds. A film may do that."""
        return self._source.live and self.stillness.frozen

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._thread.is_alive()

    def reopen(self, why: KnownError) -> None:
        """Close and open a live source as if it had been lost, when its read next returns. From any thread."""
        self._reopen = why

    def _run(self) -> None:
        try:
            self._play()
        except Exception as e:  # noqa: BLE001 - a driver's or codec's own error must reach the user as a line
            self._fail(self._unforeseen(e))
        finally:
            self._asked = None
            for sink in self._sinks:
                sink.close()
            self._release()

    def _play(self) -> None:
        if self._stop.is_set():
            self.phase = "stopped"
            return
        try:
            self._source.open()
        except KnownError as e:
            if not (self._retry_opening and self._source.live):
                self._fail(e)
                return
            self._lost(e)
            self._reconnect()
        while not self._stop.is_set():
            try:
                self._read_all()
                break
            except KnownError as e:
                if not self._source.live:
                    self._fail(e)
                    return
                self._lost(e)
                self._reconnect()
        self.phase = "stopped" if self._stop.is_set() else "ended"

    def _read_all(self) -> None:
        """Read until the normal end or `stop`."""
        self._last_ns = self._clock.now_ns()
        self._first_id = self._next_id
        self._film_starts_ns = None
        self._reopen = None
        if self.phase == "opening":
            self.phase = "running"
        while not self._stop.is_set():
            frame = self._source.read()
            if frame is None or self._stop.is_set():
                return
            reopen, self._reopen = self._reopen, None
            if reopen is not None:
                raise reopen
            if frame.image.flags.writeable:  # several threads will look at it
                frame = Frame.freeze(frame.id, frame.captured_ns, frame.image)
            if self._first_id:  # a camera that was reopened counts from 0: its frames go on where they were
                frame = dataclasses.replace(frame, id=self._first_id + frame.id)
            if self._pace and not self._source.live:
                frame = self._in_its_time(frame)
                if self._stop.is_set():
                    return
            if self.phase == "reconnecting":
                self._back()
            self._next_id = frame.id + 1
            self._last_ns = now = self._clock.now_ns()
            self._asked = now, STALLED_NS
            if self._source.live:
                self.stillness.saw(frame.image, now)
                if self.stillness.same_ns > 0:
                    frame = dataclasses.replace(frame, repeated=True)
            self.read.tick(now)
            for sink in self._sinks:
                sink.put(frame)

    def _in_its_time(self, frame: Frame) -> Frame:
        """Hold a finite source's frame until it is due. Its time becomes the moment at which it should have been seen,
        so that a film's frames stay as evenly apart as they are in it: the tracker computes speeds from that."""
        now = self._clock.now_ns()
        if self._film_starts_ns is None:
            self._film_starts_ns = now, frame.captured_ns
        shown, in_film = self._film_starts_ns
        due = shown + frame.captured_ns - in_film
        if now - due > LATE_NS:
            self._film_starts_ns = now, frame.captured_ns
            due = now
        elif due > now:
            self._last_ns = due  # a film of one picture in ten seconds is not stalled
            self._clock.wait(self._stop, (due - now) / 1e9)
        return dataclasses.replace(frame, captured_ns=due)

    def _lost(self, error: KnownError) -> None:
        if self.phase != "reconnecting":
            _log.warning("camera lost (%s)", type(error).__name__)  # the line can hold a file's name or an address
        self.error = error
        self.phase = "reconnecting"

    def _back(self) -> None:
        """The camera has delivered again. That it could be opened is not enough: some can, and then give nothing."""
        _log.info("camera is back")
        self._attempts = 0
        self._tried_ns = None
        self.error = None
        self.phase = "running"

    def _reconnect(self) -> None:
        """Close and reopen a lost camera until that works or `stop` is called."""
        while True:
            self._release()
            tried_ns, self._asked = self._tried_ns, None
            # What the last try took has been waited already: one that hung until its time limit is followed up soon.
            passed = 0.0 if tried_ns is None else (self._clock.now_ns() - tried_ns) / 1e9
            pause = BACK_OFF[min(self._attempts, len(BACK_OFF) - 1)] - passed
            if self._clock.wait(self._stop, max(BACK_OFF[0], pause)):
                return
            self._attempts += 1
            self._tried_ns = now = self._clock.now_ns()
            self._asked = now, OPENING_NS
            try:
                self._source.open()
            except KnownError as e:
                self._lost(e)
            else:
                return

    def _release(self) -> None:
        try:
            self._source.close()
        except Exception:  # noqa: BLE001 - what is being let go of needs nothing more from us
            _log.exception("the source could not be closed")

    def _fail(self, error: KnownError) -> None:
        _log.warning("capture failed (%s)", type(error).__name__)
        self.error = error
        self.phase = "failed"

    def _unforeseen(self, error: Exception) -> KnownError:
        _log.error("the source failed", exc_info=error)
        return KnownError(
            f"{self._source.name} stopped with an error of its own ({type(error).__name__}): choose it again"
        )
