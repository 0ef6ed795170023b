"""Folding changes what runs, not what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from faceapp.zoo.onnx_graph import OnnxGraph
from faceapp.zoo.wire import ConversionError

RNG = np.random.default_rng(5)


def random(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


def kinds(model: Any) -> list[str]:
    return [n.op_type for n in model.graph.node]


def test_a_scale_and_a_bias_behind_a_convolution_disappear(run: Any) -> None:
    weights, scale, shift, x = random(4, 3, 3, 3), random(4), random(4), random(2, 3, 8, 8)

    def build(fold: bool) -> Any:
        graph = OnnxGraph("g")
        y = graph.conv(graph.input("input", ["N", 3, 8, 8]), weights, "c", pads=(1, 1, 1, 1))
        if not fold:
            graph.output("c", ["N", 4, 8, 8])  # somebody else needs it: it has to stay
        y = graph.affine(y, "s", scale=scale)
        y = graph.affine(y, "b", shift=shift)
        graph.output(y, ["N", 4, 8, 8])
        return graph.to_model()

    folded, plain = build(True), build(False)
    assert kinds(folded) == ["Conv"]
    assert kinds(plain) == ["Conv", "Mul", "Add"]
    np.testing.assert_allclose(run(folded, x)[0], run(plain, x)[1], rtol=1e-5, atol=1e-5)


def test_a_scale_of_a_sum_goes_into_both_convolutions(run: Any) -> None:
    a, b, scale, shift, x = random(4, 2, 1, 1), random(4, 2, 1, 1), random(4), random(4), random(1, 2, 5, 5)
    graph = OnnxGraph("g")
    i = graph.input("input", ["N", 2, 5, 5])
    y = graph.add("Add", [graph.conv(i, a, "a"), graph.conv(i, b, "b")], "sum")
    graph.output(graph.affine(y, "out", scale=scale, shift=shift), ["N", 4, 5, 5])
    model = graph.to_model()
    assert kinds(model) == ["Conv", "Conv", "Add"]
    wanted = np.einsum("oi,nihw->nohw", (a + b)[:, :, 0, 0], x) * scale[:, None, None] + shift[:, None, None]
    np.testing.assert_allclose(run(model, x)[0], wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("shifted", "left"), [(False, ["Conv"]), (True, ["Add", "Conv"])])
def test_a_scale_in_front_goes_into_the_convolution_behind(run: Any, shifted: bool, left: list[str]) -> None:
    weights, x = random(4, 3, 3, 3), random(1, 3, 6, 6)
    scale, shift = random(3), random(3) * shifted

    def build(fold: bool) -> Any:
        graph = OnnxGraph("g")
        y = graph.affine(graph.input("input", ["N", 3, 6, 6]), "s", scale=scale, shift=shift)
        if not fold:
            graph.output("s", ["N", 3, 6, 6])
        graph.output(graph.conv(y, weights, "c", pads=(1, 1, 1, 1)), ["N", 4, 6, 6])
        return graph.to_model()

    folded, plain = build(True), build(False)
    assert kinds(folded) == left
    np.testing.assert_allclose(run(folded, x)[0], run(plain, x)[-1], rtol=1e-4, atol=1e-5)


def test_a_constant_result(run: Any) -> None:
    graph = OnnxGraph("g")
    graph.output(graph.add("Relu", [graph.input("input", ["N", 2])], "y"), ["N", 2])
    graph.constant_output("numbers", np.array([1, 2, 3], np.float32))
    _, numbers = run(graph.to_model(), random(1, 2))
    assert numbers.tolist() == [1, 2, 3]


def test_the_same_calls_give_the_same_bytes() -> None:
    weights = random(2, 2, 1, 1)

    def build() -> bytes:
        graph = OnnxGraph("g")
        graph.output(graph.conv(graph.input("input", ["N", 2, 4, 4]), weights, "c"), ["N", 2, 4, 4])
        return bytes(graph.to_model().SerializeToString())

    assert build() == build()


def test_what_does_not_fit_is_refused() -> None:
    graph = OnnxGraph("g")
    x = graph.input("input", ["N", 2, 4, 4])
    with pytest.raises(ConversionError, match="four axes"):
        graph.conv(x, random(2, 2), "c")
    with pytest.raises(ConversionError, match="biases"):
        graph.conv(x, random(2, 2, 1, 1), "c", bias=random(3))
    graph.conv(x, random(2, 2, 1, 1), "d")
    with pytest.raises(ConversionError, match="two weights"):
        graph.weight("d.bias", random(1))
    graph.output(graph.add("NoSuchOperator", ["d"], "y"), ["N", 2, 4, 4])
    with pytest.raises(ConversionError, match="not sound"):
        graph.to_model()


def test_factors_for_another_number_of_channels_are_refused() -> None:
    graph = OnnxGraph("g")
    y = graph.conv(graph.input("input", ["N", 2, 4, 4]), random(2, 2, 1, 1), "c")
    graph.output(graph.affine(y, "s", scale=random(3)), ["N", 2, 4, 4])
    with pytest.raises(ConversionError, match="3 factors for 2 channels"):
        graph.to_model()
