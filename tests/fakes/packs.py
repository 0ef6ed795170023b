"""Packs in InsightFace's form, as small as they can be: a detector with SCRFD's nine outputs that takes bright squares
for faces, an embedder that looks at 8 x 8 averages. InsightFace's own classes take both."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from faceapp.types import BgrImage, Floats

DETECTOR, EMBEDDER = "det_tiny.onnx", "w_tiny.onnx"
CELL = 32
"""Pixels of the square that is a face to the tiny detector, in the 640 x 640 it sees."""
SQUARE = 64
"""The same in a picture of 640 x 640, which it is shown at half its size."""
EDGES = (1.0, 1.0, 2.0, 2.0)
"""How far its boxes reach from the square's corner, in squares: left, top, right, bottom."""
POINTS = ((-0.4, -0.4), (1.4, -0.4), (0.5, 0.4), (-0.2, 1.2), (1.2, 1.2))
"""Its landmarks, likewise."""


def tiny_scrfd(*, side: int | None = 640, batched: bool = True, landmarks: bool = True, box: int = 4) -> bytes:
    """SCRFD's outputs (scores, boxes, landmarks at strides of 8, 16 and 32, two anchors each); `side` None: any size;
    `batched`: with a first axis of one, as some exports have it; `box`: numbers of a box, of which there should be
    four."""
    nodes = [helper.make_node("ReduceMean", ["input.1"], ["grey"], axes=[1], keepdims=1)]
    weights: dict[str, Floats] = {}
    outputs = []
    kinds = [("score", 1), ("box", 4), ("points", 10)][: 3 if landmarks else 2]
    for kind, width in kinds:
        for stride in (8, 16, 32):
            name = f"{kind}_{stride}"
            if kind == "score":  # only the coarsest map sees anything
                nodes.append(
                    _node("AveragePool", ["grey"], f"pool_{stride}", kernel_shape=[stride] * 2, strides=[stride] * 2)
                )
                weight, bias = (20.0, -5.0) if stride == CELL else (0.0, -20.0)
                values = np.full(2 * width, bias, np.float32)
            else:
                weight = 0.0
                values = np.tile(np.array(EDGES if kind == "box" else POINTS, np.float32).ravel(), 2)
            weights[f"{name}_w"] = np.full((2 * width, 1, 1, 1), weight, np.float32)
            weights[f"{name}_b"] = values
            row = [-1, box if kind == "box" else width]
            weights[f"{name}_shape"] = np.array([1, *row] if batched else row, np.int64)
            nodes.append(_node("Conv", [f"pool_{stride}", f"{name}_w", f"{name}_b"], f"{name}_map"))
            map_name = f"{name}_map"
            if kind == "score":
                nodes.append(_node("Sigmoid", [map_name], f"{name}_part"))
                map_name = f"{name}_part"
            nodes.append(_node("Transpose", [map_name], f"{name}_last", perm=[0, 2, 3, 1]))
            nodes.append(_node("Reshape", [f"{name}_last", f"{name}_shape"], name))
            shape: list[int | str] = ["n", width]
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, *shape] if batched else shape))
    size: list[int | str] = [side, side] if side else ["height", "width"]
    given = helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, *size])
    return _model(nodes, [given], outputs, weights)


def tiny_arcface(
    *, side: int = 112, dimension: int = 16, seed: int = 1, embedded: bool = False, single: bool = False
) -> bytes:
    """An embedder: 8 x 8 averages of each colour through one dense layer. `embedded`: it subtracts and divides itself,
    as those that came from MXNet, with nodes named as InsightFace looks for them; `single`: exported for one picture at
    a time."""
    rng = np.random.default_rng(seed)
    weights: dict[str, Floats] = {"dense": rng.normal(size=(3 * 64, dimension)).astype(np.float32)}
    nodes, x = [], "data"
    if embedded:
        weights |= {"minus": np.array([127.5], np.float32), "times": np.array([1 / 128], np.float32)}
        nodes = [_node("Sub", [x, "minus"], "_minusscalar0"), _node("Mul", ["_minusscalar0", "times"], "_mulscalar0")]
        x = "_mulscalar0"
    nodes += [
        _node("AveragePool", [x], "pool", kernel_shape=[side // 8] * 2, strides=[side // 8] * 2),
        _node("Reshape", ["pool", "row"], "flat") if single else _node("Flatten", ["pool"], "flat", axis=1),
        _node("MatMul", ["flat", "dense"], "embedding"),
    ]
    if single:
        weights["row"] = np.array([1, -1], np.int64)
    batch: int | str = 1 if single else "batch"
    given = helper.make_tensor_value_info("data", TensorProto.FLOAT, [batch, 3, side, side])
    made = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, dimension])
    return _model(nodes, [given], [made], weights)


def tiny_landmark() -> bytes:
    """Takes what a pack's landmark network takes; nobody here has a use for it."""
    nodes = [_node("ReduceMean", ["data"], "mean", axes=[2, 3], keepdims=0)]
    given = helper.make_tensor_value_info("data", TensorProto.FLOAT, ["batch", 3, 192, 192])
    return _model(nodes, [given], [helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["batch", 3])], {})


def tiny_pack() -> dict[str, bytes]:
    """File names and contents of a whole pack."""
    return {DETECTOR: tiny_scrfd(), EMBEDDER: tiny_arcface(), "2d_tiny.onnx": tiny_landmark()}


def write_folder(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    folder.mkdir(parents=True)
    for name, data in (tiny_pack() if files is None else files).items():
        (folder / name).write_bytes(data)
    return folder


def write_zip(file: Path, files: dict[str | zipfile.ZipInfo, bytes] | None = None) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in (tiny_pack() if files is None else files).items():
            z.writestr(name, data)
    file.write_bytes(out.getvalue())
    return file


def with_a_face(*squares: tuple[int, int], side: int = 10 * SQUARE) -> BgrImage:
    """A black picture of 10 x 10 squares, white at each (column, row)."""
    image = np.zeros((side, side, 3), np.uint8)
    for column, row in squares:
        image[row * side // 10 : (row + 1) * side // 10, column * side // 10 : (column + 1) * side // 10] = 255
    return image


def _node(kind: str, inputs: list[str], output: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(kind, inputs, [output], name=output, **attributes)


def _model(
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    weights: dict[str, Floats],
) -> bytes:
    graph = helper.make_graph(
        nodes, "tiny", inputs, outputs, [numpy_helper.from_array(w, name) for name, w in weights.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())
