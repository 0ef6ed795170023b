"""Where a site's calibrations are kept: `calibration/SPACE.json` in the data directory, one for each embedding space.

Counts, rates and distances, a date and a hash: no names, no templates, nothing of anybody's face.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from faceapp.errors import UnavailableError
from faceapp.evaluation.calibration import Calibration, Curve
from faceapp.evaluation.metrics import Distances
from faceapp.evaluation.proportions import Rates
from faceapp.files import write_atomically
from faceapp.types import JsonObject
from faceapp.zoo.specs import Targets

FOLDER = "calibration"
VERSION = 2
"""1 promised rates that its people could not."""
_MOST_BYTES = 1_000_000
_RATES = ("false_accepts", "false_rejects", "false_names", "misses")


def file_of(data_dir: Path, space: str) -> Path:
    """Where the calibration of `space` is kept."""
    return data_dir / FOLDER / (re.sub(r"[^A-Za-z0-9+._-]", "-", space).lstrip(".") + ".json")


def save(data_dir: Path, calibration: Calibration) -> Path:
    """Keep it in place of the one there was. Raises UnavailableError where that can't be done."""
    file = file_of(data_dir, calibration.space)
    text = json.dumps(as_json(calibration), separators=(",", ":"), allow_nan=False) + "\n"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.parent.mkdir(exist_ok=True, mode=0o700)
        write_atomically(file, text.encode())
    except OSError as e:
        raise UnavailableError(f"{file} cannot be written ({e.strerror}): free some space, mend permissions") from e
    return file


def remove(data_dir: Path, space: str) -> bool:
    """Forget the calibration of `space`, readable or not; False where there was none."""
    file = file_of(data_dir, space)
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as e:
        raise UnavailableError(f"{file} cannot be removed ({e.strerror}): mend its permissions") from e
    return True


def load(data_dir: Path, space: str) -> Calibration | None:
    """The calibration of exactly this space; None where there is none. Raises UnavailableError for a file that can't be
    used: to go on without it could be laxer."""
    file = file_of(data_dir, space)
    try:
        with file.open("rb") as f:
            data = f.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError("too large")
        raw = json.loads(data)
        version = raw.get("version") if isinstance(raw, dict) else None
        if type(version) is int and version > VERSION:
            raise UnavailableError(f"{file} was written by a newer faceapp (version {version}): update faceapp")
        if version == 1:
            raise ValueError("an earlier faceapp made it, by a rule that promised too much")
        if version != VERSION:
            raise ValueError("no calibration")
        calibration = from_json(raw)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as e:
        old = isinstance(e, ValueError) and "promised too much" in str(e)
        why = e.strerror if isinstance(e, OSError) else str(e) if old else "it is not a calibration"
        raise UnavailableError(
            f'{file} cannot be used ({why}): run "faceapp calibrate" again, or "faceapp calibrate reset"'
        ) from e
    if calibration.space != space:
        raise UnavailableError(f'{file} belongs to {calibration.space}, not {space}: run "faceapp calibrate reset"')
    return calibration


def as_json(c: Calibration) -> JsonObject:
    """As it is kept."""
    curve = {name: _rates_json(getattr(c.curve, name)) for name in _RATES}
    return {
        "version": VERSION,
        "space": c.space,
        "made": c.made,
        "source": c.source,
        "people": c.people,
        "several": c.several,
        "photos": c.photos,
        "gallery": list(c.gallery),
        "strangers": c.strangers,
        "pairs": {"genuine": c.genuine, "impostor": c.impostor},
        "fingerprint": c.fingerprint,
        "targets": {
            "verify_far": c.targets.verify_far,
            "identify_fpir": c.targets.identify_fpir,
            "door_far": c.targets.door_far,
        },
        "curve": {"searched": c.curve.searched, "thresholds": c.curve.thresholds.tolist(), **curve},
        "door": c.door,
    }


def from_json(raw: Mapping[str, Any]) -> Calibration:
    """What `as_json` made. Raises ValueError, KeyError or TypeError for anything else."""
    thresholds = _numbers(raw["curve"]["thresholds"], 0, 2)
    if not len(thresholds) or np.any(np.diff(thresholds) <= 0):
        raise ValueError("the thresholds don't rise")
    accepts, rejects, names, misses = (_rates(raw["curve"][name], len(thresholds)) for name in _RATES)
    if accepts is None or names is None:
        raise ValueError("rates are missing")
    if not isinstance(raw["door"], bool):
        raise TypeError("door")
    targets = {name: _rate(raw["targets"][name]) for name in ("verify_far", "identify_fpir", "door_far")}
    people, photos = (_count(v) for v in raw["gallery"])
    return Calibration(
        made=_text(raw["made"]),
        source=_text(raw["source"]),
        people=_count(raw["people"]),
        several=_count(raw["several"]),
        photos=_count(raw["photos"]),
        gallery=(people, photos),
        strangers=_count(raw["strangers"]),
        genuine=_count(raw["pairs"]["genuine"]),
        impostor=_count(raw["pairs"]["impostor"]),
        fingerprint=_text(raw["fingerprint"]),
        targets=Targets(**targets),
        space=_text(raw["space"]),
        curve=Curve(thresholds, accepts, rejects, names, misses, _count(raw["curve"]["searched"])),
        door=raw["door"],
    )


def _rates_json(rates: Rates | None) -> JsonObject | None:
    if rates is None:
        return None
    return {"value": rates.value.tolist(), "low": rates.low.tolist(), "high": rates.high.tolist()}


def _rates(raw: Any, count: int) -> Rates | None:
    if raw is None:
        return None
    rates = Rates(*(_numbers(raw[end], 0, 1) for end in ("value", "low", "high")))
    if any(len(v) != count for v in (rates.value, rates.low, rates.high)):
        raise ValueError("as many rates as thresholds are needed")
    return rates


def _numbers(raw: Any, least: float, most: float) -> Distances:
    if not isinstance(raw, list) or not all(type(v) in (int, float) and least <= v <= most for v in raw):
        raise ValueError("numbers are out of range")  # NaN is too
    return np.array(raw, np.float64)


def _rate(raw: Any) -> float:
    if type(raw) not in (int, float) or not (math.isfinite(raw) and 0 < raw < 1):
        raise ValueError("a rate lies between 0 and 1")
    return float(raw)


def _count(raw: Any) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError("a count is a whole number")
    return raw


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > 1000:
        raise ValueError("text expected")
    return raw
