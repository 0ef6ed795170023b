"""A capture that outlives its camera's driver.

`CaptureThread` reopens a camera that says it was lost. One whose `open` or `read` never comes back says nothing, and
nobody can end a thread that waits in a driver: such a thread is left behind with the source it holds, cut off from the
slots, and another source is made and read by another thread.
"""

from __future__ import annotations

import copy
import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias

from faceapp.camera.source import FrameSource
from faceapp.errors import KnownError, UnavailableError
from faceapp.pipeline.capture import BACK_OFF, CapturePhase, CaptureThread
from faceapp.pipeline.clock import Clock, RealClock
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.statistics import Rate
from faceapp.types import Frame

Fault: TypeAlias = Literal["lost", "stalled", "frozen"]

MOST_LEFT: Final = 3
"""So many threads at most are left behind in a driver at a time. Each holds memory and maybe the device."""
LOOK_EVERY: Final = 0.2
"""Seconds between two looks of the supervising thread."""
REOPEN_FROZEN_NS: Final = 5_000_000_000
"""A picture that stands still for so long is opened anew: that wakes a hung encoder. Twice as long before each next
try, up to MOST_FROZEN_NS: a scene may really be as still as that, and each try costs a second of pictures."""
MOST_FROZEN_NS: Final = 60_000_000_000
_NO_PICTURES = {
    "device": "the camera {} sends no pictures: check its cable",
    "stream": "{} sends no pictures: check the network and the camera",
}

_log = logging.getLogger(__name__)


class WatchedCapture:
    """Stands where a CaptureThread stands, and replaces it when it is stuck.

    A live source that delivers nothing for STALLED_NS (OPENING_NS while it opens) is left behind and made anew, after
    BACK_OFF. Frames go on counting and nothing of a source that was left behind reaches the sinks. A finite source is
    never replaced: its film would begin again.

    A camera of this machine cannot be opened while the thread left behind still holds it: the next one is told that
    another program uses it, and tries until that ends, which an unplugged camera's driver brings about.

    `_lock` guards the change from one capture to the next; everything else may be asked from any thread."""

    def __init__(
        self,
        make: Callable[[], FrameSource],
        sinks: Sequence[LatestSlot[Frame]],
        pace: bool = True,
        clock: Clock | None = None,
        *,
        retry_opening: bool = False,
    ) -> None:
        """Starts nothing. `make`: gives a source, not open, each time another one. `retry_opening`: a live source is
        tried until it is there, from the very start, and whatever it fails of; else it fails for good where it cannot
        be opened the first time, or of an error of its own."""
        self._make = make
        self._sinks = sinks
        self._pace = pace
        self._clock = clock or RealClock()
        self._retry_opening = retry_opening
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="capture-watch", daemon=True)
        self._source: FrameSource | None = None
        self._capture: CaptureThread | None = None
        self._gate: _Gate | None = None
        self._left: list[CaptureThread] = []
        self._due_ns: int | None = None
        self._replaced = 0
        self._hangs: KnownError | None = None
        self._reopen_at_ns = self._reopen_after_ns = REOPEN_FROZEN_NS
        self.read = Rate()

    def start(self) -> None:
        """Make, open and read the source; what is opened is opened on its thread. Raises what `make` raises."""
        self._source = source = self._make()
        with self._lock:
            if self._stop.is_set():
                return
            self._run(source, None)
        if source.live:
            self._thread.start()

    def stop(self, timeout: float = 0.8) -> bool:
        """End, waiting up to `timeout` seconds; False where a thread is stuck in the camera's own code, now or from
        before: it is left behind, as by `CaptureThread.stop`."""
        self._stop.set()
        for sink in self._sinks:
            sink.close()
        end = time.monotonic() + timeout
        with self._lock:
            capture = self._capture
        if capture is not None:
            capture.stop(timeout)
        if self._thread.is_alive():
            self._thread.join(max(0.0, end - time.monotonic()))
        captures = self._left if capture is None else [capture, *self._left]
        return not any(c.alive for c in captures)

    @property
    def phase(self) -> CapturePhase:
        """As of a CaptureThread; a source that was replaced is reconnecting until it delivers."""
        if self._stop.is_set():
            return "stopped"
        capture = self._capture
        if capture is None:
            return "opening"
        waits = self._hangs is not None or (self._goes_on and capture.phase in ("failed", "ended"))
        return "reconnecting" if waits else capture.phase

    @property
    def error(self) -> KnownError | None:
        """Why it failed, or why it is reconnecting."""
        capture = self._capture
        return self._hangs or (capture.error if capture is not None else None)

    @property
    def left_behind(self) -> int:
        """How many threads are stuck in the camera's own code and given up."""
        return sum(c.alive for c in self._left)

    @property
    def kind(self) -> str:
        """The source's; empty before `start`."""
        return self._source.kind if self._source is not None else ""

    @property
    def frozen(self) -> bool:
        """True where a live source has been delivering the same picture for two seconds."""
        capture = self._capture
        return capture is not None and capture.frozen

    def stalled(self, now_ns: int) -> bool:
        """True where the source runs but has delivered nothing for STALLED_NS, or cannot even be opened."""
        capture = self._capture
        return capture is not None and capture.stalled(now_ns)

    def fault(self, now_ns: int) -> Fault | None:
        """What is the matter with the source now, on the clock of `Frame.captured_ns`: it failed or is being opened
        again, it delivers nothing, it delivers the same picture all the time. None while it works, while it opens for
        the first time, and where a film has ended."""
        phase = self.phase
        if self._hangs is not None or self.stalled(now_ns):
            return "stalled"
        if phase in ("failed", "reconnecting"):
            return "lost"
        if phase == "ended" and self._source is not None and self._source.live:
            return "lost"
        return "frozen" if phase == "running" and self.frozen else None

    # Below: the supervising thread

    def _watch(self) -> None:
        while not self._clock.wait(self._stop, LOOK_EVERY):
            try:
                self._look(self._clock.now_ns())
            except Exception:  # noqa: BLE001 - the watch must go on: without it a stuck camera stays stuck
                _log.exception("the camera's watch stumbled")

    def _look(self, now_ns: int) -> None:
        capture, gate, source = self._capture, self._gate, self._source
        if capture is None or gate is None or source is None or not source.live or self._stop.is_set():
            return
        self._left = [c for c in self._left if c.alive]
        over = self._goes_on and capture.phase in ("failed", "ended")
        if not over and not capture.stuck(now_ns):
            self._due_ns = self._hangs = None
            if gate.delivered:
                self._replaced = 0
            self._look_at_picture(capture, source.name)
            return
        if self._due_ns is None:
            _log.warning("camera %s", "failed" if over else "stalled")
            self._due_ns = now_ns + round(BACK_OFF[min(self._replaced, len(BACK_OFF) - 1)] * 1e9)
        elif now_ns >= self._due_ns:
            self._replace(capture, gate, source)

    def _look_at_picture(self, capture: CaptureThread, name: str) -> None:
        if not capture.frozen:
            self._reopen_at_ns = self._reopen_after_ns = REOPEN_FROZEN_NS
        elif capture.phase == "running" and capture.stillness.same_ns >= self._reopen_at_ns:
            _log.warning("camera frozen: opening it again")
            self._reopen_after_ns = min(2 * self._reopen_after_ns, MOST_FROZEN_NS)
            self._reopen_at_ns = capture.stillness.same_ns + self._reopen_after_ns
            capture.reopen(UnavailableError(f"the picture of {name} stands still: check the camera"))

    def _replace(self, capture: CaptureThread, gate: _Gate, source: FrameSource) -> None:
        """Leave a stuck capture behind, or one that ended, and start another."""
        if capture.alive and len(self._left) >= MOST_LEFT:
            if self._hangs is None:
                _log.warning("camera stalled, and %d tries hang in its driver: waiting for one to end", MOST_LEFT + 1)
                self._hangs = UnavailableError(
                    f"{source.name} hangs in its driver, {MOST_LEFT + 1} times over: "
                    "unplug it and plug it in again; if that doesn't help, restart faceapp"
                )
            return
        why = capture.error or UnavailableError(
            _NO_PICTURES.get(source.kind, "{} sends no pictures: choose it again").format(source.name)
        )
        self._due_ns = self._hangs = None
        self._replaced += 1
        try:
            another = self._make()
        except KnownError as e:
            _log.warning("camera cannot be made anew (%s)", type(e).__name__)
            return
        with self._lock:
            if self._stop.is_set():
                return
            gate.shut()
            capture.stop(0)
            if capture.alive:
                self._left = [*self._left, capture]
            _log.info("camera is opened by another thread, %d left behind", len(self._left))
            self._source = another
            self._run(another, why)

    def _run(self, source: FrameSource, lost: KnownError | None) -> None:
        """Read `source` on a thread of its own; it stands in for one that was `lost`."""
        before, gate_before = self._capture, self._gate
        gate = _Gate(self, 0 if gate_before is None else gate_before.next_id, ends=not self._may_go_on(source))
        capture = CaptureThread(
            source,
            [gate],
            self._pace,
            self._clock,
            retry_opening=self._retry_opening,
            lost=lost,
            stillness=None if before is None else copy.copy(before.stillness),
        )
        self._gate, self._capture = gate, capture
        capture.start()

    def _may_go_on(self, source: FrameSource) -> bool:
        return self._retry_opening and source.live

    @property
    def _goes_on(self) -> bool:
        return self._source is not None and self._may_go_on(self._source)

    def _deliver(self, frame: Frame) -> None:
        self.read.tick(self._clock.now_ns())
        for sink in self._sinks:
            sink.put(frame)

    def _finish(self) -> None:
        for sink in self._sinks:
            sink.close()


class _Gate:
    """Between one capture and the sinks. Once it is shut nothing passes any more, also not what is on its way."""

    def __init__(self, owner: WatchedCapture, first_id: int, ends: bool) -> None:
        """`ends`: the sinks close when this capture ends; else another one follows."""
        self._owner = owner
        self._first_id = self.next_id = first_id
        self._ends = ends
        self._lock = threading.Lock()
        self._shut = False
        self.delivered = False

    def put(self, item: Frame) -> None:
        """Let a frame pass, counted on from where the capture before ended."""
        with self._lock:
            if self._shut:
                return
            id = self._first_id + item.id
            self.next_id = id + 1
            self.delivered = True
            self._owner._deliver(item if id == item.id else dataclasses.replace(item, id=id))

    def close(self) -> None:
        """The capture has ended."""
        with self._lock:
            if not self._shut and self._ends:
                self._owner._finish()

    def shut(self) -> None:
        """Let nothing pass from now on."""
        with self._lock:
            self._shut = True
