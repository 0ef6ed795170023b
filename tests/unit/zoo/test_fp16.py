"""Half precision inside, single outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from faceapp import paths
from faceapp.errors import UnavailableError
from faceapp.zoo import build
from faceapp.zoo.fp16 import halve
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.onnx_graph import OnnxGraph
from tests.fakes.networks import DIMENSION, altered, weight

RNG = np.random.default_rng(23)


def random(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


def small() -> onnx.ModelProto:
    g = OnnxGraph("small")
    x = g.add("Relu", [g.conv(g.input("input", ["N", 3, 8, 8]), random(4, 3, 3, 3), "c", bias=random(4))], "r")
    x = g.add("Flatten", [g.add("GlobalAveragePool", [x], "m")], "f", axis=1)
    tiny = g.weight("floor", np.array([1e-10], np.float32))
    squares = g.add("Add", [g.add("Mul", [x, x], "x2"), tiny], "above")
    g.output(g.add("Div", [x, g.add("Sqrt", [squares], "root")], "y"), ["N", 4])
    g.constant_output("numbers", np.array([1e-10, 1e10], np.float32))
    return g.to_model()


def test_the_ends_stay_single(run: Any) -> None:
    model = small()
    half = halve(model)
    assert [t.type.tensor_type.elem_type for t in (*half.graph.input, *half.graph.output)] == [1, 1, 1]
    assert [o.name for o in half.graph.output] == ["y", "numbers"]
    kinds = {w.name: w.data_type for w in half.graph.initializer}
    assert kinds["c.weight"] == onnx.TensorProto.FLOAT16
    assert kinds["numbers"] == onnx.TensorProto.FLOAT
    x = random(2, 3, 8, 8)
    (wanted, numbers), (found, same) = run(model, x), run(half, x)
    np.testing.assert_allclose(found, wanted, atol=0.01)
    assert np.array_equal(numbers, same)


def test_a_floor_against_division_by_zero_stays_above_zero() -> None:
    weights = {w.name: onnx.numpy_helper.to_array(w) for w in halve(small()).graph.initializer}
    assert weights["floor"][0] > 0


def test_half_the_size_and_always_the_same() -> None:
    model = small()
    assert halve(model).SerializeToString() == halve(model).SerializeToString()


def test_a_network_that_cannot_be_halved_is_told(tmp_path: Path) -> None:
    made = altered("Cast", to=TensorProto.FLOAT)
    made.graph.node[-1].output[0] = "single"
    made.graph.node.append(helper.make_node("MatMul", ["single", "half"], ["embedding"]))
    made.graph.initializer.append(weight("half", DIMENSION, DIMENSION))
    network = load_manifest(paths.manifest_dir()).network("pixels")
    with pytest.raises(UnavailableError, match=r"pixels does not come in FP16 \(.*\): use FP32"):
        build.reduce(made, network, "fp16", tmp_path / "none.json")
