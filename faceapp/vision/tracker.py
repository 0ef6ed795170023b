"""Following faces through frames, so that boxes don't flicker and a face needs embedding only now and then.

Every track has a position and a velocity (an alpha-beta filter, the steady state of a constant-velocity Kalman filter).
A new frame's faces go to the tracks whose predicted boxes they fit best; what is left starts tracks at once, because
at a door the first frame counts. A face the detector misses is carried along its way for a few hundred milliseconds.

Time is given, never read. One thread owns a tracker and the tracks it hands out.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faceapp.types import Box, Face, Floats
from faceapp.vision.faces import overlaps


@dataclass(frozen=True, slots=True)
class TrackerOptions:
    """Times in seconds, distances in heights of a face."""

    carry: float = 0.4
    """How long a face the detector no longer sees is carried."""
    reach: float = 0.8
    """How far a face may turn up from where it was expected..."""
    reach_growth: float = 2.0
    """...and how much farther for each second since it was seen: people walk, and slow machines skip frames."""
    size_ratio: float = 1.8
    """A face this many times larger or smaller is another one."""
    gap: float = 1.0
    """After a longer time without any frame all tracks are forgotten."""
    certain_overlap: float = 0.35
    """A face that overlaps less (intersection over union) with where it was expected may be another person's."""


@dataclass(frozen=True, slots=True, eq=False)
class Memo:
    """What recognition keeps with a track."""

    vector: Floats
    """The embedding, (D,) of unit length."""
    embedded_ns: int
    quality: float
    """Of the picture the embedding was made from, 0 to 100."""
    since_ns: int | None = None
    """When this face was first embedded, the last doubt being settled; None: when it was embedded last."""
    patch: Floats | None = None
    """What the face looked like when it was last embedded (`crops.grey_patch`)."""


@dataclass(slots=True, eq=False)
class Track:
    """One face through time."""

    id: int
    face: Face
    """Box and landmarks as they are to be drawn: smoothed, or carried."""
    detection: Face | None
    """What the detector saw in this frame, for cropping; None where the face is carried."""
    at_ns: int
    """What time `face` stands for."""
    born_ns: int
    seen_ns: int
    """When the detector last saw it."""
    hits: int = 1
    """In how many frames the detector saw it."""
    velocity: tuple[float, float] = (0.0, 0.0)
    """Of the box's centre, pixels per second."""
    doubted_ns: int | None = None
    """When the face last could have been another one's: it jumped, was lost before, or two faces were candidates."""
    memo: Memo | None = None
    """Recognition's own; the tracker never touches it."""

    def copy(self) -> Track:
        """As it is now: whoever has that isn't concerned by what comes."""
        return dataclasses.replace(self)

    @property
    def observed(self) -> bool:
        """True where the detector itself saw the face in this frame."""
        return self.detection is not None

    @property
    def certain(self) -> bool:
        """False in a frame where the face could be another one's."""
        return self.doubted_ns != self.at_ns

    def needs_embedding(self, quality: float, now_ns: int, stale_s: float = 1.0, gain: float = 15.0) -> bool:
        """Whether to embed the face seen in this frame: it is new, was doubted since, is seen clearly better (`quality`
        higher by `gain` than when last embedded), or the last embedding is older than `stale_s`."""
        if self.detection is None:
            return False
        if self.memo is None or (self.doubted_ns is not None and self.memo.embedded_ns < self.doubted_ns):
            return True
        return quality >= self.memo.quality + gain or now_ns - self.memo.embedded_ns >= stale_s * 1e9


class Tracker:
    """Gives faces their tracks. Ids are never used twice, not even after `reset`."""

    def __init__(self, options: TrackerOptions | None = None) -> None:
        self._options = options or TrackerOptions()
        self._ids = itertools.count(1)
        self._tracks: list[Track] = []

    def reset(self) -> None:
        """Forget all tracks: another camera, or a jump in a film."""
        self._tracks = []

    def expected(self, now_ns: int) -> list[Box]:
        """Where the faces should be in a frame taken at `now_ns`, those that are carried included."""
        return [_predicted(t, now_ns) for t in self._tracks if now_ns - t.at_ns <= self._options.gap * 1e9]

    def update(self, faces: Sequence[Face], now_ns: int) -> list[Track]:
        """The tracks after a frame taken at `now_ns` in which the detector saw `faces`; the largest first.

        Tracks stay the same objects from frame to frame. Times that don't grow count as no time gone by."""
        self._tracks = [t for t in self._tracks if now_ns - t.at_ns <= self._options.gap * 1e9]
        expected = [_predicted(t, now_ns) for t in self._tracks]
        pairs, certain = self._assign(expected, faces, now_ns)
        taken = set(pairs.values())
        kept = []
        for i, track in enumerate(self._tracks):
            if i in pairs:
                self._observe(track, expected[i], faces[pairs[i]], now_ns, certain[i])
                kept.append(track)
            elif self._carries(track, now_ns):
                _carry(track, expected[i], now_ns)
                kept.append(track)
        for j, face in enumerate(faces):
            if j not in taken:
                kept.append(Track(next(self._ids), face, face, now_ns, now_ns, now_ns))
        self._tracks = _without_ghosts(kept)
        return sorted(self._tracks, key=lambda t: t.face.box.area, reverse=True)

    def _carries(self, track: Track, now_ns: int) -> bool:
        # Seen once and then no more: most likely never a face.
        return track.hits > 1 and now_ns - track.seen_ns <= self._options.carry * 1e9

    def _assign(
        self, expected: Sequence[Box], faces: Sequence[Face], now_ns: int
    ) -> tuple[dict[int, int], dict[int, bool]]:
        """Which track gets which face, the best fit first; and whether nothing else would have fitted half as well."""
        if not expected or not faces:
            return {}, {}
        here, there = (np.array([b.as_list() for b in boxes]) for boxes in (expected, [f.box for f in faces]))
        shared = overlaps(here, there)
        fits = self._fits(here, there, shared, now_ns)
        pairs: dict[int, int] = {}
        certain: dict[int, bool] = {}
        # The best first, as long as both are free.
        order = np.argsort(-fits, axis=None, kind="stable")
        for place in order[: np.count_nonzero(fits)].tolist():
            i, j = divmod(place, len(faces))
            if i in pairs or j in pairs.values():
                continue
            half = fits[i, j] / 2
            alone = np.count_nonzero(fits[i] >= half) == 1 and np.count_nonzero(fits[:, j] >= half) == 1
            certain[i] = bool(alone and shared[i, j] >= self._options.certain_overlap)
            pairs[i] = j
        return pairs, certain

    def _fits(
        self, expected: NDArray[np.float64], boxes: NDArray[np.float64], shared: NDArray[Any], now_ns: int
    ) -> NDArray[np.float64]:
        """How well each box (M, 4) fits where each track's should be (N, 4), of which they share so much (N, M). 0: not
        at all; above: the better, up to 2 (overlap and nearness, each up to 1)."""
        one, other = (b[:, 3] - b[:, 1] for b in (expected, boxes))
        height = np.maximum(1e-6, np.maximum(one[:, None], other))
        gone = np.array([max(0.0, (now_ns - t.seen_ns) / 1e9) for t in self._tracks])
        reach = height * (self._options.reach + self._options.reach_growth * gone)[:, None]
        apart = (expected[:, None, :2] + expected[:, None, 2:] - boxes[:, :2] - boxes[:, 2:]) / 2
        nearness = 1 - np.hypot(apart[..., 0], apart[..., 1]) / reach
        alike = height <= self._options.size_ratio * np.maximum(1e-6, np.minimum(one[:, None], other))
        fits: NDArray[np.float64] = np.where(alike & (nearness > 0), shared + nearness, 0.0)
        return fits

    @staticmethod
    def _observe(track: Track, expected: Box, face: Face, now_ns: int, certain: bool) -> None:
        # While nobody looked, somebody else may have come to the same place.
        certain = certain and track.observed
        seconds = max(0, now_ns - track.at_ns) / 1e9
        (ex, ey), (fx, fy) = expected.center, face.box.center
        miss = math.hypot(fx - ex, fy - ey) / max(1e-6, face.box.height)
        # A still face's jitter (a few hundredths of its height) is smoothed, a movement is followed at once.
        alpha = min(1.0, 0.45 + 5 * miss)
        cx, cy = ex + alpha * (fx - ex), ey + alpha * (fy - ey)
        if seconds > 0:
            beta = min(0.5, alpha * alpha / (2 - alpha))
            vx, vy = track.velocity
            track.velocity = (vx + beta * (fx - ex) / seconds, vy + beta * (fy - ey) / seconds)
        growth = abs(math.log(face.box.height / max(1e-6, expected.height))) if face.box.height > 0 else 1.0
        gamma = min(1.0, 0.35 + 4 * growth)
        width = expected.width + gamma * (face.box.width - expected.width)
        height = expected.height + gamma * (face.box.height - expected.height)
        box = Box(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
        landmarks = None
        if face.landmarks is not None:
            landmarks = face.landmarks + np.array([cx - fx, cy - fy], np.float32)
        track.face = Face(box, face.score, landmarks)
        track.detection = face
        track.hits += 1
        track.seen_ns = track.at_ns = now_ns
        if not certain:
            track.doubted_ns = now_ns


def _predicted(track: Track, now_ns: int) -> Box:
    """Where the track's box is by now, if it went on as before."""
    seconds = max(0, now_ns - track.at_ns) / 1e9
    vx, vy = track.velocity
    return track.face.box.moved(vx * seconds, vy * seconds)


def _carry(track: Track, expected: Box, now_ns: int) -> None:
    (x, y), (ex, ey) = track.face.box.center, expected.center
    landmarks = track.face.landmarks
    if landmarks is not None:
        landmarks = landmarks + np.array([ex - x, ey - y], np.float32)
    # Nobody keeps going for long in the direction of a movement's last moment.
    fading = math.exp(-max(0, now_ns - track.at_ns) / 1e9 / 0.15)
    track.velocity = (track.velocity[0] * fading, track.velocity[1] * fading)
    track.face = Face(expected, track.face.score, landmarks)
    track.detection = None
    track.at_ns = now_ns


def _without_ghosts(tracks: list[Track]) -> list[Track]:
    """Drop carried faces where another track's face is seen: one face never has two boxes."""
    seen = [t for t in tracks if t.observed]
    return [t for t in tracks if t.observed or all(t.face.box.iou(s.face.box) < 0.4 for s in seen)]
