"""Backups of the gallery: made, listed, rotated, and rewritten without who was deleted meanwhile.

A backup is a gallery file of its own, made with SQLite's backup API while others read and write, then rewritten with
VACUUM, so that pages freed long ago carry nobody along, and checked before it gets its name. What is sealed in the live
file stays sealed with the same key, which is never in a backup. One process at a time: the folder has a lock.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.files import locked, sync_folder
from faceapp.gallery.database import explained
from faceapp.gallery.register import TABLES, Deletion

FOLDER, LOCK_NAME = "backups", "backups.lock"
BUSY_SECONDS = 30.0
"""How long to wait for another process that is making or rewriting one."""

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"gallery-(\d{8}T\d{6}Z)(-\d+)?\.db")
_PART = ".part"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it was found."""

    path: Path
    made: str
    """ISO 8601, UTC: when it was made, by its name, since a deletion rewrites it later; of a file with a name of its
    own when that was last written."""
    bytes: int
    revision: str
    """Of the schema."""
    key: str | None
    """Fingerprint of the key that sealed it; None for one from before sealing."""
    people: int


def backups(folder: Path) -> list[Path]:
    """The backups in `folder` by their names, oldest first."""
    return sorted((p for p in folder.glob("gallery-*.db") if _NAME.fullmatch(p.name)), key=lambda p: p.stem)


def make_backup(live: Path, folder: Path, now: datetime | None = None) -> Path:
    """Back up the gallery `live` into `folder`, which is made where it is missing, and return the new file, 0600.

    Raises UnavailableError, and leaves nothing, where the gallery can't be read or the folder can't hold it.
    """
    stamp = (now or datetime.now(UTC)).astimezone(UTC).strftime(_STAMP)
    with _locked(folder, make=True):
        _remove_parts(folder)
        target, count = folder / f"gallery-{stamp}.db", 1
        while target.exists():
            count += 1
            target = folder / f"gallery-{stamp}-{count}.db"
        copy(live, target)
        return target


def rotate(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups, the newest always stays; returns what was removed."""
    with _locked(folder):
        old = backups(folder)[: -max(1, keep)]
        for path in old:
            _remove(path)
        return old


def forget(
    folder: Path,
    deletions: Iterable[Deletion],
    busy_seconds: float | None = None,
    step: Callable[[float], object] = lambda _: None,
) -> list[Path]:
    """Rewrite every backup in `folder` that still holds something of `deletions`; returns those that were changed.

    One that can't be opened because it is damaged is removed: nobody could be restored from it, and who is in it can't
    be told. Raises UnavailableError where one can't be rewritten or removed, or another process is at it for longer
    than `busy_seconds`: then it is to be asked for again. `step` is told what part is done, 0 to 1.
    """
    wanted = list(deletions)
    changed = []
    with _locked(folder, busy_seconds=busy_seconds):
        _remove_parts(folder)
        there = backups(folder)
        for number, path in enumerate(there):
            step(number / len(there))
            try:
                if not _holds(path, wanted):
                    continue
                copy(path, path, wanted)
            except DamagedError:
                _remove(path)
            changed.append(path)
    return changed


class DamagedError(InputError):
    """A file that is no gallery, or was damaged or cut off."""


def describe(path: Path) -> Backup:
    """What a backup is. Raises InputError for a file that isn't there, is something else, damaged or cut off."""
    if not path.is_file():
        raise InputError(f"there is no backup {path}: `faceapp gallery backup --list` shows which there are")
    with _opened(path) as connection:
        tables = _tables(connection)
        if not {"alembic_version", "person"} <= tables:
            raise DamagedError(f"{path} is a database of something else, not a gallery's backup: choose another file")
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",) or revision is None:
            raise DamagedError(f"{path} is damaged or cut off: choose another backup")
        people = connection.execute("SELECT count(*) FROM person").fetchone()[0]
        key = None
        if "meta" in tables:
            row = connection.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
            key = None if row is None else str(row[0])
    status = path.stat()
    return Backup(path, _made(path, status.st_mtime), status.st_size, str(revision[0]), key, people)


def _made(path: Path, written: float) -> str:
    found = _NAME.fullmatch(path.name)
    try:
        made = datetime.fromtimestamp(written, UTC) if found is None else datetime.strptime(found[1], _STAMP)
    except ValueError:  # digits that are no time
        made = datetime.fromtimestamp(written, UTC)
    return made.replace(tzinfo=UTC).isoformat(timespec="seconds")


def copy(source: Path, target: Path, without: Iterable[Deletion] = ()) -> None:
    """Put a whole copy of the gallery file `source`, less what is in `without`, at `target`, at once or not at all.

    Raises DamagedError for a source that is no whole gallery file, UnavailableError where the disk doesn't take it.
    """
    part = target.with_name(target.name + _PART)
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with _opened(source, target) as old, closing(_connect(part)) as new:
                old.backup(new)
                new.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
                # Without a journal from here on: what is cut short is thrown away, what isn't is forced to disk.
                new.execute("PRAGMA journal_mode=OFF")
                for table, ids in _by_table(new, without).items():
                    # The table's name is one of ours (`TABLES`).
                    new.executemany(f"DELETE FROM {table} WHERE id = ?", [(id,) for id in ids])  # noqa: S608
                if "template_change" in _tables(new):  # no index of the live gallery is ever brought up to this one
                    new.execute("DELETE FROM template_change")
                    new.execute("INSERT INTO template_change (person_id) VALUES (NULL)")
                new.execute("PRAGMA user_version=0")  # no deletion is under way in it
                new.execute("VACUUM")
                if new.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                    raise DamagedError(f"{source} is damaged: restore a backup")
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target)
            sync_folder(target.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as e:
        raise UnavailableError(
            f"the backup {target} cannot be written ({e.strerror or e}): free some space or choose another folder"
        ) from e


def _holds(path: Path, deletions: Iterable[Deletion]) -> bool:
    with _opened(path) as connection:
        for table, ids in _by_table(connection, deletions).items():
            for id in ids:
                if connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (id,)).fetchone():  # noqa: S608
                    return True
    return False


def _by_table(connection: sqlite3.Connection, deletions: Iterable[Deletion]) -> Mapping[str, list[str]]:
    """Ids by table, of the tables that the file has: an older schema lacks some."""
    there = _tables(connection)
    found: dict[str, list[str]] = {}
    for d in deletions:
        if TABLES[d.kind] in there:
            found.setdefault(TABLES[d.kind], []).append(d.id)
    return found


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    for pragma in ("foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _opened(path: Path, written: Path | None = None) -> Iterator[sqlite3.Connection]:
    """The file for reading, in one transaction. Raises DamagedError for what is no whole database. `written`: what
    else an error within may be about."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
            connection.execute("BEGIN")
            yield connection
    except sqlite3.DatabaseError as e:
        if (getattr(e, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise DamagedError(f"{path} is damaged, cut off or no gallery: choose another backup") from e
        with explained(written or path):
            raise


def _remove_parts(folder: Path) -> None:
    """What an interrupted backup left. With the lock held."""
    for part in [*folder.glob(f"gallery-*{_PART}"), *folder.glob(f"gallery-*{_PART}-journal")]:
        _remove(part)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as e:
        raise UnavailableError(f"the backup {path} cannot be removed ({e.strerror}): mend its permissions") from e


@contextmanager
def _locked(folder: Path, *, make: bool = False, busy_seconds: float | None = None) -> Iterator[None]:
    """Keep every other process from making, removing or rewriting backups; without a folder there are none."""
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif not folder.is_dir():
            yield
            return
        with locked(folder / LOCK_NAME, BUSY_SECONDS if busy_seconds is None else busy_seconds):
            yield
    except TimeoutError as e:
        raise UnavailableError(f"the backups in {folder} are in use by another faceapp: try again") from e
    except KnownError:
        raise
    except OSError as e:
        raise UnavailableError(
            f"the backups in {folder} cannot be used ({e.strerror or e}): mend its permissions or choose another folder"
        ) from e
