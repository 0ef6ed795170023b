"""Another key for the gallery, and another place for the site's.

A rotation has three steps, and may be cut short between any two of them. First the new key is put beside the old one,
in the old one's place. Then the gallery is sealed anew in one transaction, which also writes down the new key's
fingerprint: from that moment on the new key is the gallery's, before it the old one is, and both are known. Last the
old one is forgotten. Whoever comes after a kill sees by the fingerprint how far it came.

Only the gallery's key is changed. The audit log's, the badges' and the PIN's stay: the log's lines would have to be
sealed anew, which is what somebody does who forges them, and of badges and the PIN only hashes are known.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from faceapp.errors import InputError, UnavailableError
from faceapp.files import locked, sync_folder
from faceapp.security import installation, keys
from faceapp.security.installation import Kept
from faceapp.security.key_places import KEY_VARIABLE, LENGTH, EnvironmentPlace, unusable
from faceapp.security.keys import SiteKeys, fingerprint, load, place_for, place_of, sealing_keys


def begin(data_dir: Path, out: Path | None = None) -> SiteKeys:
    """The keys of `data_dir` with the gallery's next one behind the one in use: the one that a rotation before this one
    left, or a new one. `out`: where to write the key as FACEAPP_KEY is to hold it afterwards; needed where it is there
    now, because we can't change that.

    Raises UnavailableError where there is no key or its place can't be written, InputError for an `out` that is there
    already."""
    with _held(data_dir):
        key = _require(data_dir)
        place = place_of(data_dir)
        sealing = sealing_keys(key)
        if isinstance(place, EnvironmentPlace):
            if out is None:
                line = f"{KEY_VARIABLE} holds the key: give --out FILE for the new one, then put what is in FILE there"
                raise InputError(line)
            if len(sealing) == 1:
                sealing = (*sealing, secrets.token_bytes(LENGTH))
            _write_text(out, key[:LENGTH] + sealing[1])
            return SiteKeys.of(key[:LENGTH] + b"".join(sealing))
        if len(sealing) == 1:
            sealing = (*sealing, secrets.token_bytes(LENGTH))
            place.write(key[:LENGTH] + b"".join(sealing))
        return SiteKeys.of(key[:LENGTH] + b"".join(sealing))


def finish(data_dir: Path, mark: str) -> None:
    """Forget every gallery's key but the one of fingerprint `mark`, which the gallery is sealed with now."""
    with _held(data_dir):
        key = _require(data_dir)
        place = place_of(data_dir)
        kept = [k for k in sealing_keys(key) if fingerprint(k) == mark]
        if kept and len(sealing_keys(key)) > 1 and not isinstance(place, EnvironmentPlace):
            place.write(key[:LENGTH] + kept[0])


def copy(data_dir: Path, out: Path) -> None:
    """Write the key into the new file `out`, 0600, in hexadecimal digits: for safe keeping, or for FACEAPP_KEY. Raises
    InputError for a file that is there already."""
    _write_text(out, _require(data_dir))


def keep(data_dir: Path, where: Kept) -> str:
    """Keep the key in another place, and return its name. It is forgotten in the old one when the new one has given it
    back. To be kept in the environment it must be there already: `copy` writes it down.

    Raises UnavailableError where either place fails, and for an environment without the key."""
    with _held(data_dir):
        key = _require(data_dir)
        known = installation.load(data_dir)
        if known is None:
            raise UnavailableError("no key was made here yet: there is nothing to move")
        given = EnvironmentPlace().read()
        if where == "environment" and given is None:
            raise UnavailableError(f"{KEY_VARIABLE} is not set: put there what `faceapp keys copy` writes down")
        old, new = replace(known), replace(known, kept=where)
        if where != "environment":
            place_for(new).write(key)
        if (place_for(new).read() or b"")[:LENGTH] != key[:LENGTH]:
            raise UnavailableError(
                f"{place_for(new).name} holds another key: nothing was changed, put the right one there"
            )
        installation.save(data_dir, new)
        if old.kept not in (where, "environment", "link"):
            place_for(old).remove()
        return place_for(new).name


def _require(data_dir: Path) -> bytes:
    key = load(data_dir)
    if key is None:
        raise UnavailableError(f"{place_of(data_dir).name} is missing: put the key back from a backup")
    return key


def _write_text(out: Path, key: bytes) -> None:
    """Never over a file that is there: it may be the only copy of another key."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(out.absolute().parent)
    except FileExistsError as e:
        raise InputError(f"{out} is there already: choose another name") from e
    except OSError as e:
        raise UnavailableError(f"{out} cannot be written ({e.strerror}): choose another place") from e


@contextlib.contextmanager
def _held(data_dir: Path) -> Iterator[None]:
    """Keep every other process from making, moving or changing the key."""
    SiteKeys.open_existing(data_dir)  # says what is wrong with it before anything is written
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(data_dir / keys.LOCK_NAME, keys.BUSY_SECONDS))
        except OSError as e:
            raise unusable(data_dir / keys.LOCK_NAME, e) from e
        yield
