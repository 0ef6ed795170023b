"""Is half of a face hidden? On the one photograph we have, and what is known of each measure."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from faceapp.types import BgrImage, Face
from faceapp.vision.covered import covered, doubt, judge, shown
from faceapp.vision.mtcnn import Mtcnn
from tests.fakes.spoilt import SIDES, Cover, Side


@pytest.fixture(scope="module")
def her(mtcnn: Mtcnn, astronaut: BgrImage) -> Face:
    return mtcnn.detect(astronaut, 40)[0]


def test_a_whole_face_is_not_covered(astronaut: BgrImage, her: Face) -> None:
    assert covered(astronaut, her) < 0.1


@pytest.mark.parametrize("factor", [0.4, 0.7, 2.0])
def test_nor_a_smaller_or_larger_one(astronaut: BgrImage, her: Face, factor: float) -> None:
    assert her.landmarks is not None
    image = cv2.resize(astronaut, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    face = Face(her.box.scaled(factor), her.score, her.landmarks * np.float32(factor))
    assert covered(image, face) < 0.3


@pytest.mark.parametrize("kind", ["plain", "mask", "texture"])
@pytest.mark.parametrize("side", SIDES)
def test_half_a_face_is_covered_or_no_face(mtcnn: Mtcnn, astronaut: BgrImage, her: Face, side: Side, kind: str) -> None:
    """As the detector then sees it: where it finds none, or doubts it, that is an answer too."""
    hidden = Cover([astronaut[300:]], seed=3).straight(astronaut, her.box, side, kind)
    near = [f for f in mtcnn.detect(hidden, 40) if f.box.iou(her.box) > 0.2]
    assert all(covered(hidden, f) > 0.5 for f in near)


@pytest.mark.parametrize("light", [0.3, 0.6])
def test_less_light_hides_nothing(astronaut: BgrImage, her: Face, light: float) -> None:
    assert covered((astronaut * light).astype(np.uint8), her) < 0.3


def test_each_measure_falls_where_its_part_is_hidden(astronaut: BgrImage, her: Face) -> None:
    assert her.landmarks is not None
    cover = Cover([astronaut])
    whole = shown(astronaut, her.landmarks)
    upper = shown(cover.straight(astronaut, her.box, "upper", "mask"), her.landmarks)
    lower = shown(cover.straight(astronaut, her.box, "lower", "mask"), her.landmarks)
    left = shown(cover.straight(astronaut, her.box, "left", "mask"), her.landmarks)
    assert upper.eyes < whole.eyes - 0.5
    assert lower.lips < whole.lips - 0.5
    assert left.eyes < whole.eyes - 0.5
    assert left.symmetry < whole.symmetry - 0.1


def test_a_grey_picture_has_no_colours_apart(astronaut: BgrImage, her: Face) -> None:
    assert her.landmarks is not None
    grey = cv2.cvtColor(cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert shown(grey, her.landmarks).colour == pytest.approx(0, abs=0.01)


def test_nothing_at_all_is_finite() -> None:
    flat = np.full((100, 100, 3), 128, np.uint8)
    points = np.array([[30, 30], [60, 30], [45, 45], [35, 60], [55, 60]], np.float32)
    assert 0 <= judge(shown(flat, points), 1.0) <= 1
    assert 0 <= judge(shown(flat, np.full((5, 2), 50, np.float32)), 0.0) <= 1


def test_without_landmarks_nobody_can_say(astronaut: BgrImage, her: Face) -> None:
    assert covered(astronaut, Face(her.box, her.score)) == 0


def test_doubt_is_a_logarithm_that_ends() -> None:
    assert doubt(0.0) == pytest.approx(0, abs=1e-4)
    assert doubt(0.9) == pytest.approx(math.log10(0.1001))
    assert doubt(1.0) == doubt(1.5) == pytest.approx(-4)
