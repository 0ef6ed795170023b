"""The search index of a gallery, kept up to date: read once, then by what changes, and of very many people aside.

More than `EXACT_UP_TO` templates are searched from a snapshot (`gallery/snapshots.py`). Writing one takes a minute or
more, so a thread of its own does it, and until it is done the old index answers, with who came and without who went.
"""

from __future__ import annotations

import logging
import math
import threading
import time

from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.gallery.changes import Mark
from faceapp.gallery.index import EXACT_UP_TO, GalleryIndex
from faceapp.gallery.search.large import LargeIndex
from faceapp.gallery.store import GalleryStore

CHANGED = 5_000
"""Templates that came since an index was made, before it is made anew: those are looked through one by one."""
PART = 10
"""One in so many may have come or gone, and `CHANGED` at least: who went costs a search next to nothing."""
AGAIN_AFTER = 300.0
"""Seconds until a snapshot that couldn't be written is tried again: the disk may have room by then."""
STOP_SECONDS = 1.5
"""Less than the gallery's thread has to stop. What is made aside notices within a second."""
_READING = "so many people take a minute to be read: wait until that is done"
_log = logging.getLogger(__name__)


class Indexing:
    """One thread uses it: the gallery's."""

    def __init__(self, space: str) -> None:
        self._space = space
        self._aside: threading.Thread | None = None
        self._stopping = threading.Event()
        self._written = threading.Event()
        self._again = -math.inf
        """No snapshot can be written here until then, by `time.monotonic`: everything is kept in memory."""

    @property
    def ready(self) -> bool:
        """Whether an index was made aside that is to be looked at."""
        return self._written.is_set()

    def look(self, store: GalleryStore, index: GalleryIndex | None, state: Mark | None) -> tuple[GalleryIndex, Mark]:
        """The index now, given one of an earlier state: the same object where nothing that it holds has changed. Raises
        NotYetError where it is made aside and there was none before: never where an index is given."""
        if index is None and self._aside is not None and self._aside.is_alive() and not self.ready:
            raise NotYetError(_READING)  # its file may be there already, and is opened once
        if index is None or state is None or self.ready:
            self._written.clear()
            found = store.index_of_snapshot(self._space)
            if found is not None:
                if not store.has_snapshot(self._space):  # it held somebody who was deleted
                    self._begin(store)
                return found
        if index is None or state is None:
            if self._aside_for(store.template_count(self._space)):
                self._begin(store)
                raise NotYetError(_READING)
            return self._read(store)
        return self._caught_up(store, index, state)

    def stop(self) -> None:
        """Don't finish what is made aside."""
        self._stopping.set()
        if self._aside is not None:
            self._aside.join(STOP_SECONDS)
        self._stopping = threading.Event()
        self._written.clear()

    def _caught_up(self, store: GalleryStore, index: GalleryIndex, state: Mark) -> tuple[GalleryIndex, Mark]:
        """This index, brought up to date, or a better one: never without who came, nor with who went."""
        changes = store.changes(self._space, state)
        if changes is None:
            if not self._aside_for(store.template_count(self._space)):
                return self._read(store)
            self._begin(store)
            gone = frozenset(index.person_ids) - store.template_owners(self._space)
            return (index.without(gone) if gone else index), state
        if changes.people:
            index = index.changed(changes.table, changes.people)
        if isinstance(index, LargeIndex):
            approximate = index.crowd.codes is not None
            stale = index.late.templates > CHANGED or index.changes > max(CHANGED, index.templates // PART)
            if self._aside_for(index.templates):
                if stale or (approximate and not store.has_snapshot(self._space)):
                    self._begin(store)
            elif stale:
                return self._read(store)
            elif approximate and index.templates <= EXACT_UP_TO:  # so few are searched exactly
                return store.index_of_snapshot(self._space) or self._read(store)  # no file of them stays
        return index, changes.mark

    def _read(self, store: GalleryStore) -> tuple[GalleryIndex, Mark]:
        table, state = store.templates_now(self._space)
        return GalleryIndex.build(self._space, table), state

    def _aside_for(self, templates: int) -> bool:
        """Whether an index of so many is made aside."""
        return templates > EXACT_UP_TO and time.monotonic() >= self._again

    def _begin(self, store: GalleryStore) -> None:
        if self._aside is None or not (self._aside.is_alive() or self.ready):
            arguments = store, self._stopping
            self._aside = threading.Thread(target=self._write, args=arguments, name="gallery index", daemon=True)
            self._aside.start()

    def _write(self, store: GalleryStore, stopping: threading.Event) -> None:
        try:
            store.write_snapshot(self._space, lambda: not stopping.is_set())
        except InputError as e:  # another process is at it, say: the next look sees what has come of it
            _log.info("search: %s", e)
        except KnownError as e:
            _log.warning("search: %s", e)
            self._again = time.monotonic() + AGAIN_AFTER
        except Exception:  # noqa: BLE001 - nobody else sees what ends this thread
            if stopping.is_set():  # the gallery was closed meanwhile
                return
            _log.exception("the search snapshot cannot be written")
            self._again = time.monotonic() + AGAIN_AFTER
        if not stopping.is_set():
            self._written.set()


class NotYetError(UnavailableError):
    """There is no index yet; it is being made."""


def index_now(store: GalleryStore, space: str) -> GalleryIndex:
    """The index of everybody, for a command: of very many people from a snapshot, which is written where there is none.
    Raises UnavailableError for a gallery that can't be read."""
    found = store.index_of_snapshot(space)
    if found is None and store.template_count(space) > EXACT_UP_TO:
        try:
            store.write_snapshot(space)
            found = store.index_of_snapshot(space)
        except KnownError as e:
            _log.warning("search: %s", e)
    return GalleryIndex.build(space, store.templates(space)) if found is None else found[0]
