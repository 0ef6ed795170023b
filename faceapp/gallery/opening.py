"""Opening the gallery: making its file, refusing what isn't one, and having an older one migrated."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, func, select

from faceapp.errors import UnavailableError
from faceapp.gallery.database import BUSY_SECONDS, FILE_NAME, SCHEMA, Database, Schema, clear_copies, explained
from faceapp.gallery.keyholder import Keyholder
from faceapp.gallery.models import badge
from faceapp.gallery.sealing import key_mark, seal_all
from faceapp.security.keys import SiteKeys, place_of
from faceapp.security.vault import Vault

_RETRY_SECONDS = 0.02


def open_database(
    data_dir: Path, *, create: bool, busy_seconds: float = BUSY_SECONDS, schema: Schema = SCHEMA
) -> Database | None:
    """The gallery of `data_dir` at `schema`, made or migrated where needed; None without one and without `create`.

    A new folder is 0700, the files are 0600. An older gallery is copied to `gallery.db.before-<revision>`, then
    migrated in one transaction. One that lies in the clear is sealed, with a key that is made where the site has none.
    Raises UnavailableError, in one line, for a newer gallery, a file that is something else or damaged, a locked one,
    and a folder that can't be written. A gallery whose key is missing is opened for what can be read without.
    """
    path = data_dir.absolute() / FILE_NAME
    if not path.exists() and not create:
        return None
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_private(path)
    except OSError as e:
        raise UnavailableError(
            f"the gallery {path} cannot be opened ({e.strerror}): mend its permissions or choose another folder"
        ) from e
    database = Database(path, busy_seconds)
    try:
        revision = _revision(database)
        if revision != schema.head:
            from faceapp.gallery import migrate  # Alembic is slow to import and rarely needed

            migrate.require_known(path, revision, schema)
            _use_wal(database, busy_seconds)
            migrate.bring_to_head(database, schema)
        else:
            _use_wal(database, busy_seconds)
        _find_key(database)
    except BaseException:
        database.close()
        raise
    return database


def request_scrub(connection: Connection) -> None:
    """Count one more change that must leave no trace, within its own transaction: a kill after it loses nothing. The
    count is SQLite's `user_version`, which `GalleryStore.scrub` puts back to zero."""
    pending = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version = {pending + 1}")


def _find_key(database: Database) -> None:
    """Give `database` its key; a gallery that none has sealed yet is sealed."""
    with database.reading() as connection:
        mark = key_mark(connection)
    if mark is None:
        mark = _seal(database)
    keyholder = Keyholder(database.path, mark)
    if not keyholder.locked:
        _remove_clear_copies(database.path)
    database.keyholder = keyholder


def _seal(database: Database) -> str:
    """Seal what lies in the clear, all of it or nothing. Returns the key's fingerprint."""
    data_dir = database.path.parent
    with database.writing() as connection:
        mark = key_mark(connection)
        if mark is not None:
            return mark  # another process was faster
        if connection.scalar(select(func.count()).select_from(badge)) and SiteKeys.open_existing(data_dir) is None:
            raise UnavailableError(
                f"{place_of(data_dir).name} is missing, and the gallery's badges cannot be known without it: put the "
                "key back from a backup"
            )
        vault = Vault.of(SiteKeys.open(data_dir))
        if seal_all(connection, vault, None):
            request_scrub(connection)
            database.just_sealed = True
        return vault.fingerprint


def _remove_clear_copies(path: Path) -> None:
    for copy in clear_copies(path):
        try:
            copy.unlink(missing_ok=True)
        except OSError as e:
            raise UnavailableError(
                f"{copy} holds faces in the clear and cannot be removed ({e.strerror}): mend its permissions"
            ) from e


def _make_private(path: Path) -> None:
    """An empty file at `path` if there is none, for its owner alone. SQLite gives the WAL beside it the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name != "posix":
        return
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        try:
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)
        except FileNotFoundError:
            continue


def _revision(database: Database) -> str | None:
    """The revision of the file's schema, None for an empty file. Raises UnavailableError for what is no gallery."""
    with explained(database.path), closing(database.connect()) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            return None
        if {"alembic_version", "person"} <= tables:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if row is not None:
                return str(row[0])
    raise UnavailableError(f"{database.path} is a database of something else: move it away")


def _use_wal(database: Database, busy_seconds: float) -> None:
    """Write-ahead logging, so that readers and a writer never wait for each other. The file remembers it."""
    deadline = time.monotonic() + busy_seconds
    with explained(database.path), closing(database.connect()) as connection:
        while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as e:
                # Changing the mode doesn't wait for others as statements do: another process may be opening, too.
                if e.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_SECONDS)
