"""Which faces of a frame are embedded, and what a track remembers of that.

Two ways. A window names faces and can take its time: each face is embedded when that tells something new, and what was
seen before is averaged in. A door decides about the one in front, and every frame is to be evidence of its own: that
face alone is embedded, in every frame, and nothing of an earlier one is left in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np

from faceapp.pipeline.governor import PACES, Pace
from faceapp.types import Face, Floats, Frame
from faceapp.vision.crops import grey_patch
from faceapp.vision.embedder import Embedder, unit_rows
from faceapp.vision.quality import assess
from faceapp.vision.tracker import Memo, Track

Seen: TypeAlias = Mapping[int, float]
"""By track: the quality (0 to 100) of those whose memo is this very frame's embedding and nothing else."""

Front: TypeAlias = Callable[[Sequence[Track], tuple[int, int]], Track | None]
"""Who is meant, of the tracks (largest first) in a frame of this width and height."""

EMBED_AT_ONCE = PACES[0].faces
"""Faces embedded in one frame, at most: a group that walks in is named over a few frames instead of stalling one."""
STALE_S = 0.5
"""Seconds after which a face that is known is embedded again: who stands there now is asked twice a second."""
YOUNG_S = 0.1
"""...and after how long for the second time: whoever is new, or was in doubt, is asked again after about 0.1, 0.25 and
0.6 seconds, for the first picture may be half of somebody who was there before (a cross-fade, a passing neighbour)."""
SAME_AS_LAST = 0.7
"""How well a face's patch must correlate with the frame's before, or it is doubted: a cut. Different people's faces in
one place correlate by 0.3 (median of 21 pairs; 0.66 at most), a turning head's frames by 0.98 (1 in 200 below 0.75)."""
SAME_AS_EMBEDDED = 0.6
"""...and with when it was embedded, or it is doubted: a cross-fade. Lower, for within half a second a head turns."""
SAME_VIEW = 0.92
OTHER_VIEW_S = 0.1
"""A face that correlates less with when it was embedded is embedded again after so many seconds, and not averaged: in a
fade each embedding is near the one before, and their average stays behind. Measured: in 36 cross-fades of half a second
the name is last seen between 9 and 11 sixteenths of the way; between 10 and 15 where `SAME_VIEW` was 0.85."""
LOOK_NS = 100_000_000
"""How often a face that is known is looked at for a better view: judging one costs half as much as finding it."""
OLD_WEIGHT = 0.6
"""How much of the average the earlier embeddings keep: about the last three count."""
OLD_WEIGHT_AT_MOST = 1.5
"""...and however much worse the new picture is: a good one must not keep a name through many poor ones."""


class EmbedPolicy(Protocol):
    """One of the two ways. The recogniser's thread owns it."""

    def embed(self, frame: Frame, tracks: Sequence[Track], embedder: Embedder) -> Seen:
        """Bring the memos of `tracks` up to `frame`, in which they were found."""
        ...

    def reset(self) -> None:
        """Another source follows."""
        ...

    def ease(self, pace: Pace) -> None:
        """Do so much for a frame from now on."""
        ...


class EmbedFront:
    """Embeds the one in front, in every frame, and averages nothing."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def reset(self) -> None:
        """There is nothing to forget."""

    def ease(self, pace: Pace) -> None:
        """A door's evidence is not made less: each frame that is looked at counts in full."""

    def embed(self, frame: Frame, tracks: Sequence[Track], embedder: Embedder) -> Seen:
        """Embed who is in front now, where the detector sees them. Nobody else has a memo, and a face that is only
        carried loses its own: it is no evidence. Nor is a picture that was there before, however often it comes."""
        for track in tracks:
            track.memo = None
        front = self._front(tracks, frame.size)
        if frame.repeated or front is None or front.detection is None:
            return {}
        quality = assess(frame.image, front.detection).score
        vector = embedder.embed(frame.image, [front.detection])[0]
        if not (np.isfinite(vector).all() and vector.any()):
            return {}
        front.memo = Memo(vector, frame.captured_ns, quality)
        return {front.id: quality}


class EmbedSparingly:
    """Embeds what is new, in doubt, better seen or stale, and averages what agrees."""

    def __init__(self, same_person: float) -> None:
        """`same_person`: the space's verify threshold; embeddings further apart than that are not averaged."""
        self._same_person = same_person
        self._assessed_ns: dict[int, int] = {}
        self._patches: dict[int, Floats] = {}
        self._failed_ns: dict[int, int] = {}
        self._pace = PACES[0]

    def reset(self) -> None:
        """Forget what the tracks looked like."""
        self._patches.clear()

    def ease(self, pace: Pace) -> None:
        """See `EmbedPolicy.ease`. A face that is new or doubted is embedded as soon as ever."""
        self._pace = pace

    def embed(self, frame: Frame, tracks: Sequence[Track], embedder: Embedder) -> Seen:
        """Embed doubtful tracks, then new ones, then those better seen or stale, and last those that could not be
        embedded before; of each kind the largest first. A doubtful one that must wait loses its name meanwhile: it may
        be another person's."""
        now_ns = frame.captured_ns
        ids = {t.id for t in tracks}
        for kept in (self._assessed_ns, self._failed_ns, self._patches):
            for gone in kept.keys() - ids:
                del kept[gone]
        wanted: list[tuple[Track, Face, float]] = []
        doubted: set[int] = set()
        for track in tracks:
            if track.detection is None:
                continue
            if self._exchanged(track, grey_patch(frame.image, track.detection.box)) or _doubted(track):
                # What is seen now counts, and until it is embedded nothing does.
                doubted.add(track.id)
                track.memo = None
            stale_s = _stale_s(track.memo, self._patches[track.id]) * self._pace.patience
            due = track.needs_embedding(0.0, now_ns, stale_s)  # however it looks
            if not due and now_ns - self._assessed_ns.get(track.id, now_ns - LOOK_NS) < LOOK_NS:
                continue
            self._assessed_ns[track.id] = now_ns
            quality = assess(frame.image, track.detection).score
            if due or track.needs_embedding(quality, now_ns, STALE_S * self._pace.patience):
                wanted.append((track, track.detection, quality))

        def turn(
            want: tuple[Track, Face, float],
        ) -> tuple[int, bool, bool]:  # tracks come largest first, sort is stable
            track = want[0]
            return self._failed_ns.get(track.id, -1), track.id not in doubted, track.memo is not None

        wanted = sorted(wanted, key=turn)[: self._pace.faces]
        if not wanted:
            return {}
        vectors = embedder.embed(frame.image, [face for _, face, _ in wanted])
        for (track, _, quality), vector in zip(wanted, vectors, strict=True):
            # A network that overflows gives no numbers: that face stays unknown, the others are none the worse.
            if np.isfinite(vector).all() and vector.any():
                track.memo = self._remember(track.memo, vector, quality, now_ns, self._patches[track.id])
                self._failed_ns.pop(track.id, None)
            else:
                track.memo = None
                self._failed_ns[track.id] = now_ns
        return {}

    def _exchanged(self, track: Track, patch: Floats) -> bool:
        """Whether the face's place shows another picture than in the frame before, or than when it was embedded."""
        last = self._patches.get(track.id)
        self._patches[track.id] = patch
        if track.memo is None:
            return False
        embedded = track.memo.patch
        return (last is not None and not _alike(last, patch, SAME_AS_LAST)) or (
            embedded is not None and not _alike(embedded, patch, SAME_AS_EMBEDDED)
        )

    def _remember(self, memo: Memo | None, vector: Floats, quality: float, now_ns: int, patch: Floats) -> Memo:
        """What a track knows after one more embedding. Averaging over frames takes out what blur and noise add; a
        vector far from what was there is another view or another person, and what is seen now is what counts."""
        if (
            memo is None
            or (memo.patch is not None and not _alike(memo.patch, patch, SAME_VIEW))
            or float(np.linalg.norm(memo.vector - vector)) > self._same_person
        ):
            return Memo(vector, now_ns, quality, now_ns, patch)
        # An average weighs the better seen picture more.
        old = min(OLD_WEIGHT_AT_MOST, OLD_WEIGHT * (memo.quality + 1) / (quality + 1))
        mixed: Floats = unit_rows((old * memo.vector + vector)[None])[0]
        return Memo(mixed, now_ns, max(quality, memo.quality * 0.9), memo.since_ns, patch)


def _doubted(track: Track) -> bool:
    """True where the track may have gone over to another face since it was last embedded."""
    return track.memo is not None and track.doubted_ns is not None and track.memo.embedded_ns < track.doubted_ns


def _stale_s(memo: Memo | None, patch: Floats) -> float:
    """After how long to embed again: the sooner the shorter the face is known, and soon where it looks different."""
    if memo is None or memo.since_ns is None:
        return STALE_S
    if memo.patch is not None and not _alike(memo.patch, patch, SAME_VIEW):
        return OTHER_VIEW_S
    return min(STALE_S, max(YOUNG_S, 1.5e-9 * (memo.embedded_ns - memo.since_ns)))


def _alike(one: Floats, other: Floats, least: float) -> bool:
    """Whether two patches correlate; of flat ones (all zeros) only whether both are can be told."""
    return float(one @ other) >= least if one.any() and other.any() else one.any() == other.any()
