"""Writing a video file."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from faceapp.camera.opencv import silence_opencv
from faceapp.errors import BugError, UnavailableError
from faceapp.types import BgrImage

CODECS = {".mp4": "mp4v", ".avi": "MJPG"}
"""What OpenCV's own wheel encodes fast enough for a window: MPEG-4 part 2, which most players open, Motion JPEG."""


class VideoRecorder:
    """A context manager that writes an MP4 or AVI file. The file has its name only when it is whole; a recording that
    ends with an exception leaves none. One thread uses it."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        """size: width and height in pixels."""
        self._path = path
        self._size = size
        self._fps = fps
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        self._writer: cv2.VideoWriter | None = None

    def __enter__(self) -> Self:
        """Raises UnavailableError where the file can't be written."""
        codec = CODECS.get(self._path.suffix.lower())
        if codec is None:
            raise UnavailableError(f"{self._path} cannot be written: name it .mp4 or .avi")
        silence_opencv()
        writer = cv2.VideoWriter(str(self._part), cv2.VideoWriter.fourcc(*codec), self._fps, self._size)
        if not writer.isOpened() or not os.access(self._part.parent, os.W_OK):
            writer.release()
            raise UnavailableError(f"{self._path} cannot be written: choose a folder that can, with room in it")
        self._writer = writer
        return self

    def write(self, image: BgrImage) -> None:
        """Append a picture of the recorder's size."""
        if self._writer is None or image.shape[1::-1] != self._size:
            raise BugError(f"a picture of {image.shape[1::-1]} for a video of {self._size}")
        self._writer.write(image)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.release()
            self._writer = None
        if error is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)
