"""The thread that owns the gallery while a window is open.

Every read and write of the database happens here, so that neither the picture nor the recognition ever waits for it.
It looks for changes by other processes twice a second, rebuilds the immutable index, and hands it over whole.
"""

from __future__ import annotations

import dataclasses
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from faceapp.app.indexing import Indexing, NotYetError
from faceapp.errors import KnownError, UnavailableError
from faceapp.gallery.changes import Mark
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.right_rows import RightRow
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary

T = TypeVar("T")
Job = Callable[[GalleryStore], Any]
LOOK_EVERY = 0.5
"""Seconds between looks for another process's change: half of what DESIGN allows."""
REOPEN_EVERY = 2.0
"""Seconds until a gallery that couldn't be opened is tried again: another program may have held it."""
DRAW_FOR = 0.05
"""Seconds spent on thumbnails before the next job is looked for."""
DRAW_UNASKED = 300
"""People who have a thumbnail in the view, the first by name; of others it is made when somebody looks at them
(`app.thumbnails`): of ten thousand that would take half a minute at each start."""
SHOW_EVERY = 1.0
"""Seconds between two lists with more thumbnails than the one before."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GalleryView:
    """The gallery as everybody else sees it: replaced whole, never changed."""

    marker: int
    people: tuple[PersonSummary, ...]
    index: GalleryIndex
    state: Mark
    """Of the templates, which the index is of."""
    rights: Mapping[str, RightRow] = field(default_factory=lambda: MappingProxyType({}))
    """Who may open the door, by person id."""
    groups: tuple[str, ...] = ()
    """Names, sorted."""
    drawn: int = 0
    """How often this view was replaced by one with more thumbnails."""

    @property
    def templates(self) -> TemplateTable:
        """All templates, without negatives: made when it is asked for, and of a large gallery a copy."""
        return self.index.table()


class GalleryThread:
    """Owns the gallery. `view` and `problem` may be read from any thread; jobs run here one after the other."""

    def __init__(
        self,
        open_store: Callable[[], GalleryStore],
        space: str,
        changed: Callable[[], None],
        summaries: Callable[[GalleryStore, str], list[PersonSummary]],
        thumbnail: Callable[[GalleryStore, str], bytes | None],
        look_every: float = LOOK_EVERY,
        upkeep: Callable[[GalleryStore], None] = lambda _: None,
    ) -> None:
        """`changed` is called on this thread when there is another index. `summaries` lists everybody, without
        thumbnails: decoding ten thousand photos takes half a minute, and nobody's name waits for that. `thumbnail`
        makes one, by the person's id. `upkeep` does what is due from time to time, or returns at once: `app.upkeep`.
        """
        self._open_store = open_store
        self._space = space
        self._changed = changed
        self._summaries = summaries
        self._thumbnail = thumbnail
        self._look_every = look_every
        self._upkeep = upkeep
        self._indexing = Indexing(space)
        self._looked = self._took = 0.0
        self._shown = 0.0
        self._undrawn: list[PersonSummary] = []
        self._drawn: dict[str, tuple[str, bytes | None]] = {}
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._asking = threading.Lock()  # so that no job is left behind in a queue that nobody empties any more
        self._closed = False
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
        """Run `job` with the store; the index is rebuilt before its future is done where it changed anything.
        Cancelled after `stop`."""
        future: Future[T] = Future()
        with self._asking:
            if self._closed:
                future.cancel()
            else:
                self._jobs.put((job, future))
        return future

    def stop(self, timeout: float = 2.0) -> bool:
        """Finish the waiting jobs and close the gallery; False where that takes longer than `timeout` seconds."""
        with self._asking:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)
        if not self.started:
            self._cancel_jobs()
        return not self._thread.is_alive()

    def _run(self) -> None:
        store: GalleryStore | None = None
        try:
            while True:
                store = self._open()
                if store is None:
                    if not self._refuse_jobs(UnavailableError(self.problem)):
                        return
                    continue
                going_on = self._work(store)
                self._indexing.stop()
                if not going_on:
                    return
                store.close()
                if self.view is not None:  # another file counts its changes from anew
                    self.view = dataclasses.replace(self.view, marker=-1)
        finally:
            if store is not None:
                store.close()
            self._cancel_jobs()

    def _open(self) -> GalleryStore | None:
        try:
            return self._open_store()
        except Exception as e:  # noqa: BLE001 - whatever it is, the window must say so and the picture goes on
            self._report(e)
            return None

    def _work(self, store: GalleryStore) -> bool:
        """True where the file was replaced by another one, as a restore does with one that is damaged: it is to be
        opened anew. False when it is time to end."""
        self._look(store)
        while not store.replaced():
            self._keep_up(store)
            now = time.monotonic()
            try:
                due = self.next_look
                item = self._jobs.get(timeout=0.0 if self._undrawn else max(0.0, due - now))
            except queue.Empty:
                if now >= due:
                    self._look(store)
                self._draw(store)
                continue
            if item is None:
                return False
            self._do(store, *item)
        return True

    @property
    def next_look(self) -> float:
        """As `time.monotonic` counts. While an import changes a large gallery all the time, half of the time is left to
        everybody else."""
        return self._looked + max(self._look_every, 2 * self._took)

    def _keep_up(self, store: GalleryStore) -> None:
        try:
            self._upkeep(store)
        except Exception:  # noqa: BLE001 - what is due can wait for the next time, and nobody waits for it
            _log.exception("upkeep failed")

    def _do(self, store: GalleryStore, job: Job, future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = job(store)
        except Exception as e:  # noqa: BLE001 - belongs to whoever waits for the future
            if not isinstance(e, KnownError):
                _log.exception("a job failed")
            self._look(store)
            future.set_exception(e)
        else:
            self._look(store)
            future.set_result(result)

    def _look(self, store: GalleryStore) -> None:
        """Read again what may have changed."""
        self._looked, self._took = time.monotonic(), 0.0
        try:
            marker = store.change_marker()
            if self.view is not None and marker == self.view.marker and not self._indexing.ready:
                self.problem = None
                return
            index, state = self._indexed(store)
            people = self._summaries(store, self._space)
            view = GalleryView(
                marker,
                self._with_thumbnails(people),
                index,
                state,
                store.rights(),
                tuple(g.name for g in store.groups()),
            )
        except NotYetError as e:
            self.problem = str(e)
            return
        except Exception as e:  # noqa: BLE001 - somebody else holds the database, say: the next look tries again
            self._report(e)  # and until then the old index stays in force
            return
        self.problem = None
        self.view = view
        self._took = time.monotonic() - self._looked
        self._drawn = {p.id: self._drawn[p.id] for p in people if p.id in self._drawn}
        self._undrawn = [p for p in people[:DRAW_UNASKED] if self._drawn.get(p.id, (None,))[0] != p.updated]
        self._changed()
        self._draw(store)

    def _indexed(self, store: GalleryStore) -> tuple[GalleryIndex, Mark]:
        """The index of all templates: the same one as before where none is another one, so that whoever searches it can
        tell."""
        view = self.view
        known = (None, None) if view is None else (view.index, view.state)
        index, state = self._indexing.look(store, *known)
        if view is not None and index is not view.index:
            # To be found, or found no more, at once: a long list of people is read for longer.
            self.view = dataclasses.replace(view, index=index, state=state)
            self._changed()
        return index, state

    def _draw(self, store: GalleryStore) -> None:
        """Make some of the thumbnails that are missing."""
        if not self._undrawn or self.view is None:
            return
        end = time.monotonic() + DRAW_FOR
        while self._undrawn:
            person = self._undrawn.pop(0)
            try:
                picture = self._thumbnail(store, person.id)
            except Exception as e:  # noqa: BLE001 - a person whose picture can't be shown is still a person
                _log.warning("no thumbnail of person %s: %s", person.id, e)
                picture = None
            self._drawn[person.id] = person.updated, picture
            if time.monotonic() >= end:
                break
        if not self._undrawn or time.monotonic() - self._shown > SHOW_EVERY:
            self._shown = time.monotonic()
            view = self.view
            self.view = dataclasses.replace(view, people=self._with_thumbnails(view.people), drawn=view.drawn + 1)

    def _with_thumbnails(self, people: Iterable[PersonSummary]) -> tuple[PersonSummary, ...]:
        # Of a person who was changed the old picture is shown until the new one is drawn.
        return tuple(
            dataclasses.replace(p, thumbnail=self._drawn[p.id][1]) if p.id in self._drawn else p for p in people
        )

    def _report(self, error: Exception) -> None:
        known = isinstance(error, KnownError)
        problem = str(error) if known else f"the gallery cannot be used ({type(error).__name__}): see the log"
        if self.problem != problem:  # once, not twice a second
            _log.warning("gallery: %s", error, exc_info=None if known else error)
        self.problem = problem

    def _refuse_jobs(self, error: KnownError) -> bool:
        """Answer for a gallery that isn't open, until it is time to try again; False where the end has come."""
        until = time.monotonic() + REOPEN_EVERY
        while True:
            try:
                item = self._jobs.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return True
            if item is None:
                return False
            if item[1].set_running_or_notify_cancel():
                item[1].set_exception(error)

    def _cancel_jobs(self) -> None:
        with self._asking:
            self._closed = True
        while True:
            try:
                item = self._jobs.get_nowait()
            except queue.Empty:
                return
            if item is not None:
                item[1].cancel()
