"""Writing files whole or not at all, one installer at a time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from faceapp import files
from faceapp.errors import UnavailableError


@contextlib.contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn what the system refuses within into one line for the user."""
    try:
        yield
    except OSError as e:
        raise UnavailableError(
            f"{folder} cannot be written to ({e.strerror or e}): free some space or choose another folder"
        ) from e


def write_atomically(file: Path, data: bytes) -> None:
    """Put `data` into `file`: first into a file beside it, forced to the disk, then renamed over it.

    Raises UnavailableError where that is not possible; `file` is then as it was.
    """
    with writing_to(file.parent):
        files.write_atomically(file, data, mode=0o644)


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed installation left behind. Only while the folder is locked."""
    for part in folder.glob(f"{files.PREFIX}*{files.SUFFIX}"):
        part.unlink(missing_ok=True)


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's contents in hexadecimal."""
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


@contextlib.contextmanager
def locked(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep other processes out of `folder` while they ask for the same lock; `waiting` is called before a wait.

    The lock is on the folder itself and ends with the process. Windows and some network file systems have none: there
    two installations do the same work twice, and each file still appears whole.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with writing_to(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass  # this file system has no locks
        yield
    finally:
        os.close(handle)
