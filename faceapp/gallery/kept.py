"""Everything the gallery keeps about one person: what an access request asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from faceapp.gallery.consent_rows import ConsentRow
from faceapp.gallery.database import Database
from faceapp.gallery.merged_days import SEEN
from faceapp.gallery.models import inbox_face, merge, negative, photo, template
from faceapp.gallery.queries import require_person
from faceapp.gallery.right_rows import RightRow
from faceapp.gallery.rights import right_of_merged
from faceapp.gallery.rows import PersonRow
from faceapp.gallery.sealing import (
    bound_crop,
    bound_merged_name,
    bound_negative,
    bound_template,
    bound_track_face,
)
from faceapp.security.vault import Vault
from faceapp.types import Floats, JsonObject


@dataclass(frozen=True, slots=True, eq=False)
class KeptTemplate:
    """The numbers made from a face."""

    space: str
    created: str
    vector: Floats
    """float32 (D,)."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptPhoto:
    """A photo with all that belongs to it."""

    id: str
    about: JsonObject
    """When, where from, quality, the gate's findings, where the face is in the crop."""
    crop: bytes | None
    """JPEG."""
    templates: tuple[KeptTemplate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class KeptMerge:
    """Somebody who was merged into a person, with what is kept so that they can be had back."""

    id: str
    """Theirs, which the audit log knows."""
    name: str
    created: str
    """When they were enrolled, ISO 8601, UTC."""
    merged: str
    """When they were merged, ISO 8601, UTC."""
    photos: tuple[str, ...]
    """Ids of the photos that were theirs."""
    last_seen: str | None
    consent: ConsentRow | None
    right: RightRow
    """What it would be with today's groups."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What is kept of a person, beside consent, rights and the audit log."""

    person: PersonRow
    photos: tuple[KeptPhoto, ...]
    """Oldest first."""
    not_them: tuple[KeptTemplate, ...]
    """Faces of which somebody said that they are not this person's."""
    merged: tuple[KeptMerge, ...]
    """Who was merged into this person, the first one first."""


class Keeping:
    """Reads what is kept, opened. For any thread."""

    _database: Database

    def kept(self, person_id: str, vault: Vault) -> Kept:
        """Everything about a person, of one moment. Raises InputError where they were deleted, UnavailableError for
        what can't be opened with `vault`."""
        with self._database.reading() as connection:
            person = require_person(connection, person_id)
            templates: dict[str, list[KeptTemplate]] = {}
            of_photos = select(template).join(photo).where(photo.c.person_id == person_id)
            for row in connection.execute(of_photos.order_by(template.c.space)):
                plain = vault.open(row.vector, bound_template(row.photo_id, person_id, row.space))
                templates.setdefault(row.photo_id, []).append(_template(row.space, row.created, plain))
            columns = [c for c in photo.c if c is not photo.c.crop and c is not photo.c.content]
            of_person = select(*columns, photo.c.crop).where(photo.c.person_id == person_id)
            photos = []
            for row in connection.execute(of_person.order_by(photo.c.created, photo.c.id)):
                crop = None if row.crop is None else vault.open(row.crop, bound_crop(row.id, person_id))
                about = {
                    "created": row.created,
                    "source": row.source,
                    "quality": row.quality,
                    "taken_against_the_gate": bool(row.override),
                    "issues": row.issues or [],
                    "box": row.box,
                    "landmarks": row.landmarks,
                }
                photos.append(KeptPhoto(row.id, about, crop, tuple(templates.get(row.id, ()))))
            refused = connection.execute(select(negative).where(negative.c.person_id == person_id)).all()
            not_them = [
                _template(r.space, r.created, vault.open(r.vector, bound_negative(r.id, person_id, r.space)))
                for r in refused
            ]
            merges = connection.execute(select(merge).where(merge.c.into_id == person_id).order_by(merge.c.created))
            merged = [_merged(connection, row, vault) for row in merges.all()]
        return Kept(person, tuple(photos), tuple(not_them), tuple(merged))

    def tracks_like(self, person_ids: Collection[str], limits: Mapping[str, float], vault: Vault) -> set[str]:
        """Tracks of the inbox that show one of these people, as far as can be told: a face nearer to one of their
        templates than their space's distance in `limits`. Raises UnavailableError for what can't be opened."""
        found: set[str] = set()
        with self._database.reading() as connection:
            for space, limit in limits.items():
                faces = connection.execute(select(inbox_face).where(inbox_face.c.space == space)).all()
                if not faces:
                    continue
                of_space = select(template.c.photo_id, template.c.vector, photo.c.person_id).join_from(template, photo)
                theirs = [
                    _floats(vault.open(row.vector, bound_template(row.photo_id, row.person_id, space)))
                    for row in connection.execute(of_space.where(template.c.space == space))
                    if row.person_id in person_ids
                ]
                if not theirs:
                    continue
                known = np.stack(theirs)
                for face in faces:
                    vector = _floats(vault.open(face.vector, bound_track_face(face.id, face.track_id, space)))
                    if float(np.min(np.linalg.norm(known - vector, axis=1))) <= limit:
                        found.add(face.track_id)
        return found


def _merged(connection: Connection, row: Row[Any], vault: Vault) -> KeptMerge:
    kept = row.rights or {}
    return KeptMerge(
        row.id,
        vault.open(row.name, bound_merged_name(row.id, row.into_id)).decode(),
        row.person_created,
        row.created,
        tuple(row.photos),
        kept.get(SEEN),
        ConsentRow(**kept["consent"]) if kept.get("consent") else None,
        right_of_merged(connection, row.id, kept),
    )


def _floats(plain: bytes) -> Floats:
    return np.frombuffer(plain, "<f4").astype(np.float32)


def _template(space: str, created: str, plain: bytes) -> KeptTemplate:
    return KeptTemplate(space, created, _floats(plain))
