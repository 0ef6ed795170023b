"""Which people of a gallery are too near to one another: everybody against everybody, exactly. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceapp.gallery.rows import TemplateTable, unit_rows
from faceapp.types import Floats

MOST = 10_000
"""Pairs kept, the nearest: nobody reads more, and a gallery that holds each person twice under two names has as many
as it has people."""
_BLOCK = 1_024
"""So many templates, or one person's, are compared with all that follow them at once: 40 MB of scores for 10,000."""


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two people, and the distance of the two of their photos that are nearest to each other."""

    a: str
    """Person id: the lower of the two."""
    b: str
    name_a: str
    name_b: str
    distance: float


def near_pairs(table: TemplateTable, limit: float, most: int = MOST) -> list[NearPair]:
    """Every pair of people whose nearest photos are no farther apart than `limit`, nearest first; of equal distances by
    id. At most `most` of them, the nearest.

    Exact: a float32 matrix product sorts out all pairs of people but those that may be within the limit or its
    rounding, and those are compared in float64 by the difference of the vectors (as `GalleryIndex` does). Only where
    more than `most` pairs lie within one rounding of each other it is open which of them are left out.
    """
    ids, first, persons = np.unique(np.array(table.person_ids, dtype=np.str_), return_index=True, return_inverse=True)
    if len(ids) < 2:
        return []
    order = np.argsort(persons, kind="stable")
    vectors = unit_rows(table.vectors, "templates")[order]
    starts = np.searchsorted(persons[order], np.arange(len(ids) + 1)).astype(np.intp)
    # |a - b|² = 2 - 2·a·b for unit vectors; the slack is the worst case of rounding, see `GalleryIndex._nearest_two`.
    slack = 2 * (vectors.shape[1] + 4) * 2.0**-24
    found: list[tuple[float, int, int]] = []
    for one, others, scores in _near(vectors, starts, 1 - limit * limit / 2 - slack):
        # Of one block no more can be wanted, and rounding changes no place by so much.
        nearest = np.argsort(-scores, kind="stable")[: 2 * most]
        for a, b in zip(one[nearest].tolist(), others[nearest].tolist(), strict=True):
            distance = _distance(vectors[starts[a] : starts[a + 1]], vectors[starts[b] : starts[b + 1]])
            if distance <= limit:
                found.append((distance, a, b))
        found = sorted(found)[:most]
    names = [table.names[i] for i in first]
    return [NearPair(str(ids[a]), str(ids[b]), names[a], names[b], distance) for distance, a, b in found]


def _near(
    vectors: Floats, starts: NDArray[np.intp], least: float
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Floats]]:
    """Block by block, pairs of people (a < b, by position) of whom two templates have a dot product of `least` or more,
    and that product."""
    people = len(starts) - 1
    begin = 0
    while begin < people - 1:
        end = max(begin + 1, int(np.searchsorted(starts, starts[begin] + _BLOCK, "right")) - 1)
        offset = starts[begin]
        products = vectors[offset : starts[end]] @ vectors[offset:].T
        by_person = np.maximum.reduceat(products, starts[begin:people] - offset, axis=1)
        scores = np.maximum.reduceat(by_person, starts[begin:end] - offset, axis=0)
        rows, columns = np.nonzero(scores >= least)
        above = columns > rows
        rows, columns = rows[above], columns[above]
        yield rows + begin, columns + begin, scores[rows, columns]
        begin = end


def _distance(one: Floats, other: Floats) -> float:
    """Between the two rows, of (N, D) and (M, D), that are nearest to each other."""
    return min(float(np.sqrt(((other.astype(np.float64) - row) ** 2).sum(axis=1).min())) for row in one)
