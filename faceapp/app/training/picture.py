"""A picture of triplets being pulled and pushed: a few people's embeddings in two dimensions, before and as they are
now.

Two dimensions of 128 or 512 show little of it: principal components of those very pictures, turned so that the later
picture lies on the earlier one as well as it can. The distances beside it are the true ones."""

from __future__ import annotations

import numpy as np

from faceapp.app.training.arrays import Ids
from faceapp.types import Floats, JsonObject

PEOPLE, EACH = 8, 6
"""Shown at most."""


class TripletPicture:
    """Follows some pictures of the validation people."""

    def __init__(self, person: Ids, rows: Ids, seed: int) -> None:
        """`person` (N,) of all pictures, `rows` those of the validation people."""
        ids = np.random.default_rng([seed, 13]).permutation(np.unique(person[rows]))[:PEOPLE]
        self.rows = np.concatenate([rows[person[rows] == p][:EACH] for p in ids])
        self.person = np.unique(person[self.rows], return_inverse=True)[1].astype(np.intp)
        self._before: Floats | None = None
        self._triplets: list[tuple[int, int, int]] = []
        self._first: list[tuple[float, float]] = []

    def look(self, before: Floats, now: Floats, step: int) -> JsonObject:
        """Both embeddings of `rows`, as plain numbers: `before` and `now` [[x, y]], `triplets` [[anchor, positive,
        negative]] with the distances to the positive and the negative, each before and now. The triplets are each
        person's hardest before."""
        if self._before is None:
            self._before = _plane(before)
            self._triplets = _hardest(before, self.person)
            self._first = _lengths(before, self._triplets)
        return {
            "step": step,
            "person": self.person.tolist(),
            "before": _rounded(self._before),
            "now": _rounded(_turned(_plane(now), self._before)),
            "triplets": [list(t) for t in self._triplets],
            "distances_before": self._first,
            "distances_now": _lengths(now, self._triplets),
        }


def _plane(vectors: Floats) -> Floats:
    points = vectors.astype(np.float64) - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(points, full_matrices=False)
    return np.asarray(points @ axes[:2].T, np.float32)


def _turned(points: Floats, onto: Floats) -> Floats:
    """Turned or mirrored so that it lies on `onto` as well as it can (orthogonal Procrustes, Schönemann 1966)."""
    u, _, v = np.linalg.svd(points.T.astype(np.float64) @ onto.astype(np.float64))
    return np.asarray(points @ (u @ v), np.float32)


def _hardest(vectors: Floats, person: Ids) -> list[tuple[int, int, int]]:
    d = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    same = person[:, None] == person
    far = np.where(same & ~np.eye(len(person), dtype=bool), d, -np.inf)
    near = np.where(same, np.inf, d)
    found = []
    for p in np.unique(person):
        of = np.flatnonzero(person == p)
        if len(of) > 1 and len(of) < len(person):
            a = int(of[np.argmax(far[of].max(axis=1) - near[of].min(axis=1))])
            found.append((a, int(far[a].argmax()), int(near[a].argmin())))
    return found


def _lengths(vectors: Floats, triplets: list[tuple[int, int, int]]) -> list[tuple[float, float]]:
    def length(i: int, j: int) -> float:
        return round(float(np.linalg.norm(vectors[i] - vectors[j])), 4)

    return [(length(a, p), length(a, n)) for a, p, n in triplets]


def _rounded(points: Floats) -> list[list[float]]:
    return [[round(float(v), 4) for v in row] for row in points]
