"""What a kiosk's camera sees, without a camera: results of frames 33 ms apart, with people in them."""

from __future__ import annotations

from dataclasses import dataclass

from faceapp.access.policy_settings import PolicySettings
from faceapp.types import Box, Candidate, Face, FrameResult, Match, TrackedFace

SPACE = "facenet+dlib:0"
FRAME_NS = 33_000_000
SIZE = (640, 480)
ADA, BOB = "a" * 32, "b" * 32
NAMES = {ADA: "Ada", BOB: "Bob"}
THRESHOLD = 0.45


def policy(**changes: object) -> PolicySettings:
    """The defaults, at two thresholds."""
    return PolicySettings(space=SPACE, door_threshold=THRESHOLD, verify_threshold=0.5, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Visitor:
    """One face in a frame."""

    track: int = 1
    person: str | None = ADA
    """Whom it is nearest to; None: nobody was searched for."""
    distance: float = 0.3
    x: float = 320
    height: float = 200
    quality: float = 80
    observed: bool = True
    fresh: bool = True
    runner_up: str | None = None
    runner_up_distance: float = 0.9

    def tracked(self) -> TrackedFace:
        """As a result has it."""
        half = self.height / 2
        match = None
        if self.person is not None and self.fresh:
            other = None
            if self.runner_up is not None:
                other = Candidate(self.runner_up, NAMES[self.runner_up], self.runner_up_distance)
            match = Match(Candidate(self.person, NAMES.get(self.person, "?"), self.distance), other, THRESHOLD)
        box = Box(self.x - half * 0.8, 240 - half, self.x + half * 0.8, 240 + half)
        return TrackedFace(
            self.track, Face(box, 0.99), self.observed, match, quality=self.quality, fresh=self.fresh and self.observed
        )


class Scene:
    """Makes one result after the other, on a clock of its own."""

    def __init__(self, start_ns: int = 1_000_000_000_000) -> None:
        self.now_ns = start_ns
        self._id = -1

    def frame(self, *visitors: Visitor, latency_ms: float = 40) -> FrameResult:
        """The next one; `now_ns` is when it is decided."""
        self._id += 1
        captured = self.now_ns - round(latency_ms * 1e6)
        self.now_ns += FRAME_NS
        faces = tuple(v.tracked() for v in sorted(visitors, key=lambda v: -v.height))
        return FrameResult(self._id, captured + FRAME_NS, self.now_ns, SIZE, faces)
