"""A source from its first frame to its last, without a window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

from faceapp.camera.source import FrameSource
from faceapp.errors import KnownError
from faceapp.pipeline.ahead import FindAhead, ReadAhead
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.recogniser import Found, Recogniser
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.statistics import Latencies
from faceapp.pipeline.watched import Fault, WatchedCapture
from faceapp.types import Frame, FrameResult, JsonObject


class HeadlessRun:
    """Iterate to get a result for every processed frame; the counters hold what was done so far."""

    def __init__(
        self,
        source: FrameSource,
        recogniser: Recogniser,
        drop: bool,
        frames: int | None,
        source_changed: Callable[[KnownError | None], None] = lambda _: None,
        *,
        make: Callable[[], FrameSource] | None = None,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """drop: as a window does it, in the source's own time, the newest frame each time. Otherwise every frame of a
        finite source, as fast as it goes. frames: stop after so many processed ones. source_changed: called once when
        a camera is lost, with why, and once with None when it is back. make: gives another `source` each time; with it
        a live one that is stuck or frozen is made anew, for as long as it takes, and so is one that isn't there yet
        where no number of frames is asked for. idle: called when no frame has come for 0.2 s."""
        self._make = make
        self._idle = idle
        self._source = source
        self._recogniser = recogniser
        self._drop = drop
        self._frames = frames
        self._source_changed = source_changed
        self._capture: CaptureThread | WatchedCapture | None = None
        self._lost = False
        self._stopping = False
        self._started_ns = self._finished_ns = 0
        self.frame: Frame | None = None
        """The one whose result was given last."""
        self.frames_read = 0
        self.frames_processed = 0
        self.latencies = Latencies(keep=1_000_000)

    def stop(self) -> None:
        """End after the frame in work, as if the source had ended there. From any thread, and from a signal's handler:
        it takes no lock."""
        self._stopping = True

    @property
    def frames_dropped(self) -> int:
        """Read and not processed."""
        return self.frames_read - self.frames_processed

    @property
    def fps(self) -> float:
        """Processed frames a second, from the first frame on."""
        seconds = (self._finished_ns - self._started_ns) / 1e9
        return self.frames_processed / seconds if seconds > 0 else 0.0

    def as_json(self) -> JsonObject:
        """The counters, as the event that closes a list of events begins."""
        p50, p95 = self.latencies.percentiles()
        return {
            "type": "summary",
            "frames_read": self.frames_read,
            "frames_processed": self.frames_processed,
            "frames_dropped": self.frames_dropped,
            "fps": round(self.fps, 2),
            "latency_ms": {"p50": round(p50, 2), "p95": round(p95, 2)},
        }

    def __iter__(self) -> Iterator[FrameResult]:
        """Raises the source's KnownError where it can't be opened or is lost for good."""
        return self._dropping() if self._drop else self._every_frame()

    def _every_frame(self) -> Iterator[FrameResult]:
        with ExitStack() as stack:
            frames = stack.enter_context(ReadAhead(self._source))
            looked: Iterable[Found]
            if self._recogniser.eases:
                looked = stack.enter_context(FindAhead(self._recogniser, frames))
            else:  # a door's judge sees each frame whole before the next is begun
                looked = map(self._recogniser.find, frames)
            for found in looked:
                self._started_ns = self._started_ns or found.begun_ns
                self.frames_read += 1
                result = self._recogniser.name(found)
                self.frame = found.frame
                # The frame's own time is its place in the film: the delay counts from when it was taken up.
                self._count((result.finished_ns - found.begun_ns) / 1e6)
                yield result
                if self._done():
                    return

    def _dropping(self) -> Iterator[FrameResult]:
        work: LatestSlot[Frame] = LatestSlot()
        if self._make is None:
            self._capture = CaptureThread(self._source, [work])
        else:
            self._capture = WatchedCapture(self._make, [work], retry_opening=self._frames is None)
        capture = self._capture
        capture.start()
        try:
            while not self._done():
                frame = work.take(0.2)
                self._tell(capture, frame is not None)
                if frame is None:
                    if work.closed:
                        break
                    self._idle()
                    continue
                self._started_ns = self._started_ns or time.monotonic_ns()
                result = self._recogniser.process(frame)
                self.frame = frame
                self.frames_read = capture.read.count
                self._count(result.latency_ms)
                yield result
        finally:
            failed = capture.error if capture.phase == "failed" else None
            capture.stop()
            self.frames_read = capture.read.count
        if failed is not None:
            raise failed

    def _done(self) -> bool:
        return self._stopping or (self._frames is not None and self.frames_processed >= self._frames)

    def fault(self) -> Fault | None:
        """What is the matter with a live source now."""
        return self._capture.fault(time.monotonic_ns()) if isinstance(self._capture, WatchedCapture) else None

    def _tell(self, capture: CaptureThread | WatchedCapture, delivered: bool) -> None:
        phase, error = capture.phase, capture.error
        if phase == "reconnecting" and error is not None and not self._lost:
            self._lost = True
            self._source_changed(error)
        elif phase != "reconnecting" and delivered and self._lost:
            self._lost = False
            self._source_changed(None)

    def _count(self, milliseconds: float) -> None:
        self.frames_processed += 1
        self._finished_ns = time.monotonic_ns()
        self.latencies.add(milliseconds)
