"""The thread that owns the gallery while a window is open.

Every read and write of the database happens here, so that neither the picture nor the recognition ever waits for it.
It looks for changes by other processes twice a second, rebuilds the immutable index, and hands it over whole.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from faceapp.errors import KnownError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary

T = TypeVar("T")
Job = Callable[[GalleryStore], Any]
LOOK_EVERY = 0.5
"""Seconds between looks for another process's change: half of what DESIGN allows."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GalleryView:
    """The gallery as everybody else sees it: replaced whole, never changed."""

    marker: int
    people: tuple[PersonSummary, ...]
    templates: TemplateTable
    index: GalleryIndex


class GalleryThread:
    """Owns the gallery. `view` and `problem` may be read from any thread; jobs run here one after the other."""

    def __init__(
        self,
        open_store: Callable[[], GalleryStore],
        space: str,
        changed: Callable[[], None],
        summaries: Callable[[GalleryStore, str], list[PersonSummary]],
        look_every: float = LOOK_EVERY,
    ) -> None:
        self._open_store = open_store
        self._space = space
        self._changed = changed
        self._summaries = summaries
        self._look_every = look_every
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="gallery", daemon=True)
        self.view: GalleryView | None = None
        self.problem: str | None = None

    @property
    def started(self) -> bool:
        """True from `start` on."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Open the gallery, on the thread."""
        self._thread.start()

    def submit(self, job: Callable[[GalleryStore], T]) -> Future[T]:
        """Run `job` with the store; the index is rebuilt before its future is done where it changed anything."""
        future: Future[T] = Future()
        self._jobs.put((job, future))
        return future

    def stop(self, timeout: float = 2.0) -> None:
        """Finish the waiting jobs and close the gallery."""
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            store = self._open_store()
        except KnownError as e:
            self.problem = str(e)
            self._refuse_jobs(e)
            return
        try:
            self._look(store)
            while True:
                try:
                    item = self._jobs.get(timeout=self._look_every)
                except queue.Empty:
                    self._look(store)
                    continue
                if item is None:
                    return
                self._do(store, *item)
        finally:
            store.close()

    def _do(self, store: GalleryStore, job: Job, future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = job(store)
        except Exception as e:  # noqa: BLE001 - belongs to whoever waits for the future
            self._look(store)
            future.set_exception(e)
        else:
            self._look(store)
            future.set_result(result)

    def _look(self, store: GalleryStore) -> None:
        try:
            marker = store.change_marker()
            if self.view is not None and marker == self.view.marker:
                return
            table = store.templates(self._space)
            view = GalleryView(
                marker, tuple(self._summaries(store, self._space)), table, GalleryIndex.build(self._space, table)
            )
        except KnownError as e:
            # Somebody else holds the database, say. The old index stays in force; the next look tries again.
            if self.problem != str(e):
                _log.warning("gallery: %s", e)
            self.problem = str(e)
            return
        self.problem = None
        self.view = view
        self._changed()

    def _refuse_jobs(self, error: KnownError) -> None:
        while (item := self._jobs.get()) is not None:
            if item[1].set_running_or_notify_cancel():
                item[1].set_exception(error)
