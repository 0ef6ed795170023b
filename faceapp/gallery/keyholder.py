"""The key a gallery is sealed with, as one process holds it: found when the gallery is opened, followed when it is
changed by another process, missed where it is gone."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection

from faceapp.errors import UnavailableError
from faceapp.gallery.sealing import key_mark
from faceapp.security.keys import SiteKeys, place_of
from faceapp.security.vault import Vault


class Keyholder:
    """Has the vault, or the reason why not. Any thread may ask.

    A gallery says by a fingerprint which key it is sealed with, and every transaction looks at that first: a writer
    seals with the key of the state it changes, whoever changed the key a moment ago.
    """

    def __init__(self, path: Path, mark: str) -> None:
        """`path`: the gallery's file. `mark`: fingerprint of the key it is sealed with."""
        self._path = path
        self._lock = threading.Lock()  # two threads may both notice a new key
        self._vault: Vault | None = None
        self._reason = ""
        try:
            self._vault = self._found(mark)
        except UnavailableError as e:
            self._reason = f"{e}; until then people can be listed, and nobody is recognised or changed"

    @property
    def locked(self) -> bool:
        """Whether the key is missing: what is sealed can't be read, and nothing is written."""
        return self._vault is None

    @property
    def vault(self) -> Vault:
        """Raises UnavailableError, with the reason, where the key is missing."""
        if self._vault is None:
            raise UnavailableError(self._reason)
        return self._vault

    def before_reading(self, connection: Connection) -> None:
        """Have the key that `connection`'s state is sealed with, if it can be had. A state that is older than another
        thread's is no reason to seal with an older key."""
        if self._vault is not None and (mark := key_mark(connection)) and self._vault.sealing_with(mark) is None:
            self._follow(mark)

    def before_writing(self, connection: Connection) -> None:
        """Seal with the key that `connection`'s state, the newest, is sealed with."""
        mark = key_mark(connection)
        if mark is None or mark == self.vault.fingerprint:
            return
        vault = self.vault.sealing_with(mark)
        if vault is None:
            self._follow(mark)
        else:
            self._vault = vault

    def _follow(self, mark: str) -> None:
        with self._lock:
            held = self.vault
            if held.sealing_with(mark) is None:
                self._vault = self._found(mark).also_opening(held)

    def _found(self, mark: str) -> Vault:
        data_dir = self._path.parent
        keys = SiteKeys.open_existing(data_dir)
        if keys is None:
            raise UnavailableError(
                f"{self._path} is sealed, and its key ({place_of(data_dir).name}) is missing: put it back from a backup"
            )
        vault = Vault.of(keys).sealing_with(mark)
        if vault is None:
            raise UnavailableError(
                f"{self._path} is sealed with another key than {place_of(data_dir).name}: put the right one back from "
                "a backup"
            )
        return vault
