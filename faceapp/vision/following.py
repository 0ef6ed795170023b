"""MTCNN over a film: faces are followed from frame to frame, and looked for where the picture changed.

The cascade's costly stage is the first: P-net slides over the whole picture only to propose where R-net and O-net
should look. In a film most proposals are known before: where the faces were a moment ago, moved as they moved. So those
come from the tracks, and P-net is asked only about what changed since it was last asked. R-net and O-net judge every
face in every frame, as in a still picture: nothing is reported as seen that they did not see in this very frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from faceapp.types import BgrImage, Box, Face, Floats
from faceapp.vision.detector import Detector
from faceapp.vision.faces import nms, overlaps, to_faces
from faceapp.vision.motion import Changes, Motion
from faceapp.vision.mtcnn import Judged, Mtcnn
from faceapp.vision.proposals import Block, Level, levels_of, whole
from faceapp.vision.pyramid import Pyramid

SWEEP = 8
"""Frames in which P-net sees the whole picture once, whatever changed, an eighth of it in each..."""
SWEEP_NS = 500_000_000
"""...or more, where frames are so far apart: once in this much of their own time."""
LEAST = 0.2
"""Part of a window that must have changed for P-net to look at it again."""
MOST = 0.6
"""Where more of the picture is to be looked at, all of it is: hardly dearer, and nothing is left for later."""
SAME = 0.4
INSIDE = 0.7
"""A proposal is of a face that was followed where they overlap so much (intersection over union), or where so much of
the proposal lies inside it: the cascade itself drops a box inside another."""

_NONE: Floats = np.empty((0, 4), np.float32)


class FilmDetector(Protocol):
    """Finds the faces of a film's frames, one after the other. One thread owns it."""

    def find(self, image: BgrImage, min_face: int, expected: Sequence[Box], now_ns: int) -> list[Face]:
        """The faces that the detector's networks see in this frame, the largest first; `expected`: where faces of
        earlier frames should be by now; `now_ns`: when it was taken."""

    def reset(self) -> None:
        """Another film follows."""


class EachAnew:
    """A detector that takes each frame as a picture of its own."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, image: BgrImage, min_face: int, expected: Sequence[Box], now_ns: int) -> list[Face]:  # noqa: ARG002 - the protocol's
        """See `FilmDetector.find`."""
        return self._detector.detect(image, min_face)

    def reset(self) -> None:
        """There is nothing to forget."""


class Following:
    """MTCNN, following."""

    def __init__(self, mtcnn: Mtcnn) -> None:
        self._mtcnn = mtcnn
        self._motion = Motion()
        self._turn = -1
        self._last_ns = 0
        """When the frame before was taken."""
        self._owed = 0.0
        """Turns of the sweep that have come due."""
        self._sweeps: tuple[list[Block], list[list[Block]]] | None = None
        """All blocks of the picture, and what of them is seen in each turn of the sweep."""

    def reset(self) -> None:
        """See `FilmDetector.reset`."""
        self._motion.reset()
        self._turn = -1

    def find(self, image: BgrImage, min_face: int, expected: Sequence[Box], now_ns: int) -> list[Face]:
        """See `FilmDetector.find`. A face that isn't found where it was expected is looked for around there, and where
        the picture changed: a face that moved changed it."""
        pyramid = Pyramid(image)
        levels = levels_of(pyramid, min_face, self._mtcnn.options.factor)
        if not levels:
            return []
        self._owed += max(1.0, SWEEP * (now_ns - self._last_ns) / SWEEP_NS)
        self._last_ns = now_ns
        places = np.array([b.as_list() for b in expected], np.float32).reshape(-1, 4)
        found = self._mtcnn.judged(pyramid, places)
        changes = self._motion.changed(pyramid, min_face)
        if changes is None:
            blocks, self._owed = whole(levels), 0.0
        else:
            # Only a face that is seen here explains what moves: one that was expected in vain may have gone anywhere.
            changes.explain([Box(*box) for box in found.boxes.tolist()])
            lost = overlaps(places, found.boxes).max(axis=1, initial=0) < SAME
            changes.doubt([Box(*place) for place in places[lost].tolist()])
            blocks = self._chosen(changes, levels)
        proposed = self._proposed(levels, blocks, found.boxes)
        if changes is not None:
            changes.looked_at(levels, blocks)
        if len(proposed):
            found = _merged(found, self._mtcnn.judged(pyramid, proposed, known=found.boxes))
        return to_faces(found.boxes, found.scores, found.landmarks, pyramid.size, min_face)

    def _proposed(self, levels: Sequence[Level], blocks: Sequence[Block], faces: Floats) -> Floats:
        """P-net's square boxes (N, 4) in `blocks`, without those of `faces`."""
        if not blocks:
            return _NONE
        proposed = self._mtcnn.proposed(levels, blocks)
        return proposed[~_explained(proposed, faces)] if len(faces) and len(proposed) else proposed

    def _chosen(self, changes: Changes, levels: Sequence[Level]) -> list[Block]:
        everything = whole(levels)
        blocks = changes.blocks(levels, LEAST)
        if changes.elsewhere > MOST or _windows(blocks) > MOST * _windows(everything):
            self._owed = 0.0
            return everything
        return blocks + self._sweep(everything)

    def _sweep(self, everything: list[Block]) -> list[Block]:
        """The next parts of the whole picture that are due, coarse levels first."""
        if self._sweeps is None or self._sweeps[0] != everything:
            total, done = _windows(everything), 0
            turns: list[list[Block]] = [[] for _ in range(SWEEP)]
            for part in (part for block in reversed(everything) for part in block.parts(28, 64)):
                turns[SWEEP * done // total].append(part)
                done += part.rows * part.columns
            self._sweeps = everything, turns
        if self._owed >= SWEEP:
            self._owed = 0.0
            return everything
        due: list[Block] = []
        while self._owed >= 1:
            self._turn, self._owed = (self._turn + 1) % SWEEP, self._owed - 1
            due += self._sweeps[1][self._turn]
        return due


def _windows(blocks: Sequence[Block]) -> int:
    return sum(block.rows * block.columns for block in blocks)


def _explained(proposed: Floats, faces: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    same = overlaps(proposed, faces).max(axis=1) > SAME
    side = (proposed[:, 2] - proposed[:, 0])[:, None]
    smaller = side < (faces[:, 3] - faces[:, 1])[None]
    inside = (overlaps(proposed, faces, "smaller") > INSIDE) & smaller
    return np.asarray(same | inside.any(axis=1))


def _merged(followed: Judged, other: Judged) -> Judged:
    """Both, one of those that overlap: of two that mean the same face the one that was followed, so that its box
    doesn't jump to and fro; of one inside another that of the better score, as the cascade has it."""
    new = overlaps(other.boxes, followed.boxes).max(axis=1, initial=0) <= SAME
    one, other = followed, Judged(other.boxes[new], other.scores[new], other.landmarks[new])
    if not len(one.boxes) or not len(other.boxes):
        return one if len(one.boxes) else other
    boxes, scores = np.concatenate([one.boxes, other.boxes]), np.concatenate([one.scores, other.scores])
    landmarks = np.concatenate([one.landmarks, other.landmarks])
    keep = nms(boxes, scores, INSIDE, "smaller")
    return Judged(boxes[keep], scores[keep], landmarks[keep])
