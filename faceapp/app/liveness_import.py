"""Taking in a passive liveness model that somebody brought: looked at, tried in a process of its own, remembered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from faceapp.app.liveness_trial import LivenessTrial, try_liveness
from faceapp.app.model_import import own_models
from faceapp.app.parts import Parts
from faceapp.errors import InputError, UsageError
from faceapp.types import JsonObject
from faceapp.vision.liveness.passive import ATTACK_BELOW, LIVE_FROM
from faceapp.zoo.own import Addition, OwnFile, network_table
from faceapp.zoo.specs import InputSpec, LivenessSpec


@dataclass(frozen=True, slots=True)
class LivenessEntry:
    """What somebody says of a liveness model's ONNX file."""

    id: str
    size: int
    """Side of the square picture it takes, pixels."""
    scale: float
    """Of the face's box."""
    colour: Literal["rgb", "bgr"]
    range: float
    """What white is: 255 or 1."""
    live_class: int
    live_from: float = LIVE_FROM
    attack_below: float = ATTACK_BELOW
    title: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class LivenessImported:
    """What was remembered."""

    entry: LivenessEntry
    trial: LivenessTrial
    file: Path

    def as_json(self) -> JsonObject:
        """For `--json`."""
        e = self.entry
        return {
            "imported": e.id,
            "kind": "liveness",
            "size": e.size,
            "scale": e.scale,
            "colour": e.colour,
            "range": e.range,
            "classes": self.trial.classes,
            "live_class": e.live_class,
            "threshold": e.live_from,
            "attack_below": e.attack_below,
            "bytes": self.trial.bytes,
            "milliseconds": self.trial.milliseconds,
            "file": str(self.file),
        }


def import_liveness(parts: Parts, file: Path, entry: LivenessEntry) -> LivenessImported:
    """Try the ONNX `file`, copy it into the data directory and remember `entry`.

    Raises UsageError for an entry that can't be, InputError for an id that is taken, where there is a liveness model
    already, and for a file that is refused, UnavailableError where the data directory can't be written.
    """
    if not 16 <= entry.size <= 1024:
        raise UsageError(f"a size of {entry.size} pixels cannot be: 16 to 1024 can")
    if not 1 <= entry.scale <= 8 or entry.live_class < 0:
        raise UsageError("--scale must be 1 to 8, and --live-class 0 or more")
    if not 0 <= entry.attack_below <= entry.live_from <= 1:
        raise UsageError("--attack-below and --threshold must lie between 0 and 1, the first not above the second")
    there = [n.id for n in parts.manifest.networks.values() if n.liveness is not None and n.id != entry.id]
    if there:
        raise InputError(
            f"there is a liveness model already, {there[0]}, and the kiosk uses one: `faceapp models remove {there[0]}`"
        )
    own = own_models(parts.data_dir)
    std = 255.0 / entry.range
    given = InputSpec("NCHW", entry.size, entry.size, entry.colour, (0.0, 0.0, 0.0), (std, std, std))
    own.check(_addition(file, entry, given, None))  # before the work, which takes a while
    trial = try_liveness(file, entry.size, given.mean, given.std, entry.live_class)
    own.add(_addition(file, entry, given, trial))
    return LivenessImported(entry, trial, own.directory / f"{entry.id}.fp32.onnx")


def _addition(file: Path, entry: LivenessEntry, given: InputSpec, trial: LivenessTrial | None) -> Addition:
    network = network_table(
        title=entry.title or entry.id,
        kind="liveness",
        file_sha256=trial.sha256 if trial else "",
        licence=entry.licence or "Not stated: ask its makers before you use it for anything but a trial",
        photographs="Not stated",
        origin=f"imported from {file.name}",
        input=given,
        liveness=LivenessSpec(
            scale=float(entry.scale),
            live_class=entry.live_class,
            softmax=trial.softmax if trial else True,
            live_from=float(entry.live_from),
            attack_below=float(entry.attack_below),
        ),
    )
    files = {entry.id: OwnFile(file, trial.sha256)} if trial else {}
    return Addition(files=files, networks={entry.id: network}, embedders={}, detectors={})
