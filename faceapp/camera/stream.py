"""Network cameras: RTSP and other video through OpenCV's FFmpeg, Motion JPEG over HTTP through our own reader."""

from __future__ import annotations

import os
import threading
import time
import urllib.parse
from contextlib import nullcontext
from pathlib import PurePosixPath

import cv2

from faceapp.camera.address import Address, is_stream, parse_address
from faceapp.camera.lag import HOPELESS, Lag
from faceapp.camera.mjpeg import TIMEOUT, MjpegReader
from faceapp.camera.opencv import next_picture, silence_opencv
from faceapp.camera.rtsp import why_not
from faceapp.camera.source import Kind, not_open
from faceapp.errors import InputError, UnavailableError
from faceapp.types import BgrImage, Frame

__all__ = ["StreamSource", "is_stream"]

_PROMPT = "rtsp_flags;prefer_tcp|fflags;nobuffer|flags;low_delay"
"""FFmpeg's options for RTSP: OpenCV's own, and no pictures kept back from the time of connecting."""
_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_OLD = frozenset({".m3u8", ".m3u", ".mpd", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".flv", ".mpg"})
"""What an address ends with that names a playlist or a film."""


class _Promptly:
    """While entered, FFmpeg keeps nothing back of what is opened, unless a developer's options are in the environment,
    which is the one way to tell it. Any number of threads may be inside, and one that hangs there holds up no other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._ours = False

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if _OPTIONS not in os.environ:
                os.environ[_OPTIONS] = _PROMPT
                self._ours = True

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._ours and not self._inside:
                self._ours = False
                os.environ.pop(_OPTIONS, None)


_PROMPTLY = _Promptly()


class StreamSource:
    """A network camera by address. User and password are taken out of everything that is shown."""

    kind: Kind = "stream"
    live = True
    fps: float | None = None

    def __init__(self, spec: str, timeout: float = TIMEOUT, *, door: bool = False) -> None:
        """Connects to nothing. Raises InputError for an address that is none. timeout: seconds for every wait.

        door: pictures are to be as old as they come, so a playlist or a film over HTTP is refused, here with an
        InputError where its address says so, else when it is opened."""
        self._address: Address = parse_address(spec)
        self._timeout = timeout
        self._door = door
        self.spec = self.name = self._address.public
        path = PurePosixPath(urllib.parse.urlsplit(self._address.bare).path)
        if door and self._is_http() and path.suffix.lower() in _OLD:
            raise InputError(self._too_old())
        self._mjpeg: MjpegReader | None = None
        self._video: cv2.VideoCapture | None = None
        self._lag = Lag()
        self._next = 0

    def open(self) -> None:
        """Connect. Raises UnavailableError where nobody answers, the camera refuses or sends no video."""
        self.close()
        self._next = 0
        self._lag = Lag()
        if self._is_http():
            reader = MjpegReader(self._address, self._timeout)
            content = reader.open()
            if content.startswith("multipart/") or content == "image/jpeg":
                self._mjpeg = reader
                return
            reader.close()
            if content == "text/html":
                raise UnavailableError(f"{self.name} is a web page, not a stream: use the camera's stream address")
            if self._door:
                raise UnavailableError(self._too_old())
            # Something else: MPEG-TS, HLS, a film.
        self._video = self._open_video()

    def read(self) -> Frame | None:
        """The next picture as it comes; it counts as older where an RTSP stream has fallen behind its own clock. Raises
        UnavailableError where none comes in time, or it has fallen behind for good."""
        image = self._picture()
        now = time.monotonic_ns()
        if self._video is not None and not self._is_http():
            now = self._lag.taken_ns(now, self._video.get(cv2.CAP_PROP_POS_MSEC))
            if self._lag.behind_s > HOPELESS:
                raise UnavailableError(
                    f"{self.name} is {self._lag.behind_s:.0f} s behind: check the network between it and this machine"
                )
        id = self._next
        self._next += 1
        return Frame.freeze(id, now, image)

    def close(self) -> None:
        """Hang up."""
        mjpeg, self._mjpeg = self._mjpeg, None
        video, self._video = self._video, None
        if mjpeg is not None:
            mjpeg.close()
        if video is not None:
            video.release()

    def _is_http(self) -> bool:
        return self._address.scheme in ("http", "https")

    def _too_old(self) -> str:
        return (
            f"{self.name} is a playlist or a film, and nobody can tell how old its pictures are: "
            "a door needs the camera's RTSP or Motion JPEG address"
        )

    def _picture(self) -> BgrImage:
        if self._mjpeg is not None:
            return self._mjpeg.read()
        if self._video is None:
            raise not_open(self.name)
        image = next_picture(self._video)
        if image is None:
            raise UnavailableError(f"{self.name} stopped sending pictures: check the camera and the network")
        return image

    def _open_video(self) -> cv2.VideoCapture:
        silence_opencv()
        limit = round(self._timeout * 1000)
        begun = time.monotonic()
        with nullcontext() if self._is_http() else _PROMPTLY:
            video = cv2.VideoCapture(
                self._address.full,
                cv2.CAP_FFMPEG,
                [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit],
            )
        if not video.isOpened():
            video.release()
            # Half a second more at most: whoever let FFmpeg wait will let us wait too.
            left = min(1.0, self._timeout) if time.monotonic() - begun < self._timeout / 2 else 0.25
            raise UnavailableError(f"{self.name} {why_not(self._address, left)}")
        return video
