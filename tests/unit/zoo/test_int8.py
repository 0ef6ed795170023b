"""Quantisation on small networks: what becomes integer, how near it stays, and that it is always the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from faceapp.errors import UnavailableError
from faceapp.zoo import int8
from faceapp.zoo.onnx_graph import OnnxGraph

RNG = np.random.default_rng(17)


def random(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


X = random(4, 3, 16, 16)


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    """Stem, pool, a residual block, a pad, a concatenation, pool and dense layer."""
    g = OnnxGraph("small")
    x = g.conv(g.input("input", ["N", 3, 16, 16]), random(16, 3, 3, 3), "stem", bias=random(16))
    x = g.add("MaxPool", [g.add("Relu", [x], "stem_relu")], "stem_pool", kernel_shape=[2, 2], strides=[2, 2])
    y = g.add("Relu", [g.conv(x, random(16, 16, 3, 3) / 8, "a", bias=random(16), pads=(1, 1, 1, 1))], "a_relu")
    y = g.conv(y, random(16, 16, 3, 3) / 8, "b", pads=(1, 1, 1, 1))
    x = g.add("Relu", [g.add("Add", [x, y], "sum")], "sum_relu")
    z = g.add(
        "Pad", [g.conv(x, random(8, 16, 3, 3) / 8, "c"), g.weight("pads", np.array([0, 0, 0, 0, 0, 0, 2, 2]))], "pad"
    )
    x = g.add("Concat", [x, z], "both", axis=1)
    x = g.add("Relu", [g.conv(x, random(16, 24, 1, 1) / 5, "d", bias=random(16))], "d_relu")
    x = g.add("MaxPool", [x], "d_pool", kernel_shape=[3, 3], strides=[2, 2])
    x = g.add("Relu", [g.conv(x, random(16, 16, 1, 1) / 4, "e")], "e_relu")
    x = g.add("Flatten", [g.add("GlobalAveragePool", [x], "mean")], "flat", axis=1)
    g.output(g.gemm(x, random(8, 16), "dense"), ["N", 8])
    return g.to_model()


@pytest.fixture(scope="module")
def ranges(model: onnx.ModelProto, run: Any) -> dict[str, tuple[float, float]]:
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    names = int8.calibrated_tensors(model)
    for name in names:
        watched.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    return {n: (float(v.min()), float(v.max())) for n, v in zip(names, run(watched, X)[1:], strict=True)}


def made_by(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    return {o: n for n in model.graph.node for o in n.output}


def test_it_stays_near_the_float_network(model: Any, ranges: Any, run: Any) -> None:
    (wanted,), (found,) = run(model, X), run(int8.quantise(model, ranges), X)
    assert not np.array_equal(wanted, found)
    assert np.linalg.norm(found - wanted) < 0.03 * np.linalg.norm(wanted)


def test_the_same_input_gives_the_same_bytes_and_is_left_alone(model: Any, ranges: Any) -> None:
    before = model.SerializeToString()
    assert int8.quantise(model, ranges).SerializeToString() == int8.quantise(model, ranges).SerializeToString()
    assert model.SerializeToString() == before


def test_a_third_of_the_size_or_less(model: Any, ranges: Any) -> None:
    weights = {w.name: w for w in int8.quantise(model, ranges).graph.initializer}
    for layer in "abcde":
        assert weights[f"{layer}.weight.q"].data_type == onnx.TensorProto.INT8
        assert f"{layer}.weight" not in weights


def test_first_and_last_layer_stay_in_float(model: Any, ranges: Any) -> None:
    makers = made_by(int8.quantise(model, ranges))
    assert list(makers["stem"].input) == ["input", "stem.weight", "stem.bias"]
    assert "dense.weight" in makers["dense"].input
    assert makers["mean"].input == ["e_relu.dq"]
    assert "mean.dq" not in makers
    assert makers["a_relu"].op_type == "Conv"  # its ReLU is the lower end of the range
    assert makers["a_relu"].input[0] == "stem_pool.dq"


def test_values_that_are_only_moved_keep_their_scale(model: Any, ranges: Any) -> None:
    values = {w.name: onnx.numpy_helper.to_array(w) for w in int8.quantise(model, ranges).graph.initializer}
    for target, source in (("d_pool", "d_relu"), ("pad", "c")):
        assert values[f"{target}.scale"] == values[f"{source}.scale"]
        assert values[f"{target}.zero"] == values[f"{source}.zero"]
    assert "d_pool" not in int8.calibrated_tensors(model)


def test_zero_is_exact_and_what_was_seen_is_held(model: Any, ranges: Any) -> None:
    values = {w.name: onnx.numpy_helper.to_array(w) for w in int8.quantise(model, ranges).graph.initializer}
    for name, (low, high) in ranges.items():
        scale, zero = float(values[f"{name}.scale"]), int(values[f"{name}.zero"])
        assert (255 - zero) * scale >= high - scale
        assert -zero * scale <= min(0.0, low) + scale


def test_runtime_pools_the_stem_in_float(model: Any, ranges: Any) -> None:
    # Without the ReLU ONNX Runtime would pull the quantisation in front of the pool.
    makers = made_by(int8.quantise(model, ranges))
    assert makers["stem_pool"].op_type == "Relu"
    assert makers["stem_pool.pooled"].op_type == "MaxPool"


def test_a_relu_behind_a_pool_stays_one(run: Any) -> None:
    g = OnnxGraph("pooled")
    x = g.conv(g.input("input", ["N", 8, 6, 6]), random(8, 8, 1, 1), "a")
    x = g.add("Relu", [g.add("MaxPool", [x], "p", kernel_shape=[2, 2], strides=[2, 2])], "r")
    x = g.add("Relu", [g.conv(x, random(8, 8, 1, 1), "b")], "s")
    g.output(g.conv(x, random(8, 8, 1, 1), "last"), ["N", 8, 3, 3])
    small, x = g.to_model(), random(1, 8, 6, 6) - 1
    ranges = {"input": (-5.0, 5.0), "a": (-15.0, 15.0), "r": (0.0, 15.0), "s": (0.0, 40.0)}
    assert set(int8.calibrated_tensors(small)) == set(ranges)
    (wanted,), (found,) = (run(m, x) for m in (small, int8.quantise(small, ranges)))
    assert np.linalg.norm(found - wanted) < 0.1 * np.linalg.norm(wanted)


def test_a_filter_of_nothing_with_a_large_bias(run: Any) -> None:
    g = OnnxGraph("nothing")
    weights = random(8, 8, 1, 1)
    weights[0] = 0
    weights[1] *= 1e-9
    bias = random(8)
    bias[:2] = 900
    x = g.add("Relu", [g.conv(g.input("input", ["N", 8, 4, 4]), weights, "a", bias=bias)], "r")
    g.output(g.conv(x, random(8, 8, 1, 1), "last"), ["N", 8, 4, 4])
    small = g.to_model()
    x = random(1, 8, 4, 4)
    (wanted,), (found,) = (run(m, x) for m in (small, int8.quantise(small, {"input": (-4.0, 4.0), "r": (0.0, 1000.0)})))
    assert np.linalg.norm(found - wanted) < 0.02 * np.linalg.norm(wanted)


def test_ranges_of_another_network_are_refused(model: Any, ranges: Any) -> None:
    with pytest.raises(UnavailableError, match="another network"):
        int8.quantise(model, {k: v for k, v in ranges.items() if k != "a_relu"})


def test_ranges_are_read(tmp_path: Path) -> None:
    file = tmp_path / "x.ranges.json"
    file.write_text(json.dumps({"network": "x", "source": "", "ranges": {"a": [-1, 2]}}))
    assert int8.load_ranges(file, "x") == {"a": (-1.0, 2.0)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"network": "y", "ranges": {}}',
        '{"network": "x"}',
        '{"network": "x", "ranges": {"a": [1]}}',
        '{"network": "x", "ranges": {"a": [2, 1]}}',
        '{"network": "x", "ranges": {"a": [0, Infinity]}}',
    ],
)
def test_damaged_ranges_are_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.ranges.json"
    file.write_text(text)
    with pytest.raises(UnavailableError, match="restore it") as e:
        int8.load_ranges(file, "x")
    assert "\n" not in str(e.value)


def test_missing_ranges_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="restore it"):
        int8.load_ranges(tmp_path / "no.json", "x")
