"""The site's key: 32 random bytes, made once, from which each use gets a key of its own.

It is made when it is first needed and never replaced: with another one the audit log could not be verified any more and
neither a badge nor the PIN be known. So where a log, a PIN or a gallery lies without its key, that is said, and nothing
is done. What seals faces is another matter: the gallery's key is derived from the site's at first, and `rotation` can
put a new one behind it, so that a key somebody has copied opens no face any more.

The key lies outside the data directory (`key_places`), or a stolen data directory would bring its key along. What
earlier versions kept as `site.key` in the data directory is moved there. See SECURITY.md.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from faceapp.errors import BugError, UnavailableError
from faceapp.files import locked
from faceapp.security import installation
from faceapp.security.installation import Installation
from faceapp.security.key_places import (
    LENGTH,
    EnvironmentPlace,
    FilePlace,
    KeyPlace,
    KeyringPlace,
    keys_dir,
    unusable,
)

FILE_NAME, PIN_NAME, LOCK_NAME = "site.key", "admin-pin.json", "security.lock"
BUSY_SECONDS = 5.0
"""How long to wait for another process that is just making the key."""

SEALED = ("audit.jsonl", "audit.anchor", PIN_NAME)
"""Files that are worth nothing without the key they were written with."""
GALLERY_NAME = "gallery.db"
"""So is this, once there is an installation: from then on a gallery is sealed as soon as it is made."""

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
    """The keys of one data directory, derived from its site's key. Immutable; any thread may use them."""

    audit: bytes = field(repr=False)
    """Seals the audit log's lines."""
    badges: bytes = field(repr=False)
    """Makes badge codes unreadable in the gallery."""
    pin: bytes = field(repr=False)
    """Keys the hash of the administrator's PIN."""
    macs: bytes = field(repr=False)
    """Keys what the gallery knows things by without holding them: which pictures were imported already."""
    sealing: tuple[bytes, ...] = field(repr=False)
    """Seal templates and pictures: the gallery's key, and the one that is to follow it while `rotation` is at it."""

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """The keys of `data_dir`, made where there are none; new folders are 0700, files 0600. A key that lies in the
        data directory is moved out of it.

        Raises UnavailableError where the key can't be read or written, isn't one or another site's, or is gone while an
        audit log, a PIN or a gallery that needs it is there."""
        key = load(data_dir)
        if key is None or not settled(data_dir):
            key = settle(data_dir)
        return cls.of(key)

    @classmethod
    def open_existing(cls, data_dir: Path) -> Self | None:
        """As `open`, but nothing is made: None where there is no key and nothing that needs one."""
        orphaned = _sealed(data_dir)  # looked at first: another process makes the key before the log
        key = load(data_dir)
        if key is None and orphaned:
            raise _missing(data_dir, orphaned)
        return None if key is None else cls.of(key)

    @classmethod
    def of(cls, key: bytes) -> Self:
        """The keys derived from `key`, as its place holds it."""
        site_key, uses = key[:LENGTH], (b"audit log", b"badges", b"pin", b"gallery macs")
        audit, badges, pin, macs = (hkdf(site_key, b"faceapp %b 1" % use) for use in uses)
        return cls(audit, badges, pin, macs, sealing_keys(key))


def sealing_keys(key: bytes) -> tuple[bytes, ...]:
    """The gallery's keys in `key`, as its place holds it: the site's, then those made since, the one in use first."""
    later = tuple(key[at : at + LENGTH] for at in range(LENGTH, len(key), LENGTH))
    return later or (hkdf(key[:LENGTH], b"faceapp gallery 1"),)


def fingerprint(key: bytes) -> str:
    """16 hexadecimal digits to compare keys by; they say nothing about the key."""
    return hkdf(key, b"faceapp fingerprint 1", 8).hex()


# Where it is


def place_of(data_dir: Path, known: Installation | None = None) -> KeyPlace:
    """Where the key of `data_dir` is, or would be put. `known`: its installation, where that was read before."""
    known = known or installation.load(data_dir)
    if EnvironmentPlace().read() is not None:
        return EnvironmentPlace()
    if known is None or known.kept == "link":
        return FilePlace(data_dir / FILE_NAME)
    return place_for(known)


def place_for(known: Installation) -> KeyPlace:
    """The place that `known` names, whatever the environment says."""
    match known.kept:
        case "keyring":
            return KeyringPlace(known.id)
        case "environment":
            return EnvironmentPlace()
        case _:
            return FilePlace(keys_dir() / f"{known.id}.key")


def load(data_dir: Path) -> bytes | None:
    """The key of `data_dir` as its place holds it; None where there is none. Raises UnavailableError for one that can't
    be read, is none, or is not the one this data directory was written with."""
    known = installation.load(data_dir)
    place = place_of(data_dir, known)
    key = place.read()
    if key is None and known is not None:
        place = FilePlace(data_dir / FILE_NAME)  # being moved, or put back there from a backup
        key = place.read()
    if key is not None and known is not None and fingerprint(key[:LENGTH]) != known.fingerprint:
        raise UnavailableError(
            f"{place.name} is the key of another data directory: put the right one back from a backup"
        )
    return key


def settled(data_dir: Path) -> bool:
    """Whether the key is where it belongs: nothing is to be moved or written down."""
    known = installation.load(data_dir)
    return known is not None and (known.kept == "link" or not (data_dir / FILE_NAME).exists())


def settle(data_dir: Path) -> bytes:
    """Make the key of `data_dir` where there is none, and put one that lies in it where it belongs. Each step leaves
    something that the next try can finish. Raises UnavailableError as `SiteKeys.open`."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(data_dir / LOCK_NAME, BUSY_SECONDS):
            return _settle(data_dir)
    except OSError as e:
        raise unusable(data_dir / FILE_NAME, e) from e


def _settle(data_dir: Path) -> bytes:
    """With the lock held."""
    known, key, old = installation.load(data_dir), load(data_dir), data_dir / FILE_NAME
    if key is None:
        return _make(data_dir, known)
    if known is None:
        kept: installation.Kept = "file"
        if EnvironmentPlace().read() is not None:
            kept = "environment"
        elif old.is_symlink():
            kept = "link"
        known = Installation(uuid.uuid4().hex, kept, fingerprint(key[:LENGTH]))
        installation.save(data_dir, known)
    if known.kept != "link" and old.exists():
        if (FilePlace(old).read() or key)[:LENGTH] != key[:LENGTH]:
            raise UnavailableError(f"{old} and {place_of(data_dir, known).name} are two keys: move the wrong one away")
        if known.kept != "environment" and place_for(known).read() != key:
            place_for(known).write(key)
        FilePlace(old).remove()
    return key


def _make(data_dir: Path, known: Installation | None) -> bytes:
    """A new key, in its place for good. With the lock held."""
    if orphaned := [*_sealed(data_dir), *_sealed_gallery(data_dir, known)]:
        raise _missing(data_dir, orphaned)
    if known is not None and known.kept == "environment":
        raise UnavailableError("FACEAPP_KEY is not set, and this data directory's key is kept there: set it")
    key = secrets.token_bytes(LENGTH)
    new = Installation(known.id if known else uuid.uuid4().hex, known.kept if known else "file", fingerprint(key))
    place_for(new).write(key)  # before its name is written down: a kill in between leaves a key that seals nothing
    installation.save(data_dir, new)
    return key


def _sealed(data_dir: Path) -> list[str]:
    """The files that are there and were written with the key."""
    return [name for name in SEALED if (data_dir / name).exists()]


def _sealed_gallery(data_dir: Path, known: Installation | None) -> list[str]:
    gallery = data_dir / GALLERY_NAME
    return [GALLERY_NAME] if known is not None and gallery.exists() and gallery.stat().st_size else []


def _missing(data_dir: Path, orphaned: Sequence[str]) -> UnavailableError:
    what, place = " and ".join(orphaned), place_of(data_dir).name
    use = "opened" if GALLERY_NAME in orphaned else "verified"
    return UnavailableError(
        f"{place} is missing, and {what} cannot be {use} without it: put the key back from a backup, "
        f"or move {what} away to begin anew"
    )
