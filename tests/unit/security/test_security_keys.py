"""The site's key: made once, for its owner only, never silently replaced, never shown."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from faceapp.errors import BugError, UnavailableError
from faceapp.files import locked
from faceapp.security.key_places import keys_dir
from faceapp.security.keys import FILE_NAME, LENGTH, LOCK_NAME, SEALED, SiteKeys, badge_mac, fingerprint, hkdf
from tests.fakes.keys import key_file

ROOT = Path(__file__).parents[3]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# RFC 5869, appendix A: input, salt, info, length, output. The two others are for SHA-1.
VECTORS = [
    (
        "0b" * 22,
        bytes(range(13)).hex(),
        bytes(range(0xF0, 0xFA)).hex(),
        42,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        bytes(range(80)).hex(),
        bytes(range(0x60, 0xB0)).hex(),
        bytes(range(0xB0, 0x100)).hex(),
        82,
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        "0b" * 22,
        "",
        "",
        42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
]


@pytest.mark.parametrize(("key", "salt", "info", "length", "out"), VECTORS)
def test_hkdf_gives_what_the_rfc_gives(key: str, salt: str, info: str, length: int, out: str) -> None:
    given = hkdf(bytes.fromhex(key), bytes.fromhex(info), length, salt=bytes.fromhex(salt))
    assert given.hex() == out


@pytest.mark.parametrize("length", [0, -1, 255 * 32 + 1])
def test_hkdf_gives_no_more_than_it_can(length: int) -> None:
    with pytest.raises(BugError, match="8160"):
        hkdf(bytes(32), b"", length)


def test_a_key_is_made_once_for_its_owner_alone(data_dir: Path) -> None:
    first = SiteKeys.open(data_dir)
    assert mode(data_dir) == 0o700
    assert mode(key_file(data_dir)) == 0o600
    assert mode(key_file(data_dir).parent) == 0o700
    assert data_dir not in key_file(data_dir).parents
    assert key_file(data_dir).stat().st_size == LENGTH
    assert SiteKeys.open(data_dir) == first == SiteKeys.open_existing(data_dir)


def test_each_use_and_each_site_has_a_key_of_its_own(tmp_path: Path) -> None:
    one, other = SiteKeys.open(tmp_path / "one"), SiteKeys.open(tmp_path / "other")
    keys = [k for site in (one, other) for k in (site.audit, site.badges, site.pin)]
    keys += [key for site in (one, other) for key in (site.macs, *site.sealing)]
    keys += [key_file(tmp_path / name).read_bytes() for name in ("one", "other")]
    assert len(set(keys)) == 12
    assert {len(k) for k in keys} == {LENGTH}


def test_the_labels_never_change(data_dir: Path) -> None:
    """Another label is another key: every site's log would look altered after an update."""
    data_dir.mkdir()
    (data_dir / FILE_NAME).write_bytes(bytes(range(32)))
    keys = SiteKeys.open(data_dir)
    assert keys.audit == hkdf(bytes(range(32)), b"faceapp audit log 1")
    assert keys.badges == hkdf(bytes(range(32)), b"faceapp badges 1")
    assert keys.pin == hkdf(bytes(range(32)), b"faceapp pin 1")
    assert keys.macs == hkdf(bytes(range(32)), b"faceapp gallery macs 1")
    assert keys.sealing == (hkdf(bytes(range(32)), b"faceapp gallery 1"),)


def test_who_only_looks_makes_nothing(data_dir: Path) -> None:
    assert SiteKeys.open_existing(data_dir) is None
    assert not data_dir.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("look", [SiteKeys.open, SiteKeys.open_existing])
def test_a_key_that_others_may_read_is_closed(data_dir: Path, look: type) -> None:
    SiteKeys.open(data_dir)
    key_file(data_dir).chmod(0o644)
    look(data_dir)
    assert mode(key_file(data_dir)) == 0o600


def test_all_who_race_for_the_first_key_get_the_same(data_dir: Path) -> None:
    start, got = threading.Barrier(8), []

    def make() -> None:
        start.wait()
        got.append(SiteKeys.open(data_dir))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(got) == 8
    assert len({keys.audit for keys in got}) == 1


RACER = """
import sys
from pathlib import Path
from faceapp.security.keys import SiteKeys, fingerprint
print("ready", flush=True)
sys.stdin.readline()
print(fingerprint(SiteKeys.open(Path(sys.argv[1])).audit))
"""


def test_processes_that_race_get_the_same_too(data_dir: Path) -> None:
    command = [sys.executable, "-c", RACER, str(data_dir)]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = {racer.communicate(timeout=20)[0].strip() for racer in racers}
    assert said == {fingerprint(SiteKeys.open(data_dir).audit)}


@pytest.mark.parametrize("orphan", SEALED)
@pytest.mark.parametrize("look", [SiteKeys.open, SiteKeys.open_existing])
def test_a_missing_key_is_named_and_not_replaced(data_dir: Path, orphan: str, look: type) -> None:
    data_dir.mkdir()
    (data_dir / orphan).write_text("something")
    with pytest.raises(UnavailableError, match=rf"site\.key is missing, and {orphan} cannot be verified"):
        look(data_dir)
    assert not (data_dir / FILE_NAME).exists()


@pytest.mark.parametrize("content", [b"", b"short", bytes(31), bytes(33), bytes(1 << 20)])
def test_what_is_no_key_is_not_used(data_dir: Path, content: bytes) -> None:
    data_dir.mkdir()
    (data_dir / FILE_NAME).write_bytes(content)
    for look in (SiteKeys.open, SiteKeys.open_existing):
        with pytest.raises(UnavailableError, match="is not a key of 32 bytes"):
            look(data_dir)
    assert (data_dir / FILE_NAME).read_bytes() == content


def test_a_link_to_nothing_is_not_replaced(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / FILE_NAME).symlink_to(data_dir / "unplugged")
    with pytest.raises(UnavailableError, match="points to nothing"):
        SiteKeys.open(data_dir)
    assert (data_dir / FILE_NAME).is_symlink()


def test_a_key_may_lie_elsewhere(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEAPP_KEYS_DIR", str(tmp_path / "keys"))
    others = set(keys_dir().glob("*.key"))
    key = tmp_path / "stick"
    key.write_bytes(bytes(range(32)))
    data_dir.mkdir()
    (data_dir / FILE_NAME).symlink_to(key)
    for _ in range(2):
        assert SiteKeys.open(data_dir) == SiteKeys.open_existing(data_dir) == SiteKeys.of(bytes(range(32)))
    assert (data_dir / FILE_NAME).readlink() == key
    assert set(keys_dir().glob("*.key")) == others


def test_a_folder_that_cannot_be_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=r"cannot be (used|read) \(.+\): mend its permissions") as told:
        SiteKeys.open(tmp_path / "file")
    assert "\n" not in str(told.value)


def test_a_lock_that_somebody_keeps_is_told(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceapp.security.keys.BUSY_SECONDS", 0.05)
    data_dir.mkdir()
    with locked(data_dir / LOCK_NAME, 1.0), pytest.raises(UnavailableError, match="locked by another faceapp"):
        SiteKeys.open(data_dir)
    assert SiteKeys.open(data_dir)


# Badges


def test_a_badge_is_known_however_it_is_typed() -> None:
    key = bytes(32)
    assert badge_mac(key, " 04:A2 \n") == badge_mac(key, "04:A2")
    assert badge_mac(key, "Mu\u0308ller") == badge_mac(key, "M\u00fcller")
    assert len(bytes.fromhex(badge_mac(key, ""))) == 32
    assert badge_mac(key, "\udc80")  # what a terminal makes of a byte that is no text


def test_other_badges_and_other_sites_have_other_macs() -> None:
    assert len({badge_mac(key, code) for key in (bytes(32), bytes([1] * 32)) for code in ("04A2", "04a2", "04A")}) == 6


# Secrets


def test_no_key_is_shown(data_dir: Path) -> None:
    keys = SiteKeys.open(data_dir)
    raw = key_file(data_dir).read_bytes()
    shown = f"{keys!r} {keys} {[keys]}"
    for secret in (raw, keys.audit, keys.badges, keys.pin, keys.macs, *keys.sealing):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
        assert fingerprint(secret) not in secret.hex()
