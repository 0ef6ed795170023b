"""Doors, logs and a clock that do what a test tells them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence

from faceapp.access.chain import Entry, Scalar
from faceapp.access.decisions import Evidence, Grant
from faceapp.access.door import DoorReply, DoorState
from faceapp.errors import UnavailableError

PERSON = "0123456789abcdef0123456789abcdef"


def always(_: str) -> bool:
    """Yes."""
    return True


def never(_: str) -> bool:
    """No."""
    return False


class HandClock:
    """Nanoseconds that go by only when a test says so. Read by any thread."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000_000

    def __call__(self) -> int:
        return self.ns

    def advance(self, seconds: float) -> None:
        """Time goes by."""
        self.ns += round(seconds * 1e9)


class ScriptedDoor:
    """Opens with the next reply (the last one stays), an exception being raised; hangs while `free` is cleared."""

    name = "scripted"

    def __init__(self, *replies: DoorReply | Exception, calls: list[str] | None = None) -> None:
        self._replies = list(replies) or [DoorReply("opened", confirmed=True)]
        self.calls = [] if calls is None else calls
        self.now: DoorState | Exception = "shut"
        self.free = threading.Event()
        self.free.set()
        self.entered = threading.Event()
        """Set while somebody hangs in `open` or `state`."""
        self.threads: set[int] = set()

    def open(self, pulse: float, timeout: float) -> DoorReply:  # noqa: ARG002 - as the protocol has it
        """The next reply."""
        self._called("open")
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def state(self, timeout: float) -> DoorState:  # noqa: ARG002 - as the protocol has it
        """What the test says."""
        self._called("state")
        if isinstance(self.now, Exception):
            raise self.now
        return self.now

    def shut(self, timeout: float) -> None:  # noqa: ARG002 - as the protocol has it
        """Note it; fails as `state` does."""
        self.calls.append("shut")
        if isinstance(self.now, Exception):
            raise self.now

    def close(self) -> None:
        """Note it."""
        self.calls.append("close")

    def _called(self, what: str) -> None:
        self.calls.append(what)
        self.threads.add(threading.get_ident())
        if not self.free.is_set():
            self.entered.set()
            self.free.wait(20)
            self.entered.clear()


class ListedLog:
    """An audit log in a list; `broken` makes it fail."""

    def __init__(self, calls: list[str] | None = None) -> None:
        self.entries: list[Entry] = []
        self.calls = [] if calls is None else calls
        self.broken: Callable[[str], bool] = never
        self._numbers = itertools.count(1)

    def append(self, kind: str, **fields: Scalar) -> Entry:
        """Write an entry, or not."""
        self.calls.append(kind)
        if self.broken(kind):
            raise UnavailableError("the audit log cannot be written (No space left on device): free space")
        entry = Entry(next(self._numbers), "2024-01-01T00:00:00.000+00:00", kind, fields, "0", "0", "0")
        self.entries.append(entry)
        return entry

    def latest(self) -> Sequence[Entry]:
        """All of them."""
        return list(self.entries)

    def kinds(self) -> list[str]:
        """Their kinds, an outcome's with the outcome."""
        return [f"{e.kind} {e.fields['outcome']}" if e.kind == "outcome" else e.kind for e in self.entries]


def grant_at(now_ns: int, person_id: str = PERSON, track: int = 1) -> Grant:
    """A grant decided at `now_ns`."""
    evidence = Evidence(
        "identify", track, person_id, 0.31, 0.45, None, None, 0.05, 5, 5, 8, 200.0, 70.0, "unknown", 60.0, 266.0
    )
    return Grant(person_id, track, now_ns - 60_000_000, now_ns, evidence)
