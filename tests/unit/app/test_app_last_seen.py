"""Who was seen is written down sparsely: a day, once, some together, and never by the thread that recognises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.inbox_watch import LiveWatch
from faceapp.app.last_seen import WRITE_EVERY, LastSeen, SeenWatch
from faceapp.app.parts import Parts
from faceapp.app.snapshots import Snapshots
from faceapp.app.upkeep import Upkeep
from faceapp.camera.choose import DEMO
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.pipeline.recogniser import Recogniser
from faceapp.settings import Settings
from faceapp.types import Candidate, FrameResult, Match
from tests.fakes.keys import key_file
from tests.fakes.live import frame, matched, result, tracked

BOX = (100.0, 100.0, 200.0, 220.0)
SECOND = 1_000_000_000


class Rig:
    """A gallery with Ada and Bea, a clock and a calendar."""

    def __init__(self, store: GalleryStore, wanted: bool = True) -> None:
        self.store = store
        self.day, self.now = date(2026, 11, 22), 0.0
        self.seen = LastSeen(wanted, day=lambda: self.day, monotonic=lambda: self.now)
        self.ada, self.bea = (p.id for p in store.people())

    def known(self) -> dict[str, str | None]:
        return {p.name: p.last_seen for p in self.store.people()}


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        for name in ("Ada", "Bea"):
            store.add_photo(name, NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg"))
        yield store


@pytest.fixture
def rig(store: GalleryStore) -> Rig:
    return Rig(store)


def test_the_first_is_written_at_once_and_others_together(rig: Rig) -> None:
    rig.seen.note(rig.ada)
    assert rig.known() == {"Ada": None, "Bea": None}, "not by whoever recognises"
    rig.seen.when_due(rig.store)
    assert rig.known() == {"Ada": "2026-11-22", "Bea": None}
    rig.seen.note(rig.bea)
    rig.now += WRITE_EVERY - 1
    rig.seen.when_due(rig.store)
    assert rig.known()["Bea"] is None
    rig.now += 1
    rig.seen.when_due(rig.store)
    assert rig.known()["Bea"] == "2026-11-22"


def test_each_is_written_once_a_day(rig: Rig) -> None:
    rig.seen.note(rig.ada)
    rig.seen.when_due(rig.store)
    marker = rig.store.change_marker()
    for _ in range(100):
        rig.seen.note(rig.ada)
        rig.now += WRITE_EVERY
        rig.seen.when_due(rig.store)
    assert rig.store.change_marker() == marker
    rig.day += timedelta(days=1)
    rig.seen.note(rig.ada)
    rig.seen.when_due(rig.store)
    assert rig.known()["Ada"] == "2026-11-23"


def test_where_the_site_does_not_want_it_what_was_kept_goes(store: GalleryStore) -> None:
    rig = Rig(store, wanted=False)
    store.set_seen([rig.ada], rig.day)
    rig.seen.note(rig.bea)
    assert not rig.seen.waiting
    rig.seen.when_due(store)
    assert rig.known() == {"Ada": None, "Bea": None}


def test_what_cannot_be_written_is_noted_again(rig: Rig, data_dir: Path) -> None:
    with GalleryStore.open(data_dir, busy_seconds=0) as other:
        rig.seen.note(rig.ada)
        with rig.store._database.writing():
            rig.seen.write(other)
    assert not rig.seen.waiting
    rig.seen.note(rig.ada)
    rig.seen.write(rig.store)
    assert rig.known()["Ada"] == "2026-11-22"


def test_a_gallery_without_its_key_is_left_alone(rig: Rig, data_dir: Path) -> None:
    rig.store.close()
    key_file(data_dir).unlink()
    rig.seen.note(rig.ada)
    with GalleryStore.open(data_dir) as locked:
        rig.seen.when_due(locked)
        assert [p.last_seen for p in locked.people()] == [None, None]


def test_upkeep_writes_it(store: GalleryStore, data_dir: Path) -> None:
    upkeep = Upkeep(data_dir, Settings())
    upkeep.seen.note(store.person("Ada").id)
    upkeep.when_due(store)
    assert store.person("Ada").last_seen == date.today().isoformat()


class Noted(LastSeen):
    """Remembers who was noted."""

    def __init__(self) -> None:
        super().__init__(True)
        self.ids: list[str] = []

    def note(self, person_id: str) -> None:
        self.ids.append(person_id)


def at(seconds: float, name: str | None, distance: float = 0.4, track: int = 1) -> FrameResult:
    face = tracked(track, BOX, None if name is None else matched(name, distance))
    return result([face], captured_ns=round(seconds * SECOND))


def test_a_face_is_seen_once_it_had_a_name_for_a_second() -> None:
    noted = Noted()
    watch = SeenWatch(noted)
    for r in (at(0, "Ada"), at(0.5, "Ada"), at(0.9, "Bea"), at(1.4, "Ada")):
        watch.watch(r)
    assert noted.ids == [], "a frame with another name begins anew"
    watch.watch(at(2.4, "Ada"))
    assert noted.ids == ["id-Ada"]


def test_nobody_is_seen_beyond_the_threshold_or_in_two_tracks() -> None:
    noted = Noted()
    watch = SeenWatch(noted)
    for r in (at(0, "Ada", 1.4), at(2, "Ada", 1.4), at(3, None), at(4, "Ada", track=2), at(4.5, "Ada", track=3)):
        watch.watch(r)
    assert noted.ids == []


class Watched:
    """What a live session watches beside who is seen: nothing."""

    def watch(self, *_: object) -> None: ...

    def cancel(self) -> None: ...


@pytest.mark.parametrize(
    ("source", "seen"), [("0", True), ("rtsp://camera/1", True), ("film.mp4", False), (DEMO, False)]
)
def test_only_a_camera_shows_who_is_here_today(data_dir: Path, store: GalleryStore, source: str, seen: bool) -> None:
    gallery = GalleryThread(
        lambda: GalleryStore.open(data_dir), "space", lambda: None, lambda *_: [], lambda *_: None, look_every=60
    )
    gallery.start()
    last_seen = LastSeen(True, day=lambda: date(2026, 11, 22))
    nothing = cast(Snapshots, Watched())
    watch = LiveWatch(Parts.open(data_dir), gallery, nothing, lambda: False, last_seen, lambda: 0.9, lambda: source)
    ada = store.person("Ada").id
    face = tracked(1, BOX, Match(Candidate(ada, "Ada", 0.4), None, 0.9))
    for n in range(4):
        watch.watch(cast(Recogniser, None), frame(n), result([face], captured_ns=n * SECOND // 2))
    assert last_seen.waiting is seen
    watch.finish()
    assert gallery.stop(10)
    assert store.person("Ada").last_seen == ("2026-11-22" if seen else None), "written when the session ends"
