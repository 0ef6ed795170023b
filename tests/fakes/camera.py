"""Cameras that do what a test tells them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from faceapp.camera.source import Kind
from faceapp.types import Frame


def picture(id: int = 0, captured_ns: int = 0, size: tuple[int, int] = (64, 48)) -> Frame:
    """A small frame whose grey is its id."""
    return Frame.freeze(id, captured_ns, np.full((size[1], size[0], 3), id % 256, np.uint8))


Step = Frame | Exception | Callable[[], object] | None
"""What one `read` does: deliver, fail, do something first and go on to the next step, or end."""


class ScriptedSource:
    """Each `open` begins the next script (the last one stays at its end); each `read` takes a step of it. An exception
    alone in place of a script is raised by `open`. After a script's last step the source has ended."""

    spec = name = "scripted"

    def __init__(self, *scripts: Iterable[Step] | Exception, live: bool = False, fps: float | None = 30.0) -> None:
        self._scripts = list(scripts)
        self._steps: Iterator[Step] = iter(())
        self.live = live
        self.kind: Kind = "device" if live else "file"
        self.fps = None if live else fps
        self.calls: list[str] = []
        self.threads: set[int] = set()

    def open(self) -> None:
        self._called("open")
        script = self._scripts.pop(0) if self._scripts else ()
        if isinstance(script, Exception):
            raise script
        self._steps = iter(script)

    def read(self) -> Frame | None:
        self._called("read")
        for step in self._steps:
            if isinstance(step, Exception):
                raise step
            if step is None or isinstance(step, Frame):
                return step
            step()
        return None

    def close(self) -> None:
        self._called("close")

    def _called(self, what: str) -> None:
        self.calls.append(what)
        self.threads.add(threading.get_ident())


class PunctualCamera:
    """A live 640 x 480 camera that delivers a frame every 1 / `fps` seconds, on time, until it is closed."""

    spec = name = "punctual"
    kind: Kind = "device"
    live = True
    fps = None

    def __init__(self, rate: float = 30.0) -> None:
        self._rate = rate
        self._due = 0.0
        self._next = 0
        self._never = threading.Event()
        self._picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)

    def open(self) -> None:
        self._due = time.monotonic()

    def read(self) -> Frame | None:
        self._due += 1 / self._rate
        self._never.wait(max(0.0, self._due - time.monotonic()))
        self._next += 1
        return Frame.freeze(self._next - 1, time.monotonic_ns(), self._picture.copy())

    def close(self) -> None:
        pass


class HandedSource:
    """A live camera whose `read` waits until the test hands it something, for ever if it must: so does a driver that
    hangs. `opens`: what each `open` raises, or calls first; the last one stays."""

    spec = name = "handed"
    fps = None

    def __init__(self, *opens: Exception | Callable[[], object] | None, live: bool = True) -> None:
        self._opens = list(opens) or [None]
        self._handed: queue.SimpleQueue[Frame | Exception | None] = queue.SimpleQueue()
        self.live = live
        self.kind: Kind = "device" if live else "file"
        self.opened = self.closed = self.reads = 0

    def hand(self, *steps: Frame | Exception | None) -> None:
        """What the next reads give."""
        for step in steps:
            self._handed.put(step)

    def open(self) -> None:
        self.opened += 1
        does = self._opens.pop(0) if len(self._opens) > 1 else self._opens[0]
        if isinstance(does, Exception):
            raise does
        if does is not None:
            does()

    def read(self) -> Frame | None:
        self.reads += 1
        step = self._handed.get()
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self.closed += 1
