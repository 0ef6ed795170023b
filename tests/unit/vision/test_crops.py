from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.types import BgrImage, Box, Floats
from faceapp.vision.crops import box_crop, similarity, similarity_crop

REFERENCE = np.array([[47.8, 45.9], [102.0, 45.9], [74.8, 78.1], [50.9, 105.4], [98.7, 105.4]], np.float32)
"""dlib's, in 150 x 150."""


def ramp(width: int, height: int) -> BgrImage:
    """Blue is x / 4, green is y / 4: a pixel's colour says where it comes from."""
    x, y = np.meshgrid(np.arange(width) / 4, np.arange(height) / 4)
    return np.clip(np.stack([x, y, np.full_like(x, 9)], axis=2), 0, 255).astype(np.uint8)


def test_the_box_is_widened_by_a_fraction_of_its_longer_side() -> None:
    image = np.zeros((400, 400, 3), np.uint8)
    # 80 x 100 widened by a quarter of 100, half of it on each side: 12.5 (rounded to even pixels).
    image[188:313, 88:192] = 200
    image[189:312, 89:191] = 100
    crop = box_crop(image, Box(100, 200, 180, 300), 160, 0.25)
    assert crop.shape == (160, 160, 3)
    assert crop[:, :, 0].min() > 90  # nothing from outside
    assert crop[0, 80, 0] > 100  # but its very border
    assert crop[80, 0, 0] > 100
    assert crop[80, 80, 0] == 100


def test_no_margin_is_the_box_itself() -> None:
    image = ramp(400, 400)
    crop = box_crop(image, Box(100, 200, 260, 360), 160, 0.0)
    assert (crop == image[200:360, 100:260]).all()


def test_the_box_is_clipped_to_the_picture_not_padded() -> None:
    image = np.full((100, 100, 3), 50, np.uint8)
    crop = box_crop(image, Box(-40, -40, 60, 60), 160, 0.25)
    assert crop.min() == crop.max() == 50


def test_shrinking_averages() -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 200
    crop = box_crop(stripes, Box(0, 0, 640, 640), 160, 0.0)
    assert np.abs(crop.astype(int) - 100).max() <= 1


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.tuples(*[st.floats(-80, 140)] * 2, *[st.floats(0, 150)] * 2),
    st.floats(0, 2),
)
def test_any_box_gives_a_crop(size: tuple[int, int], corner: tuple[float, float, float, float], margin: float) -> None:
    x, y, width, height = corner
    assert box_crop(np.zeros((*size, 3), np.uint8), Box(x, y, x + width, y + height), 32, margin).shape == (32, 32, 3)


def points_of(angle: float, scale: float, x: float, y: float) -> Floats:
    """The reference, turned by degrees, scaled and moved."""
    turned = cv2.getRotationMatrix2D((75, 75), angle, scale) + np.array([[0, 0, x], [0, 0, y]])
    return (REFERENCE @ turned[:, :2].T + turned[:, 2]).astype(np.float32)


angles, scales, shifts = st.floats(-180, 180), st.floats(0.05, 20), st.floats(-500, 500)


@given(angles, scales, shifts, shifts)
def test_the_similarity_that_made_the_points_is_found(angle: float, scale: float, x: float, y: float) -> None:
    points = points_of(angle, scale, x, y)
    matrix = similarity(points, REFERENCE)
    back = points @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(back, REFERENCE, atol=0.02)
    assert np.linalg.det(matrix[:, :2]) == pytest.approx(1 / scale**2, rel=1e-2)  # no reflection: it is positive


@given(st.integers(0, 10_000))
def test_no_other_similarity_is_nearer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 30, (5, 2)).astype(np.float32)
    best = similarity(points, REFERENCE)

    def miss(matrix: np.ndarray) -> float:
        return float(((points @ matrix[:, :2].T + matrix[:, 2] - REFERENCE) ** 2).sum())

    for _ in range(5):
        a, b, c, d = rng.normal(0, 0.05, 4)
        other = best + np.array([[a, -b, c], [b, a, d]])
        assert miss(best) <= miss(other) + 1e-6


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = REFERENCE * np.array([-1, 1], np.float32)
    assert np.linalg.det(similarity(mirrored, REFERENCE)[:, :2]) > 0


def test_points_that_coincide_are_only_moved() -> None:
    matrix = similarity(np.full((5, 2), 7, np.float32), REFERENCE)
    np.testing.assert_allclose(matrix[:, :2], np.eye(2))
    np.testing.assert_allclose(matrix @ [7, 7, 1], REFERENCE.mean(axis=0), rtol=1e-6)


def test_an_upright_face_of_the_right_size_is_only_moved() -> None:
    image = ramp(600, 500)
    crop = similarity_crop(image, REFERENCE + np.array([100, 200], np.float32), REFERENCE, 150)
    assert np.abs(crop.astype(int) - image[200:350, 100:250]).max() <= 1


@pytest.mark.parametrize(("angle", "scale"), [(0, 1), (30, 1), (-75, 0.6), (10, 2.2), (20, 4.5), (45, 9.0), (180, 1.7)])
def test_landmarks_land_where_they_should(angle: float, scale: float) -> None:
    """Discs at the landmarks of a face of any size and turn come out at the reference."""
    points = points_of(angle, scale, 900, 900)
    image = np.zeros((2000, 2000, 3), np.uint8)
    for x, y in points.tolist():
        cv2.circle(image, (round(x * 16), round(y * 16)), round(5 * scale * 16), (250, 250, 250), -1, shift=4)
    crop = similarity_crop(image, points, REFERENCE, 150)[:, :, 0].astype(float)
    rows, columns = np.indices((150, 150))
    drawn = 0.15 + 0.2 / scale  # a disc is drawn to a fraction of a pixel of the picture
    for x, y in REFERENCE.tolist():
        weight = crop * (np.hypot(columns - x, rows - y) < 10)
        assert (weight * columns).sum() / weight.sum() == pytest.approx(x, abs=drawn)
        assert (weight * rows).sum() / weight.sum() == pytest.approx(y, abs=drawn)


def test_strong_shrinking_averages() -> None:
    stripes = np.zeros((1600, 1600, 3), np.uint8)
    stripes[:, ::2] = 200
    crop = similarity_crop(stripes, REFERENCE * 10 + 20, REFERENCE, 150)
    assert np.abs(crop[10:-10, 10:-10].astype(int) - 100).max() <= 4


def test_outside_the_picture_is_black() -> None:
    image = np.full((80, 80, 3), 255, np.uint8)
    crop = similarity_crop(image, REFERENCE, REFERENCE, 150)
    assert crop[:78, :78].min() == 255
    assert crop[82:, :].max() == crop[:, 82:].max() == 0


def test_a_face_wholly_outside_is_black_too() -> None:
    image = np.full((80, 80, 3), 255, np.uint8)
    assert similarity_crop(image, REFERENCE + 4000, REFERENCE, 150).max() == 0


def test_the_picture_is_not_changed() -> None:
    image = ramp(300, 300)
    image.flags.writeable = False
    box_crop(image, Box(10, 10, 200, 200), 160, 0.25)
    similarity_crop(image, REFERENCE, REFERENCE, 150)
