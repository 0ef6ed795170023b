"""The search index for a loop of frames, kept up to date between them: of very many people it is made anew aside."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from faceapp.app.indexing import Indexing
from faceapp.app.parts import Parts
from faceapp.app.spaces import add_missing, current_index
from faceapp.gallery.changes import Mark
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.store import GalleryStore


class Following:
    """One thread uses it, the one that reads the frames. To be entered, so that nothing is left being made aside."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._indexing = Indexing(parts.embedder().space)
        self._store: GalleryStore | None = None
        self._marker: int | None = None
        self._known: tuple[GalleryIndex, Mark] | None = None
        self.changes = 0
        """How often the gallery was another one than before: also where the index is the same, and a right isn't."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Don't finish what is made aside."""
        self._indexing.stop()

    def now(self) -> GalleryIndex:
        """The index of everybody. The first one is waited for, also where it is to be written: as `current_index`.
        Raises UnavailableError for a gallery that can't be read now."""
        store = self._parts.existing_gallery()
        if store is not self._store:
            self._indexing.stop()
        if store is None:
            if self._store is not None or not self.changes:
                self._store = self._marker = self._known = None
                self.changes += 1
            return current_index(self._parts)
        marker = store.change_marker()
        if self._known is not None and store is self._store and marker == self._marker and not self._indexing.ready:
            return self._known[0]
        if self._known is None:
            state = store.mark()  # before reading: what is read twice does no harm
            index = current_index(self._parts)
        else:
            add_missing(self._parts, store)
            marker = store.change_marker()
            index, state = self._indexing.look(store, *self._known)
            self._parts.index_cache = marker, index
        self._store, self._marker, self._known = store, marker, (index, state)
        self.changes += 1
        return index
