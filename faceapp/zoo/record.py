"""What is noted beside a built network: its own fingerprint and those of all it was built from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faceapp.errors import UnavailableError
from faceapp.zoo.specs import Converter, Network, Precision

RECORD_VERSION = 1

_CONVERTER_VERSIONS: Mapping[Converter, int] = {
    "graphdef": 1,
    "dlib": 1,
    "caffe-ssd": 1,
    "mtcnn": 1,
    "pixels": 1,
    "own": 1,
}
"""Raised with every change to what a converter writes: networks built before are then built again."""

_INT8_VERSION = 1
_FP16_VERSION = 1


def recipe(network: Network, precision: Precision, ranges: Path) -> str:
    """What decides the result beside the source files."""
    parts = [f"{network.converter} {_CONVERTER_VERSIONS[network.converter]}"]
    if precision == "int8":
        parts.append(f"int8 {_INT8_VERSION}, ranges {_fingerprint(ranges)}")
    elif precision == "fp16":
        parts.append(f"fp16 {_FP16_VERSION}")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """What `<file>.build.json` says."""

    version: int
    network: str
    precision: str
    sha256: str
    bytes: int
    source_sha256: str
    recipe: str
    """Versions of converter and quantiser, and a fingerprint of the statistics used."""


def record_file(file: Path) -> Path:
    """Where the build record of a network lies."""
    return file.with_name(f"{file.name}.build.json")


def read_record(file: Path) -> BuildRecord | None:
    """The record, or None where there is none that we can read."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        record = BuildRecord(**raw)
    except (OSError, ValueError, TypeError):
        return None
    return record if record.version == RECORD_VERSION else None


def _fingerprint(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    except OSError as e:
        raise UnavailableError(f"{file} is missing: restore it") from e
