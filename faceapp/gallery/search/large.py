"""The search index of a gallery too large to compare with everybody: a crowd, and exactly, who came since."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from faceapp.errors import BugError
from faceapp.gallery.index import GalleryIndex, Nearest, by_candidate, negatives_by_person
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search.crowd import Crowd
from faceapp.types import Candidate, Floats

_CODE_ERROR = 0.01
"""How far two dot products of byte codes may be off together: of 200,000 made-up templates none was by 0.002."""


@dataclass(frozen=True, slots=True, eq=False)
class LargeIndex(GalleryIndex):
    """As `GalleryIndex`, with a crowd of most people behind it. Up to `EXACT_UP_TO` templates the answers are the same.
    Beyond, distances are exact, negatives count and a tie is a tie among those whom `Crowd` looks at; the two nearest
    people are nearly always among them (`tests/bench/search.py`), and always in a `match` that is to be `sure`, where
    the nearest of those looked at is within the threshold.

    What the base class holds is who came after the crowd was made: they are searched exactly, at once. Whoever goes is
    left out of the crowd, at once. Both leave the crowd's own arrays as they are, and cost milliseconds.
    """

    _crowd: Crowd | None = None
    _late: GalleryIndex | None = None

    @classmethod
    def over(cls, space: str, crowd: Crowd, negatives: TemplateTable | None = None) -> LargeIndex:
        """An index of `crowd`, of `space`, with these negatives."""
        nobody = GalleryIndex.empty(space)
        wrong = negatives_by_person(TemplateTable(space, np.zeros((0, 0), np.float32), (), (), negatives))
        return cls(space, nobody._vectors, nobody._starts, (), (), {}, wrong, crowd, nobody)

    @property
    def crowd(self) -> Crowd:
        """Those who were there when it was made."""
        if self._crowd is None:
            raise BugError("a large index needs a crowd")
        return self._crowd

    @property
    def late(self) -> GalleryIndex:
        """Who came since."""
        if self._late is None:
            raise BugError("a large index needs an index of those who came late")
        return self._late

    def plus(self, person_id: str, name: str, vector: Floats) -> LargeIndex:
        """As `GalleryIndex.plus`; the crowd stays as it is."""
        if len(vector) != self.crowd.dimension:
            raise BugError(f"a template has {len(vector)} dimensions, {self.space} has {self.crowd.dimension}")
        return replace(self, _late=self.late.plus(person_id, name, vector))

    def changed(self, table: TemplateTable, person_ids: Collection[str] = ()) -> LargeIndex:
        """As `GalleryIndex.changed`, in some milliseconds: the crowd stays as it is, but for who is left out of it."""
        whose = {*person_ids, *table.person_ids}
        if len(table) and table.vectors.shape[1] != self.crowd.dimension:
            many = table.vectors.shape[1]
            raise BugError(f"a template has {many} dimensions, {self.space} has {self.crowd.dimension}")
        crowd, late = self.crowd.without(whose), self.late.changed(replace(table, negatives=None), whose)
        return replace(self, _negatives=self._negatives_of(table, whose), _crowd=crowd, _late=late)

    def table(self) -> TemplateTable:
        """As `GalleryIndex.table`; a copy of all templates."""
        rows = np.flatnonzero(self.crowd.allowed)
        persons = self.crowd.who.persons[rows].tolist()
        ids, names = tuple(map(self.crowd.who.id, persons)), tuple(map(self.crowd.who.name, persons))
        return TemplateTable(self.space, self.crowd.full.take(rows), ids, names).plus(self.late.table())

    @property
    def changes(self) -> int:
        """Templates that came or went since the crowd was made."""
        return self.late.templates + int(np.count_nonzero(~self.crowd.allowed))

    @property
    def people(self) -> int:
        """As `GalleryIndex.people`."""
        return self.crowd.people + sum(self.crowd.name_of(p) is None for p in self.late.person_ids)

    @property
    def templates(self) -> int:
        """As `GalleryIndex.templates`."""
        return self.late.templates + int(np.count_nonzero(self.crowd.allowed))

    @property
    def person_ids(self) -> tuple[str, ...]:
        """As `GalleryIndex.person_ids`; a second's work for a million."""
        return tuple(sorted({*self.late.person_ids, *self.crowd.person_ids()}))

    def _nearest(self, probes: Floats, sure_to: float) -> Iterator[Nearest]:
        for probe, late in zip(probes, self.late._nearest(probes, sure_to), strict=True):
            yield self._of_both(probe, late, sure_to)

    def _of_both(self, probe: Floats, late: Nearest, sure_to: float) -> Nearest:
        def but(out: Sequence[str]) -> list[Candidate]:
            here, others = self.crowd.nearest(probe, out, _CODE_ERROR), late(out)
            found = _two_of(here, others)
            if found and found[0].distance <= sure_to and self.crowd.codes is not None:
                found = _two_of(self.crowd.surely(probe, out), others)
            return found

        return but

    @property
    def _dimension(self) -> int | None:
        return self.crowd.dimension

    def templates_of(self, person_id: str) -> Floats:
        """As `GalleryIndex.templates_of`."""
        late = self.late.templates_of(person_id)
        here = self.crowd.templates_of(person_id)
        return here if not len(late) else np.concatenate([here, late])

    def name_of(self, person_id: str) -> str | None:
        """As `GalleryIndex.name_of`: who came late may have come under a newer name."""
        return self.late.name_of(person_id) or self.crowd.name_of(person_id)


def _two_of(some: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """The nearest two people of both, each by their nearest template."""
    found: dict[str, Candidate] = {}
    for candidate in (*some, *others):
        known = found.get(candidate.person_id)
        if known is None or candidate.distance < known.distance:
            found[candidate.person_id] = candidate
    return sorted(found.values(), key=by_candidate)[:2]
