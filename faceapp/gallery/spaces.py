"""Which embedding spaces the gallery has templates in, and letting go of those that are no longer used: the part of
`GalleryStore` that knows of spaces.

A template of a space that nobody uses is still somebody's personal data: sealed, in every backup, told on request.
Keeping it lets a site go back to the embedder before; whoever doesn't want to drops it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, distinct, func, select, update

from faceapp.gallery.database import Database
from faceapp.gallery.models import inbox_face, negative, person, photo, template, template_change
from faceapp.gallery.opening import request_scrub
from faceapp.gallery.queries import people_query, person_row
from faceapp.gallery.rows import PersonRow


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """What the gallery has in one embedding space."""

    space: str
    templates: int
    people: int
    """Whose those are."""
    negatives: int
    """Faces of which somebody said "that is not NAME"."""
    unknown: int
    """Tracks in the inbox: faces that nobody matched."""

    @property
    def all(self) -> int:
        """Everything made of a face."""
        return self.templates + self.negatives + self.unknown


class Spaces:
    """As everything in the store: each method is one short transaction, for any thread."""

    _database: Database

    def spaces(self) -> list[SpaceRow]:
        """Every space something is kept in, by its id."""
        of_photos = select(template.c.space, func.count(), func.count(distinct(photo.c.person_id)))
        with self._database.reading() as connection:
            held = {
                space: (count, people)
                for space, count, people in connection.execute(of_photos.join(photo).group_by(template.c.space))
            }
            wrong, unknown = (
                {row.space: row.held for row in connection.execute(query.group_by("space"))}
                for query in (
                    select(negative.c.space, func.count().label("held")),
                    select(inbox_face.c.space, func.count(distinct(inbox_face.c.track_id)).label("held")),
                )
            )
        return [
            SpaceRow(space, *held.get(space, (0, 0)), wrong.get(space, 0), unknown.get(space, 0))
            for space in sorted(held.keys() | wrong.keys() | unknown.keys())
        ]

    def people_lacking(self, space: str) -> list[PersonRow]:
        """Who has no template in `space`, whatever the reason, by name."""
        known = select(photo.c.person_id).join(template).where(template.c.space == space)
        query = people_query().where(person.c.id.not_in(known)).order_by(person.c.name_key)
        with self._database.reading() as connection:
            return [person_row(row) for row in connection.execute(query)]

    def drop_spaces_but(self, space: str) -> list[SpaceRow]:
        """Delete all that is kept in any space but `space`: templates, negatives, unknown faces' embeddings; photos and
        their crops stay. What was deleted. The bytes go with the next `scrub`, which whoever calls this asks for."""
        gone = [row for row in self.spaces() if row.space != space]
        if gone:
            with self._database.writing() as connection:
                for table in (template, negative, inbox_face):
                    connection.execute(delete(table).where(table.c.space != space))
                # Of what changed there only that it did is kept: none counts as any.
                noted = template_change
                connection.execute(update(noted).where(noted.c.space != space).values(space=None))
                request_scrub(connection)
        return gone
