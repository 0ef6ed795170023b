"""Putting a backup in the gallery's place, without bringing back who was deleted since.

The backup is prepared beside the live file: migrated to the newest schema where it is older, sealed where it lay in the
clear, and brought to forget what both registers of deletions say. Then SQLite's backup API writes it into the live file
in one transaction, so that whoever has that open goes on with the new content, and an interruption leaves the old. Only
a live file that can't be opened at all is replaced as a file.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.files import PREFIX, sync_folder
from faceapp.gallery import register
from faceapp.gallery.backups import FOLDER, Backup, DamagedError, copy, describe, make_backup
from faceapp.gallery.database import COPY_INFIX, FILE_NAME, explained
from faceapp.gallery.register import Deletion
from faceapp.gallery.snapshots import drop_snapshots
from faceapp.gallery.store import GalleryStore

BUSY_SECONDS = 10.0
"""How long to wait for others who are writing."""
_log = logging.getLogger(__name__)
_BESIDE = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to."""

    backup: Backup
    people: int
    """In the gallery now."""
    forgotten: int
    """People, photos and unknown faces in the backup that were deleted since, and stay so."""
    before: Path | None
    """A backup of what was replaced; None where there was no gallery, or none that could be read."""


def restore(data_dir: Path, file: Path, *, first: Callable[[], object] | None = None) -> Restored:
    """Put the backup `file` in the place of the gallery of `data_dir`. What was there is backed up first. `first` is
    called when all is prepared and nothing is changed yet; what it raises keeps it so.

    Raises InputError for a file that is no whole backup, UnavailableError for one of a newer schema or another key, for
    a gallery that others keep busy and a disk that is full. Then the gallery is as it was.
    """
    backup = describe(file)
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as undone:
            aside = undone.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX, dir=data_dir))
            prepared, people, forgotten = _prepared(data_dir, file, Path(aside))
            if first is not None:
                first()
            before = _replace(data_dir / FILE_NAME, prepared, data_dir / FOLDER)
            try:
                drop_snapshots(data_dir)
            except UnavailableError as e:  # the gallery is another one by now: nobody takes it for this one's
                _log.warning("restore: %s", e)
    except OSError as e:
        raise UnavailableError(
            f"{file} was not restored ({e.strerror or e}): free some space on the disk of {data_dir}"
        ) from e
    return Restored(backup, people, forgotten, before)


def known_deletions(data_dir: Path) -> list[Deletion]:
    """What the file and, where it can be read, the gallery's table say was deleted."""
    found = {d.id: d for d in register.of_file(data_dir)}
    with suppress(KnownError):  # a gallery that can't be read is why there are backups
        store = GalleryStore.open_existing(data_dir, scrub=False)
        if store is not None:
            with store:
                found.update({d.id: d for d in store.deletions()})
    return list(found.values())


def _prepared(data_dir: Path, file: Path, aside: Path) -> tuple[Path, int, int]:
    """The backup as it may take the gallery's place, with how many people, and how many rows it was made to forget."""
    deletions = known_deletions(data_dir)
    copy(file, aside / FILE_NAME)
    for name in ("installation.json", "site.key"):  # which key it is to be opened with
        if (data_dir / name).exists():
            shutil.copy2(data_dir / name, aside / name, follow_symlinks=False)
    try:
        store = GalleryStore.open_existing(aside, scrub=False)
    except UnavailableError as e:
        raise UnavailableError(str(e).replace(str(aside / FILE_NAME), str(file))) from e
    if store is None:
        raise InputError(f"there is no backup {file}: choose another file")
    with store:
        if store.locked:
            raise UnavailableError(f"{file} is sealed with another key than this gallery's: put that key back first")
        forgotten = store.apply_deletions(deletions)
        people = len(store.people())
    # Without its WAL, and with the mark that a scrub is due: what the live file's pages held must not stay.
    target = aside / "prepared.db"
    copy(aside / FILE_NAME, target)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version=1")
    return target, people, forgotten


def _replace(live: Path, prepared: Path, folder: Path) -> Path | None:
    """Put `prepared` in the place of `live`; returns the backup of what was there."""
    if not live.exists():
        _put(prepared, live)
        return None
    try:
        before = make_backup(live, folder)
        _write_into(live, prepared)
    except DamagedError:
        _put_aside(live)
        _put(prepared, live)
        for suffix in _BESIDE:
            _aside(live, suffix).unlink(missing_ok=True)
        return None
    return before


def _write_into(live: Path, prepared: Path) -> None:
    """In one transaction: whoever has the file open sees all of it change, or nothing."""
    deadline = time.monotonic() + BUSY_SECONDS

    def waited(status: int, remaining: int, total: int) -> None:  # noqa: ARG001 - as sqlite3 calls it
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise TimeoutError(0, "the gallery is in use")

    with (
        explained(live),
        closing(sqlite3.connect(prepared, isolation_level=None)) as source,
        closing(sqlite3.connect(f"{live.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as target,
    ):
        source.backup(target, progress=waited, sleep=0.05)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _put(prepared: Path, live: Path) -> None:
    prepared.chmod(0o600)
    prepared.replace(live)
    sync_folder(live.parent)


def _put_aside(live: Path) -> None:
    """A gallery that can't be read, under a name that the next deletion removes should it be left there."""
    for suffix in reversed(_BESIDE):
        path = live.with_name(live.name + suffix)
        if path.exists():
            path.replace(_aside(live, suffix))


def _aside(live: Path, suffix: str) -> Path:
    return live.with_name(f"{live.name}{COPY_INFIX}restore{suffix}")
