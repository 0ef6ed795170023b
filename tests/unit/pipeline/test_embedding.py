"""What a door sees: the one in front, embedded in every frame, with nothing of an earlier frame in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Floats, Frame, FrameResult, Match
from faceapp.vision.tracker import Track
from tests.fakes.vision import PEOPLE, Seen, World, index_of

FRAME_NS = 33_000_000


def largest(tracks: Sequence[Track], _size: tuple[int, int]) -> Track | None:
    return tracks[0] if tracks else None


class Door:
    def __init__(self, world: World) -> None:
        self.world = world
        self.recogniser = Recogniser(
            detector=world,
            embedder=world,
            index=index_of(*PEOPLE),
            threshold=0.9,
            same_person=1.0,
            min_face=40,
            front=largest,
        )
        self._id = 0

    def sees(self, *people: Seen, repeated: bool = False) -> FrameResult:
        self.world.people = list(people)
        picture = np.full((480, 640, 3), 90, np.uint8)
        picture.flags.writeable = False
        self._id += 1
        return self.recogniser.process(Frame(self._id, self._id * FRAME_NS, picture, repeated))


def test_the_one_in_front_is_embedded_in_every_frame_and_nobody_else() -> None:
    world = World()
    door = Door(world)
    for _ in range(5):
        result = door.sees(Seen("Ada", x=60, size=150), Seen("Bo", x=400, size=80))
    assert [len(names) for names in world.embedded] == [1] * 5
    near, far = result.faces
    assert (near.fresh, far.fresh) == (True, False)
    assert near.quality is not None
    assert far.match is None
    assert near.match is not None
    assert near.match.name == "Ada"


def test_nothing_of_an_earlier_frame_is_left_in_a_distance() -> None:
    door = Door(World())
    distances = []
    for off in (0.1, 0.8, 0.1):
        (face,) = door.sees(Seen("Ada", off=off)).faces
        assert face.match is not None
        distances.append(face.match.nearest.distance)
    assert distances[0] == distances[2]
    assert distances[1] > 0.7


def test_a_face_that_is_only_carried_is_no_evidence() -> None:
    door = Door(World())
    for _ in range(3):
        door.sees(Seen("Ada"))
    (face,) = door.sees().faces
    assert not face.observed
    assert not face.fresh
    assert face.match is None


def test_a_picture_that_was_there_before_is_no_evidence() -> None:
    door = Door(World())
    assert door.sees(Seen("Ada")).faces[0].fresh
    (face,) = door.sees(Seen("Ada"), repeated=True).faces
    assert not face.fresh
    assert face.match is None
    assert door.sees(Seen("Ada")).faces[0].fresh


class Overflowing(World):
    def embed(self, image: BgrImage, faces: Sequence[Face]) -> Floats:
        vectors: Floats = super().embed(image, faces) * np.nan
        return vectors


def test_a_network_that_gives_no_numbers_is_no_evidence() -> None:
    (face,) = Door(Overflowing()).sees(Seen("Ada")).faces
    assert not face.fresh
    assert face.match is None


def test_who_is_nearest_and_who_is_next_is_asked_for_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    match = GalleryIndex.match

    def noted(index: GalleryIndex, probes: Floats, threshold: float, *, sure: bool = False) -> list[Match | None]:
        asked.append(sure)
        return match(index, probes, threshold, sure=sure)

    monkeypatch.setattr(GalleryIndex, "match", noted)
    assert Door(World()).sees(Seen("Ada")).faces[0].match is not None
    assert asked == [True]
