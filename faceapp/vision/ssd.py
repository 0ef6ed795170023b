"""OpenCV's face detector: a Single Shot MultiBox Detector (Liu et al. 2016) with a small ResNet-10, from Caffe.

It sees the whole picture as 300 x 300 pixels, whatever its shape: quick, good with turned and covered faces, blind to
faces that are small beside the picture. It has no landmarks of its own; MTCNN's O-net finds them in its boxes.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from faceapp.types import BgrImage, Face, Floats
from faceapp.vision.faces import nms, to_faces
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.session import ModelSession

_SIDE = 300
_MEAN = (104.0, 177.0, 123.0)  # BGR
_OVERLAP = 0.45  # as in the network's own DetectionOutput layer


class Ssd:
    """The detector over its opened network. Owned by one thread.

    `landmarker` gives its faces their landmarks; without one they have none."""

    id = "ssd"

    def __init__(self, session: ModelSession, landmarker: Mtcnn | None, min_score: float = 0.5) -> None:
        self._session = session
        self._landmarker = landmarker
        self._min_score = min_score

    @property
    def provider(self) -> str:
        return self._session.provider

    def detect(self, image: BgrImage, min_face: int) -> list[Face]:
        """Faces of at least `min_face` pixels' height, the largest first."""
        height, width = image.shape[:2]
        boxes, scores = self.boxes(image)
        keep = (boxes[:, 3] - boxes[:, 1] >= min_face) & (boxes[:, 2] > boxes[:, 0])
        boxes, scores = boxes[keep], scores[keep]
        landmarks = None
        if self._landmarker is not None and len(boxes):
            landmarks = self._landmarker.landmarks(image, boxes)
        return to_faces(boxes, scores, landmarks, (width, height), min_face)

    def boxes(self, image: BgrImage) -> tuple[Floats, Floats]:
        """Boxes (N, 4) in pixels, not clipped, and scores (N,), best first: what OpenCV 4 makes of the Caffe files."""
        # Bilinear and nothing else, as OpenCV's samples feed it.
        blob = cv2.dnn.blobFromImage(image, 1.0, (_SIDE, _SIDE), _MEAN)
        loc, conf, priors, variances = self._session.run({self._session.input_names[0]: cast(Floats, blob)})
        scores = conf[0, :, 1]
        likely = np.flatnonzero(scores > self._min_score)
        boxes = decode(loc[0, likely], priors[likely], variances)
        boxes *= np.tile(np.array(image.shape[1::-1], np.float32), 2)
        keep = nms(boxes, scores[likely], _OVERLAP)
        return boxes[keep], scores[likely][keep]


def decode(loc: Floats, priors: Floats, variances: Floats) -> Floats:
    """Boxes (N, 4) x1 y1 x2 y2 from a network's regression `loc` (N, 4) relative to its `priors` (N, 4): centre and
    size in parts of the picture. Caffe's CENTER_SIZE code with its four `variances`."""
    centres = priors[:, :2] + loc[:, :2] * variances[:2] * priors[:, 2:]
    sizes = priors[:, 2:] * np.exp(loc[:, 2:] * variances[2:])
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
