"""Whether two addresses mean one camera."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceapp.camera.same import camera_key


def test_a_number_and_its_device_are_one_camera() -> None:
    assert camera_key("0") == camera_key("00") == camera_key("/dev/video0") is not None
    assert camera_key("0") != camera_key("1")


def test_a_stable_name_is_the_camera_it_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As udev's links do, which no test can make."""
    monkeypatch.setattr(Path, "resolve", lambda self: Path("/dev/video2") if "by-id" in str(self) else self)
    assert camera_key("/dev/v4l/by-id/usb-Maker-index0") == camera_key("2")


def test_a_stream_is_the_same_whoever_asks_for_it() -> None:
    assert camera_key("rtsp://ada:secret@gate/1") == camera_key("RTSP://gate/1")
    assert camera_key("rtsp://gate/1") != camera_key("rtsp://gate/2")
    assert "secret" not in str(camera_key("rtsp://ada:secret@gate/1"))


@pytest.mark.parametrize("spec", ["demo:", "film.mp4", "."])
def test_what_can_be_played_twice_is_no_camera(spec: str) -> None:
    assert camera_key(spec) is None
