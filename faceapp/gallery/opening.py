"""Opening the gallery: making its file, refusing what isn't one, and having an older one migrated."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from faceapp.errors import UnavailableError
from faceapp.gallery.database import BUSY_SECONDS, FILE_NAME, SCHEMA, Database, Schema, explained

_RETRY_SECONDS = 0.02


def open_database(
    data_dir: Path, *, create: bool, busy_seconds: float = BUSY_SECONDS, schema: Schema = SCHEMA
) -> Database | None:
    """The gallery of `data_dir` at `schema`, made or migrated where needed; None without one and without `create`.

    A new folder is 0700, the files are 0600. An older gallery is copied to `gallery.db.before-<revision>`, then
    migrated in one transaction. Raises UnavailableError, in one line, for a newer gallery, a file that is something
    else or damaged, a locked one, and a folder that can't be written.
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
    except BaseException:
        database.close()
        raise
    return database


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
