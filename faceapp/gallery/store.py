"""The people of one installation: names, photos and templates, kept in SQLite.

Importing this module brings SQLAlchemy with it; `rows` and `index` come without.
"""

from __future__ import annotations

import math
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.errors import BugError, InputError, KnownError, UnavailableError
from faceapp.gallery.database import BUSY_SECONDS, SCHEMA, Database, Schema, copies, explained
from faceapp.gallery.imports import Imports
from faceapp.gallery.models import person, photo, template
from faceapp.gallery.names import clean_name, name_key
from faceapp.gallery.opening import open_database
from faceapp.gallery.rights import GONE, Rights
from faceapp.gallery.rows import Added, NewPhoto, PersonRow, PhotoRow, TemplateTable, as_blob, as_matrix
from faceapp.types import Box, Floats


class GalleryStore(Rights, Imports):
    """The gallery of one data directory; `open` or `open_existing` make one, `close` ends it.

    Every method is one short transaction and may be called from any thread and from several at once; other processes
    may read and write the same gallery meanwhile. Reading never waits. Writing waits for another writer up to the busy
    timeout, so a window calls the writing methods from a worker thread; `delete` in particular rewrites the file.
    All raise UnavailableError for a file that is locked, damaged or can't be written.
    """

    def __init__(self, database: Database, marker: sqlite3.Connection) -> None:
        self._database = database
        self._marker = marker
        self._marker_lock = threading.Lock()

    @classmethod
    def open(cls, data_dir: Path, *, busy_seconds: float = BUSY_SECONDS, schema: Schema = SCHEMA) -> Self:
        """The gallery of `data_dir`, made where there is none, migrated where it is older (a copy is kept: `copies`).

        Raises UnavailableError for a newer, damaged or locked gallery and for a folder that can't be written.
        """
        return cls._from(open_database(data_dir, create=True, busy_seconds=busy_seconds, schema=schema))

    @classmethod
    def open_existing(
        cls, data_dir: Path, *, busy_seconds: float = BUSY_SECONDS, schema: Schema = SCHEMA, scrub: bool = True
    ) -> Self | None:
        """As `open`, but None and nothing written where there is no gallery yet: for commands that only look. Without
        `scrub` a deletion that was cut short is left to others to finish: for whoever can't wait so long."""
        database = open_database(data_dir, create=False, busy_seconds=busy_seconds, schema=schema)
        return None if database is None else cls._from(database, scrub)

    @classmethod
    def _from(cls, database: Database | None, scrub: bool = True) -> Self:
        if database is None:
            raise BugError("a gallery that may be created was not")
        try:
            with explained(database.path):
                marker = database.connect()
        except KnownError:
            database.close()
            raise
        store = cls(database, marker)
        try:
            if scrub and store._pending():
                store.scrub(busy_seconds=0)  # a deletion was cut short, or is at it right now in another process
        except KnownError:
            store.close()
            raise
        return store

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    def close(self) -> None:
        """Close the file. Nothing else may be called afterwards."""
        self._marker.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # People

    def people(self) -> list[PersonRow]:
        """Everybody, by name."""
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(_people().order_by(person.c.name_key))]

    def person(self, name: str) -> PersonRow:
        """Who is called `name`, whatever its case and spacing. Raises InputError where nobody is."""
        with self._database.reading() as connection:
            found = _find(connection, person.c.name_key == name_key(name))
        if found is None:
            shown = " ".join(name.split())
            raise InputError(f'there is nobody named "{shown}": "faceapp people list" shows who is known')
        return found

    def person_by_id(self, person_id: str) -> PersonRow:
        """Raises InputError where the person was deleted."""
        with self._database.reading() as connection:
            return _require(connection, person_id)

    def people_without(self, space: str) -> list[PersonRow]:
        """Who can't be recognised in `space` and must be photographed again, by name: nobody of their photos has a
        template there nor a crop to make one from."""
        # Two sets, each made once: asked person by person, SQLite goes through all templates for each of them.
        with_template = select(photo.c.person_id).join(template).where(template.c.space == space)
        with_crop = select(photo.c.person_id).where(photo.c.crop.is_not(None))
        nobody = person.c.id.not_in(with_template), person.c.id.not_in(with_crop)
        query = _people().where(*nobody).order_by(person.c.name_key)
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(query)]

    def rename(self, person_id: str, name: str, *, first: Callable[[str], object] | None = None) -> PersonRow:
        """Raises InputError for a name that can't be one or is somebody else's, and where the person was deleted.
        `first` is called with the id when all is well and nothing is changed yet; what it raises keeps it so."""
        shown = clean_name(name)
        with self._database.writing() as connection:
            _require(connection, person_id)
            other = _find(connection, person.c.name_key == name_key(shown))
            if other is not None and other.id != person_id:
                raise InputError(f'somebody is called "{other.name}" already: choose another name')
            if first is not None:
                first(person_id)
            values = {"name": shown, "name_key": name_key(shown), "updated": _now()}
            connection.execute(update(person).where(person.c.id == person_id).values(values))
            return _require(connection, person_id)

    def delete(self, *person_ids: str) -> bool:
        """Delete people with all their photos and templates, and every trace of those from the data directory.

        The copies kept before migrations hold them too and go first: they are there to undo a migration that went
        wrong, which by then would have been noticed, and of an old schema we can't know which bytes are whose. Then the
        rows go in one transaction, then the file is rewritten (`scrub`): `secure_delete` alone leaves a stale cell
        here and there. Returns False where another process kept the file busy or the disk is full, so that the people
        are gone but bytes of them may linger; the next `delete`, `scrub` or `open` finishes that. What a file system, a
        drive or a backup of the site's own keeps of overwritten blocks is beyond us.

        Raises InputError where one was deleted before, and nothing is done.
        """
        with self._database.writing() as connection:
            for person_id in person_ids:
                _require(connection, person_id)
            self._remove_copies()
            for person_id in person_ids:
                connection.execute(delete(person).where(person.c.id == person_id))
            # Counts the deletions since the last scrub, within the transaction: a kill after it loses nothing.
            pending = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            connection.exec_driver_sql(f"PRAGMA user_version = {pending + 1}")
        return self.scrub()

    def scrub(self, busy_seconds: float | None = None) -> bool:
        """Rewrite the file without what was deleted, and empty the WAL. True where that was done.

        Takes a moment, and the file's size once more on the disk and in memory.
        """
        try:
            with explained(self.path), closing(self._database.connect(busy_seconds)) as connection:
                before = connection.execute("PRAGMA user_version").fetchone()
                connection.execute("VACUUM")
                if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] != 0:
                    return False
                connection.execute("BEGIN IMMEDIATE")
                if connection.execute("PRAGMA user_version").fetchone() == before:  # else another deletion's is due
                    connection.execute("PRAGMA user_version = 0")
                connection.execute("COMMIT")
                return True
        except KnownError:
            return False

    def copies(self) -> list[Path]:
        """The copies kept before migrations. They hold everybody's templates as they were then."""
        return copies(self.path)

    # Photos

    def add_photo(self, name: str, new: NewPhoto, *, first: Callable[[str, bool], object] | None = None) -> Added:
        """Enrol a photo of `name`: person, photo and template, all or nothing. A name that is known, whatever its case
        and spacing, gets one more photo, unless they have it already (`NewPhoto.content`). Raises InputError for a
        name that can't be one. `first` is called with the person's id, and whether they are new, when all is well and
        nothing is written yet; what it raises keeps it so."""
        shown = clean_name(name)
        blob = as_blob(new.vector)
        if not math.isfinite(new.quality):
            raise BugError(f"the quality of a photo cannot be {new.quality}")
        now = _now()
        photo_id = uuid.uuid4().hex
        with self._database.writing() as connection:
            _require_dimension(connection, new.space, len(new.vector))
            found = _find(connection, person.c.name_key == name_key(shown))
            person_id = found.id if found else uuid.uuid4().hex
            if found and new.content is not None:
                same = (photo.c.person_id == person_id) & (photo.c.content == new.content)
                if there := connection.scalar(select(photo.c.id).where(same)):
                    row = _template(there, new.space, blob, now)  # it may have none of this embedder's
                    connection.execute(upsert(template).values(row).on_conflict_do_nothing())
                    return Added(found, there, new_person=False, repeated=True)
            if first is not None:
                first(person_id, found is None)
            if found:
                connection.execute(update(person).where(person.c.id == person_id).values(updated=now))
            else:
                who = {"id": person_id, "name": shown, "name_key": name_key(shown), "created": now, "updated": now}
                connection.execute(insert(person).values(who))
            connection.execute(
                insert(photo).values(
                    id=photo_id,
                    person_id=person_id,
                    source=new.source.encode(errors="replace").decode(),  # a path may hold bytes that are no text
                    quality=new.quality,
                    created=now,
                    box=None if new.box is None else new.box.as_list(),
                    landmarks=None if new.landmarks is None else new.landmarks.tolist(),
                    crop=new.crop,
                    content=new.content,
                )
            )
            connection.execute(insert(template).values(_template(photo_id, new.space, blob, now)))
            return Added(_require(connection, person_id), photo_id, new_person=found is None)

    def photos(self, person_id: str) -> list[PhotoRow]:
        """The photos of a person, oldest first; none where the person was deleted."""
        return self._photos(photo.c.person_id == person_id)

    def photos_without(self, space: str) -> list[PhotoRow]:
        """The photos that have no template in `space`, oldest first. Where one has a crop, a template can be made."""
        return self._photos(photo.c.id.not_in(select(template.c.photo_id).where(template.c.space == space)))

    def crop(self, photo_id: str) -> bytes | None:
        """The JPEG kept of a photo; None where there is none or the photo was deleted."""
        with self._database.reading() as connection:
            crop: bytes | None = connection.scalar(select(photo.c.crop).where(photo.c.id == photo_id))
        return crop

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
        """Every template of `space` and whose it is: what `GalleryIndex.build` takes. No crop is read."""
        query = (
            select(template.c.vector, person.c.id, person.c.name)
            .select_from(template)
            .join(photo)
            .join(person)
            .where(template.c.space == space)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        vectors, ids, names = zip(*rows, strict=True) if rows else ((), (), ())
        try:
            return TemplateTable(space, as_matrix(vectors), ids, names)
        except BugError as e:
            raise UnavailableError(f"{self.path} is damaged ({e}): restore a backup") from e

    def add_templates(self, space: str, vectors: Mapping[str, Floats]) -> int:
        """Store templates in `space` by photo id, float32 (D,) of unit length, in place of those there were. Photos
        deleted meanwhile are passed over; returns how many were stored."""
        now = _now()
        rows = [_template(photo_id, space, as_blob(vector), now) for photo_id, vector in vectors.items()]
        if not rows:
            return 0
        with self._database.writing() as connection:
            for dimension in {row["dimension"] for row in rows}:
                _require_dimension(connection, space, dimension)
            there = set(connection.scalars(select(photo.c.id)))
            rows = [row for row in rows if row["photo_id"] in there]
            statement = upsert(template)
            changed = {name: statement.excluded[name] for name in ("dimension", "created", "vector")}
            if rows:
                connection.execute(statement.on_conflict_do_update(set_=changed), rows)
        return len(rows)

    # Changes

    def change_marker(self) -> int:
        """A number that is another one after any commit, by this process or any other, and costs microseconds to ask.
        Compare for equality only; it may also change without a reason."""
        # The connection this is asked on never writes, so SQLite counts our own commits as somebody else's.
        with self._marker_lock, explained(self.path):
            return int(self._marker.execute("PRAGMA data_version").fetchone()[0])

    def _pending(self) -> bool:
        with self._marker_lock, explained(self.path):
            return bool(self._marker.execute("PRAGMA user_version").fetchone()[0])

    def _remove_copies(self) -> None:
        for copy in self.copies():
            try:
                copy.unlink(missing_ok=True)
            except OSError as e:
                raise UnavailableError(f"nobody was deleted: {copy} cannot be removed ({e.strerror})") from e


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _people() -> Select[Any]:
    count = select(func.count()).where(photo.c.person_id == person.c.id).scalar_subquery()
    return select(person, count.label("photos"))


def _person(row: Row[Any]) -> PersonRow:
    return PersonRow(row.id, row.name, row.created, row.updated, row.photos)


def _find(connection: Connection, condition: ColumnElement[bool]) -> PersonRow | None:
    row = connection.execute(_people().where(condition)).one_or_none()
    return None if row is None else _person(row)


def _require(connection: Connection, person_id: str) -> PersonRow:
    found = _find(connection, person.c.id == person_id)
    if found is None:
        raise InputError(GONE)
    return found


def _require_dimension(connection: Connection, space: str, dimension: int) -> None:
    stored = connection.scalar(select(template.c.dimension).where(template.c.space == space).limit(1))
    if stored is not None and stored != dimension:
        raise BugError(f"templates of {space} have {stored} dimensions, not {dimension}")


def _template(photo_id: str, space: str, blob: bytes, now: str) -> dict[str, Any]:
    return {"photo_id": photo_id, "space": space, "dimension": len(blob) // 4, "created": now, "vector": blob}


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
    )
