"""The demonstration: photographs moved and zoomed smoothly, so that faces travel through the picture."""

from __future__ import annotations

import contextlib
import importlib.util
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from faceapp import paths
from faceapp.camera.source import Kind, media_ns, not_open
from faceapp.errors import InputError
from faceapp.images import read_image
from faceapp.types import BgrImage, Frame

FPS = 30.0
SIZE = (640, 480)
SCENE_FRAMES = 240
FADE_FRAMES = 15


@dataclass(frozen=True, slots=True)
class View:
    """Which part of a photograph fills the frame; all of it in pixels of the photograph."""

    x: float
    y: float
    """Centre."""
    width: float
    """The height follows from the frame's shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photograph and the way through it; `view` takes seconds since the scene began (a little less than 0 while it
    is faded in)."""

    photograph: BgrImage
    view: Callable[[float], View]


def _wave(t: float, period: float, phase: float = 0.0) -> float:
    """-1 to 1, smooth."""
    return math.sin(2 * math.pi * (t / period + phase))


def astronaut_view(t: float) -> View:
    """Her face starts large and frontal, travels left and right, nearer and further."""
    return View(
        x=228 + 66 * _wave(t, 6.0),
        y=176 - 22 * _wave(t, 4.0, 0.25),
        width=372 - 52 * _wave(t, 8.0, 0.25),
    )


def group_view(t: float) -> View:
    """From the left of the group to the right and back, six faces in all."""
    return View(x=640 - 250 * _wave(t, 8.0, 0.25), y=400 + 40 * _wave(t, 4.0), width=760 - 60 * _wave(t, 8.0))


def group_photograph() -> Path | None:
    """The photograph with six faces that the insightface package carries, if that is installed (it isn't imported)."""
    try:
        spec = importlib.util.find_spec("insightface")
    except ValueError:  # somebody put a half-made module in its place
        return None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / "images" / "t1.jpg"
    return path if path.is_file() else None


def draw(scene: Scene, t: float, size: tuple[int, int] = SIZE) -> BgrImage:
    """The scene at `t` seconds: `size` (width, height) pixels. The view is pushed back into the photograph where it
    would look beyond its edge, so nothing black is ever seen."""
    height, width = scene.photograph.shape[:2]
    shape = size[0] / size[1]
    view = scene.view(t)
    w = min(view.width, width - 1.0, (height - 1.0) * shape)
    h = w / shape
    x = min(max(view.x - w / 2, 0.0), width - 1.0 - w)
    y = min(max(view.y - h / 2, 0.0), height - 1.0 - h)
    scale = w / size[0]
    frame_to_photograph = np.array([[scale, 0, x], [0, scale, y]], np.float64)
    drawn = cv2.warpAffine(
        scene.photograph,
        frame_to_photograph,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cast(BgrImage, drawn)


class DemoSource:
    """The demonstration, 640 x 480 at 30 frames a second: the astronaut's photograph and, where the insightface package
    is installed, its group photograph, eight seconds each. Frame k depends on k alone. Goes on forever with `loop`;
    else nothing follows the last scene, and it isn't faded out."""

    spec = "demo:"
    name = "demonstration"
    kind: Kind = "demo"
    live = False
    fps: float | None = FPS

    def __init__(self, *, loop: bool = False, alone: bool = False) -> None:
        """`alone`: the astronaut without end, for a door that asks her questions: a group has others come between."""
        self._loop = loop
        self._alone = alone
        self._scenes: tuple[Scene, ...] = ()
        self._next = 0
        self._opened_ns = 0

    def open(self) -> None:
        """Read the photographs. Raises InputError where the astronaut's is missing."""
        scenes = [Scene(read_image(paths.resource("astronaut.jpg")), astronaut_view)]
        group = None if self._alone else group_photograph()
        if group is not None:
            with contextlib.suppress(InputError):  # a guest's photograph: the demonstration goes on without it
                scenes.append(Scene(read_image(group), group_view))
        self._scenes = tuple(scenes)
        self._next = 0
        self._opened_ns = time.monotonic_ns()

    def read(self) -> Frame | None:
        """The next frame; None after one round, unless it loops."""
        if not self._scenes:
            raise not_open(self.name)
        id = self._next
        if not self._alone and id >= SCENE_FRAMES * len(self._scenes) and not self._loop:
            return None
        self._next += 1
        return Frame.freeze(id, media_ns(self._opened_ns, id, FPS), self._draw(id))

    def close(self) -> None:
        """Forget the photographs."""
        self._scenes = ()

    def _draw(self, id: int) -> BgrImage:
        if self._alone:
            return draw(self._scenes[0], id / FPS)
        round_, frame = divmod(id, SCENE_FRAMES)
        image = draw(self._scenes[round_ % len(self._scenes)], frame / FPS)
        into = frame - (SCENE_FRAMES - FADE_FRAMES) + 1
        last = id >= SCENE_FRAMES * (len(self._scenes) - 1) and not self._loop
        if into <= 0 or last:
            return image
        following = draw(self._scenes[(round_ + 1) % len(self._scenes)], (frame - SCENE_FRAMES) / FPS)
        share = into / (FADE_FRAMES + 1)
        return cast(BgrImage, cv2.addWeighted(image, 1 - share, following, share, 0.0))
