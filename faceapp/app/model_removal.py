"""Taking out one of a site's own networks, and what can't be without it."""

from __future__ import annotations

from dataclasses import dataclass

from faceapp import paths, settings
from faceapp.app.training.whose import own_file
from faceapp.errors import InputError
from faceapp.zoo.manifest import Manifest, load_manifest
from faceapp.zoo.own import OwnModels, own_models_dir
from faceapp.zoo.packs import detector_id, embedder_id


def remove(chosen: str | None, id: str) -> list[str]:
    """Take out one of the site's own networks, embedders or detectors, with the networks that nothing else needs, or
    both halves of a pack; `chosen`: the data directory. Returns the names of the files that were deleted.

    Raises InputError where there is none of that id, where faceapp came with it, and while the settings use it.
    """
    data_dir = paths.data_dir(chosen)
    shipped = load_manifest(paths.manifest_dir())
    manifest = load_manifest(paths.manifest_dir(), own_models_dir(data_dir))
    gone = _belonging(manifest, shipped, _halves(manifest, id) or [id])
    used = settings.load(data_dir)
    for what, of_it, setting in (
        ("embedder", gone.embedders, used.embedder),
        ("detector", gone.detectors, used.detector),
    ):
        if setting in of_it:
            raise InputError(f"{setting} is the {what} in use: choose another {what} first")
    own = OwnModels(own_models_dir(data_dir), shipped)
    removed = own.remove(gone.networks, gone.embedders, gone.detectors)
    for embedder in gone.embedders:
        own_file(data_dir, embedder).unlink(missing_ok=True)
    return [file.name for file in removed]


@dataclass(frozen=True, slots=True)
class _Belonging:
    networks: list[str]
    embedders: list[str]
    detectors: list[str]


def _halves(manifest: Manifest, pack: str) -> list[str]:
    """Detector and embedder of an InsightFace pack that was imported under this name; empty where none was."""
    if pack in (*manifest.networks, *manifest.embedders, *manifest.detectors):
        return []
    return [id for id in (detector_id(pack), embedder_id(pack)) if id in (*manifest.detectors, *manifest.embedders)]


def _belonging(manifest: Manifest, shipped: Manifest, ids: list[str]) -> _Belonging:
    """What goes with `ids`: all that runs their networks, and their networks that nothing else runs."""
    runs = {("embedders", e.id): [p.network for p in e.parts] for e in manifest.embedders.values()}
    runs |= {("detectors", d.id): list(d.networks) for d in manifest.detectors.values()}
    for id in ids:
        _check_own(manifest, shipped, id, [name for _, name in runs])
    going = {key for key, networks in runs.items() if key[1] in ids or set(ids) & set(networks)}
    kept = {n for key, networks in runs.items() if key not in going for n in networks}
    wanted = set(ids) | {n for key in going for n in runs[key]}
    networks = [n for n in manifest.networks if n in wanted and n not in kept and n not in shipped.networks]
    return _Belonging(
        networks, [i for kind, i in going if kind == "embedders"], [i for kind, i in going if kind == "detectors"]
    )


def _check_own(manifest: Manifest, shipped: Manifest, id: str, runs: list[str]) -> None:
    """Raise InputError for an id that is not one of the site's own."""
    if id in (*shipped.networks, *shipped.embedders, *shipped.detectors):
        raise InputError(f"{id} comes with faceapp and stays: only your own networks can be removed")
    if id not in (*manifest.networks, *runs):
        own = sorted(
            {n.id for n in manifest.networks.values() if n.home} | set(runs) - {*shipped.embedders, *shipped.detectors}
        )
        raise InputError(
            f"there is no network {id!r} of your own: " + (f"there is {', '.join(own)}" if own else "there is none")
        )
