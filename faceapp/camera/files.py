"""Video files, through OpenCV's FFmpeg."""

from __future__ import annotations

import time
from pathlib import Path

import cv2

from faceapp.camera.opencv import next_picture, silence_opencv
from faceapp.camera.source import Kind, not_open
from faceapp.errors import InputError
from faceapp.types import BgrImage, Frame

DEFAULT_FPS = 30.0
"""Where the file doesn't say, or says nonsense (WebM of varying rate says 1000)."""
_SENSIBLE_FPS = (0.5, 240.0)
_LONGEST_GAP_MS = 10_000.0
"""Between two frames; more is a broken time."""


class VideoFileSource:
    """A video file, upright as its metadata says, from the first frame to the last that decodes. One that was cut off
    ends where its data ends. Its frames have the times that are written in it: a webcam's are far from evenly apart."""

    kind: Kind = "file"
    live = False

    def __init__(self, spec: str, path: Path) -> None:
        self.spec = spec
        self.name = path.name
        self.fps: float | None = None
        self._path = path
        self._capture: cv2.VideoCapture | None = None
        self._first: BgrImage | None = None
        self._next = 0
        self._opened_ns = 0
        self._starts_ms = 0.0
        self._at_ms = 0.0

    def open(self) -> None:
        """Open the file and decode its first frame. Raises InputError where that doesn't work."""
        self.close()
        silence_opencv()
        try:
            with self._path.open("rb") as file:
                empty = not file.read(1)
        except OSError as e:
            raise InputError(f"{self._path} cannot be read: {e.strerror}") from e
        if empty:
            raise InputError(f"{self._path} is empty: name a video")
        # Absolute: FFmpeg would take a name such as `a:b.mp4` for a protocol.
        capture = cv2.VideoCapture(str(self._path.absolute()), cv2.CAP_FFMPEG)
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        image = next_picture(capture) if capture.isOpened() else None
        if image is None:
            capture.release()
            raise InputError(f"{self._path} is not a video we can read: use MP4, WebM, MKV, MOV or AVI")
        fps = float(capture.get(cv2.CAP_PROP_FPS))
        self.fps = fps if _SENSIBLE_FPS[0] <= fps <= _SENSIBLE_FPS[1] else DEFAULT_FPS
        self._capture, self._first, self._next = capture, image, 0
        self._starts_ms = self._at_ms = float(capture.get(cv2.CAP_PROP_POS_MSEC))
        self._opened_ns = time.monotonic_ns()

    def read(self) -> Frame | None:
        """The next frame; None after the last."""
        if self._capture is None or self.fps is None:
            raise not_open(self.name)
        image, self._first = self._first, None
        if image is None:
            image = next_picture(self._capture)
            self._at_ms = self._time_after(self._at_ms, self.fps)
        if image is None:
            return None
        id = self._next
        self._next += 1
        return Frame.freeze(id, self._opened_ns + round((self._at_ms - self._starts_ms) * 1e6), image)

    def _time_after(self, before_ms: float, fps: float) -> float:
        """When the frame just read is due, milliseconds into the film: as the file says where that makes sense, else
        one frame after the one before. Always later than that one."""
        written = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) if self._capture is not None else 0.0
        return written if 0 < written - before_ms <= _LONGEST_GAP_MS else before_ms + 1000 / fps

    def close(self) -> None:
        """Close the file."""
        capture, self._capture, self._first = self._capture, None, None
        if capture is not None:
            capture.release()
