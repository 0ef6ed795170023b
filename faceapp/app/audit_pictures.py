"""Pictures with the door's decisions, where a site turns them on: a small, sealed crop of the face for each grant and
each counted refusal, under the number of its entry in the audit log, which itself holds no picture.

The recognition thread only shows frames (`see`, a reference kept for a moment). The door's thread makes the crop and
writes it, after the entry is on the disk; for a grant not before the door has been told, so that nobody waits for a
picture. A picture that can't be made or written is missing, and nothing else is the matter.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from faceapp.access.audit import AuditLog
from faceapp.access.chain import Entry, Scalar
from faceapp.app.audit import existing_log
from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.files import write_atomically
from faceapp.security.keys import SiteKeys
from faceapp.security.vault import Vault
from faceapp.types import Face, Frame, FrameResult

if TYPE_CHECKING:
    from faceapp.access.opening import Log

FOLDER = "audit-pictures"
KEPT_FRAMES = 12
"""Frames kept until the door's thread has caught up: the picture of an older one is not made."""
_NAME = re.compile(r"([1-9][0-9]{0,17})\.bin")
_QUALITY = 85

_log = logging.getLogger(__name__)


class PicturedLog:
    """An audit log that keeps a picture with the entries of the door's decisions. `see` belongs to the recognition
    thread, everything else to the door's."""

    def __init__(self, log: AuditLog | Log, data_dir: Path, vault: Callable[[], Vault]) -> None:
        """`vault`: asked for each picture, since the key may be changed meanwhile."""
        self._log = log
        self._folder = data_dir / FOLDER
        self._vault = vault
        self._lock = threading.Lock()
        self._seen: OrderedDict[int, tuple[Frame, FrameResult]] = OrderedDict()
        self._granted: tuple[int, tuple[Frame, Face]] | None = None
        self._told = False

    def see(self, frame: Frame, result: FrameResult) -> None:
        """A frame that is about to be decided on. Its picture is read-only and shared, not copied."""
        with self._lock:
            self._seen[frame.id] = frame, result
            while len(self._seen) > KEPT_FRAMES:
                self._seen.popitem(last=False)

    def append(self, kind: str, **fields: Scalar) -> Entry:
        """As the log's; then the picture, if the entry is of a kind that has one."""
        entry = self._log.append(kind, **fields)
        if kind == "intention":
            found = self._face(fields)
            self._granted = None if found is None else (entry.number, found)
        elif kind == "outcome" and self._granted is not None:
            number, found = self._granted
            self._granted = None
            self._keep(number, *found)
        elif kind == "refusal" and (found := self._face(fields)) is not None:
            self._keep(entry.number, *found)
        return entry

    def latest(self) -> Sequence[Entry]:
        """As the log's."""
        return self._log.latest()

    def _face(self, fields: dict[str, Scalar]) -> tuple[Frame, Face] | None:
        frame_id, track = fields.get("frame"), fields.get("track")
        with self._lock:
            seen = self._seen.get(frame_id) if isinstance(frame_id, int) else None
        if seen is None:
            return None
        frame, result = seen
        return next(((frame, f.face) for f in result.faces if f.track == track), None)

    def _keep(self, number: int, frame: Frame, face: Face) -> None:
        from faceapp.enrollment.photo import keep_crop  # OpenCV, which who only removes pictures doesn't need
        from faceapp.images import encode_jpeg

        try:
            jpeg = encode_jpeg(keep_crop(frame.image, face).image, _QUALITY)
            self._folder.mkdir(exist_ok=True, mode=0o700)
            write_atomically(self._folder / f"{number}.bin", self._vault().seal(jpeg, bound(number)))
        except Exception as e:  # noqa: BLE001 - whatever is wrong with a picture, the door's thread goes on
            if not self._told:
                _log.warning("no picture is kept with entry %d: %s", number, type(e).__name__)
            self._told = True
        else:
            self._told = False


def picture(data_dir: Path, number: int) -> bytes:
    """The JPEG kept with entry `number`. Raises InputError where there is none, UnavailableError where it was altered
    or its key is missing."""
    try:
        sealed = (data_dir / FOLDER / f"{number}.bin").read_bytes()
    except FileNotFoundError as e:
        raise InputError(
            f"there is no picture with entry {number}: it was removed, or none was kept (kiosk.audit_pictures)"
        ) from e
    except OSError as e:
        raise UnavailableError(f"the picture of entry {number} cannot be read ({e.strerror}): check the disk") from e
    keys = SiteKeys.open_existing(data_dir)
    if keys is None:
        raise UnavailableError(f"the picture of entry {number} is sealed, and the site's key is missing: put it back")
    try:
        return Vault.of(keys).open(sealed, bound(number))
    except UnavailableError as e:
        line = f"the picture of entry {number} was altered, or is of a key that was changed since: it can't be shown"
        raise UnavailableError(line) from e


def kept(data_dir: Path) -> dict[int, Path]:
    """The pictures there are, by the number of their entry."""
    folder = data_dir / FOLDER
    names = sorted(folder.iterdir()) if folder.is_dir() else []
    return {int(match[1]): path for path in names if (match := _NAME.fullmatch(path.name))}


def expire(data_dir: Path, days: int, now: datetime | None = None) -> int:
    """Remove pictures that are older than `days`; returns how many. Raises UnavailableError where one can't be."""
    before = ((now or datetime.now(UTC)) - timedelta(days=days)).timestamp()
    old = [path for path in kept(data_dir).values() if _made(path) < before]
    return _remove(old)


def forget(data_dir: Path, person_ids: Collection[str]) -> int:
    """Remove the pictures of entries about these people; returns how many. A picture whose entry can't be read goes as
    well where the log can't say whose it is. Raises UnavailableError where one can't be removed."""
    pictures = kept(data_dir)
    if not pictures:
        return 0
    try:
        log = existing_log(data_dir)
        others = {} if log is None else {e.number: e for e in log.entries() if e.number in pictures}
    except KnownError:
        others = {}
    gone = [p for n, p in pictures.items() if n not in others or others[n].fields.get("person") in person_ids]
    return _remove(gone)


def of_person(data_dir: Path, entries: Iterable[int]) -> dict[int, bytes]:
    """The JPEGs kept with these entries, by number; those that can't be opened are left out."""
    found = {}
    for number in set(entries) & set(kept(data_dir)):
        try:
            found[number] = picture(data_dir, number)
        except KnownError as e:
            _log.warning("%s", e)
    return found


def _made(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _remove(paths: Iterable[Path]) -> int:
    count = 0
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as e:
            raise UnavailableError(f"{path} cannot be removed ({e.strerror}): mend its permissions") from e
        count += 1
    return count


def bound(number: int) -> str:
    """What the picture of entry `number` is bound to."""
    return f"audit picture\0{number}"
