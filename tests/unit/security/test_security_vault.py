"""Sealing: nothing opens but where it belongs, with the key it was sealed with, as it was."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from faceapp.errors import UnavailableError
from faceapp.security.vault import NONCE, TAG, Vault

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
BOUND = "template.vector\0photo\0person\0space"


@pytest.fixture
def vault() -> Vault:
    return Vault((KEY,), bytes(32))


@pytest.mark.parametrize("plain", [b"", b"x", bytes(2560)])
def test_what_is_sealed_opens(vault: Vault, plain: bytes) -> None:
    sealed = vault.seal(plain, BOUND)
    assert vault.open(sealed, BOUND) == plain
    assert len(sealed) == NONCE + len(plain) + TAG
    assert vault.seal(plain, BOUND) != sealed, "another nonce each time"


def test_it_is_aes_256_gcm_as_the_library_has_it(vault: Vault) -> None:
    """The form on the disk stays: nonce, ciphertext, tag; as associated data its name and what it is bound to."""
    nonce = bytes(12)
    sealed = nonce + AESGCM(KEY).encrypt(nonce, b"face", b"faceapp sealed 1\0" + BOUND.encode())
    assert vault.open(sealed, BOUND) == b"face"


@pytest.mark.parametrize("bound", ["", "photo.crop", BOUND + "x", BOUND.replace("person", "other"), BOUND[:-1]])
def test_what_was_put_elsewhere_does_not_open(vault: Vault, bound: str) -> None:
    with pytest.raises(UnavailableError, match=r"^the gallery was altered.*restore a backup$"):
        vault.open(vault.seal(b"face", BOUND), bound)


def test_what_was_altered_does_not_open(vault: Vault) -> None:
    sealed = vault.seal(b"face", BOUND)
    spoilt = [sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :] for n in range(len(sealed))]
    for wrong in [*spoilt, sealed[:-1], sealed + b"\0", b"", sealed[:NONCE]]:
        with pytest.raises(UnavailableError):
            vault.open(wrong, BOUND)


def test_another_key_opens_nothing(vault: Vault) -> None:
    with pytest.raises(UnavailableError):
        Vault((OTHER,), bytes(32)).open(vault.seal(b"face", BOUND), BOUND)


def test_a_vault_of_two_keys_opens_both_and_seals_with_the_first(vault: Vault) -> None:
    other = Vault((OTHER,), bytes(32))
    both = vault.also_opening(other)
    assert both.open(other.seal(b"face", BOUND), BOUND) == b"face"
    assert vault.open(both.seal(b"face", BOUND), BOUND) == b"face"
    turned = both.sealing_with(other.fingerprint)
    assert turned is not None
    assert other.open(turned.seal(b"face", BOUND), BOUND) == b"face"
    assert turned.open(vault.seal(b"face", BOUND), BOUND) == b"face"
    assert vault.sealing_with(other.fingerprint) is None


def test_a_mac_knows_again_and_survives_another_key(vault: Vault) -> None:
    assert vault.mac("a", "x") == vault.mac(b"a", "x") == Vault((OTHER,), bytes(32)).mac("a", "x")
    assert len({vault.mac("a", "x"), vault.mac("b", "x"), vault.mac("a", "y"), Vault((KEY,), KEY).mac("a", "x")}) == 4


def test_no_key_is_shown(vault: Vault) -> None:
    assert KEY.hex()[:8] not in f"{vault!r} {vault} {vault.fingerprint}"
