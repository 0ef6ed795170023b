"""Where a window that nobody sees is written to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from faceapp.app.parts import Parts
from faceapp.camera.recorder import VideoRecorder
from faceapp.errors import UnavailableError
from faceapp.types import BgrImage

FOLDER = "demo-output"


def output_folder() -> Path:
    """`demo-output` in the current folder, made where it is missing."""
    folder = Path.cwd() / FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as e:
        raise UnavailableError(f"{folder} cannot be made ({e.strerror}): start faceapp in a folder of your own") from e
    return folder


@contextmanager
def recording(file: Path, size: tuple[int, int], fps: float) -> Iterator[Callable[[BgrImage], None]]:
    """A function that appends pictures of `size` (width, height) to the video `file`, which appears at the end."""
    with VideoRecorder(file, size, fps) as recorder:
        yield recorder.write


def make_private(*files: Path) -> None:
    """Let nobody else read what shows who was seen."""
    for file in files:
        if file.exists():
            file.chmod(0o600)


@contextmanager
def stranger(parts: Parts) -> Iterator[Parts]:
    """The same installation with a gallery of nobody, which is gone afterwards."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Parts(parts.settings, Path(folder), parts.manifest, parts.models) as alone,
    ):
        yield alone
