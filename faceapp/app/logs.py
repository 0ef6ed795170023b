"""The log file: what happened, for whoever mends it. Names no picture, no template, no credentials.

`faceapp.log` in the data directory, mode 0600, rotated at 1 MB. Nothing is sent anywhere.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
from collections.abc import Iterable
from pathlib import Path

from faceapp import paths

FILE_NAME = "faceapp.log"
_log = logging.getLogger("faceapp")


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file only its owner can read."""

    def _open(self):  # type: ignore[no-untyped-def]  # the base class's own type is private to typeshed
        stream = super()._open()
        Path(self.baseFilename).chmod(0o600)
        return stream


def configure(data_dir: Path) -> None:
    """Send our log to the data directory from now on. A folder that can't be written costs the log, nothing else."""
    close()
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = _PrivateFile(
            data_dir / FILE_NAME, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def close() -> None:
    """Let go of the log file."""
    for handler in list(_log.handlers):
        _log.removeHandler(handler)
        handler.close()


def blot_out(data_dir: Path, names: Iterable[str]) -> None:
    """Make `names` unreadable in the log files. We write none into them, but what a library says of an unforeseen error
    may repeat one. Done in place, byte for byte, since other processes may be writing at the end of the same file."""
    words = [re.escape(form) for name in names for form in {name, repr(name)[1:-1], ascii(name)[1:-1]} if form]
    if not words:
        return
    pattern = re.compile(rb"(?<![^\W_])(?:%b)(?![^\W_])" % b"|".join(w.encode() for w in words), re.IGNORECASE)
    for path in data_dir.glob(f"{FILE_NAME}*"):
        try:
            with path.open("r+b") as file:
                for found in pattern.finditer(file.read()):
                    file.seek(found.start())
                    file.write(b"*" * len(found[0]))
        except OSError as e:
            _log.warning("%s cannot be rewritten without a deleted name: %s", path.name, e.strerror)


def report_bug(error: BaseException, data_dir: str | os.PathLike[str] | None = None) -> str:
    """Write the traceback of an unforeseen `error` to the log, where none is open yet to that of `data_dir` (None: the
    usual one); returns the line to show."""
    where = next(
        (Path(h.baseFilename) for h in _log.handlers if isinstance(h, logging.FileHandler)),
        None,
    )
    if where is None:
        directory = paths.data_dir(data_dir)
        configure(directory)
        where = directory / FILE_NAME
    _log.error("bug", exc_info=error)
    summary = f"{type(error).__name__}: {error}".replace(os.linesep, " ")
    return f"this is a bug in faceapp, please report it with {where} ({summary})"
