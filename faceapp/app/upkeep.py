"""What is due from time to time, without anybody asking: people whose consent has ended are deleted; pictures with the
door's decisions, unknown faces and what evaluations keep go after their time; once a day a backup is made, and once a
night everybody is looked at for people too much alike.

A window and a kiosk do it when they start and every hour from then on, `enroll` and the imports before they begin. It
is done on the thread that owns the gallery: an enrolment waits for it, a picture never does.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from faceapp.app import audit_pictures, consent, inbox
from faceapp.app.evaluate_cache import expire_pictures
from faceapp.app.last_seen import LastSeen
from faceapp.errors import KnownError
from faceapp.gallery.backups import FOLDER, make_backup, rotate
from faceapp.gallery.store import GalleryStore
from faceapp.settings import Settings

EVERY = 3600.0
"""Seconds between two looks at what is due."""
LAST_BACKUP = "last_backup"
"""The day of the last daily backup, in the gallery itself: a restored gallery is backed up again."""

_log = logging.getLogger(__name__)


class Upkeep:
    """Does what is due in one data directory. One thread uses it."""

    def __init__(
        self,
        data_dir: Path,
        settings: Settings,
        look: Callable[[GalleryStore], None] | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`look`: looks at everybody, when it is time (`app.duplicates.NightlyLook`). `now`: local wall-clock time."""
        self._look = look
        self._data_dir = data_dir
        self._settings = settings
        self._now = now
        self._monotonic = monotonic
        self._next: float | None = None
        self.seen = LastSeen(settings.last_seen, monotonic=monotonic)
        """To be told of whom a camera knows."""

    def when_due(self, store: GalleryStore) -> None:
        """`run`, at the first call and then every hour, and who was seen. Costs nothing in between."""
        self.seen.when_due(store)
        if self._next is None or self._monotonic() >= self._next:
            self._next = self._monotonic() + EVERY
            self.run(store)

    def run(self, store: GalleryStore) -> None:
        """Do what is due. What can't be done is in the log and tried again next time: nobody waits for it."""
        if store.locked:
            return
        due = self._expire, self._empty_inbox, self._remove_pictures, self._back_up
        for what in (*due, *([self._look] if self._look else [])):
            try:
                what(store)
            except KnownError as e:
                _log.warning("upkeep: %s", e)

    def _expire(self, store: GalleryStore) -> None:
        consent.expire(store, self._data_dir, self._now().date())

    def _empty_inbox(self, store: GalleryStore) -> None:
        """Also where nothing is collected any more: what was is not to stay."""
        inbox.expire(store, self._settings.retention.inbox_days, self._now())

    def _remove_pictures(self, _: GalleryStore) -> None:
        audit_pictures.expire(self._data_dir, self._settings.retention.audit_pictures_days, self._now())
        expire_pictures(self._data_dir, self._now())

    def _back_up(self, store: GalleryStore) -> None:
        """Deletions come first, so that nobody gets into a backup whose time is over."""
        today = self._now().date().isoformat()
        if not self._settings.backups.daily or store.noted(LAST_BACKUP) == today or not store.people():
            return
        folder = self._data_dir / FOLDER
        make_backup(store.path, folder, self._now())
        store.note(LAST_BACKUP, today)
        rotate(folder, self._settings.backups.keep)
