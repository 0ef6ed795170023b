"""Telling a turned head from a tilted picture by five landmarks: the tip of the nose stands out of the others' plane.

**The plane.** A head is symmetric: the line between the eyes and the line between the mouth's corners are both at right
angles to its median plane, so they are parallel, and two parallel lines lie in a plane. The tip of the nose stands out
before that plane by p, about 0.36 of the distance between the eyes (23 of 63 mm).

**The residual.** In units of the distance between the eyes let the plane be z = 0, x to the picture's right, y down, z
away from the camera. Wherever the camera is, c = (cx, cy, -d'), it sees the tip n = (nx, ny, -p) in the direction of
the plane's point

    n + (n - c) p / (d' - p)                          (x and y only)

Any view of the plane is a homography of any other one, and four points fix it. So take the turned frame's four points
to the frontal frame's, and the tip with them: what is left between it and the frontal frame's tip is the difference of
that expression for the two places of the camera. Seen from the front the camera is at (0, 0, -d); to a head turned by
the angle a it is at d (-sin a, 0, -cos a), hence

    r = p d sin a / (d cos a - p), nearly p tan a     (plus nx, ny times a difference that vanishes for large d)

0.36 tan 20 degrees = 0.13. Turning towards the picture's right gives +x, nodding +y. For a plane picture p = 0 and
r = 0, however it is tilted, swung or moved: the homography takes all five along. Bent to a cylinder of radius R, the
points at half the eyes' distance e/2 lie e / (8 R) of e behind the ridge: for 15 cm and a picture as large as life
p = 0.05, a seventh of a head's, and the picture would have to turn by more than 65 degrees to make up for it. That
shows, because the face gets narrow: so more is asked for where the plane is seen to be tilted more (`needed`).

**The noise.** The nose lies about in the middle of the four points: noise of standard deviation s in them moves what
the homography makes of it by 0.7 s (an affine map would by 0.5 s). With the nose's own noise that is 1.22 s, and for a
reference averaged over n frames 1.22 s sqrt(1 + 1/n). MTCNN's s was 0.010 of the eyes' distance on a webcam clip (0.008
to 0.015, landmark by landmark), so r is good to about 0.013 in one frame and 0.01 in the median of three: a twelfth of
what is asked for. Two things are no noise. MTCNN knows faces, and sees a picture tilted by 20, 35, 45 and 55 degrees
turned by r = 0.01, 0.04, 0.06 and 0.07 (mean of nine photographs; 0.11 at most): `needed` rises faster than that. And
the mouth moves when somebody talks, in y only.

Homographies: Hartley and Zisserman, "Multiple View Geometry", 2nd ed., 4.1 (four points) and 13.3 (plane and parallax).
"""

from __future__ import annotations

import cmath
import enum
import math
from collections.abc import Collection
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points: TypeAlias = NDArray[np.float64]
"""(..., 5, 2): eyes, nose tip, mouth corners, as `Face.landmarks`."""

_PLANE = [0, 1, 3, 4]
_TIP = 2
_LEAST_AREA = 0.15
"""Of the four points' quadrangle, in squared distances between the eyes. A frontal face has about 0.95, one turned or
nodding by 60 degrees half of that."""


class Direction(enum.Enum):
    """Where a head turns: the person's own left and right. The camera's picture, unlike a mirror, has their left on its
    right side. The value is the unit vector of the nose's residual, (right, down) in the picture."""

    LEFT = (1, 0)
    RIGHT = (-1, 0)
    UP = (0, -1)
    DOWN = (0, 1)


@dataclass(frozen=True, slots=True)
class Shift:
    """How the nose stands against the plane of the others, compared with a frontal frame."""

    aside: float
    """Residual to the picture's right, along the eyes' line, in distances between the eyes."""
    down: float
    """Residual at right angles to that, positive where the head nods."""
    stretch: float
    """How unevenly the plane is foreshortened, compared with the frontal frame: the longer over the shorter axis of
    what a circle becomes, about 1 / cos of the tilt, whatever its axis. A picture's as well as a head's."""

    @property
    def size(self) -> float:
        """Of the residual, whatever its direction."""
        return math.hypot(self.aside, self.down)

    def along(self, direction: Direction) -> float:
        """The residual's part in a direction; negative the other way."""
        x, y = direction.value
        return x * self.aside + y * self.down

    def across(self, direction: Direction) -> float:
        """The residual's part at right angles to a direction, without a sign."""
        x, y = direction.value
        return abs(x * self.down - y * self.aside)

    @property
    def slope(self) -> float:
        """Tangent of the plane's tilt, by how it is foreshortened. MTCNN sees about half of it."""
        return math.sqrt(max(0.0, self.stretch * self.stretch - 1))

    def apart(self, other: Shift) -> float:
        """How far the nose went between the two."""
        return math.hypot(other.aside - self.aside, other.down - self.down)

    @staticmethod
    def middle(shifts: Collection[Shift]) -> Shift:
        """The median of each part."""
        aside, down, stretch = (median(getattr(s, part) for s in shifts) for part in ("aside", "down", "stretch"))
        return Shift(aside, down, stretch)


def needed(slope: float, least: float = 0.13, share: float = 0.35) -> float:
    """The residual that a head shows at least whose plane is tilted by the tangent `slope`: `share` of that, and
    `least` in any case. A head's residual is about p tan a, and p is 0.36, while MTCNN, which knows faces, sees only
    about half of its slope: 0.5 to 0.6 of it on real heads. Of a photograph it sees 0.85 of the slope, and one that is
    larger than life and bent to 15 cm shows about 0.2 of that, 0.37 at most (`tests/bench/liveness_landmarks.py`)."""
    return max(least, share * slope)


def normalised(points: ArrayLike) -> Points:
    """Landmarks (..., 5, 2) in the frame of the eyes: their middle is 0, the right one in the picture (0.5, 0). NaN
    where the eyes lie together."""
    p = np.asarray(points, np.float64)
    across = p[..., 1, :] - p[..., 0, :]
    squared = (across**2).sum(-1)
    squared = np.where(squared > 1e-12, squared, np.nan)[..., None]
    moved = p - ((p[..., 0, :] + p[..., 1, :]) / 2)[..., None, :]
    x, y = across[..., None, 0], across[..., None, 1]
    turned = np.stack([x * moved[..., 0] + y * moved[..., 1], x * moved[..., 1] - y * moved[..., 0]], axis=-1)
    result: Points = turned / squared[..., None]
    return result


def residuals(frontal: ArrayLike, turned: ArrayLike) -> NDArray[np.float64]:
    """The nose's residual (N, 2) in the frontal frame's eye frame, right and down, of views `turned` (N, 5, 2) against
    `frontal` (5, 2). NaN where four points of either are no face's quadrangle."""
    seen = [shift(frontal, view) for view in np.asarray(turned, np.float64)]
    return np.array([(math.nan, math.nan) if s is None else (s.aside, s.down) for s in seen]).reshape(-1, 2)


def shift(frontal: ArrayLike, turned: ArrayLike) -> Shift | None:
    """The same of one view (5, 2), with how it is foreshortened; None where it tells nothing.

    Points are complex numbers in here, x + iy: dividing by one turns and scales. Five of them are too few for arrays
    to be worth their while: this takes 20 microseconds."""
    try:
        a, b = _in_eye_frame(frontal), _in_eye_frame(turned)
        longer, shorter = _axes(a, b)
        if not (_is_quadrangle(a) and _is_quadrangle(b) and shorter > 1e-9 * longer):
            return None
        moved = _carry(b, a) - a[_TIP]
    except ZeroDivisionError:
        return None
    return Shift(moved.real, moved.imag, longer / shorter) if cmath.isfinite(moved) else None


def _in_eye_frame(points: ArrayLike) -> list[complex]:
    """As `normalised`, of one view. Raises ZeroDivisionError where the eyes lie together."""
    z = [complex(x, y) for x, y in np.asarray(points, np.float64).tolist()]
    across, middle = z[1] - z[0], (z[0] + z[1]) / 2
    return [(p - middle) / across for p in z]


def _area(p: complex, q: complex, r: complex) -> float:
    """A triangle's, doubled, with a sign."""
    return ((q - p).conjugate() * (r - p)).imag


def _carry(source: list[complex], target: list[complex]) -> complex:
    """The tip of `source`, by the homography that takes its other four points to `target`'s.

    Of four points a, b, c, d the fourth is, as homogeneous vectors, (dbc) a + (adc) b + (abd) c, where (pqr) is the
    triangle's doubled area. Divided by these, the tip's (tbc), (atc), (abt) are the same in every view."""
    a, b, t, c, d = source
    e, f, _, g, h = target
    u = _area(t, b, c) / _area(d, b, c) * _area(h, f, g)
    v = _area(a, t, c) / _area(a, d, c) * _area(e, h, g)
    w = _area(a, b, t) / _area(a, b, d) * _area(e, f, h)
    return (u * e + v * f + w * g) / (u + v + w)


def _axes(frontal: list[complex], turned: list[complex]) -> tuple[float, float]:
    """What becomes of a circle's axes, longer and shorter, by the affine map that takes `frontal`'s four points
    nearest to `turned`'s; both times the same factor. With complex numbers that map is z -> m z + n conj(z), its
    singular values are |m| + |n| and |m| - |n|, and m and n solve the least squares by Cramer's rule."""
    a, b = _centred(frontal), _centred(turned)
    length, square = sum(abs(p) ** 2 for p in a), sum(p * p for p in a)
    u = sum(p.conjugate() * q for p, q in zip(a, b, strict=True))
    v = sum(p * q for p, q in zip(a, b, strict=True))
    m, n = abs(length * u - square.conjugate() * v), abs(length * v - square * u)
    return m + n, m - n


def _centred(points: list[complex]) -> list[complex]:
    plane = [points[i] for i in _PLANE]
    middle = sum(plane) / len(plane)
    return [p - middle for p in plane]


def _is_quadrangle(points: list[complex]) -> bool:
    """Whether eyes and mouth corners, in the eyes' frame, go round a convex area as a face's do."""
    left, right, _, mouth_left, mouth_right = points
    ring = [left, right, mouth_right, mouth_left]
    corners = [_area(ring[k - 1], ring[k], ring[(k + 1) % 4]) for k in range(4)]
    # The two triangles beside each corner together are the whole, so twice its area is half of their sum.
    return min(corners) > _LEAST_AREA / 2 and sum(corners) / 4 > _LEAST_AREA
