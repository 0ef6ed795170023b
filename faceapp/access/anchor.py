"""Where the audit log ends: a small file with two slots, of which one is always whole.

The anchor says how many entries there are and what the last one's MAC is, and is authenticated itself, so that lines
cut off at the end show. It is written into the older of its two slots and flushed: whatever happens meanwhile, the
other one still holds what was true before. It follows the log, never goes before it: after an interruption the log
may have an entry more than the anchor knows, which proves itself, but never one less.

What no file can prevent: somebody who may write here can put back an older copy of both files.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceapp import files
from faceapp.access.chain import Link, Seal
from faceapp.errors import UnavailableError
from faceapp.files import sync_folder

SLOT = 256
"""Bytes of a slot: within one sector, so that a power cut hits one of the two at most."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the anchor file says."""

    log_id: str
    end: Link
    turn: int = 0
    """Counts the writes: the slot with the higher one holds."""


def read_anchor(path: Path, seal: Seal) -> Anchor | None:
    """The anchor in `path`; None where there is none that can be trusted."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    slots = (_slot(data[i : i + SLOT], seal) for i in (0, SLOT))
    return max((slot for slot in slots if slot is not None), key=lambda a: a.turn, default=None)


def create_anchor(path: Path, seal: Seal, anchor: Anchor) -> None:
    """Put a file with `anchor` in place of whatever `path` is, at once or not at all."""
    write_whole(path, _bytes(anchor, seal) * 2)


def write_anchor(path: Path, seal: Seal, anchor: Anchor) -> None:
    """Write `anchor` into its slot and flush it to the disk."""
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    try:
        os.lseek(handle, SLOT * (anchor.turn % 2), os.SEEK_SET)
        write_all(handle, _bytes(anchor, seal))
        os.fsync(handle)
    finally:
        os.close(handle)


def _bytes(anchor: Anchor, seal: Seal) -> bytes:
    body = json.dumps([anchor.turn, anchor.log_id, *anchor.end], separators=(",", ":"))
    return json.dumps([body, seal.mac("anchor", body.encode())]).encode().ljust(SLOT - 1) + b"\n"


def _slot(data: bytes, seal: Seal) -> Anchor | None:
    try:
        body, mac = json.loads(data)
        if not hmac.compare_digest(seal.mac("anchor", body.encode()), mac):
            return None
        fields: Any = json.loads(body)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None  # half written, or not by us
    turn, log_id, number, last = fields
    return Anchor(log_id, Link(number, last), turn)


# Files


def write_all(handle: int, data: bytes) -> None:
    """Write all of `data`, which one call need not do."""
    while data:
        data = data[os.write(handle, data) :]


def write_whole(path: Path, data: bytes) -> None:
    """Put a file with `data` in place of `path`, flushed, readable by its owner only, at once or not at all."""
    part = path.with_name(path.name + ".new")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(part, path)  # noqa: PTH105 - the same as Path.replace
    sync_folder(path.parent)


@contextlib.contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Keep every other thread and process out that asks for the same lock file. It ends with the process.

    Raises UnavailableError where somebody else keeps it for longer than `seconds`."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(files.locked(path, seconds))
        except TimeoutError as e:
            raise UnavailableError("the audit log is locked by another faceapp: close that one, or try again") from e
        yield
