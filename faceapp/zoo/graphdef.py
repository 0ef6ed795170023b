"""Frozen TensorFlow GraphDef → ONNX, without TensorFlow.

The operators are those of FaceNet's Inception-ResNet v1 (Szegedy et al. 2016; Schroff et al. 2015) and of similar
frozen convolutional networks: NHWC in the file, NCHW in the result. Field numbers: tensorflow/core/framework,
graph.proto, node_def.proto, attr_value.proto, tensor.proto, tensor_shape.proto.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from faceapp.zoo.onnx_graph import OnnxGraph
from faceapp.zoo.wire import ConversionError, Message

_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}
"""types.proto: DT_FLOAT, DT_DOUBLE, DT_INT32, DT_INT64."""
_INTS = (3, 9)


@dataclass(slots=True)
class _Op:
    name: str
    kind: str
    inputs: list[str]
    attributes: dict[str, Message] = field(repr=False)

    def ints(self, name: str) -> list[int]:
        """A list(int) attribute: AttrValue.list is field 1, ListValue.i is field 3."""
        return self._attribute(name).message(1).integers(3)

    def flag(self, name: str) -> bool:
        return bool(self._attribute(name).integer(5)) if name in self.attributes else False

    def word(self, name: str, default: str) -> str:
        return self._attribute(name).text(2) if name in self.attributes else default

    def real(self, name: str, default: float) -> float:
        return self._attribute(name).float_(4, default) if name in self.attributes else default

    def _attribute(self, name: str) -> Message:
        if name not in self.attributes:
            raise ConversionError(f"{self.name}: a {self.kind} needs the attribute {name}")
        return self.attributes[name]


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A value of the graph being built: its name, and its shape in the source without the batch (H, W, C or C)."""

    name: str
    shape: tuple[int, ...]


def convert(source: bytes, *, name: str = "graphdef", output: str = "embedding") -> onnx.ModelProto:
    """The network in a frozen GraphDef: input `input` float32 (N, C, H, W), result `output` float32 (N, D).

    The last node nobody uses is the result. A batch size frozen into the file is made dynamic.
    Raises ConversionError for a damaged file and for operators this converter does not know.
    """
    ops = _read(source)
    return _Converter(ops, name).convert(output)


def _read(source: bytes) -> dict[str, _Op]:
    ops: dict[str, _Op] = {}
    for node in Message(source).messages(1):
        attributes = {entry.text(1): entry.message(2) for entry in node.messages(5)}
        inputs = [_plain(i) for i in node.texts(3) if not i.startswith("^")]
        op = _Op(node.text(1), node.text(2), inputs, attributes)
        if op.name in ops:
            raise ConversionError(f"two nodes are called {op.name!r}")
        ops[op.name] = op
    if not ops:
        raise ConversionError("there is no node in the file: it is not a GraphDef")
    return ops


def _plain(reference: str) -> str:
    """`name:0` and `name` mean the same output; operators with a second output are not supported."""
    base, colon, index = reference.rpartition(":")
    if not colon:
        return reference
    if index != "0":
        raise ConversionError(f"{reference}: only the first output of a node is supported")
    return base


class _Converter:
    """One conversion: walks the operators from input to output and fills an OnnxGraph."""

    def __init__(self, ops: dict[str, _Op], name: str) -> None:
        self._ops = ops
        self._graph = OnnxGraph(name)
        self._tensors: dict[str, _Tensor] = {}
        self._constants: dict[str, NDArray[Any]] = {}

    def convert(self, output: str) -> onnx.ModelProto:
        used = {i for op in self._ops.values() for i in op.inputs}
        ends = [op for op in self._ops.values() if op.name not in used and op.kind not in ("Const", "Placeholder")]
        if len(ends) != 1:
            raise ConversionError(f"the graph has {len(ends)} results where one is expected")
        for op in self._order(ends[0]):
            self._emit(op)
        result = self._tensors[ends[0].name]
        self._graph.add("Identity", [result.name], output)
        self._graph.output(output, ["N", *_nchw(result.shape)])
        return self._graph.to_model()

    def _order(self, end: _Op) -> list[_Op]:
        """What `end` needs, in the order it can be computed: nodes of a GraphDef stand in any order."""
        order: list[_Op] = []
        state: dict[str, bool] = {}  # False: being visited, True: done
        stack = [(end, False)]
        while stack:
            op, leaving = stack.pop()
            if leaving:
                state[op.name] = True
                order.append(op)
                continue
            if op.name in state:
                if not state[op.name]:
                    raise ConversionError(f"{op.name} is part of a loop")
                continue
            state[op.name] = False
            stack.append((op, True))
            for name in reversed(op.inputs):
                if name not in self._ops:
                    raise ConversionError(f"{op.name} needs {name!r}, which is not in the file")
                if state.get(name) is False:
                    raise ConversionError(f"{name} is part of a loop")
                if name not in state:
                    stack.append((self._ops[name], False))
        return order

    def _emit(self, op: _Op) -> None:
        emit = getattr(self, f"_emit_{op.kind.lower()}", None)
        if emit is None:
            raise ConversionError(f"{op.name}: there is no conversion for the operator {op.kind}")
        made: _Tensor | None = emit(op)
        if made is not None:
            self._tensors[op.name] = made

    def _in(self, op: _Op, index: int) -> _Tensor:
        tensor = self._tensors.get(op.inputs[index]) if index < len(op.inputs) else None
        if tensor is None:
            raise ConversionError(f"{op.name}: input {index} of a {op.kind} must be computed, not constant")
        return tensor

    def _const(self, op: _Op, index: int) -> NDArray[Any]:
        value = self._constants.get(op.inputs[index]) if index < len(op.inputs) else None
        if value is None:
            raise ConversionError(f"{op.name}: input {index} of a {op.kind} must be a constant")
        return value

    # One method for each operator; its name is the operator's in lower case.

    def _emit_const(self, op: _Op) -> None:
        self._constants[op.name] = _tensor_values(op)

    def _emit_identity(self, op: _Op) -> _Tensor | None:
        if op.inputs[0] in self._constants:
            self._constants[op.name] = self._constants[op.inputs[0]]
            return None
        return self._in(op, 0)

    def _emit_placeholder(self, op: _Op) -> _Tensor:
        dims = [d.integer(1) for d in op.attributes["shape"].message(7).messages(2)] if "shape" in op.attributes else []
        if len(dims) != 4 or any(d < 1 for d in dims[1:]):
            raise ConversionError(f"{op.name}: the input must be a batch of pictures of a known size")
        shape = tuple(dims[1:])
        return _Tensor(self._graph.input("input", ["N", *_nchw(shape)]), shape)

    def _emit_conv2d(self, op: _Op) -> _Tensor:
        x, weights = self._in(op, 0), self._const(op, 1)  # weights: height, width, in, out
        if weights.ndim != 4 or weights.shape[2] != x.shape[-1]:
            raise ConversionError(f"{op.name}: filters of shape {weights.shape} do not fit {x.shape}")
        kernel = (int(weights.shape[0]), int(weights.shape[1]))
        dilations = op.ints("dilations") if "dilations" in op.attributes else [1, 1, 1, 1]
        if dilations != [1, 1, 1, 1]:
            raise ConversionError(f"{op.name}: dilated convolutions are not supported")
        shape, pads, strides = _window(op, x.shape, kernel)
        self._graph.conv(x.name, weights.transpose(3, 2, 0, 1).astype(np.float32), op.name, strides=strides, pads=pads)
        return _Tensor(op.name, (*shape, int(weights.shape[3])))

    def _emit_biasadd(self, op: _Op) -> _Tensor:
        x = self._in(op, 0)
        return _Tensor(self._graph.affine(x.name, op.name, shift=self._const(op, 1)), x.shape)

    def _emit_fusedbatchnorm(self, op: _Op) -> _Tensor:
        """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta (Ioffe and Szegedy 2015)."""
        if op.flag("is_training"):
            raise ConversionError(f"{op.name}: a batch norm in training mode cannot be converted")
        x = self._in(op, 0)
        gamma, beta, mean, variance = (self._const(op, i).astype(np.float64) for i in range(1, 5))
        scale = gamma / np.sqrt(variance + op.real("epsilon", 1e-4))
        return _Tensor(self._graph.affine(x.name, op.name, scale=scale, shift=beta - mean * scale), x.shape)

    _emit_fusedbatchnormv3 = _emit_fusedbatchnorm

    def _emit_relu(self, op: _Op) -> _Tensor:
        x = self._in(op, 0)
        return _Tensor(self._graph.add("Relu", [x.name], op.name), x.shape)

    def _emit_maxpool(self, op: _Op) -> _Tensor:
        return self._pool(op, "MaxPool")

    def _emit_avgpool(self, op: _Op) -> _Tensor:
        return self._pool(op, "AveragePool")

    def _pool(self, op: _Op, kind: str) -> _Tensor:
        x = self._in(op, 0)
        _, height, width, _ = _four(op, "ksize")
        shape, pads, strides = _window(op, x.shape, (height, width))
        if shape == (1, 1) and (height, width) == x.shape[:2] and kind == "AveragePool":
            self._graph.add("GlobalAveragePool", [x.name], op.name)  # runs on any size and has an INT8 kernel
        else:
            extra = {"pads": list(pads)} if any(pads) else {}
            self._graph.add(kind, [x.name], op.name, kernel_shape=[height, width], strides=list(strides), **extra)
        return _Tensor(op.name, (*shape, x.shape[-1]))

    def _emit_concatv2(self, op: _Op) -> _Tensor:
        parts = [self._in(op, i) for i in range(len(op.inputs) - 1)]
        axis = int(self._const(op, len(parts)))
        if len({p.shape[:-1] for p in parts}) != 1 or axis not in (-1, len(parts[0].shape)):
            raise ConversionError(f"{op.name}: only channels of pictures of one size can be joined")
        self._graph.add("Concat", [p.name for p in parts], op.name, axis=1)
        return _Tensor(op.name, (*parts[0].shape[:-1], sum(p.shape[-1] for p in parts)))

    def _emit_add(self, op: _Op) -> _Tensor:
        x, y = self._in(op, 0), self._in(op, 1)
        if x.shape != y.shape:
            raise ConversionError(f"{op.name}: {x.shape} and {y.shape} cannot be added")
        return _Tensor(self._graph.add("Add", [x.name, y.name], op.name), x.shape)

    _emit_addv2 = _emit_add

    def _emit_mul(self, op: _Op) -> _Tensor:
        for factor, other in ((0, 1), (1, 0)):
            if op.inputs[factor] in self._constants:
                x, value = self._in(op, other), self._const(op, factor)
                if value.size != 1:
                    raise ConversionError(f"{op.name}: only a single factor is supported")
                return _Tensor(self._graph.affine(x.name, op.name, scale=float(value.reshape(()))), x.shape)
        x, y = self._in(op, 0), self._in(op, 1)
        if x.shape != y.shape and 1 not in (*x.shape, *y.shape):
            raise ConversionError(f"{op.name}: {x.shape} and {y.shape} cannot be multiplied")
        return _Tensor(self._graph.add("Mul", [x.name, y.name], op.name), max(x.shape, y.shape))

    def _emit_reshape(self, op: _Op) -> _Tensor:
        """Flattening, and the pair of reshapes around a batch norm of vectors, which changes nothing here."""
        x, wanted = self._in(op, 0), [int(d) for d in self._const(op, 1).reshape(-1)]
        size = int(np.prod(x.shape))
        if not wanted or wanted[0] not in (1, -1):
            raise ConversionError(f"{op.name}: a reshape must keep the batch, not make it {wanted[:1]}")
        rest = wanted[1:]
        if rest.count(-1) == 1 and -size % int(np.prod(rest)) == 0:
            rest[rest.index(-1)] = -size // int(np.prod(rest))
        if int(np.prod(rest)) != size or [d for d in rest if d != 1] != [size]:
            raise ConversionError(f"{op.name}: {x.shape} cannot become {rest}: only flattening is supported")
        if len([d for d in x.shape if d != 1]) <= 1 and len(x.shape) == 1:
            return _Tensor(x.name, (size,))
        name = x.name
        if len(x.shape) == 3 and x.shape[:2] != (1, 1):  # the file counts height, width, channel
            name = self._graph.add("Transpose", [name], f"{op.name}.nhwc", perm=[0, 2, 3, 1])
        return _Tensor(self._graph.add("Flatten", [name], op.name, axis=1), (size,))

    def _emit_matmul(self, op: _Op) -> _Tensor:
        x, weights = self._in(op, 0), self._const(op, 1)
        if op.flag("transpose_a"):
            raise ConversionError(f"{op.name}: the batch cannot be transposed")
        weights = weights if op.flag("transpose_b") else weights.T
        if len(x.shape) != 1 or weights.ndim != 2 or weights.shape[1] != x.shape[0]:
            raise ConversionError(f"{op.name}: weights of shape {weights.shape} do not fit {x.shape}")
        self._graph.gemm(x.name, weights.astype(np.float32), op.name)
        return _Tensor(op.name, (int(weights.shape[0]),))

    def _emit_square(self, op: _Op) -> _Tensor:
        x = self._in(op, 0)
        return _Tensor(self._graph.add("Mul", [x.name, x.name], op.name), x.shape)

    def _emit_sum(self, op: _Op) -> _Tensor:
        x, axes = self._in(op, 0), self._const(op, 1).reshape(-1).tolist()
        if len(x.shape) != 1 or axes not in ([1], [-1]) or not op.flag("keep_dims"):
            raise ConversionError(f"{op.name}: only the sum over a vector, kept as one number, is supported")
        axis = self._graph.weight(f"{op.name}.axes", np.array([1], np.int64))
        return _Tensor(self._graph.add("ReduceSum", [x.name, axis], op.name, keepdims=1), (1,))

    def _emit_maximum(self, op: _Op) -> _Tensor:
        x, floor = self._in(op, 0), self._const(op, 1).astype(np.float32)
        return _Tensor(
            self._graph.add("Max", [x.name, self._graph.weight(f"{op.name}.floor", floor)], op.name), x.shape
        )

    def _emit_rsqrt(self, op: _Op) -> _Tensor:
        x = self._in(op, 0)
        root = self._graph.add("Sqrt", [x.name], f"{op.name}.root")
        return _Tensor(self._graph.add("Reciprocal", [root], op.name), x.shape)


def _nchw(shape: tuple[int, ...]) -> list[int]:
    return [shape[2], shape[0], shape[1]] if len(shape) == 3 else list(shape)


def _four(op: _Op, name: str) -> tuple[int, int, int, int]:
    values = op.ints(name)
    if len(values) != 4 or values[0] != 1 or values[3] != 1 or min(values) < 1:
        raise ConversionError(f"{op.name}: {name} {values} is not supported")
    return values[0], values[1], values[2], values[3]


def _window(
    op: _Op, shape: tuple[int, ...], kernel: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int, int, int], tuple[int, int]]:
    """The result's height and width, the padding (top, left, bottom, right) and the strides of a sliding window."""
    if len(shape) != 3 or op.word("data_format", "NHWC") != "NHWC":
        raise ConversionError(f"{op.name}: a {op.kind} needs a picture in NHWC")
    strides = _four(op, "strides")[1:3]
    padding = op.word("padding", "VALID")
    sizes, pads = [], []
    for size, window, stride in zip(shape[:2], kernel, strides, strict=True):
        if padding == "SAME":  # the odd pixel of padding goes to the far end
            made = -(-size // stride)
            total = max(0, (made - 1) * stride + window - size)
        elif padding == "VALID":
            made, total = (size - window) // stride + 1, 0
        else:
            raise ConversionError(f"{op.name}: the padding {padding!r} is not supported")
        if made < 1:
            raise ConversionError(f"{op.name}: a window of {kernel} does not fit {shape}")
        sizes.append(made)
        pads.append((total // 2, total - total // 2))
    return (sizes[0], sizes[1]), (pads[0][0], pads[1][0], pads[0][1], pads[1][1]), strides


def _tensor_values(op: _Op) -> NDArray[Any]:
    """The array of a Const: TensorProto in `value` (field 8 of AttrValue)."""
    tensor = op._attribute("value").message(8)
    kind = tensor.integer(1)
    if kind not in _DTYPES:
        raise ConversionError(f"{op.name}: constants of type {kind} are not supported")
    shape = [d.integer(1) for d in tensor.message(2).messages(2)]
    if any(d < 0 for d in shape):
        raise ConversionError(f"{op.name}: a constant of shape {shape}")
    raw = tensor.raw(4)
    size = int(np.prod(shape))
    values: NDArray[Any]
    if len(raw):
        if len(raw) != size * np.dtype(_DTYPES[kind]).itemsize:
            raise ConversionError(f"{op.name}: {len(raw)} bytes for a constant of shape {shape}")
        values = np.frombuffer(raw, _DTYPES[kind])
    elif kind in _INTS:
        values = np.array(tensor.integers(7 if kind == 3 else 10), _DTYPES[kind])
    else:
        values = tensor.floats(5)
    if values.size == 1 and size > 1:  # a repeated value is stored once
        values = np.repeat(values, size)
    if values.size != size:
        raise ConversionError(f"{op.name}: {values.size} numbers for a constant of shape {shape}")
    return values.reshape(shape)
