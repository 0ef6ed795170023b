"""Which columns of the gallery are sealed, what each value is bound to, and sealing them all: for the first time, and
again when the key is changed.

What a value is bound to begins with its table and column, and names the row, the person (or the track) and the
embedding space, as far as there is one. Whoever moves a photo to another person seals it anew: `move_photos`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, FromClause, Row, Select, Table, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.errors import UnavailableError
from faceapp.gallery.models import inbox_face, inbox_track, merge, meta, negative, photo, template
from faceapp.security.vault import Vault

KEY = "key"
"""The name in `meta` under which the fingerprint of the gallery's key stands."""
_AT_ONCE = 200
"""Rows held in memory while all are sealed."""


def bound(what: str, row: str, owner: str = "", space: str = "") -> str:
    """What a sealed value is bound to. `what`: table and column, `photo.crop`. `row`: the row's id, of a template its
    photo's. `owner`: whose it is, the id of a person or a track. No part holds a zero character."""
    return "\0".join((what, row, owner, space))


def bound_template(photo_id: str, person_id: str, space: str) -> str:
    """What `template.vector` is bound to."""
    return bound("template.vector", photo_id, person_id, space)


def bound_crop(photo_id: str, person_id: str) -> str:
    """What `photo.crop` is bound to."""
    return bound("photo.crop", photo_id, person_id)


def bound_negative(negative_id: str, person_id: str, space: str) -> str:
    """What `negative.vector` is bound to."""
    return bound("negative.vector", negative_id, person_id, space)


def bound_track_crop(track_id: str) -> str:
    """What `inbox_track.crop` is bound to."""
    return bound("inbox_track.crop", track_id)


def bound_track_face(face_id: str, track_id: str, space: str) -> str:
    """What `inbox_face.vector` is bound to."""
    return bound("inbox_face.vector", face_id, track_id, space)


def bound_merged_name(merge_id: str, into_id: str) -> str:
    """What `merge.name` is bound to."""
    return bound("merge.name", merge_id, into_id)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A column that is sealed."""

    table: Table
    value: Column[Any]
    key: tuple[Column[Any], ...]
    """The primary key."""
    owner: Column[Any] | None
    bound: Callable[[Row[Any]], str]
    """What a row's value is bound to, from its key and `owner`."""
    source: FromClause


_SEALED = (
    _Sealed(
        template,
        template.c.vector,
        (template.c.photo_id, template.c.space),
        photo.c.person_id,
        lambda r: bound_template(r.photo_id, r.owner, r.space),
        template.join(photo),
    ),
    _Sealed(photo, photo.c.crop, (photo.c.id,), photo.c.person_id, lambda r: bound_crop(r.id, r.owner), photo),
    _Sealed(
        negative,
        negative.c.vector,
        (negative.c.id, negative.c.space),
        negative.c.person_id,
        lambda r: bound_negative(r.id, r.owner, r.space),
        negative,
    ),
    _Sealed(inbox_track, inbox_track.c.crop, (inbox_track.c.id,), None, lambda r: bound_track_crop(r.id), inbox_track),
    _Sealed(
        inbox_face,
        inbox_face.c.vector,
        (inbox_face.c.id, inbox_face.c.space),
        inbox_face.c.track_id,
        lambda r: bound_track_face(r.id, r.owner, r.space),
        inbox_face,
    ),
    _Sealed(merge, merge.c.name, (merge.c.id,), merge.c.into_id, lambda r: bound_merged_name(r.id, r.owner), merge),
)


def key_mark(connection: Connection) -> str | None:
    """Fingerprint of the key that sealed this gallery; None where none has yet."""
    mark: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == KEY))
    return mark


def seal_all(connection: Connection, new: Vault, old: Vault | None) -> int:
    """Seal every sealed column with `new`: what is there is sealed by `old`, or in the clear where that is None. Within
    the caller's transaction, which thereby is all or nothing. Returns how many values there were.

    Raises UnavailableError where a value can't be opened; each new one is opened again before it is believed."""
    count = 0
    for column in _SEALED:
        matches = [key == bindparam(f"key_{key.name}") for key in column.key]
        put = update(column.table).where(*matches).values({column.value.name: bindparam("sealed")})
        for rows in _in_portions(connection, column):
            done = [_sealed_anew(row, column, new, old) for row in rows]
            connection.execute(put, done)
            count += len(done)
    statement = upsert(meta).values(name=KEY, value=new.fingerprint)
    connection.execute(statement.on_conflict_do_update(set_={"value": new.fingerprint}))
    return count


def _in_portions(connection: Connection, column: _Sealed) -> Iterator[Sequence[Row[Any]]]:
    keys = select(*column.key).where(column.value.is_not(None)).select_from(column.source)
    found = connection.execute(keys).all()  # ids only: changing rows while reading them may show one twice
    owner = [] if column.owner is None else [column.owner.label("owner")]
    wanted = select(*column.key, *owner, column.value.label("value")).select_from(column.source)
    first = column.key[0]
    ids = list(dict.fromkeys(row[0] for row in found))
    for at in range(0, len(ids), _AT_ONCE):
        some: Select[Any] = wanted.where(first.in_(ids[at : at + _AT_ONCE]), column.value.is_not(None))
        rows: Sequence[Row[Any]] = connection.execute(some).all()
        yield rows


def _sealed_anew(row: Row[Any], column: _Sealed, new: Vault, old: Vault | None) -> dict[str, object]:
    bound_to = column.bound(row)
    plain = row.value if old is None else old.open(row.value, bound_to)
    sealed = new.seal(plain, bound_to)
    if new.open(sealed, bound_to) != plain:
        raise UnavailableError("a sealed value does not open again: nothing was changed, check this computer's memory")
    return {"sealed": sealed, **{f"key_{key.name}": getattr(row, key.name) for key in column.key}}


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A sealed value as it stands in the file."""

    what: str
    """Table and column."""
    row: str
    """The row's id."""
    space: str | None
    """The embedding space of a template, or of what is one in all but name; None for anything else."""
    sealed: bytes
    bound: str


def sealed_values(connection: Connection) -> Iterator[SealedValue]:
    """Everything that is sealed, in one transaction: for who checks that it opens."""
    for column in _SEALED:
        what = f"{column.table.name}.{column.value.name}"
        for rows in _in_portions(connection, column):
            for row in rows:
                yield SealedValue(what, row[0], getattr(row, "space", None), row.value, column.bound(row))


def move_photos(connection: Connection, vault: Vault, photo_ids: Iterable[str], person_id: str) -> None:
    """Make these photos the person's, with what is sealed of them. Photos that are gone are passed over."""
    for photo_id in photo_ids:
        columns = (photo.c.person_id, photo.c.content, photo.c.crop)
        row = connection.execute(select(*columns).where(photo.c.id == photo_id)).one_or_none()
        if row is None or row.person_id == person_id:
            continue
        crop = row.crop
        if crop is not None:
            crop = vault.seal(vault.open(crop, bound_crop(photo_id, row.person_id)), bound_crop(photo_id, person_id))
        of_photo = select(template.c.space, template.c.vector).where(template.c.photo_id == photo_id)
        for space, vector in connection.execute(of_photo).all():
            plain = vault.open(vector, bound_template(photo_id, row.person_id, space))
            moved = vault.seal(plain, bound_template(photo_id, person_id, space))
            one = (template.c.photo_id == photo_id) & (template.c.space == space)
            connection.execute(update(template).where(one).values(vector=moved))
        values = {"person_id": person_id, "crop": crop}
        twice = (photo.c.person_id == person_id) & (photo.c.content == row.content)
        if row.content is not None and connection.scalar(select(photo.c.id).where(twice)) is not None:
            values["content"] = None  # the person has the same picture already: one of them stands for it
        connection.execute(update(photo).where(photo.c.id == photo_id).values(values))
