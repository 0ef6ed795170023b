"""What all threads of a window have in common: the interpreter they share, and the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Protocol, TypeVar

SWITCH_SECONDS = 0.001


def share_the_interpreter() -> None:
    """Let a waiting thread have the interpreter after one millisecond instead of five. A frame's way to the screen
    takes it several times (read, put, poll, paint), and each would wait as long behind recognition's Python code."""
    sys.setswitchinterval(SWITCH_SECONDS)


class Stops(Protocol):
    """A thread that can be told to end."""

    def stop(self, timeout: float, /) -> bool:
        """Wait so many seconds for it; False where it goes on."""
        ...


S = TypeVar("S", bound=Stops)


def stop_all(threads: Sequence[S], within: float) -> list[S]:
    """Tell each to end before any is waited for, `within` seconds in all; those that go on."""
    for thread in threads:
        thread.stop(0)
    end = time.monotonic() + within
    return [thread for thread in threads if not thread.stop(max(0.0, end - time.monotonic()))]
