"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeAlias

Content: TypeAlias = bytes | Callable[[BinaryIO], None]
"""What a file is to hold, or what writes it."""

PREFIX, SUFFIX = ".faceapp-", ".part"
"""Of the names of unfinished files: one that a power cut left behind can be told by them."""


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
