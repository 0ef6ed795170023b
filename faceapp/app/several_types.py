"""What the window of several cameras sees of its session: plain data and two protocols, as in `app.live_types`.

`SeveralSession` (`app/live_several.py`) is the real one; tests bring fakes. Every method is called on the GUI thread
and returns at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from faceapp.app.live_types import Notice, Phase, Pictures


@dataclass(frozen=True, slots=True)
class GridStats:
    """The figures of all cameras."""

    fps: tuple[float, ...]
    """Frames recognised in a second, of each camera that runs."""
    latency_p50_ms: float
    latency_p95_ms: float
    frames_dropped: int
    provider: str
    slowed: int = 0
    """As `LiveStats.slowed`."""


class GridCamera(Pictures, Protocol):
    """One of the cameras."""

    @property
    def name(self) -> str:
        """For people, without credentials."""
        ...

    def phase(self) -> Phase: ...

    def notices(self) -> tuple[Notice, ...]:
        """What is the matter with this camera now."""
        ...


class GridControl(Protocol):
    """Several cameras, recognised together."""

    @property
    def cameras(self) -> Sequence[GridCamera]:
        """In the order in which they were named; always the same ones."""
        ...

    def start(self) -> None:
        """Open the cameras and the models in the background."""
        ...

    def stop(self) -> None:
        """End all threads. Returns within a second even where a read is stuck."""
        ...

    def notices(self) -> tuple[Notice, ...]:
        """The conditions that hold for all cameras, the worst first."""
        ...

    def stats(self) -> GridStats: ...

    def people(self) -> int | None:
        """How many are enrolled; None while that isn't known."""
        ...
