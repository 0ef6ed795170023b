"""Which networks a pack holds, and what the manifest is to say of them.

A network is told by its inputs and outputs, and an embedder's normalisation by the names of its first operators: both
as InsightFace itself does it (`model_zoo.ModelRouter`, `ArcFaceONNX`; version 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from faceapp.errors import InputError
from faceapp.zoo.inspection import Inspection, Port, inspect_network
from faceapp.zoo.packs import Normalisation, PackFiles

Role: TypeAlias = Literal["detector", "embedder", "other"]

SCRFD = Normalisation(127.5, 128.0)
"""What InsightFace's class does to a picture whatever the pack."""
ARCFACE = Normalisation(127.5, 127.5)
EMBEDDED = Normalisation(0.0, 1.0)
"""The network subtracts and divides itself."""

_LANDMARKED = {9: (8, 16, 32), 15: (8, 16, 32, 64, 128)}
"""Number of outputs: strides of the maps, of an SCRFD with landmarks."""
_FIRST_NODES = 8


@dataclass(frozen=True, slots=True)
class PackNetwork:
    """One network of a pack."""

    name: str
    """Of its file in the pack."""
    file: Path
    inspection: Inspection
    normalisation: Normalisation
    size: int
    """Side of the square picture it takes; 0: any."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack is made of."""

    detector: PackNetwork
    embedder: PackNetwork
    ignored: tuple[str, ...]
    """Files that faceapp has no use for: age, further landmarks."""


def read_pack(files: PackFiles, what: str) -> Pack:
    """Look at every network of the pack that people call `what`, without running any.

    Raises InputError, in one line, for a file that `zoo.inspection` refuses, and for a pack without a detector or
    embedder, or with two of one kind."""
    found: dict[Role, list[tuple[str, Inspection]]] = {"detector": [], "embedder": [], "other": []}
    for name, file in sorted(files.networks.items()):
        inspection = inspect_network(file)
        found[role_of(inspection)].append((name, inspection))
    for role in ("detector", "embedder"):
        names = [name for name, _ in found[role]]
        if len(names) != 1:
            told = f"two of them ({', '.join(names)})" if names else "none"
            raise InputError(f"{what} is not an InsightFace pack: it should hold one {role} and holds {told}")
    (detector,), (embedder,) = found["detector"], found["embedder"]
    return Pack(_detector(files, *detector), _embedder(files, *embedder), tuple(name for name, _ in found["other"]))


def role_of(inspection: Inspection) -> Role:
    """What InsightFace would take the network for."""
    inputs, outputs = inspection.inputs, inspection.outputs
    if not inputs or not outputs:
        return "other"
    shape = inputs[0].shape or ()
    if len(shape) != 4:
        return "other"
    if len(outputs) >= 5:
        return "detector"
    height, width = shape[2:]
    # Of 192 pixels: further landmarks; of 96: age and sex. With a second input: a face swapper.
    if height is None or height != width or height in (96, 192) or len(inputs) > 1:
        return "other"
    return "embedder" if height >= 112 and height % 16 == 0 else "other"


def scrfd_strides(outputs: tuple[Port, ...], name: str) -> tuple[int, ...]:
    """Pixels between the places that each map of an SCRFD looks at. Raises InputError for one without landmarks."""
    if len(outputs) not in _LANDMARKED:
        raise InputError(f"{name} has {len(outputs)} outputs: a detector with landmarks (SCRFD) has 9 or 15")
    return _LANDMARKED[len(outputs)]


def _detector(files: PackFiles, name: str, inspection: Inspection) -> PackNetwork:
    scrfd_strides(inspection.outputs, name)
    if len(inspection.inputs) != 1 or inspection.inputs[0].type != "FLOAT":
        raise InputError(f"{name} is no SCRFD: one takes a single input of float32")
    batch, channels, height, width = inspection.inputs[0].shape or (0, 0, 0, 0)
    sides = {height, width}
    if (
        batch not in (None, 1)
        or channels not in (None, 3)
        or len(sides) != 1
        or (height or 0) % 32
        or (height or 0) > 2048
    ):
        raise InputError(f"{name} is no SCRFD that we can run: one takes 1 x 3 x any size, or a square of 32, 64, ...")
    return PackNetwork(name, files.networks[name], inspection, files.described.get(name, SCRFD), height or 0)


def _embedder(files: PackFiles, name: str, inspection: Inspection) -> PackNetwork:
    size = (inspection.inputs[0].shape or (0, 0, 0, 0))[2] or 0
    if size % 112 and size % 128:
        raise InputError(f"{name} takes {size} pixels: there is a template for faces of 112 or 128 and their multiples")
    file = files.networks[name]
    given = files.described.get(name) or (EMBEDDED if _normalises_itself(file) else ARCFACE)
    return PackNetwork(name, file, inspection, given, size)


def _normalises_itself(file: Path) -> bool:
    import onnx

    model = onnx.load(file, load_external_data=False)  # `inspect_network` has found it harmless
    names = [node.name for node in model.graph.node[:_FIRST_NODES]]
    subtracts = any(n.startswith(("Sub", "_minus")) for n in names)
    return subtracts and any(n.startswith(("Mul", "_mul")) for n in names)
