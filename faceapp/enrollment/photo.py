"""What is kept of an enrolment photo: the face with some room around it, never the whole picture.

The room is wide enough for every embedder's crop (FaceNet's widened box as well as ArcFace's five-point template), so
that people can be re-embedded when the embedder changes. Box and landmarks are stored in the crop's own pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from faceapp.images import encode_jpeg
from faceapp.types import BgrImage, Box, Face, Floats

ROOM = 0.5
"""Kept around the box on each side, as a fraction of its longer side."""
LONGEST = 480
"""Pixels of the kept crop's longer side, at most: about 240 for the face, above every embedder's input."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptCrop:
    """A face crop for keeping."""

    image: BgrImage
    box: Box
    landmarks: Floats | None

    def jpeg(self) -> bytes:
        """The crop as the gallery stores it."""
        return encode_jpeg(self.image, 95)


def keep_crop(image: BgrImage, face: Face) -> KeptCrop:
    """The part of `image` to keep for `face`, shrunk to at most LONGEST pixels; never enlarged."""
    height, width = image.shape[:2]
    room = ROOM * max(face.box.width, face.box.height)
    x1, y1 = max(0, int(face.box.x1 - room)), max(0, int(face.box.y1 - room))
    x2, y2 = min(width, int(np.ceil(face.box.x2 + room))), min(height, int(np.ceil(face.box.y2 + room)))
    crop = image[y1:y2, x1:x2]
    factor = min(1.0, LONGEST / max(crop.shape[:2]))
    if factor < 1.0:
        size = max(1, round(crop.shape[1] * factor)), max(1, round(crop.shape[0] * factor))
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        crop = crop.copy()
    landmarks = None
    if face.landmarks is not None:
        landmarks = ((face.landmarks - np.array([x1, y1], np.float32)) * np.float32(factor)).astype(np.float32)
    return KeptCrop(crop, face.box.moved(-x1, -y1).scaled(factor), landmarks)
