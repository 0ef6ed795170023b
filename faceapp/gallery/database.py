"""The SQLite file of the gallery: opening it, keeping it private, transactions, and errors people can act on.

One `Database` may be used from every thread: each transaction takes a connection of its own from the pool. Several
processes may have it open: readers never wait (WAL), a writer takes the write lock when it begins (BEGIN IMMEDIATE), so
that it waits for another up to the busy timeout and never fails half-way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from faceapp.errors import KnownError, UnavailableError
from faceapp.gallery.keyholder import Keyholder
from faceapp.gallery.models import HEAD

FILE_NAME = "gallery.db"
BUSY_SECONDS = 5.0
"""How long a transaction waits for another process before it gives up."""

COPY_INFIX = ".before-"
"""Between the file's name and the revision, in the name of a copy kept before a migration."""
CLEAR = ("0001", "0002")
"""Revisions of galleries in the clear: no copy of one is kept, and those that earlier versions kept are removed."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The newest revision and the folder with the migrations that lead to it."""

    head: str
    migrations: Path


SCHEMA = Schema(HEAD, Path(__file__).parent / "migrations")


class Database:
    """An open gallery file. Made by `opening.open_database`; `close` it when nobody uses it any more."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self.path = path
        self.keyholder: Keyholder | None = None
        """Whose key it is sealed with; None while it is being opened."""
        self.just_sealed = False
        """Whether opening it found everything in the clear: what was there is to be scrubbed."""
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
            if self.keyholder is not None:
                self.keyholder.before_reading(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock: all of it is kept, or nothing. Raises UnavailableError where the
        file is locked for longer than the busy timeout, the disk is full or the file can't be written, and where the
        gallery's key is missing."""
        if self.keyholder is not None:
            _ = self.keyholder.vault  # not even the lock is taken without
        with explained(self.path), self._writer.begin() as connection:
            if self.keyholder is not None:
                self.keyholder.before_writing(connection)
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


def clear_copies(path: Path) -> list[Path]:
    """Those of `copies` that hold templates and pictures in the clear."""
    return [copy for copy in copies(path) if copy.name.removesuffix(".part").rpartition(COPY_INFIX)[2] in CLEAR]


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
        URL.create("sqlite", database=str(database.path)),
        creator=database.connect,
        poolclass=QueuePool,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
