"""Which installation a data directory belongs to, and where its key is kept: `installation.json`, no secret in it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from faceapp.errors import UnavailableError
from faceapp.files import write_atomically

FILE_NAME = "installation.json"
VERSION = 1

Kept: TypeAlias = Literal["file", "keyring", "environment", "link"]
"""Where the key is. file: in the folder of keys, outside the data directory. keyring: the system's. environment:
FACEAPP_KEY. link: where the symbolic link `site.key` in the data directory points, for sites that made one."""

_ID = re.compile(r"[0-9a-f]{32}")
_MARK = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Installation:
    """One data directory, wherever it is moved."""

    id: str
    """Random, 32 hexadecimal digits: the key's name."""
    kept: Kept
    fingerprint: str
    """Of the site's key: another one is not taken for it."""


def load(data_dir: Path) -> Installation | None:
    """The installation of `data_dir`; None where no key was ever made. Raises UnavailableError for a file that can't be
    read or was damaged."""
    path = data_dir / FILE_NAME
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as e:
        raise UnavailableError(f"{path} cannot be read ({e.strerror or e}): mend its permissions") from e
    except (ValueError, RecursionError) as e:
        raise _damaged(path) from e
    if not isinstance(raw, dict) or not isinstance(raw.get("version"), int):
        raise _damaged(path)
    if raw["version"] > VERSION:
        raise UnavailableError(f"{path} was written by a newer faceapp: use that one")
    found = Installation(str(raw.get("id")), raw.get("kept"), str(raw.get("fingerprint")))  # type: ignore[arg-type]  # looked at next
    if not _ID.fullmatch(found.id) or not _MARK.fullmatch(found.fingerprint) or found.kept not in get_args(Kept):
        raise _damaged(path)
    return found


def save(data_dir: Path, installation: Installation) -> None:
    """Write it down, whole or not at all, 0600. Raises OSError."""
    content = json.dumps({"version": VERSION, **asdict(installation)}, indent=1).encode() + b"\n"
    write_atomically(data_dir / FILE_NAME, content)


def _damaged(path: Path) -> UnavailableError:
    return UnavailableError(f"{path} is damaged: put it back from a backup, it says where the site's key is")
