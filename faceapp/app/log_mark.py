"""A mark, outside the data directory, that a site's audit log was begun: a log whose files are both gone is missed.

The mark is one line, the log's random id, beside the site's key. It holds no secret and proves nothing against somebody
who may write there too; it makes removing the log as visible as altering it.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from faceapp.files import write_atomically
from faceapp.security import installation
from faceapp.security.key_places import keys_dir

_ID = re.compile(r"[0-9a-f]{1,64}")
_log = logging.getLogger(__name__)


def mark_path(data_dir: Path) -> Path | None:
    """Where the mark of `data_dir` is, or would be; None where no key was made yet, so no log either. Raises
    UnavailableError where that can't be told."""
    known = installation.load(data_dir)
    return None if known is None else keys_dir() / f"{known.id}.log"


def begun_log(data_dir: Path) -> str | None:
    """The id of the log that was begun for `data_dir`; empty where the mark can't be read; None where there is none."""
    path = mark_path(data_dir)
    try:
        text = None if path is None else path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        return ""
    return text if text is None or _ID.fullmatch(text) else ""


def missing_log(data_dir: Path, log_id: str | None) -> str | None:
    """The line to say where another log was begun than the one that is there, `log_id` (None: none is there)."""
    begun = begun_log(data_dir)
    if begun is None or begun == log_id:
        return None
    if not begun:
        return f"the mark that an audit log was begun here, {mark_path(data_dir)}, cannot be read: mend or remove it"
    now = "its files are not there any more" if log_id is None else "the one that is there was begun later"
    return (
        f"the audit log {begun[:8]}… that was begun here is gone, {now}: put it back from a backup, or, if you know "
        f"why, remove {mark_path(data_dir)}"
    )


def mark_begun(data_dir: Path, log_id: str) -> None:
    """Leave the mark, where there is none. A folder that can't be written costs the mark, never the log."""
    path = mark_path(data_dir)
    if path is None or path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, f"{log_id}\n".encode("ascii"))
    except OSError as e:
        _log.warning("%s cannot be written (%s): a log that is removed will not be missed", path, e.strerror or e)
