"""The recognition thread: it owns every session, takes the newest frame, and does what it is asked between frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognising import IDLE, Recognising
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.statistics import Rate
from faceapp.types import Frame, FrameResult

Watcher: TypeAlias = Callable[[Recogniser, Frame, FrameResult], None]


class RecognitionThread(Recognising[Recogniser]):
    """Builds a recogniser and feeds it."""

    def __init__(self, build: Callable[[], Recogniser], results: LatestSlot[FrameResult], watch: Watcher) -> None:
        """`watch` is called on this thread after each frame, with the recogniser, the frame and the result."""
        super().__init__(build)
        self._results = results
        self._watch = watch
        self._work: LatestSlot[Frame] = LatestSlot()
        self.processed = Rate()
        self.failed = 0
        """Frames taken that have no result: something went wrong, or their source was left in that moment."""

    def attach(self, work: LatestSlot[Frame]) -> None:
        """Take frames from `work` from now on. The tracks of the source before are forgotten, and so is its trouble."""

        def change(recogniser: Recogniser) -> None:
            # Both at once and on this thread: else a frame of the new source could meet the old one's tracks.
            recogniser.reset()
            self._governor.reset()
            recogniser.ease(self._governor.pace)
            self._work.discard()
            self._work = work
            self._went_well()

        self.call(change)

    def _close(self) -> None:
        self._work.close()

    def _turn(self, owned: Recogniser) -> None:
        work = self._work
        frame = work.take(IDLE)
        if frame is not None:
            self._obey(owned)  # what was asked while it waited counts for this frame already
            if work is self._work:
                self._recognise(owned, frame)
            else:  # a picture of the source that was just left
                self.failed += 1
        elif work.closed:
            self._stop.wait(IDLE)  # the source has ended; another may come

    def _recognise(self, recogniser: Recogniser, frame: Frame) -> None:
        result: FrameResult | None = None
        try:
            result = recogniser.process(frame)
            self._results.put(result)
            self.processed.tick(result.finished_ns)
            self.latencies.add(result.latency_ms)
            self._watch(recogniser, frame, result)
            self._keep_up((recogniser,), result)
        except Exception as e:  # noqa: BLE001 - one bad frame must not end the session
            self.failed += result is None
            self._went_wrong(f"frame {frame.id}", e)
        else:
            self._went_well()
