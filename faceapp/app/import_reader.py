"""An import's reading thread: pictures are read, known ones told apart, and new ones decoded, ahead of the one that is
being enrolled.

Its thread owns the source while it runs. It hands over whatever the source says, in the source's order.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

from faceapp.enrollment.importers.items import Item, Refusal, Source
from faceapp.errors import InputError
from faceapp.gallery.names import clean_name
from faceapp.gallery.store import GalleryStore
from faceapp.types import BgrImage

AHEAD = 2
"""Decoded pictures that wait: one is enough where enrolling is slower, and each may have half a gigabyte."""

Mac: TypeAlias = Callable[[str | bytes, str], str]
"""A keyed hash of something, with a label for what it is used for."""


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A picture to be enrolled."""

    item: Item
    name: str
    """As it would be stored."""
    content: str
    """Keyed hash of its bytes."""
    seal: str
    """Keyed hash of its bytes, its name and its place in the source."""
    image: BgrImage


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A picture that the person has already."""

    item: Item
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Rejected:
    """A picture that this import looked at before it was cut short, or that was passed over by choice."""

    item: Item
    name: str
    content: str
    seal: str
    """Both as of `Ready`."""
    reason: str
    """As it was noted."""


Read: TypeAlias = Ready | Known | Rejected | Refusal


class ImportReader:
    """Reads a source ahead on a thread of its own. Enter it, iterate over it once, on one thread; leaving ends it."""

    def __init__(
        self, source: Source, store: GalleryStore, space: str, mac: Mac, rejected: Mapping[str, str], ahead: int = AHEAD
    ) -> None:
        self._source = source
        self._store = store
        self._space = space
        self._mac = mac
        self._rejected = rejected
        self._queue: queue.Queue[Read | BaseException | None] = queue.Queue(ahead)
        self._ending = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="import", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.set()
        while not self._ended:  # it may wait for room in the queue
            self._take()
        self._thread.join()

    def __iter__(self) -> Iterator[Read]:
        while True:
            entry = self._take()
            if entry is None:
                return
            if isinstance(entry, BaseException):
                raise entry
            yield entry

    def _take(self) -> Read | BaseException | None:
        entry = self._queue.get()
        if entry is None or isinstance(entry, BaseException):
            self._ended = True
        return entry

    def _run(self) -> None:
        try:
            for entry in self._source:
                if self._ending.is_set():
                    break
                self._queue.put(entry if isinstance(entry, Refusal) else self._read(entry))
        except BaseException as e:  # noqa: BLE001 - raised on the thread that iterates
            self._queue.put(e)
        else:
            self._queue.put(None)

    def _read(self, item: Item) -> Read:
        try:
            name = clean_name(item.name)
        except InputError as e:
            return Refusal(item.key, item.label, "name", f"{item.label}: {e}")
        try:
            data = item.read()
            content = self._mac(data, "photo")
            seal = self._mac("\0".join((item.key, name, content)), "import item")
            # First: somebody may have chosen a face of it since it was rejected.
            if self._store.has_picture(name, content, self._space):
                return Known(item, name)
            if seal in self._rejected:
                return Rejected(item, name, content, seal, self._rejected[seal])
            return Ready(item, name, content, seal, item.decode(data))
        except InputError as e:
            return Refusal(item.key, item.label, "unreadable", str(e))
