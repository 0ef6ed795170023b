"""Cameras of this machine, through OpenCV (Video4Linux on Linux)."""

from __future__ import annotations

import os
import re
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2

from faceapp.camera.opencv import next_picture, silence_opencv
from faceapp.camera.source import Kind, not_open
from faceapp.errors import UnavailableError
from faceapp.types import Frame

SYSFS = Path("/sys/class/video4linux")

_PATIENCE = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"
"""How long OpenCV waits for a picture of a camera that is still plugged in; read when the first camera waits."""
_PATIENCE_SECONDS = "3"
"""Instead of ten. A hung camera cannot be opened again as long as that: whoever waits in it holds the device."""

# linux/videodev2.h
_VIDIOC_QUERYCAP = 0x80685600
_CAPABILITY = struct.Struct("16s32s32sIII12x")
_HAS_DEVICE_CAPS = 0x80000000
_CAPTURE = 0x00000001 | 0x00001000  # one plane, several planes
_CODEC = 0x00008000 | 0x00004000  # memory to memory: a codec that calls itself a camera


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera to choose from."""

    spec: str
    """What `--source` takes: its number."""
    name: str


def is_device(spec: str) -> bool:
    """True for a camera's number, `/dev/video…` and the stable names below `/dev/v4l`."""
    return re.fullmatch(r"[0-9]{1,4}", spec) is not None or spec.startswith(("/dev/video", "/dev/v4l/"))


def is_numbered(spec: str) -> bool:
    """True where the spec names a camera by its number, which it may lose."""
    return spec.isdecimal() or spec.startswith("/dev/video")


def can_capture(node: Path) -> bool | None:
    """Whether the device takes pictures (many cameras have a second node for metadata); None where it cannot be asked.
    Asking starts nothing: no light goes on, and a camera in use by others answers too."""
    try:
        import fcntl

        handle = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    except (ImportError, OSError):
        return None
    try:
        answer = fcntl.ioctl(handle, _VIDIOC_QUERYCAP, bytes(_CAPABILITY.size))
    except OSError:
        return None
    finally:
        os.close(handle)
    *_, capabilities, of_node = _CAPABILITY.unpack(answer)
    flags = of_node if capabilities & _HAS_DEVICE_CAPS else capabilities
    return bool(flags & _CAPTURE) and not flags & _CODEC


def list_cameras(
    sysfs: Path = SYSFS, dev: Path = Path("/dev"), asks: Callable[[Path], bool | None] = can_capture
) -> list[Camera]:
    """The cameras of this machine by number, with the names their makers gave them; nothing is opened.

    Empty where there is no sysfs (macOS, Windows): listing would mean switching each camera on. Numbers work there too.
    """
    cameras = []
    for entry in sysfs.glob("video*"):
        number = entry.name.removeprefix("video")
        if not number.isdecimal():
            continue
        answer = asks(dev / entry.name)
        if answer is None:
            # A driver's first node is the picture, those after it are metadata: nearly always.
            answer = _text(entry / "index") in ("", "0")
        if answer:
            cameras.append(Camera(number, _text(entry / "name") or f"camera {number}"))
    return sorted(cameras, key=lambda c: int(c.spec))


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # "Integrated Camera: Integrated C": the driver repeats the name, cut at 32 bytes
    name, _, again = " ".join(text.split()).partition(": ")
    return name if again and name.startswith(again) else " ".join(text.split())


class DeviceSource:
    """A camera by number or device path, as it comes: OpenCV asks Video4Linux for 640 x 480 at 30 frames a second.

    That is left so. It is what every camera offers uncompressed at full rate, a face of 60 px and more is then within
    two metres of it, and detection costs a third of what 1280 x 720 costs. Asking for more restarts the camera once
    for every property, and most give 720 lines at 10 frames a second unless they are also told to compress.

    A camera that is plugged in again may get another number, and another camera its own. So the stable name that udev
    gives it (`/dev/v4l/by-id`) is noted when it first opens, and followed from then on. Two cameras of one make without
    serial numbers share that name: choose such by `/dev/v4l/by-path`."""

    kind: Kind = "device"
    live = True
    fps: float | None = None

    def __init__(
        self,
        spec: str,
        *,
        sysfs: Path = SYSFS,
        dev: Path = Path("/dev"),
        capture: Callable[[int], cv2.VideoCapture] | None = None,
    ) -> None:
        self.spec = spec
        self._sysfs, self._dev = sysfs, dev
        self._stable: Path | None = None
        self.name = self._make_of(_number(spec)) or f"camera {spec}"
        self._make = capture or _capture
        self._capture: cv2.VideoCapture | None = None
        self._next = 0

    def open(self) -> None:
        """Switch the camera on. Raises UnavailableError, saying which cameras there are."""
        self.close()
        silence_opencv()
        os.environ.setdefault(_PATIENCE, _PATIENCE_SECONDS)
        number = _number(self.spec if self._stable is None else str(self._stable))
        linux = sys.platform.startswith("linux")
        node = self._dev / f"video{number}"
        if number is None or (linux and not node.exists()):
            raise UnavailableError(f"there is no camera {self.spec} ({self._others()}): plug it in or name another")
        if linux and not os.access(node, os.R_OK | os.W_OK):
            raise UnavailableError(f'{node} may not be used by you: add yourself to the group "video" and log in again')
        capture = self._make(number)
        if not capture.isOpened():
            capture.release()
            raise UnavailableError(
                f"camera {self.spec} ({self.name}) cannot be opened: is another program using it? ({self._others()})"
            )
        self._capture, self._next = capture, 0
        self.name = self._make_of(number) or self.name
        self._stable = self._stable or self._stable_name(number)

    def follow(self, before: DeviceSource) -> None:
        """Take over for a source of the same camera: be that camera, whatever number it has by now."""
        self._stable = before._stable

    def read(self) -> Frame | None:
        """The next picture the camera takes. Raises UnavailableError where it gives none any more."""
        if self._capture is None:
            raise not_open(self.name)
        image = next_picture(self._capture)
        if image is None:
            raise UnavailableError(f"the camera {self.name} was unplugged or stopped: plug it in again")
        id = self._next
        self._next += 1
        return Frame.freeze(id, time.monotonic_ns(), image)

    def close(self) -> None:
        """Switch the camera off."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def _make_of(self, number: int | None) -> str:
        return _text(self._sysfs / f"video{number}" / "name")

    def _stable_name(self, number: int) -> Path | None:
        """What leads to the camera of this number as long as it is that camera."""
        if not is_numbered(self.spec):
            return None
        links = sorted((self._dev / "v4l" / "by-id").glob("*"))
        return next((link for link in links if _number(str(link)) == number), None)

    def _others(self) -> str:
        found = list_cameras(self._sysfs, self._dev)
        if found:
            return "there are: " + ", ".join(f"{c.spec} {c.name!r}" for c in found)
        return "none was found" if sys.platform.startswith("linux") else "this system doesn't list them"


def _number(spec: str) -> int | None:
    """The camera's number; None for a path that leads to no camera."""
    name = spec if spec.isdecimal() else Path(spec).resolve().name.removeprefix("video")
    return int(name) if name.isascii() and name.isdecimal() else None


def _capture(number: int) -> cv2.VideoCapture:
    return cv2.VideoCapture(number, cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY)
