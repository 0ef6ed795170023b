"""What a face may look like tomorrow: mirrored, a little off centre, in other light, blurred, compressed, half hidden.

A network that is trained on pictures sees each of them a little otherwise every time. uint8 BGR in, the same size out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from faceapp.types import BgrImage


@dataclass(frozen=True, slots=True)
class Augmentations:
    """How often, 0 to 1, and how much at most."""

    mirror: float = 0.5
    crop: float = 0.06
    """Part of the side by which a crop is moved and scaled."""
    turn: float = 6.0
    """Degrees."""
    light: float = 0.25
    """Part by which brightness and contrast change."""
    blur: float = 0.15
    jpeg: float = 0.25
    occlusion: float = 0.15


def augmented(image: BgrImage, how: Augmentations, draw: np.random.Generator) -> BgrImage:
    """One picture (H, W, 3), changed as `draw` decides."""
    out = image
    if draw.random() < how.mirror:
        out = cast(BgrImage, cv2.flip(out, 1))
    out = _moved(out, how, draw)
    gain, lift = 1 + how.light * draw.uniform(-1, 1), 255 * how.light / 2 * draw.uniform(-1, 1)
    out = cast(BgrImage, cv2.convertScaleAbs(np.clip(out.astype(np.float32) * gain + lift, 0, 255)))
    height, width = out.shape[:2]
    if draw.random() < how.blur:
        out = cast(BgrImage, cv2.GaussianBlur(out, (0, 0), draw.uniform(0.4, width / 60)))
    if draw.random() < how.jpeg:
        quality = int(draw.integers(25, 80))
        _, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])
        out = cast(BgrImage, cv2.imdecode(data, cv2.IMREAD_COLOR))
    if draw.random() < how.occlusion:
        w, h = int(width * draw.uniform(0.15, 0.35)), int(height * draw.uniform(0.15, 0.35))
        x, y = int(draw.integers(0, width - w)), int(draw.integers(0, height - h))
        out = out.copy()
        out[y : y + h, x : x + w] = draw.integers(0, 256, 3)
    return out


def _moved(image: BgrImage, how: Augmentations, draw: np.random.Generator) -> BgrImage:
    height, width = image.shape[:2]
    angle, scale = draw.uniform(-how.turn, how.turn), 1 + draw.uniform(-how.crop, how.crop)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    matrix[:, 2] = matrix[:, 2] + draw.uniform(-how.crop, how.crop, 2) * np.array([width, height])
    moved = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(BgrImage, moved)
