"""Changing the embedder of a site from its live window: on one thread, with networks and a gallery of its own.

The window goes on with the embedder it has (`app/switching.py` says why). What is written here its gallery thread
notices as any other program's change, and finds nothing in it for its own space.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from faceapp.app.live_types import Notice
from faceapp.app.notices import sentence
from faceapp.app.parts import Parts
from faceapp.app.switch_types import EmbedderChoice, SwitchCost, SwitchState
from faceapp.app.switching import StoredEmbedder, choices, cost_of, switch, target
from faceapp.errors import KnownError, UnavailableError
from faceapp.gallery.store import GalleryStore

BUG = "Something went wrong inside faceapp. The log has the details."

T = TypeVar("T")
_log = logging.getLogger(__name__)


class LiveSwitch:
    """See `SwitchControl`. Called on the GUI thread; starts nothing before it is asked. Networks and gallery are opened
    for each question and let go of: it is asked once in a year."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stored = StoredEmbedder(parts.data_dir, parts.settings.embedder)
        self._worker = ThreadPoolExecutor(1, "embedder")
        self._stopping = threading.Event()
        self._cancelled = threading.Event()
        self._busy = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._state = SwitchState()
        """Replaced whole, by whichever thread has the turn: the GUI's while nothing is under way."""

    # For the window

    def in_use(self) -> str:
        """Id of the embedder this session uses."""
        return self._parts.settings.embedder

    def title(self) -> str:
        """Its title."""
        return self._parts.embedder_spec.title

    def choices(self) -> Future[tuple[EmbedderChoice, ...]]:
        """See `SwitchControl.choices`."""
        return self._submit(lambda: choices(self._parts))

    def cost(self, id: str) -> Future[SwitchCost]:
        """See `SwitchControl.cost`."""

        def ask() -> SwitchCost:
            with self._own_parts(id) as parts:
                return cost_of(parts)

        return self._submit(ask)

    def begin(self, id: str) -> None:
        """See `SwitchControl.begin`."""
        if self._busy.is_set() or self._stopping.is_set():
            return
        self._busy.set()
        self._cancelled.clear()
        self._state = SwitchState("embedding", id)
        self._submit(lambda: self._run(id))

    def state(self) -> SwitchState:
        """What goes on now, or what it came to."""
        state = self._state
        if self._cancelled.is_set() and state.phase == "embedding":
            return dataclasses.replace(state, cancelling=True)
        return state

    def cancel(self) -> None:
        """End after the photo at hand."""
        self._cancelled.set()

    # For the session

    def looking(self, upkeep: Callable[[GalleryStore], None]) -> Callable[[GalleryStore], None]:
        """`upkeep`, which the gallery's thread does now and then, after a look whether another embedder was chosen,
        here or anywhere."""

        def both(store: GalleryStore) -> None:
            self._stored.look()
            upkeep(store)

        return both

    def notices(self) -> list[Notice]:
        """What the window tells."""
        told, state = [], self._state
        if state.phase == "failed":
            told.append(Notice("embedder-failed", "error", f"The recogniser was not changed: {state.problem}"))
        if self._stored.notice is not None:
            told.append(Notice("embedder", "warning", sentence(self._stored.notice)))
        return told

    def stop(self, timeout: float = 2.0) -> bool:
        """End after the photo at hand; False where that takes longer than `timeout` seconds."""
        self._stopping.set()
        self._cancelled.set()
        self._worker.shutdown(wait=False, cancel_futures=True)
        return self._idle.wait(timeout)

    # Between the two

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        def run() -> T:
            self._idle.clear()
            try:
                if self._stopping.is_set():
                    raise UnavailableError("the window was closed: nothing was changed")
                return job()
            finally:
                self._idle.set()

        try:
            return self._worker.submit(run)
        except RuntimeError:  # stopped
            refused: Future[T] = Future()
            refused.cancel()
            return refused

    # On the thread

    def _own_parts(self, id: str) -> Parts:
        from faceapp.vision.session import thread_count

        # Half of what recognition takes, which goes on.
        threads = max(1, thread_count(self._parts.settings.threads) // 2)
        return target(self._parts.fork(threads=threads), id)

    def _run(self, id: str) -> None:
        def progress(done: int, total: int) -> None:
            self._state = SwitchState("embedding", id, done, total)

        ended = SwitchState("failed", id, problem=BUG)
        try:
            with self._own_parts(id) as parts:
                done = switch(parts, progress, self._cancelled.is_set)
            ended = SwitchState("done" if done.switched else "cancelled", id, result=done)
        except KnownError as e:
            ended = SwitchState("failed", id, problem=sentence(e))
        except Exception:  # noqa: BLE001 - whoever opens the dialog is told, and the window goes on
            _log.exception("changing the embedder failed")
        finally:
            self._state = ended
            self._busy.clear()
