"""Very many templates, searched by what they look like from afar and compared exactly in the end.

Up to `index.EXACT_UP_TO` in two stages: `heads` names those that can be the nearest, the likeliest first, and they are
compared in full until no other can be. Nobody is passed over.

More in three stages: faiss goes through four bits for every two of the `NEAR` numbers that say most of a template
(product quantisation, Jégou et al. 2011; fast scan, André et al. 2015) and names the `LOOKED_AT` likeliest; their byte
codes leave a few; those are compared in full. Distances are exact, and never is anybody named by another. What is
approximate is who is looked at: somebody nearer can be passed over. Where that matters `Crowd.surely` goes the way of
fewer, which takes longer.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search.codes import ROUNDING, Codes
from faceapp.gallery.search.codes import Making as MakingCodes
from faceapp.gallery.search.heads import SAMPLE, Heads, Rows, axes, evenly
from faceapp.gallery.search.heads import Making as MakingHeads
from faceapp.types import Candidate, Floats

LOOKED_AT = 1_024
"""Templates that the first stage names. With 200 one stranger in fifty has another nearest; with 1,000 none of 500."""
COMPARED = 48
"""Templates compared in full at once."""
IN_ORDER = 512, 4_096
"""Templates that the heads name, the likeliest first, and how many where those don't decide it. Of 100,000 made-up
people 85 have to be compared with somebody known and 133 with a stranger (medians), and 520 in one of a hundred."""
_PORTION = 16_384


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


class Making:
    """Makes heads and codes of templates that come in portions. One thread uses it."""

    def __init__(self, sample: Floats, count: int, *, exact: bool) -> None:
        """`sample` (n, D) of the templates; `count`: how many there will be. `exact`: without codes."""
        basis = axes(sample, sample.shape[1])
        self._heads = MakingHeads(sample, basis, count)
        self._codes = None if exact else MakingCodes(sample, basis, count)

    def add(self, vectors: Floats) -> None:
        """The next ones (n, D), of unit length."""
        self._heads.add(vectors)
        if self._codes is not None:
            self._codes.add(vectors)

    def made(self) -> tuple[Heads, Codes | None]:
        """Of all that were added."""
        return self._heads.made(), None if self._codes is None else self._codes.made()


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Very many templates of one space. Immutable: who goes is left out of the next one, and of every answer. Their
    templates and names stay in this process's memory until a crowd is made of those who are left."""

    who: Who
    heads: Heads
    codes: Codes | None
    """None: few enough to be searched without."""
    full: FullRows
    by_person: Rows
    """The rows, sorted by person (N,)."""
    starts: Rows
    """Where each person's begin in `by_person` (P + 1,)."""
    allowed: NDArray[np.bool_]
    """Which rows still count (N,)."""

    @classmethod
    def of(cls, table: TemplateTable, *, exact: bool) -> Crowd:
        """Of a table, which stays in memory. `exact`: nobody may ever be passed over."""
        who = Who.of(table.person_ids, table.names)
        making = Making(table.vectors[evenly(len(table), SAMPLE)], len(table), exact=exact)
        making.add(table.vectors)
        return cls.made(who, *making.made(), InMemory(table.vectors))

    @classmethod
    def made(cls, who: Who, heads: Heads, codes: Codes | None, full: FullRows) -> Crowd:
        """Of its parts, with nobody left out."""
        by_person = np.argsort(who.persons, kind="stable").astype(np.intp)
        starts = np.searchsorted(who.persons[by_person], np.arange(len(who.ids) + 1)).astype(np.intp)
        return cls(who, heads, codes, full, by_person, starts, np.ones(len(who.persons), np.bool_))

    @property
    def dimension(self) -> int:
        """D."""
        return int(self.heads.basis.shape[0])

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

    @property
    def people(self) -> int:
        """How many people have a template here."""
        return int(np.count_nonzero(np.bincount(self.who.persons[self.allowed])))

    def name_of(self, person_id: str) -> str | None:
        """What a person is called; None where they have no template here."""
        person = self.who.number(person_id)
        return None if person is None or not self.allowed[self._rows(person_id)].any() else self.who.name(person)

    def nearest(self, probe: Floats, out: Collection[str], slack: float) -> list[Candidate]:
        """The nearest two people but `out`, of those looked at; `slack`: how far two byte codes' products may be off
        together."""
        if self.codes is None:
            return self.surely(probe, out)
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

    def surely(self, probe: Floats, out: Collection[str]) -> list[Candidate]:
        """The nearest two people but `out`: nobody is passed over."""
        allowed, least = self._allowed_but(out), -math.inf
        for count in IN_ORDER:
            rows, most = self.heads.likely(probe, count)
            others = -math.inf if len(rows) == len(allowed) else float(most[-1])
            rows, most = rows[allowed[rows]], most[allowed[rows]]
            products = np.empty(len(rows), np.float32)
            at, least = 0, -math.inf
            while at < len(rows) and most[at] >= least:
                some = slice(at, at + max(COMPARED, at))
                products[some] = np.einsum("kj,j->k", self.full.take(rows[some]), probe)
                at = min(some.stop, len(rows))
                least = self._least(rows[:at], products[:at])
            if at < len(rows) or others < least:
                return self._compared(probe, rows[:at][products[:at] >= least])
        return self._compared(probe, self._not_excluded(probe, allowed, least))

    def _least(self, rows: Rows, products: Floats) -> float:
        """What the dot product of the nearest two people must come to, as far as these tell."""
        order = np.argsort(-products)
        people = self.who.persons[rows[order]]
        others = np.flatnonzero(people != people[:1])
        return float(products[order[others[0]]]) - ROUNDING if len(others) else -math.inf

    def _not_excluded(self, probe: Floats, allowed: NDArray[np.bool_], least: float) -> Rows:
        """Every allowed row whose dot product with `probe` can be `least`, and that of the nearest two people, the slow
        way: the heads say too little."""
        rows = np.flatnonzero(allowed)
        if self.codes is not None:
            rows = self.codes.possible(probe, least)
            rows = rows[allowed[rows]]
        products = np.empty(len(rows), np.float32)
        for at in range(0, len(rows), _PORTION):
            some = slice(at, at + _PORTION)
            products[some] = np.einsum("kj,j->k", self.full.take(rows[some]), probe)
        return rows[products >= self._least(rows, products)]

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
