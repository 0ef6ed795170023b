"""What is done to people is in the audit log of a site that keeps one, and what can't be written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from faceapp.app import people_log
from faceapp.app.audit import ACTION, existing_log, log_action_if_kept, log_actions_if_kept, open_log
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.parts import Parts
from faceapp.app.people import PeopleService, summaries
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from tests.fakes.keys import key_file
from tests.polling import until

PHOTO = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg")


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        yield store


def logged(data_dir: Path) -> list[tuple[object, object]]:
    log = existing_log(data_dir)
    assert log is not None
    return [(e.fields["action"], e.fields["person"]) for e in log.entries() if e.kind == ACTION]


def break_the_log(data_dir: Path) -> None:
    (data_dir / "audit.jsonl").unlink()
    (data_dir / "audit.jsonl").mkdir()


def test_without_a_log_none_is_begun(store: GalleryStore, data_dir: Path) -> None:
    ada = people_log.add_photo(store, data_dir, "Ada", PHOTO).person
    people_log.add_photo(store, data_dir, "ada", PHOTO)
    people_log.rename(store, data_dir, ada.id, "Augusta")
    assert people_log.delete(store, data_dir, ada.id) == people_log.Deleted(erased=True, not_logged=None)
    assert not list(data_dir.glob("audit*"))
    assert not (data_dir / "site.key").exists()


def test_each_action_is_written_with_the_persons_id(store: GalleryStore, data_dir: Path) -> None:
    open_log(data_dir)
    ada = people_log.add_photo(store, data_dir, "Ada", PHOTO).person
    people_log.add_photo(store, data_dir, " ADA ", PHOTO)
    people_log.rename(store, data_dir, ada.id, "Augusta")
    people_log.delete(store, data_dir, ada.id)
    assert logged(data_dir) == [(a, ada.id) for a in ("enrolled", "photo_added", "renamed", "deleted")]
    assert b"Ada" not in (data_dir / "audit.jsonl").read_bytes()
    assert b"Augusta" not in (data_dir / "audit.jsonl").read_bytes()


def test_it_is_on_the_disk_before_it_counts(
    store: GalleryStore, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a photo added and a new name another process sees nothing until they are in the log; nor of a deletion."""
    open_log(data_dir)
    ada = people_log.add_photo(store, data_dir, "Ada", PHOTO).person
    seen: list[tuple[str, str, int]] = []

    def look(action: str) -> None:
        with GalleryStore.open(data_dir) as other:
            [person] = other.people()
            seen.append((action, person.name, person.photos))

    def watched(folder: Path, action: str, person_id: str | None = None) -> None:
        log_action_if_kept(folder, action, person_id)
        look(action)

    def watched_together(folder: Path, actions: Mapping[str, str]) -> None:
        log_actions_if_kept(folder, actions)
        look(*actions.values())

    monkeypatch.setattr(people_log, "log_action_if_kept", watched)
    monkeypatch.setattr(people_log, "log_actions_if_kept", watched_together)
    people_log.add_photo(store, data_dir, "Ada", PHOTO)
    people_log.rename(store, data_dir, ada.id, "Augusta")
    people_log.delete(store, data_dir, ada.id)
    assert seen == [("photo_added", "Ada", 1), ("renamed", "Ada", 2), ("deleted", "Augusta", 2)]
    assert store.people() == []


def test_what_does_not_happen_is_not_written(store: GalleryStore, data_dir: Path) -> None:
    ada = store.add_photo("Ada", PHOTO).person
    store.add_photo("Bob", PHOTO)
    open_log(data_dir)
    with pytest.raises(InputError):
        people_log.rename(store, data_dir, ada.id, "bob")
    with pytest.raises(InputError):
        people_log.add_photo(store, data_dir, "a\nb", PHOTO)
    store.delete(ada.id)
    with pytest.raises(InputError):
        people_log.delete(store, data_dir, ada.id)
    assert logged(data_dir) == []


def test_what_cannot_be_written_does_not_happen_but_a_deletion_does(store: GalleryStore, data_dir: Path) -> None:
    ada = store.add_photo("Ada", PHOTO).person
    open_log(data_dir)
    break_the_log(data_dir)
    for name in ("Ada", "Bob"):
        with pytest.raises(UnavailableError):
            people_log.add_photo(store, data_dir, name, PHOTO)
    with pytest.raises(UnavailableError):
        people_log.rename(store, data_dir, ada.id, "Augusta")
    assert [(p.name, p.photos) for p in store.people()] == [("Ada", 1)]
    done = people_log.delete(store, data_dir, ada.id)
    assert done.erased
    assert done.not_logged is not None
    assert len(done.not_logged.splitlines()) == 1
    assert store.people() == []


def test_a_key_that_is_gone_stops_an_enrolment_and_no_deletion(store: GalleryStore, data_dir: Path) -> None:
    ada = store.add_photo("Ada", PHOTO).person
    open_log(data_dir)
    key_file(data_dir).unlink()
    with pytest.raises(UnavailableError, match=r"\.key is missing"):
        people_log.add_photo(store, data_dir, "Ada", PHOTO)
    assert ".key is missing" in str(people_log.delete(store, data_dir, ada.id).not_logged)
    assert store.people() == []


def test_in_a_window_too(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        ada, bob = (store.add_photo(name, PHOTO).person.id for name in ("Ada", "Bob"))
    open_log(data_dir)
    thread = GalleryThread(lambda: GalleryStore.open(data_dir), "space", lambda: None, summaries, lambda *_: None)
    thread.start()
    until(lambda: thread.view)
    people = PeopleService(Parts.open(data_dir), thread, list)
    assert not people.has_door("Ada")
    thread.submit(lambda store: store.set_right(ada, "allow")).result(60)
    assert [people.has_door(name) for name in (" ADA ", "Bob", "Nobody")] == [True, False, False]
    thread.submit(lambda store: store.add_group("Crew", allowed=True, group_id="a" * 32)).result(60)
    thread.submit(lambda store: store.join_group("a" * 32, bob)).result(60)
    assert people.has_door("bob"), "through a group"
    assert people.rename(ada, "Augusta").result(60).name == "Augusta"
    assert people.delete(ada).result(60)
    assert people.not_logged is None
    assert logged(data_dir) == [("renamed", ada), ("deleted", ada)]
    break_the_log(data_dir)
    with pytest.raises(UnavailableError):
        people.rename(bob, "Robert").result(60)
    assert people.delete(bob).result(60)
    assert people.not_logged is not None
    assert people.list() == []
    assert thread.stop()
