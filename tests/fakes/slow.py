"""The slowest of embedders, one way and the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from faceapp.types import BgrImage, Face, Floats

SLOW_S = 0.5


def burn() -> None:
    """Half a second of this thread's processor time, holding the interpreter as Python code does."""
    end = time.thread_time() + SLOW_S
    total = 0
    while time.thread_time() < end:
        total += sum(k * k for k in range(200))


def wait() -> None:
    """Half a second, as a network on another machine would take."""
    threading.Event().wait(SLOW_S)


class SlowEmbedder:
    """Takes its time for each face. All faces look the same to it."""

    id = space = "slow"
    dimension = 4
    provider = "CPUExecutionProvider"

    def __init__(self, delay: Callable[[], None]) -> None:
        self._delay = delay
        self.embedded = 0

    def embed(self, _image: BgrImage, faces: Sequence[Face]) -> Floats:
        for _ in faces:
            self._delay()
            self.embedded += 1
        return np.tile(np.array([1, 0, 0, 0], np.float32), (len(faces), 1))
