"""Enrol by snapshot: one second's frames, the best of them, ready to be named.

`begin`, `cancel` and `state` are called on the GUI thread, `watch` on the recognition thread. They share one attempt at
a time: the GUI thread replaces it whole, the recognition thread writes into the one it began with, so what is over or
was cancelled can't come back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from faceapp.app.live_types import SnapshotState
from faceapp.enrollment.burst import Burst
from faceapp.enrollment.gate import Gate, GateReport
from faceapp.enrollment.photo import keep_crop
from faceapp.errors import KnownError, NoFaceError, TwoFacesError
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Floats, Frame, FrameResult
from faceapp.vision.faces import dominant_face

IDLE = SnapshotState("idle")
GIVE_UP_NS = 5_000_000_000
"""When no picture was looked at for so long there will be no snapshot."""
HINT_BELOW = 60.0
"""A quality of at least this needs no hints."""
NOTHING_SEEN = "No picture was looked at: see whether the camera delivers any, and try again."


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A face that is ready to be enrolled."""

    image: BgrImage
    face: Face
    vector: Floats
    report: GateReport


class Attempt:
    """One snapshot, from the button to the photograph."""

    def __init__(self, now_ns: int) -> None:
        self.begun_ns = self.looked_ns = now_ns
        self.burst = Burst()
        self.state: SnapshotState | None = None
        """How it ended; None while it collects."""
        self.portrait: Portrait | None = None

    def end(self, state: SnapshotState, portrait: Portrait | None = None) -> None:
        """It is over: ready, failed, or idle once the photograph is stored."""
        self.portrait = portrait
        self.state = state


class Snapshots:
    """One snapshot at a time."""

    def __init__(self) -> None:
        self._attempt: Attempt | None = None
        self._gate = Gate()

    def begin(self) -> None:
        """Collect from the next frame on."""
        self._attempt = Attempt(time.monotonic_ns())

    def cancel(self) -> None:
        """Forget the snapshot."""
        self._attempt = None

    def ready(self) -> tuple[Attempt, Portrait] | None:
        """What can be enrolled; None unless the state is "ready"."""
        attempt = self._attempt
        portrait = attempt.portrait if attempt is not None else None
        return None if attempt is None or portrait is None else (attempt, portrait)

    def state(self) -> SnapshotState:
        """How far it is."""
        attempt = self._attempt
        if attempt is None:
            return IDLE
        if attempt.state is None and time.monotonic_ns() - attempt.looked_ns > GIVE_UP_NS:
            self._attempt = attempt = Attempt(attempt.begun_ns)
            attempt.end(SnapshotState("failed", problem=NOTHING_SEEN))
        return attempt.state or SnapshotState("collecting", attempt.burst.progress)

    def watch(self, recogniser: Recogniser, frame: Frame, result: FrameResult) -> None:
        """Look at a recognised frame; on the last one of the burst make the portrait. A frame from before the button
        was pressed may be another camera's and doesn't count."""
        attempt = self._attempt
        if attempt is None or attempt.state is not None or frame.captured_ns < attempt.begun_ns:
            return
        attempt.looked_ns = time.monotonic_ns()
        try:
            report = self._gate.check(frame.image, [f.face for f in result.faces if f.observed])
            attempt.burst.offer(frame, report)
            if not attempt.burst.done:
                return
            state, portrait = self._finish(attempt.burst, recogniser)
        except Exception as e:
            line = str(e) if isinstance(e, KnownError) else "The photograph could not be examined: try again."
            attempt.end(SnapshotState("failed", problem=line))
            raise
        attempt.end(state, portrait)

    def _finish(self, burst: Burst, recogniser: Recogniser) -> tuple[SnapshotState, Portrait | None]:
        if burst.best is None:
            return SnapshotState("failed", problem=burst.failure), None
        frame = burst.best.frame
        try:
            # The track's box is smoothed for the eye. What is enrolled is what the detector says.
            face = dominant_face(recogniser.detector.detect(frame.image, recogniser.min_face))
        except (NoFaceError, TwoFacesError):
            return SnapshotState("failed", problem=burst.failure), None
        vector = recogniser.embed(frame, face)
        match = recogniser.index.match(vector[None], recogniser.threshold)[0]
        report = burst.best.report
        hints = tuple(_sentence(s) for s in report.sentences) if report.figure < HINT_BELOW else ()
        crop = keep_crop(frame.image, face).image
        known_as = match.name if match else None
        state = SnapshotState("ready", 1.0, crop, report.figure, hints, known_as=known_as)
        return state, Portrait(frame.image, face, vector, report)


def _sentence(hint: str) -> str:
    return hint[0].upper() + hint[1:] + "."
