"""What goes into the inbox of unknown faces and what comes out: plain values, no database behind them."""

from __future__ import annotations

from dataclasses import dataclass

from faceapp.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class NewTrack:
    """A face that nobody matched, from when it came until it went."""

    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""
    camera: str
    """The camera's name, without credentials."""
    quality: float
    """Of the picture, 0 to 100."""
    crop: bytes
    """JPEG of the best picture, with a margin."""
    space: str
    """Embedding space of `vectors`."""
    vectors: Floats
    """float32 (N, D), rows of unit length; N at least 1."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackRow:
    """A face in the inbox without its picture: `GalleryStore.track_crop(id)` gets that."""

    id: str
    """Random, 32 hexadecimal digits."""
    first_seen: str
    last_seen: str
    camera: str
    ignored: bool
    cluster: str | None
    """What ignored tracks of one person share; None for new ones, which are clustered whenever they are listed."""
    quality: float
    has_crop: bool
    vectors: Floats | None
    """float32 (N, D) in the space asked for; None where there is none in it."""
