"""The installed networks against what others compute from the same weights (tests/bench/make_reference.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from faceapp import paths
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.specs import Precision
from faceapp.zoo.store import ModelStore
from tests.bench.make_reference import crops, mtcnn_inputs, scenes

DATA = Path(__file__).parents[2] / "data" / "zoo"
Floats = NDArray[np.float32]
Net = Callable[[str, Precision, Floats], dict[str, Floats]]


@pytest.fixture(scope="module")
def reference() -> dict[str, Floats]:
    with np.load(DATA / "reference.npz") as found:
        return dict(found)


@pytest.fixture(scope="module")
def picture() -> Any:
    return cv2.imread(str(DATA / "face.png"))


@pytest.fixture(scope="module")
def net(models_dir: Path) -> Net:
    """Run an installed network: its results by name."""
    store = ModelStore(models_dir, load_manifest(paths.manifest_dir()))
    sessions: dict[Path, onnxruntime.InferenceSession] = {}

    def run(network: str, precision: Precision, x: Floats) -> dict[str, Floats]:
        path = store.path(network, precision)
        if path not in sessions:
            sessions[path] = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        names = [o.name for o in sessions[path].get_outputs()]
        return dict(zip(names, sessions[path].run(names, {"input": x}), strict=True))

    return run


def prepared(network: str, pictures: Any) -> Floats:
    """Pictures (N, H, W, 3) BGR as the manifest says the network takes them."""
    spec = load_manifest(paths.manifest_dir()).network(network).input
    ordered = pictures[..., ::-1] if spec.colour == "rgb" else pictures
    values = (ordered.astype(np.float32) - np.array(spec.mean, np.float32)) / np.array(spec.std, np.float32)
    assert values.shape[1:3] == (spec.height, spec.width)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2), np.float32)


def unit(rows: Floats) -> Floats:
    scaled: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def inputs(network: str, picture: Any) -> Floats:
    faces = crops(picture)
    return prepared(network, faces if network == "facenet-512" else faces[:, 5:155, 5:155])


EMBEDDERS = [("facenet-512", "facenet"), ("dlib-resnet-128", "dlib")]


@pytest.mark.parametrize(("network", "key"), EMBEDDERS)
def test_embeddings_are_those_of_the_original(net: Net, reference: Any, picture: Any, network: str, key: str) -> None:
    found = net(network, "fp32", inputs(network, picture))["embedding"]
    assert found.shape == reference[key].shape
    assert np.abs(found - reference[key]).max() < 1e-5
    # It would fail for another face: the crops are nowhere near that alike.
    assert np.abs(found - np.roll(reference[key], 1, axis=0)).max() > 1e-2


def test_facenet_gives_vectors_of_length_one(net: Net, picture: Any) -> None:
    lengths = np.linalg.norm(net("facenet-512", "fp32", inputs("facenet-512", picture))["embedding"], axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


@pytest.mark.parametrize(("network", "key"), EMBEDDERS)
def test_int8_embeddings_stay_near(net: Net, reference: Any, picture: Any, network: str, key: str) -> None:
    # Photos of one person lie 0.5 and more apart.
    found = unit(net(network, "int8", inputs(network, picture))["embedding"])
    distances = np.linalg.norm(found - unit(reference[key]), axis=1)
    assert distances.mean() < 0.05
    assert distances.max() < 0.1


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("network", ["facenet-512", "dlib-resnet-128"])
def test_a_batch_gives_what_single_pictures_give(net: Net, picture: Any, network: str, precision: Precision) -> None:
    x = inputs(network, picture)[:3]
    alone = np.concatenate([net(network, precision, x[i : i + 1])["embedding"] for i in range(3)])
    np.testing.assert_allclose(net(network, precision, x)["embedding"], alone, atol=1e-4)


def decoded(results: dict[str, Floats], scene: int) -> tuple[Floats, Floats]:
    """Scores (P,) and corners (P, 4) in parts of the picture, as caffe.convert says."""
    loc, priors, variances = results["loc"][scene], results["priors"], results["variances"]
    centres = priors[:, :2] + loc[:, :2] * variances[:2] * priors[:, 2:]
    sizes = priors[:, 2:] * np.exp(loc[:, 2:] * variances[2:])
    return results["conf"][scene, :, 1], np.hstack([centres - sizes / 2, centres + sizes / 2])


@pytest.mark.parametrize(("precision", "score", "pixels"), [("fp32", 1e-4, 1.0), ("int8", 0.15, 9.0)])
def test_ssd_boxes_are_those_of_opencv(
    net: Net, reference: Any, picture: Any, precision: Precision, score: float, pixels: float
) -> None:
    results = net("ssd-resnet10", precision, prepared("ssd-resnet10", scenes(picture)))
    sure = [row for row in reference["ssd"] if row[1] > (0.05 if precision == "fp32" else 0.5)]
    assert len(sure) > (100 if precision == "fp32" else 5)
    for scene, confidence, *corners in sure:
        scores, boxes = decoded(results, int(scene))
        off = np.abs(boxes - np.array(corners)).max(axis=1) * 300
        assert (off[np.abs(scores - confidence) < score] < pixels).any()


def test_ssd_finds_nothing_else(net: Net, reference: Any, picture: Any) -> None:
    results = net("ssd-resnet10", "fp32", prepared("ssd-resnet10", scenes(picture)))
    for scene in range(3):
        rows = reference["ssd"][reference["ssd"][:, 0] == scene]
        scores, boxes = decoded(results, scene)
        for box in boxes[scores > 0.5]:
            overlaps = [_overlap(box, r[2:]) for r in rows if r[1] > 0.5]
            assert max(overlaps) > 0.45  # what OpenCV suppressed overlaps what it kept


def _overlap(a: Floats, b: Floats) -> float:
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if sides.min() <= 0:
        return 0.0
    common = float(sides.prod())
    return common / (float((a[2:] - a[:2]).prod()) + float((b[2:] - b[:2]).prod()) - common)


def test_mtcnn_gives_what_the_carriers_files_give(net: Net, reference: Any, picture: Any) -> None:
    for name, x in mtcnn_inputs(picture).items():
        found = net(f"mtcnn-{name}", "fp32", np.ascontiguousarray(x))
        wanted = {k: reference[f"{name}_{k}"] for k in (2, 4, 10) if f"{name}_{k}" in reference}
        if name == "pnet":  # the carrier's order is width, height, value
            wanted = {k: v.transpose(0, 3, 2, 1) for k, v in wanted.items()}
        assert np.abs(found["score"] - wanted[2][:, 1:]).max() < 1e-5
        assert np.abs(found["boxes"] - wanted[4]).max() < 1e-5
        assert wanted[2][:, 1].max() > 0.9  # there is a face among them
        if name == "onet":
            assert np.abs(found["points"] - wanted[10]).max() < 1e-5
