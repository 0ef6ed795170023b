"""Whose templates changed since a state that is known: the part of `GalleryStore` that an index is kept up to date by.

Triggers in the file write it down (migration 0005), so it doesn't matter who changes the gallery, or how.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from faceapp.errors import BugError
from faceapp.gallery.database import Database
from faceapp.gallery.models import template, template_change
from faceapp.gallery.negatives import keyed
from faceapp.gallery.photos import read_templates
from faceapp.gallery.rows import TemplateTable

MOST = 5_000
"""People: of more everything is read anew."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A state of the gallery's templates: of this one file, and of no other that was ever in its place."""

    number: int
    stamp: str

    def __str__(self) -> str:
        return f"{self.number} {self.stamp}"


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What has changed."""

    mark: Mark
    """The state that it has come to."""
    people: frozenset[str]
    """Whose templates, negatives or name changed, by id; also of who isn't there any more."""
    table: TemplateTable
    """All templates and negatives they have now."""


class TemplateChanges:
    """As everything in the store: each method is one short transaction, for any thread."""

    _database: Database

    def mark(self) -> Mark:
        """The state of the templates now."""
        with self._database.reading() as connection:
            return newest(connection)

    def templates_now(self, space: str) -> tuple[TemplateTable, Mark]:
        """As `templates`, and which state they are of."""
        with self._database.reading() as connection:
            table = read_templates(connection, keyed(self._database), space, self._database.path)
            return table, newest(connection)

    def template_count(self, space: str) -> int:
        """How many templates there are in a space."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).where(template.c.space == space)) or 0

    def changes(self, space: str, since: Mark) -> Changes | None:
        """What has changed in `space` since then. None where that can't be told, as the file is another one or it is
        too long ago, or is too much: then everything is to be read."""
        change = template_change
        with self._database.reading() as connection:
            if not known(connection, since):
                return None
            later = change.c.number > since.number
            here = or_(change.c.space.is_(None), change.c.space == space)
            whose = select(change.c.person_id).distinct().where(later, here, change.c.person_id.is_not(None))
            people = list(connection.scalars(whose.limit(MOST + 1)))
            if len(people) > MOST:
                return None
            table = TemplateTable.of(space, ())
            if people:
                table = read_templates(connection, keyed(self._database), space, self._database.path, people)
            return Changes(newest(connection), frozenset(people), table)


def known(connection: Connection, mark: Mark) -> bool:
    """Whether this state was one of this file's, and not too long ago."""
    change = template_change
    query = select(change.c.number).where(change.c.number == mark.number, change.c.stamp == mark.stamp)
    return connection.scalar(query) is not None


def newest(connection: Connection) -> Mark:
    """The state that `connection` sees."""
    query = select(template_change.c.number, template_change.c.stamp).order_by(template_change.c.number.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        raise BugError("the gallery has no record of its changes")
    return Mark(row.number, row.stamp)
