"""The gallery's faces of which somebody said "that is not NAME": the part of `GalleryStore` that keeps them.

A negative is a template, sealed as such; no picture is kept of it. It counts in the embedding space it was made in and
is nothing in another: whoever changes the embedder says it again where it is still needed. It goes with the person.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection

from sqlalchemy import Connection, delete, func, insert, select

from faceapp.errors import BugError, InputError, UnavailableError
from faceapp.gallery.database import Database
from faceapp.gallery.models import negative, person, template
from faceapp.gallery.opening import request_scrub
from faceapp.gallery.queries import now, require_person
from faceapp.gallery.rows import TemplateTable, as_blob, as_matrix
from faceapp.gallery.sealing import bound_negative
from faceapp.security.vault import Vault
from faceapp.types import Floats

MOST = 200
"""Negatives of one person. Nobody has so many lookalikes: whoever comes near it has one photo under the wrong name."""


class Negatives:
    """As everything in the store: each method is one short transaction, for any thread."""

    _database: Database

    def add_negative(
        self, person_id: str, space: str, vector: Floats, *, first: Callable[[str], object] | None = None
    ) -> str:
        """Keep a face, float32 (D,) of unit length in `space`, that is not this person's; its random id. `first` is
        called with the person's id when all is well and nothing is written yet; what it raises keeps it so. Raises
        InputError where the person was deleted or has too many."""
        blob = as_blob(vector)
        negative_id = uuid.uuid4().hex
        with self._database.writing() as connection:
            name = require_person(connection, person_id).name
            stored = connection.scalar(select(template.c.dimension).where(template.c.space == space).limit(1))
            if stored is not None and stored != len(vector):
                raise BugError(f"templates of {space} have {stored} dimensions, not {len(vector)}")
            if _count(connection, person_id) >= MOST:
                raise InputError(
                    f'{name} has {MOST} negative examples: "faceapp people not" forgets them with --forget'
                )
            if first is not None:
                first(person_id)
            values = {"id": negative_id, "person_id": person_id, "space": space, "dimension": len(vector)}
            sealed = keyed(self._database).seal(blob, bound_negative(negative_id, person_id, space))
            connection.execute(insert(negative).values(**values, created=now(), vector=sealed))
        return negative_id

    def forget_negatives(self, person_id: str, *, first: Callable[[str], object] | None = None) -> int:
        """Forget all of a person's negatives, in every space; how many there were. `first` as in `add_negative`."""
        with self._database.writing() as connection:
            require_person(connection, person_id)
            count = _count(connection, person_id)
            if first is not None and count:
                first(person_id)
            connection.execute(delete(negative).where(negative.c.person_id == person_id))
            request_scrub(connection)  # the next clean-up takes its traces; none is due for this alone
        return count

    def negatives_of(self, person_id: str) -> int:
        """How many a person has, in every space."""
        with self._database.reading() as connection:
            return _count(connection, person_id)


def negatives(
    connection: Connection, vault: Vault, space: str, of: Collection[str] | None = None
) -> TemplateTable | None:
    """Every negative of `space`, or of these people, for the index; None where there is none. Within the caller's
    transaction. Raises UnavailableError for one that was altered or put there from another row."""
    query = (
        select(negative.c.id, negative.c.vector, negative.c.person_id, person.c.name)
        .join(person)
        .where(negative.c.space == space)
    )
    whose = None if of is None else frozenset(of)
    rows = [row for row in connection.execute(query) if whose is None or row.person_id in whose]
    if not rows:
        return None
    vectors = [vault.open(row.vector, bound_negative(row.id, row.person_id, space)) for row in rows]
    try:
        matrix = as_matrix(vectors)
    except BugError as e:
        raise UnavailableError(f"the gallery is damaged ({e}): restore a backup") from e
    return TemplateTable(space, matrix, tuple(row.person_id for row in rows), tuple(row.name for row in rows))


def move_negatives(connection: Connection, vault: Vault, ids: list[str], person_id: str) -> None:
    """Make these negatives the person's, sealed anew. Those that are gone are passed over."""
    for row in connection.execute(select(negative).where(negative.c.id.in_(ids))).all():
        plain = vault.open(row.vector, bound_negative(row.id, row.person_id, row.space))
        sealed = vault.seal(plain, bound_negative(row.id, person_id, row.space))
        moved = negative.update().where(negative.c.id == row.id).values(person_id=person_id, vector=sealed)
        connection.execute(moved)


def keyed(database: Database) -> Vault:
    """The vault of an open gallery. Raises UnavailableError where its key is missing."""
    if database.keyholder is None:
        raise BugError("a gallery is used before it is open")
    return database.keyholder.vault


def _count(connection: Connection, person_id: str) -> int:
    return connection.scalar(select(func.count()).where(negative.c.person_id == person_id)) or 0
