"""A gallery with people in it, made faster than by enrolling them."""

from __future__ import annotations

import numpy as np

from faceapp.app.parts import Parts
from faceapp.enrollment.photo import keep_crop
from faceapp.gallery.rows import NewPhoto
from faceapp.types import BgrImage, Floats


def unit(seed: int, dimension: int) -> Floats:
    """A vector (D,) of unit length."""
    v = np.random.default_rng(seed).standard_normal(dimension)
    return (v / np.linalg.norm(v)).astype(np.float32)


def fill(astronaut: BgrImage, photos: int) -> None:
    """So many people with a photo each, and a template that is none of their face."""
    with Parts.open() as parts:
        [face] = parts.detector().detect(astronaut, 40)
        space, dimension, store = parts.space(), parts.embedder_spec.dimension, parts.gallery()
        for k in range(photos):
            kept = keep_crop(np.clip(astronaut.astype(np.int16) - 2 * k, 0, 255).astype(np.uint8), face)
            photo = NewPhoto(space, unit(k, dimension), 50.0, f"{k}.jpg", kept.jpeg(), kept.box, kept.landmarks)
            store.add_photo(f"Person {k}", photo)
