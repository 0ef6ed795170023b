"""Cameras of this machine: found by name, opened by number, and an honest line where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.camera import device as module
from faceapp.camera.choose import parse_source
from faceapp.camera.device import Camera, DeviceSource, can_capture, list_cameras
from faceapp.camera.opencv import silence_opencv
from faceapp.errors import BugError, UnavailableError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Video4Linux is Linux's")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


class Machine:
    """A machine's `/sys/class/video4linux` and `/dev`."""

    def __init__(self, root: Path) -> None:
        self.sysfs, self.dev = root / "sys", root / "dev"
        self.sysfs.mkdir()
        self.dev.mkdir()

    def plug(self, number: int, name: str | None, index: int | None = 0) -> Path:
        entry = self.sysfs / f"video{number}"
        entry.mkdir()
        if name is not None:
            (entry / "name").write_text(name + "\n", encoding="utf-8")
        if index is not None:
            (entry / "index").write_text(f"{index}\n", encoding="utf-8")
        node = self.dev / f"video{number}"
        node.touch()
        return node

    def cameras(self, asks: Callable[[Path], bool | None] = lambda _: None) -> list[Camera]:
        return list_cameras(self.sysfs, self.dev, asks)

    def source(self, spec: str, capture: Callable[[int], Any] | None = None) -> DeviceSource:
        return DeviceSource(spec, sysfs=self.sysfs, dev=self.dev, capture=capture)


class Capture:
    """OpenCV's capture of a camera that gives so many pictures and is then unplugged."""

    def __init__(self, pictures: int = 3, opens: bool = True) -> None:
        self._left = pictures
        self._opens = opens
        self.released = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opens

    def read(self) -> tuple[bool, Any]:
        self._left -= 1
        return (True, np.full((480, 640, 3), 7, np.uint8)) if self._left >= 0 else (False, None)

    def release(self) -> None:
        self.released += 1


# Which there are


def test_cameras_are_listed_by_number_with_their_names(machine: Machine) -> None:
    machine.plug(10, "Microscope")
    machine.plug(2, "HD Webcam: HD Webcam")
    machine.plug(0, "Integrated Camera: Integrated C")
    assert machine.cameras() == [Camera("0", "Integrated Camera"), Camera("2", "HD Webcam"), Camera("10", "Microscope")]


def test_a_name_with_a_colon_of_its_own_stays(machine: Machine) -> None:
    machine.plug(0, "Capture card:  input 2")
    assert machine.cameras() == [Camera("0", "Capture card: input 2")]


def test_a_camera_without_a_name_has_its_number(machine: Machine) -> None:
    machine.plug(3, None, None)
    assert machine.cameras() == [Camera("3", "camera 3")]


def test_nodes_for_metadata_are_no_cameras(machine: Machine) -> None:
    machine.plug(0, "Webcam", index=0)
    machine.plug(1, "Webcam", index=1)
    assert [c.spec for c in machine.cameras()] == ["0"]


def test_what_the_driver_says_counts_more_than_its_number(machine: Machine) -> None:
    machine.plug(0, "codec", index=0)
    machine.plug(1, "Second sensor", index=1)
    says = {"video0": False, "video1": True}
    assert [c.spec for c in machine.cameras(lambda node: says[node.name])] == ["1"]


def test_without_video4linux_there_is_none(tmp_path: Path) -> None:
    assert list_cameras(tmp_path / "none", tmp_path, lambda _: None) == []


def test_other_entries_are_passed_over(machine: Machine) -> None:
    (machine.sysfs / "v4l-subdev0").mkdir()
    (machine.sysfs / "videoX").mkdir()
    assert machine.cameras() == []


@pytest.mark.parametrize(
    ("capabilities", "of_node", "answer"),
    [
        (0x84200001, 0x04200001, True),  # a webcam's picture
        (0x84A00001, 0x04A00000, False),  # and its metadata: the device has pictures, this node has none
        (0x84204000, 0x04204000, False),  # a Raspberry Pi's codec
        (0x80009000 | 0x1, 0x00009001, False),  # a codec that claims to capture
        (0x00000001, 0, True),  # an old driver without capabilities of the node
        (0x80001000, 0x00001000, True),  # several planes
    ],
)
def test_what_a_driver_says_of_itself(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capabilities: int, of_node: int, answer: bool
) -> None:
    import fcntl

    node = machine.plug(0, "x")
    said = module._CAPABILITY.pack(b"driver", b"card", b"bus", 0, capabilities, of_node)
    assert len(said) == 104, "struct v4l2_capability"

    def ioctl(_handle: int, request: int, _buffer: bytes) -> bytes:
        assert request == 0x80685600
        return said

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    assert can_capture(node) is answer


def test_what_cannot_be_asked_is_unknown(machine: Machine) -> None:
    assert can_capture(machine.dev / "video9") is None
    assert can_capture(machine.plug(0, "x")) is None, "a file is no device"


# Opening and reading


def test_pictures_come_numbered_stamped_and_read_only(machine: Machine) -> None:
    machine.plug(2, "HD Webcam")
    capture = Capture()
    asked: list[int] = []

    def make(number: int) -> Capture:
        asked.append(number)
        return capture

    source = machine.source("2", make)
    assert (source.name, source.spec, source.live, source.kind) == ("HD Webcam", "2", True, "device")
    assert asked == [], "the light goes on when it is opened"
    source.open()
    assert asked == [2]
    frames = [source.read() for _ in range(3)]
    assert [f.id for f in frames if f] == [0, 1, 2]
    assert all(not f.image.flags.writeable and f.size == (640, 480) for f in frames if f)
    with pytest.raises(UnavailableError, match="HD Webcam was unplugged or stopped"):
        source.read()
    source.close()
    assert capture.released == 1
    source.close()
    assert capture.released == 1


def test_reopening_releases_the_old_capture_first(machine: Machine) -> None:
    machine.plug(0, "x")
    captures = [Capture(), Capture()]
    left = iter(captures)
    source = machine.source("0", lambda _: next(left))
    source.open()
    source.open()
    assert [c.released for c in captures] == [1, 0]


def test_stable_names_lead_to_the_number(machine: Machine, tmp_path: Path) -> None:
    node = machine.plug(4, "Door")
    link = tmp_path / "usb-Door-video-index0"
    link.symlink_to(node)
    captures = {4: Capture()}
    source = machine.source(str(link), captures.pop)
    source.open()
    assert (captures, source.name) == ({}, "Door")


def test_a_camera_that_isnt_there_names_those_that_are(machine: Machine) -> None:
    machine.plug(0, "Integrated Camera: Integrated C")
    with pytest.raises(UnavailableError) as error:
        machine.source("7").open()
    assert str(error.value).startswith("there is no camera 7 (there are: 0 'Integrated Camera')")


def test_with_no_camera_at_all_it_says_so(machine: Machine) -> None:
    with pytest.raises(UnavailableError, match=r"there is no camera 7 \(none was found\)"):
        machine.source("7").open()
    with pytest.raises(UnavailableError, match="there is no camera /dev/v4l/by-id/gone"):
        machine.source("/dev/v4l/by-id/gone").open()


def test_a_camera_in_use_says_so_and_is_let_go(machine: Machine) -> None:
    machine.plug(0, "Webcam")
    capture = Capture(opens=False)
    with pytest.raises(UnavailableError, match="another program"):
        machine.source("0", lambda _: capture).open()
    assert capture.released == 1


def test_a_camera_that_may_not_be_used_says_how(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.plug(0, "Webcam")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UnavailableError, match='group "video"'):
        machine.source("0").open()


def test_reading_what_is_not_open_is_our_own_mistake(machine: Machine) -> None:
    machine.plug(0, "x")
    with pytest.raises(BugError):
        machine.source("0").read()


def test_opencv_and_ffmpeg_hold_their_tongues(capfd: pytest.CaptureFixture[str]) -> None:
    """The real thing, on a number that no machine has."""
    with pytest.raises(UnavailableError) as error:
        parse_source("9999").open()
    assert "\n" not in str(error.value)
    silence_opencv()
    assert not module._capture(9999).isOpened()
    assert capfd.readouterr() == ("", "")


def test_a_hung_camera_is_let_go_of_soon(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", raising=False)
    machine.plug(0, "x")
    machine.source("0", lambda _: Capture()).open()
    assert os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] == "3"


# Plugged in again


def linked(machine: Machine, name: str, number: int) -> None:
    """As udev does it."""
    folder = machine.dev / "v4l" / "by-id"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(machine.dev / f"video{number}")


def test_a_camera_with_another_number_after_plugging_in_is_the_same_one(machine: Machine) -> None:
    opened: list[int] = []

    def make(number: int) -> Capture:
        opened.append(number)
        return Capture()

    machine.plug(0, "Door")
    linked(machine, "usb-Door_1234-video-index0", 0)
    source = machine.source("0", make)
    source.open()
    source.close()
    # Unplugged, while something still holds its number: it comes back as 2, and 0 becomes somebody else's
    machine.plug(2, "Door")
    (machine.sysfs / "video0" / "name").write_text("Meeting room")
    linked(machine, "usb-Door_1234-video-index0", 2)
    linked(machine, "usb-Meeting-video-index0", 0)
    source.open()
    another = machine.source("0", make)
    another.follow(source)
    another.open()
    assert (opened, source.name, another.name) == ([0, 2, 2], "Door", "Door")


def test_another_camera_never_takes_its_place(machine: Machine) -> None:
    machine.plug(0, "Door")
    linked(machine, "usb-Door_1234-video-index0", 0)
    source = machine.source("0", lambda _: Capture())
    source.open()
    (machine.dev / "v4l" / "by-id" / "usb-Door_1234-video-index0").unlink()  # and 0 is the meeting room's by now
    with pytest.raises(UnavailableError, match="there is no camera 0"):
        source.open()


def test_a_camera_without_a_stable_name_keeps_its_number(machine: Machine) -> None:
    opened: list[int] = []

    def make(number: int) -> Capture:
        opened.append(number)
        return Capture()

    machine.plug(3, "x")
    source = machine.source("3", make)
    source.open()
    source.open()
    assert opened == [3, 3]
