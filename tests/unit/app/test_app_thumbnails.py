"""Faces are drawn for those who are looked at, the last first, and no more are kept than are worth it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import faceapp.app.thumbnails as module
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.people import summaries
from faceapp.app.thumbnails import Thumbnails
from faceapp.errors import InputError
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary
from tests.fakes.live import person
from tests.polling import until


class Rig:
    """A gallery thread without people, whose drawing can be held up."""

    def __init__(self, data_dir: Path) -> None:
        self.thread = GalleryThread(
            lambda: GalleryStore.open(data_dir), "space", lambda: None, summaries, lambda *_: None
        )
        self.thread.start()
        self.go = threading.Event()
        self.go.set()
        self.drew: list[str] = []
        self.thumbnails = Thumbnails(self.thread, self._draw)

    def _draw(self, _: GalleryStore, person_id: str) -> bytes | None:
        self.go.wait(10)
        self.drew.append(person_id)
        if person_id == "id-Gone":
            raise InputError("gone")
        if person_id == "id-Torn":
            raise ValueError("what OpenCV says of half a picture")
        return person_id.encode()

    def get(self, who: PersonSummary) -> bytes:
        return until(lambda: self.thumbnails.get(who))


@pytest.fixture
def rig(data_dir: Path) -> Iterator[Rig]:
    rig = Rig(data_dir)
    yield rig
    rig.go.set()
    assert rig.thread.stop(10)


def test_each_is_drawn_once_until_the_person_changes(rig: Rig) -> None:
    ada = person("Ada")
    assert rig.get(ada) == rig.get(ada) == b"id-Ada"
    assert rig.drew == ["id-Ada"]
    changed = PersonSummary("id-Ada", "Ada", 2, "", True, updated="2026-11-22")
    assert rig.thumbnails.get(changed) == b"id-Ada", "the old one until there is another"
    until(lambda: len(rig.drew) == 2)


def test_the_last_asked_for_comes_first_and_what_was_scrolled_past_never(rig: Rig) -> None:
    rig.go.clear()
    rig.thumbnails.get(person("First"))
    until(lambda: rig.thumbnails._wanted == {})  # it is being drawn
    for n in range(module.WAITING + 40):
        rig.thumbnails.get(person(f"{n:03d}"))
    rig.go.set()
    until(lambda: rig.thumbnails.drawn == module.WAITING + 1)
    last = module.WAITING + 39
    assert rig.drew == ["id-First", *(f"id-{n:03d}" for n in range(last, last - module.WAITING, -1))]


@pytest.mark.parametrize("name", ["Gone", "Torn"])
def test_one_that_cannot_be_drawn_holds_up_nobody_else(rig: Rig, name: str) -> None:
    assert rig.thumbnails.get(person(name)) is None
    until(lambda: rig.thumbnails.drawn == 1)
    assert rig.thumbnails.get(person(name)) is None
    assert rig.get(person("Ada")) == b"id-Ada", "and drawing goes on"


def test_those_not_looked_at_for_longest_are_let_go(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    for name in ("Ada", "Bea", "Ada", "Cleo"):
        rig.get(person(name))
    assert list(rig.thumbnails._made) == ["id-Ada", "id-Cleo"]
