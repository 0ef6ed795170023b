"""Enrol by snapshot: one second's frames, the best of them, ready to be named.

`begin`, `cancel` and `state` are called on the GUI thread, `watch` on the recognition thread; they hand each other one
immutable value at a time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from faceapp.app.live_types import SnapshotState
from faceapp.enrollment.burst import Burst
from faceapp.enrollment.photo import keep_crop
from faceapp.errors import KnownError
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Floats, Frame, FrameResult
from faceapp.vision.faces import dominant_face
from faceapp.vision.quality import Quality

IDLE = SnapshotState("idle")
GIVE_UP_NS = 5_000_000_000
"""Without a frame for so long there will be no snapshot."""
HINT_BELOW = 60.0
"""A quality of at least this needs no hints."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A face that is ready to be enrolled."""

    image: BgrImage
    face: Face
    vector: Floats
    quality: Quality


class Snapshots:
    """One snapshot at a time."""

    def __init__(self, same_person: float) -> None:
        """`same_person`: the space's verify threshold, to say whom the face looks like."""
        self._same_person = same_person
        self._burst: Burst | None = None
        self._begun_ns = 0
        self._state = IDLE
        self.portrait: Portrait | None = None
        """The snapshot, while the state is "ready"."""

    def begin(self) -> None:
        """Collect from the next frame on."""
        self.portrait = None
        self._begun_ns = time.monotonic_ns()
        self._state = SnapshotState("collecting")
        self._burst = Burst()

    def cancel(self) -> None:
        """Forget the snapshot."""
        self._burst = None
        self.portrait = None
        self._state = IDLE

    def state(self) -> SnapshotState:
        """How far it is."""
        burst = self._burst
        if burst is None or self._state.phase != "collecting":
            return self._state
        if time.monotonic_ns() - self._begun_ns > GIVE_UP_NS:
            self._burst = None
            self._state = SnapshotState("failed", problem="No pictures came from the camera: check it, and try again.")
            return self._state
        return SnapshotState("collecting", burst.progress)

    def watch(self, recogniser: Recogniser, frame: Frame, result: FrameResult) -> None:
        """Look at a recognised frame; on the last one of the burst make the portrait."""
        burst = self._burst
        if burst is None or burst.done:
            return
        burst.offer(frame, [f.face for f in result.faces if f.observed])
        if not burst.done:
            return
        portrait, state = self._finish(burst, recogniser)
        if self._burst is burst:  # not cancelled meanwhile
            self._burst = None
            self.portrait = portrait
            self._state = state

    def _finish(self, burst: Burst, recogniser: Recogniser) -> tuple[Portrait | None, SnapshotState]:
        if burst.best is None:
            return None, SnapshotState("failed", problem=burst.failure)
        frame = burst.best.frame
        try:
            # The track's box is smoothed for the eye. What is enrolled is what the detector says.
            face = dominant_face(recogniser.detector.detect(frame.image, recogniser.min_face))
        except KnownError:
            return None, SnapshotState("failed", problem=burst.failure)
        vector = recogniser.embed(frame, face)
        match = recogniser.index.match(vector[None], self._same_person)[0]
        quality = burst.best.quality
        return Portrait(frame.image, face, vector, quality), SnapshotState(
            "ready",
            1.0,
            keep_crop(frame.image, face).image,
            quality.score,
            tuple(_sentence(issue.hint) for issue in quality.issues) if quality.score < HINT_BELOW else (),
            known_as=match.name if match else None,
        )


def _sentence(hint: str) -> str:
    return hint[0].upper() + hint[1:] + "."
