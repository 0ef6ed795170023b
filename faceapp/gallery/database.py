"""The SQLite file of the gallery: opening it, keeping it private, transactions, and errors people can act on.

One `Database` may be used from every thread: each transaction takes a connection of its own from the pool. Several
processes may have it open: readers never wait (WAL), a writer takes the write lock when it begins (BEGIN IMMEDIATE), so
that it waits for another up to the busy timeout and never fails half-way.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from faceapp.errors import KnownError, UnavailableError
from faceapp.gallery.models import HEAD

FILE_NAME = "gallery.db"
BUSY_SECONDS = 5.0
"""How long a transaction waits for another process before it gives up."""

COPY_INFIX = ".before-"
"""Between the file's name and the revision, in the name of a copy kept before a migration."""

_RETRY_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Schema:
    """The newest revision and the folder with the migrations that lead to it."""

    head: str
    migrations: Path


SCHEMA = Schema(HEAD, Path(__file__).parent / "migrations")


class Database:
    """An open gallery file. Made by `open_database`; `close` it when nobody uses it any more."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._engine = _engine(self)
        self._writer = self._engine.execution_options(immediate=True)

    def connect(self, busy_seconds: float | None = None) -> sqlite3.Connection:
        """A connection outside the pool, in autocommit, for pragmas and VACUUM. The caller closes it.

        Never creates the file, so that a gallery moved away while we run is an error and not an empty gallery.
        """
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_seconds if busy_seconds is None else busy_seconds,
            isolation_level=None,  # we say BEGIN ourselves: only so are schema changes transactional
            check_same_thread=False,  # the pool hands it from thread to thread, to one at a time
        )
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA synchronous=FULL")  # an enrolment that was confirmed survives a power cut
            connection.execute("PRAGMA temp_store=MEMORY")  # nothing of a face in the system's temporary folder
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the gallery. Raises UnavailableError for a file we can't use."""
        with explained(self.path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock: all of it is kept, or nothing. Raises UnavailableError where the
        file is locked for longer than the busy timeout, the disk is full or the file can't be written."""
        with explained(self.path), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """As `writing`, with foreign keys unchecked, so that a revision may rebuild a table without its rows'
        dependants being deleted. The caller checks them before the end."""
        with explained(self.path), self._writer.connect() as connection:
            connection.detach()  # the pool never sees it again
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")  # works outside a transaction only
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close the pool's connections. The last process to do so folds the WAL into the file."""
        self._engine.dispose()


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


def copies(path: Path) -> list[Path]:
    """The copies kept before migrations of the gallery `path`, and what an interrupted one left."""
    return sorted(path.parent.glob(f"{path.name}{COPY_INFIX}*"))


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite says about the file and its disk into an UnavailableError; our mistakes pass."""
    try:
        yield
    except DBAPIError as e:
        known = _explain(path, e.orig)
        if known is None:
            raise
        raise known from e
    except sqlite3.Error as e:
        known = _explain(path, e)
        if known is None:
            raise
        raise known from e


def _explain(path: Path, error: BaseException | None) -> KnownError | None:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the low byte is the primary code
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            text = "is locked by another program: wait until it is done or close it, then try again"
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            text = "is damaged or not a gallery: restore a backup or move it away"
        case sqlite3.SQLITE_FULL:
            text = "cannot be written, the disk is full: free some space"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            text = "cannot be opened or written: mend the permissions of the file and its folder"
        case sqlite3.SQLITE_IOERR:
            text = f"cannot be read or written ({error}): check the disk"
        case _:
            return None
    return UnavailableError(f"{path} {text}")


def _engine(database: Database) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(database.path)), creator=database.connect, poolclass=QueuePool
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


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
