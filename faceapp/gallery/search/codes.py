"""Very many templates as bytes: which of them are likely to be near, and how near as far as bytes can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faceapp.gallery.search.heads import Rows, one_thread
from faceapp.types import Floats

NEAR = 64
"""Numbers that the first stage goes by: 32 bytes for 64 of them find the same and take twice as long as 16."""
FEW_LEFT = 16_384
"""So many templates that still count are gone through by their byte codes, all of them: most were left out, and the
first stage, which knows nothing of that, would name hardly any of them."""
_KEPT = 0.9999
"""Part of the templates' spread that the byte codes hold."""
_PORTION = 4_096
_BLOCK = 1_024
"""Codes gone through at once: they stay in the processor's cache, which is twice as fast as 4,096."""
ROUNDING = 1e-4
"""How far a bound or a product may be off by float32's rounding, all in all: more than twice the worst case of 640
terms."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """The templates as bytes along the axes of their largest spread. Immutable."""

    basis: Floats
    """(D, k)."""
    offset: Floats
    step: Floats
    """(k): a number is `offset + step · code`."""
    codes: NDArray[np.int8]
    """(N, k)."""
    lost: Floats
    """(N): the length of what the codes leave out of each template."""
    finder: Any
    """faiss's index of the first `NEAR` numbers."""

    def likely(self, probe: Floats, allowed: NDArray[np.bool_], count: int) -> tuple[Rows, Floats]:
        """Of the `count` rows that are likeliest to be near `probe` (D,) those allowed, and their dot products as far
        as the codes tell: the largest first. All that are allowed where those are `FEW_LEFT`."""
        numbers = probe @ self.basis
        if np.count_nonzero(allowed) <= FEW_LEFT:
            rows = np.flatnonzero(allowed)
        else:
            rows = self._found(numbers, count)
            rows = rows[allowed[rows]]
        estimates = self._products(rows, numbers * self.step)
        order = np.argsort(-estimates, kind="stable")
        return rows[order], estimates[order]

    def possible(self, probe: Floats, least: float) -> Rows:
        """Every row whose dot product with `probe` (D,), of unit length, can be `least`: some others too, but
        none is missing."""
        numbers = probe @ self.basis
        weights, least = numbers * self.step, least - float(numbers @ self.offset) - ROUNDING
        found = []
        for at in range(0, len(self.codes), _BLOCK):
            block = slice(at, at + _BLOCK)
            most = np.einsum("kj,j->k", self.codes[block].astype(np.float32), weights)
            most += self.lost[block]
            found.append(np.flatnonzero(most >= least) + at)
        return np.concatenate(found) if found else np.zeros(0, np.intp)

    def _found(self, numbers: Floats, count: int) -> Rows:
        one_thread()
        asked = np.ascontiguousarray((numbers - self.offset)[np.newaxis, : self.finder.d])
        _, found = self.finder.search(asked, min(count, len(self.codes)))
        rows: Rows = found[0][found[0] >= 0].astype(np.intp)
        return rows

    def _products(self, rows: Rows, weights: Floats) -> Floats:
        products = np.empty(len(rows), np.float32)
        for at in range(0, len(rows), _BLOCK):
            some = self.codes[rows[at : at + _BLOCK]].astype(np.float32)
            products[at : at + _BLOCK] = np.einsum("kj,j->k", some, weights)
        return products


class Making:
    """Makes codes of templates that come in portions. One thread uses it."""

    def __init__(self, sample: Floats, basis: Floats, count: int) -> None:
        """`sample` (n, D) of the templates; `basis` (D, D): its `axes`; `count`: how many templates there will be."""
        numbers = sample @ basis
        offset: Floats = numbers.mean(axis=0)
        numbers -= offset
        energy = np.cumsum(np.square(numbers).sum(axis=0, dtype=np.float64))
        kept = min(max(NEAR, 1 + int(np.searchsorted(energy, _KEPT * energy[-1]))), basis.shape[1])
        numbers = numbers[:, :kept]
        self._basis, self._offset = np.ascontiguousarray(basis[:, :kept]), offset[:kept]
        self._step: Floats = (np.abs(numbers).max(axis=0) * (1.1 / 127) + 1e-9).astype(np.float32)
        self._near = min(NEAR, kept) // 2 * 2
        self._finder = one_thread().IndexPQFastScan(self._near, self._near // 2, 4)
        self._finder.train(np.ascontiguousarray(numbers[:, : self._near]))
        self._codes = np.empty((count, kept), np.int8)
        self._lost = np.empty(count, np.float32)
        self._done = 0

    def add(self, vectors: Floats) -> None:
        """The next ones (n, D), of unit length."""
        one_thread()
        for at in range(0, len(vectors), _PORTION):
            some = vectors[at : at + _PORTION]
            rows = slice(self._done, self._done + len(some))
            numbers = some @ self._basis - self._offset
            self._codes[rows] = np.clip(np.rint(numbers / self._step), -127, 127)
            self._finder.add(np.ascontiguousarray(numbers[:, : self._near]))
            told = self._codes[rows].astype(np.float32) * self._step + self._offset
            left = some - told @ self._basis.T
            self._lost[rows] = np.sqrt(np.einsum("ij,ij->i", left, left)) + 1e-5
            self._done += len(some)

    def made(self) -> Codes:
        """The codes of all that were added."""
        return Codes(self._basis, self._offset, self._step, self._codes, self._lost, self._finder)
