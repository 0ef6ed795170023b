"""What the sources that read through OpenCV share.

OpenCV and FFmpeg write their own complaints to stderr, addresses with passwords among them. We say what went wrong
ourselves, so theirs are turned off before a capture or a writer is opened."""

from __future__ import annotations

import os
from typing import cast

import cv2

from faceapp.types import BgrImage

_FFMPEG_QUIET = "-8"  # AV_LOG_QUIET; read when OpenCV first opens something with FFmpeg


def silence_opencv() -> None:
    """Turn off OpenCV's and FFmpeg's own messages, unless a developer asked for them in the environment."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", _FFMPEG_QUIET)
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def next_picture(capture: cv2.VideoCapture) -> BgrImage | None:
    """The next picture of an open capture, BGR; None where it gives none, for whatever reason."""
    ok, image = capture.read()
    if not ok or image is None or not image.size:
        return None
    return cast(BgrImage, image)  # 8-bit BGR: OpenCV converts everything to it unless told not to
