"""After a change of the embedder: people are embedded again from their kept crops while the window is open.

A little at a time, on the gallery thread, with the recogniser asked between two frames: names, lists and changes of
the gallery go on meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.spaces import embed_crop, embed_photo, reembeddable
from faceapp.errors import KnownError
from faceapp.gallery.rows import PhotoRow
from faceapp.gallery.store import GalleryStore
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import Face, Floats

Ask = Callable[[Callable[[Recogniser], Floats]], "Future[Floats]"]
SLICE = 0.4
"""Seconds of embedding after which other jobs have their turn, and what was done is stored and searched."""
SLOWEST_ANSWER = 20.0
"""Seconds after which a recogniser that doesn't answer is given up."""

_log = logging.getLogger(__name__)


class Reembedding:
    """`look` may be called from any thread; everything else happens on the gallery thread."""

    def __init__(self, gallery: GalleryThread, ask: Ask, space: str) -> None:
        """`ask` runs a command with the recogniser between two frames."""
        self._gallery = gallery
        self._ask = ask
        self._space = space
        self._possible = threading.Event()
        self._waiting: deque[PhotoRow] = deque()
        self._tried: set[str] = set()
        self.left = 0
        """Photos still to be embedded."""

    def allow(self, possible: bool) -> None:
        """Say whether there is a recogniser that can be asked."""
        if possible:
            self._possible.set()
        else:
            self._possible.clear()

    def look(self) -> None:
        """See to it that everybody is embedded, as soon as the gallery thread gets to it."""
        if self._possible.is_set():
            self._gallery.submit(self._begin)

    def _begin(self, store: GalleryStore) -> None:
        if not self._waiting:
            # Each photo is tried once: a crop that can't be embedded would come round for ever.
            self._waiting.extend(p for p in reembeddable(store, self._space) if p.id not in self._tried)
            if self._waiting:
                self._go_on(store)

    def _go_on(self, store: GalleryStore) -> None:
        end = time.monotonic() + SLICE
        vectors: dict[str, Floats] = {}
        try:
            while self._waiting and time.monotonic() < end:
                self.left = len(self._waiting)
                photo = self._waiting.popleft()
                self._tried.add(photo.id)
                vector = self._embedded(store, photo)
                if vector is not None:
                    vectors[photo.id] = vector
            store.add_templates(self._space, vectors)
        except (CancelledError, FutureTimeoutError, KnownError) as e:
            # The session stops, recognition failed, somebody holds the database: the next look begins anew.
            _log.info("embedding again was interrupted: %s", type(e).__name__)
            self._tried.clear()
            self._waiting.clear()
        self.left = len(self._waiting)
        if self._waiting:
            self._gallery.submit(self._go_on)

    def _embedded(self, store: GalleryStore, photo: PhotoRow) -> Floats | None:
        try:
            return embed_photo(store, photo, self._ask_for)
        except (CancelledError, FutureTimeoutError, KnownError):
            raise
        except Exception:  # noqa: BLE001 - one photo that can't be embedded leaves the others their turn
            _log.exception("photo %s cannot be embedded again", photo.id)
            return None

    def _ask_for(self, crop: bytes, face: Face) -> Floats:
        return self._ask(lambda recogniser: embed_crop(recogniser.embedder, crop, face)).result(SLOWEST_ANSWER)
