"""Working ahead of who works through a film: one frame is decoded, and another's faces are found, while those of a
third are named."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from faceapp.camera.source import FrameSource
from faceapp.pipeline.recogniser import Found, Recogniser
from faceapp.types import Frame

AHEAD = 2
"""Frames that wait, decoded, at most: enough to hide a slow one, and memory for two pictures."""
T = TypeVar("T")


class Ahead(Generic[T]):
    """While it is entered, a thread of its own makes the items, so many ahead, and owns what makes them. Iterate to get
    every one in order. What making them raises is raised where its item would have come."""

    def __init__(self, make: Callable[[], Generator[T, None, None]], name: str, ahead: int) -> None:
        """`make` is called on the thread; what it gives is closed there, too. `name`: the thread's."""
        self._make = make
        self._items: queue.Queue[T | Exception | None] = queue.Queue(ahead)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self._items.get(timeout=0.05)  # make room: it may be about to put one
        self._thread.join()

    def __iter__(self) -> Iterator[T]:
        while True:
            item = self._items.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def _run(self) -> None:
        try:
            with contextlib.closing(self._make()) as items:
                for item in items:
                    self._items.put(item)
                    if self._stop.is_set():
                        break
        except Exception as e:  # noqa: BLE001 - whatever it is, it belongs to whoever takes the items
            self._items.put(e)
        else:
            self._items.put(None)


class ReadAhead(Ahead[Frame]):
    """Opens, reads and closes a source."""

    def __init__(self, source: FrameSource, ahead: int = AHEAD) -> None:
        super().__init__(lambda: _read(source), "read-ahead", ahead)


class FindAhead(Ahead[Found]):
    """Finds and follows the faces of each frame, while those of the one before are named. The recogniser's finding half
    is the thread's (see `Recogniser`)."""

    def __init__(self, recogniser: Recogniser, frames: Iterable[Frame]) -> None:
        super().__init__(lambda: _find(recogniser, frames), "find-ahead", 1)


def _read(source: FrameSource) -> Generator[Frame, None, None]:
    try:
        source.open()
        while (frame := source.read()) is not None:
            yield frame
    finally:
        source.close()


def _find(recogniser: Recogniser, frames: Iterable[Frame]) -> Generator[Found, None, None]:
    for frame in frames:
        yield recogniser.find(frame)
