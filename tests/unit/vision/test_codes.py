"""QR codes held to the camera."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faceapp.types import BgrImage
from faceapp.vision.codes import LONGEST, CodeReader


def picture_of(text: str, side: int = 220) -> BgrImage:
    """A camera's picture, noisy and unsharp, of a hand's-breadth code a little askew."""
    code = cv2.QRCodeEncoder.create().encode(text)
    code = cv2.copyMakeBorder(code, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    code = cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST)
    picture = np.full((480, 640, 3), 120, np.uint8)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), 8, 1.0)
    turn[:, 2] += (190, 110)
    picture = cv2.warpAffine(cv2.cvtColor(code, cv2.COLOR_GRAY2BGR), turn, (640, 480), picture, borderValue=(120,) * 3)
    noise = np.random.default_rng(1).normal(0, 6, picture.shape)
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.float32) + noise
    return np.clip(blurred, 0, 255).astype(np.uint8)


def test_a_code_held_to_the_camera_is_read() -> None:
    assert CodeReader().read(picture_of("0042-ADA")) == "0042-ADA"


def test_a_picture_without_a_code_says_nothing() -> None:
    assert CodeReader().read(np.full((480, 640, 3), 120, np.uint8)) is None


@pytest.mark.parametrize("text", ["a\x07b", "x" * (LONGEST + 1)])
def test_what_no_badge_could_say_is_nothing(text: str) -> None:
    assert CodeReader().read(picture_of(text, side=400)) is None
