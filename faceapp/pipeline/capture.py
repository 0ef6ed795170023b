"""The capture thread: one for each camera, and the only one that touches it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Literal, TypeAlias

from faceapp.camera.source import FrameSource
from faceapp.errors import KnownError
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.statistics import Rate
from faceapp.types import Frame

CapturePhase: TypeAlias = Literal["opening", "running", "reconnecting", "ended", "failed", "stopped"]

STALLED_NS = 2_000_000_000
"""A camera that delivers nothing for so long is stalled, even while its `read` still waits."""
BACK_OFF = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each next try to reopen a camera that was lost; the last one repeats."""

_log = logging.getLogger(__name__)


class CaptureThread:
    """Reads a source and puts each frame into every sink. `phase`, `problem` and the counters may be read from any
    thread; the source belongs to this one alone, which also releases it."""

    def __init__(self, source: FrameSource, sinks: Sequence[LatestSlot[Frame]], pace: bool = True) -> None:
        self._source = source
        self._sinks = sinks
        self._pace = pace
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._last_ns: int | None = None
        self.read = Rate()
        self.phase: CapturePhase = "opening"
        self.error: KnownError | None = None
        """Why it failed, or why it is reconnecting."""

    def start(self) -> None:
        """Open and read the source, on the thread."""
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
        """True where the source runs but has delivered nothing for two seconds."""
        return self.phase == "running" and self._last_ns is not None and now_ns - self._last_ns > STALLED_NS

    def _run(self) -> None:
        try:
            self._source.open()
        except KnownError as e:
            self._fail(e)
            return
        except Exception as e:  # noqa: BLE001 - a driver's or codec's own error must reach the user as a line
            self._fail(_unforeseen(self._source, e))
            return
        try:
            while not self._stop.is_set():
                try:
                    self._read_all()
                    break
                except KnownError as e:
                    if not self._source.live:
                        self._fail(e)
                        return
                    self._reconnect(e)
                except Exception as e:  # noqa: BLE001 - see above
                    self._fail(_unforeseen(self._source, e))
                    return
            self.phase = "stopped" if self._stop.is_set() else "ended"
        finally:
            self._source.close()
            for sink in self._sinks:
                sink.close()

    def _read_all(self) -> None:
        """Read until the normal end or `stop`."""
        self.phase = "running"
        self.error = None
        first: tuple[int, int] | None = None
        self._last_ns = time.monotonic_ns()
        while not self._stop.is_set():
            frame = self._source.read()
            if frame is None:
                return
            if self._pace and not self._source.live:
                first = first or (time.monotonic_ns(), frame.captured_ns)
                frame = self._wait_for(frame, first)
            self._last_ns = time.monotonic_ns()
            self.read.tick(self._last_ns)
            for sink in self._sinks:
                sink.put(frame)

    def _wait_for(self, frame: Frame, first: tuple[int, int]) -> Frame:
        """Hold a finite source's frame until it is due; its time becomes the moment it would have been seen."""
        due_ns = first[0] + frame.captured_ns - first[1]
        left = (due_ns - time.monotonic_ns()) / 1e9
        if left > 0:
            self._stop.wait(left)
        return Frame(frame.id, time.monotonic_ns(), frame.image)

    def _reconnect(self, error: KnownError) -> None:
        """Close and reopen a lost camera until it is there again or `stop` is called."""
        self.phase = "reconnecting"
        self.error = error
        _log.warning("camera lost: %s", error)
        for attempt in range(1_000_000):
            self._source.close()
            if self._stop.wait(BACK_OFF[min(attempt, len(BACK_OFF) - 1)]):
                return
            try:
                self._source.open()
            except KnownError as e:
                self.error = e
            else:
                _log.info("camera is back")
                return

    def _fail(self, error: KnownError) -> None:
        _log.warning("capture failed: %s", error)
        self.error = error
        self.phase = "failed"
        for sink in self._sinks:
            sink.close()


def _unforeseen(source: FrameSource, error: Exception) -> KnownError:
    _log.error("the source failed", exc_info=error)
    return KnownError(f"{source.name} stopped with an error of its own ({type(error).__name__}): choose it again")
