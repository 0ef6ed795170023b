"""A recogniser over an invented world, one frame after the other."""

from __future__ import annotations

import numpy as np
import pytest

from faceapp.pipeline import embedding as module
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Frame, FrameResult
from faceapp.vision.quality import Measures, Quality
from tests.fakes.vision import PEOPLE, Seen, World, index_of

FRAME_NS = 33_000_000
THRESHOLD = 0.9
SETTLED = 27
"""Frames after which a face is no longer new, and was embedded lately."""


class Watched:
    """A recogniser, its world, and frames 33 ms apart. The quality of every face is what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *enrolled: str) -> None:
        self.world = World()
        self.quality = 50.0
        self.recogniser = Recogniser(
            detector=self.world,
            embedder=self.world,
            index=index_of(*enrolled),
            threshold=THRESHOLD,
            same_person=1.0,
            min_face=40,
        )
        self._id = 0
        self.shows(np.full((480, 640, 3), 90, np.uint8))
        measures = Measures(100, 1, 200, 50, 0, 0, 0, 0, 1, 0.99)
        self.judged = 0

        def assess(_image: BgrImage, _face: Face) -> Quality:
            self.judged += 1
            return Quality(self.quality, (), measures)

        monkeypatch.setattr(module, "assess", assess)

    def sees(self, *people: Seen, frames: int = 1) -> FrameResult:
        """The result of the last of so many frames with `people` in them."""
        self.world.people = list(people)
        for _ in range(frames):
            result = self.recogniser.process(Frame(self._id, self._id * FRAME_NS, self._picture))
            self._id += 1
        return result

    def shows(self, picture: BgrImage) -> None:
        """From the next frame on."""
        picture.flags.writeable = False
        self._picture = picture

    @property
    def embeddings(self) -> int:
        return sum(len(names) for names in self.world.embedded)


def names(result: FrameResult) -> list[str | None]:
    return [f.match.name if f.match else None for f in result.faces]


def crowd(count: int) -> list[Seen]:
    return [Seen(PEOPLE[k], x=60 + 75 * k, y=120 if k % 2 else 360, size=70 - k) for k in range(count)]
