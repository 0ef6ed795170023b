"""How far a stream has fallen behind the camera, told from the stream's own clock."""

from __future__ import annotations

import math
from typing import Final

UNNOTICED: Final = 0.5
"""Seconds: a lag up to this is the network's jitter, and a frame counts as taken when it comes."""
HOPELESS: Final = 5.0
"""Seconds behind at which a stream is worth nothing: connecting again drops what has piled up."""
DRIFT: Final = 0.001
"""Seconds a second by which a camera's clock may run slow: it is no lag."""
_MS, _SECOND = 1_000_000, 1_000_000_000


class Lag:
    """Compares when pictures come with the times that the stream gives them. One thread uses it, for one connection.

    The picture that came soonest after its time sets the measure; what comes later than that has waited on the way. A
    delay that was there from the first picture on can't be seen like this.
    """

    def __init__(self) -> None:
        self._best_ns: float | None = None
        self._stream_ns = -1.0
        self._arrival_ns = 0
        self._taken_ns = 0

    def taken_ns(self, arrival_ns: int, stream_ms: float) -> int:
        """When the picture that came at `arrival_ns` was taken, on the same clock, going by the stream's time
        `stream_ms`: never later than it came, and never before the one before it."""
        behind = self._behind_ns(arrival_ns, stream_ms)
        taken = arrival_ns - behind if behind > UNNOTICED * _SECOND else arrival_ns
        self._taken_ns = min(arrival_ns, max(taken, self._taken_ns + 1))
        return self._taken_ns

    @property
    def behind_s(self) -> float:
        """How far the last picture was behind, in seconds."""
        return 0.0 if self._best_ns is None else max(0.0, self._arrival_ns - self._stream_ns - self._best_ns) / _SECOND

    def _behind_ns(self, arrival_ns: int, stream_ms: float) -> int:
        stream_ns = stream_ms * _MS
        if not (math.isfinite(stream_ns) and stream_ns > max(0.0, self._stream_ns)):
            # No time is given, or the stream's clock began anew: nothing to compare with.
            self._best_ns, self._stream_ns, self._arrival_ns = None, -1.0, arrival_ns
            return 0
        offset = arrival_ns - stream_ns
        if self._best_ns is not None:
            self._best_ns += DRIFT * (arrival_ns - self._arrival_ns)
        self._best_ns = offset if self._best_ns is None else min(self._best_ns, offset)
        self._stream_ns, self._arrival_ns = stream_ns, arrival_ns
        return round(offset - self._best_ns)
