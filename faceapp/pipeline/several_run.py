"""Several cameras from their first frames to their last, without a window."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from faceapp.camera.source import FrameSource
from faceapp.errors import KnownError
from faceapp.pipeline.ahead import ReadAhead
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.statistics import Latencies
from faceapp.pipeline.threads import stop_all
from faceapp.pipeline.waiting import Waiting
from faceapp.pipeline.watched import WatchedCapture
from faceapp.types import FrameResult, JsonObject

Make = Callable[[], FrameSource]
_STOP_WITHIN = 1.0


class Tally:
    """What was done, of one camera or of all."""

    def __init__(self) -> None:
        self.frames_read = 0
        self.frames_processed = 0
        self.latencies = Latencies(keep=1_000_000)
        self._started_ns = self._finished_ns = 0

    @property
    def fps(self) -> float:
        """Processed frames a second, from the first frame on."""
        seconds = (self._finished_ns - self._started_ns) / 1e9
        return self.frames_processed / seconds if seconds > 0 else 0.0

    def begin(self, now_ns: int) -> None:
        """A frame is taken up."""
        self._started_ns = self._started_ns or now_ns

    def count(self, milliseconds: float, now_ns: int) -> None:
        """A frame was processed, so late."""
        self.frames_processed += 1
        self.latencies.add(milliseconds)
        self._finished_ns = now_ns

    def as_json(self) -> JsonObject:
        """The counters, as `HeadlessRun.as_json` names them."""
        p50, p95 = self.latencies.percentiles()
        return {
            "frames_read": self.frames_read,
            "frames_processed": self.frames_processed,
            "frames_dropped": self.frames_read - self.frames_processed,
            "fps": round(self.fps, 2),
            "latency_ms": {"p50": round(p50, 2), "p95": round(p95, 2)},
        }


class SeveralRun:
    """Iterate to get a camera's number and a result for every processed frame. Everything but reading happens on the
    thread that iterates: it owns the recognisers, which share their networks."""

    def __init__(
        self,
        makes: Sequence[Make],
        recognisers: Sequence[Recogniser],
        drop: bool,
        frames: int | None,
        source_changed: Callable[[int, KnownError | None], None] = lambda _, __: None,
    ) -> None:
        """makes: each gives a camera's source, another one each time. recognisers: one for each, in the same order.
        drop: in the sources' own time, always the newest frame of whoever's turn it is (`pipeline.turns`); else every
        frame of finite sources, one of each in turn. frames: of each camera, at most. source_changed: called with a
        camera's number when it is lost, with why, and with None when it is back.

        A camera that is lost for good ends alone, and `failed` says why; where no number of frames is asked for, one
        that isn't there yet is waited for."""
        self._makes = makes
        self._recognisers = recognisers
        self._drop = drop
        self._frames = frames
        self._source_changed = source_changed
        self._stopping = False
        self._lost: set[int] = set()
        self.cameras = tuple(Tally() for _ in makes)
        self.total = Tally()
        self.failed: dict[int, KnownError] = {}

    def stop(self) -> None:
        """End after the frame in work. From any thread, and from a signal's handler: it takes no lock."""
        self._stopping = True

    def as_json(self) -> JsonObject:
        """The counters of all together, and in `cameras` those of each, in order."""
        each = [{"camera": n, **tally.as_json()} for n, tally in enumerate(self.cameras)]
        return {"type": "summary", **self.total.as_json(), "cameras": each}

    def __iter__(self) -> Iterator[tuple[int, FrameResult]]:
        return self._dropping() if self._drop else self._every_frame()

    def _every_frame(self) -> Iterator[tuple[int, FrameResult]]:
        with ExitStack() as stack:
            films = deque((n, iter(stack.enter_context(ReadAhead(make())))) for n, make in enumerate(self._makes))
            while films and not self._stopping:
                n, film = films.popleft()
                try:
                    frame = next(film, None)
                except KnownError as e:
                    self.failed[n] = e
                    continue
                if frame is None:
                    continue
                self.cameras[n].frames_read += 1
                self.total.frames_read += 1
                begun = time.monotonic_ns()
                self._begin(n, begun)
                result = self._recognisers[n].process(frame)
                # The frame's own time is its place in the film: the delay counts from when it was taken up.
                self._count(n, (result.finished_ns - begun) / 1e6)
                yield n, result
                if not self._done(n):
                    films.append((n, film))

    def _dropping(self) -> Iterator[tuple[int, FrameResult]]:
        waiting = Waiting(len(self._makes))
        captures = [
            WatchedCapture(make, [slot], retry_opening=self._frames is None)
            for make, slot in zip(self._makes, waiting.slots, strict=True)
        ]
        try:
            for capture in captures:
                capture.start()
            while not self._stopping:
                got = waiting.take(0.2)
                self._look(captures, None if got is None else got[0])
                if got is None:
                    if waiting.closed:
                        break
                    continue
                n, frame = got
                if self._done(n):
                    continue
                self._begin(n, time.monotonic_ns())
                result = self._recognisers[n].process(frame)
                self._count(n, result.latency_ms)
                yield n, result
                if self._done(n):
                    captures[n].stop(0)
        finally:
            self._look(captures, None)
            stop_all(captures, _STOP_WITHIN)
            self._read_of(captures)

    def _look(self, captures: Sequence[WatchedCapture], delivered: int | None) -> None:
        """Tell of cameras that were lost or are back, and count what was read."""
        for n, capture in enumerate(captures):
            phase, error = capture.phase, capture.error
            if phase == "failed" and error is not None:
                self.failed[n] = error
            elif phase == "reconnecting" and error is not None and n not in self._lost:
                self._lost.add(n)
                self._source_changed(n, error)
            elif phase != "reconnecting" and n == delivered and n in self._lost:
                self._lost.discard(n)
                self._source_changed(n, None)
        self._read_of(captures)

    def _read_of(self, captures: Sequence[WatchedCapture]) -> None:
        for tally, capture in zip(self.cameras, captures, strict=True):
            tally.frames_read = capture.read.count
        self.total.frames_read = sum(tally.frames_read for tally in self.cameras)

    def _done(self, n: int) -> bool:
        return self._frames is not None and self.cameras[n].frames_processed >= self._frames

    def _begin(self, n: int, now_ns: int) -> None:
        self.cameras[n].begin(now_ns)
        self.total.begin(now_ns)

    def _count(self, n: int, milliseconds: float) -> None:
        now_ns = time.monotonic_ns()
        self.cameras[n].count(milliseconds, now_ns)
        self.total.count(milliseconds, now_ns)
