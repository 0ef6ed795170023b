"""Faces for lists, from the crops that are kept."""

from __future__ import annotations

import cv2
import numpy as np

from faceapp.gallery.store import GalleryStore
from faceapp.images import decode_image, encode_jpeg
from faceapp.types import BgrImage, Box

THUMBNAIL = 96
"""Pixels of a thumbnail's side: 48 on screen, sharp at 200 %."""
PORTRAIT = 240
"""Of one that is looked at closely."""


def thumbnail(store: GalleryStore, person_id: str, side: int = THUMBNAIL) -> bytes | None:
    """A square JPEG of the face in the person's best photo, `side` pixels wide; None where no crop is kept."""
    with_crop = [p for p in store.photos(person_id) if p.has_crop and p.box]
    best = max(with_crop, key=lambda p: p.quality, default=None)
    crop = store.crop(best.id) if best else None
    if best is None or best.box is None or crop is None:
        return None
    return face_thumbnail(decode_image(crop, "a kept crop"), best.box, side)


def face_thumbnail(image: BgrImage, box: Box, side: int = THUMBNAIL) -> bytes:
    """A square JPEG of the face in `box`, with a little room around it."""
    cx, cy = box.center
    half = min(0.65 * max(box.width, box.height), image.shape[1] / 2, image.shape[0] / 2)
    cx = float(np.clip(cx, half, image.shape[1] - half))
    cy = float(np.clip(cy, half, image.shape[0] - half))
    square = image[int(cy - half) : int(cy + half), int(cx - half) : int(cx + half)]
    small = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
    return encode_jpeg(np.asarray(small, np.uint8), 88)
