"""Galleries of people who never were: random directions and, for their photos, directions near them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from faceapp.gallery.inbox_rows import NewTrack
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats

DIMENSIONS = 32


def crowd(people: int, photos: int = 3, noise: float = 0.5, seed: int = 0) -> tuple[Floats, np.ndarray]:
    """Unit vectors (people * photos, DIMENSIONS) and whose they are."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(people, DIMENSIONS)), photos, axis=0)
    vectors = centres + noise * random.normal(size=centres.shape)
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit, np.arange(people).repeat(photos)


def fill(data_dir: Path, space: str, people: int, photos: int = 3, noise: float = 0.5) -> None:
    """Enrol so many people, straight into the store."""
    vectors, owner = crowd(people, photos, noise)
    with GalleryStore.open(data_dir) as store:
        for vector, person in zip(vectors, owner, strict=True):
            store.add_photo(f"Person {person}", NewPhoto(space, vector, 80, "made up"))


def fill_inbox(data_dir: Path, space: str, vectors: Floats) -> None:
    """A track of one face for each row."""
    with GalleryStore.open(data_dir) as store:
        for k, vector in enumerate(vectors):
            at = f"2026-11-22T00:00:{k % 60:02d}"
            store.add_track(NewTrack(at, at, "camera", 80, b"jpeg", space, vector[None]))
