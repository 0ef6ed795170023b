"""Reading people and templates: what several parts of `GalleryStore` ask within their transactions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from faceapp.errors import InputError
from faceapp.gallery.models import person, photo, template
from faceapp.gallery.rights import GONE
from faceapp.gallery.rows import PersonRow


def now() -> str:
    """The time as the gallery writes it: ISO 8601, UTC, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def people_query() -> Select[Any]:
    """Everybody with the number of their photos, for `person_row`."""
    count = select(func.count()).where(photo.c.person_id == person.c.id).scalar_subquery()
    return select(person, count.label("photos"))


def person_row(row: Row[Any]) -> PersonRow:
    """A row of `people_query`."""
    return PersonRow(row.id, row.name, row.created, row.updated, row.photos, row.last_seen)


def find_person(connection: Connection, condition: ColumnElement[bool]) -> PersonRow | None:
    """The one person of whom `condition` holds."""
    row = connection.execute(people_query().where(condition)).one_or_none()
    return None if row is None else person_row(row)


def require_person(connection: Connection, person_id: str) -> PersonRow:
    """The person of this id. Raises InputError where they were deleted."""
    found = find_person(connection, person.c.id == person_id)
    if found is None:
        raise InputError(GONE)
    return found


def owned_templates(space: str) -> Select[bytes, str, str, str]:
    """The sealed templates of a space, each with its photo's id and its owner's id and name."""
    return (
        select(template.c.vector, template.c.photo_id, person.c.id, person.c.name)
        .select_from(template)
        .join(photo)
        .join(person)
        .where(template.c.space == space)
    )
