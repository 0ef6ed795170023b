"""The recognition thread of several cameras: as `pipeline.recognition`, with one set of networks for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognising import IDLE, Recognising
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.statistics import Rate
from faceapp.pipeline.waiting import Waiting
from faceapp.types import Frame, FrameResult

Recognisers = Sequence[Recogniser]


class SeveralRecognition(Recognising[Recognisers]):
    """Builds a recogniser for each camera and feeds them in turn."""

    def __init__(
        self,
        build: Callable[[], Recognisers],
        waiting: Waiting,
        results: Sequence[LatestSlot[FrameResult]],
        watch: Callable[[int, FrameResult], None] = lambda _, __: None,
    ) -> None:
        """`build`, on the thread: a recogniser for each slot of `waiting`, in order; `results`: where theirs go.
        `watch` is called on this thread after each frame, with the camera's number."""
        super().__init__(build)
        self._waiting = waiting
        self._results = results
        self._watch = watch
        self.processed = tuple(Rate() for _ in results)
        """Of each camera."""

    def _close(self) -> None:
        self._waiting.close()

    def _turn(self, owned: Recognisers) -> None:
        got = self._waiting.take(IDLE)
        if got is not None:
            self._obey(owned)  # what was asked while it waited counts for this frame already
            self._recognise(owned, *got)
        elif self._waiting.closed:
            self._stop.wait(IDLE)  # all have ended; their names still follow the gallery

    def _recognise(self, recognisers: Recognisers, camera: int, frame: Frame) -> None:
        try:
            result = recognisers[camera].process(frame)
            self._results[camera].put(result)
            self.processed[camera].tick(result.finished_ns)
            self.latencies.add(result.latency_ms)
            self._watch(camera, result)
            self._keep_up(recognisers, result)
        except Exception as e:  # noqa: BLE001 - one bad frame must not end the session
            self._went_wrong(f"camera {camera}, frame {frame.id}", e)
        else:
            self._went_well()
