"""What evaluations keep of pictures, and forgetting it: apart, so that a deletion need not load the networks' room."""

from __future__ import annotations

from pathlib import Path

from faceapp.errors import UnavailableError
from faceapp.evaluation.picture_cache import cache_folder, forget


def forget_pictures(data_dir: Path) -> int:
    """Delete what evaluations keep; returns the bytes. Raises UnavailableError where it can't be deleted."""
    try:
        return forget(data_dir)
    except OSError as e:
        raise UnavailableError(f"{cache_folder(data_dir)} cannot be deleted ({e.strerror}): delete it by hand") from e
