"""Who has the door, and that no face gets it in a window without the PIN: on a real gallery, with a real PIN's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.audit import open_log
from faceapp.app.door_guard import DoorGuard, PinNeededError, check_merge
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.keys import has_pin, set_pin
from faceapp.app.parts import Parts
from faceapp.app.people import PeopleService, summaries
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats
from tests.polling import until

PIN = "482913"


def vector(number: int) -> Floats:
    return np.eye(8, dtype=np.float32)[number]


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    """Ada has the door, Bea through a group, Cleo is denied it, Dora deactivated, Eve nothing."""
    with GalleryStore.open(data_dir) as store:
        ids = [
            store.add_photo(name, NewPhoto("space", vector(n), 70, "a.jpg")).person.id
            for n, name in enumerate(("Ada", "Bea", "Cleo", "Dora", "Eve"))
        ]
        store.set_right(ids[0], "allow")
        store.add_group("Crew", allowed=True, group_id="a" * 32)
        store.join_group("a" * 32, ids[1])
        store.set_right(ids[2], "deny")
        store.set_active(ids[3], active=False)
        yield store


@pytest.fixture
def pin(data_dir: Path, store: GalleryStore) -> None:
    open_log(data_dir)
    set_pin(data_dir, PIN, None)


def guard(data_dir: Path, store: GalleryStore, pin_given: bool = False) -> DoorGuard:
    return DoorGuard(lambda: has_pin(data_dir), lambda: store, pin_given)


@pytest.mark.usefixtures("pin")
def test_a_photo_for_somebody_who_has_the_door_is_refused(data_dir: Path, store: GalleryStore) -> None:
    refuses = guard(data_dir, store)
    for name in ("Ada", " ADA ", "Bea"):
        with pytest.raises(PinNeededError, match="may open the door"):
            refuses.check(name)
    for name in ("Cleo", "Eve", "Somebody new"):
        refuses.check(name)
    guard(data_dir, store, pin_given=True).check("Ada")
    with refuses.lifted(True):
        refuses.check("Ada")
    with refuses.lifted(False), pytest.raises(PinNeededError):
        refuses.check("Ada")
    with pytest.raises(PinNeededError):
        refuses.check("Ada")


def test_where_there_is_no_pin_nothing_is_refused(data_dir: Path, store: GalleryStore) -> None:
    guard(data_dir, store).check("Ada")
    check_merge(store, data_dir, store.person("Eve").id, store.person("Ada").id)


def test_where_nobody_can_tell_it_is_refused(store: GalleryStore) -> None:
    def unknown() -> bool:
        raise UnavailableError("the PIN's file cannot be read")

    with pytest.raises(UnavailableError, match="cannot be read"):
        DoorGuard(unknown, lambda: store).check("Ada")


@pytest.mark.usefixtures("pin")
def test_a_merge_that_opens_the_door_or_drops_a_bar_is_refused(data_dir: Path, store: GalleryStore) -> None:
    ids = {p.name: p.id for p in store.people()}
    for away, into in (("Eve", "Ada"), ("Eve", "Bea"), ("Cleo", "Eve"), ("Dora", "Eve")):
        with pytest.raises(PinNeededError, match="needs the administrator's PIN"):
            check_merge(store, data_dir, ids[away], ids[into])
    for away, into in (("Ada", "Eve"), ("Eve", "Cleo")):
        check_merge(store, data_dir, ids[away], ids[into])


@pytest.mark.usefixtures("pin")
def test_in_a_window_the_store_refuses_what_a_page_forgot_to_ask(data_dir: Path, store: GalleryStore) -> None:
    thread = GalleryThread(lambda: GalleryStore.open(data_dir), "space", lambda: None, summaries, lambda *_: None)
    with Parts.open(data_dir) as parts:
        people = PeopleService(parts, thread, list)
        ids = {p.name: p.id for p in store.people()}
        for asked in (
            lambda: people.has_door("Ada"),
            people.manage.door_holders,
            lambda: people.manage.merge_gives_door(ids["Eve"], ids["Ada"]),
        ):
            with pytest.raises(UnavailableError, match="nobody knows who may open the door"):
                asked()
        thread.start()
        try:
            until(lambda: thread.view)
            assert people.manage.door_holders() == ("Ada", "Bea")
            assert people.manage.door_holders(["bea", "Eve"]) == ("Bea",)
            assert people.manage.merge_gives_door(ids["Dora"], ids["Eve"])
            assert not people.manage.merge_gives_door(ids["Ada"], ids["Eve"])
            with pytest.raises(InputError, match="needs the administrator's PIN"):
                people.manage.merge(ids["Eve"], ids["Ada"]).result(60)
            assert people.manage.merge(ids["Eve"], ids["Ada"], pin_given=True).result(60).into_name == "Ada"
        finally:
            assert thread.stop(10)
