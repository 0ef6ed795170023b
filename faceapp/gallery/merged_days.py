"""The days on which people who became one were last seen, so that a merge can be undone in any order.

A merge keeps the day of the one who went (`SEEN`) and the day that the one who stayed had of their own (`SEEN_INTO`),
both as ISO dates, in what it keeps of rights. The one who stays shows the latest of all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select, update

from faceapp.gallery.models import merge

SEEN, SEEN_INTO = "seen", "seen_into"


def latest(days: Iterable[str | None]) -> str | None:
    """The latest of these ISO dates; None where there is none."""
    return max(filter(None, days), default=None)


def own_day(connection: Connection, person_id: str, shown: str | None) -> str | None:
    """The day on which `person_id`, who shows the day `shown`, was seen besides those who were merged into them."""
    kept = [rights or {} for rights in connection.scalars(select(merge.c.rights).where(merge.c.into_id == person_id))]
    merged = latest(k.get(SEEN) for k in kept)
    if shown is None or merged is None or shown > merged:
        return shown  # seen since, or never another day
    return latest(k.get(SEEN_INTO) for k in kept)


def merged_day(connection: Connection, person_id: str) -> str | None:
    """The latest day of those who were merged into `person_id`."""
    kept = connection.scalars(select(merge.c.rights).where(merge.c.into_id == person_id))
    return latest((rights or {}).get(SEEN) for rights in kept)


def forget_days(connection: Connection, *, look: bool = False) -> bool:
    """Forget the days of every merge; whether there were any. `look`: only say so."""
    found = False
    for row in connection.execute(select(merge.c.id, merge.c.rights)).all():
        kept: dict[str, Any] = row.rights or {}
        if kept.get(SEEN) or kept.get(SEEN_INTO):
            found = True
            if not look:
                rest = {name: value for name, value in kept.items() if name not in (SEEN, SEEN_INTO)}
                connection.execute(update(merge).where(merge.c.id == row.id).values(rights=rest))
    return found
