"""dlib's serialised face recognition network → ONNX, without dlib.

The file is `dlib::serialize` of `loss_metric<fc_no_bias<128, avg_pool_everything<...>>>`, a ResNet-29 after He et al.
2015 (King 2017): one version number for each nested layer, then the layers' own data from input to output. How
layers are joined is in dlib's templates and not in the file; the rules, from its face recognition example, are:

- `add_prev` after an affine closes a block whose other side is the block's input;
- `add_prev` after an average pool closes a block that halves the picture: the pool runs over the block's input;
- where the two sides differ in size or channels, both are padded with zeros at the far end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from faceapp.zoo.onnx_graph import OnnxGraph
from faceapp.zoo.wire import ConversionError

_MAX_NESTING = 2000


@dataclass(frozen=True, slots=True)
class _Convolution:
    weights: NDArray[np.float32]
    """(out, in, height, width)"""
    bias: NDArray[np.float32]
    strides: tuple[int, int]
    padding: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Affine:
    gamma: NDArray[np.float32]
    beta: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Pool:
    kind: str
    """max or avg"""
    window: tuple[int, int]
    """Height and width; (0, 0) is the whole picture."""
    strides: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Relu:
    pass


@dataclass(frozen=True, slots=True)
class _AddPrevious:
    pass


@dataclass(frozen=True, slots=True)
class _FullyConnected:
    weights: NDArray[np.float32]
    """(out, in)"""


_Layer = _Convolution | _Affine | _Pool | _Relu | _AddPrevious | _FullyConnected


class _Reader:
    """dlib's serialisation, item by item."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._data)

    def take(self, count: int) -> memoryview:
        if count < 0 or count > len(self._data) - self._at:
            raise ConversionError("the file ends within an item")
        self._at += count
        return self._data[self._at - count : self._at]

    def integer(self) -> int:
        """A control byte (how many bytes follow, high bit: negative), then little-endian bytes."""
        (control,) = self.take(1)
        size = control & 0x0F
        if control & 0x70 or not 1 <= size <= 8:
            raise ConversionError(f"{control:#x} is not the beginning of a number")
        value = int.from_bytes(self.take(size), "little")
        return -value if control & 0x80 else value

    def real(self) -> float:
        """A mantissa and a binary exponent."""
        mantissa, exponent = self.integer(), self.integer()
        if not -400 <= exponent <= 400:
            raise ConversionError(f"a number has the exponent {exponent}")
        return float(mantissa * 2.0**exponent)

    def word(self) -> str:
        length = self.integer()
        if not 0 <= length <= 100:
            raise ConversionError(f"a name has {length} characters")
        return str(self.take(length), "latin-1")

    def next_is(self, word: str) -> bool:
        item = bytes([1, len(word)]) + word.encode("latin-1")
        return bytes(self._data[self._at : self._at + len(item)]) == item

    def integers(self, count: int) -> tuple[int, ...]:
        return tuple(self.integer() for _ in range(count))

    def reals(self, count: int) -> tuple[float, ...]:
        return tuple(self.real() for _ in range(count))

    def expect(self, value: int, what: str) -> None:
        found = self.integer()
        if found != value:
            raise ConversionError(f"{what} is {found} where {value} is expected")

    def tensor(self) -> NDArray[np.float32]:
        """Version 2, four dimensions, little-endian float32."""
        self.expect(2, "a tensor's version")
        dims = [self.integer() for _ in range(4)]
        if any(not 0 <= d <= 1 << 24 for d in dims):
            raise ConversionError(f"a tensor has the shape {dims}")
        return np.frombuffer(self.take(4 * dims[0] * dims[1] * dims[2] * dims[3]), "<f4").reshape(dims)

    def alias(self) -> tuple[int, ...]:
        """The shape of a view into a layer's parameters."""
        self.expect(1, "a view's version")
        return tuple(self.integer() for _ in range(4))

    def flags(self) -> None:
        if any(c not in b"01" for c in self.take(3)):
            raise ConversionError("three flags of a layer are missing")


def convert(source: bytes, *, name: str = "dlib", output: str = "embedding") -> onnx.ModelProto:
    """The network in a dlib file: input `input` float32 (N, 3, S, S), RGB, result `output` float32 (N, D), not of unit
    length. The layer that normalises the input is not converted: the manifest has its numbers.

    Raises ConversionError for a damaged file and for networks built otherwise.
    """
    size, layers = _read(source)
    return _build(size, layers, name, output)


def _read(source: bytes) -> tuple[int, list[_Layer]]:
    """The side of the input picture and the layers from input to output."""
    reader = _Reader(source)
    reader.expect(1, "the version of the outer layer")
    if not reader.next_is("loss_metric_2"):
        raise ConversionError("the file is not a network of dlib trained with loss_metric")
    reader.word()
    reader.reals(2)  # margin and threshold of the loss
    for _ in range(_MAX_NESTING):
        if reader.next_is("input_rgb_image_sized"):
            break
        reader.integer()  # the version of one nested layer
    reader.word()
    reader.reals(3)  # the mean of each channel
    rows, columns = reader.integers(2)
    if rows != columns or not 8 <= rows <= 1024:
        raise ConversionError(f"the input is {columns}x{rows} pixels, not square")
    layers: list[_Layer] = []
    while not layers or not reader.at_end:
        kind = reader.word()
        if kind not in _READERS:
            raise ConversionError(f"there is no conversion for the layer {kind!r}")
        layers.append(_READERS[kind](reader))
        reader.flags()
        for _ in range(3):  # gradients and a cached output, empty in a trained network
            reader.tensor()
        if len(layers) == 1:
            reader.integer()  # the layer on the input says how many samples a picture makes
    if not isinstance(layers[-1], _FullyConnected):
        raise ConversionError("the file ends before the last, fully connected layer")
    return rows, layers


def _read_convolution(reader: _Reader) -> _Layer:
    params = reader.tensor().reshape(-1)
    count, height, width, stride_y, stride_x, pad_y, pad_x = reader.integers(7)
    filters, biases = reader.alias(), reader.alias()
    reader.reals(4)  # learning rates and decays
    size = math.prod(filters)
    if filters[0] != count or filters[2:] != (height, width) or math.prod(biases) != count:
        raise ConversionError(f"{count} filters of {height}x{width} do not have the shape {filters}")
    if size + count != params.size:
        raise ConversionError(f"{params.size} numbers for filters of shape {filters} and their biases")
    if min(stride_y, stride_x) < 1 or min(pad_y, pad_x) < 0:
        raise ConversionError(f"strides {stride_y}, {stride_x} or padding {pad_y}, {pad_x} are not possible")
    return _Convolution(params[:size].reshape(filters), params[size:], (stride_y, stride_x), (pad_y, pad_x))


def _read_affine(reader: _Reader) -> _Layer:
    params = reader.tensor().reshape(-1)
    gamma, beta = reader.alias(), reader.alias()
    reader.expect(0, "the mode of an affine layer")
    half = math.prod(gamma)
    if gamma != beta or 2 * half != params.size:
        raise ConversionError(f"{params.size} numbers for {half} factors and as many offsets")
    return _Affine(params[:half], params[half:])


def _read_pool(kind: str) -> Callable[[_Reader], _Layer]:
    def read(reader: _Reader) -> _Layer:
        height, width, stride_y, stride_x, pad_y, pad_x = reader.integers(6)
        if (pad_y, pad_x) != (0, 0) or min(height, width) < 0 or min(stride_y, stride_x) < 1:
            raise ConversionError("a padded pool is not supported")
        return _Pool(kind, (height, width), (stride_y, stride_x))

    return read


def _read_fully_connected(reader: _Reader) -> _Layer:
    outputs, inputs = reader.integers(2)
    params = reader.tensor()
    reader.alias(), reader.alias()
    reader.expect(1, "the bias mode of a fully connected layer (1: none)")
    reader.reals(4)
    if params.shape != (inputs, outputs, 1, 1):
        raise ConversionError(f"weights of shape {params.shape} for {inputs} inputs and {outputs} outputs")
    return _FullyConnected(params.reshape(inputs, outputs).T)


_READERS: dict[str, Callable[[_Reader], _Layer]] = {
    "con_4": _read_convolution,
    "affine_": _read_affine,
    "relu_": lambda _: _Relu(),
    "add_prev_": lambda _: _AddPrevious(),
    "max_pool_2": _read_pool("max"),
    "avg_pool_2": _read_pool("avg"),
    "fc_2": _read_fully_connected,
}


@dataclass(frozen=True, slots=True)
class _Tensor:
    name: str
    shape: tuple[int, ...]
    """Channels, height, width; channels alone for a vector."""


def _build(size: int, layers: list[_Layer], name: str, output: str) -> onnx.ModelProto:
    graph = OnnxGraph(name)
    x = _Tensor(graph.input("input", ["N", 3, size, size]), (3, size, size))
    block_input: _Tensor | None = None
    before: _Layer | None = None
    for i, layer in enumerate(layers):
        after = layers[i + 1] if i + 1 < len(layers) else None
        label = f"layer{i}"
        if isinstance(layer, _Pool) and isinstance(after, _AddPrevious):
            pass  # it runs over the block's other side, in the branch below
        elif isinstance(layer, _AddPrevious):
            if block_input is None:
                raise ConversionError("a block ends that never began")
            other = _shortcut(graph, block_input, before, x.shape[0], f"{label}.pool")
            x = _add(graph, x, other, label)
        else:
            x = _emit(graph, x, layer, label)
        stem = isinstance(layer, _Pool) and layer.kind == "max"
        if stem or isinstance(layer, _AddPrevious) or (isinstance(layer, _Relu) and isinstance(before, _AddPrevious)):
            block_input = x  # the next block begins here, behind this one's activation
        before = layer
    graph.add("Identity", [x.name], output)
    graph.output(output, ["N", *x.shape])
    return graph.to_model()


def _emit(graph: OnnxGraph, x: _Tensor, layer: _Layer, label: str) -> _Tensor:
    if isinstance(layer, _Convolution):
        return _convolution(graph, x, layer, label)
    if isinstance(layer, _Affine):
        if layer.gamma.size != x.shape[0]:
            raise ConversionError(f"{layer.gamma.size} factors for {x.shape[0]} channels")
        return _Tensor(graph.affine(x.name, label, scale=layer.gamma, shift=layer.beta), x.shape)
    if isinstance(layer, _Relu):
        return _Tensor(graph.add("Relu", [x.name], label), x.shape)
    if isinstance(layer, _Pool):
        return _pool(graph, x, layer, label)
    if isinstance(layer, _FullyConnected):
        if math.prod(x.shape) != layer.weights.shape[1]:
            raise ConversionError(f"{layer.weights.shape[1]} inputs for a layer that gets {x.shape}")
        flat = graph.add("Flatten", [x.name], f"{label}.flat", axis=1)
        return _Tensor(graph.gemm(flat, layer.weights, label), (layer.weights.shape[0],))
    raise ConversionError(f"{type(layer).__name__} stands where it cannot")


def _convolution(graph: OnnxGraph, x: _Tensor, layer: _Convolution, label: str) -> _Tensor:
    if len(x.shape) != 3 or layer.weights.shape[1] != x.shape[0]:
        raise ConversionError(f"filters of shape {layer.weights.shape} do not fit {x.shape}")
    pad_y, pad_x = layer.padding
    padded = (x.shape[0], x.shape[1] + 2 * pad_y, x.shape[2] + 2 * pad_x)
    sizes = _slide(padded, (layer.weights.shape[2], layer.weights.shape[3]), layer.strides)
    graph.conv(x.name, layer.weights, label, bias=layer.bias, strides=layer.strides, pads=(pad_y, pad_x, pad_y, pad_x))
    return _Tensor(label, (layer.weights.shape[0], *sizes))


def _slide(shape: tuple[int, ...], window: tuple[int, int], strides: tuple[int, int]) -> tuple[int, int]:
    if len(shape) != 3 or shape[1] < window[0] or shape[2] < window[1]:
        raise ConversionError(f"a window of {window} does not fit {shape}")
    return (shape[1] - window[0]) // strides[0] + 1, (shape[2] - window[1]) // strides[1] + 1


def _pool(graph: OnnxGraph, x: _Tensor, layer: _Pool, label: str) -> _Tensor:
    if layer.window == (0, 0) and layer.kind == "avg":
        return _Tensor(graph.add("GlobalAveragePool", [x.name], label), (x.shape[0], 1, 1))
    sizes = _slide(x.shape, layer.window, layer.strides)
    op = "MaxPool" if layer.kind == "max" else "AveragePool"
    graph.add(op, [x.name], label, kernel_shape=list(layer.window), strides=list(layer.strides))
    return _Tensor(label, (x.shape[0], *sizes))


def _shortcut(graph: OnnxGraph, x: _Tensor, before: _Layer | None, channels: int, label: str) -> _Tensor:
    """A block's other side: its input, average-pooled where the block halves the picture.

    A pool that also needs more channels, which are zero, is written as a convolution: one operator instead of two, and
    ONNX Runtime adds it to the block's convolution in the same pass.
    """
    if not isinstance(before, _Pool):
        return x
    if channels <= x.shape[0] or before.kind != "avg" or 0 in before.window:
        return _pool(graph, x, before, label)
    sizes = _slide(x.shape, before.window, before.strides)
    weights = np.zeros((channels, x.shape[0], *before.window), np.float32)
    weights[np.arange(x.shape[0]), np.arange(x.shape[0])] = 1 / math.prod(before.window)
    graph.conv(x.name, weights, label, strides=before.strides)
    return _Tensor(label, (channels, *sizes))


def _add(graph: OnnxGraph, x: _Tensor, y: _Tensor, label: str) -> _Tensor:
    """The sum, both sides padded at the far end with zeros to the larger of their sizes."""
    if len(x.shape) != len(y.shape):
        raise ConversionError(f"{x.shape} and {y.shape} cannot be added")
    shape = tuple(max(a, b) for a, b in zip(x.shape, y.shape, strict=True))
    names = [_padded(graph, t, shape, f"{label}.{side}") for t, side in ((x, "left"), (y, "right"))]
    return _Tensor(graph.add("Add", names, label), shape)


def _padded(graph: OnnxGraph, x: _Tensor, shape: tuple[int, ...], label: str) -> str:
    missing = [a - b for a, b in zip(shape, x.shape, strict=True)]
    if not any(missing):
        return x.name
    pads = graph.weight(f"{label}.pads", np.array([0] * (len(shape) + 2) + missing, np.int64))
    return graph.add("Pad", [x.name, pads], f"{label}.padded")
