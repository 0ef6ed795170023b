"""Taking in OpenFace's nn4.small2 from its CSV files: read, built as ONNX, then imported as any other own network."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from faceapp.app.model_import import EmbedderEntry, Imported, import_embedder
from faceapp.app.parts import Parts
from faceapp.zoo.specs import CropSpec

DEFAULT_ID = "openface-nn4-small2"


@dataclass(frozen=True, slots=True)
class OpenFaceImported:
    """What was remembered."""

    imported: Imported
    passed_over: tuple[str, ...]
    """Files of the published folder that no layer has."""


def import_openface(parts: Parts, folder: Path, id: str = DEFAULT_ID) -> OpenFaceImported:
    """Take in the network whose tensors lie in `folder`, as `id`: all of it or, after any error, nothing.

    Raises InputError for a folder in which a file is missing, wrong or too many and for an id that is taken,
    UnavailableError where the data directory can't be written.
    """
    from faceapp.zoo import openface, openface_graph
    from faceapp.zoo.build import serialise

    found = openface.read_folder(folder)
    # Its title and the bytes don't depend on what it is called: the same files are the same embedding space.
    network = serialise(openface_graph.build(found.tensors))
    entry = EmbedderEntry(
        id=id,
        crop=CropSpec("similarity", openface_graph.SIZE, points=openface.CROP_POINTS),
        colour="rgb",
        mean=(0.0, 0.0, 0.0),
        std=(255.0, 255.0, 255.0),
        title="OpenFace nn4.small2",
        licence="Apache-2.0 (OpenFace, Carnegie Mellon University); MIT (Keras-OpenFace's form of its weights)",
        photographs="FaceScrub and CASIA-WebFace, about 500,000 photos, says OpenFace; both are offered for research. "
        "The licence is of the weights and says nothing about those photographs.",
        origin="OpenFace's CSV files",
    )
    with tempfile.TemporaryDirectory(prefix="faceapp-openface-") as place:
        file = Path(place) / "openface.onnx"
        file.write_bytes(network)
        return OpenFaceImported(import_embedder(parts, file, entry), found.passed_over)
