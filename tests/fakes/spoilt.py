"""Good photographs spoilt on purpose, as a camera, the light or somebody's hand would: for the quality gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, cast

import cv2
import numpy as np

from faceapp.types import BgrImage, Box
from faceapp.vision.crops import box_crop

Side = Literal["left", "right", "upper", "lower"]
SIDES: tuple[Side, ...] = ("left", "right", "upper", "lower")
CLOTHS = ((235, 206, 150), (245, 245, 240), (30, 30, 30), (200, 190, 120), (110, 140, 180))
"""BGR: surgical blue, white, black, teal, brown."""


def blurred(image: BgrImage, box: Box) -> BgrImage:
    """Out of focus: by a twentieth of the face's height."""
    return cast(BgrImage, cv2.GaussianBlur(image, (0, 0), box.height / 20))


def shaken(image: BgrImage, box: Box) -> BgrImage:
    """Moved sideways by a fifth of the face's height while it was taken."""
    length = max(3, round(box.height / 5))
    return cast(BgrImage, cv2.filter2D(image, -1, np.full((1, length), 1 / length)))


def dark(image: BgrImage, _box: Box) -> BgrImage:
    """A seventh of the light."""
    return (image * 0.15).astype(np.uint8)


def dim(image: BgrImage, _box: Box) -> BgrImage:
    """A fifth of the light, and the noise of a sensor that makes up for it."""
    noise = np.random.default_rng(5).normal(0, 3, image.shape)
    return np.clip(image * 0.2 + noise, 0, 255).astype(np.uint8)


def overexposed(image: BgrImage, box: Box) -> BgrImage:
    """As much light as makes half of the face plain white."""
    grey = cv2.cvtColor(box_crop(image, box, 112, 0.0), cv2.COLOR_BGR2GRAY)[14:-14, 14:-14]
    return np.clip(image.astype(np.float32) * (262 / max(1.0, float(np.median(grey)))), 0, 255).astype(np.uint8)


def glaring(image: BgrImage, _box: Box) -> BgrImage:
    """A lamp into the lens: brighter everywhere, and twice the light."""
    return np.clip(image * 2.0 + 80, 0, 255).astype(np.uint8)


def small(image: BgrImage, box: Box) -> BgrImage:
    """A face of 50 pixels."""
    f = 50 / box.height
    return cast(BgrImage, cv2.resize(image, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)) if f < 1 else image


SPOILT: dict[str, Callable[[BgrImage, Box], BgrImage]] = {
    f.__name__: f for f in (blurred, shaken, dark, dim, overexposed, glaring, small)
}


def side_lit(image: BgrImage, box: Box, rng: np.random.Generator) -> BgrImage:
    """Light from one side: a third of it reaches the other. Still a good photograph, more or less."""
    ends = [1.0, 0.35] if rng.random() < 0.5 else [0.35, 1.0]
    light = np.interp((np.arange(image.shape[1]) - box.x1) / box.width, [0, 1], ends)
    return (image * light[None, :, None]).astype(np.uint8)


def noisy(image: BgrImage, _box: Box, rng: np.random.Generator) -> BgrImage:
    """Less light and a cheap camera. Still a good photograph, more or less."""
    return np.clip(image * 0.6 + rng.normal(0, 5, image.shape), 0, 255).astype(np.uint8)


class Cover:
    """Things that hide half of a face. `photos`: pictures to take pieces from. Each call is another one."""

    def __init__(self, photos: Sequence[BgrImage], seed: int = 1) -> None:
        self._photos = photos
        self.rng = np.random.default_rng(seed)

    def plain(self, width: int, height: int) -> BgrImage:
        """One colour."""
        return np.full((height, width, 3), self.rng.integers(0, 256, 3), np.uint8)

    def mask(self, width: int, height: int) -> BgrImage:
        """Cloth in the colour of a mask, with folds, shading and noise."""
        rng = self.rng
        colour = np.array(CLOTHS[rng.integers(len(CLOTHS))], np.float64)
        down = np.linspace(rng.uniform(0.8, 1), rng.uniform(0.8, 1), height)
        folds = 1 + 0.06 * np.sin(np.arange(height) * 2 * np.pi * rng.uniform(3, 6) / height)
        across = np.linspace(rng.uniform(0.8, 1), 1, width)
        shaded = colour * (down * folds)[:, None, None] * across[None, :, None]
        return np.clip(shaded + rng.normal(0, 3, shaded.shape), 0, 255).astype(np.uint8)

    def texture(self, width: int, height: int) -> BgrImage:
        """A piece from the edge of another photograph: hair, clothes, background."""
        image = self._photos[self.rng.integers(len(self._photos))]
        part = self.rng.uniform(0.25, 0.5)
        h, w = max(2, int(image.shape[0] * part)), max(2, int(image.shape[1] * part))
        top = self.rng.integers(0, image.shape[0] - h)
        left = self.rng.choice([0, image.shape[1] - w])
        return cast(BgrImage, cv2.resize(image[top : top + h, left : left + w], (width, height)))

    def straight(self, image: BgrImage, box: Box, side: Side, kind: str) -> BgrImage:
        """Exactly half of the box (and a tenth around it) hidden, with a sharp straight edge."""
        height, width = image.shape[:2]
        w, h, (mx, my) = box.width, box.height, box.center
        x1, x2 = (mx if side == "right" else box.x1 - w / 10), (mx if side == "left" else box.x2 + w / 10)
        y1, y2 = (my if side == "lower" else box.y1 - h / 10), (my if side == "upper" else box.y2 + h / 10)
        left, top, right, bottom = max(0, int(x1)), max(0, int(y1)), min(width, round(x2)), min(height, round(y2))
        hidden = image.copy()
        hidden[top:bottom, left:right] = getattr(self, kind)(right - left, bottom - top)
        return hidden

    def soft(self, image: BgrImage, box: Box, side: Side, kind: str) -> BgrImage:
        """About half hidden, by a tilted edge or something round, its border more or less sharp."""
        rng, (cx, cy), w, h = self.rng, box.center, box.width, box.height
        height, width = image.shape[:2]
        y, x = np.mgrid[0:height, 0:width]
        angle = {"left": np.pi, "right": 0, "upper": -np.pi / 2, "lower": np.pi / 2}[side] + rng.normal(0, 0.12)
        off = rng.uniform(-0.05, 0.06) * h
        if rng.random() < 0.5:
            inside = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle) - off
        else:
            at = cx + np.cos(angle) * 0.55 * w, cy + np.sin(angle) * 0.55 * h
            rx, ry = (0.55 * w, 0.75 * h) if side in ("left", "right") else (0.75 * w, 0.55 * h)
            inside = (1 - np.hypot((x - at[0]) / rx, (y - at[1]) / ry)) * min(rx, ry) - off
        share = 1 / (1 + np.exp(-np.clip(inside / (rng.uniform(0.003, 0.02) * h), -50, 50)))
        if rng.random() < 0.5:  # no larger than the head
            share[(abs(x - cx) > 0.65 * w) | (abs(y - cy) > 0.65 * h)] = 0
        thing = getattr(self, kind)(max(8, int(w)), max(8, int(h)))
        laid = cv2.resize(thing, (width, height)).astype(np.float32)
        return np.clip(image * (1 - share[..., None]) + laid * share[..., None], 0, 255).astype(np.uint8)

    def all(self, image: BgrImage, box: Box) -> dict[str, BgrImage]:
        """The picture with half of the face hidden in 24 ways."""
        shapes = {"": self.straight, "soft ": self.soft}
        return {
            f"{soft}{kind} {side}": shape(image, box, side, kind)
            for kind in ("plain", "mask", "texture")
            for side in SIDES
            for soft, shape in shapes.items()
        }
