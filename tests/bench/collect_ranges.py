"""Collect the calibration ranges of INT8 networks: the numbers in models/statistics/<network>.ranges.json.

    .venv/bin/python tests/bench/collect_ranges.py --images DIR [--split FILE] [--count 128] [--out DIR]

DIR holds photographs, one face or more in each; with --split (lines `folder<TAB>role`) only those in folders whose
role is `tune` are used. The FP32 networks must be installed. The real detectors and embedders run over every photo,
over its mirror image and over sheets of 4 and 16 photos (faces of other sizes), while each network notes the smallest
and largest value of every tensor that INT8 will hold in eight bits. Written for networks with `int8 = true`.
Photographs leave no other trace than a note of which they were (`used_pictures.py`). Run it again when a converter
renames tensors, a crop changes, or a network is added.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx

sys.path.insert(0, str(Path(__file__).parents[2]))

from faceapp import paths
from faceapp.app.parts import part_spec
from faceapp.images import read_image
from faceapp.types import BgrImage
from faceapp.vision.embedder import NetworkEmbedder
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.session import ModelSession, SessionPolicy, Tensor, open_session
from faceapp.vision.ssd import Ssd
from faceapp.zoo import int8
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.store import ModelStore
from tests.bench.used_pictures import note

SIGNIFICANT = 6
"""Digits kept of a range: far more than eight bits need."""


class Watching:
    """A network that notes the range of its tensors while it runs."""

    def __init__(self, model: onnx.ModelProto, folder: Path) -> None:
        self._results = len(model.graph.output)
        self._tensors = int8.calibrated_tensors(model)
        self._inputs = {i.name for i in model.graph.input}
        watched = onnx.ModelProto()
        watched.CopyFrom(model)
        known = self._inputs | {o.name for o in model.graph.output}
        self._extra = [t for t in self._tensors if t not in known]
        for name in self._extra:
            watched.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        file = folder / "watched.onnx"
        onnx.save(watched, file)
        self._session: ModelSession = open_session(file, SessionPolicy("cpu"))
        self._names = [o.name for o in model.graph.output]
        self.ranges: dict[str, tuple[float, float]] = {}
        self.runs = 0

    @property
    def provider(self) -> str:
        return self._session.provider

    @property
    def input_names(self) -> tuple[str, ...]:
        return self._session.input_names

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        values = self._session.run(inputs)
        named = {**inputs, **dict(zip([*self._names, *self._extra], values, strict=True))}
        for name in self._tensors:
            if named[name].size:
                low, high = self.ranges.get(name, (np.inf, -np.inf))
                self.ranges[name] = (min(low, float(named[name].min())), max(high, float(named[name].max())))
        self.runs += 1
        return values[: self._results]


def photographs(folder: Path, split: Path | None, count: int) -> list[Path]:
    """The files of `count` photos, evenly from all over the folder."""
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if split:
        rows = [line.split("\t") for line in split.read_text(encoding="utf-8").splitlines() if "\t" in line]
        tune = {name for name, role in rows if role.strip() == "tune"}
        files = [f for f in files if tune & set(f.relative_to(folder).parts)]
    if len(files) < count:
        raise SystemExit(f"{folder} has {len(files)} photographs, fewer than {count}")
    return [files[i * len(files) // count] for i in range(count)]


def sheets(photos: list[BgrImage], rows: int) -> Iterator[BgrImage]:
    """Sheets of rows x rows photos, 640x480."""
    size = (640 // rows, 480 // rows)
    small = [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in photos]
    for i in range(0, len(small) - rows * rows + 1, rows * rows):
        lines = [np.hstack(small[i + r * rows : i + (r + 1) * rows]) for r in range(rows)]
        yield np.vstack(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Collect the calibration ranges of INT8 networks")
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--split", type=Path)
    parser.add_argument("--count", type=int, default=128)
    parser.add_argument("--out", type=Path, default=paths.manifest_dir() / "statistics")
    arguments = parser.parse_args()

    manifest = load_manifest(paths.manifest_dir())
    store = ModelStore(paths.models_dir(), manifest)
    files = photographs(arguments.images, arguments.split, arguments.count)
    photos = [read_image(f) for f in files]
    with tempfile.TemporaryDirectory() as folder:
        watching = {n: Watching(onnx.load(store.file(n, "fp32")), Path(folder)) for n in manifest.networks}
        mtcnn = Mtcnn(*(watching[n] for n in manifest.detector("mtcnn").networks))
        ssd = Ssd(watching["ssd-resnet10"], mtcnn)
        embedders = [
            NetworkEmbedder(p.network, "", watching[p.network], part_spec(p))
            for p in {p.network: p for e in manifest.embedders.values() for p in e.parts}.values()
        ]
        for photo in photos:
            for picture in (photo, cv2.flip(photo, 1)):
                faces = mtcnn.detect(picture, 40)[:1]
                for embedder in embedders:
                    embedder.embed(picture, faces)
            ssd.detect(photo, 40)
        for sheet in (*sheets(photos, 2), *sheets(photos, 4)):
            mtcnn.detect(sheet, 24)
            ssd.detect(sheet, 24)
    for name, network in watching.items():
        if not manifest.network(name).int8:
            continue
        text: dict[str, Any] = {
            "network": name,
            "source": f"smallest and largest values over {network.runs} runs on {len(photos)} photographs, "
            "their mirror images and sheets of 4 and 16 of them",
            "ranges": {t: [_rounded(v) for v in network.ranges[t]] for t in network.ranges},
        }
        file = arguments.out / f"{name}.ranges.json"
        file.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
        note(f"{name}.ranges", text["ranges"], files)
        print(f"{file}: {len(network.ranges)} ranges from {network.runs} runs")


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT}g}")


if __name__ == "__main__":
    main()
