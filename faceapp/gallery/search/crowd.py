"""Very many templates, searched by what they look like from afar and compared exactly in the end.

Three stages: faiss goes through four bits for every two of the `NEAR` numbers that say most of a template (product
quantisation, Jégou et al. 2011; fast scan, André et al. 2015) and names the `LOOKED_AT` likeliest; their byte codes
leave a few; those are compared in full. Distances are exact, and never is anybody named by another. What is approximate
is who is looked at: somebody nearer can be passed over. Where that matters `Crowd.surely` goes through all byte codes
with a bound on what they leave out (Cauchy and Schwarz, as in `heads`), and passes nobody over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search.heads import SAMPLE, axes, evenly
from faceapp.types import Candidate, Floats

NEAR = 64
"""Numbers that the first stage goes by: 32 bytes for 64 of them find the same and take twice as long as 16."""
LOOKED_AT = 1_024
"""Templates that the first stage names. With 200 one stranger in fifty has another nearest; with 1,000 none of 500."""
FEW_LEFT = 16 * LOOKED_AT
"""So many templates that still count are gone through by their byte codes, all of them: most were left out, and the
first stage, which knows nothing of that, would name hardly any of them."""
COMPARED = 48
"""Templates compared in full at once."""
_KEPT = 0.9999
"""Part of the templates' spread that the byte codes hold."""
_PORTION = 16_384
_BLOCK = 1_024
"""Codes gone through at once: they stay in the processor's cache, which is twice as fast as 4,096."""
_ROUNDING = 1e-4
"""How far a bound may be off by float32's rounding, all in all: more than twice the worst case of 640 terms."""
Rows = NDArray[np.intp]


class FullRows(Protocol):
    """Where the templates themselves are."""

    def take(self, rows: Rows) -> Floats:
        """These templates, float32 (n, D)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class InMemory:
    """Templates that are in memory anyway."""

    vectors: Floats

    def take(self, rows: Rows) -> Floats:
        """These templates, float32 (n, D)."""
        taken: Floats = self.vectors[rows]
        return taken


@dataclass(frozen=True, slots=True, eq=False)
class Who:
    """Whose the templates are."""

    persons: NDArray[np.int32]
    """The number of each template's person (N,)."""
    ids: NDArray[np.bytes_]
    """The id of each person (P,), UTF-8, sorted."""
    names: bytes
    """All names, UTF-8, one after the other."""
    ends: NDArray[np.int64]
    """Where each name ends (P,)."""

    @classmethod
    def of(cls, person_ids: Collection[str], names: Collection[str]) -> Who:
        """Of each template, one of each."""
        ids, first, persons = np.unique(
            np.array([i.encode() for i in person_ids]), return_index=True, return_inverse=True
        )
        listed = list(names)
        encoded = [listed[i].encode() for i in first]
        ends = np.cumsum([len(n) for n in encoded], dtype=np.int64)
        return cls(persons.astype(np.int32), ids, b"".join(encoded), ends)

    def id(self, person: int) -> str:
        """Their id."""
        return bytes(self.ids[person]).decode()

    def name(self, person: int) -> str:
        """Their name."""
        return self.names[int(self.ends[person - 1]) if person else 0 : int(self.ends[person])].decode()

    def number(self, person_id: str) -> int | None:
        """The number of whom has this id."""
        wanted = person_id.encode()
        at = int(np.searchsorted(self.ids, np.bytes_(wanted)))
        return at if at < len(self.ids) and self.ids[at] == wanted else None


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

    def possible(self, probe: Floats, allowed: NDArray[np.bool_], least: float) -> Rows:
        """Every allowed row whose dot product with `probe` (D,), of unit length, can be `least`: some others too, but
        none is missing."""
        numbers = probe @ self.basis
        weights, least = numbers * self.step, least - float(numbers @ self.offset) - _ROUNDING
        found = []
        for at in range(0, len(self.codes), _BLOCK):
            block = slice(at, at + _BLOCK)
            most = np.einsum("kj,j->k", self.codes[block].astype(np.float32), weights)
            most += self.lost[block]
            found.append(np.flatnonzero(most >= least) + at)
        rows = np.concatenate(found) if found else np.zeros(0, np.intp)
        return rows[allowed[rows]]

    def _found(self, numbers: Floats, count: int) -> Rows:
        import faiss

        faiss.omp_set_num_threads(1)  # holds for the thread that says it: each that searches has to
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


def coded(vectors: Floats) -> Codes:
    """The codes of `vectors` (N, D), rows of unit length."""
    import faiss  # 0.4 s, and most galleries never need it

    faiss.omp_set_num_threads(1)  # of this thread's work: the other cores are the recognition's
    sample = vectors[evenly(len(vectors), SAMPLE)]
    mean = sample.mean(axis=0)
    basis = axes(sample - mean, vectors.shape[1])
    energy = np.cumsum(np.square((sample - mean) @ basis).sum(axis=0, dtype=np.float64))
    kept = max(NEAR, 1 + int(np.searchsorted(energy, _KEPT * energy[-1])))
    basis = np.ascontiguousarray(basis[:, : min(kept, basis.shape[1])])
    offset = mean @ basis
    numbers = sample @ basis - offset
    step: Floats = (np.abs(numbers).max(axis=0) * (1.1 / 127) + 1e-9).astype(np.float32)
    near = min(NEAR, basis.shape[1]) // 2 * 2
    finder = faiss.IndexPQFastScan(near, near // 2, 4)
    finder.train(np.ascontiguousarray(numbers[:, :near]))
    codes = np.empty((len(vectors), basis.shape[1]), np.int8)
    lost = np.empty(len(vectors), np.float32)
    for at in range(0, len(vectors), _PORTION):
        some = slice(at, at + _PORTION)
        numbers = vectors[some] @ basis - offset
        codes[some] = np.clip(np.rint(numbers / step), -127, 127)
        finder.add(np.ascontiguousarray(numbers[:, :near]))
        told = codes[some].astype(np.float32) * step + offset
        left = vectors[some] - told @ basis.T
        lost[some] = np.sqrt(np.einsum("ij,ij->i", left, left)) + 1e-5
    return Codes(basis, offset.astype(np.float32), step, codes, lost, finder)


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Very many templates of one space. Immutable: who goes is left out of the next one, and of every answer. Their
    templates and names stay in this process's memory until a crowd is made of those who are left."""

    who: Who
    codes: Codes
    full: FullRows
    by_person: Rows
    """The rows, sorted by person (N,)."""
    starts: Rows
    """Where each person's begin in `by_person` (P + 1,)."""
    allowed: NDArray[np.bool_]
    """Which rows still count (N,)."""

    @classmethod
    def of(cls, table: TemplateTable) -> Crowd:
        """Of a table, which stays in memory."""
        who = Who.of(table.person_ids, table.names)
        return cls.made(who, coded(table.vectors), InMemory(table.vectors))

    @classmethod
    def made(cls, who: Who, codes: Codes, full: FullRows) -> Crowd:
        """Of its parts, with nobody left out."""
        by_person = np.argsort(who.persons, kind="stable").astype(np.intp)
        starts = np.searchsorted(who.persons[by_person], np.arange(len(who.ids) + 1)).astype(np.intp)
        return cls(who, codes, full, by_person, starts, np.ones(len(who.persons), np.bool_))

    @property
    def dimension(self) -> int:
        """D."""
        return int(self.codes.basis.shape[0])

    def without(self, person_ids: Collection[str]) -> Crowd:
        """Without these people, from the next search on."""
        return replace(self, allowed=self._allowed_but(person_ids))

    def _allowed_but(self, out: Collection[str]) -> NDArray[np.bool_]:
        if not out:
            return self.allowed
        allowed = self.allowed.copy()
        for person_id in out:
            allowed[self._rows(person_id)] = False
        return allowed

    def templates_of(self, person_id: str) -> Floats:
        """The templates of a person, float32 (M, D); M may be 0."""
        rows = self._rows(person_id)
        return self.full.take(rows[self.allowed[rows]]).reshape(-1, self.dimension)

    def person_ids(self) -> list[str]:
        """Who has a template here, sorted."""
        return [self.who.id(int(p)) for p in np.unique(self.who.persons[self.allowed])]

    def name_of(self, person_id: str) -> str | None:
        """What a person is called; None where they have no template here."""
        person = self.who.number(person_id)
        return None if person is None or not self.allowed[self._rows(person_id)].any() else self.who.name(person)

    def nearest(self, probe: Floats, out: Collection[str], slack: float) -> list[Candidate]:
        """The nearest two people but `out`, of those looked at; `slack`: how far two byte codes' products may be off
        together."""
        allowed = self._allowed_but(out)
        left = int(np.count_nonzero(allowed))
        # Where many were left out, so many more are asked for that as many are looked at as ever.
        count = LOOKED_AT * -(-len(allowed) // max(left, 1))
        rows, estimates = self.codes.likely(probe, allowed, count)
        people = self.who.persons[rows]
        while count < len(allowed) and (len(rows) < min(left, LOOKED_AT // 2) or not (people != people[:1]).any()):
            count *= 4  # somebody with thousands of templates, or many alike who were left out
            rows, estimates = self.codes.likely(probe, allowed, count)
            people = self.who.persons[rows]
        return self._two_of(probe, rows, estimates, slack)

    def surely(self, probe: Floats, out: Collection[str], found: Sequence[Candidate]) -> list[Candidate]:
        """The nearest two people but `out`, whoever was passed over by `nearest`, which found these."""
        if len(found) < 2:  # it looks until there is a second person: there is none
            return list(found)
        allowed = self._allowed_but(out)
        # |x − p|² = 2 − 2 x·p, and both lengths are 1 within rounding.
        rows = self.codes.possible(probe, allowed, 1 - found[1].distance ** 2 / 2 - 1e-5)
        return self._compared(probe, rows)

    def _two_of(self, probe: Floats, rows: Rows, estimates: Floats, slack: float) -> list[Candidate]:
        people = self.who.persons[rows]
        _, firsts, which = np.unique(people, return_index=True, return_inverse=True)
        best = estimates[firsts]  # of each person: the largest stand first
        second = np.sort(best)[-2:][0] if len(best) else 0.0
        # Of each of the nearest people the templates that may be their nearest one.
        return self._compared(probe, rows[(best[which] >= second - slack) & (estimates >= best[which] - slack)])

    def _compared(self, probe: Floats, rows: Rows) -> list[Candidate]:
        found: dict[int, float] = {}
        for at in range(0, len(rows), COMPARED):
            some = rows[at : at + COMPARED]
            difference = self.full.take(some).astype(np.float64) - probe
            apart = np.sqrt(np.einsum("ij,ij->i", difference, difference))
            for person, distance in zip(self.who.persons[some], apart, strict=True):
                found[int(person)] = min(float(distance), found.get(int(person), np.inf))
        nearest = sorted(found.items(), key=lambda item: (item[1], item[0]))[:2]
        return [Candidate(self.who.id(p), self.who.name(p), d) for p, d in nearest]

    def _rows(self, person_id: str) -> Rows:
        person = self.who.number(person_id)
        if person is None:
            return self.by_person[:0]
        return self.by_person[self.starts[person] : self.starts[person + 1]]
