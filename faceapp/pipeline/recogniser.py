"""From a frame to names: detect, track, embed what needs it, match. No threads, no clock but for timing its stages.

In two halves that share nothing but what the first hands to the second, so that one frame's faces can be found while
those of the frame before are named."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from faceapp.errors import BugError
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.embedding import EmbedFront, EmbedPolicy, EmbedSparingly, Front
from faceapp.pipeline.governor import Pace
from faceapp.types import Face, Floats, Frame, FrameResult, Match, TrackedFace
from faceapp.vision.detector import Detector
from faceapp.vision.embedder import Embedder
from faceapp.vision.following import EachAnew, FilmDetector, Following
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.tracker import Memo, Track, Tracker


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A frame in which faces were looked for."""

    frame: Frame
    tracks: list[Track]
    """Largest first. Whoever has this owns them."""
    begun_ns: int
    """When it was taken up."""
    stages_ms: dict[str, float]


class Recogniser:
    """Recognises the faces of one source. One thread owns it, with everything it was given; or two: detector, tracker
    and `min_face` are of the one that calls `find`, everything else is of the one that calls `name`, and `reset` and
    another detector are for when nobody does."""

    def __init__(
        self,
        *,
        detector: Detector,
        embedder: Embedder,
        index: GalleryIndex,
        threshold: float,
        same_person: float,
        min_face: int,
        front: Front | None = None,
    ) -> None:
        """`threshold`: the distance up to which a face is named. `same_person`: the space's verify threshold; a track's
        embeddings further apart than that are not averaged. `front`: embed who that says is in front, in every frame,
        and nobody else (a door); None: everybody, when it tells something new."""
        self._use(detector)
        self.embedder = embedder
        self.min_face = min_face
        self._tracker = Tracker()
        self._require_space(index)
        self._index = index
        self._threshold = threshold
        self._memos: dict[int, Memo] = {}
        """By track."""
        self._matches: dict[int, tuple[Memo, Match | None]] = {}
        self.eases = front is None
        """False at a door: there every frame that can be looked at is evidence, however late."""
        self._policy: EmbedPolicy = EmbedSparingly(same_person) if front is None else EmbedFront(front)

    @property
    def detector(self) -> Detector:
        """The detector in use, for pictures that are no part of the film. Another one counts from the next frame on."""
        return self._detector

    @detector.setter
    def detector(self, detector: Detector) -> None:
        self._use(detector)

    def _use(self, detector: Detector) -> None:
        self._detector = detector
        self._film: FilmDetector = Following(detector) if isinstance(detector, Mtcnn) else EachAnew(detector)

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

    def seen(self, track: int) -> tuple[Floats, Match | None] | None:
        """The embedding (D,) by which a track is named at the moment, and whom it matched; None where it has none."""
        kept = self._matches.get(track)
        return None if kept is None else (kept[0].vector, kept[1])

    def reset(self) -> None:
        """Forget all tracks: another source follows."""
        self._tracker.reset()
        self._film.reset()
        self._memos.clear()
        self._matches.clear()
        self._policy.reset()

    def ease(self, pace: Pace) -> None:
        """Do so much for a frame from now on; a door's front face is embedded in every frame, whatever this says."""
        self._policy.ease(pace)

    def process(self, frame: Frame) -> FrameResult:
        """Everything about one frame."""
        return self.name(self.find(frame))

    def find(self, frame: Frame) -> Found:
        """Where the faces are, and which of them were there before."""
        begun_ns = time.monotonic_ns()
        stages: dict[str, float] = {}
        clock = _Stopwatch(stages)
        now_ns = frame.captured_ns
        faces = self._film.find(frame.image, self.min_face, self._tracker.expected(now_ns), now_ns)
        clock.lap("detect")
        tracks = [track.copy() for track in self._tracker.update(faces, now_ns)]
        clock.lap("track")
        return Found(frame, tracks, begun_ns, stages)

    def name(self, found: Found) -> FrameResult:
        """Whose they are. Frames come in the order in which they were looked at."""
        frame, tracks, stages = found.frame, found.tracks, found.stages_ms
        clock = _Stopwatch(stages)
        for track in tracks:
            track.memo = self._memos.get(track.id)
        try:
            seen = self._policy.embed(frame, tracks, self.embedder)
        finally:  # a doubt that came up counts even where the network then failed
            self._memos = {t.id: t.memo for t in tracks if t.memo is not None}
        clock.lap("embed")
        self._match(tracks)
        clock.lap("match")
        faces = tuple(
            TrackedFace(
                track=t.id,
                face=t.face,
                observed=t.observed,
                match=self._matches.get(t.id, (None, None))[1],
                velocity=t.velocity,
                quality=seen.get(t.id),
                certain=t.certain,
                fresh=t.id in seen,
            )
            for t in tracks
        )
        return FrameResult(
            frame.id, frame.captured_ns, time.monotonic_ns(), frame.size, faces, MappingProxyType(stages)
        )

    def embed(self, frame: Frame, face: Face) -> Floats:
        """The embedding (D,) of one face, for enrolling it."""
        vector: Floats = self.embedder.embed(frame.image, [face])[0]
        return vector

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
        probes = np.array([m.vector for _, m in fresh], np.float32)
        # A door opens by how far the runner-up is: that must be the nearest other person, and not one of them.
        answers = self._index.match(probes, self._threshold, sure=not self.eases)
        for (track, memo), answer in zip(fresh, answers, strict=True):
            self._matches[track.id] = memo, answer


class _Stopwatch:
    def __init__(self, stages: dict[str, float]) -> None:
        self._stages = stages
        self._last = time.perf_counter_ns()

    def lap(self, name: str) -> None:
        now = time.perf_counter_ns()
        self._stages[name] = (now - self._last) / 1e6
        self._last = now
