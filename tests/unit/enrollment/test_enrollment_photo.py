import numpy as np
import pytest

from faceapp.enrollment.photo import LONGEST, keep_crop
from faceapp.images import decode_image
from faceapp.types import Box, Face

POINTS = np.array([[40, 50], [60, 50], [50, 60], [42, 72], [58, 72]], np.float32)


def picture(width: int, height: int) -> np.ndarray:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([x % 256, y % 256, (x + y) % 256], axis=2).astype(np.uint8)


def test_the_crop_has_room_on_every_side_and_its_own_coordinates() -> None:
    image = picture(300, 300)
    face = Face(Box(130, 130, 170, 190), 0.9, POINTS + 100)
    kept = keep_crop(image, face)
    assert kept.image.shape[:2] == (120, 100)  # 30 px, half of the longer side, on each side
    assert kept.box == Box(30, 30, 70, 90)
    assert kept.landmarks is not None
    x, y = kept.landmarks[0]
    assert (kept.image[int(y), int(x)] == image[150, 140]).all()


def test_at_the_edge_of_the_picture_the_room_ends() -> None:
    kept = keep_crop(picture(100, 100), Face(Box(0, 0, 40, 50), 0.9))
    assert kept.image.shape[:2] == (75, 65)
    assert kept.box == Box(0, 0, 40, 50)
    assert kept.landmarks is None


def test_a_large_face_is_shrunk_with_its_coordinates() -> None:
    kept = keep_crop(picture(4000, 4000), Face(Box(1000, 1000, 2000, 2400), 0.9, POINTS * 10 + 1000))
    assert max(kept.image.shape[:2]) == LONGEST
    assert kept.box.height == pytest.approx(LONGEST / 2, abs=1)
    assert kept.landmarks is not None
    assert (kept.landmarks[:, 0] > kept.box.x1).all()
    assert (kept.landmarks[:, 0] < kept.box.x2).all()


def test_what_is_kept_is_a_copy_and_a_jpeg() -> None:
    image = picture(200, 200)
    kept = keep_crop(image, Face(Box(50, 50, 100, 100), 0.9))
    image[:] = 0
    assert kept.image.any()
    assert decode_image(kept.jpeg(), "crop").shape == kept.image.shape
