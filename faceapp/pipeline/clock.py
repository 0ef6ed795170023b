"""The clock the capture thread goes by, so that tests need not wait for a real one."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now_ns(self) -> int:
        """Nanoseconds, as `Frame.captured_ns` counts them."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Wait so long, or until `stop` is set; True if it was."""


class RealClock:
    """`time.monotonic_ns`, and real waiting."""

    def now_ns(self) -> int:
        """Nanoseconds of the monotonic clock."""
        return time.monotonic_ns()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Wait so long, or until `stop` is set; True if it was."""
        return stop.wait(seconds)
