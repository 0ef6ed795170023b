"""Network streams (being written)."""

from __future__ import annotations

from faceapp.camera.source import Kind
from faceapp.errors import UnavailableError
from faceapp.types import Frame

SCHEMES = ("rtsp://", "rtsps://", "http://", "https://")


def is_stream(spec: str) -> bool:
    """True for an address of a stream."""
    return spec.lower().startswith(SCHEMES)


class StreamSource:
    """A network camera."""

    kind: Kind = "stream"
    live = True
    fps: float | None = None

    def __init__(self, spec: str) -> None:
        self.spec = spec.partition(":")[0]
        self.name = "stream"

    def open(self) -> None:
        """Connect."""
        raise UnavailableError("network streams come in a moment")

    def read(self) -> Frame | None:
        """Next."""
        return None

    def close(self) -> None:
        """Disconnect."""
