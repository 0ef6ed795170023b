"""What every face detector can do."""

from __future__ import annotations

from typing import Protocol

from faceapp.types import BgrImage, Face


class Detector(Protocol):
    """Finds faces. One thread uses it at a time."""

    @property
    def id(self) -> str:
        """As settings and command line call it."""

    @property
    def provider(self) -> str:
        """The execution provider its networks really use."""

    def detect(self, image: BgrImage, min_face: int) -> list[Face]:
        """Faces of at least `min_face` pixels' height, the largest first.

        Boxes are in pixels of `image`, not rounded, and clipped to it. A picture too small for a face has none."""
