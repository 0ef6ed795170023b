"""Does something hide half of a face: a hand, a mask, sunglasses, a scarf, somebody's shoulder?

Five landmarks and the pixels are all there is, and a detector puts five landmarks on half a face too. Four measures of
the face brought upright, each a few lines, and the detector's own doubt, weighed together. No network. What stands in
front of a face lacks the fine detail of eyes and mouth, has another colour than the rest, and is on one side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
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
    """How much of a face is seen to be a face."""

    eyes: float
    """Natural logarithm of the fine detail at the plainer eye over that of the whole face: -0.2 and more for eyes, far
    less for a patch of anything smooth."""
    mouth: float
    """The same for the mouth."""
    colour: float
    """How far the colours of cheeks, forehead, nose and chin are apart at most, lightness left out: the logarithm of
    one more than the distance in CIE a*b*. 0 in a grey picture."""
    symmetry: float
    """Correlation (-1 to 1) of the face with its mirror image, without what changes slowly, such as light."""


def shown(image: BgrImage, landmarks: Floats) -> Shown:
    """Measure the face with these `landmarks` (5, 2), pixels of `image`."""
    face = similarity_crop(image, landmarks, _UPRIGHT, _SIDE)
    grey = cast(NDArray[np.uint8], cv2.cvtColor(face, cv2.COLOR_BGR2GRAY))
    # Half a grey value is what rounding alone makes of a flat picture.
    detail = np.abs(cv2.Laplacian(grey, cv2.CV_32F)) + np.float32(0.5)
    whole = _mean(detail, _FACE)
    eyes = min(_mean(detail, eye) for eye in _EYES)
    return Shown(
        eyes=math.log(eyes / whole),
        mouth=math.log(_mean(detail, _MOUTH) / whole),
        colour=_colours_apart(face),
        symmetry=_symmetry(grey),
    )


def covered(image: BgrImage, face: Face) -> float:
    """0 (a whole face) to 1 (half of it is hidden): see `WEIGHTS`. 0 without landmarks, where nobody can say."""
    if face.landmarks is None:
        return 0.0
    return judge(shown(image, face.landmarks), face.score)


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression's: each measure's weight, and the constant."""

    eyes: float
    eyes_squared: float
    """An eye with far more detail than the rest of the face is as odd as one with less."""
    mouth: float
    colour: float
    symmetry: float
    doubt: float
    """Of the common logarithm of the detector's doubt, 1 less its score."""
    constant: float


WEIGHTS = Weights(eyes=-3.8, eyes_squared=1.2, mouth=-4.0, colour=2.4, symmetry=-6.9, doubt=1.8, constant=2.4)
"""Fitted to frontal photos of 60 celebrities, whole and with half of the face hidden in 24 ways (sharp and soft edges,
straight and round; plain, folded cloth, parts of other photos), MTCNN: `tests/bench/gate.py` says what it is worth."""


def judge(s: Shown, score: float, weights: Weights = WEIGHTS) -> float:
    """The measures and the detector's score as one figure, 0 to 1."""
    total = (
        weights.eyes * s.eyes
        + weights.eyes_squared * s.eyes**2
        + weights.mouth * s.mouth
        + weights.colour * s.colour
        + weights.symmetry * s.symmetry
        + weights.doubt * doubt(score)
        + weights.constant
    )
    return 1 / (1 + math.exp(-min(50.0, max(-50.0, total))))


def doubt(score: float) -> float:
    """Common logarithm of what the detector lacks to certainty; -4 at the most certain."""
    return math.log10(1.0001 - min(1.0, max(0.0, score)))


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


def _symmetry(grey: NDArray[np.uint8]) -> float:
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    fine = smooth - cv2.GaussianBlur(smooth, (0, 0), 6.0)
    left, top, right, bottom = _FACE
    best = -1.0
    for aside in (-2, -1, 0, 1, 2):  # the nose isn't always in the middle
        half = fine[top:bottom, left + aside : right + aside]
        a, b = half - half.mean(), half[:, ::-1] - half.mean()
        best = max(best, float((a * b).sum()) / (float((a * a).sum()) + 1e-3))
    return best
