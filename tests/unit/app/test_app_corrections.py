"""Merging and "that is not NAME": logged before they happen, said of pictures and of live faces."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.app import corrections
from faceapp.app.audit import ACTION, existing_log, open_log
from faceapp.app.corrections import LiveCorrections
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.guest import GUEST_ID
from faceapp.app.people import summaries
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import Candidate, Floats, Match
from tests.polling import until

SPACE = "space"


def at(distance: float) -> Floats:
    angle = 2 * math.asin(distance / 2)
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        yield store


def enrol(store: GalleryStore, name: str, distance: float) -> str:
    return store.add_photo(name, NewPhoto(SPACE, at(distance), 70, "a.jpg")).person.id


def logged(data_dir: Path) -> list[tuple[object, object]]:
    log = existing_log(data_dir)
    assert log is not None
    return [(e.fields["action"], e.fields["person"]) for e in log.entries() if e.kind == ACTION]


def test_each_correction_is_logged_with_ids(store: GalleryStore, data_dir: Path) -> None:
    ada, bob = enrol(store, "Ada", 0), enrol(store, "Bob", 0.3)
    open_log(data_dir)
    corrections.merge(store, data_dir, bob, ada)
    done, person = corrections.undo_merge(store, data_dir, " BOB ")
    assert (done.into_id, person.name) == (ada, "Bob")
    index = GalleryIndex.build(SPACE, store.templates(SPACE))
    corrections.add_negative(store, data_dir, index, ada, SPACE, at(0.2))
    assert logged(data_dir) == [
        ("merged_away", bob),
        ("merged_into", ada),
        ("restored", bob),
        ("merge_undone", ada),
        ("negative_added", ada),
    ]
    assert b"Bob" not in (data_dir / "audit.jsonl").read_bytes()


def test_what_cannot_be_logged_does_not_happen(store: GalleryStore, data_dir: Path) -> None:
    ada, bob = enrol(store, "Ada", 0), enrol(store, "Bob", 0.3)
    open_log(data_dir)
    (data_dir / "audit.jsonl").unlink()
    (data_dir / "audit.jsonl").mkdir()
    index = GalleryIndex.build(SPACE, store.templates(SPACE))
    with pytest.raises(UnavailableError):
        corrections.merge(store, data_dir, bob, ada)
    with pytest.raises(UnavailableError):
        corrections.add_negative(store, data_dir, index, ada, SPACE, at(0.2))
    assert len(store.people()) == 2
    assert store.negatives_of(ada) == 0


def test_the_newest_merge_is_undone_first_and_one_that_never_was_is_not(store: GalleryStore, data_dir: Path) -> None:
    with pytest.raises(InputError, match=r"^nobody was merged into somebody"):
        corrections.undo_merge(store, data_dir)
    ada, bob, cid = enrol(store, "Ada", 0), enrol(store, "Bob", 0.3), enrol(store, "Cid", 0.6)
    corrections.merge(store, data_dir, bob, ada)
    corrections.merge(store, data_dir, cid, ada)
    assert corrections.undo_merge(store, data_dir)[1].name == "Cid"
    with pytest.raises(InputError, match=r'^nobody called "Cid" was merged'):
        corrections.undo_merge(store, data_dir, "Cid")
    assert corrections.undo_merge(store, data_dir, "bob")[1].id == bob


def test_a_persons_own_photo_is_no_example_of_somebody_else(store: GalleryStore, data_dir: Path) -> None:
    ada = enrol(store, "Ada", 0)
    index = GalleryIndex.build(SPACE, store.templates(SPACE))
    with pytest.raises(InputError, match="own photos"):
        corrections.add_negative(store, data_dir, index, ada, SPACE, at(0.09))
    assert store.negatives_of(ada) == 0


# Of a live face


@dataclass
class Recognition:
    """A recogniser that knows the faces of some tracks, asked at once."""

    faces: dict[int, tuple[Floats, Match | None]]

    def seen(self, track: int) -> tuple[Floats, Match | None] | None:
        return self.faces.get(track)

    def ask(self, command: Callable[[Any], Any]) -> Future[Any]:
        answer: Future[Any] = Future()
        try:
            answer.set_result(command(self))
        except InputError as e:
            answer.set_exception(e)
        return answer


@pytest.fixture
def gallery(data_dir: Path, store: GalleryStore) -> Iterator[GalleryThread]:
    enrol(store, "Ada", 0)
    thread = GalleryThread(lambda: GalleryStore.open(data_dir), SPACE, lambda: None, summaries, lambda *_: None)
    thread.start()
    until(lambda: thread.view)
    yield thread
    assert thread.stop()


def live(gallery: GalleryThread, data_dir: Path, vector: Floats, match: Match | None) -> LiveCorrections:
    return LiveCorrections(gallery, Recognition({7: (vector, match)}).ask, data_dir, SPACE)


def named(gallery: GalleryThread, vector: Floats) -> Match | None:
    assert gallery.view is not None
    return gallery.view.index.match(vector[None], 0.45)[0]


def test_a_live_face_is_not_named_so_again(gallery: GalleryThread, data_dir: Path) -> None:
    face = at(0.3)
    match = named(gallery, face)
    assert match is not None
    assert match.name == "Ada"
    session = live(gallery, data_dir, face, match)
    assert session.not_this_person(7, match.nearest.person_id).result(60) == "Ada"
    assert named(gallery, face) is None, "the index in force when the future is done"
    assert named(gallery, at(0.1)) is not None


@pytest.mark.parametrize(
    ("track", "person_id", "distance", "who", "says"),
    [
        (8, None, 0.3, "a" * 32, "not there any more"),
        (7, None, 0.5, "a" * 32, "has no name"),
        (7, "b" * 32, 0.3, "a" * 32, "is taken for Ada now"),
        (7, None, 0.3, GUEST_ID, "guest is never stored"),
        (7, None, 0.3, "a" * 32, "not in the gallery any more"),
    ],
)
def test_what_cannot_be_said_of_a_live_face(
    gallery: GalleryThread, data_dir: Path, track: int, person_id: str | None, distance: float, who: str, says: str
) -> None:
    session = live(gallery, data_dir, at(0.3), Match(Candidate(who, "Ada", distance), None, 0.45))
    with pytest.raises(InputError, match=says):
        session.not_this_person(track, person_id).result(60)


def test_a_face_that_was_not_embedded_has_no_name(gallery: GalleryThread, data_dir: Path) -> None:
    with pytest.raises(InputError, match="has no name"):
        live(gallery, data_dir, at(0.3), None).not_this_person(7).result(60)


def test_whoever_stops_is_not_left_waiting(gallery: GalleryThread, data_dir: Path) -> None:
    match = named(gallery, at(0.3))
    gallery.stop()
    assert live(gallery, data_dir, at(0.3), match).not_this_person(7).cancelled()
