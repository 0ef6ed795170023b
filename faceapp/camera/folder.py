"""A folder of pictures, played in name order, and a single picture."""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path

from faceapp.camera.source import Kind, media_ns, not_open
from faceapp.errors import InputError
from faceapp.images import SUFFIXES, read_image
from faceapp.types import Frame

log = logging.getLogger(__name__)

FPS = 30.0


def is_picture(path: Path) -> bool:
    """True where the name is a picture's. (An animated GIF shows its first picture.)"""
    return path.suffix.lower() in SUFFIXES


def natural_order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorting key under which `2.png` comes before `10.png`; equal but for case or zeros: by the name itself."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(0, int(p), "") if i % 2 else (1, 0, p) for i, p in enumerate(parts) if p], name


class FolderSource:
    """The pictures in a folder (not in folders below it) at 30 frames a second, `2.png` before `10.png`.

    A picture that cannot be read is left out with a line in the log; its index is still counted, so that a frame's id
    says which picture it is."""

    kind: Kind = "folder"
    live = False
    fps: float | None = FPS

    def __init__(self, spec: str, folder: Path) -> None:
        self.spec = spec
        self.name = folder.name or spec
        self._folder = folder
        self._pictures: list[Path] | None = None
        self._next = 0
        self._shown = 0
        self._opened_ns = 0

    def open(self) -> None:
        """List the pictures. Raises InputError where there is none, or the folder cannot be read."""
        try:
            names = [p for p in self._folder.iterdir() if is_picture(p) and not p.name.startswith(".") and p.is_file()]
        except OSError as e:
            raise InputError(f"{self._folder} cannot be read: {e.strerror}") from e
        if not names:
            raise InputError(f"{self._folder} has no pictures in it: name a folder with JPEG or PNG files")
        self._pictures = sorted(names, key=lambda p: natural_order(p.name))
        self._next = self._shown = 0
        self._opened_ns = time.monotonic_ns()

    def read(self) -> Frame | None:
        """The next readable picture; None after the last. Raises InputError if not one of them could be read."""
        if self._pictures is None:
            raise not_open(self.name)
        while self._next < len(self._pictures):
            id = self._next
            self._next += 1
            try:
                image = read_image(self._pictures[id])
            except InputError as e:
                log.warning("picture %d left out (%s)", id, type(e).__name__)  # the log names no pictures
                continue
            self._shown += 1
            return Frame.freeze(id, media_ns(self._opened_ns, id, FPS), image)
        if not self._shown:
            raise InputError(f"{self._folder}: not one of its {self._next} pictures could be read")
        return None

    def close(self) -> None:
        """Forget the list."""
        self._pictures = None


class PictureSource:
    """One picture: a source of one frame."""

    kind: Kind = "file"
    live = False
    fps: float | None = FPS

    def __init__(self, spec: str, path: Path) -> None:
        self.spec = spec
        self.name = path.name
        self._path = path
        self._frame: Frame | None = None
        self._open = False

    def open(self) -> None:
        """Read the picture. Raises InputError where it isn't one."""
        image = read_image(self._path)
        self._frame = Frame.freeze(0, time.monotonic_ns(), image)
        self._open = True

    def read(self) -> Frame | None:
        """The picture the first time, then None."""
        if not self._open:
            raise not_open(self.name)
        frame, self._frame = self._frame, None
        return frame

    def close(self) -> None:
        """Forget the picture."""
        self._frame = None
        self._open = False
