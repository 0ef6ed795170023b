from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np
import pytest

from faceapp.types import BgrImage, Box, Face, Floats
from faceapp.vision.following import SWEEP, EachAnew, Following
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.proposals import Block, Level
from faceapp.vision.session import ModelSession, Tensor
from faceapp.vision.tracker import Tracker

STEP = 33_000_000


class Counted:
    """A network that counts the pixels it is given."""

    provider = "CPUExecutionProvider"

    def __init__(self, session: ModelSession) -> None:
        self.session = session
        self.input_names = session.input_names
        self.pixels = 0

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        self.pixels += next(iter(inputs.values())).size // 3
        return self.session.run(inputs)


class Film:
    """What a recogniser does with each frame, beside full detection of the same."""

    def __init__(self, mtcnn: Mtcnn, min_face: int = 60) -> None:
        self.pnet = Counted(mtcnn._pnet)
        self.whole = mtcnn
        self.following = Following(Mtcnn(self.pnet, mtcnn._rnet, mtcnn._onet))
        self.tracker = Tracker()
        self.min_face = min_face
        self.now = 0

    def sees(self, picture: BgrImage, step_ns: int = STEP) -> list[Face]:
        self.now += step_ns
        self.pnet.pixels = 0
        faces = self.following.find(picture, self.min_face, self.tracker.expected(self.now), self.now)
        self.tracker.update(faces, self.now)
        return faces

    def right(self, picture: BgrImage) -> list[Face]:
        """As `sees`; every face that full detection finds must be among them. There may be one that turns away and that
        full detection no longer finds."""
        faces = self.sees(picture)
        truth = self.whole.detect(picture, self.min_face)
        for face in truth:
            assert max(face.box.iou(f.box) for f in faces) > 0.75
        return faces


@pytest.fixture
def film(mtcnn: Mtcnn) -> Film:
    return Film(mtcnn)


def camera(picture: BgrImage, frames: int, seed: int = 2) -> Iterator[BgrImage]:
    """A camera that noses about before a photograph: 480 x 360 pixels of it, turning and coming nearer."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    for k in range(frames):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 6 * np.sin(k / 9), 1 + 0.15 * np.sin(k / 7))
        turn[:, 2] += 240 - width / 2 + 30 * np.sin(k / 5), 180 - height / 2 + 20 * np.cos(k / 6)
        moved = cv2.warpAffine(picture, turn, (480, 360), borderMode=cv2.BORDER_REFLECT)
        yield np.clip(moved + rng.normal(0, 3, moved.shape), 0, 255).astype(np.uint8)


def test_a_moving_face_is_found_in_every_frame_as_by_full_detection(film: Film, astronaut: BgrImage) -> None:
    for picture in camera(astronaut[:360, 60:420], 25):
        (face,) = film.right(picture)
        assert face.landmarks is not None
        assert face.score > 0.9
    assert {t.id for t in film.tracker.update([], film.now)} == {1}


def test_several_faces_before_a_moving_camera(film: Film, six_people: BgrImage) -> None:
    film.min_face = 30
    small = cv2.resize(six_people, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for picture in camera(small[20:300, 20:500], 15):
        assert len(film.right(picture)) >= 4


def test_a_still_picture_costs_the_first_network_an_eighth(film: Film, astronaut: BgrImage) -> None:
    film.sees(astronaut)
    all_of_it = film.pnet.pixels
    spent = []
    for _ in range(16):
        assert len(film.right(astronaut)) == 1
        spent.append(film.pnet.pixels)
    assert sum(spent) < 16 * 0.25 * all_of_it
    assert sum(spent[:8]) == sum(spent[8:])


@pytest.mark.parametrize(("per_second", "frames"), [(30, 8), (15, 8), (10, 5), (5, 3), (3, 2), (1, 1)])
def test_where_frames_are_far_apart_more_of_the_picture_is_seen_in_each(
    film: Film, monkeypatch: pytest.MonkeyPatch, per_second: int, frames: int
) -> None:
    """A face that the comparison of pictures misses is looked at within half a second of its first frame."""
    mtcnn = film.following._mtcnn
    asked: list[set[tuple[int, ...]]] = []
    proposed = mtcnn.proposed

    def noted(levels: Sequence[Level], blocks: Sequence[Block]) -> Floats:
        asked[-1] |= {(b.level, b.top + y, b.left + x) for b in blocks for y, x in np.ndindex(b.rows, b.columns)}
        return proposed(levels, blocks)

    monkeypatch.setattr(mtcnn, "proposed", noted)
    empty = np.full((240, 320, 3), 90, np.uint8)
    for _ in range(3 * frames + 1):
        asked.append(set())
        assert film.sees(empty, 10**9 // per_second) == []
    everything = asked[0]
    for start in range(1, 2 * frames + 2):
        assert set().union(*asked[start : start + frames]) == everything
    assert (frames - 1) / per_second <= 0.5


def test_who_comes_in_is_found_in_that_very_frame(film: Film, astronaut: BgrImage) -> None:
    face = astronaut[40:200, 150:300]
    empty = np.full((360, 480, 3), 90, np.uint8)
    assert film.right(empty) == []
    for k in range(8):
        picture = empty.copy()
        x = 40 * k
        picture[100:260, x : x + 150] = face
        assert len(film.right(picture)) == 1
    # ...beside one who is there already, too.
    both = picture.copy()
    both[100:260, 20:170] = face[:, ::-1]
    assert len(film.right(both)) == 2


def test_a_small_face_behind_somebody_is_found_within_a_sweep(film: Film, astronaut: BgrImage) -> None:
    film.min_face = 40
    room = np.full((360, 480, 3), 90, np.uint8)
    room[:, 150:390] = astronaut[:360, 120:360]
    near = cv2.resize(room, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    for _ in range(3):
        assert len(film.right(near)) == 1
    behind = near.copy()
    behind[10:130, 640:740] = cv2.resize(astronaut[30:190, 150:283], (100, 120), interpolation=cv2.INTER_AREA)
    assert len(film.whole.detect(behind, 40)) == 2
    found = [len(film.sees(behind)) for _ in range(SWEEP)]
    assert found[-1] == 2
    assert len(film.right(behind)) == 2, "and it is followed from then on"


def test_after_a_cut_everything_is_new(film: Film, astronaut: BgrImage, six_people: BgrImage) -> None:
    one, six = astronaut, cv2.resize(six_people, (512, 512), interpolation=cv2.INTER_AREA)
    film.min_face = 40
    for picture in (one, six, six, one, one, six):
        assert len(film.right(picture)) == (1 if picture is one else 6)


def test_who_leaves_is_no_longer_seen_wherever_expected(film: Film, astronaut: BgrImage) -> None:
    film.sees(astronaut)
    film.sees(astronaut)
    gone = astronaut.copy()
    gone[40:200, 150:300] = gone[40:200, :150]
    assert film.sees(gone) == []
    (carried,) = film.tracker.update([], film.now)
    assert not carried.observed
    # One who stands there again is found where expected or not.
    assert len(film.sees(astronaut)) == 1


def test_a_box_in_which_there_is_no_face_is_no_face(film: Film, astronaut: BgrImage) -> None:
    (face,) = film.sees(astronaut)
    boxes = [Box(300, 300, 400, 420), Box(-900, 10, -800, 100), Box(10, 10, 10, 10), face.box.moved(6, 4)]
    (again,) = film.following.find(astronaut, 60, boxes, film.now)
    assert again.box.iou(face.box) > 0.9


def test_two_expectations_of_one_face_give_one(film: Film, astronaut: BgrImage) -> None:
    (face,) = film.sees(astronaut)
    assert len(film.following.find(astronaut, 60, [face.box, face.box.moved(9, 0), face.box.moved(0, -9)], 0)) == 1


def test_reset_forgets_the_picture(film: Film, astronaut: BgrImage) -> None:
    film.sees(astronaut)
    all_of_it = film.pnet.pixels
    film.sees(astronaut)
    assert film.pnet.pixels < all_of_it
    film.following.reset()
    film.sees(astronaut)
    assert film.pnet.pixels == all_of_it


def test_pictures_without_room_for_a_face(film: Film) -> None:
    for size in [(1, 1), (40, 40), (59, 400)]:
        assert film.sees(np.full((*size, 3), 99, np.uint8)) == []


def test_another_detector_sees_each_frame_anew(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    anew = EachAnew(mtcnn)
    (face,) = anew.find(astronaut, 40, [], 0)
    anew.reset()
    assert face.box == mtcnn.detect(astronaut, 40)[0].box
