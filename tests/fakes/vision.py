"""Eyes that see what a test puts in front of them: a detector and an embedder over one invented world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.types import BgrImage, Box, Face, Floats

SPACE = "invented"
PEOPLE = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
DIMENSION = 16


def vector(name: str, off: float = 0.0) -> Floats:
    """The embedding of a view of `name`; `off` is its distance from the enrolled one (all views off the same way)."""
    point = np.zeros(DIMENSION, np.float64)
    point[PEOPLE.index(name)] = 1 - off * off / 2
    point[-1] = np.sqrt(1 - point[PEOPLE.index(name)] ** 2)
    return point.astype(np.float32)


def index_of(*names: str, space: str = SPACE) -> GalleryIndex:
    """An index with one template for each."""
    return GalleryIndex.build(space, TemplateTable.of(space, [(f"id-{n}", n, vector(n)) for n in names]))


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody in the picture, at the centre of a face `size` pixels high."""

    name: str
    x: float = 320
    y: float = 240
    size: float = 120
    off: float = 0.0

    @property
    def box(self) -> Box:
        half = self.size / 2
        return Box(self.x - half * 0.8, self.y - half, self.x + half * 0.8, self.y + half)


class World:
    """Detector and embedder. `people` are in front of the camera; `embedded` says who was embedded, call by call."""

    id = "invented"
    space = SPACE
    dimension = DIMENSION
    provider = "CPUExecutionProvider"

    def __init__(self) -> None:
        self.people: list[Seen] = []
        self.embedded: list[list[str]] = []
        self.min_faces: list[int] = []
        self.fails_with: Exception | None = None
        self._faces: list[tuple[Face, Seen]] = []
        """Of the last frames: those of one are embedded while those of the next are found."""

    def detect(self, _image: BgrImage, min_face: int) -> list[Face]:
        self.min_faces.append(min_face)
        if self.fails_with is not None:
            raise self.fails_with
        largest_first = sorted(self.people, key=lambda p: -p.size)
        found = [(Face(p.box, 0.99), p) for p in largest_first]
        self._faces = self._faces[-32:] + found
        return [face for face, _ in found]

    def embed(self, _image: BgrImage, faces: Sequence[Face]) -> Floats:
        seen = [next(p for f, p in self._faces if f is face) for face in faces]
        self.embedded.append([p.name for p in seen])
        return np.array([vector(p.name, p.off) for p in seen], np.float32).reshape(len(seen), DIMENSION)
