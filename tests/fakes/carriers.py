"""Small archives with small networks in them, and the manifest that describes them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.specs import Manifest
from tests.fakes.formats import const, field, ints, node, placeholder

MEMBER = "tiny_cv2/graph.pb"
SDIST_MEMBER = "other-2.0/other/graph.pb"


def tiny_graph(seed: int) -> bytes:
    """A GraphDef of three convolutions, a pool and a dense layer: 16x16 pictures in, vectors of 4 out."""
    rng = np.random.default_rng(seed)
    valid = {"strides": ints(1, 1, 1, 1), "padding": field(2, "VALID")}
    nodes = [placeholder("input", 1, 16, 16, 3)]
    x = "input"
    for i, (inside, outside) in enumerate(((3, 8), (8, 8), (8, 8))):
        nodes += [
            const(f"w{i}", rng.normal(size=(3, 3, inside, outside)) / 5),
            node(f"c{i}", "Conv2D", [x, f"w{i}"], **valid),
            node(f"r{i}", "Relu", [f"c{i}"]),
        ]
        x = f"r{i}"
    nodes += [
        node("pool", "AvgPool", [x], ksize=ints(1, 10, 10, 1), **valid),
        const("shape", np.array([1, -1], np.int32)),
        node("flat", "Reshape", ["pool", "shape"]),
        const("dense", rng.normal(size=(8, 4))),
        node("out", "MatMul", ["flat", "dense"]),
    ]
    return b"".join(nodes)


def wheel(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def sdist(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as t:
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            t.addfile(link)
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Zoo:
    """A manifest's folder and the folder with the archives it names."""

    manifest: Manifest
    archives: Path


def tiny_zoo(folder: Path) -> Zoo:
    """Two embedders' networks, `one` from a wheel (with INT8) and `two` from an sdist, and the embedder of both."""
    archives, models = folder / "archives", folder / "manifest"
    archives.mkdir(parents=True)
    (models / "statistics").mkdir(parents=True)
    one, two = tiny_graph(1), tiny_graph(2)
    files = {"tiny-1.0-py3-none-any.whl": wheel({MEMBER: one}), "other-2.0.tar.gz": sdist({SDIST_MEMBER: two})}
    for name, data in files.items():
        (archives / name).write_bytes(data)
    text = "version = 1\n[targets]\nverify_far = 1e-3\nidentify_fpir = 0.002\ndoor_far = 1e-4\n"
    for package, version, (name, data) in zip(("tiny", "other"), ("1.0", "2.0"), files.items(), strict=True):
        kind = "wheel" if name.endswith(".whl") else "sdist"
        text += (
            f'[carriers.{package}]\nversion = "{version}"\nkind = "{kind}"\narchive = "{name}"\n'
            f'sha256 = "{sha256(data)}"\nsize = {len(data)}\n'
        )
    for id, package, member, graph in (("one", "tiny", MEMBER, one), ("two", "other", SDIST_MEMBER, two)):
        text += f"""
[networks.{id}]
title = "Tiny {id}"
kind = "embedder"
converter = "graphdef"
dimension = 4
unit_length = false
int8 = {str(id == "one").lower()}
licence = "CC0"
photographs = "None"
[[networks.{id}.sources]]
carrier = "{package}"
member = "{member}"
sha256 = "{sha256(graph)}"
size = {len(graph)}
[networks.{id}.input]
layout = "NCHW"
width = 16
height = 16
colour = "rgb"
mean = [0, 0, 0]
std = [1, 1, 1]
[networks.{id}.crop]
kind = "box"
size = 16
margin = 0.25
"""
    text += """
[detectors]
[embedders.both]
title = "Both"
[[embedders.both.parts]]
network = "one"
mirror = true
weight = 2.0
[[embedders.both.parts]]
network = "two"
mirror = false
weight = 1.0
"""
    (models / "manifest.toml").write_text(text)
    ranges = {"network": "one", "source": "test", "ranges": {"r0": [0, 5], "r1": [0, 5], "r2": [0, 5]}}
    (models / "statistics" / "one.ranges.json").write_text(json.dumps(ranges))
    return Zoo(load_manifest(models), archives)
