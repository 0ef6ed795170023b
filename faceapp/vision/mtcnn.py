"""MTCNN: Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks (Zhang et al. 2016).

P-net slides over a pyramid of the picture and proposes boxes, R-net refuses most of them, O-net judges the rest and
finds five landmarks. Written anew for ONNX Runtime, as arrays throughout; coordinates are 0-based and boxes half-open
(the first implementation's 1-based rounding is gone).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faceapp.types import BgrImage, Face, Floats
from faceapp.vision.faces import nms, overlaps, to_faces
from faceapp.vision.proposals import Block, Level, levels_of, normalised, propose, whole
from faceapp.vision.pyramid import Pyramid
from faceapp.vision.session import ModelSession

_OVERLAP = 0.6
"""Of two boxes that overlap more, the better goes on. Compared after they were moved, unlike in the first
implementation (0.7, before): what means the same face lies together by then, and O-net has a third to do."""
_KNOWN = 0.5
"""How much a box overlaps with a known face that means it."""
_RNET_BATCH, _ONET_BATCH = 16, 4  # crops at once: what they become in the first layer still fits a core's cache


@dataclass(frozen=True, slots=True)
class MtcnnOptions:
    """The cascade's usual numbers."""

    pnet_score: float = 0.6
    rnet_score: float = 0.7
    onet_score: float = 0.7
    factor: float = 0.709
    """Between two levels of the pyramid: half the area."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Faces as arrays."""

    boxes: Floats
    """(N, 4) x1 y1 x2 y2, not clipped."""
    scores: Floats
    """(N,)"""
    landmarks: Floats
    """(N, 5, 2)"""


class Mtcnn:
    """The detector over its three opened networks. Owned by one thread."""

    id = "mtcnn"

    def __init__(
        self, pnet: ModelSession, rnet: ModelSession, onet: ModelSession, options: MtcnnOptions | None = None
    ) -> None:
        self._pnet, self._rnet, self._onet = pnet, rnet, onet
        self.options = options or MtcnnOptions()

    @property
    def provider(self) -> str:
        return self._pnet.provider

    def detect(self, image: BgrImage, min_face: int) -> list[Face]:
        """Faces of at least `min_face` (12 or more) pixels' height, the largest first, each with landmarks."""
        pyramid = Pyramid(image)
        levels = levels_of(pyramid, min_face, self.options.factor)
        found = self.judged(pyramid, self.proposed(levels, whole(levels)))
        return to_faces(found.boxes, found.scores, found.landmarks, pyramid.size, min_face)

    def proposed(self, levels: Sequence[Level], blocks: Sequence[Block]) -> Floats:
        """P-net in these blocks of the levels: square boxes (N, 4)."""
        found = propose(self._pnet, levels, blocks, self.options.pnet_score)
        boxes = _moved(found.windows, found.offsets)
        return _squared(boxes[nms(boxes, found.scores, _OVERLAP)])

    def judged(self, pyramid: Pyramid, boxes: Floats, known: Floats | None = None) -> Judged:
        """R-net and O-net about boxes (N, 4) in which a face may be: the faces, one box for each. Those that R-net
        moves onto one of the `known` faces (M, 4) are left out: they are found already."""
        boxes = self._refine(pyramid, _squared(boxes))
        if known is not None and len(known):
            boxes = boxes[overlaps(boxes, _squared(known)).max(axis=1, initial=0) <= _KNOWN]
        boxes, scores, landmarks = self._output(pyramid, boxes)
        keep = np.flatnonzero(scores > self.options.onet_score)
        keep = keep[nms(boxes[keep], scores[keep], 0.7, "smaller")]
        return Judged(boxes[keep], scores[keep], landmarks[keep])

    def landmarks(self, image: BgrImage, boxes: Floats) -> Floats:
        """Five landmarks (N, 5, 2) for boxes (N, 4) another detector found, by O-net alone.

        O-net is used to boxes as R-net leaves them, so it first moves each box to where it would have it."""
        pyramid = Pyramid(image)
        boxes, _, _ = self._output(pyramid, _squared(boxes))
        return self._output(pyramid, _squared(boxes))[2]

    def _refine(self, pyramid: Pyramid, boxes: Floats) -> Floats:
        """R-net: those square boxes it believes in, moved and squared."""
        crops, boxes = pyramid.squares(boxes, 24)
        offsets, scores = _in_batches(self._rnet, crops, _RNET_BATCH, (4, 1))
        keep = np.flatnonzero(scores[:, 0] > self.options.rnet_score)
        boxes = _moved(boxes[keep], offsets[keep])
        return _squared(boxes[nms(boxes, scores[keep, 0], _OVERLAP)])

    def _output(self, pyramid: Pyramid, boxes: Floats) -> tuple[Floats, Floats, Floats]:
        """O-net on square boxes: moved boxes (N, 4), scores (N,), landmarks (N, 5, 2)."""
        crops, boxes = pyramid.squares(boxes, 48)
        offsets, points, scores = _in_batches(self._onet, crops, _ONET_BATCH, (4, 10, 1))
        sides = (boxes[:, 2:] - boxes[:, :2])[:, None]
        landmarks = boxes[:, None, :2] + sides * np.moveaxis(points.reshape(-1, 2, 5), 1, 2)
        return _moved(boxes, offsets), scores[:, 0], landmarks


def _in_batches(session: ModelSession, crops: list[BgrImage], batch: int, widths: tuple[int, ...]) -> list[Floats]:
    """The network's outputs, each (N, width), for any number of crops."""
    if not crops:
        return [np.empty((0, w), np.float32) for w in widths]
    name = session.input_names[0]
    results = [session.run({name: normalised(crops[i : i + batch])}) for i in range(0, len(crops), batch)]
    return [np.concatenate(parts).reshape(-1, w) for parts, w in zip(zip(*results, strict=True), widths, strict=True)]


def _moved(boxes: Floats, offsets: Floats) -> Floats:
    """Boxes with each edge moved by its offset, in units of the box's sides."""
    moved: Floats = boxes + offsets * (boxes[:, 2:] - boxes[:, :2])[:, [0, 1, 0, 1]]
    return moved


def _squared(boxes: Floats) -> Floats:
    """Squares with the same centres and the longer sides."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([centres - half, centres + half], axis=1)
