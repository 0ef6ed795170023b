"""The day on which a camera last knew each person, and how many templates they have: the part of `GalleryStore` that
keeps what lists of people show beside the name.

A day, not a time: enough to see who hasn't come for months, and no record of when somebody came today.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, or_, select, update

from faceapp.gallery.database import Database
from faceapp.gallery.merged_days import forget_days
from faceapp.gallery.models import person, photo, template


class Seen:
    """As everything in the store: each method is one short transaction, for any thread."""

    _database: Database

    def set_seen(self, person_ids: Collection[str], day: date) -> int:
        """Write down that these people were seen on `day`, where that is later than what is known; returns of how many
        it was. Who was deleted meanwhile, or never enrolled, is passed over."""
        text, changed = day.isoformat(), 0
        later = or_(person.c.last_seen.is_(None), person.c.last_seen < text)
        with self._database.writing() as connection:
            for person_id in person_ids:
                one = update(person).where(person.c.id == person_id, later)
                changed += connection.execute(one.values(last_seen=text)).rowcount
        return changed

    def forget_seen(self) -> int:
        """Forget it of everybody, also of who was merged away; returns of how many it was known. Nothing is written
        where it was of nobody."""
        known = person.c.last_seen.is_not(None)
        with self._database.reading() as connection:
            if not connection.scalar(select(func.count()).where(known)) and not forget_days(connection, look=True):
                return 0
        with self._database.writing() as connection:
            forget_days(connection)
            return connection.execute(update(person).where(known).values(last_seen=None)).rowcount

    def template_counts(self, space: str) -> dict[str, int]:
        """How many templates in `space` each person has, by id; none for who has none."""
        columns = photo.c.person_id, func.count()
        counted = select(*columns).join(template).where(template.c.space == space)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(counted.group_by(photo.c.person_id))}
