"""Whether two addresses mean one camera."""

from __future__ import annotations

from pathlib import Path

from faceapp.camera.address import is_stream, parse_address
from faceapp.camera.device import is_device


def camera_key(spec: str) -> str | None:
    """The same for all that `--source` takes for one camera of this machine (its number, its device, its stable name)
    or for one stream, whoever asks for it; None for what can be played twice at a time: films, folders, the
    demonstration. Never to be shown: it may hold a password. Raises InputError for a stream's address that is none."""
    if is_device(spec):
        return f"/dev/video{int(spec)}" if spec.isdecimal() else str(Path(spec).resolve())
    return parse_address(spec).bare if is_stream(spec) else None
