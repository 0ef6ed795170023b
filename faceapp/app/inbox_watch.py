"""Which faces of a live picture go to the inbox: those that nobody matched, well seen for a second, when they go.

The recognition thread only remembers; what is stored is encoded and stored on the gallery's thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.inbox import take_in
from faceapp.app.last_seen import LastSeen, SeenWatch
from faceapp.app.parts import Parts
from faceapp.app.snapshots import Snapshots
from faceapp.camera.choose import is_demo, is_live, parse_source
from faceapp.enrollment.gate import Gate
from faceapp.enrollment.photo import KeptCrop, keep_crop
from faceapp.errors import KnownError
from faceapp.gallery.inbox_rows import NewTrack
from faceapp.gallery.store import GalleryStore
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import Floats, Frame, FrameResult, TrackedFace

GOOD_NS = 1_000_000_000
"""For how long a face must have been well seen."""
LOOK_NS = 200_000_000
"""How often a face is judged: judging costs half as much as finding it, and one face at most is judged in a frame."""
GAP_NS = 600_000_000
"""Between two good looks: what lies further apart doesn't count as seen in between."""
MOST_VECTORS = 5
NEW_VIEW = 0.15
"""Distance from those that are kept from which an embedding is worth keeping, too: of one view they all but agree."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Stranger:
    """What is known of a face that nobody has matched so far."""

    camera: str
    first_seen: datetime
    last_seen: datetime
    looked_ns: int = -LOOK_NS
    good_at_ns: int | None = None
    good_ns: int = 0
    """For how long it was well seen, in all."""
    vectors: list[Floats] = field(default_factory=list)
    quality: float = 0.0
    best: KeptCrop | None = None
    named: bool = False
    """Somebody's name was on it: it is none for the inbox."""


class LiveWatch:
    """What looks on while a live session recognises: the snapshot, and the inbox where the site has one."""

    def __init__(
        self,
        parts: Parts,
        gallery: GalleryThread,
        snapshots: Snapshots,
        collecting: Callable[[], bool],
        seen: LastSeen,
        threshold: Callable[[], float],
        source: Callable[[], str],
    ) -> None:
        """`threshold`: up to where a face is named. `source`: what plays, as `--source` takes it. `collecting`: whether
        the site wants unknown faces kept, which may change at any time. Starts nothing."""
        self._snapshots = snapshots
        self._source = source
        self._collecting = collecting
        self._gallery = gallery
        self._seen, self._seen_watch = seen, SeenWatch(seen)
        self._camera: tuple[str, str | None] | None = None
        verify = parts.thresholds().verify
        self._inbox = InboxWatch(gallery, parts.space(), verify, threshold, self._camera_name)

    def watch(self, recogniser: Recogniser, frame: Frame, result: FrameResult) -> None:
        """On the recognition thread: look at a recognised frame."""
        self._snapshots.watch(recogniser, frame, result)
        if is_live(self._source()):  # in a film nobody is here today
            self._seen_watch.watch(result)
        if self._collecting():
            self._inbox.watch(recogniser, frame, result)
        else:
            self._inbox.forget()

    def finish(self) -> None:
        """The picture ends, or another camera's follows."""
        self._snapshots.cancel()
        if self._seen.waiting:
            self._gallery.submit(self._seen.write)
        if self._collecting():
            self._inbox.finish()
        else:
            self._inbox.forget()

    def _camera_name(self) -> str | None:
        """None for the demonstration: the people in it are nobody here."""
        spec = self._source()
        if self._camera is None or self._camera[0] != spec:
            try:
                name = None if is_demo(spec) else parse_source(spec).name
            except KnownError:
                name = None
            self._camera = spec, name
        return self._camera[1]


class InboxWatch:
    """Watches one live session. `watch` is called on the recognition thread, `finish` and `forget` by anybody."""

    def __init__(
        self,
        gallery: GalleryThread,
        space: str,
        same_person: float,
        threshold: Callable[[], float],
        camera: Callable[[], str | None],
        *,
        gate: Gate | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`same_person`: the space's verify threshold. `threshold`: up to where a face is named. `camera`: the name of
        the one that is watched, without credentials; None: keep nobody of it, as of the demonstration. `now`: UTC."""
        self._gallery = gallery
        self._space = space
        self._same_person = same_person
        self._threshold = threshold
        self._camera = camera
        self._gate = gate or Gate()
        self._now = now
        self._lock = threading.Lock()  # `finish` is called from another thread
        self._strangers: dict[int, _Stranger] = {}

    def watch(self, recogniser: Recogniser, frame: Frame, result: FrameResult) -> None:
        """Look at a recognised frame."""
        with self._lock:
            seen = {f.track: f for f in result.faces}
            for gone in self._strangers.keys() - seen.keys():
                self._end(gone)
            camera = self._camera()
            if camera is None or frame.repeated:
                return
            for face in result.faces:
                self._follow(recogniser, face, camera)
            due = [f for f in result.faces if f.observed and self._is_due(f.track, frame.captured_ns)]
            if due:  # who was looked at longest ago; of those the largest
                self._look(frame, min(due, key=lambda f: self._strangers[f.track].looked_ns))

    def finish(self) -> None:
        """The picture has ended, or another camera follows: whoever was in it is gone."""
        with self._lock:
            for track in list(self._strangers):
                self._end(track)

    def forget(self) -> None:
        """Nobody is to be kept, whoever is in the picture now included."""
        with self._lock:
            self._strangers.clear()

    def _follow(self, recogniser: Recogniser, face: TrackedFace, camera: str) -> None:
        """Take in whom a track is taken for now."""
        seen = recogniser.seen(face.track)
        stranger = self._strangers.get(face.track)
        if seen is None:  # not embedded yet, or in doubt: it may be somebody else from here on
            if stranger is not None:
                self._end(face.track)
            return
        vector, match = seen
        if stranger is not None and self._farthest(stranger, vector) > self._same_person:
            self._end(face.track)
            stranger = None
        if stranger is None:
            stranger = self._strangers[face.track] = _Stranger(camera, self._now(), self._now())
        stranger.last_seen = self._now()
        stranger.named = stranger.named or (match is not None and match.accepted)
        near = min((float(np.linalg.norm(v - vector)) for v in stranger.vectors), default=np.inf)
        if near >= NEW_VIEW and len(stranger.vectors) < MOST_VECTORS:
            stranger.vectors.append(vector)

    def _farthest(self, stranger: _Stranger, vector: Floats) -> float:
        return max((float(np.linalg.norm(v - vector)) for v in stranger.vectors), default=0.0)

    def _is_due(self, track: int, at_ns: int) -> bool:
        stranger = self._strangers.get(track)
        return stranger is not None and not stranger.named and at_ns - stranger.looked_ns >= LOOK_NS

    def _look(self, frame: Frame, face: TrackedFace) -> None:
        """Judge how well the face is seen, and keep the best picture."""
        stranger = self._strangers[face.track]
        stranger.looked_ns = frame.captured_ns
        report = self._gate.check(frame.image, [face.face], face.face)
        if not report.passed:
            stranger.good_at_ns = None
            return
        if stranger.good_at_ns is not None and frame.captured_ns - stranger.good_at_ns <= GAP_NS:
            stranger.good_ns += frame.captured_ns - stranger.good_at_ns
        stranger.good_at_ns = frame.captured_ns
        if stranger.best is None or report.figure > stranger.quality:
            stranger.best, stranger.quality = keep_crop(frame.image, face.face), report.figure

    def _end(self, track: int) -> None:
        """That face is gone: to the inbox with it, if it is one for it."""
        stranger = self._strangers.pop(track)
        best = stranger.best
        if stranger.named or best is None or stranger.good_ns < GOOD_NS:
            return

        def keep(store: GalleryStore) -> None:
            view = self._gallery.view
            vectors = np.stack(stranger.vectors)
            matches = [] if view is None else view.index.match(vectors, self._threshold())
            if any(m is not None and m.accepted for m in matches):
                return  # enrolled meanwhile
            if not take_in(store, self._new(stranger, best, vectors), self._same_person):
                _log.info("an unknown face was not kept: it is ignored, or the inbox is full")

        self._gallery.submit(keep)

    def _new(self, stranger: _Stranger, best: KeptCrop, vectors: Floats) -> NewTrack:
        return NewTrack(
            first_seen=stranger.first_seen.isoformat(timespec="microseconds"),
            last_seen=stranger.last_seen.isoformat(timespec="microseconds"),
            camera=stranger.camera,
            quality=stranger.quality,
            crop=best.jpeg(),
            space=self._space,
            vectors=vectors,
        )
