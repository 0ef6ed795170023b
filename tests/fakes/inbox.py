"""An inbox of unknown faces in a list: what it is asked is answered at once, or when the test opens the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from faceapp.app.inbox_types import Entry, InboxControl, InboxState
from faceapp.app.live_types import ConsentForm, SnapshotState
from faceapp.types import PersonSummary

if TYPE_CHECKING:  # which has one of these
    from tests.fakes.live import Gate


def entry(
    id: str,
    seen: int = 1,
    first: str = "2026-11-20T08:00:00+00:00",
    last: str = "2026-11-22T09:12:00+00:00",
    camera: str = "Front camera",
    quality: float = 80.0,
    ignored: bool = False,
) -> Entry:
    """Somebody who was seen `seen` times."""
    tracks = (id, *(f"{id}-{n}" for n in range(1, seen)))
    return Entry(id, tracks, first, last, camera, quality, ignored, not ignored)


class FakeInbox:
    """What the page sees, as plain attributes; what it asks for, in `calls`."""

    def __init__(self, gate: Gate, enrolled: Callable[[str], PersonSummary]) -> None:
        self.gate = gate
        self._enrolled = enrolled
        self.now_state = InboxState(collecting=True, possible=True, days=7)
        self.rows: list[Entry] = []
        self.pictures: dict[str, bytes] = {}
        self.examined = SnapshotState("ready", 1.0, None, 82.0)
        self.said = ""
        """What there is to be said about a deletion."""
        self.refuse: str | None = None
        """Whatever is asked for is refused with this line, as long as it is set."""
        self.asked_pictures: list[str] = []
        self.calls: list[object] = []
        self.changes = 0

    def put(self, *rows: Entry) -> None:
        """As a face that goes, or another process, would."""
        self.rows = [*rows, *self.rows]
        self.changes += 1

    def state(self) -> InboxState:
        return self.now_state

    def marker(self) -> int:
        return self.changes

    def entries(self) -> Future[tuple[Entry, ...]]:
        return self.gate.answer(lambda: tuple(sorted(self.rows, key=lambda e: e.ignored)), self.refuse)

    def waiting(self) -> Future[int]:
        return self.gate.answer(lambda: sum(not e.ignored for e in self.rows), self.refuse)

    def picture(self, entry: Entry) -> Future[bytes | None]:
        self.asked_pictures.append(entry.id)
        return self.gate.answer(lambda: self.pictures.get(entry.id), None)

    def examine(self, entry: Entry) -> Future[SnapshotState]:
        self.calls.append(("examine", entry.id))
        return self.gate.answer(lambda: self.examined, self.refuse)

    def enrol(self, entry: Entry, name: str, consent: ConsentForm | None = None) -> Future[PersonSummary]:
        self.calls.append(("enrol", entry.id, name) if consent is None else ("enrol", entry.id, name, consent))

        def change() -> PersonSummary:
            self._remove([entry])
            return self._enrolled(name)

        return self.gate.answer(change, self.refuse)

    def ignore(self, entries: Sequence[Entry]) -> Future[None]:
        self.calls.append(("ignore", *(e.id for e in entries)))

        def change() -> None:
            ids = {e.id for e in entries}
            self.rows = [replace(e, ignored=True, has_picture=False) if e.id in ids else e for e in self.rows]
            self.changes += 1

        return self.gate.answer(change, self.refuse)

    def delete(self, entries: Sequence[Entry]) -> Future[str]:
        self.calls.append(("delete", *(e.id for e in entries)))

        def change() -> str:
            self._remove(entries)
            return self.said

        return self.gate.answer(change, self.refuse)

    def collect(self, on: bool) -> Future[None]:
        self.calls.append(("collect", on))

        def change() -> None:
            self.now_state = replace(self.now_state, collecting=on)
            self.changes += 1

        return self.gate.answer(change, self.refuse)

    def _remove(self, entries: Sequence[Entry]) -> None:
        gone = {e.id for e in entries}
        self.rows = [e for e in self.rows if e.id not in gone]
        self.changes += 1


def _is_the_interface(inbox: FakeInbox) -> InboxControl:
    """Checked by mypy: the fake keeps to the protocol."""
    return inbox
