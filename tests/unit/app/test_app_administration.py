"""The administrator's services: rights on the gallery's thread, the PIN on its own, the audit log before both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.administration import GalleryRights, PinService, administration
from faceapp.app.audit import ACTION, open_log
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.kiosk.types import WeeklyHours
from faceapp.app.people import summaries
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import PIN_NAME
from faceapp.security.pin import Cost, PinStore
from tests.polling import until

WEEK = (WeeklyHours(frozenset(range(5)), "07:00", "19:00"),)
PIN, OTHER = "271828", "582913"


@pytest.fixture
def gallery(data_dir: Path) -> Iterator[GalleryThread]:
    with GalleryStore.open(data_dir) as store:
        for name in ("Bob", "Ada"):
            store.add_photo(name, NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg"))
    thread = GalleryThread(lambda: GalleryStore.open(data_dir), "space", lambda: None, summaries, lambda *_: None)
    thread.start()
    until(lambda: thread.view)
    yield thread
    assert thread.stop()


@pytest.fixture
def rights(gallery: GalleryThread, data_dir: Path) -> GalleryRights:
    return administration(gallery, data_dir)[0]


def id_of(rights: GalleryRights, name: str) -> str:
    return next(r.person_id for r in rights.rows() if r.name == name)


def logged(data_dir: Path) -> list[tuple[object, object]]:
    entries = [e for e in open_log(data_dir).latest() if e.kind == ACTION]
    return [(e.fields["action"], e.fields.get("person")) for e in entries]


def test_before_the_gallery_is_open_there_is_nobody(data_dir: Path) -> None:
    before = sorted(data_dir.rglob("*"))
    thread = GalleryThread(lambda: GalleryStore.open(data_dir), "space", lambda: None, summaries, lambda *_: None)
    rights = administration(thread, data_dir)[0]
    assert (list(rights.rows()), list(rights.groups()), rights.marker()) == ([], [], -1)
    assert sorted(data_dir.rglob("*")) == before, "asking makes nothing"


def test_enrolling_gives_nobody_the_door(rights: GalleryRights) -> None:
    assert [(r.name, r.allowed, r.own, r.active, r.badges) for r in rights.rows()] == [
        ("Ada", False, None, True, 0),
        ("Bob", False, None, True, 0),
    ]


def test_a_right_is_seen_as_soon_as_its_future_is_done(rights: GalleryRights, data_dir: Path) -> None:
    before, ada = rights.marker(), id_of(rights, "Ada")
    rights.allow(ada, WEEK).result(60)
    assert rights.marker() != before
    assert (rights.rows()[0].allowed, rights.rows()[0].hours) == (True, WEEK)
    rights.deny(ada).result(60)
    assert (rights.rows()[0].allowed, rights.rows()[0].own) == (False, "deny")
    rights.leave_to_groups(ada).result(60)
    assert rights.rows()[0].own is None
    rights.set_active(ada, False).result(60)
    assert not rights.rows()[0].active
    actions = [str(action).split()[0] for action, _ in logged(data_dir)]
    assert actions == ["allow", "deny", "leave_to_groups", "deactivate"]
    assert {person for _, person in logged(data_dir)} == {ada}


def test_badges_are_known_by_a_keyed_hash_alone(rights: GalleryRights, data_dir: Path) -> None:
    ada, bob = id_of(rights, "Ada"), id_of(rights, "Bob")
    rights.set_badge(ada, " 04A1-77 ").result(60)
    assert rights.rows()[0].badges == 1
    with pytest.raises(InputError, match="this badge is Ada's"):
        rights.set_badge(bob, "04A1-77").result(60)
    with pytest.raises(InputError, match="cannot be empty"):
        rights.set_badge(bob, "  ").result(60)
    rights.set_badge(ada, None).result(60)
    assert rights.rows()[0].badges == 0
    assert [action for action, _ in logged(data_dir)] == ["badge_set", "badges_forgotten"]
    files = [f for f in data_dir.rglob("*") if f.is_file()]
    assert not [f for f in files if b"04A1" in f.read_bytes()]


def test_hours_that_are_none_are_refused_and_not_logged(rights: GalleryRights, data_dir: Path) -> None:
    with pytest.raises(InputError):
        rights.allow(id_of(rights, "Ada"), (WeeklyHours(frozenset({0}), "07:00", "07:00"),)).result(60)
    assert logged(data_dir) == []


def test_what_cannot_be_logged_does_not_happen(gallery: GalleryThread) -> None:
    def broken(action: str, person_id: str | None) -> None:
        raise UnavailableError("the audit log cannot be written: free some space")

    rights = GalleryRights(gallery, broken, str)
    ada = id_of(rights, "Ada")
    for change in (rights.allow(ada, None), rights.set_active(ada, False), rights.set_badge(ada, "12")):
        with pytest.raises(UnavailableError):
            change.result(60)
    assert (rights.rows()[0].allowed, rights.rows()[0].active, rights.rows()[0].badges) == (False, True, 0)


# The PIN


@pytest.fixture
def actions() -> list[str]:
    """What was logged."""
    return []


@pytest.fixture
def pin(data_dir: Path, actions: list[str]) -> Iterator[PinService]:
    service = PinService(lambda: PinStore(data_dir, cost=Cost(n=16)), lambda action, _: actions.append(action))
    yield service
    service.stop()


def test_a_pin_is_chosen_then_checked(pin: PinService, actions: list[str]) -> None:
    assert not pin.has_pin()
    assert pin.check_pin(PIN).result(60).answer == "none"
    assert pin.set_pin(PIN, None).result(60).answer == "right"
    assert pin.has_pin()
    assert pin.check_pin(PIN).result(60).answer == "right"
    assert pin.check_pin(OTHER).result(60).answer == "wrong"
    assert actions == ["pin_set", "pin_wrong"]


def test_another_pin_needs_the_one_before_and_is_logged_only_then(pin: PinService, actions: list[str]) -> None:
    pin.set_pin(PIN, None).result(60)
    assert pin.set_pin(OTHER, None).result(60).answer == "wrong"
    assert pin.set_pin(OTHER, "999331").result(60).answer == "wrong"
    with pytest.raises(InputError):
        pin.set_pin("12", PIN).result(60)
    assert actions == ["pin_set", "pin_wrong"], "asking without the old one is no try"
    assert pin.set_pin(OTHER, PIN).result(60).answer == "right"
    assert pin.check_pin(OTHER).result(60).answer == "right"
    assert actions == ["pin_set", "pin_wrong", "pin_set"]


def test_a_pin_that_cannot_be_logged_is_not_set(data_dir: Path) -> None:
    def broken(action: str, person_id: str | None) -> None:
        raise UnavailableError("the audit log cannot be written: free some space")

    service = PinService(lambda: PinStore(data_dir, cost=Cost(n=16)), broken)
    with pytest.raises(UnavailableError):
        service.set_pin(PIN, None).result(60)
    assert not service.has_pin()
    service.stop()


def test_a_wrong_pin_that_cannot_be_logged_is_still_wrong(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(action: str, person_id: str | None) -> None:
        raise UnavailableError("the audit log cannot be written: free some space")

    PinStore(data_dir, cost=Cost(n=16)).set(PIN, None)
    service = PinService(lambda: PinStore(data_dir), broken)
    assert service.check_pin(OTHER).result(60).answer == "wrong"
    assert service.check_pin(PIN).result(60).answer == "right"
    assert "cannot be written" in caplog.text
    service.stop()


def test_a_wrong_pin_is_nobody_known(gallery: GalleryThread, data_dir: Path) -> None:
    service = administration(gallery, data_dir)[1]
    service.set_pin(PIN, None).result(60)
    service.check_pin(OTHER).result(60)
    service.stop()
    entries = [e.fields for e in open_log(data_dir).entries() if e.kind == ACTION]
    assert entries == [
        {"action": "pin_set", "actor": "administrator"},
        {"action": "pin_wrong", "actor": "unknown"},
    ]


def test_a_stopped_service_answers_nothing_any_more(pin: PinService) -> None:
    pin.stop()
    assert pin.check_pin(PIN).cancelled()


def test_a_pin_that_another_process_sets_or_damages_is_noticed_and_nobody_waits_for_the_disk(
    pin: PinService, data_dir: Path
) -> None:
    assert not pin.has_pin()
    store = PinStore(data_dir, cost=Cost(n=16))
    store.set(PIN, None)
    assert until(pin.has_pin)
    (data_dir / PIN_NAME).write_text("{}")

    def told() -> str | None:
        try:
            pin.has_pin()
        except UnavailableError as e:
            return str(e)
        return None

    assert "altered" in until(told)
    (data_dir / PIN_NAME).unlink()
    until(lambda: told() is None and not pin.has_pin())


def test_only_the_first_question_looks_on_the_asking_thread(data_dir: Path) -> None:
    looked: list[str] = []

    class Watched(PinStore):
        def has_pin(self) -> bool:
            looked.append(threading.current_thread().name)
            return super().has_pin()

    service = PinService(lambda: Watched(data_dir))
    service.look()
    service.run(lambda: None).result(60)
    service.has_pin()
    service.run(lambda: None).result(60)
    service.stop()
    assert [name.startswith("pin") for name in looked] == [True, True]
    assert not service.has_pin(), "stopped, it says what it saw last"
