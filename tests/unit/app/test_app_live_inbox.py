"""The inbox as a window has it: a real gallery on its thread, a recogniser that sees what the test says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp import settings as settings_file
from faceapp.app import inbox, live_inbox
from faceapp.app.audit import ACTION, existing_log, open_log
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.inbox_types import Entry
from faceapp.app.live import LiveSession
from faceapp.app.live_enrolment import consent_wanted
from faceapp.app.live_inbox import COLLECTED, GONE, NO_FACE, NO_PICTURE, NOT_COLLECTED, NOT_NOW, SEVERAL, InboxService
from faceapp.app.parts import Parts
from faceapp.app.people import summaries
from faceapp.enrollment.gate import Gate, GateReport
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.inbox_rows import NewTrack
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.images import encode_jpeg
from faceapp.pipeline.recogniser import Recogniser
from faceapp.settings import Settings
from faceapp.types import BgrImage, Face, Frame
from tests.fakes.vision import SPACE, Seen, World, vector

WAIT = 10.0
SAME = 0.9
SECOND = 1_000_000_000
PICTURE: BgrImage = np.full((240, 320, 3), 40, np.uint8)
"""The gate finds fault with it."""
JPEG = encode_jpeg(PICTURE)
FACE = Seen("Ada", 160, 120)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class PassesAll(Gate):
    """A gate that finds no fault."""

    asked = 0

    def check(self, image: BgrImage, faces: Sequence[Face], face: Face | None = None) -> GateReport:  # noqa: ARG002
        self.asked += 1
        return GateReport(80.0, (), faces[0])


class InventedParts(Parts):
    """Numbers of an invented embedding space."""

    def space(self) -> str:
        return SPACE

    def automatic_threshold(self, templates: int) -> float:  # noqa: ARG002
        return SAME


class Rig:
    """The service, and a recogniser that answers at once, or not at all."""

    def __init__(self, data_dir: Path, **settings: Any) -> None:
        self.parts = InventedParts.open(data_dir, **{"inbox": True, **settings})
        self.world = World()
        self.world.people = [FACE]
        self.recogniser = Recogniser(
            detector=self.world,
            embedder=self.world,
            index=GalleryIndex.empty(SPACE),
            threshold=SAME,
            same_person=SAME,
            min_face=40,
        )
        self.runs = True
        self.gallery = GalleryThread(
            self.parts.open_gallery, SPACE, self._changed, summaries, lambda _store, _id: None, look_every=60
        )
        self.service = InboxService(self.parts, self.gallery, self._ask)
        self.gallery.start()

    def _changed(self) -> None:
        view = self.gallery.view
        if view is not None:
            self.recogniser.search(view.index, SAME)

    def _ask(self, command: Callable[[Recogniser], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        if not self.runs:
            future.cancel()
            return future
        try:
            future.set_result(command(self.recogniser))
        except Exception as e:  # noqa: BLE001 - as the recognition thread does
            future.set_exception(e)
        return future

    def do(self, job: Callable[[GalleryStore], Any]) -> Any:
        return self.gallery.submit(job).result(WAIT)

    def add(self, name: str, quality: float = 70.0, hours: int = 0, off: float = 0.0) -> str:
        seen = (NOON + timedelta(hours=hours)).isoformat(timespec="microseconds")
        track = NewTrack(seen, seen, "Camera 0", quality, JPEG, SPACE, vector(name, off)[None])
        added = self.do(lambda store: store.add_track(track))
        assert isinstance(added, str)
        return added

    def entries(self) -> list[Entry]:
        return list(self.service.entries().result(WAIT))

    def people(self) -> list[tuple[str, int]]:
        found = self.do(lambda store: [(p.name, len(store.photos(p.id))) for p in store.people()])
        assert isinstance(found, list)
        return found


@pytest.fixture
def make(data_dir: Path) -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def rig(**settings: Any) -> Rig:
        rigs.append(Rig(data_dir, **settings))
        return rigs[-1]

    yield rig
    for one in rigs:
        assert one.gallery.stop(WAIT)
        one.parts.close()


@pytest.fixture
def rig(make: Callable[..., Rig]) -> Rig:
    return make()


def logged(data_dir: Path) -> list[object]:
    log = existing_log(data_dir)
    assert log is not None
    return [e.fields["action"] for e in log.entries() if e.kind == ACTION]


# Looking


def test_entries_are_people_and_only_the_new_ones_wait(rig: Rig) -> None:
    rig.add("Ada", 60)
    best = rig.add("Ada", 80, hours=1, off=0.3)
    rig.add("Bo", hours=2)
    rig.add("Cy", hours=3)
    before = rig.service.marker()
    rig.service.ignore([e for e in rig.entries() if len(e.tracks) == 1][:1]).result(WAIT)
    assert rig.service.marker() != before
    found = rig.entries()
    assert [(len(e.tracks), e.ignored) for e in found] == [(1, False), (2, False), (1, True)]
    assert found[1].id == best
    assert rig.service.waiting().result(WAIT) == 2
    assert rig.service.picture(found[1]).result(WAIT) == JPEG
    assert rig.service.picture(found[2]).result(WAIT) is None


def test_people_are_clustered_anew_only_when_the_inbox_has_changed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    group = inbox.group
    monkeypatch.setattr(live_inbox.inbox, "group", lambda rows, same: calls.append(len(rows)) or group(rows, same))
    rig.add("Ada")
    for _ in range(3):
        rig.entries()
    rig.do(lambda store: store.add_photo("Bo", NewPhoto(SPACE, vector("Bo"), 70, "b.jpg")))
    rig.entries()
    rig.add("Cy")
    rig.entries()
    assert calls == [1, 2]


def test_a_gallery_that_cannot_be_read_is_a_line(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise UnavailableError("the gallery's key is missing: put it back")

    rig.add("Ada")
    monkeypatch.setattr(GalleryStore, "tracks", locked)
    for asked in (rig.service.entries(), rig.service.waiting()):
        with pytest.raises(UnavailableError, match="key is missing"):
            asked.result(WAIT)


# Enrolling


def test_a_picture_is_examined_as_a_snapshot_is_and_nothing_is_stored(rig: Rig) -> None:
    rig.do(lambda store: store.add_photo("Bo", NewPhoto(SPACE, vector("Ada", 0.5), 70, "b.jpg")))
    rig.add("Ada")
    [entry] = rig.entries()
    state = rig.service.examine(entry).result(WAIT)
    assert (state.phase, state.known_as) == ("ready", "Bo")
    assert state.image is not None
    assert state.hints, "what the gate finds"
    assert all(h[0].isupper() and h.endswith(".") for h in state.hints)
    assert state.override
    assert rig.people() == [("Bo", 1)]
    assert len(rig.entries()) == 1


def test_one_enrolled_is_a_person_and_leaves_the_inbox(rig: Rig, data_dir: Path) -> None:
    open_log(data_dir)
    for quality in (60, 80):
        rig.add("Ada", quality)
    [entry] = rig.entries()
    consent = consent_wanted(rig.parts).form
    person = rig.service.enrol(entry, "Ada Lovelace", consent).result(WAIT)
    assert (person.name, person.photos) == ("Ada Lovelace", 1)
    assert rig.entries() == []
    assert rig.recogniser.index.templates == 1, "named from the next frame on"
    [photo] = rig.do(lambda store: store.photos(person.id))
    assert (photo.source, photo.override, bool(photo.issues)) == ("unknown faces", True, True)
    assert rig.do(lambda store: store.consent(person.id)) is not None
    assert logged(data_dir) == ["enrolled", "consent_given"]
    assert not rig.do(lambda store: store._pending()), "no trace of the entry lingers in the file"


def test_a_further_photo_goes_to_who_has_the_name(rig: Rig) -> None:
    rig.do(lambda store: store.add_photo("Ada", NewPhoto(SPACE, vector("Ada"), 70, "a.jpg")))
    rig.add("Ada", off=0.2)
    assert rig.service.enrol(rig.entries()[0], " ada ").result(WAIT).photos == 2
    assert rig.people() == [("Ada", 2)]


def test_where_consent_is_required_nobody_is_enrolled_without(make: Callable[..., Rig]) -> None:
    rig = make(require_consent=True)
    rig.add("Ada")
    [entry] = rig.entries()
    empty = dataclasses.replace(consent_wanted(rig.parts).form, text=" ")
    for consent, line in ((None, "requires consent"), (empty, "text")):
        with pytest.raises(InputError, match=line):
            rig.service.enrol(entry, "Ada", consent).result(WAIT)
    assert (rig.people(), len(rig.entries())) == ([], 1)
    rig.service.enrol(entry, "Ada", consent_wanted(rig.parts).form).result(WAIT)
    assert (rig.people(), rig.entries()) == ([("Ada", 1)], [])


def test_what_cannot_be_enrolled_stays(rig: Rig) -> None:
    rig.add("Ada")
    [entry] = rig.entries()
    rig.world.people = []
    with pytest.raises(InputError) as no_face:
        rig.service.enrol(entry, "Ada").result(WAIT)
    assert str(no_face.value) == NO_FACE
    rig.world.people = [Seen("Ada", 90, 120), Seen("Bo", 230, 120)]
    with pytest.raises(InputError) as several:
        rig.service.enrol(entry, "Ada").result(WAIT)
    assert str(several.value) == SEVERAL
    rig.runs = False
    with pytest.raises(UnavailableError) as not_now:
        rig.service.examine(entry).result(WAIT)
    assert str(not_now.value) == NOT_NOW
    assert [e.id for e in rig.entries()] == [entry.id]


def test_an_entry_that_is_gone_is_nobodys_any_more(rig: Rig) -> None:
    rig.add("Ada")
    [entry] = rig.entries()
    rig.do(lambda store: store.delete_tracks(entry.tracks))
    asked = [rig.service.examine(entry), rig.service.enrol(entry, "Ada"), rig.service.picture(entry)]
    for answer in (*asked, rig.service.ignore([entry]), rig.service.delete([entry])):
        with pytest.raises(InputError) as gone:
            answer.result(WAIT)
        assert str(gone.value) == GONE
    assert rig.people() == []


# Ignoring, deleting


def test_who_is_ignored_has_no_picture_and_can_be_deleted(rig: Rig, data_dir: Path) -> None:
    open_log(data_dir)
    for name in ("Ada", "Bo", "Cy"):
        rig.add(name)
    rig.service.ignore(rig.entries()[:2]).result(WAIT)
    found = rig.entries()
    assert [e.ignored for e in found] == [False, True, True], "two people, not one"
    with pytest.raises(InputError) as no_picture:
        rig.service.enrol(found[1], "Ada").result(WAIT)
    assert str(no_picture.value) == NO_PICTURE
    assert rig.service.delete(found[1:]).result(WAIT) == ""
    assert [e.ignored for e in rig.entries()] == [False]
    assert logged(data_dir) == ["unknown_ignored"] * 2 + ["unknown_deleted"] * 2


def test_what_is_decided_holds_for_what_was_seen(rig: Rig) -> None:
    """One more track of the same person came in between: it stays. One that went meanwhile is no reason to refuse."""
    rig.add("Ada", 60)
    gone = rig.add("Ada", 50, off=0.2)
    [entry] = rig.entries()
    later = rig.add("Ada", 80, off=0.1)
    rig.do(lambda store: store.delete_tracks([gone]))
    rig.service.delete([entry]).result(WAIT)
    assert [e.tracks for e in rig.entries()] == [(later,)]


def test_deleting_says_what_is_left_to_say(rig: Rig, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_log(data_dir)
    (data_dir / "audit.jsonl").unlink()
    (data_dir / "audit.jsonl").mkdir()
    rig.add("Ada")
    monkeypatch.setattr(GalleryStore, "scrub", lambda _: False)
    said = rig.service.delete(rig.entries()).result(WAIT)
    assert live_inbox.LINGERING in said
    assert "not in the audit log" in said
    assert rig.entries() == [], "a deletion waits for nothing"


# Collected or not


def test_turned_on_and_off_it_is_stored_and_logged(rig: Rig, data_dir: Path) -> None:
    open_log(data_dir)
    assert rig.service.state().days == Settings().retention.inbox_days
    before = rig.service.marker()
    rig.service.collect(False).result(WAIT)
    assert not rig.service.collecting()
    assert rig.service.marker() != before
    assert settings_file.load(data_dir).inbox is False
    rig.service.collect(True).result(WAIT)
    assert rig.service.state().collecting
    assert json.loads((data_dir / "settings.json").read_text())["inbox"] is True
    assert logged(data_dir) == [NOT_COLLECTED, COLLECTED]


def test_off_it_is_also_where_that_cannot_be_written(rig: Rig, data_dir: Path) -> None:
    (data_dir / "settings.json").mkdir(parents=True)
    for on in (False, True):
        with pytest.raises(UnavailableError):
            rig.service.collect(on).result(WAIT)
        assert not rig.service.collecting()


def test_on_it_is_not_where_it_cannot_be_logged(make: Callable[..., Rig], data_dir: Path) -> None:
    rig = make(inbox=False)
    rig.entries()  # the folder is made
    (data_dir / "audit.jsonl").mkdir()
    with pytest.raises(UnavailableError):
        rig.service.collect(True).result(WAIT)
    assert not rig.service.collecting()
    rig.service.collect(False).result(WAIT)
    assert settings_file.load(data_dir).inbox is False


def test_a_site_without_pictures_cannot_collect_any(make: Callable[..., Rig]) -> None:
    rig = make(keep_crops=False)
    assert (rig.service.state().collecting, rig.service.state().possible) == (False, False)
    with pytest.raises(UnavailableError, match="keep_crops"):
        rig.service.collect(True).result(WAIT)


def test_whoever_is_in_the_picture_when_it_is_turned_off_is_forgotten(rig: Rig) -> None:
    session = LiveSession(rig.parts, "0")
    session._gallery.start()
    good = session._watch._inbox._gate = PassesAll()
    numbers = iter(range(1, 1000))

    def film(seconds: float, *people: Seen) -> None:
        rig.world.people = list(people)
        for _ in range(round(seconds * 10)):
            number = next(numbers)
            frame = Frame(number, number * SECOND // 10, np.full((480, 640, 3), 90, np.uint8))
            session._watch.watch(rig.recogniser, frame, rig.recogniser.process(frame))

    def collect(on: bool) -> None:
        session.inbox.collect(on).result(WAIT)

    def kept() -> int:
        return session.inbox.waiting().result(WAIT)

    film(2, Seen("Ada"))
    collect(False)
    film(0.5, Seen("Ada"))
    collect(True)
    film(0.5, Seen("Ada"))
    film(2)
    assert good.asked > 0
    assert kept() == 0, "half a second is too little, and what was before is forgotten"
    film(2, Seen("Bo"))
    session._watch.finish()
    assert kept() == 1
    film(2, Seen("Cy"))
    collect(False)
    session._watch.finish()
    assert kept() == 1
    session.stop()
    assert session._gallery.stop(WAIT)
