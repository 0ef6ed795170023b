"""Small ONNX embedders, honest and hostile, as somebody could bring them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

SIZE, DIMENSION = 16, 8


def value(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def weight(name: str, *shape: int, seed: int = 1) -> TensorProto:
    values = np.random.default_rng(seed).normal(0, 0.1, shape).astype(np.float32)
    return numpy_helper.from_array(values, name)


def model(
    nodes: list[NodeProto],
    weights: list[TensorProto],
    *,
    inputs: list[ValueInfoProto] | None = None,
    outputs: list[ValueInfoProto] | None = None,
    opsets: tuple[tuple[str, int], ...] = (("", 17),),
) -> onnx.ModelProto:
    """Nodes from `picture` (N, 3, 16, 16) to `embedding` (N, 8), unless told otherwise. Nothing is checked."""
    graph = helper.make_graph(
        nodes,
        "brought",
        inputs or [value("picture", ["N", 3, SIZE, SIZE])],
        outputs or [value("embedding", ["N", DIMENSION])],
        weights,
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid(d, v) for d, v in opsets])


def embedder(*, size: int = SIZE, dimension: int = DIMENSION, seed: int = 1) -> onnx.ModelProto:
    """An honest one: every pixel times a number, added up."""
    return model(
        [helper.make_node("Flatten", ["picture"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["embedding"])],
        [weight("w", 3 * size * size, dimension, seed=seed)],
        inputs=[value("picture", ["N", 3, size, size])],
        outputs=[value("embedding", ["N", dimension])],
    )


def altered(change: str, *inputs: str, name: str = "odd", **attributes: object) -> onnx.ModelProto:
    """The honest one with an operator `change` between its last and its result."""
    made = embedder()
    made.graph.node[-1].output[0] = "plain"
    made.graph.node.append(helper.make_node(change, ["plain", *inputs], ["embedding"], name=name, **attributes))
    return made


def save(made: onnx.ModelProto, file: Path) -> Path:
    file.write_bytes(made.SerializeToString())
    return file
