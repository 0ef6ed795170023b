"""A file of records that a passphrase opens, on any machine: scrypt and AES-256-GCM.

    MAGIC, log2 N, r, p (a byte each), salt (16)       the head
    kind (1), length (4), nonce (12), ciphertext       a record, again and again; the last is of another kind

Each record is bound to the head, its place and its kind, so that records that were altered, moved, left out or added
fail, and so does a file that ends before its last record. The key is the passphrase's and the salt's alone, so a nonce
never meets itself: it is the record's number.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from faceapp.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"faceapp gallery 1\n"
LOG2_N, R, P = 17, 8, 1
"""scrypt's cost: 128 MB and half a second of one core for each try (OWASP's recommendation)."""
MAX_LOG2_N, MAX_R, MAX_P = 20, 16, 4
"""What is worked through at most for somebody else's file: 2 GB."""
MAX_RECORD = 64_000_000
"""Bytes of one record."""
SHORTEST = 8
"""Characters of a passphrase for a new file."""

_SALT, _TAG = 16, 16
_MORE, _LAST = b"R", b"E"
_HEAD = struct.Struct(f"<{len(MAGIC)}sBBB{_SALT}s")
_RECORD = struct.Struct("<cI12s")


def check_passphrase(passphrase: str) -> None:
    """Raises InputError for one that is too short for a file of people's faces."""
    if len(passphrase) < SHORTEST:
        raise InputError(f"the passphrase has fewer than {SHORTEST} characters: choose a longer one")


def write_records(file: BinaryIO, passphrase: str, records: Iterable[bytes], *, log2_n: int = LOG2_N) -> None:
    """Write `records`, sealed, to a file that is open for writing. Raises OSError."""
    head = _HEAD.pack(MAGIC, log2_n, R, P, secrets.token_bytes(_SALT))
    cipher = _cipher(passphrase, head)
    file.write(head)
    number = 0
    for record in records:
        file.write(_sealed(cipher, head, number, _MORE, record))
        number += 1
    file.write(_sealed(cipher, head, number, _LAST, b""))


def read_records(file: BinaryIO, passphrase: str, title: str) -> Iterator[bytes]:
    """The records of a file, one after the other; the last one of them says that nothing is missing. `title`: what
    errors call the file. Raises InputError for another passphrase, and for a file that is none, was altered or cut off:
    at the first record for the passphrase, later for the rest. Raises OSError."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(MAGIC):
        raise InputError(f"{title} is no exported gallery: name a file that `faceapp people export --all` wrote")
    _, log2_n, r, p, _ = _HEAD.unpack(head)
    if not (1 <= log2_n <= MAX_LOG2_N and 1 <= r <= MAX_R and 1 <= p <= MAX_P):
        raise InputError(f"{title} asks for more work than any exported gallery: it was altered")
    cipher = _cipher(passphrase, head)
    number = 0
    while True:
        kind, record = _opened(cipher, head, number, file, title)
        if kind == _LAST:
            if file.read(1):
                raise InputError(f"{title} has something behind its end: it was altered")
            return
        yield record
        number += 1


def _cipher(passphrase: str, head: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    _, log2_n, r, p, salt = _HEAD.unpack(head)
    # Two keyboards may write one letter in two ways.
    plain = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    memory = 128 * r * (2**log2_n + p + 2)
    return AESGCM(hashlib.scrypt(plain, salt=salt, n=2**log2_n, r=r, p=p, maxmem=memory + 2**20, dklen=32))


def _bound(head: bytes, number: int, kind: bytes) -> bytes:
    return head + struct.pack("<Q", number) + kind


def _sealed(cipher: AESGCM, head: bytes, number: int, kind: bytes, record: bytes) -> bytes:
    nonce = number.to_bytes(12, "big")
    sealed = cipher.encrypt(nonce, record, _bound(head, number, kind))
    return _RECORD.pack(kind, len(sealed), nonce) + sealed


def _opened(cipher: AESGCM, head: bytes, number: int, file: BinaryIO, title: str) -> tuple[bytes, bytes]:
    from cryptography.exceptions import InvalidTag

    start = file.read(_RECORD.size)
    if len(start) < _RECORD.size:
        raise InputError(f"{title} is cut off: get the whole file again")
    kind, length, nonce = _RECORD.unpack(start)
    if kind not in (_MORE, _LAST) or not _TAG <= length <= MAX_RECORD + _TAG or nonce != number.to_bytes(12, "big"):
        raise InputError(f"{title} was altered or damaged: get the file again")
    sealed = file.read(length)
    if len(sealed) < length:
        raise InputError(f"{title} is cut off: get the whole file again")
    try:
        return kind, cipher.decrypt(nonce, sealed, _bound(head, number, kind))
    except InvalidTag:
        what = "another passphrase opens it, or it" if number == 0 else "it"
        raise InputError(f"{title} cannot be opened: {what} was altered: type the passphrase again") from None
