"""The nouns of the application: what a frame, a face, an embedding and a match are.

Immutable, without behaviour beyond geometry and the calendar, importable from every room. Pictures are BGR, 8 bit,
height x width x 3, as OpenCV has them; coordinates are pixels with the origin at the upper left; times are
`time.monotonic_ns()`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

BgrImage: TypeAlias = NDArray[np.uint8]
"""Height x width x 3, uint8, BGR."""

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source. `image` is read-only: whoever wants to draw on it copies it first."""

    id: int
    """0-based index in its source."""
    captured_ns: int
    image: BgrImage
    repeated: bool = False
    """True where a live source has delivered the very same picture once more: it tells nothing new of what is there."""

    @staticmethod
    def freeze(id: int, captured_ns: int, image: BgrImage) -> Frame:
        """A frame that owns `image`, which becomes read-only. A view of other memory is copied first: whoever holds
        that could still write to it."""
        if not image.flags.owndata:
            image = image.copy()
        image.flags.writeable = False
        return Frame(id, captured_ns, image)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-parallel rectangle in pixels, (x1, y1) inclusive to (x2, y2) exclusive."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def center(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        w = min(self.x2, other.x2) - max(self.x1, other.x1)
        h = min(self.y2, other.y2) - max(self.y1, other.y1)
        if w <= 0 or h <= 0:
            return 0.0
        return w * h / (self.area + other.area - w * h)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)

    def scaled(self, factor: float) -> Box:
        """The box in a picture resized by `factor` (coordinates multiplied, not widened)."""
        return Box(self.x1 * factor, self.y1 * factor, self.x2 * factor, self.y2 * factor)

    def as_list(self) -> list[float]:
        return [self.x1, self.y1, self.x2, self.y2]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detected face. `landmarks` is float32 (5, 2): left eye, right eye, nose tip, left and right mouth corner,
    left and right as seen in the picture; None where the detector has none."""

    box: Box
    score: float
    """The detector's confidence, 0 to 1."""
    landmarks: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """A face as a point on the unit sphere of one embedding space (FaceNet, Schroff et al. 2015)."""

    vector: Floats
    """float32 (D,), unit length."""
    space: str
    """Id of the space: weights, crop, mean and mirror, not precision. Two spaces are never compared."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the gallery and how far the probe is from their nearest template."""

    person_id: str
    name: str
    distance: float


@dataclass(frozen=True, slots=True)
class Match:
    """The answer to "who is this?": the nearest person, the nearest other person, and the threshold in force."""

    nearest: Candidate
    runner_up: Candidate | None
    threshold: float
    struck_out: Candidate | None = None
    """The nearest person of whom somebody said that a face like this one isn't theirs: neither of the two above, though
    they may be nearer than both."""

    @property
    def accepted(self) -> bool:
        """True where the nearest person is near enough to be named."""
        return self.nearest.distance <= self.threshold

    @property
    def name(self) -> str | None:
        """The name to show: None for an unknown face."""
        return self.nearest.name if self.accepted else None


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFace:
    """A face followed through frames."""

    track: int
    """Id of the track, unique within a session, never reused."""
    face: Face
    observed: bool
    """True where the detector itself saw the face in this frame, false where the track carried it."""
    match: Match | None = None
    """None until the face was embedded, or while nobody is enrolled."""
    velocity: tuple[float, float] = (0.0, 0.0)
    """Of the box's centre, pixels per second: overlays draw the box where the face is now."""
    quality: float | None = None
    """Of the face in this frame, 0 to 100 (`vision.quality`); None where it wasn't looked at."""
    certain: bool = True
    """False in a frame where the face could be another one's: it jumped, or two faces were candidates."""
    fresh: bool = False
    """True where `match` comes from an embedding of this very frame, averaged with none before."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameResult:
    """What the recognition thread found in one frame, largest face first."""

    frame_id: int
    captured_ns: int
    finished_ns: int
    size: tuple[int, int]
    """Width and height of the frame in pixels."""
    faces: tuple[TrackedFace, ...]
    stages_ms: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Milliseconds spent in each stage: detect, track, crop, embed, match."""

    @property
    def latency_ms(self) -> float:
        return (self.finished_ns - self.captured_ns) / 1e6


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """A person as a list shows them."""

    id: str
    name: str
    photos: int
    created: str
    """ISO 8601, UTC."""
    usable: bool
    """False where no template exists in the current embedding space and none can be made: photograph them again."""
    thumbnail: bytes | None = None
    """JPEG of the face, where the site keeps crops."""
    guest: bool = False
    """True for the demo's guest, who is never stored."""
    updated: str = ""
    """ISO 8601, UTC: the last change of the name or the photos."""
    consent: Literal["none", "given", "expired", "withdrawn"] | None = None
    """none: no consent on record, which is to be marked wherever the person is shown. None: it wasn't asked, as for the
    guest, who is in the public domain."""
    consent_until: str | None = None
    """ISO date: the last day on which it counts; None: until it is withdrawn."""
    templates: int = 0
    """How many of the photos have a template in the current embedding space."""
    last_seen: str | None = None
    """ISO date: the day on which a camera last knew them; None: never since that is written down."""


@dataclass(frozen=True, slots=True)
class LiveStats:
    """Counters of a live session, for status bars and summaries."""

    frames_read: int
    frames_processed: int
    frames_dropped: int
    fps: float
    """Frames recognised per second."""
    preview_fps: float
    """Frames read from the camera per second."""
    latency_p50_ms: float
    latency_p95_ms: float
    provider: str
    """The ONNX Runtime execution provider really in use, with the precision, as people read it."""
    slowed: int = 0
    """0: all that is wanted is done for every frame. 1 and more: the machine is too slow for that, and less is done."""


MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """A weekly window of local wall-clock time, from `opens` to before `closes`. Raises ValueError for what is none."""

    days: frozenset[int]
    """0 Monday to 6 Sunday: the days on which the window opens."""
    opens: int
    """Minutes after midnight."""
    closes: int
    """Minutes after midnight, up to 1440. Not after `opens`: on the next day."""

    def __post_init__(self) -> None:
        if not self.days or not all(0 <= d <= 6 for d in self.days):
            raise ValueError(f"days must be some of 0 (Monday) to 6 (Sunday), not {sorted(self.days)}")
        if not (0 <= self.opens < MINUTES_A_DAY and 0 < self.closes <= MINUTES_A_DAY and self.opens != self.closes):
            raise ValueError(f"hours must lie within a day and differ, not {self.opens} to {self.closes} minutes")

    def contains(self, local: datetime) -> bool:
        """Whether the window is open at `local` wall-clock time."""
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.opens < self.closes:
            return day in self.days and self.opens <= minute < self.closes
        return (day in self.days and minute >= self.opens) or ((day - 1) % 7 in self.days and minute < self.closes)


JsonObject: TypeAlias = dict[str, Any]
