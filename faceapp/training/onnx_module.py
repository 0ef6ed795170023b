"""Our own ONNX networks as something PyTorch can train: the nodes behind a cut, with their weights as parameters.

Nodes before the cut stay frozen and run elsewhere. What was learned is written back into a copy of the file by the
weights' names, so the trained network has the very graph that the application has always run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from faceapp.errors import InputError
from faceapp.types import Floats

Node = Any
"""onnx.NodeProto, which has no types."""
Operation: TypeAlias = Callable[[list[Tensor]], Tensor]


class OnnxModule(nn.Module):
    """Everything between the tensor `cut` and the network's one output."""

    def __init__(self, model: Any, cut: str) -> None:
        """Raises InputError where `cut` is no tensor of the network, doesn't part it, or a node is of a kind that we
        don't train."""
        super().__init__()
        graph = model.graph
        behind = nodes_behind(model, cut)
        stored = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        used = {name for node in behind for name in node.input if name in stored}
        self._keys = {name: f"w{n}" for n, name in enumerate(sorted(used))}
        for name, key in self._keys.items():
            value = torch.from_numpy(stored[name].copy())
            if value.is_floating_point() and value.ndim:
                self.register_parameter(key, nn.Parameter(value))
            else:
                self.register_buffer(key, value)
        self._nodes = [(_operation(node), list(node.input), node.output[0]) for node in behind]
        self._cut, self._output = cut, graph.output[0].name

    def forward(self, x: Tensor) -> Tensor:
        """From the cut's tensor to the output's."""
        values = {self._cut: x, **{name: self.get_parameter_or_buffer(key) for name, key in self._keys.items()}}
        for operation, inputs, output in self._nodes:
            values[output] = operation([values[i] for i in inputs if i])
        return values[self._output]

    def get_parameter_or_buffer(self, key: str) -> Tensor:
        """A weight, learned or fixed."""
        value: Tensor = getattr(self, key)
        return value

    def learned(self) -> dict[str, Floats]:
        """The weights by the names they have in the file."""
        return {
            name: self.get_parameter_or_buffer(key).detach().cpu().numpy().copy()
            for name, key in self._keys.items()
            if isinstance(getattr(self, key), nn.Parameter)
        }


def nodes_behind(model: Any, cut: str) -> list[Node]:
    """The nodes that the output needs and that `cut` leads to, in the order they run. Raises InputError where `cut` is
    unknown, or where they need another tensor of the part before."""
    graph = model.graph
    weights = {i.name for i in graph.initializer}
    made = {cut}
    behind = []
    for node in graph.node:
        if any(i in made for i in node.input):
            behind.append(node)
            made.update(node.output)
    if graph.output[0].name not in made or not behind:
        raise InputError(f"the network has no tensor {cut!r} that leads to its output")
    for node in behind:
        for i in node.input:
            if i and i not in made and i not in weights:
                raise InputError(f"{cut!r} doesn't part the network: {i!r} goes round it")
    return behind


def until(model: Any, cut: str, shape: Sequence[int | str]) -> Any:
    """The part before the cut as a network of its own, with `cut` as its output of this shape."""
    graph = model.graph
    behind = {n.output[0] for n in nodes_behind(model, cut)}
    nodes = [n for n in graph.node if n.output[0] not in behind]
    used = {i for n in nodes for i in n.input}
    front = helper.make_graph(
        nodes,
        f"{graph.name} until {cut}",
        list(graph.input),
        [helper.make_tensor_value_info(cut, onnx.TensorProto.FLOAT, shape)],
        [i for i in graph.initializer if i.name in used],
    )
    return helper.make_model(front, opset_imports=list(model.opset_import), ir_version=model.ir_version)


def with_weights(model: Any, learned: Mapping[str, Floats]) -> Any:
    """A copy of the network with these weights."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for initializer in copy.graph.initializer:
        if initializer.name in learned:
            initializer.CopyFrom(numpy_helper.from_array(learned[initializer.name], initializer.name))
    return copy


def _operation(node: Node) -> Operation:
    """What a node does with its inputs. Raises InputError for a kind we don't know."""
    a = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    kinds: dict[str, Callable[[], Operation]] = {
        "Conv": lambda: _convolution(node, a),
        "MaxPool": lambda: _pooling(node, a),
        "Gemm": lambda: _gemm(node, a),
        "Concat": lambda: lambda x: torch.cat(x, dim=int(a["axis"])),
        "Flatten": lambda: lambda x: x[0].flatten(int(a.get("axis", 1))),
        "ReduceSum": lambda: lambda x: x[0].sum(dim=tuple(int(i) for i in x[1]), keepdim=bool(a.get("keepdims", 1))),
        "GlobalAveragePool": lambda: lambda x: x[0].mean(dim=(2, 3), keepdim=True),
        "Max": lambda: lambda x: torch.maximum(x[0], x[1]),
        "Add": lambda: lambda x: x[0] + x[1],
        "Mul": lambda: lambda x: x[0] * x[1],
        "Relu": lambda: lambda x: x[0].relu(),
        "Sqrt": lambda: lambda x: x[0].sqrt(),
        "Reciprocal": lambda: lambda x: x[0].reciprocal(),
        "Identity": lambda: lambda x: x[0],
    }
    if node.op_type not in kinds:
        raise _unknown(node)
    return kinds[node.op_type]()


def _gemm(node: Node, a: Mapping[str, Any]) -> Operation:
    if a.get("transA") or a.get("alpha", 1.0) != 1.0 or a.get("beta", 1.0) != 1.0:
        raise _unknown(node)
    turned = bool(a.get("transB"))
    return lambda x: functional.linear(x[0], x[1] if turned else x[1].T, x[2] if len(x) > 2 else None)


def _convolution(node: Node, a: Mapping[str, Any]) -> Operation:
    stride, dilation = tuple(a.get("strides", (1, 1))), tuple(a.get("dilations", (1, 1)))
    pads, groups = _pads(node, a), int(a.get("group", 1))

    def run(x: list[Tensor]) -> Tensor:
        bias = x[2] if len(x) > 2 else None
        padded = functional.pad(x[0], pads) if any(pads) else x[0]
        return functional.conv2d(padded, x[1], bias, stride, 0, dilation, groups)

    return run


def _pooling(node: Node, a: Mapping[str, Any]) -> Operation:
    kernel, stride = tuple(a["kernel_shape"]), tuple(a.get("strides", (1, 1)))
    pads = _pads(node, a)
    if a.get("ceil_mode") or a.get("dilations", [1, 1]) != [1, 1]:
        raise _unknown(node)
    return lambda x: functional.max_pool2d(functional.pad(x[0], pads, value=float("-inf")), kernel, stride)


def _pads(node: Node, a: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Left, right, top, bottom, as PyTorch takes them."""
    if a.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise _unknown(node)
    top, left, bottom, right = a.get("pads", (0, 0, 0, 0))
    return left, right, top, bottom


def _unknown(node: Node) -> InputError:
    return InputError(f"the network has a {node.op_type} that we cannot train: choose a cut behind it")
