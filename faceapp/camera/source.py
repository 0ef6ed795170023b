"""What a source of frames is. Every kind (camera, file, folder, stream, demonstration) is one class with these methods.

A source belongs to one thread: the one that opens it reads it and closes it. Making one opens nothing.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from faceapp.errors import BugError
from faceapp.types import Frame

Kind: TypeAlias = Literal["device", "file", "folder", "stream", "demo"]


class FrameSource(Protocol):
    """Frames, one after the other."""

    @property
    def spec(self) -> str:
        """As the user gave it, without credentials."""

    @property
    def name(self) -> str:
        """For people: the camera's name, the file's name. No credentials."""

    @property
    def kind(self) -> Kind:
        """Which class of source this is."""

    @property
    def live(self) -> bool:
        """True where frames come by themselves and are lost if nobody reads (device, stream)."""

    @property
    def fps(self) -> float | None:
        """Frames a second of a finite source and of the demonstration, known once it is open; None for a live one."""

    def open(self) -> None:
        """Make ready to read, from the first frame. May be called again after `close`. Raises UnavailableError (no such
        camera, unreachable stream) or InputError (not a video, a folder without pictures)."""

    def read(self) -> Frame | None:
        """The next frame; None at the normal end. Its `id` counts from 0 in the source.

        A finite source answers at once (whoever reads sets the pace) and stamps `captured_ns` in media time: when it
        was opened + the frame's place in the film, which is id / fps where the film has no times of its own. A live one
        waits for the frame, never much longer than its time limit, and stamps its arrival. Raises UnavailableError
        where a camera or stream broke off."""

    def close(self) -> None:
        """Let go of everything. Harmless where nothing is open."""


def media_ns(opened_ns: int, id: int, fps: float) -> int:
    """When frame `id` of a finite source is due: nanoseconds on the clock of `opened_ns`."""
    return opened_ns + round(id * 1e9 / fps)


def not_open(name: str) -> BugError:
    """The error for a read before `open` or after `close`."""
    return BugError(f"{name} was read without being open")
