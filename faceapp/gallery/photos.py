"""The gallery's photos and templates: the part of `GalleryStore` that reads and changes them."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.errors import BugError, UnavailableError
from faceapp.gallery.database import Database
from faceapp.gallery.models import person, photo, template
from faceapp.gallery.names import clean_name, name_key
from faceapp.gallery.negatives import negatives
from faceapp.gallery.queries import find_person, now, owned_templates, require_person
from faceapp.gallery.rows import Added, NewPhoto, PhotoRow, TemplateTable, as_blob, as_matrix
from faceapp.gallery.sealing import bound_crop, bound_template
from faceapp.gallery.spaces import Spaces
from faceapp.security.vault import Vault
from faceapp.types import Box, Floats

_IDS = 500
"""People asked about at once: as many as one statement of SQLite takes."""


class Photos(Spaces):
    """Photos and templates, sealed. As everything in the store: each method is one short transaction, for any thread.

    Where the gallery's key is missing (`locked`), all that changes something or needs a template or a picture raises
    UnavailableError, in a line that says why; the rest can be read.
    """

    _database: Database

    @property
    def locked(self) -> bool:
        """Whether the gallery's key is missing."""
        keyholder = self._database.keyholder
        return keyholder is None or keyholder.locked

    @property
    def why_locked(self) -> str | None:
        """The line to tell where the gallery's key is missing; None where it isn't."""
        try:
            _ = self.vault
        except UnavailableError as e:
            return str(e)
        return None

    @property
    def vault(self) -> Vault:
        """Seals and opens what is not to lie in the file as it is; within a transaction, with the gallery's key of that
        moment. Raises UnavailableError where the key is missing (`locked`)."""
        keyholder = self._database.keyholder
        if keyholder is None:
            raise BugError("a gallery is used before it is open")
        return keyholder.vault

    # Photos

    def add_photo(
        self,
        name: str,
        new: NewPhoto,
        *,
        first: Callable[[str, bool], object] | None = None,
        within: Callable[[Connection, Added], object] | None = None,
    ) -> Added:
        """Enrol a photo of `name`: person, photo and template, all or nothing. A name that is known, whatever its case
        and spacing, gets one more photo, unless they have it already (`NewPhoto.content`). Raises InputError for a
        name that can't be one. `first` is called with the person's id, and whether they are new, when all is well and
        nothing is written yet; what it raises keeps it so. `within` is called with the transaction when the photo is
        written, for what is to be there with it or not at all: the person's consent, say."""
        shown = clean_name(name)
        blob = as_blob(new.vector)
        if not math.isfinite(new.quality):
            raise BugError(f"the quality of a photo cannot be {new.quality}")
        at = now()
        photo_id = uuid.uuid4().hex
        with self._database.writing() as connection:
            _require_dimension(connection, new.space, len(new.vector))
            found = find_person(connection, person.c.name_key == name_key(shown))
            person_id = found.id if found else uuid.uuid4().hex
            if found and new.content is not None:
                same = (photo.c.person_id == person_id) & (photo.c.content == new.content)
                if there := connection.scalar(select(photo.c.id).where(same)):
                    row = self._template(there, person_id, new.space, blob, at)  # there may be none of this space
                    connection.execute(upsert(template).values(row).on_conflict_do_nothing())
                    return Added(found, there, new_person=False, repeated=True)
            if first is not None:
                first(person_id, found is None)
            if found:
                connection.execute(update(person).where(person.c.id == person_id).values(updated=at))
            else:
                who = {"id": person_id, "name": shown, "name_key": name_key(shown), "created": at, "updated": at}
                connection.execute(insert(person).values(who))
            connection.execute(
                insert(photo).values(
                    id=photo_id,
                    person_id=person_id,
                    source=new.source.encode(errors="replace").decode(),  # a path may hold bytes that are no text
                    quality=new.quality,
                    created=at,
                    box=None if new.box is None else new.box.as_list(),
                    landmarks=None if new.landmarks is None else new.landmarks.tolist(),
                    override=new.override,
                    issues=list(new.issues) or None,
                    content=new.content,
                    crop=None if new.crop is None else self.vault.seal(new.crop, bound_crop(photo_id, person_id)),
                )
            )
            row = self._template(photo_id, person_id, new.space, blob, at)
            connection.execute(insert(template).values(row))
            added = Added(require_person(connection, person_id), photo_id, new_person=found is None)
            if within is not None:
                within(connection, added)
            return added

    def photos(self, person_id: str) -> list[PhotoRow]:
        """The photos of a person, oldest first; none where the person was deleted."""
        return self._photos(photo.c.person_id == person_id)

    def photos_without(self, space: str) -> list[PhotoRow]:
        """The photos that have no template in `space`, oldest first. Where one has a crop, a template can be made."""
        return self._photos(photo.c.id.not_in(select(template.c.photo_id).where(template.c.space == space)))

    def crop(self, photo_id: str) -> bytes | None:
        """The JPEG kept of a photo; None where there is none or the photo was deleted. Raises UnavailableError for one
        that was altered or put there from somewhere else."""
        query = select(photo.c.person_id, photo.c.crop).where(photo.c.id == photo_id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            if row is None or row.crop is None:
                return None
            return self.vault.open(row.crop, bound_crop(photo_id, row.person_id))

    def _photos(self, condition: ColumnElement[bool]) -> list[PhotoRow]:
        columns = [c for c in photo.c if c is not photo.c.crop]
        query = select(*columns, photo.c.crop.is_not(None).label("has_crop")).where(condition)
        of_them = template.c.photo_id.in_(select(photo.c.id).where(condition))
        held = select(template.c.photo_id, template.c.space).where(of_them).order_by(template.c.space)
        with self._database.reading() as connection:
            spaces: dict[str, list[str]] = {}
            for photo_id, space in connection.execute(held):
                spaces.setdefault(photo_id, []).append(space)
            rows = connection.execute(query.order_by(photo.c.created, photo.c.id)).all()
        return [_photo(row, tuple(spaces.get(row.id, ()))) for row in rows]

    # Templates

    def templates(self, space: str) -> TemplateTable:
        """Every template of `space` and whose it is, with the negatives: what `GalleryIndex.build` takes. No crop is
        read. One that was altered, or put there from another row, fails them all: at a door that is no time to guess.
        """
        with self._database.reading() as connection:
            return read_templates(connection, self.vault, space, self._database.path)

    def template_owners(self, space: str) -> frozenset[str]:
        """The ids of all who have a template in `space`: no template is opened, so it takes a fraction of the time."""
        query = select(photo.c.person_id).distinct().join(template).where(template.c.space == space)
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def add_templates(self, space: str, vectors: Mapping[str, Floats]) -> int:
        """Store templates in `space` by photo id, float32 (D,) of unit length, in place of those there were. Photos
        deleted meanwhile are passed over; returns how many were stored."""
        at = now()
        blobs = {photo_id: as_blob(vector) for photo_id, vector in vectors.items()}
        if not blobs:
            return 0
        with self._database.writing() as connection:
            for length in {len(blob) for blob in blobs.values()}:
                _require_dimension(connection, space, length // 4)
            owners = {
                id: owner for id, owner in connection.execute(select(photo.c.id, photo.c.person_id)) if id in blobs
            }
            rows = [self._template(id, owner, space, blobs[id], at) for id, owner in owners.items()]
            statement = upsert(template)
            changed = {name: statement.excluded[name] for name in ("dimension", "created", "vector")}
            if rows:
                connection.execute(statement.on_conflict_do_update(set_=changed), rows)
        return len(rows)

    def _template(self, photo_id: str, person_id: str, space: str, blob: bytes, at: str) -> dict[str, Any]:
        sealed = self.vault.seal(blob, bound_template(photo_id, person_id, space))
        return {"photo_id": photo_id, "space": space, "dimension": len(blob) // 4, "created": at, "vector": sealed}


def read_templates(
    connection: Connection, vault: Vault, space: str, path: Path, of: Sequence[str] | None = None
) -> TemplateTable:
    """As `Photos.templates`, within the caller's transaction. `of`: the ids of the people whose they are; None: all."""
    query = owned_templates(space)
    queries = [query]
    if of is not None:
        some = [of[at : at + _IDS] for at in range(0, len(of), _IDS)]
        queries = [query.where(photo.c.person_id.in_(ids)) for ids in some]
    rows = [row for one in queries for row in connection.execute(one)]
    wrong = negatives(connection, vault, space, of)
    vectors = [vault.open(sealed, bound_template(photo_id, owner, space)) for sealed, photo_id, owner, _ in rows]
    try:
        matrix = as_matrix(vectors)
    except BugError as e:
        raise UnavailableError(f"{path} is damaged ({e}): restore a backup") from e
    return TemplateTable(space, matrix, tuple(row.id for row in rows), tuple(row.name for row in rows), wrong)


def _require_dimension(connection: Connection, space: str, dimension: int) -> None:
    stored = connection.scalar(select(template.c.dimension).where(template.c.space == space).limit(1))
    if stored is not None and stored != dimension:
        raise BugError(f"templates of {space} have {stored} dimensions, not {dimension}")


def _photo(row: Any, spaces: Iterable[str]) -> PhotoRow:
    return PhotoRow(
        id=row.id,
        person_id=row.person_id,
        source=row.source,
        quality=row.quality,
        created=row.created,
        has_crop=bool(row.has_crop),
        box=None if row.box is None else Box(*row.box),
        landmarks=None if row.landmarks is None else np.array(row.landmarks, np.float32),
        spaces=tuple(spaces),
        issues=tuple(row.issues or ()),
        override=bool(row.override),
    )
