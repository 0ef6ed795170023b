"""The slot between two threads: it holds the newest item and nothing else."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds one item. Putting replaces, and an item that was replaced before anybody took it counts as dropped, so
    that a slow taker never holds up the giver and never works on old items. Any thread may call anything."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: T | None = None
        self._fresh = False
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many items were replaced before they were taken."""
        with self._condition:
            return self._dropped

    @property
    def closed(self) -> bool:
        """True after `close`."""
        with self._condition:
            return self._closed

    def put(self, item: T) -> None:
        """Offer `item`; what was there and not taken is dropped. Ignored once closed: a reader that was given up on
        may still deliver."""
        with self._condition:
            if self._closed:
                return
            self._dropped += self._fresh
            self._item, self._fresh = item, True
            self._condition.notify_all()

    def take(self, timeout: float | None = None) -> T | None:
        """The newest item that nobody took yet, waiting up to `timeout` seconds for one (None: until closed).
        None when time is up, or when the slot is closed and empty."""
        with self._condition:
            self._condition.wait_for(lambda: self._fresh or self._closed, timeout)
            if not self._fresh:
                return None
            self._fresh = False
            return self._item

    def peek(self) -> T | None:
        """The newest item ever put, taken or not, without waiting and without taking it."""
        with self._condition:
            return self._item

    def discard(self) -> None:
        """Give up the item that nobody took yet: it counts as dropped."""
        with self._condition:
            self._dropped += self._fresh
            self._fresh = False

    def close(self) -> None:
        """Wake everybody who waits; nothing more is accepted, what is there can still be taken."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
