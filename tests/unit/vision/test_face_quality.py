from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest

from faceapp.types import BgrImage, Box, Face, Floats
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.quality import QualityIssue, assess, measure, pose


@pytest.fixture(scope="module")
def her(mtcnn: Mtcnn, astronaut: BgrImage) -> Face:
    return mtcnn.detect(astronaut, 40)[0]


def changed(face: Face, scale: float) -> Face:
    assert face.landmarks is not None
    return Face(face.box.scaled(scale), face.score, face.landmarks * np.float32(scale))


def test_a_good_photograph_has_a_high_figure_and_no_issues(astronaut: BgrImage, her: Face) -> None:
    quality = assess(astronaut, her)
    assert quality.score > 80
    assert quality.issues == ()


def test_every_issue_says_what_to_do() -> None:
    hints = [issue.hint for issue in QualityIssue]
    assert len(set(hints)) == len(hints)
    assert all(len(h) > 10 and "\n" not in h and not h.endswith(".") for h in hints)


def blurred(image: BgrImage) -> BgrImage:
    return cast(BgrImage, cv2.GaussianBlur(image, (0, 0), 3.5))


def moved(image: BgrImage) -> BgrImage:
    """The camera shook."""
    return cast(BgrImage, cv2.filter2D(image, -1, np.full((1, 17), 1 / 17)))


def dark(image: BgrImage) -> BgrImage:
    return (image * 0.2).astype(np.uint8)


def overexposed(image: BgrImage) -> BgrImage:
    return np.clip(image.astype(float) * 1.5 + 90, 0, 255).astype(np.uint8)


def foggy(image: BgrImage) -> BgrImage:
    return (image * 0.1 + 140).astype(np.uint8)


@pytest.mark.parametrize(
    ("spoil", "issue"),
    [
        (blurred, QualityIssue.BLURRED),
        (moved, QualityIssue.BLURRED),
        (dark, QualityIssue.DARK),
        (overexposed, QualityIssue.BRIGHT),
        (foggy, QualityIssue.FLAT),
    ],
)
def test_a_spoilt_photograph_is_told_why(astronaut: BgrImage, her: Face, spoil: object, issue: QualityIssue) -> None:
    assert callable(spoil)
    quality = assess(spoil(astronaut), her)
    assert issue in quality.issues
    assert quality.score < 0.7 * assess(astronaut, her).score


@pytest.mark.parametrize("scale", [0.85, 1.0, 2.0])
def test_a_face_large_enough_is_not_called_small_or_blurred(astronaut: BgrImage, her: Face, scale: float) -> None:
    image = cv2.resize(
        astronaut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    assert assess(image, changed(her, scale)).issues == ()


def test_a_small_face(astronaut: BgrImage, her: Face) -> None:
    image = cv2.resize(astronaut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    quality = assess(image, changed(her, 0.5))
    assert quality.issues == (QualityIssue.SMALL,)
    assert quality.score < 60


def test_less_light_does_not_count_as_blur(astronaut: BgrImage, her: Face) -> None:
    full, half = measure(astronaut, her), measure((astronaut * 0.5).astype(np.uint8), her)
    assert half.sharpness == pytest.approx(full.sharpness, rel=0.1)


def test_a_face_at_the_edge(astronaut: BgrImage, her: Face) -> None:
    assert measure(astronaut, her).visible == 1
    box = Box(-15, 60, 71, 174)
    assert measure(astronaut, Face(box, 1.0)).visible < 0.85
    assert QualityIssue.CUT_OFF in assess(astronaut, Face(box, 1.0)).issues


def test_without_landmarks_there_is_no_pose(astronaut: BgrImage, her: Face) -> None:
    m = measure(astronaut, Face(her.box, her.score))
    assert (m.yaw, m.pitch, m.roll) == (0, 0, 0)


def test_a_doubtful_detection(astronaut: BgrImage, her: Face) -> None:
    assert QualityIssue.DOUBTFUL in assess(astronaut, Face(her.box, 0.7, her.landmarks)).issues


HEAD = np.array([[-0.5, -0.54, 0], [0.5, -0.54, 0], [0, 0, 0.42], [-0.42, 0.46, 0.0], [0.42, 0.46, 0.0]], np.float64)
"""Eyes, tip of the nose, mouth: x to the picture's right, y down, z to the camera, the eyes one apart."""


def seen(yaw: float = 0, pitch: float = 0, roll: float = 0) -> Floats:
    """The head turned (degrees) and seen from far away, 100 pixels between the eyes."""
    y, p, r = np.radians([yaw, pitch, roll])
    sideways = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    nod = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    lean = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return (HEAD @ (lean @ nod @ sideways).T)[:, :2].astype(np.float32) * 100 + 300


@pytest.mark.parametrize("angle", [-45, -20, -5, 0, 10, 30, 50])
def test_each_turn_is_seen_as_itself(angle: float) -> None:
    assert pose(seen(yaw=angle)) == pytest.approx((angle, 0, 0), abs=1)
    assert pose(seen(roll=angle)) == pytest.approx((0, 0, angle), abs=1)
    if abs(angle) <= 30:
        assert pose(seen(pitch=angle)) == pytest.approx((0, angle, 0), abs=4)


def test_turns_together() -> None:
    assert pose(seen(yaw=25, roll=20)) == pytest.approx((25, 0, 20), abs=3)
    yaw, pitch, roll = pose(seen(yaw=-30, pitch=15, roll=-10))
    assert yaw == pytest.approx(-30, abs=8)
    assert pitch == pytest.approx(15, abs=8)
    assert roll == pytest.approx(-10, abs=12)


@pytest.mark.parametrize(
    ("turn", "issue"),
    [
        ({"yaw": 40}, QualityIssue.TURNED),
        ({"yaw": -40}, QualityIssue.TURNED),
        ({"pitch": 35}, QualityIssue.TILTED),
        ({"roll": -35}, QualityIssue.ROLLED),
    ],
)
def test_a_turned_head_is_told(astronaut: BgrImage, her: Face, turn: dict[str, float], issue: QualityIssue) -> None:
    straight = assess(astronaut, Face(her.box, her.score, seen()))
    quality = assess(astronaut, Face(her.box, her.score, seen(**turn)))
    assert straight.issues == ()
    assert quality.issues == (issue,)
    assert quality.score < straight.score


def test_landmarks_that_coincide_have_no_pose() -> None:
    assert pose(np.full((5, 2), 7, np.float32)) == (0, 0, 0)


def test_mouth_above_eyes_has_a_roll_only() -> None:
    points = seen()
    points[3:, 1] -= 300
    assert pose(points) == pytest.approx((0, 0, 0), abs=1e-6)
