"""Deciding about unknown faces: clustered by person, enrolled, ignored, deleted, over after their time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faceapp.app import inbox, keys
from faceapp.app.audit import ACTION, existing_log, open_log
from faceapp.app.enrolling import Enroller, RejectedError
from faceapp.app.inbox_types import Entry
from faceapp.app.parts import Parts
from faceapp.app.upkeep import Upkeep
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.inbox_rows import NewTrack
from faceapp.gallery.store import GalleryStore
from faceapp.images import encode_jpeg
from faceapp.settings import RetentionSettings, Settings
from faceapp.types import BgrImage
from tests.fakes.vision import SPACE, Seen, World, vector

SAME = 0.9
PICTURE: BgrImage = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
JPEG = encode_jpeg(PICTURE)
MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)


class InventedParts(Parts):
    """A real gallery; eyes that see what the test says."""

    world: World

    def detector(self, id: str | None = None) -> World:  # noqa: ARG002
        return self.world

    def embedder(self) -> World:
        return self.world

    def space(self) -> str:
        return SPACE

    def automatic_threshold(self, templates: int) -> float:  # noqa: ARG002
        return SAME


@pytest.fixture
def parts(data_dir: Path) -> Iterator[InventedParts]:
    with InventedParts.open(data_dir) as parts:
        parts.world = World()
        yield parts


@pytest.fixture
def store(parts: InventedParts) -> GalleryStore:
    return parts.gallery()


def track(name: str, quality: float = 70, day: int = 0, off: float = 0.0, camera: str = "Camera 0") -> NewTrack:
    seen = (MONDAY + timedelta(days=day)).isoformat(timespec="microseconds")
    return NewTrack(seen, seen, camera, quality, JPEG, SPACE, vector(name, off)[None])


def listed(store: GalleryStore) -> list[Entry]:
    return inbox.entries(store, SPACE, SAME)


def logged(data_dir: Path) -> list[tuple[object, object]]:
    log = existing_log(data_dir)
    assert log is not None
    return [(e.fields["action"], e.fields["person"]) for e in log.entries() if e.kind == ACTION]


def test_an_entry_is_a_person_with_the_best_picture(store: GalleryStore) -> None:
    first, best = store.add_track(track("Ada", 60)), store.add_track(track("Ada", 80, 1, 0.3, "Door"))
    other = store.add_track(track("Bo", 75, 2))
    bo, ada = listed(store)
    assert (bo.id, bo.tracks) == (other, (other,))
    assert (ada.id, ada.tracks, ada.quality, ada.camera) == (best, (first, best), 80, "Door")
    assert (ada.first_seen[:10], ada.last_seen[:10]) == ("2026-11-16", "2026-11-17")
    assert ada.as_json()["seen"] == 2


def test_any_of_its_tracks_means_the_entry_and_its_own_picture(store: GalleryStore) -> None:
    first, best = store.add_track(track("Ada", 60)), store.add_track(track("Ada", 80))
    assert first is not None
    [entry] = found = listed(store)
    assert inbox.find(found, f" {first[:10].upper()} ") == (entry, first)
    assert inbox.find(found, entry.id) == (entry, best)
    for wrong in ("", first[:3], "zzzzzzzz"):
        with pytest.raises(InputError, match="not in the inbox"):
            inbox.find(found, wrong)


def test_who_is_enrolled_leaves_the_inbox(parts: InventedParts, store: GalleryStore, data_dir: Path) -> None:
    open_log(data_dir)
    for quality in (60, 80):
        store.add_track(track("Ada", quality))
    [entry] = listed(store)
    parts.world.people = [Seen("Ada", 160, 120)]
    done = inbox.enrol(store, Enroller(parts), entry, entry.id, "Ada")
    assert (done.name, done.new_person) == ("Ada", True)
    assert listed(store) == []
    [photo] = store.photos(done.person_id)
    assert photo.source == "unknown faces"
    assert logged(data_dir) == [("enrolled", done.person_id)]


def test_who_cannot_be_enrolled_stays(parts: InventedParts, store: GalleryStore) -> None:
    store.add_track(track("Ada"))
    [entry] = listed(store)
    with pytest.raises(RejectedError, match="unknown face"):
        inbox.enrol(store, Enroller(parts), entry, entry.id, "Ada")
    assert [e.id for e in listed(store)] == [entry.id]
    assert store.people() == []


def test_who_is_ignored_is_remembered_and_kept_no_second_time(store: GalleryStore, data_dir: Path) -> None:
    open_log(data_dir)
    assert inbox.take_in(store, track("Ada"), SAME)
    assert inbox.take_in(store, track("Ada", day=1), SAME), "not decided about yet"
    [entry] = listed(store)
    inbox.ignore(store, data_dir, entry)
    assert not inbox.take_in(store, track("Ada", day=5, off=0.3), SAME)
    assert inbox.take_in(store, track("Bo", day=6), SAME)
    bo, ada = listed(store)
    assert (bo.ignored, ada.ignored, ada.has_picture, len(ada.tracks)) == (False, True, False, 2)
    assert ada.last_seen[:10] == "2026-11-21", "their time began anew"
    assert logged(data_dir) == [("unknown_ignored", entry.id)]
    with pytest.raises(InputError, match="no picture"):
        inbox.enrol(store, Enroller(Parts.open(data_dir)), ada, ada.id, "Ada")


def test_two_who_are_ignored_stay_two(store: GalleryStore, data_dir: Path) -> None:
    for name in ("Ada", "Bo"):
        inbox.take_in(store, track(name), SAME)
    for entry in listed(store):
        inbox.ignore(store, data_dir, entry)
    assert [len(e.tracks) for e in listed(store)] == [1, 1]
    inbox.delete(store, data_dir, listed(store)[0])
    assert len(listed(store)) == 1


def test_a_deletion_waits_for_no_log(store: GalleryStore, data_dir: Path) -> None:
    open_log(data_dir)
    for name in ("Ada", "Bo"):
        inbox.take_in(store, track(name), SAME)
    one, two = listed(store)
    assert inbox.delete(store, data_dir, one) == (True, None)
    assert logged(data_dir) == [("unknown_deleted", one.id)]
    (data_dir / "audit.jsonl").unlink()
    (data_dir / "audit.jsonl").mkdir()
    with pytest.raises(UnavailableError):
        inbox.ignore(store, data_dir, two)
    assert not listed(store)[0].ignored, "ignoring does wait"
    erased, not_logged = inbox.delete(store, data_dir, two)
    assert (erased, not_logged is None) == (True, False)
    assert listed(store) == []


def test_it_outlives_a_change_of_the_key(store: GalleryStore, data_dir: Path) -> None:
    kept = store.add_track(track("Ada"))
    assert kept is not None
    assert keys.rotate(data_dir).sealed == 2
    with GalleryStore.open(data_dir) as again:
        assert again.track_crop(kept) == JPEG
        assert [e.id for e in listed(again)] == [kept]


def test_upkeep_ends_what_is_older_than_the_retention_time_and_nothing_else(
    store: GalleryStore, data_dir: Path
) -> None:
    for name, day in (("Ada", 0), ("Bo", 2), ("Cy", 3)):
        inbox.take_in(store, track(name, day=day), SAME)
    inbox.ignore(store, data_dir, listed(store)[-1])
    settings = Settings(retention=RetentionSettings(inbox_days=3))
    Upkeep(data_dir, settings, now=lambda: MONDAY + timedelta(days=3)).run(store)
    assert len(listed(store)) == 3, "to the second"
    Upkeep(data_dir, settings, now=lambda: MONDAY + timedelta(days=3, seconds=1)).run(store)
    assert [e.last_seen[:10] for e in listed(store)] == ["2026-11-19", "2026-11-18"]
    assert len(store.deletions()) == 1
