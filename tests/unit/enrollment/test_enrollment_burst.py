"""The best frame of a burst, with the real quality measures on real and spoiled pictures."""

import cv2
import numpy as np
import pytest

from faceapp.enrollment.burst import Burst
from faceapp.enrollment.gate import Gate, GateReport
from faceapp.types import BgrImage, Box, Face, Frame

FACE = Face(
    Box(181, 61, 267, 174),
    0.99,
    np.array([[204, 108], [245, 107], [226, 133], [207, 146], [243, 146]], np.float32),
)


def seen(image: BgrImage, *faces: Face) -> GateReport:
    return Gate().check(image, faces)


def frame(id: int, seconds: float, image: BgrImage) -> Frame:
    return Frame.freeze(id, round(seconds * 1e9), image.copy())


def test_the_sharpest_frame_wins(astronaut: BgrImage) -> None:
    burst = Burst()
    blurred = cv2.GaussianBlur(astronaut, (0, 0), 4)
    assert burst.progress == 0.0
    for id, image in enumerate([blurred, astronaut, blurred]):
        burst.offer(frame(id, 10 + id * 0.4, image), seen(image, FACE))
    assert burst.progress == pytest.approx(0.8)
    assert not burst.done
    burst.offer(frame(3, 11.0, blurred), seen(blurred, FACE))
    assert burst.done
    assert burst.best is not None
    assert burst.best.frame.id == 1


def test_frames_with_nobody_or_two_people_are_passed_over(astronaut: BgrImage) -> None:
    burst = Burst()
    burst.offer(frame(0, 0, astronaut), seen(astronaut))
    assert "No face" in burst.failure
    burst.offer(frame(1, 0.5, astronaut), seen(astronaut, FACE, Face(FACE.box.moved(200, 0), 0.99)))
    burst.offer(frame(2, 1.1, astronaut), seen(astronaut))
    assert burst.done
    assert burst.best is None
    assert "Two people" in burst.failure


def test_time_is_the_frames_own(astronaut: BgrImage) -> None:
    burst = Burst(seconds=0.2)
    burst.offer(frame(0, 5.0, astronaut), seen(astronaut, FACE))
    burst.offer(frame(1, 5.1, astronaut), seen(astronaut, FACE))
    assert not burst.done
    burst.offer(frame(2, 5.2, astronaut), seen(astronaut, FACE))
    assert burst.done
