"""InsightFace's packs: taken in as a detector and an embedder of the site's own, or taken out again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceapp import paths
from faceapp.app.detector_trial import try_detector
from faceapp.app.model_import import crop_of, own_models
from faceapp.app.model_trial import try_embedder
from faceapp.errors import UsageError
from faceapp.types import JsonObject
from faceapp.zoo import pack_download, pack_licence, packs
from faceapp.zoo.manifest import is_own_id
from faceapp.zoo.own import Addition, OwnFile, embedder_table, network_table, own_models_dir
from faceapp.zoo.pack_networks import Pack, PackNetwork, read_pack
from faceapp.zoo.packs import detector_id, embedder_id
from faceapp.zoo.specs import CropSpec, InputSpec

Consent = Callable[[str], bool]
"""Asked whether terms are accepted; False: they aren't, and nothing is done."""
Progress = Callable[[str, int, int], None]

PACKS = pack_download.PACKS
"""Those that can be fetched."""

_PHOTOGRAPHS = (
    "Not stated in the pack. InsightFace names WIDER FACE for its detectors and, depending on the pack, WebFace600K or "
    "Glint360K for its embedders: collections from the web, offered for research."
)


@dataclass(frozen=True, slots=True)
class ImportedPack:
    """What was taken in."""

    pack: str
    detector: str
    embedder: str
    dimension: int
    licence: str
    ignored: tuple[str, ...]
    """Files of the pack that faceapp has no use for."""

    def as_json(self) -> JsonObject:
        """For `--json`."""
        return {
            "pack": self.pack,
            "detector": self.detector,
            "embedder": self.embedder,
            "dimension": self.dimension,
            "licence": self.licence,
            "ignored": list(self.ignored),
        }


def import_pack(
    data_dir: Path | None, source: Path, consent: Consent, *, name: str = "", licence: str = "", origin: str = ""
) -> ImportedPack | None:
    """Take in the pack in a folder or ZIP, all of it or nothing; None where the terms were not accepted.

    `name`: what it is called, else as its folder or file. `licence`: of a pack of one's own; without it InsightFace's
    terms hold, and `consent` is asked unless they were accepted before. Raises UsageError for a name that can't be,
    InputError for one that is taken and for a pack that is refused, UnavailableError where nothing can be written.
    """
    directory = paths.data_dir(data_dir)
    name = _name(source, name)
    own = own_models(directory)
    own.check(_ids(name))  # before the work, which takes seconds
    with packs.opened(source) as files, tempfile.TemporaryDirectory(prefix="faceapp-pack-") as scratch:
        pack = read_pack(files, str(source))
        if not licence and not _agreed(directory, consent):
            return None
        tried = _try(pack, Path(scratch))
        about = _About(
            licence or f"{pack_licence.TERMS}; accepted on this computer",
            "Not stated" if licence else _PHOTOGRAPHS,
            origin or f"pack {source.name}",
        )
        own.add(_addition(name, pack, tried, about))
    if not licence:
        pack_licence.remember(own_models_dir(directory))
    return ImportedPack(name, detector_id(name), embedder_id(name), tried.dimension, about.licence, pack.ignored)


def install_pack(
    data_dir: Path | None, pack: str, consent: Consent, progress: Progress, *, address: str = "", secure: bool = True
) -> ImportedPack | None:
    """Fetch one of InsightFace's own packs (`pack_download.PACKS`) and take it in; None where the terms were not
    accepted. `address`: where it lies, else where the insightface package says. Raises as `import_pack` does, and
    UnavailableError where it is not to be had."""
    directory = paths.data_dir(data_dir)
    own_models(directory).check(_ids(pack))
    address = address or pack_download.address_of(pack)
    if not pack_licence.is_accepted(own_models_dir(directory)):
        pack_download.check(pack, address, secure=secure)  # nobody is asked to agree to what isn't to be had
        if not consent(pack_licence.TERMS):
            return None
    with tempfile.TemporaryDirectory(prefix="faceapp-pack-") as folder:
        file = Path(folder) / f"{pack}.zip"
        pack_download.download(pack, address, file, progress, secure=secure)
        return import_pack(data_dir, file, lambda _: True, origin=f"InsightFace's release {pack}.zip")


@dataclass(frozen=True, slots=True)
class _Tried:
    """Both networks as they were tried."""

    detector: OwnFile
    embedder: OwnFile
    dimension: int


@dataclass(frozen=True, slots=True)
class _About:
    """What is remembered of a pack, for people."""

    licence: str
    photographs: str
    origin: str


def _name(source: Path, name: str) -> str:
    chosen = name or source.resolve().name.lower().removesuffix(".zip")
    if not all(map(is_own_id, (chosen, detector_id(chosen), embedder_id(chosen)))):
        raise UsageError(
            f"a pack can't be called {chosen!r}: name it with --id, in lower-case letters, digits, dots and dashes"
        )
    return chosen


def _agreed(directory: Path, consent: Consent) -> bool:
    return pack_licence.is_accepted(own_models_dir(directory)) or consent(pack_licence.TERMS)


def _try(pack: Pack, scratch: Path) -> _Tried:
    """Run both networks once, in processes of their own."""
    detector, embedder = pack.detector, pack.embedder
    sha256 = try_detector(detector.file, detector.size, detector.normalisation.mean, detector.normalisation.std)
    mean, std, freed = embedder.normalisation.mean, embedder.normalisation.std, scratch / "freed.onnx"
    trial = try_embedder(embedder.file, embedder.size, (mean,) * 3, (std,) * 3, scratch=freed)
    kept = freed if trial.freed else embedder.file
    return _Tried(OwnFile(detector.file, sha256), OwnFile(kept, trial.sha256), trial.dimension)


def _ids(name: str) -> Addition:
    """What would be added, as far as ids go."""
    detector, embedder = detector_id(name), embedder_id(name)
    return Addition({}, networks={detector: {}, embedder: {}}, embedders={embedder: {}}, detectors={detector: {}})


def _addition(name: str, pack: Pack, tried: _Tried, about: _About) -> Addition:
    detector, embedder = detector_id(name), embedder_id(name)
    scrfd, arcface = f"SCRFD of the pack {name}", f"ArcFace of the pack {name}"

    def network(kind: str, title: str, of: PackNetwork, sha256: str, crop: CropSpec | None = None) -> dict[str, Any]:
        mean, std = of.normalisation.mean, of.normalisation.std
        return network_table(
            title=title,
            kind=kind,
            file_sha256=sha256,
            licence=about.licence,
            photographs=about.photographs,
            origin=f"{about.origin}, {of.name}",
            # Both of InsightFace's classes swap red and blue of what OpenCV reads.
            input=InputSpec("NCHW", of.size, of.size, "rgb", (mean,) * 3, (std,) * 3),
            dimension=tried.dimension if crop else 0,
            crop=crop,
        )

    crop = crop_of("similarity:arcface", pack.embedder.size)
    return Addition(
        files={detector: tried.detector, embedder: tried.embedder},
        networks={
            detector: network("detector", scrfd, pack.detector, tried.detector.sha256),
            embedder: network("embedder", arcface, pack.embedder, tried.embedder.sha256, crop),
        },
        embedders={embedder: embedder_table(title=arcface, network=embedder, mirror=False)},
        detectors={detector: {"title": scrfd, "kind": "scrfd", "networks": [detector]}},
    )
