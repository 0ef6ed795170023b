"""Counting what a live session does. Times are given, in nanoseconds: no clock in here."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

WINDOW_NS = 3_000_000_000
"""Rates are over the last three seconds: quick enough to follow, long enough to be read."""


class Rate:
    """Events a second over a sliding window."""

    def __init__(self, window_ns: int = WINDOW_NS) -> None:
        self._window_ns = window_ns
        self._times: deque[int] = deque()
        self._lock = threading.Lock()
        self.count = 0
        self.last_ns: int | None = None
        """When the last event was."""

    def tick(self, now_ns: int) -> None:
        """Something happened."""
        with self._lock:
            self.count += 1
            self.last_ns = now_ns
            self._times.append(now_ns)
            self._forget(now_ns)

    def per_second(self, now_ns: int) -> float:
        """The rate now; 0 until two events were seen."""
        with self._lock:
            self._forget(now_ns)
            if len(self._times) < 2:
                return 0.0
            # Up to now, not up to the last event: a source that stopped must read as stopping.
            span = max(self._times[-1] - self._times[0], now_ns - self._times[0] - self._window_ns // 4)
            return (len(self._times) - 1) * 1e9 / span if span > 0 else 0.0

    def _forget(self, now_ns: int) -> None:
        while self._times and now_ns - self._times[0] > self._window_ns:
            self._times.popleft()


class Latencies:
    """The last `keep` latencies."""

    def __init__(self, keep: int = 300) -> None:
        self._values: deque[float] = deque(maxlen=keep)
        self._lock = threading.Lock()

    def add(self, milliseconds: float) -> None:
        """Remember one."""
        with self._lock:
            self._values.append(milliseconds)

    def percentiles(self) -> tuple[float, float]:
        """p50 and p95 in milliseconds; 0 where there are none yet."""
        with self._lock:
            values = list(self._values)
        if not values:
            return 0.0, 0.0
        p50, p95 = np.percentile(values, [50, 95])
        return float(p50), float(p95)
