"""Video files: every frame once, at its time, and an honest line for what isn't a video."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from faceapp.camera.files import VideoFileSource
from faceapp.camera.recorder import VideoRecorder
from faceapp.errors import BugError, InputError
from faceapp.images import encode_jpeg
from faceapp.types import Frame

SECOND = 1_000_000_000


def film(path: Path, count: int, fps: float = 25.0) -> Path:
    """A film whose frame k has the grey 20 + 5 k."""
    with VideoRecorder(path, (160, 120), fps) as recorder:
        for k in range(count):
            recorder.write(np.full((120, 160, 3), 20 + 5 * k, np.uint8))
    return path


def frames(source: VideoFileSource) -> list[Frame]:
    return list(iter(source.read, None))


def opened(path: Path) -> VideoFileSource:
    source = VideoFileSource(str(path), path)
    source.open()
    return source


def test_every_frame_once_in_order_and_then_the_end(tmp_path: Path) -> None:
    source = opened(film(tmp_path / "a film.mp4", 20))
    found = frames(source)
    assert [f.id for f in found] == list(range(20))
    assert [f.size for f in found] == [(160, 120)] * 20
    greys = [float(f.image.mean()) for f in found]
    assert greys == sorted(greys)
    assert greys == pytest.approx([20 + 5 * k for k in range(20)], abs=4)
    assert source.read() is None, "the end stays the end"
    source.close()


def test_frames_are_read_only(tmp_path: Path) -> None:
    source = opened(film(tmp_path / "f.mp4", 1))
    frame = source.read()
    source.close()
    assert frame is not None
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0, 0] = 0


def test_it_has_a_name_and_a_rate_and_isnt_live(tmp_path: Path) -> None:
    path = film(tmp_path / "gate.mp4", 3)
    source = VideoFileSource(str(path), path)
    assert (source.name, source.live, source.kind, source.fps) == ("gate.mp4", False, "file", None)
    source.open()
    assert source.fps == pytest.approx(25)
    source.close()


def test_times_are_those_of_the_film(tmp_path: Path) -> None:
    found = frames(source := opened(film(tmp_path / "f.mp4", 10)))
    source.close()
    assert [f.captured_ns - found[0].captured_ns for f in found] == pytest.approx(
        [k * SECOND / 25 for k in range(10)], abs=2e6
    )


class Capture:
    """OpenCV's capture of a film whose frames have these times in milliseconds."""

    times: tuple[float, ...] = ()
    fps = 30.0

    def __init__(self, *_: Any) -> None:
        self._at = -1

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, *_: Any) -> bool:
        return True

    def get(self, what: int) -> float:
        if what == cv2.CAP_PROP_FPS:
            return self.fps
        assert what == cv2.CAP_PROP_POS_MSEC
        return self.times[min(self._at, len(self.times) - 1)]

    def read(self) -> tuple[bool, Any]:
        self._at += 1
        here = self._at < len(self.times)
        return here, np.zeros((4, 4, 3), np.uint8) if here else None

    def release(self) -> None:
        pass


@pytest.mark.parametrize(
    ("written", "fps", "expected"),
    [
        pytest.param((0, 100, 200, 232, 264), 30, (0, 100, 200, 232, 264), id="a webcam's, unevenly apart"),
        pytest.param((80, 120, 160), 25, (0, 40, 80), id="not from zero"),
        pytest.param((0, 0, 0, 0), 25, (0, 40, 80, 120), id="none at all"),
        pytest.param((0, 40, 20, 120), 25, (0, 40, 80, 120), id="once backwards"),
        pytest.param((0, 40, 9e8, 120), 25, (0, 40, 80, 120), id="once nonsense"),
        pytest.param((0, 0, 0), 1000, (0, 1000 / 30, 2000 / 30), id="WebM that says 1000 frames a second"),
    ],
)
def test_odd_times_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: tuple[float, ...], fps: float, expected: tuple[float, ...]
) -> None:
    path = tmp_path / "f.webm"
    path.write_bytes(b"x")
    monkeypatch.setattr(Capture, "times", written)
    monkeypatch.setattr(Capture, "fps", fps)
    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    begun = time.monotonic_ns()
    found = frames(opened(path))
    assert begun <= found[0].captured_ns <= time.monotonic_ns()
    assert [(f.captured_ns - found[0].captured_ns) / 1e6 for f in found] == pytest.approx(expected, abs=1e-3)


def test_it_can_be_played_again(tmp_path: Path) -> None:
    source = opened(film(tmp_path / "f.mp4", 4))
    first = [f.id for f in frames(source)]
    source.close()
    source.open()
    assert [f.id for f in frames(source)] == first
    source.open()
    assert [f.id for f in frames(source)] == first, "also without closing"
    source.close()


def test_reading_what_is_not_open_is_our_own_mistake(tmp_path: Path) -> None:
    source = VideoFileSource("f.mp4", tmp_path / "f.mp4")
    with pytest.raises(BugError):
        source.read()
    source.close()


def test_a_film_that_was_cut_off_plays_what_is_there(tmp_path: Path) -> None:
    path = film(tmp_path / "whole.avi", 40)
    cut = tmp_path / "cut.avi"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = frames(source := opened(cut))
    source.close()
    assert 0 < len(found) < 40


@pytest.mark.parametrize(
    "content",
    [b"", b"this is a text file, called a film\n" * 100, bytes(range(256)) * 64],
    ids=["empty", "text", "noise"],
)
def test_what_is_no_video_is_one_line(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        opened(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", ""), "OpenCV and FFmpeg hold their tongues"


def test_a_film_cut_off_before_its_index_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = film(tmp_path / "f.mp4", 40)
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(InputError, match="not a video we can read"):
        opened(path)
    assert capfd.readouterr() == ("", "")


def test_a_film_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        opened(tmp_path / "gone.mp4")


def test_a_name_that_looks_like_a_protocol_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    film(tmp_path / "concat:a|b.mp4", 2)
    source = opened(Path("concat:a|b.mp4"))
    assert len(frames(source)) == 2
    source.close()


def test_a_picture_called_a_film_plays_its_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "f.mp4"
    path.write_bytes(encode_jpeg(np.full((48, 64, 3), 90, np.uint8)))
    found = frames(source := opened(path))
    source.close()
    assert [f.size for f in found] == [(64, 48)]
