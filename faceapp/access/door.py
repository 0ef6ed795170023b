"""Doors: what the adapters have in common, and the simulated one.

An adapter speaks to one kind of lock or relay. All of them keep the same promises, so that nothing above needs to know
which it is: an opening is a pulse that ends by itself, every call ends within its time limit, nothing is kept for later
when the device is away, and a reply says "opened" only where the device said so (or can't say anything at all).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

DoorState: TypeAlias = Literal["shut", "open", "unknown"]
"""What the device says of itself; `unknown` where it says nothing."""

DoorOutcome: TypeAlias = Literal["opened", "refused", "unreachable", "failed"]
"""opened: it did. refused: it said no. unreachable: nobody answered in time, and nothing was left for it to do later.
failed: anything else."""


@dataclass(frozen=True, slots=True)
class DoorReply:
    """What became of an opening."""

    outcome: DoorOutcome
    detail: str = ""
    """A short code for the log: `timeout`, `http 503`."""
    confirmed: bool = False
    """True where the device itself confirmed it."""


class Door(Protocol):
    """One door. Only the door thread calls its methods, one at a time, so an adapter needs no locks of its own."""

    name: str
    """For people and the log, without credentials."""

    def open(self, pulse: float, timeout: float) -> DoorReply:
        """Open for `pulse` seconds, after which the device itself shuts again, also when this program ends meanwhile.
        Returns within `timeout` seconds; a request that wasn't answered by then must not take effect later."""

    def state(self, timeout: float) -> DoorState:
        """What the device says. Raises OSError or UnavailableError where it can't be reached within `timeout`."""

    def shut(self, timeout: float) -> None:
        """Make sure that it is shut, where the device can be told so; else nothing. Raises as `state`."""

    def close(self) -> None:
        """Let go of the device."""


class SimulatedDoor:
    """`sim:`, the default: a door drawn on the screen. `state` may be asked by any thread."""

    name = "sim:"

    def __init__(self, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._now_ns = now_ns
        self._open_until_ns = 0

    def open(self, pulse: float, timeout: float) -> DoorReply:  # noqa: ARG002 - it takes no time
        """Open for `pulse` seconds."""
        self._open_until_ns = self._now_ns() + round(pulse * 1e9)
        return DoorReply("opened", confirmed=True)

    def state(self, timeout: float = 0.0) -> DoorState:  # noqa: ARG002 - it takes no time
        """Whether it stands open."""
        return "open" if self._now_ns() < self._open_until_ns else "shut"

    def shut(self, timeout: float = 0.0) -> None:  # noqa: ARG002 - it takes no time
        """Shut it at once."""
        self._open_until_ns = 0

    def close(self) -> None:
        """Shut it: a door that nobody watches is shut."""
        self._open_until_ns = 0
