"""What is done to people is in the audit log, where the site keeps one: a photo added to somebody who has the door
gives the door to another face.

Enrolling and renaming don't happen where that can't be written. A deletion always does: whoever wants to be forgotten
doesn't wait for a disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from faceapp.app import audit_pictures, logs
from faceapp.app.audit import log_action_if_kept, log_actions_if_kept
from faceapp.app.evaluate_cache import forget_pictures
from faceapp.app.training.whose import forget_runs
from faceapp.errors import InputError, KnownError
from faceapp.gallery.consent import put_consent
from faceapp.gallery.consent_rows import ConsentRow, NewConsent, state_of
from faceapp.gallery.register import Deletion
from faceapp.gallery.rows import Added, NewPhoto, PersonRow
from faceapp.gallery.store import GalleryStore

DELETED, CONSENT_GIVEN = "deleted", "consent_given"
"""Actions in the audit log: a deletion that somebody asked for, and consent put on record."""
_log = logging.getLogger(__name__)


class ConsentMissingError(InputError):
    """Somebody was not enrolled, because the site requires consent and there is none."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a deletion came to."""

    erased: bool
    """False where bytes of the person linger in the file for now."""
    not_logged: str | None
    """Why it isn't in the audit log; None where it is, or where the site keeps none."""


def add_photo(
    store: GalleryStore,
    data_dir: Path,
    name: str,
    photo: NewPhoto,
    consent: NewConsent | None = None,
    required: bool = False,
) -> Added:
    """Enrol a photo of `name`, and put their `consent` on record with it, both or neither, written down before it
    counts. `required`: only with consent, given now or before. Raises as `GalleryStore.add_photo`, InputError where
    consent is missing, and UnavailableError where there is a log that can't be written."""

    def write(person_id: str, new: bool) -> None:
        if required and consent is None:
            require_consent(store, None if new else person_id, name)
        log_action_if_kept(data_dir, "enrolled" if new else "photo_added", person_id)
        if consent is not None:
            log_action_if_kept(data_dir, CONSENT_GIVEN, person_id)

    if consent is None:
        return store.add_photo(name, photo, first=write)
    given = consent
    added = store.add_photo(name, photo, first=write, within=lambda c, added: put_consent(c, added.person.id, given))
    if added.repeated:  # the very same picture, and nothing was called back
        record_consent(store, data_dir, added.person.id, consent)
    return added


def require_consent(store: GalleryStore, person_id: str | None, name: str) -> None:
    """Raises ConsentMissingError unless `person_id` (None: not known yet), who is called `name`, has given consent that
    still counts."""
    if person_id is None or state_of(store.consent(person_id), date.today()) != "given":
        raise ConsentMissingError(
            f"{name} was not enrolled: this site requires consent, and none is on record: "
            "record it with the photo (--consent TEXT, or the form in the window)"
        )


def record_consent(store: GalleryStore, data_dir: Path, person_id: str, consent: NewConsent) -> ConsentRow:
    """Put a consent on record, written down before it counts. Raises InputError where the person was deleted,
    UnavailableError where there is a log that can't be written."""
    return store.set_consent(person_id, consent, first=lambda id: log_action_if_kept(data_dir, CONSENT_GIVEN, id))


def rename(store: GalleryStore, data_dir: Path, person_id: str, name: str) -> PersonRow:
    """Give a person another name, written down before it counts. Raises as `GalleryStore.rename`, and UnavailableError
    where there is a log that can't be written."""
    return store.rename(person_id, name, first=lambda id: log_action_if_kept(data_dir, "renamed", id))


def delete(store: GalleryStore, data_dir: Path, person_id: str) -> Deleted:
    """Remove a person with every photo and template. Raises InputError where they were deleted before, UnavailableError
    where the gallery can't be written."""
    return delete_all(store, data_dir, {person_id: DELETED})


def delete_all(
    store: GalleryStore, data_dir: Path, why: Mapping[str, str], step: Callable[[float], object] = lambda _: None
) -> Deleted:
    """Remove several people at once, with every trace of them: log, backups and file are gone through once, however
    many they are. `why`: what the audit log calls it, by id. `step` is told from time to time what part is done, 0 to
    1. Raises as `delete`, and then nobody is removed."""
    # Whoever was merged into them goes with them: the log has its entries, and other files their name.
    merged = [m for m in store.merges() if m.into_id in why]
    names = [*store.names_of(why), *(m.name for m in merged)]
    not_logged = None
    try:
        log_actions_if_kept(data_dir, why)
    except KnownError as e:
        not_logged = str(e)
        _log.warning("that %d people were removed is not in the audit log: %s", len(why), e)
    _forget_unknown_faces(store, data_dir, why)
    step(0.1)
    erased = store.delete(*why, step=lambda part: step(0.1 + 0.85 * part))
    logs.blot_out(data_dir, names)
    try:
        audit_pictures.forget(data_dir, {*why, *(m.id for m in merged)})
        forget_pictures(data_dir)
        forget_runs(data_dir, {*why, *(m.id for m in merged)})
    except KnownError as e:
        _log.warning("%s", e)
        erased = False
    return Deleted(erased, not_logged)


def _forget_unknown_faces(store: GalleryStore, data_dir: Path, person_ids: Collection[str]) -> None:
    """Delete from the inbox what was taken of these people before they were enrolled, or when they weren't recognised.
    Whoever is as like as one person's photos are to each other is taken for them."""
    from faceapp.app.models import verify_distances

    tracks = store.tracks_like(person_ids, verify_distances(data_dir), store.vault)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    store.apply_deletions([Deletion(track, "track", at) for track in sorted(tracks)])
