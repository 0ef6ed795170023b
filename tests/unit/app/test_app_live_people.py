"""The people page's work on a real gallery: rows, many deleted at once, two made one and taken back, consent."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from faceapp.app import people_log
from faceapp.app.audit import ACTION, existing_log, open_log
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.live_people import ManagedPeople
from faceapp.app.live_types import ConsentForm
from faceapp.app.parts import Parts
from faceapp.app.people import PeopleService, summaries
from faceapp.app.people_types import DoorWords
from faceapp.errors import InputError
from faceapp.gallery.backups import FOLDER, make_backup
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.images import encode_jpeg
from faceapp.types import Box, Floats, Hours
from tests.polling import until

T = TypeVar("T")
FORM = ConsentForm("to be recognised", "themselves", "I agree.")


def vector(degrees: float) -> Floats:
    result = np.zeros(8, np.float32)
    result[:2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return result


def photo(space: str, degrees: float, crop: bool = False) -> NewPhoto:
    picture = encode_jpeg(np.full((200, 160, 3), 90, np.uint8), 90) if crop else None
    box = Box(40, 50, 120, 150) if crop else None
    return NewPhoto(space, vector(degrees), 70, "a.jpg", crop=picture, box=box)


class Rig:
    """A gallery thread on a real gallery with an audit log."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.parts = Parts.open(data_dir)
        self.space = self.parts.space()
        with GalleryStore.open(data_dir) as store:
            for n, name in enumerate(("Ada", "Augusta", "Bea", "Cleo", "Dora")):
                store.add_photo(name, photo(self.space, (0, 10, 90, 120, 150)[n], crop=name == "Ada"))
            store.add_photo("Ada", photo("another space", 0))
            self.ids = {p.name: p.id for p in store.people()}
            store.add_group("Crew", allowed=True, group_id="a" * 32)
            store.join_group("a" * 32, self.ids["Bea"])
            store.set_right(self.ids["Ada"], "allow", [Hours(frozenset({0}), 420, 1140)])
        open_log(data_dir)
        self.thread = GalleryThread(
            lambda: GalleryStore.open(data_dir), self.space, lambda: None, summaries, lambda *_: None
        )
        self.thread.start()
        until(lambda: self.thread.view)
        self.people = PeopleService(self.parts, self.thread, list)
        self.manage: ManagedPeople = self.people.manage

    def names(self) -> list[str]:
        return [r.person.name for r in self.manage.rows()]

    def logged(self) -> list[tuple[object, object]]:
        log = existing_log(self.data_dir)
        assert log is not None
        assert log.verify() == []
        by_id = {id: name for name, id in self.ids.items()}
        return [(e.fields["action"], by_id[str(e.fields["person"])]) for e in log.entries() if e.kind == ACTION]


@pytest.fixture
def rig(data_dir: Path) -> Iterator[Rig]:
    rig = Rig(data_dir)
    yield rig
    assert rig.thread.stop(10)


def done(future: Future[T]) -> T:
    return future.result(60)


def test_rows_say_what_lists_show(rig: Rig) -> None:
    rows = {r.person.name: r for r in rig.manage.rows()}
    assert [rows["Ada"].person.photos, rows["Ada"].person.templates] == [2, 1]
    assert rows["Ada"].door == DoorWords("yes", "Mon 07:00-19:00", "")
    assert rows["Bea"].door == DoorWords("yes", "always", "Crew")
    assert rows["Cleo"].door is rows["Dora"].door
    assert rig.manage.rows() is rig.manage.rows(), "made once for each state of the gallery"
    day = date(2026, 11, 22)
    done(rig.thread.submit(lambda store: store.set_seen([rig.ids["Dora"]], day)))
    assert {r.person.name: r.person.last_seen for r in rig.manage.rows()}["Dora"] == "2026-11-22"


def test_many_are_deleted_at_once_and_nobody_comes_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    done(rig.thread.submit(lambda store: make_backup(store.path, rig.data_dir / FOLDER)))
    told: list[float] = []
    monkeypatch.setattr(rig.manage, "_step", told.append)
    assert rig.manage.progress() is None
    gone = [rig.ids[n] for n in ("Bea", "Cleo", "Dora")]
    deleted = done(rig.manage.delete([*gone, gone[0]]))
    assert (deleted.count, deleted.erased) == (3, True)
    assert rig.names() == ["Ada", "Augusta"]
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1
    assert rig.manage.progress() is None
    assert rig.logged() == [("deleted", n) for n in ("Bea", "Cleo", "Dora")]
    assert rig.people.not_logged is None


def test_who_is_gone_already_is_told_and_stops_nothing(rig: Rig) -> None:
    bea, cleo = rig.ids["Bea"], rig.ids["Cleo"]
    done(rig.people.delete(bea))
    deleted = done(rig.manage.delete([cleo, bea]))
    assert (deleted.count, deleted.gone) == (1, (bea,))
    assert rig.names() == ["Ada", "Augusta", "Dora"]
    deleted = done(rig.manage.delete([cleo, bea]))
    assert (deleted.count, deleted.erased, deleted.gone) == (0, True, (cleo, bea))
    assert rig.manage.progress() is None
    assert rig.logged() == [("deleted", "Bea"), ("deleted", "Cleo")]


def test_log_backups_and_file_are_gone_through_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    write, scrub = people_log.log_actions_if_kept, GalleryStore.scrub
    monkeypatch.setattr(people_log, "log_actions_if_kept", lambda *a: (calls.append("log"), write(*a)))
    monkeypatch.setattr(GalleryStore, "scrub", lambda self, **k: (calls.append("scrub"), scrub(self, **k))[1])
    done(rig.manage.delete(list(rig.ids.values())))
    assert calls == ["log", "scrub"]
    assert rig.names() == []


def test_two_are_made_one_and_that_is_taken_back(rig: Rig) -> None:
    ada, augusta = rig.ids["Ada"], rig.ids["Augusta"]
    merged = done(rig.manage.merge(augusta, ada))
    assert (merged.name, merged.into_name, merged.photos) == ("Augusta", "Ada", 1)
    assert rig.names() == ["Ada", "Bea", "Cleo", "Dora"]
    assert done(rig.manage.merges()) == (merged,)
    assert done(rig.manage.undo_merge(merged.id)) == "Augusta"
    assert rig.names() == ["Ada", "Augusta", "Bea", "Cleo", "Dora"]
    assert done(rig.manage.merges()) == ()
    with pytest.raises(InputError, match="cannot be undone any more"):
        done(rig.manage.undo_merge(merged.id))
    said = [("merged_away", "Augusta"), ("merged_into", "Ada"), ("restored", "Augusta"), ("merge_undone", "Ada")]
    assert rig.logged() == said


def test_any_merge_can_be_taken_back_not_only_the_newest(rig: Rig) -> None:
    first = done(rig.manage.merge(rig.ids["Augusta"], rig.ids["Ada"]))
    done(rig.manage.merge(rig.ids["Dora"], rig.ids["Cleo"]))
    assert done(rig.manage.undo_merge(first.id)) == "Augusta"
    assert rig.names() == ["Ada", "Augusta", "Bea", "Cleo"]


def test_how_alike_two_are(rig: Rig) -> None:
    near = done(rig.manage.likeness(rig.ids["Ada"], rig.ids["Augusta"]))
    far = done(rig.manage.likeness(rig.ids["Ada"], rig.ids["Dora"]))
    assert near.distance == pytest.approx(2 * np.sin(np.radians(5)), abs=1e-3)
    assert near.one_person
    assert far.one_person is False
    done(rig.thread.submit(lambda store: store.add_photo("Elsewhere", photo("another space", 5))))
    other = next(r.person.id for r in rig.manage.rows() if r.person.name == "Elsewhere")
    for pair in ((other, rig.ids["Ada"]), (rig.ids["Ada"], other)):
        assert done(rig.manage.likeness(*pair)).one_person is None


def test_consent_is_recorded_shown_and_taken_back(rig: Rig) -> None:
    ada, until_day = rig.ids["Ada"], date.today() + timedelta(days=30)
    assert done(rig.manage.consent(ada)) is None
    done(rig.manage.record_consent(ada, replace(FORM, until=until_day)))
    assert done(rig.manage.consent(ada)) == replace(FORM, until=until_day)
    assert [r.person.consent for r in rig.manage.rows()][:2] == ["given", "none"]
    with pytest.raises(InputError, match="has ended already"):
        done(rig.manage.record_consent(ada, replace(FORM, until=date(2020, 1, 1))))
    assert done(rig.manage.withdraw_consent(ada)).erased
    assert rig.names() == ["Augusta", "Bea", "Cleo", "Dora"]
    assert rig.logged() == [("consent_given", "Ada"), ("consent_withdrawn", "Ada")]


def test_a_face_is_drawn_when_somebody_looks_at_it(rig: Rig) -> None:
    rows = {r.person.name: r.person for r in rig.manage.rows()}
    assert rig.manage.thumbnail(rows["Ada"]) is None
    picture = until(lambda: rig.manage.thumbnail(rows["Ada"]))
    assert picture.startswith(b"\xff\xd8")
    assert rig.manage.drawn() == 1
    assert rig.manage.thumbnail(rows["Bea"]) is None
    until(lambda: rig.manage.drawn() == 2)
    assert rig.manage.thumbnail(rows["Bea"]) is None, "no crop is kept"
    assert rig.manage.drawn() == 2, "which is asked once"
    large = done(rig.manage.portrait(rig.ids["Ada"]))
    assert large is not None
    assert large.startswith(b"\xff\xd8")
