"""A clock that moves only when somebody waits."""

from __future__ import annotations

import threading

from faceapp.pipeline.clock import Clock


class FakeClock(Clock):
    """Starts at 1000 s. Waiting takes no time and is remembered."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000_000
        self.waits: list[float] = []

    def now_ns(self) -> int:
        return self.ns

    def advance(self, seconds: float) -> None:
        """Time goes by."""
        self.ns += round(seconds * 1e9)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.waits.append(seconds)
        self.advance(seconds)
        return stop.is_set()
