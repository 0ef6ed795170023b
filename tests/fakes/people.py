"""The people page's other side without a gallery: people in a list, merges in another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from faceapp.app.live_types import ConsentForm
from faceapp.app.people_types import NO_DOOR, DoorWords, Likeness, ManageControl, Merged, PeopleDeleted, PeopleRow
from faceapp.errors import UnavailableError
from faceapp.types import PersonSummary

T = TypeVar("T")


class Gallery(Protocol):
    """`FakePeople` of `tests.fakes.live`."""

    rows: list[PersonSummary]
    refuse: str | None
    changes: int
    deleted: list[str]
    erases: bool
    with_door: frozenset[str]

    def list(self) -> list[PersonSummary]: ...

    def answer(self, change: Callable[[], T]) -> Future[T]: ...


@dataclass
class FakeManage:
    """Changes the list that `FakePeople` has."""

    gallery: Gallery
    doors: dict[str, DoorWords] = field(default_factory=dict)
    """By name."""
    pictures: dict[str, bytes] = field(default_factory=dict)
    """Thumbnails by id."""
    asked: list[str] = field(default_factory=list)
    """Ids of those whose thumbnails were asked for."""
    calls: list[object] = field(default_factory=list)
    now_likeness: Likeness = field(default_factory=lambda: Likeness(0.5, 0.9))
    now_progress: float | None = None
    now_drawn: int = 0
    known_consents: dict[str, ConsentForm] = field(default_factory=dict)
    """By id."""
    merged: list[tuple[Merged, PersonSummary]] = field(default_factory=list)
    barred: frozenset[str] = frozenset()
    """Names of those who were denied or deactivated."""
    unread: str | None = None
    """Why nobody knows who has the door."""

    def rows(self) -> Sequence[PeopleRow]:
        return [PeopleRow(p, self.doors.get(p.name, NO_DOOR)) for p in self.gallery.list() if not p.guest]

    def marker(self) -> int:
        return self.gallery.changes

    def thumbnail(self, person: PersonSummary) -> bytes | None:
        self.asked.append(person.id)
        return person.thumbnail or self.pictures.get(person.id)

    def drawn(self) -> int:
        return self.now_drawn

    def portrait(self, person_id: str) -> Future[bytes | None]:
        return self._done(self.pictures.get(person_id))

    def delete(self, person_ids: Sequence[str]) -> Future[PeopleDeleted]:
        self.calls.append(("delete", tuple(person_ids)))
        self.now_progress = 0.25

        def change() -> PeopleDeleted:
            self.now_progress = None
            known = {p.id for p in self.gallery.rows}
            there = [id for id in person_ids if id in known]
            self._remove(there)
            return PeopleDeleted(len(there), self.gallery.erases, tuple(id for id in person_ids if id not in known))

        return self.gallery.answer(change)

    def progress(self) -> float | None:
        return self.now_progress

    def likeness(self, one_id: str, other_id: str) -> Future[Likeness]:
        self.calls.append(("likeness", one_id, other_id))
        return self._done(self.now_likeness)

    def door_holders(self, names: Collection[str] | None = None) -> tuple[str, ...]:
        if self.unread is not None:
            raise UnavailableError(self.unread)
        wanted = None if names is None else {name.casefold() for name in names}
        found = (p.name for p in self.gallery.list() if p.name in self.gallery.with_door)
        return tuple(name for name in found if wanted is None or name.casefold() in wanted)

    def merge_gives_door(self, person_id: str, into_id: str) -> bool:
        if self.unread is not None:
            raise UnavailableError(self.unread)
        names = {p.id: p.name for p in self.gallery.rows}
        return names[into_id] in self.gallery.with_door or names[person_id] in self.barred

    def merge(self, person_id: str, into_id: str, pin_given: bool = False) -> Future[Merged]:
        self.calls.append(("merge", person_id, into_id, *(["pin"] if pin_given else [])))

        def change() -> Merged:
            away, into = (next(p for p in self.gallery.rows if p.id == id) for id in (person_id, into_id))
            done = Merged(person_id, away.name, into.name, "2026-11-22T04:00:00+00:00", away.photos)
            self.merged.insert(0, (done, away))
            self.gallery.rows = [
                replace(p, photos=p.photos + away.photos) if p.id == into_id else p
                for p in self.gallery.rows
                if p.id != person_id
            ]
            self.gallery.changes += 1
            return done

        return self.gallery.answer(change)

    def merges(self) -> Future[Sequence[Merged]]:
        return self._done([m for m, _ in self.merged])

    def undo_merge(self, merge_id: str) -> Future[str]:
        self.calls.append(("undo_merge", merge_id))

        def change() -> str:
            [(done, away)] = [m for m in self.merged if m[0].id == merge_id]
            self.merged.remove((done, away))
            self.gallery.rows = [*self.gallery.rows, away]
            self.gallery.changes += 1
            return away.name

        return self.gallery.answer(change)

    def record_consent(self, person_id: str, consent: ConsentForm) -> Future[None]:
        self.calls.append(("record_consent", person_id, consent))

        def change() -> None:
            self.known_consents[person_id] = consent
            until = None if consent.until is None else consent.until.isoformat()
            self.gallery.rows = [
                replace(p, consent="given", consent_until=until) if p.id == person_id else p for p in self.gallery.rows
            ]
            self.gallery.changes += 1

        return self.gallery.answer(change)

    def consent(self, person_id: str) -> Future[ConsentForm | None]:
        return self._done(self.known_consents.get(person_id))

    def withdraw_consent(self, person_id: str) -> Future[PeopleDeleted]:
        self.calls.append(("withdraw_consent", person_id))

        def change() -> PeopleDeleted:
            self._remove([person_id])
            return PeopleDeleted(1, self.gallery.erases)

        return self.gallery.answer(change)

    def _remove(self, person_ids: Sequence[str]) -> None:
        self.gallery.rows = [p for p in self.gallery.rows if p.id not in person_ids]
        self.gallery.deleted += person_ids
        self.gallery.changes += 1

    def _done(self, value: T) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(value)
        return future


def _is_the_interface(manage: FakeManage) -> ManageControl:
    """Checked by mypy: the fake keeps to the protocol."""
    return manage
