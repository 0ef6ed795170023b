"""Where the key of a test's data directory lies."""

from __future__ import annotations

from pathlib import Path

from faceapp.security.keys import place_of


def key_file(data_dir: Path) -> Path:
    """The key's file, whether it is there or not."""
    return Path(place_of(data_dir).name)
