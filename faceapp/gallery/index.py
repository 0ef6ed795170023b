"""The search through everybody's templates: exact, in memory, immutable, swapped whole when the gallery changes."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import BugError
from faceapp.gallery.rows import TemplateTable, unit_rows
from faceapp.types import Candidate, Embedding, Floats, Match

_CELLS = 8_000_000
"""Scores held at once (32 MB): more probes are taken in portions."""

_FEW = 16
"""Up to so many probes, a frame's faces, are multiplied on the calling thread. BLAS would spread them over a pool of
its own, which waits for cores that others keep busy: 8 ms instead of 0.1 for a face and 1,000 people, measured so."""

_ROWS = 4_096
"""Templates compared exactly at once."""

IN_ONE_STAGE = 20_000
"""Templates: more of them are searched in two stages (`search.large`), exactly still. Below, comparing with all of them
takes as long, and faiss needn't be imported."""
EXACT_UP_TO = 100_000
"""Templates: more of them are searched approximately."""

Nearest: TypeAlias = Callable[[Sequence[str]], list[Candidate]]
"""The two nearest people, but for those with these ids; fewer where there are fewer."""


@dataclass(frozen=True, slots=True, eq=False)
class GalleryIndex:
    """Every template of one space, sorted by person. Immutable: any number of threads may match at once.

    Distances are Euclidean between unit vectors, 0 to 2. The search is exact: a float32 matrix product sorts out all
    but the people whose nearest template may be the nearest or second nearest within its rounding, and those are
    compared in float64 by the difference of the vectors, which stays precise near zero where √(2 − 2·dot) loses half
    its digits (an error of 1e-7 in the dot product is one of 4e-4 in the distance). Two people at exactly the same
    distance come in the order of their ids.

    A *negative* is a face of which somebody said "that is not NAME". Who is within the threshold of a probe, and has a
    negative as near to it as their nearest template, or nearer, is struck out, and the next ones count. That is the
    nearest-neighbour rule with one more class, "looks like NAME and isn't", so a negative reaches no farther than
    halfway to the next template: it takes from NAME what is nearer to the wrong face than to theirs, and nothing else.
    A person who was struck out is nobody's name, yet they are told in `Match.struck_out`, because a door counts them
    as the runner-up all the same: one click must never open a door that would have stayed shut without it.
    """

    space: str
    _vectors: Floats
    """(N, D), a person's templates next to each other, people by id."""
    _starts: NDArray[np.intp]
    """The first row of each person, and N at the end: (P + 1)."""
    _ids: tuple[str, ...]
    _names: tuple[str, ...]
    _positions: dict[str, int]
    _negatives: Mapping[str, Floats]
    """(M, D) of each person who has any, by person id."""

    @staticmethod
    def build(space: str, templates: TemplateTable) -> GalleryIndex:
        """An index of `templates` with their negatives, a copy of them. Raises BugError where they are of another space
        than `space`. Of more than `IN_ONE_STAGE` it is a `LargeIndex`: here alone is that chosen."""
        if templates.space != space:
            raise BugError(f"templates of {templates.space} cannot make an index of {space}")
        if len(templates) > IN_ONE_STAGE:
            from faceapp.gallery.search.crowd import Crowd
            from faceapp.gallery.search.large import LargeIndex

            table = replace(templates, vectors=unit_rows(templates.vectors, "templates"))
            crowd = Crowd.of(table, exact=len(table) <= EXACT_UP_TO)
            return LargeIndex.over(space, crowd, templates.negatives)
        ids, first, persons = np.unique(
            np.array(templates.person_ids, dtype=np.str_), return_index=True, return_inverse=True
        )
        order = np.argsort(persons, kind="stable")
        vectors = unit_rows(templates.vectors, "templates")[order]
        vectors.flags.writeable = False
        starts = np.searchsorted(persons[order], np.arange(len(ids) + 1)).astype(np.intp)
        person_ids = tuple(str(i) for i in ids)
        names = tuple(templates.names[i] for i in first)
        positions = {p: i for i, p in enumerate(person_ids)}
        negatives = negatives_by_person(templates)
        return GalleryIndex(space, vectors, starts, person_ids, names, positions, negatives)

    @staticmethod
    def empty(space: str) -> GalleryIndex:
        """An index of nobody."""
        return GalleryIndex.build(space, TemplateTable.of(space, ()))

    def only(self, person_id: str) -> GalleryIndex:
        """An index of this one person, for verification; of nobody where the person has no template here."""
        vectors, name = self.templates_of(person_id), self.name_of(person_id) or ""
        many, wrong = len(vectors), self._negatives.get(person_id) if len(vectors) else None
        negatives = None if wrong is None else TemplateTable.of(self.space, [(person_id, name, v) for v in wrong])
        table = TemplateTable(self.space, vectors, (person_id,) * many, (name,) * many, negatives)
        return GalleryIndex.build(self.space, table)

    def templates_of(self, person_id: str) -> Floats:
        """The templates of a person, float32 (M, D); none where the person has none here."""
        position = self._positions.get(person_id)
        rows = slice(0, 0) if position is None else slice(self._starts[position], self._starts[position + 1])
        return self._vectors[rows]

    def name_of(self, person_id: str) -> str | None:
        """What a person is called; None where they have no template here."""
        position = self._positions.get(person_id)
        return None if position is None else self._names[position]

    def plus(self, person_id: str, name: str, vector: Floats) -> GalleryIndex:
        """An index with one more template, float32 (D,) of unit length: cheaper than one of all of them."""
        row = unit_rows(vector[np.newaxis], "templates")
        if not self._ids:
            return self.build(self.space, TemplateTable(self.space, row, (person_id,), (name,)))
        if row.shape[1] != self._vectors.shape[1]:
            raise BugError(f"a template has {row.shape[1]} dimensions, {self.space} has {self._vectors.shape[1]}")
        position = self._positions.get(person_id)
        ids, names, positions, starts = self._ids, self._names, self._positions, self._starts
        if position is None:
            position = bisect_left(ids, person_id)
            ids = (*ids[:position], person_id, *ids[position:])
            names = (*names[:position], name, *names[position:])
            positions = {p: i for i, p in enumerate(ids)}
            starts = np.insert(starts, position, starts[position])
        at = int(starts[position + 1])
        vectors = np.insert(self._vectors, at, row, axis=0)
        vectors.flags.writeable = False
        starts = starts.copy()
        starts[position + 1 :] += 1
        return GalleryIndex(self.space, vectors, starts, ids, names, positions, self._negatives)

    def without(self, person_ids: Collection[str]) -> GalleryIndex:
        """An index without these people."""
        return self.changed(TemplateTable.of(self.space, ()), person_ids)

    def changed(self, table: TemplateTable, person_ids: Collection[str] = ()) -> GalleryIndex:
        """An index in which those in `table`, and these people, have what stands in `table` and nothing else."""
        whose = {*person_ids, *table.person_ids}
        gone = [self._positions[p] for p in whose if p in self._positions]
        persons = np.repeat(np.arange(len(self._ids)), np.diff(self._starts))
        rows = np.flatnonzero(~np.isin(persons, gone))
        ids, names = (
            zip(*((self._ids[p], self._names[p]) for p in persons[rows]), strict=True) if len(rows) else ((), ())
        )
        left = TemplateTable(self.space, self._vectors[rows], ids, names)
        index = self.build(self.space, left.plus(replace(table, negatives=None)))
        return replace(index, _negatives=self._negatives_of(table, whose))

    def _negatives_of(self, table: TemplateTable, whose: Collection[str]) -> dict[str, Floats]:
        return {p: v for p, v in self._negatives.items() if p not in whose} | negatives_by_person(table)

    def table(self) -> TemplateTable:
        """What it was made of, but for the negatives."""
        persons = np.repeat(np.arange(len(self._ids)), np.diff(self._starts)).tolist()
        ids, names = tuple(self._ids[p] for p in persons), tuple(self._names[p] for p in persons)
        return TemplateTable(self.space, self._vectors, ids, names)

    @property
    def people(self) -> int:
        """How many people have a template here: K of a 1:K search."""
        return len(self._ids)

    @property
    def templates(self) -> int:
        """How many templates there are, at least one a person."""
        return len(self._vectors)

    @property
    def person_ids(self) -> tuple[str, ...]:
        """Who has a template here, sorted."""
        return self._ids

    def match(
        self, embeddings: Sequence[Embedding] | Floats, threshold: float, *, sure: bool = False
    ) -> list[Match | None]:
        """For each probe the nearest person and the nearest other person; None where nobody is known, or where all who
        are were struck out.

        `embeddings`: `Embedding`s, whose space is checked, or float32 (M, D) unit rows that the caller knows to be of
        this index's space. `threshold`: distance up to which `Match.accepted` holds. `sure`: where the nearest of those
        looked at is within it, nobody is passed over, neither as the nearest nor as the runner-up, also in a gallery
        that is searched approximately; in any other nobody ever is.
        Raises BugError for embeddings of another space or dimension, or not of unit length (no face, a NaN).
        """
        if not math.isfinite(threshold):
            raise BugError(f"the threshold cannot be {threshold}")
        probes = self._probes(embeddings)
        nearest = self._nearest(probes, threshold if sure else -math.inf)
        return [self._best_two(p, n, threshold) for p, n in zip(probes, nearest, strict=True)]

    def _nearest(self, probes: Floats, sure_to: float) -> Iterator[Nearest]:  # noqa: ARG002 - `LargeIndex` needs it
        """For each of the probes, how to get the two nearest people but some. `sure_to`: where the nearest is no
        farther than that, none may be passed over; here none ever is."""
        if not self._ids:
            yield from ((lambda _: []) for _ in probes)
            return
        portion = max(1, _CELLS // len(self._vectors))
        for start in range(0, len(probes), portion):
            some = probes[start : start + portion]
            products = np.einsum("ij,kj->ik", some, self._vectors) if len(some) <= _FEW else some @ self._vectors.T
            scores = np.maximum.reduceat(products, self._starts[:-1], axis=1)
            yield from (self._by_scores(p, s) for p, s in zip(some, scores, strict=True))

    def distance_to(self, person_id: str, embeddings: Sequence[Embedding] | Floats) -> NDArray[np.float64] | None:
        """Distances (M,) of the probes from one person's nearest template: verification. None where the person has no
        template here. `embeddings` and errors as for `match`."""
        probes, theirs = self._probes(embeddings), self.templates_of(person_id)
        return np.array([nearest_of(theirs, probe) for probe in probes], np.float64) if len(theirs) else None

    def struck_out(self, person_id: str, embeddings: Sequence[Embedding] | Floats) -> NDArray[np.bool_]:
        """Of each probe (M,), whether a negative says that it is not this person. `embeddings` and errors as for
        `match`."""
        probes, theirs = self._probes(embeddings), self.templates_of(person_id)
        if not len(theirs):
            return np.zeros(len(probes), np.bool_)
        return np.array([self._is_not(p, person_id, nearest_of(theirs, p)) for p in probes], np.bool_)

    def _probes(self, embeddings: Sequence[Embedding] | Floats) -> Floats:
        if isinstance(embeddings, np.ndarray):
            probes = embeddings.astype(np.float32, copy=False)
        else:
            for embedding in embeddings:
                if embedding.space != self.space:
                    raise BugError(f"an embedding of {embedding.space} cannot be compared with those of {self.space}")
            if not embeddings:
                return np.zeros((0, 0), np.float32)
            probes = np.array([e.vector for e in embeddings], np.float32)
        if not len(probes):
            return np.zeros((0, 0), np.float32)
        probes = unit_rows(probes, "probes")
        if self._dimension not in (None, probes.shape[1]):
            raise BugError(f"probes have {probes.shape[1]} dimensions, {self.space} has {self._dimension}")
        return probes

    @property
    def _dimension(self) -> int | None:
        """D; None where nobody is known."""
        return int(self._vectors.shape[1]) if self._ids else None

    def _best_two(self, probe: Floats, nearest: Nearest, threshold: float) -> Match | None:
        struck: list[Candidate] = []
        found = nearest(())
        # Beyond the threshold nobody is named anyway, so few are ever looked at.
        while wrong := [c for c in found if c.distance <= threshold and self._is_not(probe, c.person_id, c.distance)]:
            struck += wrong
            found = nearest([c.person_id for c in struck])
        if not found:
            return None
        return Match(
            found[0], found[1] if len(found) > 1 else None, threshold, min(struck, key=by_candidate) if struck else None
        )

    def _by_scores(self, probe: Floats, scores: Floats) -> Nearest:
        """`scores` (P,): the largest dot product with each person's templates."""

        def but(out: Sequence[str]) -> list[Candidate]:
            if not out:
                return self._nearest_two(probe, scores)
            left = scores.copy()
            left[[self._positions[p] for p in out if p in self._positions]] = -np.inf
            return self._nearest_two(probe, left)

        return but

    def _nearest_two(self, probe: Floats, scores: Floats) -> list[Candidate]:
        """The two nearest people whose score (P,) is finite, fewer where there are fewer."""
        nearest = int(np.argmax(scores))
        others = scores.copy()
        others[nearest] = -np.inf
        near = np.flatnonzero((scores >= float(others.max()) - _slack(probe)) & np.isfinite(scores))
        found = [Candidate(self._ids[i], self._names[i], self._exact(probe, int(i))) for i in near]
        return sorted(found, key=by_candidate)[:2]

    def _is_not(self, probe: Floats, person_id: str, distance: float) -> bool:
        """Whether a negative of the person is as near as their nearest template, at `distance`."""
        wrong = self._negatives.get(person_id)
        return wrong is not None and nearest_of(wrong, probe) <= distance

    def _exact(self, probe: Floats, position: int) -> float:
        return nearest_of(self._vectors[self._starts[position] : self._starts[position + 1]], probe)


def by_candidate(candidate: Candidate) -> tuple[float, str]:
    """The order of candidates: the nearest first, equally near ones by id."""
    return candidate.distance, candidate.person_id


def _slack(probe: Floats) -> float:
    """Two float32 dot products of D terms of unit vectors are compared: each is off by less than D · 2⁻²⁴, a length by
    less than 2 · 2⁻²⁴. This is the worst case: the usual error is a hundredth of it."""
    return float(2 * (len(probe) + 4) * 2.0**-24)


def nearest_of(rows: Floats, probe: Floats) -> float:
    """Distance of `probe` (D,) from the nearest of `rows` (N, D), at least one, in float64."""
    smallest = math.inf
    for start in range(0, len(rows), _ROWS):
        difference = rows[start : start + _ROWS].astype(np.float64) - probe
        smallest = min(smallest, float(np.einsum("ij,ij->i", difference, difference).min()))
    return math.sqrt(smallest)


def negatives_by_person(templates: TemplateTable) -> dict[str, Floats]:
    """The negatives, (M, D) for each person."""
    table = templates.negatives
    if table is None or not len(table):
        return {}
    if table.space != templates.space or (len(templates) and table.vectors.shape[1] != templates.vectors.shape[1]):
        raise BugError(f"negatives of {table.space} cannot stand against templates of {templates.space}")
    vectors = unit_rows(table.vectors, "negatives")
    rows: dict[str, list[int]] = {}
    for row, person_id in enumerate(table.person_ids):
        rows.setdefault(person_id, []).append(row)
    return {person_id: vectors[of_person] for person_id, of_person in rows.items()}
