"""Walk-ups made from still photographs, for `walkups.py`: somebody comes to a halt before a webcam.

A film is 640 x 480 at 30 frames a second and depends on the photograph and a seed alone. Before a wall with some things
out of focus the photograph, feathered at its edges, is drawn 170 to 280 pixels high (a tight portrait's face then
measures 150 to 250); it drifts by up to 0.3 of its height in 20 frames and sways besides, comes nearer or goes back by
up to 12 %, leans by up to 6 degrees. The shutter is open for half of each frame's time (motion blur), the light differs
by up to 15 % and changes, the sensor adds noise of 2 to 7 grey values, and each picture goes through JPEG.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from faceapp.types import BgrImage, Floats

FPS = 30.0
FRAMES = 20
SIZE = (640, 480)
_HEIGHTS = (170.0, 280.0)
_FEATHER = 0.06
_SHUTTER = (0.0, 0.25, 0.5)
"""Moments of a frame's time at which the picture is drawn; their mean is the frame."""


@dataclass(frozen=True, slots=True)
class Path:
    """How the photograph goes through the picture; times in seconds."""

    height: float
    """Pixels, in the middle of the film."""
    x: float
    y: float
    """Its centre there, pixels."""
    drift: tuple[float, float]
    sway: tuple[float, float]
    """Heights a second, and the amplitude in heights."""
    rhythm: tuple[float, float]
    """Sways a second, and where in one the film begins."""
    nearing: float
    """Logarithm of the scale, a second."""
    lean: tuple[float, float]
    """Degrees: all the time, and with the sway."""

    @staticmethod
    def of(rng: np.random.Generator, seconds: float) -> Path:
        """A random one."""
        return Path(
            height=rng.uniform(*_HEIGHTS),
            x=SIZE[0] * rng.uniform(0.38, 0.62),
            y=SIZE[1] * rng.uniform(0.42, 0.55),
            drift=(rng.uniform(-0.3, 0.3) / seconds, rng.uniform(-0.12, 0.12) / seconds),
            sway=(rng.uniform(0.01, 0.05), rng.uniform(0.005, 0.02)),
            rhythm=(rng.uniform(0.5, 1.5), rng.uniform(0, 1)),
            nearing=rng.uniform(-0.12, 0.12) / seconds,
            lean=(rng.uniform(-4, 4), rng.uniform(-2, 2)),
        )

    def matrix(self, t: float, size: tuple[int, int]) -> Floats:
        """From pixels of a picture of `size` (width, height) to those of the frame, `t` seconds from the middle."""
        wave = math.sin(2 * math.pi * (self.rhythm[0] * t + self.rhythm[1]))
        scale = self.height / size[1] * math.exp(self.nearing * t)
        turned = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), self.lean[0] + self.lean[1] * wave, scale)
        turned[0, 2] += self.x + self.height * (self.drift[0] * t + self.sway[0] * wave) - size[0] / 2
        turned[1, 2] += self.y + self.height * (self.drift[1] * t + self.sway[1] * wave) - size[1] / 2
        return cast(Floats, turned.astype(np.float32))


def film(photograph: BgrImage, seed: Sequence[int], frames: int = FRAMES) -> Iterator[BgrImage]:
    """The frames, one after the other. The same for the same photograph and seed."""
    rng = np.random.default_rng(list(seed))
    seconds = frames / FPS
    path = Path.of(rng, seconds)
    wall = _wall(rng)
    grain = rng.normal(0, rng.uniform(2, 7), (SIZE[1] + 64, SIZE[0] + 64, 3)).astype(np.float32)
    light, change, quality = rng.uniform(0.85, 1.15), rng.uniform(-0.06, 0.06), int(rng.integers(70, 93))
    picture = _fitted(photograph)
    edge = _feathered(picture.shape[1], picture.shape[0])
    size = (picture.shape[1], picture.shape[0])
    for k in range(frames):
        t = k / FPS - seconds / 2
        frame = _with_picture(wall, picture, edge, [path.matrix(t + part / FPS, size) for part in _SHUTTER])
        frame *= light + change * t / seconds
        dx, dy = rng.integers(0, 64, 2)
        frame += grain[dy : dy + SIZE[1], dx : dx + SIZE[0]]
        seen = cv2.convertScaleAbs(np.maximum(frame, 0, out=frame))  # rounds, and stops at 255
        done, jpeg = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert done
        yield cast(BgrImage, cv2.imdecode(jpeg, cv2.IMREAD_COLOR))


def _fitted(photograph: BgrImage) -> Floats:
    """As large as it is ever drawn, or smaller: shrinking by more than that would alias."""
    factor = min(1.0, 1.1 * _HEIGHTS[1] / photograph.shape[0])
    return cv2.resize(photograph, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.float32)


def _feathered(width: int, height: int) -> Floats:
    """How much of the photograph is seen, 0 at the edge to 1: (height, width)."""
    rows, columns = (np.minimum(np.arange(n), np.arange(n)[::-1]) / (_FEATHER * n) for n in (height, width))
    return np.minimum(1, np.minimum(rows[:, None], columns[None])).astype(np.float32)


def _with_picture(wall: Floats, picture: Floats, edge: Floats, matrices: Sequence[Floats]) -> Floats:
    """The wall with the mean of the pictures drawn by `matrices` before it; only what they cover is touched."""
    height, width = picture.shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float32)
    reached = np.concatenate([corners @ m.T for m in matrices])
    x1, y1 = np.maximum(0, np.floor(reached.min(axis=0)).astype(int))
    x2, y2 = np.minimum(SIZE, np.ceil(reached.max(axis=0)).astype(int) + 1)
    place = wall[y1:y2, x1:x2]
    change = np.zeros_like(place)
    for matrix in matrices:
        here = matrix - np.array([[0, 0, x1], [0, 0, y1]], np.float32)
        to = (int(x2 - x1), int(y2 - y1))
        part = cv2.warpAffine(edge, here, to, flags=cv2.INTER_LINEAR)[..., None]
        change += part * (cv2.warpAffine(picture, here, to, flags=cv2.INTER_LINEAR) - place)
    frame = wall.copy()
    frame[y1:y2, x1:x2] += change / len(matrices)
    return frame


def _wall(rng: np.random.Generator) -> Floats:
    """A wall, lit from one side, with a few things before it."""
    width, height = SIZE
    wall = np.full((height, width, 3), rng.uniform(90, 180) + rng.uniform(-20, 20, 3), np.float32)
    wall += np.linspace(rng.uniform(-40, 0), rng.uniform(0, 40), width, dtype=np.float32)[None, :, None]
    for _ in range(int(rng.integers(3, 8))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        corner = x + int(rng.integers(30, 220)), y + int(rng.integers(30, 260))
        cv2.rectangle(wall, (x, y), corner, [float(v) for v in rng.uniform(30, 200) + rng.uniform(-40, 40, 3)], -1)
    return cast(Floats, cv2.GaussianBlur(wall, (0, 0), float(rng.uniform(3, 8))))
