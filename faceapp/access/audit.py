"""The audit log: who was let in or refused and why, what administrators did, in a file that tells if it was changed.

JSON lines, not SQLite: a line is written with one call and flushed with one, a torn one costs nothing but itself, each
can be named by its number and read with any editor when all else is broken; and the order of two flushes (log, then
anchor), on which everything here rests, is ours to say.

After any interruption, of the program or of the power, the log verifies: the line comes first, the anchor follows, and
the next `open` or `append` finishes what was left in between. What was altered meanwhile is not repaired, only
gone on from: the door keeps working, and `verify` keeps naming it.

No names and no pictures: people are random ids, and only the fields below can be written.
"""

from __future__ import annotations

import contextlib
import csv
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal, Self, TextIO

from faceapp.access.anchor import Anchor, create_anchor, locked, read_anchor, write_all, write_anchor
from faceapp.access.chain import BEGINNING, CHECKPOINT, DAMAGE, PRUNED, START, Entry, Link, Scalar, Seal
from faceapp.access.records import CODES, NUMBERS, PEOPLE, check
from faceapp.access.verification import Problem, problems
from faceapp.errors import BugError, InputError, UnavailableError
from faceapp.files import sync_folder

FILE_NAME, ANCHOR_NAME, LOCK_NAME = "audit.jsonl", "audit.anchor", "audit.lock"
BUSY_SECONDS = 2.0
"""How long to wait for another process that is writing."""

_BLOCKS = (1 << 16, 1 << 22)
"""How much of the file's end is looked at for the last entry, before all of it is."""
_BINARY = getattr(os, "O_BINARY", 0)


class AuditLog:
    """The log of one data directory. Keeps no file open: any number of threads and processes may use it."""

    def __init__(
        self, folder: Path, seal: Seal, now: Callable[[], datetime], busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self.path = folder / FILE_NAME
        self._anchor_path = folder / ANCHOR_NAME
        self._lock_path = folder / LOCK_NAME
        self._seal = seal
        self._now = now
        self._busy_seconds = busy_seconds

    @classmethod
    def open(
        cls,
        folder: Path,
        key: bytes,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        busy_seconds: float = BUSY_SECONDS,
    ) -> Self:
        """The log in `folder`, begun where there is none, tidied up after an interruption.

        Raises UnavailableError where it can't be written, is locked for longer than `busy_seconds`, or was made with
        another key."""
        log = cls(folder, Seal(key), now, busy_seconds)
        with _explained():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(log._lock_path, busy_seconds):
                log._make_private()
                log._caught_up()
        return log

    @classmethod
    def open_existing(cls, folder: Path, key: bytes) -> Self | None:
        """As `open`, but nothing is written, and None where there is no log: for commands that only look."""
        log = cls(folder, Seal(key), lambda: datetime.now(UTC))
        return log if log.path.exists() or log._anchor_path.exists() else None

    # Writing

    def append(self, kind: str, **fields: Scalar) -> Entry:
        """Write an entry and flush it to the disk; it is there for good when this returns.

        Raises UnavailableError where that can't be done (disk full, locked): then nothing may be done that needs the
        entry. BugError for a field or a value that has no place in the log."""
        check(kind, fields)
        with _explained(), locked(self._lock_path, self._busy_seconds):
            return self._append(self._caught_up(), kind, fields)[1]

    def append_all(self, kind: str, entries: Sequence[Mapping[str, Scalar]]) -> None:
        """Write several entries of one kind and flush them to the disk together: all of them are there for good when
        this returns, or none. Each is an entry of its own in the chain. Raises as `append`."""
        for fields in entries:
            check(kind, fields)
        with _explained(), locked(self._lock_path, self._busy_seconds):
            anchor = self._caught_up()
            lines, end = [], anchor.end
            for fields in entries:
                line, end = self._seal.line(anchor.log_id, end, self._stamp(), kind, fields)
                lines.append(line)
            if lines:
                self._write(b"".join(lines))
                self._moved(anchor, end)

    def prune(self, before: datetime) -> int:
        """Take out the entries older than `before` and leave a checkpoint in their place; returns how many.

        Raises InputError where the log has been altered: what was done to it is to be looked at first."""
        if self.verify():
            raise InputError('the audit log was altered: see "faceapp audit verify" before removing entries')
        with _explained(), locked(self._lock_path, self._busy_seconds):
            anchor = self._caught_up()
            removed = self._prune(anchor, before)
            if removed:
                self._append(anchor, PRUNED, {"entries": removed, "until": before.astimezone(UTC).isoformat()})
            return removed

    # Reading

    def entries(self) -> Iterator[Entry]:
        """All lines that prove themselves, as they stand in the file, without checking how they hang together."""
        for line in self._lines():
            entry = self._seal.read(line.removesuffix(b"\n"))
            if entry is not None:
                yield entry

    def latest(self) -> list[Entry]:
        """The last entries (some hundred), oldest first, without reading the rest of the file."""
        with _explained("read"):
            try:
                with self.path.open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    data = _read_end(file.fileno(), size, min(_BLOCKS[0], size))
            except FileNotFoundError:
                return []
        return [entry for line in data.split(b"\n") if (entry := self._seal.read(line)) is not None]

    def verify(self) -> list[Problem]:
        """What is wrong with the log; empty: nothing. Reads only, and needs no lock: the anchor is read first, so the
        log can only be ahead of it."""
        with _explained("read"):
            anchor = read_anchor(self._anchor_path, self._seal)
            log_id, end = (None, None) if anchor is None else (anchor.log_id, anchor.end)
            return problems(self._seal, self._lines(), log_id, end)

    def end(self) -> Link | None:
        """The last entry's number and MAC: written down elsewhere, they show a later rollback to an older copy."""
        with _explained("read"):
            anchor = read_anchor(self._anchor_path, self._seal)
            return None if anchor is None else anchor.end

    def log_id(self) -> str | None:
        """The log's random id; None where its anchor is gone."""
        with _explained("read"):
            anchor = read_anchor(self._anchor_path, self._seal)
            return None if anchor is None else anchor.log_id

    def export(self, out: TextIO, form: Literal["jsonl", "csv"] = "jsonl") -> int:
        """Write the entries to `out` and return how many: `jsonl` byte for byte, so that who has the key can check
        them; `csv` for a spreadsheet."""
        count = 0
        if form == "jsonl":
            for line in self._lines():
                out.write(line.decode("utf-8", "replace"))
                count += 1
            return count
        names = {name for entry in self.entries() for name in entry.fields}
        known = sorted(PEOPLE), sorted(NUMBERS), sorted(CODES)
        columns = ("n", "at", "kind", *(name for group in known for name in group if name in names))
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        for entry in self.entries():
            writer.writerow({"n": entry.number, "at": entry.at, "kind": entry.kind, **entry.fields})
            count += 1
        return count

    def _lines(self) -> Iterator[bytes]:
        with _explained("read"):
            try:
                with self.path.open("rb") as file:
                    yield from file
            except FileNotFoundError:
                return

    # With the lock held

    def _make_private(self) -> None:
        """Files that were copied back from somewhere else may have become readable for others."""
        for path in (self.path, self._anchor_path):
            if path.exists() and path.stat().st_mode & 0o077:
                path.chmod(0o600)

    def _append(self, anchor: Anchor, kind: str, fields: Mapping[str, Scalar]) -> tuple[Anchor, Entry]:
        line, end = self._seal.line(anchor.log_id, anchor.end, self._stamp(), kind, fields)
        self._write(line)
        # From here on the entry is there, whatever happens to the anchor: the next one to come along mends that.
        anchor = self._moved(anchor, end)
        entry = self._seal.read(line[:-1], anchor.log_id)
        if entry is None:
            raise BugError("an audit entry doesn't prove itself")
        return anchor, entry

    def _write(self, lines: bytes) -> None:
        """Add whole lines, or nothing."""
        handle = self._open()
        try:
            size = os.fstat(handle).st_size
            try:
                write_all(handle, lines)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)  # a full disk: leave no half of a line
                raise
        finally:
            os.close(handle)

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds")

    def _open(self) -> int:
        new = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o600)
        if new:
            sync_folder(self.path.parent)
        return handle

    def _caught_up(self) -> Anchor:
        """The anchor, after finishing what an interruption left."""
        anchor = read_anchor(self._anchor_path, self._seal)
        if anchor is None:
            return self._without_anchor()
        end = anchor.end
        handle = self._open()
        try:
            found, lines, rest = self._after(handle, anchor)
            for line in (*lines, rest):
                end = self._following(line, anchor.log_id, end) or end
            if rest:
                self._mend(handle, rest, torn=found and self._seal.read(rest, anchor.log_id) is None)
        finally:
            os.close(handle)
        if end != anchor.end:
            anchor = self._moved(anchor, end)
        return self._append(anchor, BEGINNING, {})[0] if end == START else anchor

    def _following(self, line: bytes, log_id: str, end: Link) -> Link | None:
        """Where the chain stands after `line`, if that is the entry that follows `end`."""
        entry = self._seal.read(line, log_id)
        if entry is None or (entry.number, entry.previous) != (end.number + 1, end.mac):
            return None
        return entry.link

    @staticmethod
    def _mend(handle: int, rest: bytes, *, torn: bool) -> None:
        """End a last line that has no end: one that was never finished goes; one that was tampered with stays, for
        `verify` to name."""
        if torn:
            os.ftruncate(handle, os.fstat(handle).st_size - len(rest))
        else:
            write_all(handle, b"\n")
        os.fsync(handle)

    def _after(self, handle: int, anchor: Anchor) -> tuple[bool, list[bytes], bytes]:
        """Whether the anchor's entry is in the file; the lines after it; and what stands after the last newline."""
        size = os.fstat(handle).st_size
        for length in (*(block for block in _BLOCKS if block < size), size):
            *lines, rest = _read_end(handle, size, length).split(b"\n")
            if length == size and anchor.end == START:
                return True, lines, rest
            for i in range(len(lines) - 1, -1 if length == size else 0, -1):
                entry = self._seal.read(lines[i], anchor.log_id)
                if entry is not None and entry.link == anchor.end:
                    return True, lines[i + 1 :], rest
        return False, [], rest

    def _moved(self, anchor: Anchor, end: Link) -> Anchor:
        moved = Anchor(anchor.log_id, end, anchor.turn + 1)
        write_anchor(self._anchor_path, self._seal, moved)
        return moved

    def _without_anchor(self) -> Anchor:
        """Begin a log, or go on with one whose anchor is gone, and say so in it."""
        last = None
        for entry in self.entries():
            last = entry
        if last is None and any(path.exists() and path.stat().st_size for path in (self.path, self._anchor_path)):
            raise UnavailableError(
                f"{self.path} was not written with this key: put the right key back, or move the audit files away"
            )
        anchor = Anchor(secrets.token_hex(8), START) if last is None else Anchor(last.log_id, last.link)
        create_anchor(self._anchor_path, self._seal, anchor)
        anchor = self._caught_up()
        return anchor if last is None else self._append(anchor, DAMAGE, {})[0]

    def _prune(self, anchor: Anchor, before: datetime) -> int:
        """Rewrite the file without its oldest entries, at once or not at all."""
        removed, last, position, kept_from = 0, None, 0, 0
        for line in self._lines():
            entry = self._seal.read(line.removesuffix(b"\n"), anchor.log_id)
            if entry is None or (entry.kind != CHECKPOINT and datetime.fromisoformat(entry.at) >= before):
                break
            position += len(line)
            if entry.kind != CHECKPOINT:
                removed, last, kept_from = removed + 1, entry.link, position
        if last is None:
            return 0
        part = self.path.with_name(self.path.name + ".new")
        part.unlink(missing_ok=True)
        with self.path.open("rb") as old, _private(part) as new:
            new.write(self._seal.checkpoint(anchor.log_id, last, self._stamp(), {"entries": last.number}))
            old.seek(kept_from)
            while chunk := old.read(1 << 20):
                new.write(chunk)
            new.flush()
            os.fsync(new.fileno())
        part.replace(self.path)
        sync_folder(self.path.parent)
        return removed


def _private(path: Path) -> BinaryIO:
    """A new file that its owner alone may read, opened for writing."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb")


def _read_end(handle: int, size: int, length: int) -> bytes:
    """The last `length` of `size` bytes."""
    os.lseek(handle, size - length, os.SEEK_SET)
    parts = []
    while length > 0 and (part := os.read(handle, length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


@contextlib.contextmanager
def _explained(what: Literal["read", "written"] = "written") -> Iterator[None]:
    """Turn the system's errors into a line for people."""
    try:
        yield
    except OSError as e:
        mend = "mend its permissions" if what == "read" else "free space on its disk or mend its permissions"
        raise UnavailableError(f"the audit log cannot be {what} ({e.strerror or e}): {mend}") from e
