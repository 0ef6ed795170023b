"""What is chosen in the window: in force at once, kept when it closes."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

from faceapp import settings as settings_file
from faceapp.errors import KnownError
from faceapp.settings import Settings

_log = logging.getLogger(__name__)


class Choices:
    """The settings in force. `settings` is replaced whole and may be read from any thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.problem: str | None = None
        """Why the last choice isn't in force."""
        self._chosen: dict[str, object] = {}

    def choose(self, **choice: object) -> None:
        """Put settings in force. Raises ValueError for one that can't be."""
        self.settings = dataclasses.replace(self.settings, **choice)  # type: ignore[arg-type]  # checked by Settings
        self._chosen.update(choice)

    def keep(self, data_dir: Path) -> None:
        """Store what was chosen here, and nothing that came from the command line."""
        if not self._chosen:
            return
        try:
            settings_file.change(data_dir, lambda stored: dataclasses.replace(stored, **self._chosen))  # type: ignore[arg-type]  # as above
        except KnownError as e:
            _log.warning("the choices are not kept: %s", e)
