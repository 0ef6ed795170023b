"""The register of deletions: random ids of what was deleted, so that a restored backup can be brought to forget it.

It stands twice: in the gallery's table `deletion`, and in the file `gallery.deleted` beside it, to which lines are only
ever added: who loses the database and restores an older one must not bring back who asked to be forgotten. An id says
nothing about the person it was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.errors import UnavailableError
from faceapp.files import locked, sync_folder
from faceapp.gallery.database import Database
from faceapp.gallery.models import deletion, metadata
from faceapp.gallery.opening import request_scrub

FILE_NAME = "gallery.deleted"
LOCK_NAME = "gallery.deleted.lock"
BUSY_SECONDS = 5.0

Kind: TypeAlias = Literal["person", "photo", "track"]
TABLES: Mapping[Kind, str] = {"person": "person", "photo": "photo", "track": "inbox_track"}
"""Where an id of each kind stands."""

_LINE = re.compile(rb"(person|photo|track) ([0-9a-f]{8,64}) ([0-9T:.+-]{10,40})")


@dataclass(frozen=True, slots=True)
class Deletion:
    """Something that was deleted."""

    id: str
    kind: Kind
    deleted: str
    """ISO 8601, UTC."""


class Register:
    """The register's table, and its file beside the gallery. As everything in the store: each method is one short
    transaction, for any thread."""

    _database: Database

    def deletions(self) -> list[Deletion]:
        """What the gallery's table says."""
        with self._database.reading() as connection:
            return [Deletion(row.id, row.kind, row.deleted) for row in connection.execute(select(deletion))]

    def apply_deletions(self, deletions: Iterable[Deletion]) -> int:
        """Delete what other registers say was deleted, and enter it; returns how many rows went. The file is to be
        rewritten afterwards: `GalleryStore.scrub`."""
        known = list(deletions)
        gone = 0
        if not known:
            return 0
        with self._database.writing() as connection:
            for d in known:
                table = metadata.tables[TABLES[d.kind]]
                gone += connection.execute(delete(table).where(table.c.id == d.id)).rowcount
            register(connection, known)
            request_scrub(connection)
        return gone


def register(connection: Connection, deletions: Iterable[Deletion]) -> None:
    """Enter deletions into the gallery's table, within the transaction that does them; `write_file` follows."""
    rows = [{"id": d.id, "kind": d.kind, "deleted": d.deleted} for d in deletions]
    if rows:
        connection.execute(upsert(deletion).on_conflict_do_nothing(), rows)


def of_file(data_dir: Path) -> list[Deletion]:
    """What the file says; a line that isn't one of ours, as the half of one after a power cut, is passed over. Raises
    UnavailableError where it can't be read."""
    try:
        lines = (data_dir / FILE_NAME).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as e:
        raise _unusable(data_dir, e) from e
    found = [match for line in lines if (match := _LINE.fullmatch(line)) is not None]
    return [Deletion(m[2].decode(), _kind(m[1].decode()), m[3].decode()) for m in found]


def write_file(data_dir: Path, deletions: Iterable[Deletion]) -> None:
    """Add to the file what it doesn't say yet, and force it to the disk. Raises UnavailableError where that can't be
    done; it may be asked for again at any time."""
    path = data_dir / FILE_NAME
    try:
        with locked(data_dir / LOCK_NAME, BUSY_SECONDS):
            known = {d.id for d in of_file(data_dir)}
            lines = [f"{d.kind} {d.id} {d.deleted}\n" for d in deletions if d.id not in known]
            if not lines:
                return
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "ab") as file:
                torn = path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
                file.write(b"\n" * torn + "".join(lines).encode())
                file.flush()
                os.fsync(file.fileno())
            sync_folder(data_dir)
    except OSError as e:
        raise _unusable(data_dir, e) from e


def _kind(text: str) -> Kind:
    for kind in TABLES:
        if kind == text:
            return kind
    raise ValueError(text)


def _unusable(data_dir: Path, e: OSError) -> UnavailableError:
    return UnavailableError(
        f"the register of deletions {data_dir / FILE_NAME} cannot be used ({e.strerror or e}): free space on its disk "
        "or mend its permissions"
    )
