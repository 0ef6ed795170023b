"""What is done to people is in the audit log, where the site keeps one: a photo added to somebody who has the door
gives the door to another face.

Enrolling and renaming don't happen where that can't be written. A deletion always does: whoever wants to be forgotten
doesn't wait for a disk.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from faceapp.app.audit import log_action_if_kept
from faceapp.errors import KnownError
from faceapp.gallery.rows import Added, NewPhoto, PersonRow
from faceapp.gallery.store import GalleryStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a deletion came to."""

    erased: bool
    """False where bytes of the person linger in the file for now."""
    not_logged: str | None
    """Why it isn't in the audit log; None where it is, or where the site keeps none."""


def add_photo(store: GalleryStore, data_dir: Path, name: str, photo: NewPhoto) -> Added:
    """Enrol a photo of `name`, written down before it counts. Raises as `GalleryStore.add_photo`, and UnavailableError
    where there is a log that can't be written."""

    def write(person_id: str, new: bool) -> None:
        log_action_if_kept(data_dir, "enrolled" if new else "photo_added", person_id)

    return store.add_photo(name, photo, first=write)


def rename(store: GalleryStore, data_dir: Path, person_id: str, name: str) -> PersonRow:
    """Give a person another name, written down before it counts. Raises as `GalleryStore.rename`, and UnavailableError
    where there is a log that can't be written."""
    return store.rename(person_id, name, first=lambda id: log_action_if_kept(data_dir, "renamed", id))


def delete(store: GalleryStore, data_dir: Path, person_id: str) -> Deleted:
    """Remove a person with every photo and template. Raises InputError where they were deleted before, UnavailableError
    where the gallery can't be written."""
    store.person_by_id(person_id)
    not_logged = None
    try:
        log_action_if_kept(data_dir, "deleted", person_id)
    except KnownError as e:
        not_logged = str(e)
        _log.warning("the deletion of person %s is not in the audit log: %s", person_id, e)
    return Deleted(store.delete(person_id), not_logged)
