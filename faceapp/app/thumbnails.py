"""Faces for lists that may be long: made when somebody looks at them, the last asked for first.

Drawing everybody's would keep a gallery of ten thousand busy for half a minute, for a list of which twelve rows are in
view.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from faceapp.app.gallery_thread import DRAW_FOR, GalleryThread
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary

KEPT = 2000
"""Thumbnails kept, some 4 kB each; those that weren't looked at for longest go first."""
WAITING = 60
"""Rows waiting for theirs: what was scrolled past isn't worth drawing any more."""

_log = logging.getLogger(__name__)


class Thumbnails:
    """Asked by the GUI thread, drawn by the gallery's between its jobs. The lock is held for moments only."""

    def __init__(self, gallery: GalleryThread, draw: Callable[[GalleryStore, str], bytes | None]) -> None:
        """`draw` makes one, by the person's id, on the gallery's thread. Starts nothing."""
        self._gallery = gallery
        self._draw = draw
        self._lock = threading.Lock()
        self._made: OrderedDict[str, tuple[str, bytes | None]] = OrderedDict()
        self._wanted: OrderedDict[str, str] = OrderedDict()
        self._under_way: tuple[str, str] | None = None
        self._asked = False
        self.drawn = 0
        """Counts up with those that were made."""

    def get(self, person: PersonSummary) -> bytes | None:
        """The person's, if it is there; of who was changed since, the one before until the new one is made."""
        with self._lock:
            made = self._made.get(person.id)
            if made is not None:
                self._made.move_to_end(person.id)
                if made[0] == person.updated:
                    return made[1]
            if self._under_way != (person.id, person.updated):
                self._wanted[person.id] = person.updated
                self._wanted.move_to_end(person.id)
            while len(self._wanted) > WAITING:
                self._wanted.popitem(last=False)
            ask, self._asked = not self._asked, True
        if ask:
            self._gallery.submit(self._some)
        return None if made is None else made[1]

    def _some(self, store: GalleryStore) -> None:
        """Draw for a moment, then let the next job have its turn."""
        end = time.monotonic() + DRAW_FOR
        while time.monotonic() < end:
            with self._lock:
                if not self._wanted:
                    self._asked = False
                    return
                person_id, updated = self._under_way = self._wanted.popitem()
            try:
                picture = self._draw(store, person_id)
            except Exception as e:  # noqa: BLE001 - a person whose picture can't be shown is still a person
                _log.warning("no thumbnail of person %s: %s", person_id, e)
                picture = None
            with self._lock:
                self._made[person_id] = updated, picture
                self._under_way = None
                while len(self._made) > KEPT:
                    self._made.popitem(last=False)
                self.drawn += 1
        self._gallery.submit(self._some)
