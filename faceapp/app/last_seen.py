"""On which day people were last seen: noted by whatever thread recognises them, written by the gallery's.

A day is enough for "last seen", and all that is kept: not when somebody came, not how often. So each person is written
down once a day at most, and several together, since each change of the gallery has its index built anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import date

from faceapp.app.consent import today
from faceapp.errors import KnownError
from faceapp.gallery.store import GalleryStore
from faceapp.types import FrameResult

WRITE_EVERY = 300.0
"""Seconds between two changes of the gallery for this."""
NAMED_NS = 1_000_000_000
"""For how long a face must carry the same name: a single frame's may be a mistake."""

_log = logging.getLogger(__name__)


class LastSeen:
    """What a window or a kiosk has seen and not written down yet. `note` may be called by any thread and takes
    microseconds; everything else belongs to the gallery's thread."""

    def __init__(
        self,
        wanted: bool,
        *,
        day: Callable[[], date] = today,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wanted`: `Settings.last_seen`; where it is false nothing is noted, and what was kept is forgotten."""
        self._wanted = wanted
        self._day = day
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._waiting: dict[str, date] = {}
        self._known: dict[str, date] = {}
        self._next: float | None = None

    def note(self, person_id: str) -> None:
        """That person is in front of the camera."""
        if not self._wanted:
            return
        now = self._day()
        with self._lock:
            if self._known.get(person_id) != now:
                self._known[person_id] = self._waiting[person_id] = now

    @property
    def waiting(self) -> bool:
        """Whether something is to be written."""
        return bool(self._waiting)

    def when_due(self, store: GalleryStore) -> None:
        """`write`, if it is time. Costs nothing in between."""
        now = self._monotonic()
        first = self._next is None
        if self._next is not None and now < self._next:
            return
        if self._waiting or (first and not self._wanted):
            self._next = now + WRITE_EVERY
            self.write(store)

    def write(self, store: GalleryStore) -> None:
        """Write down what was noted. What can't be written is noted again when they are seen the next time."""
        with self._lock:
            noted, self._waiting = self._waiting, {}
        if store.locked:
            return
        try:
            if not self._wanted:
                store.forget_seen()
            for day in set(noted.values()):
                store.set_seen([id for id, of in noted.items() if of == day], day)
        except KnownError as e:
            _log.warning("who was seen is not written down: %s", e)
            with self._lock:
                for person_id in noted:
                    self._known.pop(person_id, None)


class SeenWatch:
    """Notes whom a live picture shows. Belongs to the recognition thread."""

    def __init__(self, seen: LastSeen) -> None:
        self._seen = seen
        self._named: dict[int, tuple[str, int]] = {}

    def watch(self, result: FrameResult) -> None:
        """Look at a result: who has had the same name for a second was seen."""
        now = {f.track: f.match.nearest.person_id for f in result.faces if f.match is not None and f.match.accepted}
        before, self._named = self._named, {}
        for track, person_id in now.items():
            known = before.get(track)
            since = known[1] if known is not None and known[0] == person_id else result.captured_ns
            self._named[track] = person_id, since
            if result.captured_ns - since >= NAMED_NS:
                self._seen.note(person_id)
