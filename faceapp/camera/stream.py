"""Network cameras: RTSP and other video through OpenCV's FFmpeg, Motion JPEG over HTTP through our own reader."""

from __future__ import annotations

import time

import cv2

from faceapp.camera.address import Address, is_stream, parse_address
from faceapp.camera.mjpeg import TIMEOUT, MjpegReader
from faceapp.camera.opencv import next_picture, silence_opencv
from faceapp.camera.rtsp import why_not
from faceapp.camera.source import Kind, not_open
from faceapp.errors import UnavailableError
from faceapp.types import BgrImage, Frame

__all__ = ["StreamSource", "is_stream"]


class StreamSource:
    """A network camera by address. User and password are taken out of everything that is shown."""

    kind: Kind = "stream"
    live = True
    fps: float | None = None

    def __init__(self, spec: str, timeout: float = TIMEOUT) -> None:
        """Connects to nothing. Raises InputError for an address that is none. timeout: seconds for every wait."""
        self._address: Address = parse_address(spec)
        self._timeout = timeout
        self.spec = self.name = self._address.public
        self._mjpeg: MjpegReader | None = None
        self._video: cv2.VideoCapture | None = None
        self._next = 0

    def open(self) -> None:
        """Connect. Raises UnavailableError where nobody answers, the camera refuses or sends no video."""
        self.close()
        self._next = 0
        if self._address.scheme in ("http", "https"):
            reader = MjpegReader(self._address, self._timeout)
            content = reader.open()
            if content.startswith("multipart/") or content == "image/jpeg":
                self._mjpeg = reader
                return
            reader.close()
            if content == "text/html":
                raise UnavailableError(f"{self.name} is a web page, not a stream: use the camera's stream address")
            # Something else: MPEG-TS, HLS, a film.
        self._video = self._open_video()

    def read(self) -> Frame | None:
        """The next picture as it comes. Raises UnavailableError where none comes in time."""
        image = self._picture()
        now = time.monotonic_ns()
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
