"""Enrolling without networks: a picture's first pixel is its embedding. For what imports do around the enrolling."""

from __future__ import annotations

import hmac
from pathlib import Path

import cv2
import numpy as np

from faceapp.app.enrolling import Enrolled, RejectedError
from faceapp.app.imports import Import
from faceapp.enrollment.importers.items import Source
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.images import encode_jpeg
from faceapp.types import BgrImage, Box, Face, Floats

SPACE = "pixels"
DIMENSION = 32


def mac(what: str | bytes, label: str) -> str:
    """As a vault's, with a key that everybody knows."""
    data = what.encode() if isinstance(what, str) else what
    return hmac.digest(b"key", label.encode() + b"\0" + data, "sha256").hex()


def vector(image: BgrImage) -> Floats:
    """Unit length, the same for the same picture."""
    small = cv2.resize(image, (4, 4), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()[:DIMENSION] + 1
    return (small / np.linalg.norm(small)).astype(np.float32)


class PixelEnroller:
    """Rejects a picture whose width is odd (`no_face`) or divisible by 20 (`several_faces`)."""

    def __init__(self, store: GalleryStore) -> None:
        self.store = store
        self.looked_at: list[str] = []
        self.fails_with: Exception | None = None

    def enrol(self, name: str, image: BgrImage, source: str, *, label: str, content: str) -> Enrolled:
        """See `Enroller.enrol`."""
        self.looked_at.append(source)
        if self.fails_with is not None:
            raise self.fails_with
        width = image.shape[1]
        if width % 2:
            raise RejectedError(f"{label}: no face", ("no_face",))
        if width % 20 == 0:
            faces = [Face(Box(0, 0, 5.04, 6), 0.9), Face(Box(7, 0, 12, 6), 0.9)]
            raise RejectedError(f"{label}: two faces", ("several_faces",), faces)
        if width % 18 == 0:
            raise RejectedError(f"{label}: enrolled already, as Nobody", ("duplicate",))
        added = self.store.add_photo(
            name, NewPhoto(SPACE, vector(image), 80, source, encode_jpeg(image), content=content)
        )
        return Enrolled(name, added.person.id, added.photo_id, added.new_person, added.repeated, 80.0, (), ())


def importing(source: Source, store: GalleryStore) -> tuple[Import, PixelEnroller]:
    """An import of `source`, and what enrols."""
    enroller = PixelEnroller(store)
    return Import(source, store, enroller, SPACE, mac), enroller


def picture(seed: int, width: int = 16) -> bytes:
    """A JPEG of noise, another one for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (12, width, 3), np.uint8)
    return encode_jpeg(np.ascontiguousarray(cv2.GaussianBlur(pixels, (0, 0), 2)))


def people_folder(root: Path, people: int, photos: int, odd_every: int = 7) -> int:
    """`people` folders of `photos` pictures in `root`; each `odd_every`-th picture has no face. How many there are."""
    number = 0
    for who in range(people):
        folder = root / f"Person {who:04}"
        folder.mkdir(parents=True)
        for k in range(photos):
            number += 1
            (folder / f"{k}.jpg").write_bytes(picture(number, 15 if number % odd_every == 0 else 16))
    return number
