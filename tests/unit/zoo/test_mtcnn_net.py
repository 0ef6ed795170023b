"""MTCNN's converter, on a small network of the carrier's form; the real files are compared in the zoo's own tests."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from faceapp.zoo.mtcnn_net import convert
from faceapp.zoo.wire import ConversionError

_RNG = np.random.default_rng(5)


def _array(name: str, *shape: int) -> onnx.TensorProto:
    fan_in = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
    return numpy_helper.from_array(_RNG.normal(0, 1.5 / np.sqrt(fan_in), shape).astype(np.float32), name)


def _slopes(name: str, *shape: int) -> onnx.TensorProto:
    """Falling, flat, rising and steeper than 1: every case of the rewriting."""
    values = np.resize(np.array([-1.3, 0.4, 0.0, 1.4, -0.2], np.float32), shape)
    return numpy_helper.from_array(values, name)


def _carrier(size: int) -> onnx.ModelProto:
    """A network laid out as the carrier's are: N x W x H x 3, transposes, PRelu, softmax; dense if `size`."""
    node = helper.make_node
    nodes = [
        node("Transpose", ["x"], ["x1"], perm=[0, 3, 1, 2]),
        node("Conv", ["x1", "w1", "b1"], ["c1"], kernel_shape=[3, 3], auto_pad="VALID"),
        node("PRelu", ["c1", "a1"], ["r1"]),
        node("MaxPool", ["r1"], ["m1"], kernel_shape=[2, 2], strides=[2, 2], auto_pad="SAME_UPPER"),
        node("Conv", ["m1", "w2", "b2"], ["c2"], kernel_shape=[3, 3], auto_pad="VALID"),
        node("PRelu", ["c2", "a2"], ["r2"]),
    ]
    values = [_array("w1", 7, 3, 3, 3), _array("b1", 7), _slopes("a1", 1, 7, 1, 1)]
    values += [_array("w2", 6, 7, 3, 3), _array("b2", 6), _slopes("a2", 1, 6, 1, 1)]
    if size:
        side = (size - 1) // 2 - 2
        nodes += [
            node("Transpose", ["r2"], ["t2"], perm=[0, 2, 3, 1]),
            node("Flatten", ["t2"], ["f"], axis=1),
            node("MatMul", ["f", "w3"], ["d3"]),
            node("Add", ["d3", "b3"], ["e3"]),
            node("PRelu", ["e3", "a3"], ["r3"]),
        ]
        values += [_array("w3", side * side * 6, 9), _array("b3", 9), _slopes("a3", 9)]
        for name, width in [("boxes", 4), *([("points", 10)] if size == 48 else []), ("logits", 2)]:
            nodes += [node("MatMul", ["r3", f"w_{name}"], [f"d_{name}"])]
            nodes += [node("Add", [f"d_{name}", f"b_{name}"], [name])]
            values += [_array(f"w_{name}", 9, width), _array(f"b_{name}", width)]
        nodes += [node("Softmax", ["logits"], ["scores"], axis=1)]
    else:
        for name, width in [("boxes", 4), ("logits", 2)]:
            nodes += [node("Conv", ["r2", f"w_{name}", f"b_{name}"], [f"c_{name}"], kernel_shape=[1, 1])]
            nodes += [node("Transpose", [f"c_{name}"], [name], perm=[0, 2, 3, 1])]
            values += [_array(f"w_{name}", width, 6, 1, 1), _array(f"b_{name}", width)]
        nodes += [node("Softmax", ["logits"], ["scores"], axis=3)]
    names = ["boxes", *(["points"] if size == 48 else []), "scores"]
    shape = ["N", size or "W", size or "H", 3]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names]
    graph = helper.make_graph(
        nodes, "carrier", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)], outputs, values
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=7)


def _run(model: onnx.ModelProto, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(y) for y in session.run(None, {session.get_inputs()[0].name: x})]


@pytest.mark.parametrize("size", [0, 24, 48])
def test_the_converted_network_gives_the_same_numbers(size: int) -> None:
    source = _carrier(size)
    x = _RNG.normal(0, 0.5, (3, 3, size or 31, size or 22)).astype(np.float32)
    expected = _run(source, np.ascontiguousarray(x.transpose(0, 3, 2, 1)))
    found = _run(convert(source.SerializeToString()), x)
    assert len(found) == len(expected)
    *regressions, score = expected
    if size == 0:
        regressions = [r.transpose(0, 3, 2, 1) for r in regressions]
        score = score.transpose(0, 3, 2, 1)
    for a, b in zip([*regressions, score[:, 1:]], found, strict=True):
        assert b.shape == a.shape
        np.testing.assert_allclose(b, a, atol=1e-5)
    assert score.max() - score.min() > 0.4  # the comparison could have failed


def test_nothing_slow_is_left() -> None:
    ops = {n.op_type for n in convert(_carrier(48).SerializeToString()).graph.node}
    assert not ops & {"PRelu", "Transpose", "Softmax"}


def test_another_network_is_refused() -> None:
    model = _carrier(24)
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 25
    with pytest.raises(ConversionError, match="not one of MTCNN's networks"):
        convert(model.SerializeToString())
