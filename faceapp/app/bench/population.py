"""Templates of people who don't exist, as near to each other and to themselves as real ones.

How fast and how exact a search is depends on how its templates lie: random vectors are all far apart, and any index
finds its way among them. The spread here is that of the default embedder on 1,200 frontal press photographs of 120
people (CFP, Sengupta et al., WACV 2016; `faceapp embed`, INT8). In the axes of their own covariance, each axis has a
variance between people and one between photographs of one person, and all share a mean; a person is drawn from the
first, each photograph of theirs from the second, and some photographs are farther off than others in every direction:
turned heads, poor light.
"""

from __future__ import annotations

import numpy as np

from faceapp.types import Floats

DIMENSION = 640
QUANTILES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
GENUINE = (0.008, 0.201, 0.257, 0.315, 0.356, 0.402, 0.470, 0.537, 0.638)
IMPOSTOR = (0.494, 0.551, 0.601, 0.669, 0.712, 0.751, 0.801, 0.831, 0.862)
"""Distances of the 5,400 pairs of one person's photographs, and of the 714,000 of two people's, at `QUANTILES`. (The
smallest are of photographs that are there twice.)"""

_AXES = 160
_MEAN = 0.8656
"""Length of the mean of all templates."""
_AT = (0, 1, 2, 3, 5, 8, 12, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 156, 160)
_BETWEEN = (
    *(2.19e-02, 1.53e-02, 1.19e-02, 9.96e-03, 6.75e-03, 5.86e-03, 4.33e-03, 3.18e-03, 1.92e-03, 1.34e-03),
    *(5.01e-04, 1.97e-04, 8.13e-05, 4.36e-05, 1.60e-05, 5.68e-06, 1.4e-06, 1e-06, 5e-07),
)
_WITHIN = (
    *(5.58e-04, 8.08e-04, 9.79e-04, 9.25e-04, 1.15e-03, 9.95e-04, 9.38e-04, 9.98e-04, 1.00e-03, 8.76e-04),
    *(6.47e-04, 4.45e-04, 3.01e-04, 2.14e-04, 1.66e-04, 1.29e-04, 9.18e-05, 2.82e-05, 4e-06),
)
"""Variances along the axes `_AT`, of people's means and of a person's photographs; between those, interpolated."""
_OFF, _OFF_SPREAD = 0.93, 0.25
"""How far off a photograph is, as a factor: the median, and the standard deviation of its natural logarithm. Without
it the distances of one person's photographs lie between 0.31 and 0.45, all but two in a thousand of them."""
_PORTION = 20_000


class Population:
    """People and photographs of them, drawn from a seed. One thread uses it."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.Generator(np.random.PCG64(seed))
        axes = np.arange(_AXES)
        self._between = np.sqrt(np.exp(np.interp(axes, _AT, np.log(_BETWEEN)))).astype(np.float32)
        self._within = np.sqrt(np.exp(np.interp(axes, _AT, np.log(_WITHIN)))).astype(np.float32)
        # The mean's direction and the axes, turned into all dimensions: the same ones for every seed.
        turned = np.random.Generator(np.random.PCG64(640)).standard_normal((DIMENSION, 1 + _AXES))
        self._basis: Floats = np.linalg.qr(turned)[0].T.astype(np.float32)

    def people(self, count: int) -> Floats:
        """`count` people, (N, 160): what `photographs` are made of."""
        drawn: Floats = self._random.standard_normal((count, _AXES), np.float32)
        drawn *= self._between
        return drawn

    def photographs(self, people: Floats) -> Floats:
        """The template of one photograph of each, (N, 640) of unit length."""
        templates = np.empty((len(people), DIMENSION), np.float32)
        for start in range(0, len(people), _PORTION):
            some = people[start : start + _PORTION]
            points = np.full((len(some), 1 + _AXES), _MEAN, np.float32)
            off = _OFF * np.exp(_OFF_SPREAD * self._random.standard_normal((len(some), 1), np.float32))
            points[:, 1:] = some + self._random.standard_normal(some.shape, np.float32) * (self._within * off)
            points /= np.linalg.norm(points, axis=1, keepdims=True)
            templates[start : start + _PORTION] = points @ self._basis
        return templates


def distances(count: int = 1000, seed: int = 1) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Of `count` people with two photographs each, the distances at `QUANTILES`: of one person's, of two people's."""
    population = Population(seed)
    people = population.people(count)
    one, other = population.photographs(people), population.photographs(people)
    apart = np.sqrt(np.maximum(0, 2 - 2 * one @ other.T))
    genuine, impostor = np.diag(apart), apart[~np.eye(count, dtype=np.bool_)]
    return tuple(map(float, np.quantile(genuine, QUANTILES))), tuple(map(float, np.quantile(impostor, QUANTILES)))
