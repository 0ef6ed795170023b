from __future__ import annotations

import time
from collections.abc import Mapping

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from faceapp.types import BgrImage, Box, Face
from faceapp.vision import proposals
from faceapp.vision.mtcnn import Mtcnn, MtcnnOptions
from faceapp.vision.session import Tensor

ASTRONAUT = Box(181, 61, 267, 174)
"""Her face, drawn by hand around brow, chin and cheeks."""

SIX_FACES = [
    Box(57, 266, 164, 395),
    Box(267, 149, 368, 268),
    Box(465, 263, 573, 410),
    Box(743, 342, 841, 475),
    Box(909, 62, 1013, 199),
    Box(1133, 277, 1225, 397),
]


def assert_plausible(face: Face) -> None:
    """Landmarks where they are in an upright face, left and right as seen in the picture."""
    assert face.landmarks is not None
    left, right, nose, mouth_left, mouth_right = face.landmarks.tolist()
    assert face.landmarks.dtype == np.float32
    assert left[0] < nose[0] < right[0]
    assert mouth_left[0] < mouth_right[0]
    assert max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])
    for x, y in face.landmarks.tolist():
        assert face.box.x1 < x < face.box.x2
        assert face.box.y1 < y < face.box.y2


def test_the_astronaut(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    (face,) = mtcnn.detect(astronaut, 40)
    assert face.box.iou(ASTRONAUT) > 0.85
    assert face.score > 0.99
    assert_plausible(face)
    assert face.landmarks is not None
    eyes = face.landmarks[:2].tolist()
    assert eyes[0] == pytest.approx([204, 101], abs=3)
    assert eyes[1] == pytest.approx([247, 103], abs=3)


def test_six_people_the_largest_first(mtcnn: Mtcnn, six_people: BgrImage) -> None:
    found = mtcnn.detect(six_people, 40)
    assert len(found) == 6
    for truth in SIX_FACES:
        assert max(f.box.iou(truth) for f in found) > 0.75
    areas = [f.box.area for f in found]
    assert areas == sorted(areas, reverse=True)


def test_mirrored_the_landmarks_are_mirrored(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    (face,) = mtcnn.detect(astronaut, 40)
    (mirrored,) = mtcnn.detect(np.ascontiguousarray(astronaut[:, ::-1]), 40)
    assert_plausible(mirrored)
    assert face.landmarks is not None
    assert mirrored.landmarks is not None
    back = mirrored.landmarks[[1, 0, 2, 4, 3]]
    assert np.abs(np.array([512, 0]) + back * np.array([-1, 1]) - face.landmarks).max() < 4


def test_the_smallest_face_is_a_setting(mtcnn: Mtcnn, six_people: BgrImage) -> None:
    heights = sorted(b.height for b in SIX_FACES)
    between = int(heights[2] + heights[3]) // 2
    found = mtcnn.detect(six_people, between)
    assert found
    assert len(found) < 6
    assert all(f.box.height >= between for f in found)
    assert mtcnn.detect(six_people, 300) == []


def test_small_faces(mtcnn: Mtcnn, six_people: BgrImage) -> None:
    small = cv2.resize(six_people, None, fx=0.22, fy=0.22, interpolation=cv2.INTER_AREA)
    found = mtcnn.detect(small, 20)
    for truth in SIX_FACES:  # 26 to 32 pixels high
        assert max(f.box.iou(truth.scaled(0.22)) for f in found) > 0.7


def test_a_face_at_the_edge_stays_in_the_picture(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    cut = np.ascontiguousarray(astronaut[75:, 195:])
    (face,) = mtcnn.detect(cut, 40)
    assert face.box.x1 == 0
    assert 0 <= face.box.y1 < 10


def test_a_grey_picture(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    grey = np.repeat(cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    (face,) = mtcnn.detect(grey, 40)
    assert face.box.iou(ASTRONAUT) > 0.8


@pytest.mark.parametrize("size", [(1, 1), (10, 10), (1, 5000), (5000, 1), (12, 12), (13, 400), (40, 40)])
@pytest.mark.parametrize("min_face", [12, 40])
def test_tiny_pictures_have_no_faces(mtcnn: Mtcnn, size: tuple[int, int], min_face: int) -> None:
    assert mtcnn.detect(np.full((*size, 3), 127, np.uint8), min_face) == []


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_plain_picture_has_no_faces(mtcnn: Mtcnn, value: int) -> None:
    assert mtcnn.detect(np.full((240, 320, 3), value, np.uint8), 20) == []


def test_noise_has_no_faces(mtcnn: Mtcnn) -> None:
    assert mtcnn.detect(np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8), 20) == []


def test_a_picture_of_fifty_megapixels(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    big = np.zeros((5776, 8664, 3), np.uint8)
    big[4000:4512, 8000:8512] = astronaut
    start = time.perf_counter()
    (face,) = mtcnn.detect(big, 40)
    assert time.perf_counter() - start < 20  # 2 to 3 seconds on two cores; a loop over pixels would take minutes
    assert face.box.iou(ASTRONAUT.moved(8000, 4000)) > 0.8


def test_a_picture_wider_than_opencv_can_warp(mtcnn: Mtcnn, astronaut: BgrImage) -> None:
    wide = np.zeros((512, 40000, 3), np.uint8)
    wide[:, 39000:39512] = astronaut
    (face,) = mtcnn.detect(wide, 60)
    assert face.box.iou(ASTRONAUT.moved(39000, 0)) > 0.8


def test_blocks_leave_no_seam(mtcnn: Mtcnn, six_people: BgrImage, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mtcnn.detect(six_people, 40)
    monkeypatch.setattr(proposals, "_ROWS", 20)
    monkeypatch.setattr(proposals, "_COLUMNS", 30)
    blocks = mtcnn.detect(six_people, 40)
    assert len(blocks) == len(whole)
    for a, b in zip(whole, blocks, strict=True):
        assert a.box.as_list() == pytest.approx(b.box.as_list(), abs=0.01)


def test_landmarks_in_another_detectors_boxes(mtcnn: Mtcnn, six_people: BgrImage) -> None:
    found = mtcnn.detect(six_people, 40)
    # Wider, higher and off to the side, as an SSD's boxes are.
    boxes = np.array([[b.x1 - 6, b.y1 - 12, b.x2 + 10, b.y2 + 2] for b in (f.box for f in found)], np.float32)
    points = mtcnn.landmarks(six_people, boxes)
    assert points.shape == (6, 5, 2)
    for face, there in zip(found, points, strict=True):
        assert face.landmarks is not None
        assert np.abs(face.landmarks - there).max() < 0.06 * face.box.height


def test_landmarks_of_no_boxes(mtcnn: Mtcnn, six_people: BgrImage) -> None:
    assert mtcnn.landmarks(six_people, np.empty((0, 4), np.float32)).shape == (0, 5, 2)


class FakeNet:
    """P-net that sees a face in every window, R-net and O-net that believe in none or all."""

    provider = "fake"
    input_names = ("in",)

    def __init__(self, kind: str, score: float) -> None:
        self.kind, self.score = kind, score
        self.seen: list[tuple[int, ...]] = []

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        x = inputs["in"]
        self.seen.append(x.shape)
        n = len(x)
        if self.kind == "p":
            rows, columns = (x.shape[2] - 9) // 2, (x.shape[3] - 9) // 2
            maps: NDArray[np.float32] = np.full((1, 1, rows, columns), self.score, np.float32)
            return [np.zeros((1, 4, rows, columns), np.float32), maps]
        points = [np.full((n, 10), 0.5, np.float32)] if self.kind == "o" else []
        return [np.zeros((n, 4), np.float32), *points, np.full((n, 1), self.score, np.float32)]


def test_each_stage_refuses() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    for scores, asked in [((0.5, 0.9, 0.9), "p"), ((0.9, 0.5, 0.9), "pr"), ((0.9, 0.9, 0.5), "pro")]:
        nets = [FakeNet(kind, score) for kind, score in zip("pro", scores, strict=True)]
        assert Mtcnn(*nets).detect(image, 40) == []
        assert "".join(n.kind for n in nets if n.seen) == asked


def test_crops_come_in_batches_of_bounded_size() -> None:
    nets = [FakeNet(kind, 0.9) for kind in "pro"]
    options = MtcnnOptions(rnet_score=0.95)
    assert Mtcnn(*nets, options).detect(np.zeros((120, 120, 3), np.uint8), 20) == []
    assert len(nets[1].seen) > 1
    assert max(shape[0] for shape in nets[1].seen) == 16
    assert {shape[1:] for shape in nets[1].seen} == {(3, 24, 24)}
    assert nets[2].seen == []


def test_the_provider_is_the_networks() -> None:
    assert Mtcnn(*(FakeNet(kind, 0) for kind in "pro")).provider == "fake"
