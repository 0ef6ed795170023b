"""MTCNN's three networks (Zhang et al. 2016) from the carrier's ONNX files into the form we run.

The carrier's files come from Keras and feed the networks a picture with its axes swapped (N x W x H x 3). Three
rewritings, all exact up to rounding:

- plain N x 3 x H x W: kernels transposed, the first dense layer's rows reordered, no Transpose node left;
- PReLU without ONNX's PRelu, whose kernel in ONNX Runtime 1.31 is not vectorised and took half of the time. For
  slopes up to 1 PReLU is max(x, a x). In front of a max-pooling it is moved behind it, where there are four times
  fewer values: a slope >= 0 is monotone and commutes with the maximum; for a slope < 0, max over a window of
  max(x, a x) is max(max x, |a| max(-x)), so those filters are there a second time with their sign turned. (P-net
  three times as fast, R-net two and a half, O-net twice);
- two-class softmax as the sigmoid of the difference, which folds into one filter, and all heads in one layer.

Inputs are RGB, (x - 127.5) / 128. Outputs, in this order:

    P-net  any size  boxes (N, 4, H', W')  score (N, 1, H', W')
    R-net  24 x 24   boxes (N, 4)          score (N, 1)
    O-net  48 x 48   boxes (N, 4)          points (N, 10): five x, then five y          score (N, 1)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from faceapp.zoo.wire import ConversionError

Array = NDArray[np.float32]

_OPSET = 17
_IR = 9  # what ONNX Runtime 1.22 reads as well
_BLOCK = 16  # ONNX Runtime pools in its fast layout only where the channels fill its blocks


def convert(source: bytes) -> onnx.ModelProto:
    """One of the carrier's `pnet.onnx`, `rnet.onnx`, `onet.onnx`, told apart by its input's size.

    Raises ConversionError for anything else.
    """
    graph = onnx.load_from_string(source).graph
    shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim]
    if len(shape) != 4 or shape[3] != 3 or shape[1] != shape[2] or shape[1] not in (0, 24, 48):
        raise ConversionError(f"not one of MTCNN's networks: its input is {shape}")
    size = shape[1]
    build = _Builder()
    x = "input"
    layers = _body(graph)
    while layers:
        layer = layers.pop(0)
        match layer:
            case _Conv():
                slopes = layers.pop(0)
                if not isinstance(slopes, _Slopes):
                    raise ConversionError("not one of MTCNN's networks: a convolution without its PReLU")
                pool, following = (*layers, None, None)[:2]
                if x == "input" and isinstance(pool, _Pool) and isinstance(following, _Conv):
                    # Only the first, largest layer: further in, the second filters cost more than they save.
                    order = np.argsort(slopes.values < 0, kind="stable")
                    x = build.conv_pool_prelu(x, layer, slopes.values, order, pool)
                    layers[:2] = [_Conv(following.weight[:, order], following.bias)]
                else:
                    x = build.prelu(build.conv(x, layer.weight, layer.bias), slopes.values, rank=3)
            case _Slopes():
                x = build.prelu(x, layer.values, rank=1)
            case _Pool():
                x = build.pool(x, layer)
            case _Dense():
                x = build.dense(build.flat(x) if layer.of_maps else x, layer.weight, layer.bias)
    boxes, *points, score = _heads(graph)
    build.heads(x, boxes, points, score, maps=size == 0)
    return build.model(size)


@dataclass(frozen=True)
class _Conv:
    weight: Array  # (filters, channels, rows, columns)
    bias: Array


@dataclass(frozen=True)
class _Dense:
    weight: Array  # (in, out)
    bias: Array
    of_maps: bool


@dataclass(frozen=True)
class _Slopes:
    values: Array  # (channels,)


@dataclass(frozen=True)
class _Pool:
    kernel: int
    stride: int
    same: bool


_Layer: TypeAlias = _Conv | _Dense | _Slopes | _Pool
_Head: TypeAlias = tuple[Array, Array]  # (in, out), (out,)


def _weights(graph: onnx.GraphProto) -> dict[str, Array]:
    return {i.name: numpy_helper.to_array(i).astype(np.float32) for i in graph.initializer}


def _biases(graph: onnx.GraphProto, weights: dict[str, Array]) -> dict[str, Array]:
    """What is added to each product, by the product's name."""
    return {n.input[0]: weights[n.input[1]] for n in graph.node if n.op_type == "Add"}


def _head_nodes(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The last convolution or product on the way to each output."""
    made_by = {name: node for node in graph.node for name in node.output}
    nodes = []
    for output in graph.output:
        node = made_by[output.name]
        while node.op_type in ("Softmax", "Transpose", "Add"):
            node = made_by[node.input[0]]
        nodes.append(node)
    return nodes


def _body(graph: onnx.GraphProto) -> list[_Layer]:
    """Everything in front of the heads, in order, with the axes of pictures put right."""
    weights = _weights(graph)
    biases = _biases(graph, weights)
    heads = {n.output[0] for n in _head_nodes(graph)}
    layers: list[_Layer] = []
    maps = 0  # channels of the last picture-shaped value, 0 once flattened
    for node in graph.node:
        if node.output[0] in heads or node.op_type in ("Transpose", "Flatten", "Add", "Softmax"):
            continue
        if node.op_type == "Conv":
            weight = weights[node.input[1]].transpose(0, 1, 3, 2)
            maps = len(weight)
            layers.append(_Conv(weight, weights[node.input[2]]))
        elif node.op_type == "PRelu":
            layers.append(_Slopes(weights[node.input[1]].reshape(-1)))
        elif node.op_type == "MaxPool":
            a = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            layers.append(_Pool(a["kernel_shape"][0], a["strides"][0], a["auto_pad"] == b"SAME_UPPER"))
        elif node.op_type == "MatMul":
            weight = weights[node.input[1]]
            if maps:
                # Its rows stand for (column, row, channel) and will stand for (channel, row, column).
                side = round((len(weight) / maps) ** 0.5)
                weight = weight.reshape(side, side, maps, -1).transpose(2, 1, 0, 3).reshape(len(weight), -1)
            layers.append(_Dense(weight, biases[node.output[0]], of_maps=maps > 0))
            maps = 0
        else:
            raise ConversionError(f"not one of MTCNN's networks: it has a {node.op_type}")
    return layers


def _heads(graph: onnx.GraphProto) -> list[_Head]:
    """Weights and biases of boxes, (points,) score: the carrier's order. The score has become one column."""
    weights = _weights(graph)
    biases = _biases(graph, weights)
    heads = []
    for node in _head_nodes(graph):
        weight = weights[node.input[1]]
        if node.op_type == "Conv":
            weight, bias = weight[:, :, 0, 0].T, weights[node.input[2]]
        else:
            bias = biases[node.output[0]]
        if weight.shape[1] == 2:
            weight, bias = weight[:, 1:] - weight[:, :1], bias[1:] - bias[:1]
        heads.append((weight, bias))
    return heads


class _Builder:
    """Writes the new graph, node by node; the methods return the names of their results."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._values: list[onnx.TensorProto] = []
        self._outputs: list[tuple[str, int]] = []

    def _node(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        names = [f"{op.lower()}{len(self._nodes)}" + f"_{i}" * (outputs > 1) for i in range(outputs)]
        self._nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names

    def _value(self, array: NDArray[Any]) -> str:
        name = f"value{len(self._values)}"
        self._values.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def conv(self, x: str, weight: Array, bias: Array) -> str:
        return self._node("Conv", x, self._value(weight), self._value(bias), kernel_shape=weight.shape[2:])[0]

    def dense(self, x: str, weight: Array, bias: Array) -> str:
        return self._node("Gemm", x, self._value(weight), self._value(bias))[0]

    def flat(self, x: str) -> str:
        return self._node("Flatten", x, axis=1)[0]

    def pool(self, x: str, pool: _Pool) -> str:
        auto_pad = "SAME_UPPER" if pool.same else "VALID"
        size, strides = [pool.kernel] * 2, [pool.stride] * 2
        return self._node("MaxPool", x, kernel_shape=size, strides=strides, auto_pad=auto_pad)[0]

    def _times(self, x: str, slopes: Array, rank: int) -> str:
        return self._node("Mul", x, self._value(slopes.reshape(-1, *[1] * (rank - 1))))[0]

    def prelu(self, x: str, slopes: Array, rank: int) -> str:
        """PReLU of a value of `rank` axes behind the batch's."""
        if slopes.max() <= 1:
            return self._node("Max", x, self._times(x, slopes, rank))[0]
        positive = self._times(self._node("Relu", x)[0], 1 - slopes, rank)
        return self._node("Add", self._times(x, slopes, rank), positive)[0]

    def conv_pool_prelu(self, x: str, conv: _Conv, slopes: Array, order: NDArray[np.intp], pool: _Pool) -> str:
        """max-pool(PReLU(conv(x))), pooled before the PReLU, its channels in `order`: slopes >= 0 first."""
        rising = int((slopes >= 0).sum())
        falling = order[rising:]
        weight = np.concatenate([conv.weight[order], -conv.weight[falling]])
        bias = np.concatenate([conv.bias[order], -conv.bias[falling]])
        filling = -len(weight) % _BLOCK
        weight = np.concatenate([weight, np.zeros_like(weight, shape=(filling, *weight.shape[1:]))])
        bias = np.concatenate([bias, np.zeros_like(bias, shape=filling)])
        pooled = self.pool(self.conv(x, weight, bias), pool)
        sizes = [rising, len(falling), len(falling), *([filling] if filling else [])]
        parts = self._value(np.array(sizes, np.int64))
        up, down, turned, *_ = self._node("Split", pooled, parts, outputs=len(sizes), axis=1)
        up = self.prelu(up, slopes[order[:rising]], rank=3)
        down = self._node("Max", down, self._times(turned, -slopes[falling], rank=3))[0]
        return self._node("Concat", up, down, axis=1)[0]

    def heads(self, x: str, boxes: _Head, points: list[_Head], score: _Head, maps: bool) -> None:
        """All heads as one layer, then cut apart."""
        heads = [boxes, *points, score]
        weight, bias = np.concatenate([w for w, _ in heads], axis=1), np.concatenate([b for _, b in heads])
        both = self.conv(x, weight.T[:, :, None, None], bias) if maps else self.dense(x, weight, bias)
        widths = [w.shape[1] for w, _ in heads]
        names = ["boxes", "points", "logit"] if points else ["boxes", "logit"]
        self._nodes.append(helper.make_node("Split", [both, self._value(np.array(widths, np.int64))], names, axis=1))
        self._nodes.append(helper.make_node("Sigmoid", ["logit"], ["score"]))
        self._outputs = [*zip(names[:-1], widths[:-1], strict=True), ("score", 1)]

    def model(self, size: int) -> onnx.ModelProto:
        """The finished network; `size` 0: of any size."""
        sides: list[str | int] = [size, size] if size else ["H", "W"]
        maps: list[str | int] = [] if size else ["rows", "columns"]
        graph = helper.make_graph(
            self._nodes,
            "mtcnn",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, *sides])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", n, *maps]) for name, n in self._outputs],
            self._values,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
        onnx.checker.check_model(model, full_check=True)
        return model
