"""INT8 networks for processors with VNNI: static quantisation in ONNX's QDQ form (Jacob et al. 2018).

Weights become int8, symmetric, with a scale for each filter; values between layers uint8, with the range that
calibration saw. The ranges are numbers in `models/statistics/`, so that building needs no photographs and always gives
the same file. ONNX Runtime fuses each pattern (dequantise, operator, quantise) into one integer kernel.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from faceapp.errors import UnavailableError

Ranges: TypeAlias = Mapping[str, tuple[float, float]]
"""Smallest and largest value of each tensor that becomes uint8, by name."""

_WEIGHTED = ("Conv", "Gemm")
_SAME_SCALE = ("MaxPool", "Pad")
"""What only picks values, or adds zeros: its result has the scale of its input."""
_INTEGER = (*_WEIGHTED, *_SAME_SCALE, "Add", "Concat", "AveragePool", "GlobalAveragePool")
"""Operators that ONNX Runtime has integer kernels for."""
_FEWEST_CHANNELS = 8
"""A layer on fewer channels, a picture's three, is slower with integers, and the most sensitive to them."""


def load_ranges(file: Path, network: str) -> dict[str, tuple[float, float]]:
    """The stored ranges: `{"network": id, "source": text, "ranges": {tensor: [low, high]}}`.

    Raises UnavailableError where the file is missing or holds something else.
    """
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        owner = raw["network"]
        ranges = {str(k): (float(low), float(high)) for k, (low, high) in raw["ranges"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise UnavailableError(f"{file} holds no calibration ranges: restore it") from e
    if owner != network or not all(math.isfinite(a) and math.isfinite(b) and a <= b for a, b in ranges.values()):
        raise UnavailableError(f"{file} does not hold the calibration ranges of {network}: restore it")
    return ranges


def calibrated_tensors(model: onnx.ModelProto) -> list[str]:
    """The tensors whose ranges `quantise` needs, in the order the network makes them."""
    return _Quantiser(model, {}).needed()


def quantise(model: onnx.ModelProto, ranges: Ranges) -> onnx.ModelProto:
    """The INT8 version of an FP32 network. `model` is left as it was.

    Raises UnavailableError where a range is missing: the ranges belong to another network then.
    """
    return _Quantiser(model, ranges).run()


class _Quantiser:
    """One quantisation. A tensor `t` that becomes uint8 is quantised to `t.q` and read as `t.dq`."""

    def __init__(self, model: onnx.ModelProto, ranges: Ranges) -> None:
        self._model = model
        self._ranges = ranges
        self._weights = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer}
        self._users: dict[str, list[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in node.input:
                self._users.setdefault(name, []).append(node)
        self._results = {o.name for o in model.graph.output}
        self._integer = self._choose()
        self._uint8 = self._between()
        self._scales: dict[str, tuple[np.float32, int]] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._initialisers: dict[str, NDArray[Any]] = {}

    def needed(self) -> list[str]:
        """The uint8 tensors that have a range of their own, in running order."""
        made = [i.name for i in self._model.graph.input] + [o for n in self._model.graph.node for o in n.output]
        nodes = [n for n in self._model.graph.node if n.op_type in _SAME_SCALE and n.output[0] in self._integer]
        picked = {n.output[0] for n in nodes}
        return [t for t in made if t in self._uint8 and t not in picked]

    def run(self) -> onnx.ModelProto:
        for tensor in self._model.graph.input:
            self._quantise(tensor.name)
        merged = {self._result(n) for n in self._model.graph.node if n.output[0] in self._integer}
        for node in self._model.graph.node:
            if node.op_type != "Relu" or node.output[0] not in merged:
                self._emit(node)
        kept = {i for n in self._nodes for i in n.input} | self._results
        weights = {**self._weights, **self._initialisers}
        graph = helper.make_graph(
            self._nodes,
            self._model.graph.name,
            list(self._model.graph.input),
            list(self._model.graph.output),
            [numpy_helper.from_array(v, k) for k, v in weights.items() if k in kept],
        )
        model = helper.make_model(
            graph,
            producer_name="faceapp",
            ir_version=self._model.ir_version,
            opset_imports=list(self._model.opset_import),
        )
        onnx.checker.check_model(model, full_check=True)
        return model

    def _choose(self) -> set[str]:
        """First outputs of the nodes that become integer.

        Forwards: the weighted layers, and what joins or pools their results and nothing else. Backwards: not the last
        weighted layers, whose results are the network's answer, nor what leads to them alone.
        """
        able: set[str] = set()
        results: set[str] = set()
        for node in self._model.graph.node:
            if node.op_type in _WEIGHTED:
                fits = self._weights[node.input[1]].shape[1] >= _FEWEST_CHANNELS
            else:
                fits = node.op_type in _INTEGER and all(i in results for i in self._activations(node))
            if fits:
                able.add(node.output[0])
                results.add(self._result(node))
        chosen: set[str] = set()
        weighted: set[str] = set()  # tensors from which a weighted layer can be reached,
        integer: set[str] = set()  # and an integer one
        for node in reversed(self._model.graph.node):
            output, layer = node.output[0], node.op_type in _WEIGHTED
            if output in able and output in (weighted if layer else integer):
                chosen.add(output)
            if layer or output in weighted:
                weighted.update(node.input)
            if (layer and output in chosen) or output in integer:
                integer.update(node.input)
        return chosen

    def _between(self) -> set[str]:
        """The tensors that become uint8: all that integer nodes take and give."""
        found: set[str] = set()
        for node in self._model.graph.node:
            if node.output[0] in self._integer:
                found.add(self._result(node))
                found.update(i for i in self._activations(node))
        return found

    def _activations(self, node: onnx.NodeProto) -> list[str]:
        return [i for i in node.input if i not in self._weights]

    def _result(self, node: onnx.NodeProto) -> str:
        """What a node gives: behind the ReLU where one follows, as quantising from 0 upwards is a ReLU already."""
        users = self._users.get(node.output[0], [])
        merges = len(users) == 1 and users[0].op_type == "Relu" and node.op_type not in _SAME_SCALE
        return str(users[0].output[0] if merges and node.output[0] not in self._results else node.output[0])

    def _emit(self, node: onnx.NodeProto) -> None:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [f"{i}.dq" if i in self._uint8 else i for i in node.input]
        output = str(node.output[0])
        if output in self._integer:
            output = self._result(node)
            if node.op_type in _WEIGHTED:
                copy.input[1:] = self._weighted(node)
            if node.op_type in _SAME_SCALE:
                self._scales[output] = self._scales[node.input[0]]
        copy.output[0] = output
        self._nodes.append(copy)
        for name in copy.output:
            self._quantise(name)

    def _quantise(self, tensor: str) -> None:
        """Append the pair that takes a tensor to uint8 and back."""
        if tensor not in self._uint8:
            return
        if tensor not in self._scales:
            last = self._nodes[-1] if self._nodes else None
            pooled = last is not None and last.op_type == "MaxPool" and last.output[0] == tensor
            guarded = pooled and self._ranges.get(tensor, (-1.0, 0.0))[0] >= 0
            self._scales[tensor] = self._scale(tensor, lowest_zero=1 if guarded else 0)
            if guarded:
                self._guard(tensor)
        scale, zero = self._scales[tensor]
        names = [f"{tensor}.scale", f"{tensor}.zero"]
        self._initialisers[names[0]] = np.array(scale, np.float32)
        self._initialisers[names[1]] = np.array(zero, np.uint8)
        for op, source, target in (("QuantizeLinear", tensor, "q"), ("DequantizeLinear", f"{tensor}.q", "dq")):
            name = f"{tensor}.{target}"
            self._nodes.append(helper.make_node(op, [source, *names], [name], name=name))

    def _guard(self, tensor: str) -> None:
        """A ReLU between a max pool in float and its quantisation, where it changes nothing: without it ONNX Runtime
        would quantise in front of the pool, and pool integers in a layout it is ten times slower in. A zero point of 0
        would let it drop the ReLU, so it is 1."""
        pool = self._nodes[-1]
        pool.output[0] = f"{tensor}.pooled"
        self._nodes.append(helper.make_node("Relu", [pool.output[0]], [tensor], name=f"{tensor}.guard"))

    def _scale(self, tensor: str, lowest_zero: int) -> tuple[np.float32, int]:
        """Scale and zero point; the range always holds 0, which padding and ReLU need exactly."""
        if tensor not in self._ranges:
            raise UnavailableError(f"the calibration ranges have no {tensor!r}: they belong to another network")
        low, high = min(0.0, self._ranges[tensor][0]), max(0.0, self._ranges[tensor][1])
        scale = np.float32(max(high - low, 1e-6) / (255 - lowest_zero))
        return scale, int(np.clip(np.rint(-low / float(scale)), lowest_zero, 255))

    def _weighted(self, node: onnx.NodeProto) -> list[str]:
        """Dequantised int8 weights and int32 bias of a layer, with a scale for each filter."""
        weights = self._weights[node.input[1]].astype(np.float64)
        bias = self._weights[node.input[2]].astype(np.float64)
        step = float(self._scales[node.input[0]][0])
        largest = np.abs(weights.reshape(len(weights), -1)).max(axis=1)
        # The bias is counted in units of step * scale: for a filter of next to nothing it would not fit an int32.
        scales = np.maximum(largest / 127, np.abs(bias) / (step * 2**30)).astype(np.float32)
        scales = np.maximum(scales, np.float32(1e-12))
        column = scales.astype(np.float64).reshape(-1, *([1] * (weights.ndim - 1)))
        whole = np.clip(np.rint(weights / column), -127, 127).astype(np.int8)
        bias_scales = (np.float32(step) * scales).astype(np.float32)
        offsets = np.rint(bias / bias_scales.astype(np.float64)).astype(np.int32)
        zeros = np.zeros(len(scales), np.int8)
        return [
            self._dequantised(node.input[1], whole, scales, zeros),
            self._dequantised(node.input[2], offsets, bias_scales, zeros.astype(np.int32)),
        ]

    def _dequantised(self, name: str, values: NDArray[Any], scales: NDArray[np.float32], zeros: NDArray[Any]) -> str:
        parts = {"q": values, "scale": scales, "zero": zeros}
        self._initialisers.update({f"{name}.{k}": v for k, v in parts.items()})
        inputs = [f"{name}.{k}" for k in parts]
        self._nodes.append(helper.make_node("DequantizeLinear", inputs, [f"{name}.dq"], name=f"{name}.dq", axis=0))
        return f"{name}.dq"
