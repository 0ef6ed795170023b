"""The site's key: 32 random bytes in `site.key`, made once, from which each use gets a key of its own.

The key is made when it is first needed and never replaced: with another one the audit log could not be verified any
more and neither a badge nor the PIN be known. So where a log or a PIN lies without its key, that is said, and nothing
is done.

Who may read the data directory as its owner has the key, too: it keeps others out and shows what was altered by
somebody without it. See SECURITY.md.
"""

from __future__ import annotations

import hmac
import os
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from faceapp.errors import BugError, UnavailableError
from faceapp.files import locked, write_atomically

FILE_NAME, PIN_NAME, LOCK_NAME = "site.key", "admin-pin.json", "security.lock"
LENGTH = 32
"""Bytes of the site's key and of each key derived from it."""
BUSY_SECONDS = 5.0
"""How long to wait for another process that is just making the key."""

SEALED = ("audit.jsonl", "audit.anchor", PIN_NAME)
"""Files that are worth nothing without the key they were written with."""

_HASH = "sha256"
_HASH_LENGTH = 32


def hkdf(key: bytes, info: bytes, length: int = LENGTH, *, salt: bytes = b"") -> bytes:
    """HKDF-SHA256 (RFC 5869): `length` bytes derived from `key` for the use named `info`. An empty `salt` stands for 32
    zero bytes. Raises BugError for more than 8160 bytes."""
    if not 0 < length <= 255 * _HASH_LENGTH:
        raise BugError(f"HKDF-SHA256 gives 1 to {255 * _HASH_LENGTH} bytes, not {length}")
    extracted = hmac.digest(salt or bytes(_HASH_LENGTH), key, _HASH)
    block, out = b"", b""
    for count in range(1, -(-length // _HASH_LENGTH) + 1):
        block = hmac.digest(extracted, block + info + bytes([count]), _HASH)
        out += block
    return out[:length]


def badge_mac(key: bytes, code: str) -> str:
    """What the gallery keeps of a badge: HMAC-SHA256, in hexadecimal, of the code as its reader types it (NFC, without
    blanks around it). Without the key nobody can tell from the gallery's file which badge it was, or try them all."""
    plain = unicodedata.normalize("NFC", code).strip()
    return hmac.digest(key, plain.encode("utf-8", "surrogatepass"), _HASH).hex()


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """The keys of one data directory, derived from its `site.key`. Immutable; any thread may use them."""

    audit: bytes = field(repr=False)
    """Seals the audit log's lines."""
    badges: bytes = field(repr=False)
    """Makes badge codes unreadable in the gallery."""
    pin: bytes = field(repr=False)
    """Keys the hash of the administrator's PIN."""

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """The keys of `data_dir`, made where there are none; a new folder is 0700, the file 0600.

        Raises UnavailableError where the key can't be read or written, isn't one, or is gone while an audit log or a
        PIN that needs it is there."""
        path = data_dir / FILE_NAME
        site_key = _read(path)
        if site_key is None:
            try:
                data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
                with locked(data_dir / LOCK_NAME, BUSY_SECONDS):
                    site_key = _read(path) or _make(path)
            except OSError as e:
                raise _unusable(path, e) from e
        return cls._derived(site_key)

    @classmethod
    def open_existing(cls, data_dir: Path) -> Self | None:
        """As `open`, but nothing is made: None where there is no key and nothing that needs one."""
        orphaned = _sealed(data_dir)  # looked at first: another process makes the key before the log
        site_key = _read(data_dir / FILE_NAME)
        if site_key is None and orphaned:
            raise _missing(data_dir, orphaned)
        return None if site_key is None else cls._derived(site_key)

    @classmethod
    def _derived(cls, site_key: bytes) -> Self:
        return cls(*(hkdf(site_key, b"faceapp %b 1" % use) for use in (b"audit log", b"badges", b"pin")))


def fingerprint(key: bytes) -> str:
    """16 hexadecimal digits to compare keys by; they say nothing about the key."""
    return hkdf(key, b"faceapp fingerprint 1", 8).hex()


def _read(path: Path) -> bytes | None:
    """The key in `path`; None where there is no such file. One that others may read is closed to them."""
    try:
        with path.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                path.chmod(0o600)
            data = file.read(LENGTH + 1)
    except FileNotFoundError as e:
        if path.is_symlink():
            raise UnavailableError(f"{path} points to nothing: put the site's key back, or remove the link") from e
        return None
    except OSError as e:
        raise _unusable(path, e) from e
    if len(data) != LENGTH:
        raise UnavailableError(f"{path} is not a key of {LENGTH} bytes: put the right one back from a backup")
    return data


def _make(path: Path) -> bytes:
    """A new key, in its file for good. With the lock held."""
    if orphaned := _sealed(path.parent):
        raise _missing(path.parent, orphaned)
    site_key = secrets.token_bytes(LENGTH)
    write_atomically(path, site_key)
    return site_key


def _sealed(data_dir: Path) -> list[str]:
    """The files that are there and were written with the key."""
    return [name for name in SEALED if (data_dir / name).exists()]


def _missing(data_dir: Path, orphaned: Sequence[str]) -> UnavailableError:
    what = " and ".join(orphaned)
    return UnavailableError(
        f"{data_dir / FILE_NAME} is missing, and {what} cannot be verified without it: put the key back from a backup, "
        f"or move {what} away to begin anew"
    )


def _unusable(path: Path, e: OSError) -> UnavailableError:
    if isinstance(e, TimeoutError):
        return UnavailableError("the site's keys are locked by another faceapp: close that one, or try again")
    return UnavailableError(
        f"the site's key {path} cannot be used ({e.strerror or e}): mend its permissions or choose another folder"
    )
