"""Waiting in tests for what other threads do: look again and again, up to a deadline, and never sleep for a guess."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T | None], seconds: float = 30.0, every: float = 0.005) -> T:
    """The first true thing that `look` returns. An AssertionError after `seconds`."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s"
        pause.wait(every)
