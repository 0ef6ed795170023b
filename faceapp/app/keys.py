"""The site's keys and the PIN, for the command line: what there is, and a new PIN."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from faceapp import settings
from faceapp.access.audit import ANCHOR_NAME
from faceapp.access.audit import FILE_NAME as LOG_NAME
from faceapp.app.audit import PIN_SET, PIN_WRONG, log_action, log_action_if_kept
from faceapp.app.site_keys import pin_store
from faceapp.errors import InputError, KnownError
from faceapp.security import installation, rotation
from faceapp.security.installation import Kept
from faceapp.security.key_places import EnvironmentPlace
from faceapp.security.keys import FILE_NAME as KEY_NAME
from faceapp.security.keys import PIN_NAME, SiteKeys, fingerprint, load, place_of
from faceapp.security.pin import PinStore, PinVerdict
from faceapp.security.vault import Vault

PRIVATE = (KEY_NAME, PIN_NAME, LOG_NAME, ANCHOR_NAME, "gallery.db", "settings.json", "door-secrets.json", "faceapp.log")
"""Files of a data directory that nobody but its owner should be able to read."""

KEY_ROTATED = "key_rotated"


@dataclass(frozen=True, slots=True)
class FileMode:
    """How a file may be used."""

    name: str
    mode: int
    """Permission bits."""
    private: bool
    """Whether it is closed to everybody but its owner."""


@dataclass(frozen=True, slots=True)
class KeyKept:
    """Where the site's key is."""

    where: Kept
    name: str
    """A path, a variable, the keyring's entry."""
    with_the_data: bool
    """It lies in the data directory, and would be stolen with it."""

    missing: bool
    """It was there, and isn't."""

    def text(self) -> str:
        """For people."""
        if self.missing:
            return f"{self.name}: it is missing, put it back from a backup"
        if self.with_the_data:
            return f"{self.name}: it lies with the data, who takes those has both"
        return f"{self.name}: a backup of the data is worth nothing without it, keep a copy of it elsewhere"


@dataclass(frozen=True, slots=True)
class KeysShown:
    """What `keys show` shows: no key, only what they can be compared by."""

    folder: Path
    kept: KeyKept | None
    """None where there is no key yet."""
    fingerprints: dict[str, str]
    """By what the key is for; empty where there is no key yet."""
    has_pin: bool
    files: list[FileMode]
    """The folder itself (`.`), the key's file, and those of PRIVATE that are there."""


def show(data_dir: Path) -> KeysShown:
    """What there is. Raises UnavailableError for a key or a PIN's file that can't be used."""
    kept = key_kept(data_dir)
    names = (".", *([kept.name] if kept and kept.where == "file" else []), *PRIVATE)
    files = [mode for name in names if (mode := _mode(data_dir, name)) is not None]  # before any is mended
    keys = SiteKeys.open_existing(data_dir)
    prints = {}
    if keys is not None:
        prints = {
            name: fingerprint(key) for name, key in [("audit", keys.audit), ("badges", keys.badges), ("pin", keys.pin)]
        }
    return KeysShown(data_dir, kept, prints, PinStore(data_dir).has_pin(), files)


def key_kept(data_dir: Path) -> KeyKept | None:
    """Where the site's key is, or was; None where there was none yet. Raises UnavailableError where that is unknown."""
    known = installation.load(data_dir)
    given = EnvironmentPlace().read() is not None
    old = data_dir / KEY_NAME
    if known is None and not given and not old.exists():
        return None
    place = place_of(data_dir, known)
    where: Kept = "environment" if given else known.kept if known else "file"
    lies_in = where in ("file", "link") and data_dir.resolve() in Path(place.name).resolve().parents
    return KeyKept(where, place.name, lies_in, load(data_dir) is None)


def _mode(data_dir: Path, name: str) -> FileMode | None:
    try:
        mode = stat.S_IMODE((data_dir / name).stat().st_mode)
    except OSError:
        return None
    return FileMode(name, mode, os.name != "posix" or not mode & 0o077)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What became of a rotation."""

    sealed: int
    """How many templates and pictures were sealed anew; 0 where an earlier try had done that."""
    older_backups: int
    """How many backups are sealed with a key that is forgotten now."""
    backup: Path | None
    """The one that was made in the end: there would be none that can be used."""
    no_backup: str | None
    """Why that could not be made."""


def rotate(data_dir: Path, out: Path | None = None) -> Rotated:
    """Seal the gallery with a new key and forget the old one; goes on where an earlier try was cut short. `out`: where
    to write the new key for FACEAPP_KEY, if that is where it is kept. An audit log that is kept learns of it first. In
    the end a backup is made, since those there are need the old key.

    Raises InputError where there is no gallery, UnavailableError where the key or the gallery can't be used."""
    from faceapp.gallery.backups import FOLDER, backups, make_backup
    from faceapp.gallery.backups import rotate as drop_oldest
    from faceapp.gallery.store import GalleryStore

    store = GalleryStore.open_existing(data_dir)
    if store is None:
        raise InputError(f"there is no gallery in {data_dir} yet: its key is made with it")
    with store:
        _ = store.vault  # without the old key nothing can be sealed anew
        log_action_if_kept(data_dir, KEY_ROTATED)
        keys = rotation.begin(data_dir, out)
        vault = Vault.of(keys).sealing_with(fingerprint(keys.sealing[-1]))
        assert vault is not None  # noqa: S101 - one of its own
        sealed = store.rotate(vault)
    rotation.finish(data_dir, vault.fingerprint)
    folder = data_dir / FOLDER
    older = len(backups(folder))
    try:
        keep = settings.load(data_dir).backups.keep
        made = make_backup(store.path, folder)
        older -= len(drop_oldest(folder, keep))
    except KnownError as e:  # the new key is in force all the same
        return Rotated(sealed, older, None, str(e))
    return Rotated(sealed, older, made, None)


def copy_key(data_dir: Path, out: Path) -> None:
    """Write the site's key into the new file `out`, 0600. Raises InputError for one that is there, UnavailableError
    where there is no key or it can't be written."""
    rotation.copy(data_dir, out)


def keep_key(data_dir: Path, where: Kept) -> str:
    """Keep the site's key in another place, and return that place's name. Raises UnavailableError where that fails."""
    return rotation.keep(data_dir, where)


def has_pin(data_dir: Path) -> bool:
    """Whether a PIN was set. Raises UnavailableError where that can't be told."""
    return PinStore(data_dir).has_pin()


def set_pin(data_dir: Path, new: str, old: str | None) -> PinVerdict:
    """Make `new` the PIN, `old` being the one there is, and write that to the audit log first; wrong old ones are
    written there, too. Raises InputError for one that is too plain, UnavailableError where PIN or log can't be written.
    """
    verdict = pin_store(data_dir).set(new, old, first=lambda: log_action(data_dir, PIN_SET))
    if verdict.answer == "wrong":
        log_action(data_dir, PIN_WRONG)
    return verdict
