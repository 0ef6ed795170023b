from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.types import BgrImage
from faceapp.vision.pyramid import Pyramid, network_input


def ramp(width: int, height: int) -> BgrImage:
    """Blue grows to the right, green downwards: a pixel's colour says where it comes from."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, np.full_like(x, 128)], axis=2).astype(np.uint8)


@given(st.integers(1, 700), st.integers(1, 700), st.floats(0.02, 1.0))
def test_a_level_has_the_size_it_says(width: int, height: int, scale: float) -> None:
    level, (fx, fy) = Pyramid(np.zeros((height, width, 3), np.uint8)).level(scale)
    assert level.shape[1] == pytest.approx(width * scale, abs=1.51)
    assert level.shape[0] == pytest.approx(height * scale, abs=1.51)
    # Octaves leave out an odd last row or column: what a level covers may end a little early, never late.
    assert width - 1 / scale <= level.shape[1] / fx <= width + 1e-6
    assert height - 1 / scale <= level.shape[0] / fy <= height + 1e-6


def test_a_level_shows_the_same_as_a_slow_resize() -> None:
    image = ramp(641, 479)
    level, _ = Pyramid(image).level(0.15)
    slow = cv2.resize(image, level.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(level.astype(int) - slow.astype(int)).max() <= 3


def test_full_size_is_the_picture_itself() -> None:
    image = ramp(50, 40)
    level, factors = Pyramid(image).level(1.0)
    assert level is image
    assert factors == (1.0, 1.0)


def test_the_picture_is_not_changed() -> None:
    image = ramp(64, 64)
    image.flags.writeable = False
    pyramid = Pyramid(image)
    pyramid.level(0.3)
    pyramid.squares(np.array([[-5, -5, 30, 30]], np.float32), 24)


@pytest.mark.parametrize("side", [24.0, 61.0, 200.0, 431.0])
def test_a_cut_square_shows_what_its_box_says(side: float) -> None:
    image = ramp(640, 640)
    boxes = np.array([[100.3, 57.8, 100.3 + side, 57.8 + side]], np.float32)
    (crop,), cut = Pyramid(image).squares(boxes, 48)
    assert crop.shape == (48, 48, 3)
    assert np.abs(cut - boxes).max() <= 1 + side / 48
    left, right = crop[24, 0, 0], crop[24, -1, 0]
    pixel = side / 48
    assert left == pytest.approx((cut[0, 0] + pixel / 2) * 255 / 640, abs=2)
    assert right == pytest.approx((cut[0, 2] - pixel / 2) * 255 / 640, abs=2)


def test_outside_the_picture_is_black() -> None:
    image = np.full((100, 100, 3), 255, np.uint8)
    crops, _ = Pyramid(image).squares(np.array([[-24, -24, 24, 24], [500, 500, 524, 524]], np.float32), 48)
    assert crops[0][:23, :23].max() == 0
    assert crops[0][25:, 25:].min() == 255
    assert crops[1].max() == 0


def test_network_input_has_the_colours_in_order() -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    image[..., 0] = 10  # blue
    rgb = network_input([image], (1.0, 2.0, 3.0), 0.5, rgb=True)
    bgr = network_input([image], (1.0, 2.0, 3.0), 0.5, rgb=False)
    assert rgb.shape == (1, 3, 2, 3)
    assert rgb[0, :, 0, 0].tolist() == [-0.5, -1.0, 3.5]
    assert bgr[0, :, 0, 0].tolist() == [4.5, -1.0, -1.5]
