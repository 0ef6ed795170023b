"""The first stage of an exact search: a few numbers of each template that say how near it can be at most.

Templates of a network fill few of their dimensions: of the default embedder's 640, photographs of 120 people fill 160,
and 64 hold 95 % of them. In the axes of their largest spread (principal components, Pearson 1901; not centred) a
template is a head and what is left, its tail. By Cauchy and Schwarz the tails add to a dot product at most the product
of their lengths, so head and length of tail are a bound, and whoever lies below it can't be among the nearest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceapp.types import Floats

HEAD = 64
"""Numbers of a head. With 64, a search among 100,000 reads a tenth of the templates and then compares some hundreds; of
32 it would have to compare thousands."""
SAMPLE = 8_192
"""Templates that the axes are found from."""
ROUNDING = 4e-5
"""How far a dot product of heads in float32 may be off, all in all: the axes' own rounding, the projections' and the
sum's come to less than half of it (640 terms below 1, 2^-24 each)."""


def axes(sample: Floats, most: int) -> Floats:
    """The directions (D, k) of the largest spread of `sample` (N, D) about zero, the largest first, k <= `most`."""
    spread = sample.astype(np.float64).T @ sample.astype(np.float64)
    _, vectors = np.linalg.eigh(spread)
    found: Floats = np.ascontiguousarray(vectors[:, ::-1][:, :most], np.float32)
    return found


def evenly(count: int, wanted: int) -> NDArray[np.intp]:
    """At most `wanted` of `count` rows, spread evenly: the same ones each time."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.intp))


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """The heads of all templates of an index, in its order. Immutable."""

    basis: Floats
    """(D, k)."""
    rows: Floats
    """(N, k)."""
    tails: Floats
    """(N), the length of what is left of each."""

    @classmethod
    def of(cls, vectors: Floats) -> Heads:
        """The heads of `vectors` (N, D), rows of unit length, N at least 1."""
        basis = axes(vectors[evenly(len(vectors), SAMPLE)], HEAD)
        return cls(basis, *_split(vectors, basis))

    def inserted(self, at: int, vector: Floats) -> Heads:
        """With one more template, float32 (D,), before row `at`."""
        rows, tails = _split(vector[np.newaxis], self.basis)
        return Heads(self.basis, np.insert(self.rows, at, rows, axis=0), np.insert(self.tails, at, tails))

    def scores(self, probe: Floats) -> tuple[Floats, Floats]:
        """Of each template (N,) its head's dot product with that of `probe` (D,), and the most that the whole one can
        come to."""
        heads, tails = _split(probe[np.newaxis], self.basis)
        # Not BLAS: it would spread over a pool of threads that wait for cores (see `index._FEW`).
        products: Floats = np.einsum("j,kj->k", heads[0], self.rows)
        most: Floats = self.tails * float(tails[0])
        most += products
        most += ROUNDING
        return products, most


def _split(vectors: Floats, basis: Floats) -> tuple[Floats, Floats]:
    heads = np.empty((len(vectors), basis.shape[1]), np.float32)
    tails = np.empty(len(vectors), np.float32)
    for at in range(0, len(vectors), 4_096):
        some = vectors[at : at + 4_096]
        heads[at : at + 4_096] = some @ basis
        left = some - heads[at : at + 4_096] @ basis.T
        tails[at : at + 4_096] = np.sqrt(np.einsum("ij,ij->i", left, left, dtype=np.float64)) + 1e-6
    return heads, tails
