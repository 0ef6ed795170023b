"""What evaluations keep of pictures, and forgetting it: apart, so that a deletion need not load the networks' room."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from faceapp.errors import UnavailableError
from faceapp.evaluation import picture_cache
from faceapp.evaluation.picture_cache import cache_folder, forget


def forget_pictures(data_dir: Path) -> int:
    """Delete what evaluations keep; returns the bytes. Raises UnavailableError where it can't be deleted."""
    try:
        return forget(data_dir)
    except OSError as e:
        raise UnavailableError(f"{cache_folder(data_dir)} cannot be deleted ({e.strerror}): delete it by hand") from e


def expire_pictures(data_dir: Path, now: datetime) -> None:
    """Delete what was kept long enough. Raises UnavailableError where it can't be deleted."""
    try:
        picture_cache.expire(data_dir, now)
    except OSError as e:
        raise UnavailableError(f"{cache_folder(data_dir)} cannot be deleted ({e.strerror}): delete it by hand") from e


def begin(data_dir: Path, now: datetime) -> str:
    """The mark of an evaluation that keeps something (`picture_cache.begun`); what is too old is deleted. Raises
    UnavailableError where that is not possible."""
    expire_pictures(data_dir, now)
    try:
        return picture_cache.begun(data_dir)
    except OSError as e:
        raise UnavailableError(
            f"the cache {cache_folder(data_dir)} cannot be written ({e.strerror}): make room there, or add --no-cache"
        ) from e
