"""The first stage of an exact search: a few bytes of each template that say how near it can be at most.

Templates of a network fill few of their dimensions: of the default embedder's 640, photographs of 120 people fill 160,
and some 60 hold 95 % of them. In the axes of their largest spread (principal components, Pearson 1901; not centred) a
template is a head and what is left, its tail. By Cauchy and Schwarz the tails add to a dot product at most the product
of their lengths, and so does what is lost where a head is rounded to bytes. So the bytes of a head and the two lengths
are a bound, and whoever lies below it can't be among the nearest.

The two lengths stand with the head as two numbers more, which makes the bound itself a dot product of 64 bytes: faiss
goes through those of 100,000 templates in 2 ms (6 MB, which stay in the processor's cache; as floats they are 26) and
names the largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faceapp.types import Floats

WIDTH = 64
"""Bytes of each template. faiss is fast with multiples of 16. With half as many, thousands would have to be compared
where it is some dozens."""
HEAD = WIDTH - 2
"""Numbers of a head; the others are what it leaves out."""
SAMPLE = 8_192
"""Templates that the axes are found from."""
ROUNDING = 4e-5
"""How far a bound may be off by float32's rounding, all in all: the axes' own, the projections' and the sum's come to
less than half of it (640 terms below 1, 2^-24 each)."""
Rows = NDArray[np.intp]
_PORTION = 4_096
_TAIL, _ERROR = WIDTH - 2, WIDTH - 1
_MOST = 127.0


def axes(sample: Floats, most: int) -> Floats:
    """The directions (D, k) of the largest spread of `sample` (N, D) about zero, the largest first, k <= `most`."""
    spread = sample.astype(np.float64).T @ sample.astype(np.float64)
    _, vectors = np.linalg.eigh(spread)
    found: Floats = np.ascontiguousarray(vectors[:, ::-1][:, :most], np.float32)
    return found


def evenly(count: int, wanted: int) -> Rows:
    """At most `wanted` of `count` rows, spread evenly: the same ones each time."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.intp))


def one_thread() -> Any:
    """faiss, which will use this thread alone: the other cores are the recognition's. 0.4 s the first time."""
    import faiss

    faiss.omp_set_num_threads(1)  # holds for the thread that says it: each that searches has to
    return faiss


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """The heads of all templates, row by row. Immutable."""

    basis: Floats
    """(D, k)."""
    offset: Floats
    """(k)."""
    step: Floats
    """(WIDTH): a number of a head is `offset + step · code`, a length `step · (code + 128)`."""
    finder: Any
    """faiss's index of the codes, bytes (N, WIDTH)."""

    @classmethod
    def coded(cls, basis: Floats, offset: Floats, step: Floats, codes: NDArray[np.uint8]) -> Heads:
        """Of its parts: the codes as `codes` gives them."""
        faiss = one_thread()
        finder = faiss.IndexScalarQuantizer(WIDTH, faiss.ScalarQuantizer.QT_8bit_uniform, faiss.METRIC_INNER_PRODUCT)
        # Not trained but told what a code stands for: (code + 0.5) / 255 of the second, from the first on.
        faiss.copy_array_to_vector(np.array([-128.5, 255], np.float32), finder.sq.trained)
        finder.is_trained = True
        finder.add_sa_codes(codes)
        return cls(basis, offset, step, finder)

    @property
    def codes(self) -> NDArray[np.uint8]:
        """(N, WIDTH), each 128 more than the number it stands for; a copy."""
        import faiss

        flat: NDArray[np.uint8] = faiss.vector_to_array(self.finder.codes)
        return flat.reshape(-1, WIDTH)

    def likely(self, probe: Floats, count: int) -> tuple[Rows, Floats]:
        """The `count` rows whose dot product with `probe` (D,), of unit length, can be the largest, and what it can
        come to: the largest first. No other row's can be larger than the last one's."""
        one_thread()
        numbers = probe @ self.basis
        weights = np.zeros((1, WIDTH), np.float32)
        weights[0, : len(numbers)] = numbers
        left = probe - self.basis @ numbers
        lengths = np.sqrt(left @ left) + 1e-6, np.sqrt(numbers @ numbers) + 1e-6
        weights[0, _TAIL:] = lengths
        weights *= self.step
        most, rows = self.finder.search(weights, min(count, self.finder.ntotal))
        always = float(numbers @ self.offset) + 128 * float(weights[0, _TAIL:].sum()) + ROUNDING
        return rows[0].astype(np.intp), most[0] + np.float32(always)


class Making:
    """Makes heads of templates that come in portions. One thread uses it."""

    def __init__(self, sample: Floats, basis: Floats, count: int) -> None:
        """`sample` (n, D) of the templates; `basis` (D, k): its `axes`; `count`: how many templates there will be."""
        self._basis = np.ascontiguousarray(basis[:, :HEAD])
        numbers = sample @ self._basis
        self._offset: Floats = numbers.mean(axis=0)
        self._step: Floats = (np.abs(numbers - self._offset).max(axis=0) * (1.1 / _MOST) + 1e-9).astype(np.float32)
        self._codes = np.full((count, WIDTH), 128, np.uint8)
        self._lengths = np.zeros((count, 2), np.float32)
        self._done = 0

    def add(self, vectors: Floats) -> None:
        """The next ones (n, D), of unit length."""
        for at in range(0, len(vectors), _PORTION):
            some = vectors[at : at + _PORTION]
            rows = slice(self._done, self._done + len(some))
            numbers = some @ self._basis
            codes = np.clip(np.rint((numbers - self._offset) / self._step), -_MOST, _MOST)
            self._codes[rows, : codes.shape[1]] = (codes + 128).astype(np.uint8)
            tails = some - numbers @ self._basis.T
            errors = numbers - (codes.astype(np.float32) * self._step + self._offset)
            for column, lost in enumerate((tails, errors)):
                squares = np.einsum("ij,ij->i", lost, lost, dtype=np.float64)
                self._lengths[rows, column] = np.sqrt(squares) + 1e-6
            self._done += len(some)

    def made(self) -> Heads:
        """The heads of all that were added."""
        step = np.zeros(WIDTH, np.float32)
        step[: len(self._step)] = self._step
        step[_TAIL:] = self._lengths.max(axis=0) * (1.0001 / 255)
        self._codes[:, _TAIL:] = np.ceil(self._lengths / step[_TAIL:])  # never shorter than it is
        return Heads.coded(self._basis, self._offset, step, self._codes)
