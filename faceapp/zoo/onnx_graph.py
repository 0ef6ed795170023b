"""A small graph that converters fill and that becomes an ONNX model.

Converters say what a source file says: convolution, then a bias, then a scale. The graph folds such per-channel
multiplications and additions into the weights beside it (in float64), so that every converter profits
and the network that runs has nothing left to do at run time that could be done at build time.

Everything is NCHW; the batch axis is called "N" and is dynamic. The same calls give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from faceapp.zoo.wire import ConversionError

OPSET = 17
IR_VERSION = 8
"""Old enough for every ONNX Runtime we accept; nothing here needs a newer one."""

Array: TypeAlias = NDArray[np.float32]
Shape: TypeAlias = Sequence["int | str"]

_AFFINE = "Affine"
"""Our own kind of node, gone before the model is written: x * scale + shift for each channel (axis 1)."""


@dataclass(slots=True)
class _Node:
    op: str
    inputs: list[str]
    output: str
    attributes: dict[str, Any] = field(default_factory=dict)
    scale: NDArray[np.float64] = field(default_factory=lambda: np.ones(1))
    shift: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))


class OnnxGraph:
    """Nodes in the order they run, weights by name. Every method returns the name of the tensor it makes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[_Node] = []
        self._weights: dict[str, NDArray[Any]] = {}
        self._inputs: list[tuple[str, Shape]] = []
        self._outputs: list[tuple[str, Shape]] = []

    def input(self, name: str, shape: Shape) -> str:
        self._inputs.append((name, shape))
        return name

    def output(self, name: str, shape: Shape) -> None:
        """Declare an existing tensor as a result of the network."""
        self._outputs.append((name, shape))

    def constant_output(self, name: str, values: Array) -> None:
        """A result that does not depend on the input: numbers the caller needs beside the network."""
        self.output(self.weight(name, values), list(values.shape))

    def weight(self, name: str, values: NDArray[Any]) -> str:
        if name in self._weights:
            raise ConversionError(f"two weights are called {name!r}")
        self._weights[name] = np.ascontiguousarray(values)
        return name

    def add(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Any ONNX operator with one result."""
        self._nodes.append(_Node(op, list(inputs), output, attributes))
        return output

    def conv(
        self,
        x: str,
        weights: Array,
        output: str,
        *,
        bias: Array | None = None,
        strides: tuple[int, int] = (1, 1),
        pads: tuple[int, int, int, int] = (0, 0, 0, 0),
        dilations: tuple[int, int] = (1, 1),
    ) -> str:
        """A convolution; weights (out, in, height, width), pads top, left, bottom, right."""
        if weights.ndim != 4:
            raise ConversionError(f"{output}: a convolution's weights have four axes, not {weights.ndim}")
        offsets = np.zeros(len(weights), np.float32) if bias is None else bias
        if offsets.shape != (len(weights),):
            raise ConversionError(f"{output}: {offsets.size} biases for {len(weights)} filters")
        names = [x, self.weight(f"{output}.weight", weights), self.weight(f"{output}.bias", offsets)]
        attributes: dict[str, Any] = {"kernel_shape": list(weights.shape[2:]), "strides": list(strides)}
        if any(pads):
            attributes["pads"] = list(pads)
        if any(d != 1 for d in dilations):
            attributes["dilations"] = list(dilations)
        return self.add("Conv", names, output, **attributes)

    def gemm(self, x: str, weights: Array, output: str, *, bias: Array | None = None) -> str:
        """A fully connected layer of (N, in); weights (out, in)."""
        offsets = np.zeros(len(weights), np.float32) if bias is None else bias
        names = [x, self.weight(f"{output}.weight", weights), self.weight(f"{output}.bias", offsets)]
        return self.add("Gemm", names, output, transB=1)

    def affine(
        self, x: str, output: str, *, scale: NDArray[Any] | float = 1.0, shift: NDArray[Any] | float = 0.0
    ) -> str:
        """x * scale + shift for each channel, or for all where one number is given."""
        node = _Node(_AFFINE, [x], output)
        node.scale = np.atleast_1d(np.asarray(scale, np.float64))
        node.shift = np.atleast_1d(np.asarray(shift, np.float64))
        self._nodes.append(node)
        return output

    def to_model(self) -> onnx.ModelProto:
        """The finished, checked model. Raises ConversionError where the pieces do not fit."""
        self._fold()
        nodes = [n for node in self._nodes for n in self._lower(node)]
        used = {i for n in nodes for i in n.input} | {name for name, _ in self._outputs}
        graph = helper.make_graph(
            nodes,
            self.name,
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in self._inputs],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in self._outputs],
            [numpy_helper.from_array(v, n) for n, v in self._weights.items() if n in used],
        )
        model = helper.make_model(
            graph, producer_name="faceapp", ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
        )
        try:
            onnx.checker.check_model(model, full_check=True)
        except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as e:
            raise ConversionError(f"{self.name}: the converted network is not sound: {str(e).splitlines()[0]}") from e
        return model

    def _fold(self) -> None:
        """Fold every Affine into the convolutions or the fully connected layer that feed it and nothing else."""
        uses = Counter(i for n in self._nodes for i in n.inputs)
        uses.update(name for name, _ in self._outputs)
        makers: dict[str, _Node] = {}
        kept: list[_Node] = []
        for node in self._nodes:
            before = makers.get(node.inputs[0])
            if before and node.op == before.op == _AFFINE and uses[node.inputs[0]] == 1:
                node.shift, node.scale = before.shift * node.scale + node.shift, before.scale * node.scale
                node.inputs = before.inputs
                kept.remove(before)
            targets = self._foldable(node, makers, uses)
            if targets:
                for i, target in enumerate(targets):
                    self._absorb(target, node.scale, node.shift if i == 0 else np.zeros(1))
                before = makers.pop(node.inputs[0])
                before.output = node.output
                makers[node.output] = before
                continue
            makers[node.output] = node
            kept.append(node)
        self._nodes = kept
        for node in kept:
            if node.op == _AFFINE:
                self._fold_forwards(node)

    def _fold_forwards(self, node: _Node) -> None:
        """Fold a scale into the convolutions behind it: x * a + b is (x + b / a) * a. Their padding of 0 stays 0."""
        users = [n for n in self._nodes if node.output in n.inputs]
        if not users or any(n.op != "Conv" for n in users) or node.output in [name for name, _ in self._outputs]:
            return
        shifted = bool(np.any(node.shift != 0))
        if shifted and np.any(node.scale == 0):
            return
        for user in users:
            weights = self._weights[user.inputs[1]]
            self._weights[user.inputs[1]] = (weights * node.scale.reshape(1, -1, 1, 1)).astype(np.float32)
            if not shifted:
                user.inputs[0] = node.inputs[0]
        if shifted:
            node.scale, node.shift = np.ones(1), node.shift / node.scale
        else:
            self._nodes = [n for n in self._nodes if n is not node]

    @staticmethod
    def _foldable(node: _Node, makers: Mapping[str, _Node], uses: Mapping[str, int]) -> list[_Node]:
        if node.op != _AFFINE or uses[node.inputs[0]] != 1 or node.inputs[0] not in makers:
            return []
        before = makers[node.inputs[0]]
        # A scaled sum of convolutions is the sum of scaled convolutions (pre-activation ResNets).
        names = before.inputs if before.op == "Add" else [before.output]
        targets = [makers[n] for n in names if n in makers and uses[n] == 1 and makers[n].op in ("Conv", "Gemm")]
        return targets if len(targets) == len(names) else []

    def _absorb(self, target: _Node, scale: NDArray[np.float64], shift: NDArray[np.float64]) -> None:
        weights, bias = (self._weights[n] for n in target.inputs[1:3])
        if any(v.size not in (1, len(weights)) for v in (scale, shift)):
            raise ConversionError(f"{target.output}: {scale.size} factors for {len(weights)} channels")
        column = scale.reshape(-1, *([1] * (weights.ndim - 1)))
        self._weights[target.inputs[1]] = (weights * column).astype(np.float32)
        self._weights[target.inputs[2]] = (bias * scale + shift).astype(np.float32)

    def _lower(self, node: _Node) -> list[onnx.NodeProto]:
        if node.op != _AFFINE:
            return [helper.make_node(node.op, node.inputs, [node.output], name=node.output, **node.attributes)]
        steps = [("Mul", "scale", node.scale, 1.0), ("Add", "shift", node.shift, 0.0)]
        steps = [s for s in steps if np.any(s[2] != s[3])] or steps[:1]
        made, x = [], node.inputs[0]
        for i, (op, what, values, _) in enumerate(steps):
            y = node.output if i == len(steps) - 1 else f"{node.output}.{what}ed"
            name = self.weight(f"{node.output}.{what}", values.astype(np.float32).reshape(1, -1, 1, 1))
            made.append(helper.make_node(op, [x, name], [y], name=y))
            x = y
        return made
