"""Taking in a network that somebody brought: looked at, tried in a process of its own, then copied and remembered."""

from __future__ import annotations

import contextlib
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from faceapp import paths
from faceapp.app.detector_trial import try_detector
from faceapp.app.liveness_trial import try_liveness
from faceapp.app.model_trial import Trial, try_embedder
from faceapp.app.parts import Parts
from faceapp.errors import InputError, UnavailableError, UsageError
from faceapp.types import JsonObject
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.own import (
    Addition,
    OwnFile,
    OwnModels,
    OwnThresholds,
    embedder_table,
    network_table,
    note,
    own_models_dir,
)
from faceapp.zoo.packs import ARCFACE_POINTS
from faceapp.zoo.specs import CropSpec, EmbedderSpec, InputSpec, Network
from faceapp.zoo.store import ModelStore

_DLIB = ((47.8, 45.9), (102.0, 45.9), (74.8, 78.1), (50.9, 105.4), (98.7, 105.4))
"""Eyes, nose tip and mouth corners in dlib's 150 x 150; see models/manifest.toml."""


@dataclass(frozen=True, slots=True)
class EmbedderEntry:
    """What somebody says of an embedder's ONNX file. Its input is float32 (N, 3, size, size)."""

    id: str
    crop: CropSpec
    colour: Literal["rgb", "bgr"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    mirror: bool = False
    title: str = ""
    licence: str = ""
    photographs: str = ""
    """What is known of the photographs it was trained on."""
    origin: str = ""
    """Where it came from, for people."""
    thresholds: OwnThresholds | None = None
    """Distances, where somebody has measured them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was remembered."""

    spec: EmbedderSpec
    trial: Trial
    file: Path

    def as_json(self) -> JsonObject:
        """For `--json`."""
        part = self.spec.parts[0]
        return {
            "imported": self.spec.id,
            "title": self.spec.title,
            "dimension": self.spec.dimension,
            "space": self.spec.space,
            "input": str(part.input),
            "crop": part.crop.kind,
            "mirror": part.mirror,
            "licence": self.spec.licence,
            "bytes": self.trial.bytes,
            "milliseconds": self.trial.milliseconds,
            "file": str(self.file),
            "calibrated": self.spec.thresholds is not None,
        }


def crop_of(text: str, size: int) -> CropSpec:
    """`box:0.25`, `similarity:arcface` or `similarity:dlib` as a crop of `size` pixels. Raises UsageError."""
    kind, _, detail = text.partition(":")
    if kind == "box":
        try:
            margin = float(detail or "0")
        except ValueError:
            margin = math.nan
        if 0 <= margin <= 4:
            return CropSpec("box", size, margin=margin)
    if kind == "similarity" and detail == "arcface":
        # As InsightFace does: a multiple of 112 scales the template, one of 128 has eight pixels more on each side.
        scale, shift = (size / 128, 8.0) if size % 128 == 0 and size % 112 else (size / 112, 0.0)
        return CropSpec("similarity", size, points=tuple(((x + shift) * scale, y * scale) for x, y in ARCFACE_POINTS))
    if kind == "similarity" and detail == "dlib":
        return CropSpec("similarity", size, points=tuple((x * size / 150, y * size / 150) for x, y in _DLIB))
    raise UsageError(f"{text!r} is no crop: use box:MARGIN (0 to 4), similarity:arcface or similarity:dlib")


def import_embedder(parts: Parts, file: Path, entry: EmbedderEntry, sha256: str | None = None) -> Imported:
    """Take in the ONNX file of an embedder, `sha256` where it is known which: all of it or, after any error, nothing.

    Raises UsageError for an entry that can't be, InputError for an id that is taken and for a file that is refused,
    UnavailableError where the data directory can't be written.
    """
    check_embedder(parts, file, entry)  # before the work, which takes seconds
    own = own_models(parts.data_dir)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "freed.onnx"
        trial = try_embedder(file, entry.crop.size, entry.mean, entry.std, scratch=scratch)
        if sha256 is not None and trial.sha256 != sha256:
            raise InputError(f"{file.name} is not the network that its entry speaks of: make it again")
        manifest = own.add(_addition(file, entry, trial, scratch if trial.freed else file))
    return Imported(manifest.embedder(entry.id), trial, own.directory / f"{entry.id}.fp32.onnx")


def check_embedder(parts: Parts, file: Path, entry: EmbedderEntry) -> None:
    """Raise UsageError for an entry that can't be, InputError for an id that is taken, without a look at the file."""
    _check(entry)
    own_models(parts.data_dir).check(_addition(file, entry, None, file))


def adopt(models: ModelStore, network: Network) -> None:
    """Try a network whose entry was written by hand, once: from then on it is like one that was imported.

    Raises UnavailableError where the file is refused, or gives other than its entry says.
    """
    if models.tried(network):
        return
    file = models.path(network.id)
    dimension, given = network.dimension, network.input
    try:
        if network.liveness is not None:
            try_liveness(file, given.width, given.mean, given.std, network.liveness.live_class)
        elif network.crop is None:
            try_detector(file, given.width, given.mean[0], given.std[0])
        else:
            dimension = try_embedder(file, network.crop.size, given.mean, given.std).dimension
    except InputError as e:
        raise UnavailableError(str(e)) from e
    if dimension != network.dimension:
        raise UnavailableError(
            f"{file.name} gives {dimension} numbers for a face, its entry says {network.dimension}: correct that"
        )
    with contextlib.suppress(UnavailableError):  # a folder that can't be written: then it is tried each time
        note(models.manifest, network, file, file.stat().st_size)


def own_models(data_dir: Path) -> OwnModels:
    """The own networks of a data directory."""
    return OwnModels(own_models_dir(data_dir), load_manifest(paths.manifest_dir()))


def _check(entry: EmbedderEntry) -> None:
    if not 16 <= entry.crop.size <= 1024:
        raise UsageError(f"a size of {entry.crop.size} pixels cannot be: 16 to 1024 can")
    if not all(map(math.isfinite, (*entry.mean, *entry.std))) or min(entry.std) <= 0:
        raise UsageError("mean and std must be numbers, and std more than 0")


def _addition(file: Path, entry: EmbedderEntry, trial: Trial | None, kept: Path) -> Addition:
    size = entry.crop.size
    network = network_table(
        title=entry.title or entry.id,
        kind="embedder",
        file_sha256=trial.sha256 if trial else "",
        licence=entry.licence or "Not stated: ask its makers before you use it for anything but a trial",
        photographs=entry.photographs or "Not stated",
        origin=entry.origin or f"imported from {file.name}",
        input=InputSpec("NCHW", size, size, entry.colour, entry.mean, entry.std),
        dimension=trial.dimension if trial else 0,
        crop=entry.crop,
    )
    return Addition(
        files={entry.id: OwnFile(kept, trial.sha256)} if trial else {},
        networks={entry.id: network},
        embedders={entry.id: embedder_table(title=entry.title or entry.id, network=entry.id, mirror=entry.mirror)},
        detectors={},
        thresholds={entry.id: entry.thresholds} if trial and entry.thresholds else {},
    )
