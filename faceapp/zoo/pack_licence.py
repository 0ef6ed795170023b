"""Terms that somebody accepted: asked for once, remembered in `accepted.json` beside the networks they are of."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from faceapp import files
from faceapp.zoo.files import writing_to

FILE_NAME = "accepted.json"

INSIGHTFACE = "insightface-non-commercial"
"""How these terms are called in that file; others get another name, and are asked for anew."""
TERMS = "InsightFace's pretrained packs are for non-commercial research only"


def is_accepted(directory: Path, terms: str = INSIGHTFACE) -> bool:
    """True if these terms were accepted here before. A file that says nothing we understand says no."""
    return terms in _read(directory)


def remember(directory: Path, terms: str = INSIGHTFACE) -> None:
    """Note, with today's date, that these terms were accepted. Raises UnavailableError where it can't be written."""
    known = _read(directory)
    if terms in known:
        return
    text = json.dumps({**known, terms: date.today().isoformat()}, indent=2) + "\n"
    with writing_to(directory):
        files.write_atomically(directory / FILE_NAME, text.encode())


def _read(directory: Path) -> dict[str, str]:
    try:
        raw = json.loads((directory / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {k: v for k, v in raw.items() if isinstance(v, str)} if isinstance(raw, dict) else {}
