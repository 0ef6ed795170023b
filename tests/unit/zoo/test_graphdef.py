"""The GraphDef converter on small hand-made graphs, against NumPy."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.zoo.graphdef import convert
from faceapp.zoo.wire import ConversionError
from tests.fakes.formats import const, field, ints, node, placeholder

RNG = np.random.default_rng(3)


def random(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


def window(strides: int, padding: str, size: int = 0) -> dict[str, bytes]:
    found = {"strides": ints(1, strides, strides, 1), "padding": field(2, padding)}
    if size:
        found["ksize"] = ints(1, size, size, 1)
    return found


def numpy_conv(x: Any, weights: Any, stride: int, pads: tuple[int, int]) -> Any:
    """x (H, W, C), weights (h, w, in, out), pads before and behind on both axes."""
    x = np.pad(x, (pads, pads, (0, 0)))
    h, w = weights.shape[:2]
    rows, columns = (x.shape[0] - h) // stride + 1, (x.shape[1] - w) // stride + 1
    out = np.zeros((rows, columns, weights.shape[3]), np.float32)
    for i in range(rows):
        for j in range(columns):
            part = x[i * stride : i * stride + h, j * stride : j * stride + w]
            out[i, j] = np.tensordot(part, weights, 3)
    return out


W1, B1, W2, DENSE = random(3, 3, 2, 4), random(4), random(1, 1, 4, 4), random(8, 5)
GAMMA, BETA, MEAN, VARIANCE = random(5), random(5), random(5), random(5) ** 2 + 0.5


def network() -> list[bytes]:
    """Every operator once, as in FaceNet: stem, a residual block with concatenation, pool, dense, norm, unit length."""
    return [
        placeholder("input", 1, 9, 9, 2),
        const("w1", W1),
        node("conv", "Conv2D", ["input:0", "w1"], **window(2, "SAME")),
        const("b1", B1),
        node("bias", "BiasAdd", ["conv", "b1"]),
        node("relu", "Relu", ["bias"]),
        const("w2", W2),
        node("side", "Conv2D", ["relu", "w2"], **window(1, "VALID")),
        const("factor", np.float32(0.17)),
        node("scaled", "Mul", ["factor", "side"]),
        node("sum", "Add", ["relu", "scaled"]),
        const("axis", np.int32(3)),
        node("both", "ConcatV2", ["sum", "relu", "axis"]),
        node("max", "MaxPool", ["both"], **window(1, "VALID", 3)),
        node("pool", "AvgPool", ["max"], **window(1, "VALID", 3)),
        const("flat_shape", np.array([1, -1], np.int32)),
        node("flat", "Reshape", ["pool", "flat_shape"]),
        const("dense", DENSE),
        node("matmul", "MatMul", ["flat", "dense"]),
        const("shape4", np.array([-1, 1, 1, 5], np.int32)),
        node("as_picture", "Reshape", ["matmul", "shape4"]),
        *(const(n, v) for n, v in (("gamma", GAMMA), ("beta", BETA), ("mean", MEAN), ("variance", VARIANCE))),
        node("norm", "FusedBatchNorm", ["as_picture", "gamma", "beta", "mean", "variance"], epsilon=field(4, 0.001)),
        const("shape2", np.array([1, 5], np.int32)),
        node("vector", "Reshape", ["norm", "shape2"]),
        node("square", "Square", ["vector"]),
        const("one", np.array([1], np.int32)),
        node("total", "Sum", ["square", "one"], keep_dims=field(5, 1)),
        const("floor", np.float32(1e-10)),
        node("atleast", "Maximum", ["total", "floor"]),
        node("rsqrt", "Rsqrt", ["atleast"]),
        node("embeddings", "Mul", ["vector", "rsqrt"]),
    ]


def expected(x: Any) -> Any:
    """x (H, W, C): what the network makes of one picture."""
    relu = np.maximum(numpy_conv(x, W1, 2, (1, 1)) + B1, 0)
    both = np.concatenate([relu + 0.17 * numpy_conv(relu, W2, 1, (0, 0)), relu], axis=-1)
    pools = np.array([[both[i : i + 3, j : j + 3].max((0, 1)) for j in range(3)] for i in range(3)])
    y = pools.mean((0, 1)) @ DENSE
    y = (y - MEAN) / np.sqrt(VARIANCE + 0.001) * GAMMA + BETA
    return y / np.linalg.norm(y)


@pytest.mark.parametrize("order", [1, -1])
def test_converts_all_it_knows(run: Any, order: int) -> None:
    # Nodes of a GraphDef stand in any order.
    model = convert(b"".join(network()[::order]))
    x = random(3, 9, 9, 2)
    (y,) = run(model, np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(y, [expected(p) for p in x], atol=1e-5)
    assert [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim] == ["N", 2, 9, 9]
    assert [o.name for o in model.graph.output] == ["embedding"]


def test_norms_biases_and_factors_cost_nothing_at_run_time() -> None:
    kinds = [n.op_type for n in convert(b"".join(network())).graph.node]
    assert kinds.count("Conv") == 2
    assert kinds.count("Gemm") == 1
    assert "BatchNormalization" not in kinds
    assert kinds.count("Mul") == 2  # x * x and the last one
    assert kinds.count("Add") == 1  # the residual's


def test_flattening_a_picture_keeps_the_order_of_the_file(run: Any) -> None:
    dense = random(3 * 4 * 2, 5)
    graph = [
        placeholder("input", 1, 3, 4, 2),
        const("shape", np.array([-1, 24], np.int32)),
        node("flat", "Reshape", ["input", "shape"]),
        const("dense", dense),
        node("out", "MatMul", ["flat", "dense"]),
    ]
    x = random(2, 3, 4, 2)
    (y,) = run(convert(b"".join(graph)), np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(y, x.reshape(2, -1) @ dense, atol=1e-5)


def replaced(name: str, *nodes: bytes) -> bytes:
    """The network with the node `name` taken out and others put in."""
    start = field(1, name)
    kept = [n for n in network() if start not in n[:20]]
    assert len(kept) == len(network()) - 1
    return b"".join([*kept, *nodes])


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (b"", "no node in the file"),
        (b"\x0a\xff", "ends within a number"),
        (replaced("relu", node("relu", "Elu", ["bias"])), "no conversion for the operator Elu"),
        (replaced("b1"), "needs 'b1', which is not in the file"),
        (replaced("relu", node("relu", "Add", ["bias", "sum"])), "part of a loop"),
        (b"".join(network()) + node("input", "Relu", ["norm"]), "two nodes are called 'input'"),
        (b"".join(network()) + node("more", "Relu", ["norm"]), "2 results"),
        (replaced("relu", node("relu", "Relu", ["bias:1"])), "only the first output"),
        (replaced("input", placeholder("input", 1, 9, 9)), "batch of pictures"),
        (replaced("w1", const("w1", random(3, 3, 5, 4))), "do not fit"),
        (replaced("w1", placeholder("w1", 1, 3, 3, 2)), "must be a constant"),
        (replaced("conv", node("conv", "Conv2D", ["input", "w1"], padding=field(2, "SAME"))), "needs the attribute"),
        (replaced("conv", node("conv", "Conv2D", ["input", "w1"], **window(2, "EXPLICIT"))), "'EXPLICIT'"),
        (replaced("max", node("max", "MaxPool", ["both"], **window(1, "VALID", 6))), "does not fit"),
        (replaced("axis", const("axis", np.int32(1))), "only channels"),
        (replaced("flat_shape", const("flat_shape", np.array([2, -1], np.int32))), "must keep the batch"),
        (replaced("flat_shape", const("flat_shape", np.array([1, 2, 4], np.int32))), "only flattening"),
        (replaced("dense", const("dense", random(7, 5))), "do not fit"),
        (
            replaced("norm", node("norm", "FusedBatchNorm", ["as_picture"], is_training=field(5, 1))),
            "training mode",
        ),
        (replaced("total", node("total", "Sum", ["square", "one"])), "kept as one number"),
        (replaced("w2", node("w2", "Const", value=field(8, field(1, 7)))), "type 7"),
        (replaced("w2", node("w2", "Const", value=field(8, field(1, 1) + field(4, b"abcde")))), "5 bytes"),
    ],
)
def test_what_it_does_not_know_is_named(source: bytes, what: str) -> None:
    with pytest.raises(ConversionError, match=what):
        convert(source)


@given(st.integers(1, 2000))
def test_a_cut_off_file_is_refused_or_another_network(cut: int) -> None:
    source = b"".join(network())
    whole = len(convert(source).graph.node)
    with contextlib.suppress(ConversionError):  # cut between two nodes it is a shorter network: the SHA-256 knows
        assert len(convert(source[: -min(cut, len(source) - 1)]).graph.node) < whole
