"""Backups of the gallery, and whether it is whole, for the command line."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from faceapp.app import consent, logs
from faceapp.app.audit import log_action_if_kept
from faceapp.app.keys import PRIVATE
from faceapp.app.parts import Parts
from faceapp.errors import InputError, KnownError
from faceapp.gallery import register
from faceapp.gallery.backups import FOLDER, Backup, backups, describe, make_backup, rotate
from faceapp.gallery.database import FILE_NAME, copies
from faceapp.gallery.restoring import restore
from faceapp.gallery.store import GalleryStore
from faceapp.types import JsonObject

RESTORED = "gallery_restored"
"""Action in the audit log."""
_MOST = 50
"""Problems that are listed; of a damaged disk there are thousands."""


def back_up(parts: Parts, out: Path | None) -> JsonObject:
    """Back up the gallery now, into `out` or the folder of backups, where the oldest then go. Raises InputError where
    there is no gallery, UnavailableError where the disk doesn't take it."""
    store = parts.existing_gallery()
    if store is None:
        raise InputError("there is nothing to back up yet: nobody is enrolled")
    folder = out or parts.data_dir / FOLDER
    made = make_backup(store.path, folder)
    removed = rotate(folder, parts.settings.backups.keep) if out is None else []
    return {"backup": _described(describe(made)), "removed": [str(p) for p in removed]}


def listed(data_dir: Path) -> list[JsonObject]:
    """The backups in their folder, oldest first; one that can't be read has an `error`."""
    rows: list[JsonObject] = []
    for path in backups(data_dir / FOLDER):
        try:
            rows.append(_described(describe(path)))
        except KnownError as e:
            rows.append({"file": str(path), "error": str(e)})
    return rows


def described(file: Path) -> JsonObject:
    """What a backup holds. Raises InputError for a file that is none."""
    return _described(describe(file))


def restore_backup(data_dir: Path, file: Path) -> JsonObject:
    """Put a backup in the gallery's place, without whoever was deleted since or whose consent has ended. Raises
    InputError and UnavailableError as `gallery.restoring.restore`, and UnavailableError where there is an audit log
    that can't be written; then nothing is changed."""
    done = restore(data_dir, file, first=lambda: log_action_if_kept(data_dir, RESTORED))
    with GalleryStore.open(data_dir) as store:  # which also rewrites the file
        ended = consent.expire(store, data_dir)
        people = len(store.people())
    return {
        "restored": str(file),
        "people": people,
        "forgotten": done.forgotten,
        "expired": len(ended.ids),
        "before": None if done.before is None else str(done.before),
    }


def _described(backup: Backup) -> JsonObject:
    return {
        "file": str(backup.path),
        "made": backup.made,
        "bytes": backup.bytes,
        "people": backup.people,
        "schema": backup.revision,
        "key": backup.key,
    }


# Whole or not


def problems(data_dir: Path) -> list[str]:
    """What is wrong with the gallery of `data_dir`, its backups and its files' modes, a line each; empty: nothing, or
    there is none. Reads everything: a second for some thousand people."""
    found = list(_modes(data_dir))  # before anything is opened, which mends some
    try:
        store = GalleryStore.open_existing(data_dir, scrub=False)
        if store is not None:
            with store:
                found += _within(store, data_dir)
    except KnownError as e:
        found.append(str(e))
    for path in backups(data_dir / FOLDER):
        try:
            describe(path)
        except KnownError as e:
            found.append(str(e))
    more = len(found) - _MOST
    return found if more <= 0 else [*found[:_MOST], f"and {more} more problems: restore a backup"]


def _within(store: GalleryStore, data_dir: Path) -> Iterator[str]:
    yield from store.broken()
    if store.locked:
        yield "templates and pictures cannot be checked without their key: `faceapp keys show` says where it belongs"
    else:
        yield from store.unreadable(store.vault)
    yield from store.left_over()
    in_file, in_table = ({d.id for d in ds} for ds in (register.of_file(data_dir), store.deletions()))
    if in_table - in_file:
        yield f"{register.FILE_NAME} lacks {len(in_table - in_file)} deletions: the next deletion completes it"
    if in_file - in_table:
        yield (
            f"{register.FILE_NAME} has {len(in_file - in_table)} deletions that this gallery doesn't know: it was put "
            "back to an older copy, use `faceapp gallery restore` for that"
        )


def _modes(data_dir: Path) -> Iterator[str]:
    if os.name != "posix":
        return
    names = {*PRIVATE, f"{FILE_NAME}-wal", register.FILE_NAME, logs.FILE_NAME, FOLDER, "audit-pictures"}
    paths = [data_dir, *(data_dir / n for n in sorted(names)), *copies(data_dir / FILE_NAME)]
    for path in [*paths, *backups(data_dir / FOLDER)]:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue
        if mode & 0o077:
            yield f"{path} is open to others (mode {mode:03o}): chmod go= it"
