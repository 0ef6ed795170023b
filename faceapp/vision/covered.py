"""Does something hide half of a face: a hand, a mask, sunglasses, a scarf, somebody's shoulder?

Five landmarks and the pixels are all there is, and a detector puts five landmarks on half a face too. Five measures of
the face brought upright, each a few lines, and the detector's own doubt, weighed together. No network. What stands in
front of a face lacks the lines of eyes and mouth, has another colour than the rest, and is on one side.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.types import BgrImage, Face, Floats
from faceapp.vision.crops import similarity_crop

_SIDE = 64
_UPRIGHT = np.array([[20, 22], [44, 22], [32, 36], [22.5, 47], [41.5, 47]], np.float32)
"""Where the five landmarks go in a picture of _SIDE pixels: the face fills it from the forehead to the chin."""

Area = tuple[int, int, int, int]
"""Left, top, right, bottom in the upright face, pixels."""
_FACE: Area = (8, 8, 56, 60)
_EYES: tuple[Area, Area] = ((12, 16, 28, 28), (36, 16, 52, 28))
_MOUTH: Area = (20, 42, 44, 52)
_CHEEKS: tuple[Area, Area] = ((12, 30, 22, 40), (42, 30, 52, 40))
_FOREHEAD: Area = (22, 8, 42, 16)
_NOSE: Area = (28, 26, 36, 36)
_CHIN: Area = (24, 52, 40, 60)


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of a face is seen to be a face. The first three are natural logarithms of how much there is at one place
    over how much there is on the whole face: about 0 to 1 for eyes and mouths, far less for a patch of anything."""

    eyes: float
    """Level lines (lids, brows) at the eye that has fewer."""
    corners: float
    """Corners (of eyes, of lids) at the eye that has fewer: folds and edges of cloth are lines without."""
    lips: float
    """Level lines at the mouth."""
    colour: float
    """How far the colours of cheeks, forehead, nose and chin are apart at most, lightness left out: the logarithm of
    one more than the distance in CIE a*b*. 0 in a grey picture."""
    symmetry: float
    """Correlation (-1 to 1) of the face with its mirror image, without what changes slowly, such as light."""


def shown(image: BgrImage, landmarks: Floats) -> Shown:
    """Measure the face with these `landmarks` (5, 2), pixels of `image`."""
    face = similarity_crop(image, landmarks, _UPRIGHT, _SIDE)
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY).astype(np.float32)
    ratios = np.log(grey + 8)  # what is in the shade varies as much as what is in the light; 8: the noise of the dark
    # What is added is about what rounding alone makes of a flat picture.
    lines, soft_lines = (
        np.abs(cv2.Sobel(g, cv2.CV_32F, 0, 2, ksize=1)) + np.float32(0.25) for g in (grey, _blurred(grey, 1.0))
    )
    corners = np.abs(cv2.Sobel(_blurred(grey, 1.0), cv2.CV_32F, 1, 1, ksize=3)) + np.float32(0.5)
    return Shown(
        eyes=min(_share(soft_lines, eye) for eye in _EYES),
        corners=min(_share(corners, eye) for eye in _EYES),
        lips=_share(lines, _MOUTH),
        colour=_colours_apart(face),
        symmetry=_symmetry(_blurred(ratios, 1.0)),
    )


def covered(image: BgrImage, face: Face) -> float:
    """0 (a whole face) to 1 (half of it is hidden): see `WEIGHTS`. 0 without landmarks, where nobody can say."""
    if face.landmarks is None:
        return 0.0
    return judge(shown(image, face.landmarks), face.score)


WEIGHTS = (-2.24, -1.14, -3.25, 3.36, -4.38, 2.04, -1.19)
"""A logistic regression's: of the fields of `Shown` in their order, of `doubt`, and the constant. Fitted to photos of
60 celebrities and of 5 people at a webcam, whole (with light from one side and noise as well) and with half of the face
hidden in 24 ways: sharp and soft edges, straight and round; plain, folded cloth, parts of other photos. Which,
and what it is worth on other people: `tests/bench/gate.py`."""


def judge(s: Shown, score: float) -> float:
    """The measures and the detector's score as one figure, 0 to 1."""
    total = sum(w * v for w, v in zip(WEIGHTS, (*astuple(s), doubt(score), 1.0), strict=True))
    return 1 / (1 + math.exp(-min(50.0, max(-50.0, total))))


def doubt(score: float) -> float:
    """Common logarithm of what the detector lacks to certainty; -4 at the most certain."""
    return math.log10(1.0001 - min(1.0, max(0.0, score)))


def _blurred(values: Floats, sigma: float) -> Floats:
    return cast(Floats, cv2.GaussianBlur(values, (0, 0), sigma))


def _share(values: NDArray[np.float32], area: Area) -> float:
    return math.log(_mean(values, area) / _mean(values, _FACE))


def _mean(values: Floats, area: Area) -> float:
    left, top, right, bottom = area
    return float(values[top:bottom, left:right].mean())


def _colours_apart(face: BgrImage) -> float:
    lab = cv2.cvtColor(face, cv2.COLOR_BGR2LAB).astype(np.float32)[..., 1:]

    def colour(area: Area) -> Floats:
        left, top, right, bottom = area
        middle: Floats = np.median(lab[top:bottom, left:right].reshape(-1, 2), axis=0)
        return middle

    left, right = (colour(cheek) for cheek in _CHEEKS)
    upper, nose, lower = colour(_FOREHEAD), colour(_NOSE), colour(_CHIN)
    pairs = ((left, right), (upper, lower), (nose, lower), (nose, upper))
    return math.log1p(max(float(np.linalg.norm(a - b)) for a, b in pairs))


def _symmetry(values: Floats) -> float:
    fine = values - _blurred(values, 6.0)
    left, top, right, bottom = _FACE
    best = -1.0
    for aside in (-2, -1, 0, 1, 2):  # the nose isn't always in the middle
        half = fine[top:bottom, left + aside : right + aside]
        half = half - half.mean()
        best = max(best, float((half * half[:, ::-1]).sum()) / (float((half * half).sum()) + 1e-6))
    return best
