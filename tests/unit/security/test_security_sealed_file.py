"""Files that a passphrase opens: round trips, and every way of tampering."""

from __future__ import annotations

import hashlib
import io
import struct

import pytest

from faceapp.errors import InputError
from faceapp.security.sealed_file import MAGIC, check_passphrase, read_records, write_records

RECORDS = [b"", b"one", bytes(100_000), b"last"]
WORDS = "correct horse \u00e9"


def sealed(records: list[bytes] = RECORDS) -> bytes:
    file = io.BytesIO()
    write_records(file, WORDS, records, log2_n=8)
    return file.getvalue()


def opened(data: bytes, passphrase: str = WORDS) -> list[bytes]:
    return list(read_records(io.BytesIO(data), passphrase, "F"))


def test_what_went_in_comes_out_and_says_nothing() -> None:
    data = sealed()
    assert opened(data) == RECORDS
    assert opened(sealed([])) == []
    assert b"one" not in data
    assert sealed() != data
    assert opened(data, "correct horse e\u0301") == RECORDS, "another keyboard's accent"


def test_it_is_opened_by_scrypt_and_aes_256_gcm_alone() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    data = sealed([b"one"])
    head, rest = data[: len(MAGIC) + 19], data[len(MAGIC) + 19 :]
    assert head[len(MAGIC) : len(MAGIC) + 3] == bytes([8, 8, 1])
    key = hashlib.scrypt(WORDS.encode(), salt=head[-16:], n=256, r=8, p=1, dklen=32)
    kind, length, nonce = struct.unpack("<cI12s", rest[:17])
    assert AESGCM(key).decrypt(nonce, rest[17 : 17 + length], head + bytes(8) + kind) == b"one"


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(InputError, match="type the passphrase again"):
        opened(sealed(), "correct horse")
    with pytest.raises(InputError, match="longer one"):
        check_passphrase("1234567")
    check_passphrase("12345678")


def test_every_altered_byte_is_noticed() -> None:
    data = sealed([b"one", b"two"])
    for at in range(len(data)):
        bad = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(InputError) as e:
            opened(bad)
        assert "\n" not in str(e.value)


def test_a_file_that_was_cut_off_at_any_place_is_noticed() -> None:
    data = sealed([b"one", b"two"])
    for length in range(len(data)):
        with pytest.raises(InputError):
            opened(data[:length])
    with pytest.raises(InputError, match="behind its end"):
        opened(data + b"x")


def test_records_cannot_change_places_be_left_out_or_repeated() -> None:
    data = sealed([b"one", b"two", b"six"])
    start, size = len(MAGIC) + 19, 17 + 3 + 16
    head, *records = data[:start], *(data[start + k * size : start + (k + 1) * size] for k in range(3))
    end = data[start + 3 * size :]
    for order in ([1, 0, 2], [0, 2], [0, 0, 1, 2], [0, 1], []):
        with pytest.raises(InputError):
            opened(head + b"".join(records[k] for k in order) + end)
    other = sealed([b"one", b"two", b"six"])
    with pytest.raises(InputError):
        opened(data[: start + size] + other[start + size :])


def test_a_file_that_asks_for_endless_work_is_refused() -> None:
    data = bytearray(sealed())
    for at, value in ((0, 21), (0, 0), (1, 255), (2, 5)):
        bad = bytearray(data)
        bad[len(MAGIC) + at] = value
        with pytest.raises(InputError, match="more work"):
            opened(bytes(bad))
    with pytest.raises(InputError, match="is no exported gallery"):
        opened(b"something else entirely, and longer than the head")
