"""The people of one installation: names, photos and templates, kept in SQLite.

Importing this module brings SQLAlchemy with it; `rows` and `index` come without.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, delete, select, update

from faceapp.errors import BugError, InputError, KnownError, UnavailableError
from faceapp.gallery.backups import FOLDER, forget
from faceapp.gallery.checking import Checks
from faceapp.gallery.consent import Consents
from faceapp.gallery.database import BUSY_SECONDS, SCHEMA, Database, Schema, copies, explained
from faceapp.gallery.imports import Imports
from faceapp.gallery.inbox import Inbox
from faceapp.gallery.kept import Keeping
from faceapp.gallery.merges import Merges
from faceapp.gallery.models import merge, person, photo, template
from faceapp.gallery.names import clean_name, name_key
from faceapp.gallery.negatives import Negatives
from faceapp.gallery.notes import Notes
from faceapp.gallery.opening import open_database, request_scrub
from faceapp.gallery.photos import Photos
from faceapp.gallery.queries import find_person, now, people_query, person_row, require_person
from faceapp.gallery.register import Deletion, Register, register, write_file
from faceapp.gallery.rights import GONE, Rights
from faceapp.gallery.rows import PersonRow
from faceapp.gallery.sealing import seal_all
from faceapp.gallery.seen import Seen
from faceapp.gallery.snapshots import Snapshots, drop_snapshots
from faceapp.security.vault import Vault


class GalleryStore(
    Photos, Rights, Imports, Negatives, Merges, Consents, Register, Notes, Checks, Keeping, Inbox, Seen, Snapshots
):
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
        status = database.path.stat()
        self._file = status.st_dev, status.st_ino

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
            if (scrub or database.just_sealed) and not store.locked and store._pending():
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
            return [person_row(row) for row in connection.execute(people_query().order_by(person.c.name_key))]

    def person(self, name: str) -> PersonRow:
        """Who is called `name`, whatever its case and spacing. Raises InputError where nobody is."""
        with self._database.reading() as connection:
            found = find_person(connection, person.c.name_key == name_key(name))
        if found is None:
            shown = " ".join(name.split())
            raise InputError(f'there is nobody named "{shown}": "faceapp people list" shows who is known')
        return found

    def person_by_id(self, person_id: str) -> PersonRow:
        """Raises InputError where the person was deleted."""
        with self._database.reading() as connection:
            return require_person(connection, person_id)

    def names_of(self, person_ids: Iterable[str]) -> list[str]:
        """What these people are called. Raises InputError where one was deleted."""
        with self._database.reading() as connection:
            return list(_names(connection, person_ids).values())

    def people_without(self, space: str) -> list[PersonRow]:
        """Who can't be recognised in `space` and must be photographed again, by name: nobody of their photos has a
        template there nor a crop to make one from."""
        # Two sets, each made once: asked person by person, SQLite goes through all templates for each of them.
        with_template = select(photo.c.person_id).join(template).where(template.c.space == space)
        with_crop = select(photo.c.person_id).where(photo.c.crop.is_not(None))
        nobody = person.c.id.not_in(with_template), person.c.id.not_in(with_crop)
        query = people_query().where(*nobody).order_by(person.c.name_key)
        with self._database.reading() as connection:
            return [person_row(row) for row in connection.execute(query)]

    def rename(self, person_id: str, name: str, *, first: Callable[[str], object] | None = None) -> PersonRow:
        """Raises InputError for a name that can't be one or is somebody else's, and where the person was deleted.
        `first` is called with the id when all is well and nothing is changed yet; what it raises keeps it so."""
        shown = clean_name(name)
        with self._database.writing() as connection:
            require_person(connection, person_id)
            other = find_person(connection, person.c.name_key == name_key(shown))
            if other is not None and other.id != person_id:
                raise InputError(f'somebody is called "{other.name}" already: choose another name')
            if first is not None:
                first(person_id)
            values = {"name": shown, "name_key": name_key(shown), "updated": now()}
            connection.execute(update(person).where(person.c.id == person_id).values(values))
            return require_person(connection, person_id)

    def delete(self, *person_ids: str, step: Callable[[float], object] = lambda _: None) -> bool:
        """Delete people with all their photos and templates, and every trace of those from the data directory.

        The copies kept before migrations hold them too and go first: they are there to undo a migration that went
        wrong, which by then would have been noticed, and of an old schema we can't know which bytes are whose. Then the
        rows go in one transaction, then the file is rewritten (`scrub`): `secure_delete` alone leaves a stale cell
        here and there. Returns False where another process kept the file busy or the disk is full, so that the people
        are gone but bytes of them may linger; the next `delete`, `scrub` or `open` finishes that. What a file system, a
        drive or a backup of the site's own keeps of overwritten blocks is beyond us.

        `step` is told from time to time what part is done, 0 to 1. Raises InputError where one was deleted before, and
        nothing is done.
        """
        with self._database.writing() as connection:
            _names(connection, person_ids)
            self._remove_copies()
            _register(connection, person_ids)
            for some in _in_parts(person_ids):
                connection.execute(delete(person).where(person.c.id.in_(some)))
            # Counts the deletions since the last scrub, within the transaction: a kill after it loses nothing.
            request_scrub(connection)
        step(0.2)
        return self.scrub(step=lambda part: step(0.2 + 0.8 * part))

    def scrub(self, busy_seconds: float | None = None, step: Callable[[float], object] = lambda _: None) -> bool:
        """Rewrite the file without what was deleted, and the backups as well, drop the snapshots and empty the WAL.
        True where that was done.

        Takes a moment, and the file's size once more on the disk and in memory. `step` is told what part is done.
        """
        try:
            with explained(self.path), closing(self._database.connect(busy_seconds)) as connection:
                before = connection.execute("PRAGMA user_version").fetchone()
                drop_snapshots(self.path.parent)
                self._forget_elsewhere(busy_seconds, lambda part: step(0.7 * part))
                step(0.7)
                connection.execute("VACUUM")
                if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] != 0:
                    return False
                connection.execute("BEGIN IMMEDIATE")
                drop_snapshots(self.path.parent)  # one that was begun before the deletion and finished since
                if connection.execute("PRAGMA user_version").fetchone() == before:  # else another deletion's is due
                    connection.execute("PRAGMA user_version = 0")
                connection.execute("COMMIT")
                return True
        except KnownError:
            return False

    def _forget_elsewhere(self, busy_seconds: float | None, step: Callable[[float], object]) -> None:
        """Enter what was deleted into the register's file, and take it out of every backup."""
        deletions = self.deletions()
        if deletions:
            write_file(self.path.parent, deletions)
            forget(self.path.parent / FOLDER, deletions, busy_seconds, step)

    def copies(self) -> list[Path]:
        """The copies kept before migrations. They hold everybody's templates as they were then."""
        return copies(self.path)

    # Changes

    def change_marker(self) -> int:
        """A number that is another one after any commit, by this process or any other, and costs microseconds to ask.
        Compare for equality only; it may also change without a reason."""
        # The connection this is asked on never writes, so SQLite counts our own commits as somebody else's.
        with self._marker_lock, explained(self.path):
            return int(self._marker.execute("PRAGMA data_version").fetchone()[0])

    def replaced(self) -> bool:
        """Whether another file has taken the place of the one that is open: then open it anew. A file that is gone or
        can't be asked is none."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) != self._file

    def _pending(self) -> bool:
        with self._marker_lock, explained(self.path):
            return bool(self._marker.execute("PRAGMA user_version").fetchone()[0])

    def _remove_copies(self) -> None:
        for copy in self.copies():
            try:
                copy.unlink(missing_ok=True)
            except OSError as e:
                raise UnavailableError(f"nobody was deleted: {copy} cannot be removed ({e.strerror})") from e

    # The key

    def rotate(self, new: Vault) -> int:
        """Seal everything with `new` in place of the key in use, in one transaction, and rewrite the file without what
        that one had sealed. Copies kept before migrations go: nobody can read them any more. Returns how many templates
        and pictures there were. Nothing is done where `new`'s key is in use already.

        Raises UnavailableError where something can't be opened with the key in use."""
        count = 0
        with self._database.writing() as connection:
            old = self.vault
            if old.fingerprint != new.fingerprint:
                count = seal_all(connection, new, old)
                self._remove_copies()
                request_scrub(connection)
        self.scrub()
        return count


def _in_parts(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """As many at a time as one statement of SQLite takes."""
    known = tuple(ids)
    for at in range(0, len(known), 500):
        yield known[at : at + 500]


def _names(connection: Connection, person_ids: Iterable[str]) -> dict[str, str]:
    """Raises InputError where one of them was deleted."""
    found: dict[str, str] = {}
    for some in _in_parts(person_ids):
        query = select(person.c.id, person.c.name).where(person.c.id.in_(some))
        found |= {row.id: row.name for row in connection.execute(query)}
        if any(id not in found for id in some):
            raise InputError(GONE)
    return found


def _register(connection: Connection, person_ids: Iterable[str]) -> None:
    """Write down that people and their photos are being deleted, so that a restored backup can be told."""
    at = now()
    for some in _in_parts(person_ids):
        photos = connection.scalars(select(photo.c.id).where(photo.c.person_id.in_(some))).all()
        # Whoever was merged into them is deleted with them: in an older backup they stand under their own id.
        merged = connection.scalars(select(merge.c.id).where(merge.c.into_id.in_(some))).all()
        people = [Deletion(id, "person", at) for id in (*some, *merged)]
        register(connection, [*people, *(Deletion(id, "photo", at) for id in photos)])
