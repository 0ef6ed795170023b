"""What is said of an opening: how long it may take, what became of it, and by which clock it is young."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from faceapp.access.chain import Entry, Scalar
from faceapp.access.decisions import Grant

Outcome: TypeAlias = Literal[
    "opened", "refused", "unreachable", "failed", "late", "expired", "withdrawn", "not_logged", "interrupted"
]
"""The first four are the door's (`DoorOutcome`). late: it opened after its time limit and was told to shut. expired:
the grant was too old. withdrawn: the person isn't active any more, or that couldn't be told. not_logged: the log
couldn't be written, so nothing was done. interrupted: the program ended in between."""


def since_boot_ns() -> int:
    """A clock that goes on while the machine is suspended: what was decided before isn't young afterwards."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if clock is None else time.clock_gettime_ns(clock)


class Log(Protocol):
    """What the thread needs of the audit log."""

    def append(self, kind: str, **fields: Scalar) -> Entry:
        """Write an entry for good, or raise UnavailableError."""

    def latest(self) -> Sequence[Entry]:
        """The last entries, oldest first."""


@dataclass(frozen=True, slots=True)
class DoorOptions:
    """Times in seconds."""

    pulse: float = 3.0
    """How long the door stays open: to reach for the handle and pull."""
    time_limit: float = 2.0
    """How long an opening may take. After this it is out of order, and a late success is taken back where the
    device can still be told."""
    max_age: float = 1.0
    """A grant older than this doesn't open any more: who it was for may have gone on, and somebody else come."""
    log_limit: float = 3.0
    """How long writing an entry may take before the door counts as out of order."""
    look_every: float = 2.0
    """How often the door is asked how it is."""
    busy_while_open: bool = True
    """Whether no other opening is taken while the door stands open. Where a film is played faster than time goes by,
    whoever plays it must see to that, in the film's time."""
    notes: int = 500
    """Entries that may wait for a log that can't be written."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a grant."""

    grant: Grant
    outcome: Outcome
    detail: str
    at_ns: int
