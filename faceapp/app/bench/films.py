"""Films to measure on, made of photographs that are here anyway: one face or six, in any size, every frame the same on
every machine. Heads travel slowly over a background that stands still, nearer and farther, and every picture has a
sensor's noise, as in front of a camera that hangs on a wall."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from faceapp import paths
from faceapp.camera.demo import group_photograph
from faceapp.camera.recorder import VideoRecorder
from faceapp.errors import InputError, UnavailableError
from faceapp.images import read_image
from faceapp.types import BgrImage, Box, Floats

FPS = 30.0
_ASTRONAUT = Box(181, 61, 267, 174)
"""Where her face is in `resources/astronaut.jpg`."""
_GROUP = (
    Box(54, 266, 163, 397),
    Box(271, 153, 367, 271),
    Box(465, 263, 573, 410),
    Box(744, 342, 841, 474),
    Box(907, 61, 1011, 200),
    Box(1132, 274, 1227, 396),
)
"""Where the faces of the group photograph are, from left to right (as MTCNN finds them)."""
_GROUP_SIZE = (1280, 886)
_NOISE = 2.5
"""Standard deviation of the noise, of 255: a webcam's in an office."""
_THINGS = 40
"""In the background."""
_SHIFT = 101
"""By how many pixels the noise of two frames is shifted, at most."""
ROUND, THERE = 38, 22
"""Frames: somebody comes every 1.3 seconds, and stays for 0.7. A track is carried for less than the time between."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """Somebody on a photograph."""

    name: str
    photograph: BgrImage
    face: Box


@dataclass(frozen=True, slots=True, eq=False)
class _Head:
    """A sitter's head, cut out: the picture (h, w, 3), how much of it counts (h, w) from 0 to 1, and its face."""

    picture: BgrImage
    opacity: Floats
    face: Box


def sitters(faces: int) -> tuple[Sitter, ...]:
    """The one sitter, or the six. Raises UnavailableError where their photograph isn't here: the group's comes with the
    insightface package."""
    if faces == 1:
        return (Sitter("Astronaut", read_image(paths.resource("astronaut.jpg")), _ASTRONAUT),)
    path = group_photograph()
    try:
        photograph = None if path is None else read_image(path)
    except InputError:
        photograph = None
    if photograph is None or photograph.shape[1::-1] != _GROUP_SIZE:
        raise UnavailableError("the photograph of six people is not here: it comes with the insightface package")
    return tuple(Sitter(f"Person {n}", photograph, box) for n, box in enumerate(_GROUP, 1))


def write(path: Path, people: Sequence[Sitter], size: tuple[int, int], frames: int, comings: bool = False) -> None:
    """The film of `people` as an MP4 file: `size` (width, height), 30 frames a second; `comings` as for `pictures`.
    Raises UnavailableError where it can't be written."""
    with VideoRecorder(path, size, FPS) as video:
        for picture in pictures(people, size, frames, comings):
            video.write(picture)


def pictures(people: Sequence[Sitter], size: tuple[int, int], frames: int, comings: bool = False) -> Iterator[BgrImage]:
    """The film, picture by picture. Picture k depends on k alone. `comings`: nobody is there all the time, but for
    `THERE` frames of every `ROUND`."""
    heads = [_cut_out(p) for p in people]
    background = _background(people[0].photograph, size)
    brighter, darker = _noises(size)
    for k in range(frames):
        canvas = background.copy()
        for n, head in enumerate(heads):
            if not comings or is_there(k):
                _paint(canvas, head, *_place(n, len(heads), size, k / FPS))
        x, y = (53 * k) % _SHIFT, (37 * k) % _SHIFT
        window = np.s_[y : y + size[1], x : x + size[0]]
        cv2.add(canvas, brighter[window], dst=canvas)
        cv2.subtract(canvas, darker[window], dst=canvas)
        yield canvas


def is_there(k: int) -> bool:
    """Whether a film of comings shows anybody in frame `k`."""
    return k % ROUND >= ROUND - THERE


def _place(n: int, of: int, size: tuple[int, int], t: float) -> tuple[float, float, float]:
    """Where the centre of face `n` is at `t` seconds, and its height, in pixels. One face has the picture to itself,
    several have a cell of three by two each."""
    columns, rows = (1, 1) if of == 1 else (3, 2)
    width, height = size[0] / columns, size[1] / rows
    x, y = (n % columns + 0.5) * width, (n // columns + 0.5) * height
    phase = 0.17 * n
    x += 0.16 * width * math.sin(2 * math.pi * (t / 6 + phase))
    y += 0.06 * height * math.sin(2 * math.pi * (t / 4 + phase))
    face = (0.32 if of == 1 else 0.44) * min(height, 1.2 * width)
    return x, y, face * (1 + 0.15 * math.sin(2 * math.pi * (t / 8 + phase)))


def _cut_out(sitter: Sitter) -> _Head:
    """The head with a soft rim."""
    box, (height, width) = sitter.face, sitter.photograph.shape[:2]
    left, right = max(0, round(box.x1 - 0.55 * box.width)), min(width, round(box.x2 + 0.55 * box.width))
    top, bottom = max(0, round(box.y1 - 0.45 * box.height)), min(height, round(box.y2 + 0.35 * box.height))
    picture = sitter.photograph[top:bottom, left:right]
    face = box.moved(-left, -top)
    rows, columns = np.mgrid[0 : bottom - top, 0 : right - left].astype(np.float32)
    cx, cy = face.center
    # 0 at the face's centre, 1 on the rim of an ellipse that holds hair and chin.
    far = np.hypot((columns - cx) / (0.95 * box.width), (rows - (cy - 0.04 * box.height)) / (0.80 * box.height))
    opacity = np.clip((1.0 - far) / 0.12, 0, 1).astype(np.float32)
    return _Head(picture, opacity, face)


def _paint(canvas: BgrImage, head: _Head, x: float, y: float, face_height: float) -> None:
    """Draw the head with the centre of its face at (x, y)."""
    scale = face_height / head.face.height
    (h, w), (cx, cy) = head.opacity.shape, head.face.center
    left, top = x - cx * scale, y - cy * scale
    x1, y1 = max(0, math.floor(left)), max(0, math.floor(top))
    x2, y2 = min(canvas.shape[1], math.ceil(left + w * scale)), min(canvas.shape[0], math.ceil(top + h * scale))
    if x1 >= x2 or y1 >= y2:
        return
    how = np.array([[scale, 0, left - x1], [0, scale, top - y1]], np.float64)
    room = (x2 - x1, y2 - y1)
    picture = cv2.warpAffine(head.picture, how, room, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    opacity = cv2.warpAffine(head.opacity, how, room, flags=cv2.INTER_LINEAR)
    part = canvas[y1:y2, x1:x2]
    part[:] = cv2.blendLinear(picture, part, opacity, 1 - opacity)


def _background(photograph: BgrImage, size: tuple[int, int]) -> BgrImage:
    """A room: the photograph so far out of focus that nobody is left in it, and things with edges, which a detector
    has to tell from faces."""
    small = cv2.GaussianBlur(cv2.resize(photograph, (32, 24), interpolation=cv2.INTER_AREA), (0, 0), 2)
    room = cast(BgrImage, cv2.resize(small, size, interpolation=cv2.INTER_CUBIC))
    random = np.random.Generator(np.random.PCG64(3))
    for _ in range(_THINGS):
        x, y, w, h = random.random(4) * (size[0], size[1], size[0] / 6, size[1] / 4)
        colour = tuple(int(c) for c in random.integers(30, 220, 3))
        corner, opposite = (int(x), int(y)), (int(x + w), int(y + h))
        if random.random() < 0.5:
            cv2.rectangle(room, corner, opposite, colour, -1 if random.random() < 0.5 else 3)
        else:
            cv2.ellipse(room, corner, (int(w / 3) + 1, int(h / 3) + 1), 0, 0, 360, colour, -1)
    return cast(BgrImage, cv2.GaussianBlur(room, (0, 0), size[1] / 480))


def _noises(size: tuple[int, int]) -> tuple[BgrImage, BgrImage]:
    """What a sensor adds and what it takes, larger than the picture, so that every frame gets another part of it."""
    random = np.random.Generator(np.random.PCG64(7))
    noise = np.rint(random.standard_normal((size[1] + _SHIFT, size[0] + _SHIFT, 3), np.float32) * _NOISE)
    return np.maximum(noise, 0).astype(np.uint8), np.maximum(-noise, 0).astype(np.uint8)
