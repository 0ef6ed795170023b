"""Sealing what must not be read from a stolen disk: AES-256-GCM, each sealed thing bound to the place it belongs.

Sealed bytes are a random nonce (12 bytes), the ciphertext, and the tag (16 bytes). What they are bound to goes in as
associated data, so that bytes copied from another row, person or embedding space fail as altered ones do. With random
nonces one key may seal 2^32 things before two nonces meet with a chance of 2^-32 (NIST SP 800-38D, 8.3): no gallery
comes near.
"""

from __future__ import annotations

import functools
import hmac
import secrets
from typing import TYPE_CHECKING

from faceapp.errors import BugError, UnavailableError
from faceapp.security.keys import SiteKeys, fingerprint

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE, TAG = 12, 16
"""Bytes."""
_FORM = b"faceapp sealed 1\0"
"""Goes into the associated data, too: another form of sealing will be another one."""


class Vault:
    """Seals with one key, opens what that or an earlier one sealed. Immutable; any thread may use it."""

    def __init__(self, keys: tuple[bytes, ...], mac_key: bytes) -> None:
        """`keys`: 32 bytes each; the first one seals."""
        if not keys:
            raise BugError("a vault needs a key")
        self._keys = keys
        self._mac_key = mac_key
        self.fingerprint = fingerprint(keys[0])
        """Of the key that seals."""

    @classmethod
    def of(cls, keys: SiteKeys) -> Vault:
        """The vault of a site, as its key's place has it: while a rotation is under way, which of the two keys seals is
        for the gallery to say (`sealing_with`)."""
        return cls(keys.sealing, keys.macs)

    def __repr__(self) -> str:
        return f"Vault({self.fingerprint})"

    def sealing_with(self, mark: str) -> Vault | None:
        """The same keys with the one of fingerprint `mark` sealing; None where it isn't among them."""
        if mark == self.fingerprint:
            return self
        first = [key for key in self._keys if fingerprint(key) == mark]
        if not first:
            return None
        return Vault((*first, *(key for key in self._keys if key not in first)), self._mac_key)

    def also_opening(self, older: Vault) -> Vault:
        """The same, which also opens what `older` sealed: for rows read just before a rotation ended."""
        return Vault((*self._keys, *(key for key in older._keys if key not in self._keys)), self._mac_key)

    def seal(self, plain: bytes, bound: str) -> bytes:
        """`plain` sealed, bound to `bound`: 28 bytes longer, and different each time."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, plain, _associated(bound))

    def open(self, sealed: bytes, bound: str) -> bytes:
        """What `seal` was given. Raises UnavailableError where a byte differs, it was bound to something else or sealed
        with a key we haven't got."""
        from cryptography.exceptions import InvalidTag

        nonce, rest, associated = sealed[:NONCE], sealed[NONCE:], _associated(bound)
        if len(rest) >= TAG:
            for cipher in self._ciphers:
                try:
                    return cipher.decrypt(nonce, rest, associated)
                except InvalidTag:
                    continue
        what = bound.partition("\0")[0] or "something sealed"
        raise UnavailableError(f"the gallery was altered, or is of another key ({what}): restore a backup")

    def mac(self, what: str | bytes, label: str) -> str:
        """64 hexadecimal digits by which `what` is known again among those with the same `label`, and which nobody
        without the key can tell it from. The same for ever: no rotation changes it."""
        data = what.encode("utf-8", "surrogatepass") if isinstance(what, str) else what
        return hmac.digest(self._mac_key, label.encode() + b"\0" + data, "sha256").hex()

    @functools.cached_property
    def _ciphers(self) -> list[AESGCM]:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 45 ms, and a list of people opens nothing

        return [AESGCM(key) for key in self._keys]


def _associated(bound: str) -> bytes:
    return _FORM + bound.encode("utf-8", "surrogatepass")
