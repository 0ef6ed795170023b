"""Writing files whole or not at all, and one process at a time."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

Content: TypeAlias = bytes | Callable[[BinaryIO], None]
"""What a file is to hold, or what writes it."""

PREFIX, SUFFIX = ".faceapp-", ".part"
"""Of the names of unfinished files: one that a power cut left behind can be told by them."""

_RETRY_SECONDS = 0.005


def write_atomically(file: Path, content: Content, mode: int = 0o600) -> None:
    """Put `content` into `file`: first into a file beside it, forced to the disk, then renamed over it.

    Raises OSError where that is not possible. Then, and after any other exception, `file` is as it was and nothing is
    left beside it. A symbolic link at `file` is replaced: resolve it first to write what it points to.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=PREFIX, suffix=SUFFIX)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as f:
            if callable(content):
                content(f)
            else:
                f.write(content)
            f.flush()
            os.fsync(f.fileno())  # or a power cut can leave the new name with nothing in it
        part.chmod(mode)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were just given last through a power cut, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse it for folders
            os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Keep every other thread and process out that asks for the same lock file, which is made where there is none. It
    ends with the process.

    Raises TimeoutError where somebody else keeps it for longer than `seconds`, another OSError where it can't be made.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{path.name} is locked")
            time.sleep(_RETRY_SECONDS)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
