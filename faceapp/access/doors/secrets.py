"""What a door's adapter must know and nobody may see: user, password, the shared secret, whom to trust."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self

from faceapp.errors import UnavailableError

FILE_NAME = "door-secrets.json"
"""In the data directory, for its owner alone: `{"user": …, "password": …, "secret": …, "ca_file": …}`, all optional."""

_VARIABLES = {
    "user": "FACEAPP_DOOR_USER",
    "password": "FACEAPP_DOOR_PASSWORD",
    "secret": "FACEAPP_DOOR_SECRET",
    "ca_file": "FACEAPP_DOOR_CA",
}


@dataclass(frozen=True, slots=True)
class DoorSecrets:
    """Of one site's door. Shows nothing of itself in a log or a traceback."""

    user: str | None = field(default=None, repr=False)
    """For a broker that wants to know who we are."""
    password: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    """Shared with a webhook's receiver, which signs and checks with it."""
    ca_file: Path | None = field(default=None, repr=False)
    """The certificate (PEM) that the door's own must be signed by; None: those that the system trusts."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], data_dir: Path) -> Self:
        """From FACEAPP_DOOR_USER, _PASSWORD, _SECRET and _CA; what is not set there from `door-secrets.json`.

        A relative `ca_file` in the file lies in `data_dir`. Raises UnavailableError for a file that cannot be read,
        holds something else, or may be read by others than its owner.
        """
        found = _of_file(data_dir / FILE_NAME)
        if "ca_file" in found:
            found["ca_file"] = str(data_dir / Path(found["ca_file"]).expanduser())
        found |= {name: environ[variable] for name, variable in _VARIABLES.items() if environ.get(variable)}
        ca_file = found.pop("ca_file", None)
        return cls(**found, ca_file=None if ca_file is None else Path(ca_file))


def _of_file(file: Path) -> dict[str, str]:
    try:
        with file.open("rb") as f:
            if os.name == "posix" and stat.S_IMODE(os.fstat(f.fileno()).st_mode) & 0o077:
                raise UnavailableError(f"{file} may be read by others: chmod 600 it, and change what is in it")
            content = json.load(f)
    except FileNotFoundError:
        return {}
    except OSError as e:
        raise UnavailableError(f"{file} cannot be read ({e.strerror}): see to its permissions") from e
    except ValueError:  # its text may hold a secret: it is not repeated, nor kept as a cause
        raise UnavailableError(f"{file} is not JSON: correct it or delete it") from None
    known = [f.name for f in fields(DoorSecrets)]
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise UnavailableError(f"{file} must hold an object of texts: {', '.join(known)}")
    if content.keys() - set(known):
        raise UnavailableError(f"{file} has a key that means nothing: it may have {', '.join(known)}")
    return {name: value for name, value in content.items() if value}
