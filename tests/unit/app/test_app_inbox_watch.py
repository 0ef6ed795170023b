"""Which faces of a live picture go to the inbox, by frames a test makes, over a real gallery on its thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.inbox_watch import InboxWatch
from faceapp.app.people import summaries
from faceapp.enrollment.gate import SENTENCES, Finding, Gate, GateReport
from faceapp.gallery.inbox_rows import TrackRow
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Frame
from tests.fakes.vision import SPACE, Seen, World, index_of, vector

SECOND = 1_000_000_000
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Says(Gate):
    """A gate that passes everybody, or nobody."""

    passes = True

    def check(self, image: BgrImage, faces: Sequence[Face], face: Face | None = None) -> GateReport:  # noqa: ARG002
        return GateReport(80.0, () if self.passes else (Finding("blurred", SENTENCES["blurred"], 0, 1),), faces[0])


class Rig:
    """A watch, a recogniser over an invented world that knows Bo, and a clock for both."""

    def __init__(self, data_dir: Path) -> None:
        self.gallery = GalleryThread(
            lambda: GalleryStore.open(data_dir), SPACE, lambda: None, summaries, lambda _store, _id: None
        )
        self.gallery.start()
        self.camera: str | None = "Camera 0"
        self.gate = Says()
        self.inbox = InboxWatch(
            self.gallery, SPACE, 0.9, lambda: 0.9, lambda: self.camera, gate=self.gate, now=lambda: NOW
        )
        self.world = World()
        self.recogniser = Recogniser(
            detector=self.world, embedder=self.world, index=index_of("Bo"), threshold=0.9, same_person=0.9, min_face=40
        )
        self._now = self._id = 0

    def sees(self, *people: Seen, seconds: float, repeated: bool = False) -> None:
        """So long a film of `people`, ten frames a second."""
        for _ in range(round(seconds * 10)):
            self._now += SECOND // 10
            self._id += 1
            self.world.people = list(people)
            image = np.full((480, 640, 3), 90, np.uint8)
            frame = Frame(self._id, self._now, image, repeated)
            self.inbox.watch(self.recogniser, frame, self.recogniser.process(frame))

    def kept(self) -> list[TrackRow]:
        return self.gallery.submit(lambda store: store.tracks(SPACE)).result(60)


@pytest.fixture
def rig(data_dir: Path) -> Iterator[Rig]:
    rig = Rig(data_dir)
    yield rig
    assert rig.gallery.stop(10)


def test_a_stranger_who_was_well_seen_for_a_second_is_kept_when_they_go(rig: Rig) -> None:
    rig.sees(Seen("Ada"), seconds=2)
    assert rig.kept() == [], "still there"
    rig.sees(seconds=2)
    [track] = rig.kept()
    assert (track.camera, track.quality, track.first_seen[:16]) == ("Camera 0", 80, "2026-11-22T08:00")
    assert track.vectors is not None
    assert track.vectors == pytest.approx(vector("Ada")[None], abs=1e-3)


def test_who_was_there_for_less_is_not(rig: Rig) -> None:
    rig.sees(Seen("Ada"), seconds=0.9)
    rig.sees(seconds=2)
    assert rig.kept() == []


def test_who_was_badly_seen_is_not(rig: Rig) -> None:
    rig.gate.passes = False
    rig.sees(Seen("Ada"), seconds=5)
    rig.sees(seconds=2)
    assert rig.kept() == []


def test_who_is_known_is_not(rig: Rig) -> None:
    rig.sees(Seen("Bo"), seconds=3)
    rig.sees(seconds=2)
    assert rig.kept() == []


def test_who_is_named_in_the_end_is_not(rig: Rig) -> None:
    rig.sees(Seen("Ada"), seconds=2)
    rig.recogniser.search(index_of("Ada", "Bo"), 0.9)
    rig.sees(Seen("Ada"), seconds=0.5)
    rig.sees(seconds=2)
    assert rig.kept() == []


def test_who_was_enrolled_while_they_went_is_not(rig: Rig) -> None:
    rig.sees(Seen("Ada"), seconds=2)
    rig.gallery.submit(lambda store: store.add_photo("Ada", NewPhoto(SPACE, vector("Ada"), 70, "a.jpg"))).result(60)
    rig.sees(seconds=2)
    assert rig.kept() == []


def test_two_strangers_are_two(rig: Rig) -> None:
    rig.sees(Seen("Ada", x=150), Seen("Cy", x=450), seconds=3)
    rig.sees(seconds=2)
    assert len(rig.kept()) == 2


def test_another_face_in_the_same_place_is_another(rig: Rig) -> None:
    """The tracker may carry a track over from one to the other; the inbox never mixes them."""
    rig.sees(Seen("Ada"), seconds=3)
    rig.sees(Seen("Cy"), seconds=3)
    rig.sees(seconds=2)
    tracks = rig.kept()
    assert len(tracks) == 2
    for name in ("Ada", "Cy"):
        mine = [t for t in tracks if t.vectors is not None and np.linalg.norm(t.vectors[0] - vector(name)) < 0.3]
        assert len(mine) == 1, name


def test_the_end_of_the_picture_is_the_end_of_everybody_in_it(rig: Rig) -> None:
    rig.sees(Seen("Ada"), seconds=2)
    rig.inbox.finish()
    rig.inbox.finish()
    assert len(rig.kept()) == 1


def test_a_picture_that_stands_still_is_nobody_new(rig: Rig) -> None:
    rig.sees(Seen("Ada"), seconds=3, repeated=True)
    rig.inbox.finish()
    assert rig.kept() == []


def test_of_a_source_that_is_none_nothing_is_kept(rig: Rig) -> None:
    rig.camera = None
    rig.sees(Seen("Ada"), seconds=3)
    rig.inbox.finish()
    assert rig.kept() == []
