"""The administrator's PIN: kept as a hash, tried a few times only.

scrypt with N = 2^15, r = 8, p = 1 takes 32 MB and about a tenth of a second: hardly noticed by a person, and within
what a small kiosk has to spare. A six-digit PIN is one of a million, which no hash can hide from somebody who tries
them all on a computer of their own (a day on one core). So the hash is keyed with the site's key, too: the file alone,
in a backup say, can't be tried. At the kiosk it is the growing wait that counts: 300 tries a day.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from faceapp.errors import InputError, UnavailableError
from faceapp.files import locked, write_atomically
from faceapp.security.keys import BUSY_SECONDS, LOCK_NAME, PIN_NAME, SiteKeys
from faceapp.security.plain_pins import complaint_about, normalised

VERSION = 1
WAITS = (5.0, 15.0, 60.0, 300.0)
"""Seconds before the next try after `FREE` wrong ones, one more, and so on; the last for all that follow."""
FREE = 3

PinAnswer: TypeAlias = Literal["right", "wrong", "wait", "none"]
"""wait: not even looked at, too many wrong ones went before. none: no PIN was set yet."""

_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class PinVerdict:
    """The answer to a PIN."""

    answer: PinAnswer
    wait_s: float = 0.0
    """Until the next try is looked at, seconds."""


@dataclass(frozen=True, slots=True)
class Cost:
    """scrypt's parameters (RFC 7914)."""

    n: int = 1 << 15
    r: int = 8
    p: int = 1

    @property
    def memory(self) -> int:
        """Bytes that one hash needs."""
        return 128 * self.r * (self.n + self.p + 2)


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    """What the file says."""

    cost: Cost
    salt: bytes
    hash: bytes
    wrong: int
    """Wrong tries since the last right one, a try that was never finished among them."""
    wrong_at: float
    """When the last one was counted, seconds since 1970."""


class PinStore:
    """The PIN of one data directory. Keeps nothing in memory and no file open: any number of threads and processes may
    use it, and they share the count of wrong tries. `check` and `set` take a tenth of a second: not on a GUI thread."""

    def __init__(
        self,
        data_dir: Path,
        *,
        now: Callable[[], float] = time.time,
        cost: Cost | None = None,
        make_keys: Callable[[Path], object] = SiteKeys.open,
    ) -> None:
        """`now`: the wall clock, seconds since 1970: the one clock that goes on over a restart. Setting it forward
        takes the system's administrator; set back it makes a wait begin again. `cost`: of a new hash. `make_keys`
        makes the site's key and its folder where there are none, before the first PIN."""
        self._data_dir = data_dir
        self._path = data_dir / PIN_NAME
        self._now = now
        self._cost = cost or Cost()
        self._make_keys = make_keys

    def has_pin(self) -> bool:
        """Whether one was set. Raises UnavailableError for a file that can't be read or was altered: that is no
        missing PIN."""
        return self._read() is not None

    def check(self, pin: str) -> PinVerdict:
        """Whether `pin` is right. It counts as wrong from before it is looked at until it proves right, so that ending
        the program in between gives no free try.

        Raises UnavailableError where the file can't be read, was altered or can't be written."""
        if self._read() is None:  # nothing is written, not even the lock's file
            return PinVerdict("none")
        with self._locked():
            kept = self._read()
            if kept is None:
                return PinVerdict("none")
            now = self._now()
            wait_s = _wait(kept, now)
            if wait_s > 0:
                if now < kept.wrong_at:  # set back: the wait begins again, and is written so that it also ends
                    self._write(dataclasses.replace(kept, wrong_at=now))
                return PinVerdict("wait", wait_s)
            counted = dataclasses.replace(kept, wrong=kept.wrong + 1, wrong_at=now)
            self._write(counted)
        right = hmac.compare_digest(self._hash(pin, kept.cost, kept.salt), kept.hash)
        if not right:
            return PinVerdict("wrong", _wait(counted, now))
        with self._locked():
            current = self._read()
            if current is not None and current.salt == kept.salt:
                self._write(dataclasses.replace(current, wrong=0, wrong_at=0.0))
        return PinVerdict("right")

    def set(self, new: str, old: str | None, *, first: Callable[[], object] | None = None) -> PinVerdict:
        """Make `new` the PIN: `right` where that was done. Where there is one already, `old` must be it, and is
        answered as `check` would; None is a wrong one that doesn't count. `first` is called when all
        is well and nothing is changed yet; what it raises keeps it so (an audit log that can't be written).

        Raises InputError for a `new` that is too short, too long or too plain, UnavailableError as `check`."""
        complaint = complaint_about(new)
        if complaint is not None:
            raise InputError(complaint)
        before = self._read()
        if before is not None:
            verdict = self.check(old) if old is not None else PinVerdict("wrong")
            if verdict.answer != "right":
                return verdict
        self._make_keys(self._data_dir)
        salt = secrets.token_bytes(16)
        kept = _Kept(self._cost, salt, self._hash(new, self._cost, salt), 0, 0.0)
        with self._locked():
            current = self._read()
            if (current and current.salt) != (before and before.salt):
                return PinVerdict("wrong")  # somebody else has just set another one
            if first is not None:
                first()
            self._write(kept)
        return PinVerdict("right")

    # The hash

    def _hash(self, pin: str, cost: Cost, salt: bytes) -> bytes:
        """scrypt of the PIN, keyed with the site's key. Other threads go on meanwhile."""
        secret = normalised(pin).encode("utf-8", "surrogatepass")
        slow = hashlib.scrypt(secret, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=cost.memory + (1 << 20), dklen=32)
        return hmac.digest(self._key(), b"pin\0" + slow, "sha256")

    def _key(self) -> bytes:
        keys = SiteKeys.open_existing(self._data_dir)
        if keys is None:
            # Nothing needs a key here any more: the PIN's file has gone in this very moment.
            raise UnavailableError("the administrator's PIN was just removed: try again")
        return keys.pin

    # The file

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep every other thread and process from counting."""
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(locked(self._data_dir / LOCK_NAME, BUSY_SECONDS))
            except TimeoutError as e:
                line = "the administrator's PIN is locked by another faceapp: close that one, or try again"
                raise UnavailableError(line) from e
            except OSError as e:
                raise self._unusable(e) from e
            yield

    def _read(self) -> _Kept | None:
        """What the file says; None where there is none. One that others may read is closed to them."""
        try:
            with self._path.open("rb") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                    self._path.chmod(0o600)
                data = file.read(_MOST_BYTES)
        except FileNotFoundError as e:
            if self._path.is_symlink():
                raise self._altered() from e
            return None
        except OSError as e:
            raise self._unusable(e) from e
        return self._parsed(data)

    def _parsed(self, data: bytes) -> _Kept:
        """Raises UnavailableError for anything but what `_write` writes."""
        try:
            raw: Any = json.loads(data)
            newer = raw["version"] > VERSION
        except (ValueError, TypeError, KeyError, RecursionError) as e:
            raise self._altered() from e
        if newer:
            raise UnavailableError(f"{self._path} was written by a newer faceapp: use that one")
        try:
            mac = raw.pop("mac")
            if not hmac.compare_digest(self._seal(raw), bytes.fromhex(mac)):
                raise self._altered()
            cost = Cost(raw["n"], raw["r"], raw["p"])
            kept = _Kept(cost, bytes.fromhex(raw["salt"]), bytes.fromhex(raw["hash"]), raw["wrong"], raw["wrong_at"])
        except (ValueError, TypeError, KeyError, AttributeError) as e:
            raise self._altered() from e
        return kept

    def _write(self, kept: _Kept) -> None:
        raw = {
            "version": VERSION,
            **dataclasses.asdict(kept.cost),
            "salt": kept.salt.hex(),
            "hash": kept.hash.hex(),
            "wrong": kept.wrong,
            "wrong_at": kept.wrong_at,
        }
        content = json.dumps({**raw, "mac": self._seal(raw).hex()}, indent=1).encode() + b"\n"
        try:
            write_atomically(self._path, content)
        except OSError as e:
            raise self._unusable(e) from e

    def _seal(self, raw: dict[str, Any]) -> bytes:
        """Shows that nobody without the site's key has changed the hash, or counted the tries down."""
        body = json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()
        return hmac.digest(self._key(), b"file\0" + body, "sha256")

    def _altered(self) -> UnavailableError:
        return UnavailableError(
            f"{self._path} was altered or belongs to another site's key: put the right one back, or remove it and "
            "set a new PIN"
        )

    def _unusable(self, e: OSError) -> UnavailableError:
        return UnavailableError(
            f"{self._path} cannot be used ({e.strerror or e}): free space on its disk or mend its permissions"
        )


def _wait(kept: _Kept, now: float) -> float:
    """Seconds from `now` until the next try is looked at."""
    if kept.wrong < FREE:
        return 0.0
    wait = WAITS[min(kept.wrong - FREE, len(WAITS) - 1)]
    since = now - kept.wrong_at
    return wait if since < 0 else max(0.0, wait - since)
