"""Notes in models/statistics/pictures.json whose pictures a shipped number was really made from.

Whoever computes such a number (`calibrate.py`, `collect_ranges.py`) notes it here with the pictures it has just looked
at: the first digits of their SHA-256 alone, and those of the number itself, so that a number that was changed without
its note is found (`tests/unit/evaluation/test_overlap.py`). Beside the numbers, not in them: their files' fingerprints
decide what is built anew, and who was looked at changes no network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from faceapp import paths
from faceapp.evaluation.overlap import DIGITS

NOTES = paths.manifest_dir() / "statistics" / "pictures.json"


def digest(content: bytes) -> str:
    """What pictures and numbers are known by."""
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def numbers_digest(numbers: object) -> str:
    """Of numbers as JSON writes them."""
    return digest(json.dumps(numbers).encode())


def note(statistic: str, numbers: object, pictures: Iterable[Path], file: Path = NOTES) -> None:
    """Put down that `numbers` were made from `pictures`. Lists that several share are kept once."""
    raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    used = sorted({digest(p.read_bytes()) for p in pictures})
    key = numbers_digest(used)
    statistics = {**raw.get("statistics", {}), statistic: {"numbers": numbers_digest(numbers), "pictures": key}}
    lists = {**raw.get("pictures", {}), key: used}
    kept = {s["pictures"] for s in statistics.values()}
    text = {
        "digest": f"first {DIGITS} digits of a SHA-256",
        "statistics": dict(sorted(statistics.items())),
        "pictures": {k: v for k, v in sorted(lists.items()) if k in kept},
    }
    file.write_text(json.dumps(text, indent=0) + "\n", encoding="utf-8")
