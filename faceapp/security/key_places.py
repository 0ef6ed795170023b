"""Where the site's key can lie: a file of its own outside the data directory, the system's keyring, the environment.

A key in the data directory would be stolen along with what it seals, so none of these is there. Nothing here ever asks
anybody anything: a keyring that can't be used without somebody typing a password is an error in one line.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Protocol

import platformdirs

from faceapp.errors import UnavailableError
from faceapp.files import write_atomically

LENGTH = 32
"""Bytes of the site's key and of each key derived from it."""
LENGTHS = (LENGTH, 2 * LENGTH, 3 * LENGTH)
"""The site's key; with the gallery's key that was made since; with the one that is to follow it."""

KEY_VARIABLE, FOLDER_VARIABLE = "FACEAPP_KEY", "FACEAPP_KEYS_DIR"
SERVICE = "faceapp"
"""Under which name the system's keyring knows our keys."""


class KeyPlace(Protocol):
    """A place that can hold one installation's key."""

    @property
    def name(self) -> str:
        """What people call it: a path, a variable, the keyring's entry."""

    def read(self) -> bytes | None:
        """The key, None where there is none. Raises UnavailableError for what can't be read or is no key."""

    def write(self, key: bytes) -> None:
        """Keep `key` there, in place of another. Raises UnavailableError where that can't be done."""

    def remove(self) -> None:
        """Forget the key there, if there is one. Raises UnavailableError where that can't be done."""


def keys_dir() -> Path:
    """The folder of key files: FACEAPP_KEYS_DIR, else the platform's for configuration. Where the platform keeps data
    and configuration in one folder, a folder beside it."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    usual = Path(platformdirs.user_config_dir("faceapp"))
    if usual == Path(platformdirs.user_data_dir("faceapp")):
        usual = Path(platformdirs.user_config_dir("faceapp-keys"))
    return usual / "keys"


class FilePlace:
    """A file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return str(self._path)

    def read(self) -> bytes | None:
        try:
            with self._path.open("rb") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                    self._path.chmod(0o600)
                data = file.read(max(LENGTHS) + 1)
        except FileNotFoundError as e:
            if self._path.is_symlink():
                line = f"{self._path} points to nothing: put the site's key back, or remove the link"
                raise UnavailableError(line) from e
            return None
        except OSError as e:
            raise unusable(self._path, e) from e
        if len(data) not in LENGTHS:
            raise UnavailableError(f"{self._path} is not a key of {LENGTH} bytes: put the right one back from a backup")
        return data

    def write(self, key: bytes) -> None:
        path = self._path.resolve() if self._path.is_symlink() else self._path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(path, key)
        except OSError as e:
            raise unusable(path, e) from e

    def remove(self) -> None:
        """Overwritten first: a flash drive may keep the bytes all the same."""
        try:
            if not self._path.is_symlink():
                with contextlib.suppress(FileNotFoundError), self._path.open("r+b") as file:
                    file.write(bytes(self._path.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
            self._path.unlink(missing_ok=True)
        except OSError as e:
            raise unusable(self._path, e) from e


class EnvironmentPlace:
    """FACEAPP_KEY, in hexadecimal digits: for machines where something else keeps secrets. We can only read it."""

    @property
    def name(self) -> str:
        return KEY_VARIABLE

    def read(self) -> bytes | None:
        text = os.environ.get(KEY_VARIABLE, "").strip()
        return key_of_text(text, KEY_VARIABLE) if text else None

    def write(self, key: bytes) -> None:  # noqa: ARG002 - as every place has it
        raise UnavailableError(f"{KEY_VARIABLE} can only be changed where it is set, outside faceapp")

    def remove(self) -> None:
        self.write(b"")


class KeyringPlace:
    """The system's keyring: Secret Service or KWallet, Apple's keychain, the Windows vault."""

    def __init__(self, installation_id: str) -> None:
        self._id = installation_id

    @property
    def name(self) -> str:
        return f"the key {self._id} in the system's keyring"

    def read(self) -> bytes | None:
        text = _keyring("read", "get_password", SERVICE, self._id)
        return None if text is None else key_of_text(str(text), self.name)

    def write(self, key: bytes) -> None:
        _keyring("changed", "set_password", SERVICE, self._id, key.hex())
        if self.read() != key:  # some back ends take everything and keep nothing
            raise UnavailableError(f"{self.name} does not keep what it is given: keep the key in a file instead")

    def remove(self) -> None:
        if self.read() is not None:
            _keyring("changed", "delete_password", SERVICE, self._id)


def key_of_text(text: str, where: str) -> bytes:
    """The key that `text` is in hexadecimal digits. Raises UnavailableError for anything else, without repeating it."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) not in LENGTHS:
        digits = ", ".join(str(2 * n) for n in LENGTHS)
        raise UnavailableError(f"{where} is not a key ({digits} hexadecimal digits): put the right one there")
    return key


def _keyring(what: str, function: str, *arguments: str) -> object:
    """Ask the keyring's own back ends, never one that asks for a password on the terminal or keeps keys in the clear
    (the `keyrings.alt` package's)."""
    import keyring  # slow, and only for those who chose it
    import keyring.errors

    backend = keyring.get_keyring()
    backends = getattr(backend, "backends", None) or [backend]
    if not any(type(b).__module__.startswith("keyring.backends.") for b in backends):
        raise UnavailableError(
            f"this system's keyring ({type(backend).__module__}) may ask for a password: keep the key in a file instead"
        )
    try:
        answer: object = getattr(keyring, function)(*arguments)
    except keyring.errors.NoKeyringError as e:
        raise UnavailableError("this system has no keyring: keep the key in a file or in FACEAPP_KEY instead") from e
    except keyring.errors.KeyringError as e:
        raise UnavailableError(
            f"the system's keyring cannot be {what} ({type(e).__name__}): unlock it, or keep the key in a file instead"
        ) from e
    return answer


def unusable(path: Path, e: OSError) -> UnavailableError:
    """What to tell about a key's file, its folder or its lock."""
    if isinstance(e, TimeoutError):
        return UnavailableError("the site's keys are locked by another faceapp: close that one, or try again")
    return UnavailableError(
        f"the site's key {path} cannot be used ({e.strerror or e}): mend its permissions, or choose another folder for "
        f"keys with {FOLDER_VARIABLE}"
    )
