"""MTCNN: Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks (Zhang et al. 2016).

P-net slides over a pyramid of the picture and proposes boxes, R-net refuses most of them, O-net judges the rest and
finds five landmarks. Written anew for ONNX Runtime, as arrays throughout; coordinates are 0-based and boxes half-open
(the first implementation's 1-based rounding is gone).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.types import BgrImage, Face, Floats
from faceapp.vision.faces import nms, to_faces
from faceapp.vision.pyramid import Pyramid, network_input
from faceapp.vision.session import ModelSession

_CELL = 12  # pixels of the window P-net looks at
_STRIDE = 2  # pixels between two of its windows
_OVERLAP = 0.6
"""Of two boxes that overlap more, the better goes on. Compared after they were moved, unlike in the first
implementation (0.7, before): what means the same face lies together by then, and O-net has a third to do."""
_TILE = 512 * 1024  # pixels P-net is given at once: bounds its memory (some 150 bytes a pixel) for large pictures
_RNET_BATCH, _ONET_BATCH = 16, 4  # crops at once: what they become in the first layer still fits a core's cache


@dataclass(frozen=True, slots=True)
class MtcnnOptions:
    """The cascade's usual numbers."""

    pnet_score: float = 0.6
    rnet_score: float = 0.7
    onet_score: float = 0.7
    factor: float = 0.709
    """Between two levels of the pyramid: half the area."""


class Mtcnn:
    """The detector over its three opened networks. Owned by one thread."""

    id = "mtcnn"

    def __init__(
        self, pnet: ModelSession, rnet: ModelSession, onet: ModelSession, options: MtcnnOptions | None = None
    ) -> None:
        self._pnet, self._rnet, self._onet = pnet, rnet, onet
        self._options = options or MtcnnOptions()

    @property
    def provider(self) -> str:
        return self._pnet.provider

    def detect(self, image: BgrImage, min_face: int) -> list[Face]:
        """Faces of at least `min_face` (12 or more) pixels' height, the largest first, each with landmarks."""
        pyramid = Pyramid(image)
        boxes = self._propose(pyramid, max(min_face, _CELL))
        boxes = self._refine(pyramid, boxes)
        boxes, scores, landmarks = self._output(pyramid, boxes)
        keep = np.flatnonzero(scores > self._options.onet_score)
        keep = keep[nms(boxes[keep], scores[keep], 0.7, "smaller")]
        return to_faces(boxes[keep], scores[keep], landmarks[keep], pyramid.size, min_face)

    def landmarks(self, image: BgrImage, boxes: Floats) -> Floats:
        """Five landmarks (N, 5, 2) for boxes (N, 4) another detector found, by O-net alone.

        O-net is used to boxes as R-net leaves them, so it first moves each box to where it would have it."""
        pyramid = Pyramid(image)
        boxes, _, _ = self._output(pyramid, _squared(boxes))
        return self._output(pyramid, _squared(boxes))[2]

    def _propose(self, pyramid: Pyramid, min_face: int) -> Floats:
        """P-net at every level: square boxes (N, 4)."""
        scale = _CELL / min_face
        moved, scores = [], []
        while min(pyramid.size) * scale >= _CELL:
            level, (fx, fy) = pyramid.level(scale)
            if min(level.shape[:2]) < _CELL:  # by rounding
                break
            x, y, score, offsets = self._scan(level)
            corner = np.stack([x * (_STRIDE / fx), y * (_STRIDE / fy)], axis=1)
            found = np.concatenate([corner, corner + np.array([_CELL / fx, _CELL / fy])], axis=1).astype(np.float32)
            moved.append(_moved(found, offsets))
            scores.append(score)
            scale *= self._options.factor
        if not moved:
            return np.empty((0, 4), np.float32)
        boxes = np.concatenate(moved)
        return _squared(boxes[nms(boxes, np.concatenate(scores), _OVERLAP)])

    def _scan(self, level: BgrImage) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats, Floats]:
        """Column and row (in P-net's output), score (N,) and offsets (N, 4) of the windows that may show a face and
        are left of their neighbours (non-maximum suppression at an overlap of 0.5)."""
        height, width = level.shape[:2]
        rows = max(_CELL, _TILE // width // _STRIDE * _STRIDE)
        parts = []
        for top in range(0, height - _CELL + 1, rows):
            # Strips overlap by what a window needs below its first row, so that the windows tile without a seam.
            strip = level[top : top + rows + _CELL - _STRIDE]
            boxes, score = self._pnet.run({self._pnet.input_names[0]: _normalised([strip])})
            y, x = np.nonzero(_peaks(score[0, 0], self._options.pnet_score))
            parts.append((x, y + top // _STRIDE, score[0, 0, y, x], boxes[0, :, y, x]))
        xs, ys, scores, offsets = (np.concatenate(column) for column in zip(*parts, strict=True))
        return xs, ys, scores, offsets

    def _refine(self, pyramid: Pyramid, boxes: Floats) -> Floats:
        """R-net: those square boxes it believes in, moved and squared."""
        crops, boxes = pyramid.squares(boxes, 24)
        offsets, scores = _in_batches(self._rnet, crops, _RNET_BATCH, (4, 1))
        keep = np.flatnonzero(scores[:, 0] > self._options.rnet_score)
        boxes = _moved(boxes[keep], offsets[keep])
        return _squared(boxes[nms(boxes, scores[keep, 0], _OVERLAP)])

    def _output(self, pyramid: Pyramid, boxes: Floats) -> tuple[Floats, Floats, Floats]:
        """O-net on square boxes: moved boxes (N, 4), scores (N,), landmarks (N, 5, 2)."""
        crops, boxes = pyramid.squares(boxes, 48)
        offsets, points, scores = _in_batches(self._onet, crops, _ONET_BATCH, (4, 10, 1))
        sides = (boxes[:, 2:] - boxes[:, :2])[:, None]
        landmarks = boxes[:, None, :2] + sides * np.moveaxis(points.reshape(-1, 2, 5), 1, 2)
        return _moved(boxes, offsets), scores[:, 0], landmarks


def _normalised(pictures: list[BgrImage]) -> Floats:
    return network_input(pictures, (127.5, 127.5, 127.5), 1 / 128, rgb=True)


def _peaks(scores: Floats, threshold: float) -> NDArray[np.bool_]:
    """Greedy non-maximum suppression of P-net's windows at an overlap of 0.5, on its map of scores.

    The windows are 12 pixels wide and 2 apart: those that overlap by more than half are exactly the eight neighbours.
    So it is the local maxima, then those of what is left without their neighbours, until nothing is left."""
    left = np.where(scores > threshold, scores, np.float32(-1))
    peaks = np.zeros(scores.shape, np.bool_)
    kernel = np.ones((3, 3), np.uint8)
    while left.max(initial=-1) > threshold:
        found = (left == cv2.dilate(left, kernel)) & (left > threshold)
        peaks |= found
        left[cv2.dilate(found.astype(np.uint8), kernel) > 0] = -1
    return peaks


def _in_batches(session: ModelSession, crops: list[BgrImage], batch: int, widths: tuple[int, ...]) -> list[Floats]:
    """The network's outputs, each (N, width), for any number of crops."""
    if not crops:
        return [np.empty((0, w), np.float32) for w in widths]
    name = session.input_names[0]
    results = [session.run({name: _normalised(crops[i : i + batch])}) for i in range(0, len(crops), batch)]
    return [np.concatenate(parts).reshape(-1, w) for parts, w in zip(zip(*results, strict=True), widths, strict=True)]


def _moved(boxes: Floats, offsets: Floats) -> Floats:
    """Boxes with each edge moved by its offset, in units of the box's sides."""
    moved: Floats = boxes + offsets * np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    return moved


def _squared(boxes: Floats) -> Floats:
    """Squares with the same centres and the longer sides."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([centres - half, centres + half], axis=1)
