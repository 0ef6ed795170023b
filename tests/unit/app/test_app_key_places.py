"""The site's key, kept elsewhere and replaced: whatever is cut short, the gallery opens with what is left."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import numpy as np
import pytest

from faceapp.access.audit import AuditLog
from faceapp.app.audit import existing_log, log_action
from faceapp.app.doctor import examine
from faceapp.app.keys import copy_key, keep_key, key_kept, rotate, set_pin
from faceapp.app.site_keys import pin_store
from faceapp.cli.main import main
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.backups import FOLDER, describe, make_backup
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security import rotation
from faceapp.security.keys import SiteKeys, fingerprint
from faceapp.security.vault import Vault
from tests.fakes.keys import key_file

PHOTO = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg", b"a picture")
PIN = "271828"


@pytest.fixture
def site(data_dir: Path) -> Path:
    """A data directory with Ada in it, a PIN and an audit log."""
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", PHOTO)
    set_pin(data_dir, PIN, None)
    return data_dir


def opens(data_dir: Path) -> bool:
    with GalleryStore.open(data_dir) as store:
        if store.locked:
            return False
        [photo] = store.photos(store.person("Ada").id)
        return store.crop(photo.id) == b"a picture" and len(store.templates("space")) >= 1


def log_of(data_dir: Path) -> AuditLog:
    log = existing_log(data_dir)
    assert log is not None
    return log


# Another key


def test_a_stolen_key_opens_nothing_after_a_rotation_and_the_rest_is_as_it_was(site: Path, tmp_path: Path) -> None:
    before, stolen = SiteKeys.open(site), key_file(site).read_bytes()
    assert rotate(site).sealed == 2
    after = SiteKeys.open(site)
    assert (after.audit, after.badges, after.pin, after.macs) == (before.audit, before.badges, before.pin, before.macs)
    assert after.sealing != before.sealing
    assert opens(site)
    assert pin_store(site).check(PIN).answer == "right"
    assert log_of(site).verify() == []
    assert [e.fields.get("action") for e in log_of(site).entries()][-1] == "key_rotated"
    mended = key_file(site).read_bytes()
    key_file(site).write_bytes(stolen)
    assert not opens(site)
    key_file(site).write_bytes(mended)
    assert rotate(site).sealed == 2, "any number of times"
    assert opens(site)


def test_after_a_rotation_there_is_a_backup_that_can_be_used(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with GalleryStore.open(site) as store:
        make_backup(store.path, site / FOLDER)
    assert main(["--data-dir", str(site), "keys", "rotate", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["older_backups"], done["no_backup"]) == (1, None)
    assert Path(done["backup"]).parent == site / FOLDER
    with GalleryStore.open(site) as store:
        assert describe(Path(done["backup"])).key == store.vault.fingerprint


def test_a_rotation_without_room_for_a_backup_says_so(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / FOLDER).write_text("in the way")
    assert main(["--data-dir", str(site), "keys", "rotate"]) == 0
    assert "no backup was made" in capsys.readouterr().out
    assert opens(site)


def test_nothing_that_the_old_key_sealed_is_left(site: Path) -> None:
    sealed = (site / "gallery.db").read_bytes()
    with GalleryStore.open(site) as store:
        before = store.vault
        cut = [sealed[at : at + 64] for at in range(0, len(sealed) - 64, 64) if len(set(sealed[at : at + 64])) > 40]
    assert cut, "there are random bytes"
    rotate(site)
    left = (site / "gallery.db").read_bytes()
    assert [piece for piece in cut if piece in left] == []
    with GalleryStore.open(site) as store:
        assert store.vault.fingerprint != before.fingerprint


@pytest.mark.parametrize("step", ["key", "gallery"])
def test_a_rotation_that_was_cut_short_leaves_all_usable_and_goes_on(site: Path, step: str) -> None:
    keys = rotation.begin(site)
    if step == "gallery":
        with GalleryStore.open(site) as store:
            new = Vault.of(keys).sealing_with(fingerprint(keys.sealing[1]))
            assert new is not None
            store.rotate(new)
    assert opens(site)
    assert len(SiteKeys.open(site).sealing) == 2
    with GalleryStore.open(site) as store:
        store.add_photo("Bob", PHOTO)
    assert rotate(site).sealed == (4 if step == "key" else 0)
    assert SiteKeys.open(site).sealing == keys.sealing[1:]
    assert opens(site)


def test_a_gallery_that_cannot_be_sealed_anew_keeps_its_key(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceapp.gallery.sealing._AT_ONCE", 1)
    real, count = Vault.seal, 0

    def killed(self: Vault, plain: bytes, bound: str) -> bytes:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        return real(self, plain, bound)

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "seal", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate(site)
    assert opens(site)
    assert rotate(site).sealed == 2
    assert opens(site)


def test_there_must_be_something_to_seal(data_dir: Path) -> None:
    with pytest.raises(InputError, match="no gallery"):
        rotate(data_dir)


# The environment


def test_a_key_in_the_environment(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_key(site, tmp_path / "key")
    with pytest.raises(InputError, match="is there already"):
        copy_key(site, tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnavailableError, match="FACEAPP_KEY is not set"):
        keep_key(site, "environment")
    monkeypatch.setenv("FACEAPP_KEY", (tmp_path / "key").read_text())
    file = Path(rotation.place_for(rotation.installation.load(site)).name)  # type: ignore[arg-type]  # it is there
    assert keep_key(site, "environment") == "FACEAPP_KEY"
    assert not file.exists()
    assert opens(site)
    assert main(["keys", "rotate"]) == 3
    assert main(["keys", "rotate", "--out", str(tmp_path / "next")]) == 0
    assert not opens(site), "until it is put there"
    monkeypatch.setenv("FACEAPP_KEY", (tmp_path / "next").read_text())
    assert opens(site)
    assert log_of(site).verify() == []
    monkeypatch.delenv("FACEAPP_KEY")
    assert not opens(site)
    with pytest.raises(UnavailableError, match="FACEAPP_KEY is missing"):
        log_action(site, "allow")


def test_a_new_site_takes_its_key_from_the_environment(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEAPP_KEY", bytes(range(32)).hex())
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", PHOTO)
    kept = key_kept(data_dir)
    assert kept is not None
    assert (kept.where, kept.name, kept.with_the_data) == ("environment", "FACEAPP_KEY", False)
    for wrong, said in ((bytes(32).hex(), "another data directory"), ("nonsense", "is not a key")):
        monkeypatch.setenv("FACEAPP_KEY", wrong)
        with GalleryStore.open(data_dir) as store, pytest.raises(UnavailableError, match=said) as told:
            store.templates("space")
        assert wrong not in str(told.value)
    monkeypatch.setenv("FACEAPP_KEY", bytes(range(32)).hex())
    assert opens(data_dir)


# The system's keyring


class Ring(keyring.backend.KeyringBackend):
    """One that keeps things in memory."""

    priority = 1.0  # type: ignore[assignment]  # a property there

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgets:
            self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ring]:
    monkeypatch.setattr(Ring, "__module__", "keyring.backends.memory")
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_a_key_in_the_systems_keyring(site: Path, ring: Ring) -> None:
    file = key_file(site)
    assert "in the system's keyring" in keep_key(site, "keyring")
    assert not file.exists()
    assert len(ring.held) == 1
    assert opens(site)
    rotate(site)
    assert opens(site)
    assert keep_key(site, "file") == str(file)
    assert ring.held == {}
    assert opens(site)


def test_a_keyring_that_keeps_nothing_is_found_out(site: Path, ring: Ring) -> None:
    ring.forgets = True
    with pytest.raises(UnavailableError, match="does not keep what it is given"):
        keep_key(site, "keyring")
    assert opens(site)


def test_a_keyring_that_may_ask_for_a_password_is_not_asked(
    site: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ring, "__module__", "keyrings.alt.file")
    with pytest.raises(UnavailableError, match="may ask for a password"):
        keep_key(site, "keyring")
    assert ring.held == {}


def test_a_locked_keyring_locks_the_gallery_and_is_told(
    site: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_key(site, "keyring")

    def refuse(*_: str) -> str:
        raise keyring.errors.KeyringLocked("dismissed")

    monkeypatch.setattr(ring, "get_password", refuse)
    assert not opens(site)
    assert main(["keys", "show"]) == 4


def test_the_keyring_is_imported_for_those_who_chose_it_only(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # importing it fails
    assert opens(site)
    assert main(["keys", "show"]) == 0


# Without it


def test_a_missing_key_is_told_wherever_somebody_looks(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = key_file(site)
    key.unlink()
    capsys.readouterr()
    for words in (["people", "list"], ["people", "show", "Ada"]):
        assert main(words) == 0
        told = capsys.readouterr()
        assert "Ada" in told.out
        assert f"{key} is missing" in told.err
    assert main(["keys", "show"]) == 4, "the audit log can't be verified"
    for name in ("audit.jsonl", "audit.anchor", "admin-pin.json"):
        (site / name).unlink()
    assert main(["keys", "show"]) == 0
    assert f"{key}: it is missing" in capsys.readouterr().out
    lines = {check.name: check for check in examine(str(site))}
    assert (lines["key"].state, lines["gallery"].state) == ("fail", "fail")
