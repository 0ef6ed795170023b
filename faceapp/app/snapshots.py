"""Enrol by snapshot: one second's frames, or as many as it takes under guidance; the best of them, ready to be named.

`begin`, `take_now`, `cancel` and `state` are called on the GUI thread, `watch` on the recognition thread. They share
one attempt at a time: the GUI thread replaces it whole, the recognition thread writes into the one it began with, so
what is over or was cancelled can't come back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from faceapp.app.guest import GUEST_ID
from faceapp.app.live_types import Lookalike, SnapshotGuidance, SnapshotState
from faceapp.enrollment.burst import Burst, Shot
from faceapp.enrollment.duplicates import Limits, relate
from faceapp.enrollment.gate import Gate, GateReport
from faceapp.enrollment.guide import WISHES, Guidance, Guide, Wish
from faceapp.enrollment.photo import keep_crop
from faceapp.errors import KnownError
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Floats, Frame, FrameResult

IDLE = SnapshotState("idle")
GIVE_UP_NS = 5_000_000_000
"""When no picture was looked at for so long there will be no snapshot."""
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

    def __init__(self, now_ns: int, guide: Guide | None = None) -> None:
        self.begun_ns = self.looked_ns = now_ns
        self.burst = Burst()
        self.guide = guide
        self.guidance: Guidance | None = None
        """Of the newest frame."""
        self.state: SnapshotState | None = None
        """How it ended; None while it collects."""
        self.portrait: Portrait | None = None

    def end(self, state: SnapshotState, portrait: Portrait | None = None) -> None:
        """It is over: ready, failed, or idle once the photograph is stored."""
        self.portrait = portrait
        self.state = state


class Snapshots:
    """One snapshot at a time."""

    def __init__(self, gate: Gate | None = None, limits: Callable[[int], Limits] | None = None) -> None:
        """`limits`: how near the same person is, and how near a lookalike, in an index of so many templates; None: by
        the recogniser's threshold."""
        self._limits = limits
        self._attempt: Attempt | None = None
        self._gate = gate or Gate()

    def begin(self, guided: bool = False, shots: int = 0) -> None:
        """Collect from the next frame on. `guided`: until all is well; `shots`: `EnrolmentControl.begin_snapshot`."""
        self._attempt = Attempt(time.monotonic_ns(), Guide(self._gate, shots) if guided else None)

    def take_now(self) -> None:
        """Take the guided snapshot as it is; nothing where there is none."""
        attempt = self._attempt
        if attempt is not None and attempt.guide is not None:
            attempt.guide.take_now()

    def cancel(self) -> None:
        """Forget the snapshot."""
        self._attempt = None

    def further_wish(self, photos: int) -> str:
        """See `EnrolmentControl.further_wish`."""
        return WISHES[photos].sentence if 0 < photos < len(WISHES) else ""

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
        if attempt.state is not None:
            return attempt.state
        guidance = attempt.guidance
        if attempt.guide is None or guidance is None:
            return SnapshotState("collecting", attempt.burst.progress)
        return SnapshotState("collecting", guidance.progress, guidance=_shown(guidance, attempt.guide.wish))

    def watch(self, recogniser: Recogniser, frame: Frame, result: FrameResult) -> None:
        """Look at a recognised frame; on the last one of the burst make the portrait. A frame from before the button
        was pressed may be another camera's and doesn't count."""
        attempt = self._attempt
        if attempt is None or attempt.state is not None or frame.captured_ns < attempt.begun_ns:
            return
        attempt.looked_ns = time.monotonic_ns()
        try:
            ended = self._look(attempt, recogniser, frame, [f.face for f in result.faces if f.observed])
        except Exception as e:
            line = str(e) if isinstance(e, KnownError) else "The photograph could not be examined: try again."
            attempt.end(SnapshotState("failed", problem=line))
            raise
        if ended is not None:
            attempt.end(*ended)

    def _look(
        self, attempt: Attempt, recogniser: Recogniser, frame: Frame, faces: list[Face]
    ) -> tuple[SnapshotState, Portrait | None] | None:
        """One frame more: how it ended, or None."""
        guide = attempt.guide
        if guide is None:
            attempt.burst.offer(frame, self._gate.check(frame.image, faces))
            return self._finish(attempt.burst.best, attempt.burst.failure, recogniser) if attempt.burst.done else None
        attempt.guidance = guide.look(frame, faces)
        if guide.shot is None:
            return None
        state, portrait = self._finish(guide.shot, attempt.burst.failure, recogniser)
        if portrait is None or not (portrait.report.passed or guide.manual):
            # The detector alone sees it a little otherwise than the smoothed track: on with it.
            guide.again()
            return None
        return state, portrait

    def _finish(self, best: Shot | None, failure: str, recogniser: Recogniser) -> tuple[SnapshotState, Portrait | None]:
        if best is None:
            return SnapshotState("failed", problem=failure), None
        frame = best.frame
        # The track's box is smoothed for the eye. What is enrolled is what the detector says.
        report = self._gate.check(frame.image, recogniser.detector.detect(frame.image, recogniser.min_face))
        face = report.face
        if face is None:
            return SnapshotState("failed", problem=failure), None
        vector = recogniser.embed(frame, face)
        known_as, lookalikes = related(recogniser, vector, self._limits)
        state = SnapshotState(
            "ready",
            1.0,
            keep_crop(frame.image, face).image,
            report.figure,
            tuple(map(as_sentence, report.sentences)),
            known_as=known_as,
            lookalikes=lookalikes,
            override=not report.passed,
        )
        return state, Portrait(frame.image, face, vector, report)


def related(
    recogniser: Recogniser, vector: Floats, limits: Callable[[int], Limits] | None
) -> tuple[str | None, tuple[Lookalike, ...]]:
    """Who a face, float32 (D,), is already, and whom else it is near to. `limits` as in `Snapshots`. On the recognition
    thread."""
    index = recogniser.index
    own = Limits.of(recogniser.threshold, recogniser.threshold)
    relation = relate(vector, index, own if limits is None else limits(index.templates))
    same = relation.others[:1] if relation.kind == "same_person" else ()
    others = [c for c in relation.others[len(same) :] if c.person_id != GUEST_ID]  # who is never stored
    return same[0].name if same else None, tuple(Lookalike(c.person_id, c.name) for c in others)


def _shown(guidance: Guidance, wish: Wish) -> SnapshotGuidance:
    return SnapshotGuidance(
        code=guidance.code,
        sentence=guidance.sentence,
        outline=guidance.outline,
        findings=tuple(f.code for f in guidance.findings),
        figure=guidance.figure,
        stuck=guidance.stuck,
        wish=wish.sentence,
    )


def as_sentence(hint: str) -> str:
    """What the gate says, with a capital and a full stop."""
    return hint[0].upper() + hint[1:] + "."
