"""Keeping up on a slow machine: less is done for each frame, and then fewer frames, before a name comes late.

Pure: times are given. A frame's latency is what recognising it takes and what it waited for the frame before, so doing
less lowers both. What a face is known by is never made worse: it is only asked less often.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

BOUND_MS = 150.0
"""From capture to result: longer, and a name no longer seems to belong to the movement one sees."""
OVER_NS = 1_500_000_000
"""So long most frames must be late before less is done: opening a program is no reason."""
UNDER_NS = 6_000_000_000
"""...and so long all must be in good time before more is tried again. Twice as long after each try that failed."""
MOST_UNDER_NS = 96_000_000_000
ENOUGH = 0.5
"""In good time: within this part of the bound. What is done more at the next pace costs up to twice as much."""
FEWEST = 5
"""Frames without which nothing is decided, however long they take."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done."""

    faces: int
    """Faces embedded in one frame, at most."""
    patience: float
    """How many times as long as usual a face that is known waits until it is embedded again."""
    rest: float
    """After a frame: how long nothing is done, in parts of what the frame took."""


PACES = (Pace(4, 1.0, 0.0), Pace(2, 1.25, 0.0), Pace(1, 1.8, 0.0), Pace(1, 1.8, 1.0))
"""From all that is wanted to every second moment. At 1.8 no name is older than a second (`embedding.STALE_S`)."""


class Governor:
    """Chooses the pace. One thread owns it."""

    def __init__(self, bound_ms: float = BOUND_MS) -> None:
        self._bound = bound_ms
        self._frames: deque[tuple[int, float]] = deque()
        self._changed_ns: int | None = None
        self._under_ns = UNDER_NS
        self._tried = False
        self.level = 0
        """0: all that is wanted is done."""

    @property
    def pace(self) -> Pace:
        """How much to do."""
        return PACES[self.level]

    def reset(self) -> None:
        """Another source follows: begin with all that is wanted."""
        self._frames.clear()
        self._changed_ns, self._under_ns, self._tried, self.level = None, UNDER_NS, False, 0

    def saw(self, latency_ms: float, now_ns: int) -> bool:
        """A frame came out so late at `now_ns`; True where the pace changed."""
        if self._changed_ns is None:
            self._changed_ns = now_ns
        self._frames.append((now_ns, latency_ms))
        while len(self._frames) > FEWEST and now_ns - self._frames[0][0] > self._under_ns:
            self._frames.popleft()
        since = now_ns - self._changed_ns
        frames = list(self._frames)
        recent = sum(now_ns - at <= OVER_NS for at, _ in frames)
        lately = [ms for _, ms in frames[-max(FEWEST, recent) :]]
        late = sum(ms > self._bound for ms in lately)
        if since >= OVER_NS and len(lately) >= FEWEST and 2 * late > len(lately) and self.level < len(PACES) - 1:
            if self._tried:  # it was better before: wait longer until the next try
                self._under_ns = min(2 * self._under_ns, MOST_UNDER_NS)
            self._turn(self.level + 1, now_ns, tried=False)
            return True
        in_time = len(self._frames) >= FEWEST and all(ms <= ENOUGH * self._bound for _, ms in self._frames)
        if self.level and since >= self._under_ns and in_time:
            self._turn(self.level - 1, now_ns, tried=True)
            return True
        return False

    def _turn(self, level: int, now_ns: int, tried: bool) -> None:
        self.level, self._changed_ns, self._tried = level, now_ns, tried
        self._frames.clear()
