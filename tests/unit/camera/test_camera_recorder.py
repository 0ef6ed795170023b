from pathlib import Path

import cv2
import numpy as np
import pytest

from faceapp.camera.recorder import VideoRecorder
from faceapp.errors import BugError, UnavailableError


def test_what_was_written_can_be_played(tmp_path: Path) -> None:
    file = tmp_path / "film.mp4"
    with VideoRecorder(file, (320, 240), 15.0) as recorder:
        for k in range(30):
            recorder.write(np.full((240, 320, 3), k * 8, np.uint8))
        assert not file.exists()
    capture = cv2.VideoCapture(str(file))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(15)
    means = []
    while (read := capture.read())[0]:
        means.append(float(read[1].mean()))
    assert len(means) == 30
    assert np.abs(np.array(means) - np.arange(30) * 8).max() < 6
    assert [f.name for f in tmp_path.iterdir()] == ["film.mp4"]


def test_a_recording_that_fails_leaves_nothing(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "film.mp4", (320, 240), 15.0)
    with pytest.raises(BugError), recorder:
        recorder.write(np.zeros((100, 100, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(UnavailableError, match="cannot be written"),
        VideoRecorder(tmp_path / "no" / "f.mp4", (8, 8), 15),
    ):
        pass
