"""Where a box stands between two results: pure arithmetic, no Qt.

A result is older than the picture it is drawn on, so a box is moved on by its track's velocity to the time of the shown
frame. When the next result corrects that guess, the box doesn't jump: the difference fades out within a fraction of a
second. New tracks fade in, lost ones fade out, and boxes of a result that has grown too old disappear: better no box
than a wrong one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from faceapp.types import Box, FrameResult, TrackedFace

MS = 1_000_000
FURTHEST_NS = 200 * MS
"""A velocity says nothing about the time after this."""
EASE_NS = 70 * MS
"""Time constant with which a correction fades out."""
FADE_IN_NS = 120 * MS
FADE_OUT_NS = 180 * MS
STALE_FROM_NS = 1500 * MS
STALE_NS = 2000 * MS

_Offset = tuple[float, float, float, float]
_NO_OFFSET: _Offset = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class ShownFace:
    """A face as it is to be painted."""

    tracked: TrackedFace
    box: Box
    """Pixels of the source's picture, at the time of the shown frame."""
    opacity: float


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    tracked: TrackedFace
    captured_ns: int
    born_ns: int
    corrected_ns: int
    offset: _Offset = _NO_OFFSET
    lost_ns: int | None = None


class Motion:
    """The boxes of a view. Owned by the GUI thread; times are monotonic nanoseconds given by the caller."""

    def __init__(self) -> None:
        self._tracks: dict[int, _Track] = {}
        self._size: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the pictures the boxes belong to."""
        return self._size

    def clear(self) -> None:
        """Forget everything: another source."""
        self._tracks.clear()
        self._size = None

    def take(self, result: FrameResult, now_ns: int, frame_ns: int) -> None:
        """Go over to a new result; `frame_ns` is when the picture on screen was captured."""
        if self._size != result.size:
            self.clear()
            self._size = result.size
        seen: set[int] = set()
        for tracked in result.faces:
            seen.add(tracked.track)
            old = self._tracks.get(tracked.track)
            new = _Track(tracked, result.captured_ns, born_ns=now_ns, corrected_ns=now_ns)
            if old is not None and old.lost_ns is None:
                new = replace(new, born_ns=old.born_ns, offset=_offset(_box(old, now_ns, frame_ns), new, frame_ns))
            self._tracks[tracked.track] = new
        for key, track in list(self._tracks.items()):
            if key in seen:
                continue
            if track.lost_ns is None:
                self._tracks[key] = replace(track, lost_ns=now_ns)
            elif now_ns - track.lost_ns > FADE_OUT_NS:
                del self._tracks[key]

    def faces(self, now_ns: int, frame_ns: int) -> list[ShownFace]:
        """What to paint on the frame captured at `frame_ns`, largest face first."""
        shown = []
        for track in self._tracks.values():
            opacity = _opacity(track, now_ns, frame_ns)
            if opacity > 0.0:
                shown.append(ShownFace(track.tracked, _box(track, now_ns, frame_ns), opacity))
        return sorted(shown, key=lambda s: -s.box.area)

    def is_moving(self, now_ns: int) -> bool:
        """True while something still changes without a new frame or result."""
        for t in self._tracks.values():
            if t.lost_ns is not None:
                if now_ns - t.lost_ns <= FADE_OUT_NS:
                    return True
            elif now_ns - t.born_ns <= FADE_IN_NS or max(map(abs, _faded(t, now_ns))) > 0.5:
                return True
        return False


def _predicted(track: _Track, frame_ns: int) -> Box:
    ahead = min(max(frame_ns - track.captured_ns, 0), FURTHEST_NS) / 1e9
    vx, vy = track.tracked.velocity
    return track.tracked.face.box.moved(vx * ahead, vy * ahead)


def _faded(track: _Track, now_ns: int) -> _Offset:
    if track.offset == _NO_OFFSET:
        return _NO_OFFSET
    k = math.exp(-max(0, now_ns - track.corrected_ns) / EASE_NS)
    a, b, c, d = track.offset
    return a * k, b * k, c * k, d * k


def _box(track: _Track, now_ns: int, frame_ns: int) -> Box:
    box = _predicted(track, frame_ns)
    a, b, c, d = _faded(track, now_ns)
    return Box(box.x1 + a, box.y1 + b, box.x2 + c, box.y2 + d)


def _offset(shown: Box, new: _Track, frame_ns: int) -> _Offset:
    """From where the box should be to where it is; nothing where it has jumped to another place altogether."""
    box = _predicted(new, frame_ns)
    if box.iou(shown) <= 0.0:
        return _NO_OFFSET
    return shown.x1 - box.x1, shown.y1 - box.y1, shown.x2 - box.x2, shown.y2 - box.y2


def _opacity(track: _Track, now_ns: int, frame_ns: int) -> float:
    opacity = min(1.0, 0.25 + 0.75 * max(0, now_ns - track.born_ns) / FADE_IN_NS)
    if track.lost_ns is not None:
        opacity *= max(0.0, 1.0 - (now_ns - track.lost_ns) / FADE_OUT_NS)
    age = frame_ns - track.captured_ns
    if age > STALE_FROM_NS:
        opacity *= max(0.0, 1.0 - (age - STALE_FROM_NS) / (STALE_NS - STALE_FROM_NS))
    return opacity
