"""Reading a film ahead of who works through it: one frame is decoded while another is looked at."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from faceapp.camera.source import FrameSource
from faceapp.types import Frame

AHEAD = 2
"""Frames that wait, decoded, at most: enough to hide a slow one, and memory for two pictures."""


class ReadAhead:
    """While it is entered, a thread of its own opens, reads and closes the source, which is that thread's alone.
    Iterate to get every frame in order. What opening or reading raises is raised where its frame would have come."""

    def __init__(self, source: FrameSource, ahead: int = AHEAD) -> None:
        self._source = source
        self._frames: queue.Queue[Frame | Exception | None] = queue.Queue(ahead)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self._frames.get(timeout=0.05)  # make room: it may be about to put one
        self._thread.join()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            item = self._frames.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def _run(self) -> None:
        try:
            try:
                self._source.open()
                while not self._stop.is_set() and (frame := self._source.read()) is not None:
                    self._frames.put(frame)
            finally:
                self._source.close()
        except Exception as e:  # noqa: BLE001 - whatever it is, it belongs to whoever takes the frames
            self._frames.put(e)
        else:
            self._frames.put(None)
