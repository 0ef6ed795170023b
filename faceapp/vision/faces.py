"""Geometry of face boxes: overlap, non-maximum suppression, and which face of a picture is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import NoFaceError, TwoFacesError
from faceapp.types import Box, Face, Floats

DOMINANCE = 1.3
"""The largest face is meant if it is at least this many times as high as the next."""

_BLOCK = 1024  # boxes compared at once: bounds the memory of a picture with 100,000 candidates


def dominant_face(faces: Sequence[Face]) -> Face:
    """The face that is meant where a picture should show one person: the highest, if at least `DOMINANCE` times as
    high as the next. Raises NoFaceError, TwoFacesError."""
    if not faces:
        raise NoFaceError("no face found: use a picture that shows one face clearly")
    first, *others = sorted(faces, key=lambda f: f.box.height, reverse=True)
    if others and first.box.height < DOMINANCE * others[0].box.height:
        raise TwoFacesError("two faces of about the same size: use a picture of one person, or cut the others away")
    return first


def nms(
    boxes: Floats, scores: Floats, threshold: float, relative_to: Literal["union", "smaller"] = "union"
) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: indices of the boxes to keep, best score first.

    `boxes` (N, 4) x1 y1 x2 y2, `scores` (N,). A box goes if it overlaps a better one that stays by more than
    `threshold`: intersection over union, or over the smaller of the two areas (which also drops a box inside another).
    Of equal scores the first wins.
    """
    if len(boxes) < 2:
        return np.arange(len(boxes))
    order = np.argsort(-scores, kind="stable")
    kept = np.empty(0, np.intp)
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        if len(kept):
            block = block[(overlaps(boxes[block], boxes[kept], relative_to) <= threshold).all(axis=1)]
        clash = np.triu(overlaps(boxes[block], boxes[block], relative_to) > threshold, 1)
        alive = np.ones(len(block), np.bool_)
        for i in np.flatnonzero(clash.any(axis=1)).tolist():
            if alive[i]:
                alive &= ~clash[i]
        kept = np.concatenate([kept, block[alive]])
    return kept


def overlaps(a: Floats, b: Floats, relative_to: Literal["union", "smaller"] = "union") -> Floats:
    """(len(a), len(b)): how much each pair of boxes overlaps, 0 to 1."""
    # Column by column: four times as fast as with pairs of coordinates together.
    ax1, ay1, ax2, ay2 = a.T[:, :, None]
    bx1, by1, bx2, by2 = b.T[:, None]
    width = np.maximum(np.minimum(ax2, bx2) - np.maximum(ax1, bx1), 0)
    inner: Floats = width * np.maximum(np.minimum(ay2, by2) - np.maximum(ay1, by1), 0)
    area_a, area_b = (ax2 - ax1) * (ay2 - ay1), (bx2 - bx1) * (by2 - by1)
    whole = area_a + area_b - inner if relative_to == "union" else np.minimum(area_a, area_b)
    inner /= np.maximum(whole, np.float32(1e-9))
    return inner


def to_faces(
    boxes: Floats, scores: Floats, landmarks: Floats | None, size: tuple[int, int], min_face: float
) -> list[Face]:
    """Faces out of arrays: boxes (N, 4) clipped to the picture's `size` (width, height), those lower than `min_face`
    or left with nothing dropped, the largest first. `landmarks` (N, 5, 2) as they are, or None."""
    width, height = size
    clipped = np.clip(boxes, 0, np.array([width, height, width, height], np.float32)).astype(np.float64)
    found = []
    for i in range(len(boxes)):
        x1, y1, x2, y2 = clipped[i].tolist()
        # Measured before clipping: a face that leaves the picture is no smaller for it.
        if x2 - x1 < 1 or y2 - y1 < 1 or boxes[i, 3] - boxes[i, 1] < min_face:
            continue
        found.append(Face(Box(x1, y1, x2, y2), float(scores[i]), None if landmarks is None else landmarks[i]))
    return sorted(found, key=lambda f: f.box.area, reverse=True)
