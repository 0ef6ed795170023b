"""What an embedder is shown of a face: the widened box, or the face turned and scaled to fixed landmark positions.

The crop a network was trained on is part of the network (FaceNet: 98.9 % of LFW's pairs from the widened box, 98.0 %
from aligned crops), so both are exactly what the models' manifest says. Pure functions.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.types import BgrImage, Box, Floats


def box_crop(image: BgrImage, box: Box, size: int, margin: float) -> BgrImage:
    """The box, widened by `margin` (a fraction of its longer side, half of it on each edge), clipped to the picture and
    resized to size x size without regard to its shape: what FaceNet's own alignment script makes of an MTCNN box."""
    extra = margin * max(box.width, box.height) / 2
    height, width = image.shape[:2]
    x1, x2 = _span(box.x1 - extra, box.x2 + extra, width)
    y1, y2 = _span(box.y1 - extra, box.y2 + extra, height)
    part = image[y1:y2, x1:x2]
    # INTER_AREA averages all pixels when it shrinks, but enlarges like nearest neighbour.
    shrinks = part.shape[0] >= size and part.shape[1] >= size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cast(BgrImage, cv2.resize(part, (size, size), interpolation=how))


def _span(start: float, end: float, limit: int) -> tuple[int, int]:
    """Whole pixels of start..end within 0..limit, at least one."""
    first = min(max(0, round(start)), limit - 1)
    return first, max(first + 1, min(limit, round(end)))


def grey_patch(image: BgrImage, box: Box, side: int = 16) -> Floats:
    """The box as side x side grey values in one row (side * side,), less their mean and of unit length, so that
    brightness and contrast don't count; all zeros where the picture is flat. The dot product of two such patches is
    their correlation, -1 to 1: by far too coarse to know a person by, but it shows when a picture was exchanged."""
    height, width = image.shape[:2]
    x1, x2 = _span(box.x1, box.x2, width)
    y1, y2 = _span(box.y1, box.y2, height)
    # Of a large face only every second or third pixel: nine for each value do as well as a hundred.
    step = max(1, min(x2 - x1, y2 - y1) // (3 * side))
    part = np.ascontiguousarray(image[y1:y2:step, x1:x2:step])
    how = cv2.INTER_AREA if min(part.shape[:2]) >= side else cv2.INTER_LINEAR
    grey = cv2.cvtColor(cv2.resize(part, (side, side), interpolation=how), cv2.COLOR_BGR2GRAY)
    values = grey.astype(np.float32).ravel()
    values -= values.mean()
    length = float(np.linalg.norm(values))
    # Less than half a grey value of contrast is rounding.
    return values / np.float32(length) if length > side / 2 else np.zeros_like(values)


def similarity_crop(image: BgrImage, landmarks: Floats, reference: Floats, size: int) -> BgrImage:
    """The face turned, scaled and moved so that its `landmarks` (5, 2) come as near as possible to `reference` (5, 2)
    in a picture of size x size pixels; black outside the picture."""
    matrix = similarity(landmarks, reference)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    # Only the part that is seen is shrunk: warping samples 2 x 2 pixels and would skip over the others.
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float64)
    seen = cv2.transform(corners[None], cv2.invertAffineTransform(matrix))[0]
    step = 2 ** max(0, int(np.floor(np.log2(1 / scale))))
    height, width = image.shape[:2]
    x1, x2 = _span(np.floor(seen[:, 0].min()) - step, np.ceil(seen[:, 0].max()) + step + 1, width)
    y1, y2 = _span(np.floor(seen[:, 1].min()) - step, np.ceil(seen[:, 1].max()) + step + 1, height)
    part = image[y1:y2, x1:x2]
    if step > 1 and min(part.shape[:2]) >= step:
        new_width, new_height = part.shape[1] // step, part.shape[0] // step
        whole = part[: new_height * step, : new_width * step]
        part = cast(BgrImage, cv2.resize(whole, (new_width, new_height), interpolation=cv2.INTER_AREA))
    else:
        step = 1
    # A pixel of `part` stands for step x step pixels around (x1 + step x + (step - 1) / 2, ...).
    offset = np.array([x1 + (step - 1) / 2, y1 + (step - 1) / 2])
    moved = np.concatenate([matrix[:, :2] * step, matrix[:, 2:] + matrix[:, :2] @ offset[:, None]], axis=1)
    return cast(BgrImage, cv2.warpAffine(part, moved, (size, size), flags=cv2.INTER_LINEAR))


def similarity(points: Floats, targets: Floats) -> NDArray[np.float64]:
    """The 2 x 3 matrix of the similarity (rotation, uniform scale, translation; no reflection) that takes `points`
    (N, 2) to `targets` (N, 2) with the least sum of squares.

    Umeyama 1991; in the plane, with points as complex numbers, it is one division. Points that all coincide are only
    moved."""
    p, q = (np.asarray(x, np.float64) @ np.array([1, 1j]) for x in (points, targets))
    p_mean, q_mean = p.mean(), q.mean()
    spread = float((np.abs(p - p_mean) ** 2).sum())
    turn = np.vdot(p - p_mean, q - q_mean) / spread if spread > 1e-12 else np.complex128(1)
    if abs(turn) < 1e-12:
        turn = np.complex128(1)
    move = q_mean - turn * p_mean
    return np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])
