"""Reading `models/manifest.toml`: every network's source, licence, input and crop, and the embedders made of them.

The file is data and is checked as such: an unknown key, a missing one or a value out of range is one line.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

from faceapp.errors import UnavailableError
from faceapp.zoo.specs import (
    Carrier,
    Converter,
    CropSpec,
    DetectorKind,
    DetectorSpec,
    EmbedderPart,
    EmbedderSpec,
    InputSpec,
    Kind,
    LivenessSpec,
    Manifest,
    Network,
    Precision,
    Source,
    Targets,
    ThresholdTable,
)
from faceapp.zoo.table import Table, parse_toml, read_toml

__all__ = [
    "Carrier",
    "CropSpec",
    "DetectorSpec",
    "EmbedderPart",
    "EmbedderSpec",
    "InputSpec",
    "Manifest",
    "Network",
    "Precision",
    "Source",
    "Targets",
    "ThresholdTable",
    "load_manifest",
    "merge_own",
]

VERSION = 1
FILE_NAME = "manifest.toml"
OWN_ADVICE = "correct the file, or take that entry out"

_ID = re.compile(r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?")
"""Of a site's own entries: they become names of files."""

_CONVERTERS: tuple[Converter, ...] = ("graphdef", "dlib", "caffe-ssd", "mtcnn", "pixels")
_KINDS: Mapping[str, Kind] = {kind: kind for kind in ("embedder", "detector", "liveness")}
_DETECTOR_KINDS: Mapping[str, DetectorKind] = {kind: kind for kind in ("mtcnn", "ssd", "scrfd")}
_NETWORKS_OF: Mapping[DetectorKind, int] = {"mtcnn": 3, "ssd": 2, "scrfd": 1}


def load_manifest(directory: Path, own: Path | None = None) -> Manifest:
    """Read `manifest.toml` in `directory`, and the statistics it names; with `own`, a site's own folder of models, also
    the manifest there, if there is one.

    Raises UnavailableError, in one line, for anything missing, unknown, out of range, or there twice.
    """
    top = read_toml(directory / FILE_NAME)
    _check_version(top)
    targets = _targets(top.table("targets"))
    carriers = {name: _carrier(name, t) for name, t in top.tables("carriers").items()}
    networks = {name: _network(name, t, carriers) for name, t in top.tables("networks").items()}
    tables = {name: _thresholds(t) for name, t in top.tables("thresholds", required=False).items()}
    embedders = {
        name: _embedder(name, t, directory=directory, networks=networks, targets=targets, thresholds=tables.get(name))
        for name, t in top.tables("embedders").items()
    }
    for name in tables.keys() - embedders.keys():
        raise top.error(f"there are thresholds for {name!r}, which is no embedder")
    detectors = {name: _detector(name, t, networks) for name, t in top.tables("detectors").items()}
    top.done()
    shipped = Manifest(directory, carriers, networks, detectors, embedders, targets)
    if own is None:
        return shipped
    try:
        text = (own / FILE_NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return shipped
    except (OSError, ValueError) as e:
        raise UnavailableError(f"{own / FILE_NAME} cannot be read ({e}): {OWN_ADVICE}") from e
    return merge_own(shipped, text, own)


def merge_own(shipped: Manifest, text: str, home: Path) -> Manifest:
    """`shipped` and what `text`, the own manifest of the folder `home`, adds to it.

    Raises UnavailableError, in one line, for anything wrong in it, and for an id that is taken.
    """
    top = parse_toml(text, home / FILE_NAME, OWN_ADVICE)
    _check_version(top)
    tables = {key: top.tables(key, required=False) for key in ("networks", "thresholds", "embedders", "detectors")}
    taken = {*shipped.networks, *shipped.detectors, *shipped.embedders}
    networks = {**shipped.networks}
    for id, t in _new(tables["networks"], taken).items():
        networks[id] = _network(id, t, {}, home)
    thresholds = {id: _thresholds(t) for id, t in tables["thresholds"].items()}
    embedders = {**shipped.embedders}
    for id, t in _new(tables["embedders"], taken).items():
        embedders[id] = _embedder(
            id, t, directory=home, networks=networks, targets=shipped.targets, thresholds=thresholds.get(id)
        )
    for id in thresholds.keys() - tables["embedders"].keys():
        raise top.error(f"there are thresholds for {id!r}, which is no embedder here")
    detectors = {**shipped.detectors}
    for id, t in _new(tables["detectors"], taken).items():
        detectors[id] = _detector(id, t, networks)
        if detectors[id].kind != "scrfd":
            raise t.error(f"kind must be scrfd: faceapp has its own {detectors[id].kind}")
    top.done()
    return Manifest(shipped.directory, shipped.carriers, networks, detectors, embedders, shipped.targets)


def is_own_id(id: str) -> bool:
    """True if a site's own network or embedder may be called that: lower-case letters, digits, `.`, `_`, `+`, `-`."""
    return _ID.fullmatch(id) is not None


def _new(tables: Mapping[str, Table], taken: Collection[str]) -> Mapping[str, Table]:
    for id, t in tables.items():
        if not is_own_id(id):
            raise t.error("an id is up to 64 lower-case letters, digits, dots and dashes")
        if id in taken:
            raise t.error(f"faceapp comes with a {id!r} already: choose another id")
    return tables


def _check_version(top: Table) -> None:
    if top.integer("version", low=1) != VERSION:
        raise top.error(f"version {top.integer('version')} is not {VERSION}: it belongs to another faceapp")


def _targets(t: Table) -> Targets:
    rates = (t.number(k, low=1e-9, high=0.5) for k in ("verify_far", "identify_fpir", "door_far"))
    targets = Targets(*rates)
    t.done()
    return targets


def _carrier(package: str, t: Table) -> Carrier:
    archive = t.text("archive")
    if not archive or "/" in archive or "\\" in archive or archive.startswith("."):
        raise t.error(f"archive {archive!r} is not the name of a file")
    kind: Literal["wheel", "sdist"] = "wheel" if t.choice("kind", ("wheel", "sdist")) == "wheel" else "sdist"
    if not archive.endswith(".whl" if kind == "wheel" else ".tar.gz"):
        raise t.error(f"archive {archive!r} is no {kind}")
    carrier = Carrier(package, t.text("version"), kind, archive, t.sha256("sha256"), t.integer("size", low=1))
    t.done()
    return carrier


def _network(id: str, t: Table, carriers: Mapping[str, Carrier], home: Path | None = None) -> Network:
    converters: dict[str, Converter] = {c: c for c in _CONVERTERS} if home is None else {"own": "own"}
    converter = converters[t.choice("converter", tuple(converters))]
    fetched = converter not in ("pixels", "own")
    sources = []
    for s in t.list_of_tables("sources") if fetched else ():
        carrier = carriers.get(s.text("carrier"))
        if carrier is None:
            raise s.error(f"there is no carrier {s.text('carrier')!r}")
        sources.append(Source(carrier, s.text("member"), s.sha256("sha256"), s.integer("size", low=1)))
        s.done()
    if not sources and fetched:
        raise t.error("a network needs a source")
    kind = _KINDS[t.choice("kind", tuple(_KINDS))]
    network = Network(
        id=id,
        title=t.text("title"),
        kind=kind,
        converter=converter,
        sources=tuple(sources),
        licence=t.text("licence"),
        photographs=t.text("photographs"),
        input=_input(t.table("input")),
        int8=t.flag("int8") if home is None else False,
        dimension=t.integer("dimension", low=2, high=4096) if kind == "embedder" else 0,
        unit_length=t.flag("unit_length") if kind == "embedder" else False,
        crop=_crop(t.table("crop")) if kind == "embedder" else None,
        liveness=_liveness(t.table("liveness")) if kind == "liveness" else None,
        home=home,
        file_sha256="" if home is None else t.sha256("file_sha256"),
        origin="" if home is None else t.text("origin", required=False),
    )
    if network.crop and (network.input.width, network.input.height) != (network.crop.size, network.crop.size):
        raise t.error(f"a crop of {network.crop.size} pixels does not fit the input")
    t.done()
    return network


def _input(t: Table) -> InputSpec:
    t.choice("layout", ("NCHW",))
    mean, std = t.numbers("mean", 3), t.numbers("std", 3)
    if min(std) <= 0:
        raise t.error("std must be positive")
    spec = InputSpec(
        layout="NCHW",
        width=t.integer("width", low=0, high=2048),
        height=t.integer("height", low=0, high=2048),
        colour="rgb" if t.choice("colour", ("rgb", "bgr")) == "rgb" else "bgr",
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
    )
    t.done()
    return spec


def _crop(t: Table) -> CropSpec:
    size = t.integer("size", low=16, high=1024)
    if t.choice("kind", ("box", "similarity")) == "box":
        spec = CropSpec("box", size, margin=t.number("margin", low=0, high=4))
    else:
        spec = CropSpec("similarity", size, points=t.points("points", 5))
    t.done()
    return spec


def _liveness(t: Table) -> LivenessSpec:
    spec = LivenessSpec(
        scale=t.number("scale", low=1, high=8),
        live_class=t.integer("live_class", low=0, high=99),
        softmax=t.flag("softmax"),
        live_from=t.number("live_from", low=0, high=1),
        attack_below=t.number("attack_below", low=0, high=1),
    )
    if spec.attack_below > spec.live_from:
        raise t.error("attack_below must not be more than live_from")
    t.done()
    return spec


def _detector(id: str, t: Table, networks: Mapping[str, Network]) -> DetectorSpec:
    names = t.texts("networks")
    for name in names:
        if name not in networks or networks[name].kind != "detector":
            raise t.error(f"{name!r} is no detector's network")
    kind = _DETECTOR_KINDS[t.choice("kind", tuple(_DETECTOR_KINDS))]
    if len(names) != _NETWORKS_OF[kind]:
        raise t.error(f"networks must name {_NETWORKS_OF[kind]} for {kind}, not {len(names)}")
    spec = DetectorSpec(id, t.text("title"), kind, names)
    t.done()
    return spec


def _thresholds(t: Table) -> ThresholdTable:
    fars, distances = t.numbers("fars"), t.numbers("distances")
    if len(fars) != len(distances) or len(fars) < 2:
        raise t.error("fars and distances must be as many, two or more")
    if list(fars) != sorted(set(fars), reverse=True) or min(fars) <= 0 or max(fars) >= 1:
        raise t.error("fars must fall, between 1 and 0")
    if list(distances) != sorted(distances, reverse=True) or min(distances) <= 0 or max(distances) >= 2:
        raise t.error("distances must not rise, between 2 and 0")
    table = ThresholdTable(t.text("space"), fars, distances, t.text("source"))
    t.done()
    return table


def _embedder(
    id: str,
    t: Table,
    *,
    directory: Path,
    networks: Mapping[str, Network],
    targets: Targets,
    thresholds: ThresholdTable | None,
) -> EmbedderSpec:
    parts, licences, sources = [], [], []
    for p in t.list_of_tables("parts"):
        network = networks.get(p.text("network"))
        if network is None or network.crop is None:
            raise p.error(f"{p.text('network')!r} is no embedder's network")
        subtract = p.text("subtract", required=False)
        parts.append(
            EmbedderPart(
                network=network.id,
                dimension=network.dimension,
                crop=network.crop,
                input=network.input,
                mirror=p.flag("mirror"),
                subtract=directory / subtract if subtract else None,
                mean_embedding=_mean(directory, subtract, network) if subtract else None,
                weight=p.number("weight", low=1e-3, high=1e3),
            )
        )
        p.done()
        licences.append(network.licence)
        sources.append(network.source_sha256)
    if not parts:
        raise t.error("an embedder needs a part")
    spec = EmbedderSpec(
        id=id,
        title=t.text("title"),
        parts=tuple(parts),
        licence="; ".join(dict.fromkeys(licences)),
        targets=targets,
        thresholds=thresholds,
        source_sha256=tuple(sources),
    )
    t.done()
    return spec


def _mean(directory: Path, name: str, network: Network) -> tuple[float, ...]:
    """The mean embedding of a network: `{"network": id, "source": text, "mean": [numbers]}`."""
    file = directory / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise UnavailableError(f"{name!r} does not lie in {directory}: name a file in there")
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        values = tuple(float(v) for v in raw["mean"])
        owner = raw["network"]
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise UnavailableError(f"{file} holds no mean embedding: restore it") from e
    if owner != network.id or len(values) != network.dimension or not all(map(math.isfinite, values)):
        raise UnavailableError(f"{file} does not hold {network.dimension} numbers for {network.id}: restore it")
    return values
