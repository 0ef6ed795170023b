"""How good a picture of a face is for recognising it: pure measures, one figure, and hints people can follow.

Used to choose the best frame of a snapshot, to warn at enrolment, and to see when a tracked face is worth embedding
again. No network: each measure is a few lines whose meaning can be explained to the person in front of the camera.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.types import BgrImage, Box, Face, Floats
from faceapp.vision.crops import box_crop


class QualityIssue(enum.Enum):
    """What is wrong with a picture, with what to do about it."""

    SMALL = "come nearer: the face is small"
    BLURRED = "hold still: the picture is blurred"
    DARK = "more light on the face: it is too dark"
    BRIGHT = "less light on the face: it is overexposed"
    FLAT = "better light: the face has hardly any contrast"
    TURNED = "look at the camera: the face is turned to the side"
    TILTED = "look straight at the camera: the face looks up or down"
    ROLLED = "hold the head upright"
    CUT_OFF = "move into the picture: part of the face is cut off"
    DOUBTFUL = "show the whole face: it is hardly recognisable as one"

    @property
    def hint(self) -> str:
        """A short line for the person in the picture."""
        return self.value


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a face."""

    height: float
    """Of the box, pixels."""
    sharpness: float
    """Of edges, relative to the contrast, at a fixed size and in the worse direction: lighting doesn't count."""
    highlights: float
    """Grey value (0 to 255) that a tenth of the face exceeds."""
    shadows: float
    """Grey value (0 to 255) that a tenth of the face stays below."""
    clipped: float
    """Part of the face (0 to 1) that is plain white."""
    yaw: float
    """Degrees, about: positive where the nose points to the picture's right; 0 without landmarks."""
    pitch: float
    """Degrees, about: positive where the face looks down."""
    roll: float
    """Degrees: positive where the head leans clockwise in the picture."""
    visible: float
    """Part of the box, widened by a tenth, that lies within the picture (0 to 1)."""
    score: float
    """The detector's."""
    burnt: float = 0.0
    """Part of the face (0 to 1) where at least one of red, green and blue is at its end: on skin, red goes long before
    the grey value does."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The figure, 0 (useless) to 100, and what keeps it from being higher."""

    score: float
    issues: tuple[QualityIssue, ...]
    measures: Measures


_SIDE = 112
"""Faces are measured at this size: what embedders are shown is about as large."""

_NOSE = 0.42
"""How far the tip of the nose stands out before eyes and mouth, in distances between the eyes (the usual generic head
of pose estimation, eyes at their centres)."""

_NOSE_HEIGHT = 0.54
"""Where the tip lies between the eyes' line (0) and the mouth's (1), seen from the front."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a measure costs points (`full`), where it is worth none (`none`), and where it is an issue.

    Set by 1,188 frontal photos of 120 celebrities (nearly all good), the same blurred and shrunk, half profiles, and
    webcam clips. None depends on the colour of skin: see `highlights`."""

    full: float
    none: float
    issue: float

    def worth(self, value: float) -> float:
        """1 at `full` and beyond, 0 at `none`, straight in between."""
        return min(1.0, max(0.0, (value - self.none) / (self.full - self.none)))

    def broken(self, value: float) -> bool:
        """True on the wrong side of `issue`."""
        return value < self.issue if self.full > self.none else value > self.issue


HEIGHT = Limits(full=120, none=20, issue=80)
"""Embedders are shown 150 pixels: a face of 120 loses nothing, one of 80 little, one of 40 a third of its detail."""
SHARPNESS = Limits(full=0.02, none=0.0, issue=0.008)
"""95 of 100 good photos and clips of a webcam lie above 0.016. Blurred by a fortieth of the face's height all lie below
0.008, where one no longer tells eyelashes from eyes; so do nearly all that were shaken by an eighth of it."""
HIGHLIGHTS = Limits(full=85, none=20, issue=60)
"""The brightest tenth of a face: forehead, nose and the whites of the eyes shine on every skin, so this tells poor
light from dark skin (99 in 100 of the photos exceed 106)."""
CLIPPED = Limits(full=0.02, none=0.5, issue=0.15)
"""White without detail. A few reflections are normal."""
CONTRAST = Limits(full=50, none=5, issue=25)
"""Between the brightest and the darkest tenth: fog, a dirty lens, light straight into the camera."""
YAW = Limits(full=15, none=65, issue=30)
"""Frontal photos lie within 15 degrees. At 30 the nose covers part of a cheek, and a template serves one side only."""
PITCH = Limits(full=20, none=60, issue=30)
"""Noses differ: frontal photos already spread over 20 degrees of what is estimated here."""
ROLL = Limits(full=15, none=75, issue=25)
"""Aligned crops turn the face upright; the widened box does not."""
VISIBLE = Limits(full=0.93, none=0.6, issue=0.85)
"""The forehead at the picture's edge does no harm, half a chin does."""
SCORE = Limits(full=0.95, none=0.4, issue=0.75)
"""Detectors hesitate at hands, masks and sunglasses, and at what is no face."""


def assess(image: BgrImage, face: Face) -> Quality:
    """The quality of a face; `face` in pixels of `image`. The figure is the product of what each measure is worth: one
    that is worth nothing makes the picture useless, however good the rest."""
    m = measure(image, face)
    judged = (
        (QualityIssue.CUT_OFF, VISIBLE, m.visible),
        (QualityIssue.SMALL, HEIGHT, m.height),
        (QualityIssue.DARK, HIGHLIGHTS, m.highlights),
        (QualityIssue.BRIGHT, CLIPPED, m.clipped),
        (QualityIssue.FLAT, CONTRAST, m.highlights - m.shadows),
        (QualityIssue.BLURRED, SHARPNESS, m.sharpness),
        (QualityIssue.TURNED, YAW, abs(m.yaw)),
        (QualityIssue.TILTED, PITCH, abs(m.pitch)),
        (QualityIssue.ROLLED, ROLL, abs(m.roll)),
        (QualityIssue.DOUBTFUL, SCORE, m.score),
    )
    score = 100 * math.prod(limits.worth(value) for _, limits, value in judged)
    return Quality(score, tuple(issue for issue, limits, value in judged if limits.broken(value)), m)


def measure(image: BgrImage, face: Face) -> Measures:
    """All measures of a face; `face` in pixels of `image`."""
    # The middle of the box: no background, little hair.
    middle = box_crop(image, face.box, _SIDE, 0.0)[_SIDE // 8 : -_SIDE // 8, _SIDE // 8 : -_SIDE // 8]
    inner = cast(NDArray[np.uint8], cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY))
    shadows, highlights = percentiles(inner, (10, 90))
    blue, green, red = cv2.split(middle)
    yaw, pitch, roll = pose(face.landmarks) if face.landmarks is not None else (0.0, 0.0, 0.0)
    return Measures(
        height=face.box.height,
        sharpness=sharpness(inner),
        highlights=highlights,
        shadows=shadows,
        clipped=_share_at_the_end(inner),
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        visible=_visible(face.box, image.shape[1], image.shape[0]),
        score=face.score,
        burnt=_share_at_the_end(cv2.max(cv2.max(blue, green), red)),
    )


def percentiles(grey: NDArray[np.uint8], at: Sequence[float]) -> list[float]:
    """As `np.percentile`, of 8-bit values, ten times as fast: they are counted, not sorted."""
    below = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    places = np.asarray(at) / 100 * (grey.size - 1)
    lower, upper = (np.searchsorted(below, whole(places), side="right") for whole in (np.floor, np.ceil))
    values: list[float] = (lower + (upper - lower) * (places % 1)).tolist()
    return values


def _share_at_the_end(values: cv2.typing.MatLike) -> float:
    return int(np.count_nonzero(values >= 254)) / values.size


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Variance of the second derivative (after Pech-Pacheco et al. 2000, who add both directions) over the variance of
    the grey values themselves; in the direction where it is less, for a shaken camera blurs in one only."""
    spread = _variance(grey)
    if spread <= 1:
        return 0.0
    return min(_variance(cv2.Sobel(grey, cv2.CV_32F, *order, ksize=1)) for order in ((2, 0), (0, 2))) / spread


def _variance(values: cv2.typing.MatLike) -> float:
    return float(cv2.meanStdDev(values)[1][0, 0]) ** 2


def pose(landmarks: Floats) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees from the five landmarks (5, 2): good to some ten degrees up to a half profile.

    Weak perspective: turning the head by an angle moves the tip of the nose by its prominence times the sine, and
    shortens the distance between the eyes to its cosine."""
    left, right, nose, mouth_left, mouth_right = landmarks.astype(np.float64) @ np.array([1, 1j])
    across = right - left
    if abs(across) < 1e-6:
        return 0.0, 0.0, 0.0
    upright = np.conj(across) / abs(across)
    middle = (left + right) / 2
    tip, mouth = ((p - middle) * upright for p in (nose, (mouth_left + mouth_right) / 2))
    if mouth.imag < 1e-6 * abs(across):
        return 0.0, 0.0, float(np.degrees(np.angle(across)))
    along = tip.imag / mouth.imag
    aside = tip.real - mouth.real * along
    yaw = math.degrees(math.atan2(aside, _NOSE * abs(across)))
    pitch = math.degrees(math.atan2(along - _NOSE_HEIGHT, _NOSE))
    return yaw, pitch, math.degrees(float(np.angle(across)))


def _visible(box: Box, width: int, height: int) -> float:
    extra = 0.05 * max(box.width, box.height)
    wide = Box(box.x1 - extra, box.y1 - extra, box.x2 + extra, box.y2 + extra)
    inside = Box(max(0.0, wide.x1), max(0.0, wide.y1), min(width, wide.x2), min(height, wide.y2))
    return inside.area / wide.area if wide.area > 0 else 0.0
