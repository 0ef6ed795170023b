"""From a frame to names: detect, track, embed what needs it, match. No threads, no clock but for timing its stages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from faceapp.errors import BugError
from faceapp.gallery.index import GalleryIndex
from faceapp.types import Face, Floats, Frame, FrameResult, Match, TrackedFace
from faceapp.vision.detector import Detector
from faceapp.vision.embedder import Embedder, unit_rows
from faceapp.vision.quality import assess
from faceapp.vision.tracker import Memo, Track, Tracker

EMBED_AT_ONCE = 4
"""Faces embedded in one frame, at most: a group that walks in is named over a few frames instead of stalling one."""
STALE_S = 0.5
"""Seconds after which a face that is known is embedded again: who stands there now is asked twice a second."""
LOOK_NS = 100_000_000
"""How often a face that is known is looked at for a better view: judging one costs half as much as finding it."""
OLD_WEIGHT = 0.6
"""How much of the average the earlier embeddings keep: about the last three count."""


class Recogniser:
    """Recognises the faces of one source. One thread owns it, with everything it was given."""

    def __init__(
        self,
        *,
        detector: Detector,
        embedder: Embedder,
        index: GalleryIndex,
        threshold: float,
        same_person: float,
        min_face: int,
    ) -> None:
        """`threshold`: the distance up to which a face is named. `same_person`: the space's verify threshold; a track's
        embeddings further apart than that are not averaged."""
        self.detector = detector
        self.embedder = embedder
        self.min_face = min_face
        self._tracker = Tracker()
        self._same_person = same_person
        self._require_space(index)
        self._index = index
        self._threshold = threshold
        self._matches: dict[int, tuple[Memo, Match | None]] = {}
        self._assessed_ns: dict[int, int] = {}

    @property
    def index(self) -> GalleryIndex:
        """The index in use."""
        return self._index

    @property
    def threshold(self) -> float:
        """The distance up to which a face is named."""
        return self._threshold

    def search(self, index: GalleryIndex, threshold: float) -> None:
        """Search another index, or with another threshold, from the next frame on. The tracks keep their embeddings and
        are matched again, so a name appears at once. Raises BugError for an index of another embedder."""
        self._require_space(index)
        self._index = index
        self._threshold = threshold
        self._matches.clear()

    def reset(self) -> None:
        """Forget all tracks: another source follows."""
        self._tracker.reset()
        self._matches.clear()

    def process(self, frame: Frame) -> FrameResult:
        """Everything about one frame."""
        stages: dict[str, float] = {}
        clock = _Stopwatch(stages)
        faces = self.detector.detect(frame.image, self.min_face)
        clock.lap("detect")
        tracks = self._tracker.update(faces, frame.captured_ns)
        clock.lap("track")
        self._embed(frame, tracks)
        clock.lap("embed")
        self._match(tracks)
        clock.lap("match")
        found = tuple(
            TrackedFace(t.id, t.face, t.observed, self._matches.get(t.id, (None, None))[1], t.velocity) for t in tracks
        )
        return FrameResult(
            frame.id, frame.captured_ns, time.monotonic_ns(), frame.size, found, MappingProxyType(stages)
        )

    def embed(self, frame: Frame, face: Face) -> Floats:
        """The embedding (D,) of one face, for enrolling it."""
        vector: Floats = self.embedder.embed(frame.image, [face])[0]
        return vector

    def _embed(self, frame: Frame, tracks: Sequence[Track]) -> None:
        """Embed doubtful tracks, then new ones, then those better seen or stale; of each kind the largest first.
        A doubtful one that must wait loses its name meanwhile: it may be another person's."""
        wanted: list[tuple[Track, Face, float]] = []
        for track in tracks:
            if track.detection is None:
                continue
            due = track.needs_embedding(0.0, frame.captured_ns, STALE_S)  # however it looks
            if not due and frame.captured_ns - self._assessed_ns.get(track.id, frame.captured_ns - LOOK_NS) < LOOK_NS:
                continue
            self._assessed_ns[track.id] = frame.captured_ns
            quality = assess(frame.image, track.detection).score
            if due or track.needs_embedding(quality, frame.captured_ns, STALE_S):
                wanted.append((track, track.detection, quality))
        self._assessed_ns = {t.id: self._assessed_ns[t.id] for t in tracks if t.id in self._assessed_ns}
        wanted.sort(key=lambda w: (not _doubted(w[0]), w[0].memo is not None))  # stable: tracks come largest first
        for track, _, _ in wanted:
            if _doubted(track):
                # What is seen now counts, and until it is embedded nothing does.
                track.memo = None
        wanted = wanted[:EMBED_AT_ONCE]
        if not wanted:
            return
        vectors = self.embedder.embed(frame.image, [face for _, face, _ in wanted])
        for (track, _, quality), vector in zip(wanted, vectors, strict=True):
            # A network that overflows gives no numbers: that face stays unknown, the others are none the worse.
            known = bool(np.isfinite(vector).all()) and bool(vector.any())
            track.memo = self._remember(track.memo, vector, quality, frame.captured_ns) if known else None

    def _remember(self, memo: Memo | None, vector: Floats, quality: float, now_ns: int) -> Memo:
        """What a track knows after one more embedding. Averaging over frames takes out what blur and noise add; a
        vector far from what was there is another view or another person, and what is seen now is what counts."""
        if memo is None or float(np.linalg.norm(memo.vector - vector)) > self._same_person:
            return Memo(vector, now_ns, quality)
        # An average weighs the better seen picture more.
        old = OLD_WEIGHT * (memo.quality + 1) / (quality + 1)
        mixed: Floats = unit_rows((old * memo.vector + vector)[None])[0]
        return Memo(mixed, now_ns, max(quality, memo.quality * 0.9))

    def _require_space(self, index: GalleryIndex) -> None:
        if index.space != self.embedder.space:
            raise BugError(f"an index of {index.space} cannot answer for {self.embedder.space}")

    def _match(self, tracks: Sequence[Track]) -> None:
        """Match the tracks whose embedding is new; the others keep their answer."""
        self._matches = {t.id: self._matches[t.id] for t in tracks if t.memo is not None and t.id in self._matches}
        fresh = [
            (t, t.memo)
            for t in tracks
            if t.memo is not None and (t.id not in self._matches or self._matches[t.id][0] is not t.memo)
        ]
        if not fresh:
            return
        answers = self._index.match(np.array([m.vector for _, m in fresh], np.float32), self._threshold)
        for (track, memo), answer in zip(fresh, answers, strict=True):
            self._matches[track.id] = memo, answer


def _doubted(track: Track) -> bool:
    """True where the track may have gone over to another face since it was last embedded."""
    return track.memo is not None and track.doubted_ns is not None and track.memo.embedded_ns < track.doubted_ns


class _Stopwatch:
    def __init__(self, stages: dict[str, float]) -> None:
        self._stages = stages
        self._last = time.perf_counter_ns()

    def lap(self, name: str) -> None:
        now = time.perf_counter_ns()
        self._stages[name] = (now - self._last) / 1e6
        self._last = now
