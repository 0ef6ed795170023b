"""Who looks like whom: the limits in force, the whole gallery's near pairs, and the look at them once a night."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from faceapp.app.parts import Parts
from faceapp.app.people_types import Likeness
from faceapp.app.spaces import current_index, reembeddable
from faceapp.enrollment import near_pairs as pure
from faceapp.enrollment.duplicates import Limits
from faceapp.enrollment.near_pairs import NearPair
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.types import JsonObject

NIGHT = range(1, 5)
"""Hours of the local day in which a running window looks at everybody: the gallery's thread is busy for some seconds,
and nobody is enrolled then."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NearPairs:
    """Everybody who is too near to somebody else."""

    threshold: float
    """Up to this distance the one is taken for the other: the identify threshold of a gallery of this size."""
    limit: float
    """Up to this distance they are listed: `enrollment.duplicates.MARGIN` more."""
    pairs: list[NearPair]
    """Nearest first; at most `enrollment.near_pairs.MOST`."""

    def as_json(self) -> JsonObject:
        """What `people duplicates --json` prints."""
        return {
            "threshold": round(self.threshold, 4),
            "limit": round(self.limit, 4),
            "pairs": [
                {
                    "a": {"id": p.a, "name": p.name_a},
                    "b": {"id": p.b, "name": p.name_b},
                    "distance": round(p.distance, 4),
                    "kind": "same_person" if p.distance <= self.threshold else "lookalike",
                }
                for p in self.pairs
            ],
        }


def limits(parts: Parts, templates: int) -> Limits:
    """The distances that count in a gallery of so many templates. The manifest's, also where the site has a threshold
    of its own for naming: that one is a matter of taste, and this one of who can be told apart."""
    return Limits.of(parts.automatic_threshold(max(1, templates)), parts.thresholds().verify)


def near_pairs(parts: Parts) -> NearPairs:
    """Everybody who is too near to somebody else, in the embedder's space; photos without a template in it get one
    first, where their crop was kept. Raises UnavailableError where the networks or the gallery can't be used."""
    store = parts.existing_gallery()
    if store is None:
        return _near(parts, TemplateTable.of(parts.space(), ()))
    if reembeddable(store, parts.space()):  # else no network is needed
        current_index(parts)
    return _near(parts, store.templates(parts.space()))


def _near(parts: Parts, table: TemplateTable) -> NearPairs:
    of = limits(parts, len(table))
    return NearPairs(of.same_person, of.lookalike, pure.near_pairs(table, of.lookalike))


class NightlyLook:
    """Looks at everybody once a night while a window runs. The gallery's thread calls it, often, between its jobs.

    It writes a line into the log, and keeps one for the administrator to see the next day, until a look finds nothing.
    """

    def __init__(self, parts: Parts, now: Callable[[], datetime] = datetime.now) -> None:
        """Uses no network and no gallery of `parts`, only numbers. `now`: local wall-clock time."""
        self._parts = parts
        self._now = now
        self._looked: date | None = None
        self.notice: str | None = None
        """What was found, a line for people; None where it was nothing. Replaced whole: any thread may read it."""

    def __call__(self, store: GalleryStore) -> None:
        """Look, if it is night and tonight's look hasn't been. Raises what the gallery raises; that look is over."""
        now = self._now()
        if now.hour not in NIGHT or self._looked == now.date():
            return
        self._looked = now.date()
        found = len(_near(self._parts, store.templates(self._parts.space())).pairs)
        _log.info("nightly look at everybody: %d pairs of people too near to each other", found)
        self.notice = None if not found else _notice(found)


def _notice(found: int) -> str:
    pairs = "one pair of people looks" if found == 1 else f"{found} pairs of people look"
    return f'{pairs} too much alike: "faceapp people duplicates" says who, and what can be done'


def likeness(templates: TemplateTable, one_id: str, other_id: str, limit: float) -> Likeness:
    """How alike two people's nearest photos are. `limit`: the distance up to which two photos count as one person's."""
    ids = np.array(templates.person_ids)
    one, other = templates.vectors[ids == one_id], templates.vectors[ids == other_id]
    if not len(one) or not len(other):
        return Likeness(None, limit)
    nearest = min(float(np.linalg.norm(other - row, axis=1).min()) for row in one)
    return Likeness(nearest, limit)
