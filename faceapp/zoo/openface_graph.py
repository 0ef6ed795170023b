"""OpenFace's nn4.small2: what it is made of, and as ONNX.

The network is Amos, Ludwiczuk and Satyanarayanan's (OpenFace, 2016; `models/openface/nn4.small2.def.lua`), after the
NN4 of Schroff et al. 2015 with fewer and smaller Inception blocks. Layer names are those of Keras-OpenFace, the port
whose CSV files `openface.py` reads: channels stand in the order 3x3, 5x5, pool, 1x1.

There are two Keras ports of these weights. Keras-OpenFace follows the Torch original: L2 pooling in the blocks 3b, 4a
and 5a, local response normalisation around `conv2` and `conv3`. The one in a well-known course has average pooling in
their place and no such normalisation. We build what the weights were trained with. The files themselves say so: a
batch norm holds mean and variance of what reached it in training, and on photographs of faces L2 pooling gives
`inception_3b_pool_bn` what it expects, average pooling a fraction of it (`tests/bench/openface.py`). In one thing we
follow Torch rather than Keras-OpenFace: response normalisation looks at 5 channels and divides by their number (Torch's
`SpatialCrossMapLRN(5, 1e-4, 0.75)`, as in Krizhevsky et al. 2012 and in ONNX), where TensorFlow's default takes 11.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import onnx

from faceapp.zoo.onnx_graph import Array, OnnxGraph

SIZE = 96
"""Pixels of the picture's sides."""
DIMENSION = 128
_EPSILON = 1e-5
"""Under the root of every batch norm: Torch's default, which Keras-OpenFace keeps."""


@dataclass(frozen=True, slots=True)
class _Convolution:
    """A convolution with the batch norm behind it, as the files call them."""

    name: str
    norm: str
    inputs: int
    filters: int
    size: int
    stride: int = 1


@dataclass(frozen=True, slots=True)
class _Block:
    """An Inception block: branches side by side, joined along the channels."""

    name: str
    inputs: int
    three: tuple[int, int]
    """Filters of the 1x1 convolution before the 3x3 one, and of that."""
    five: tuple[int, int] | None
    pool: Literal["max", "l2"]
    pooled: int | None
    """Filters of the 1x1 convolution behind the pool; None: there is none."""
    one: int | None
    """Filters of the 1x1 branch; None: there is none."""
    stride: int = 1

    @property
    def outputs(self) -> int:
        return self.three[1] + (self.five[1] if self.five else 0) + (self.pooled or self.inputs) + (self.one or 0)

    def branch(self, kind: Literal["3x3", "5x5", "pool", "1x1"]) -> tuple[_Convolution, ...]:
        """The branch's convolutions, first to last; none where it has none."""
        layer = f"inception_{self.name}_{kind}"
        if kind in ("3x3", "5x5"):
            widths = self.three if kind == "3x3" else self.five
            if widths is None:
                return ()
            size = int(kind[0])
            return (
                _Convolution(f"{layer}_conv1", f"{layer}_bn1", self.inputs, widths[0], 1),
                _Convolution(f"{layer}_conv2", f"{layer}_bn2", widths[0], widths[1], size, self.stride),
            )
        width = self.pooled if kind == "pool" else self.one
        return () if width is None else (_Convolution(f"{layer}_conv", f"{layer}_bn", self.inputs, width, 1),)


_STEM = (
    _Convolution("conv1", "bn1", 3, 64, 7, 2),
    _Convolution("conv2", "bn2", 64, 64, 1),
    _Convolution("conv3", "bn3", 64, 192, 3),
)
_BLOCKS = (
    _Block("3a", 192, (96, 128), (16, 32), "max", 32, 64),
    _Block("3b", 256, (96, 128), (32, 64), "l2", 64, 64),
    _Block("3c", 320, (128, 256), (32, 64), "max", None, None, stride=2),
    _Block("4a", 640, (96, 192), (32, 64), "l2", 128, 256),
    _Block("4e", 640, (160, 256), (64, 128), "max", None, None, stride=2),
    _Block("5a", 1024, (96, 384), None, "l2", 96, 256),
    _Block("5b", 736, (96, 384), None, "max", 96, 256),
)
_KINDS: tuple[Literal["3x3", "5x5", "pool", "1x1"], ...] = ("3x3", "5x5", "pool", "1x1")


def tensor_shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor of the network by the name of its file, from input to output: `_w` and `_b` of a convolution are
    (out, in, height, width) and (out,); `_w`, `_b`, `_m` and `_v` of a batch norm its scale, shift, mean and variance;
    `dense_w` is (128, 736)."""
    shapes: dict[str, tuple[int, ...]] = {}
    for c in (*_STEM, *(c for block in _BLOCKS for kind in _KINDS for c in block.branch(kind))):
        shapes[f"{c.name}_w"] = (c.filters, c.inputs, c.size, c.size)
        shapes[f"{c.name}_b"] = (c.filters,)
        shapes |= {f"{c.norm}_{what}": (c.filters,) for what in "wbmv"}
    shapes["dense_w"] = (DIMENSION, _BLOCKS[-1].outputs)
    shapes["dense_b"] = (DIMENSION,)
    return shapes


def build(tensors: Mapping[str, Array], name: str = "openface-nn4-small2") -> onnx.ModelProto:
    """The network from its tensors (`tensor_shapes`): float32 (N, 3, 96, 96), RGB from 0 to 1 → (N, 128) of unit
    length. The same tensors give the same bytes."""
    graph = _Builder(name, tensors)
    x = graph.input("input", ["N", 3, SIZE, SIZE])
    x = graph.convolve(x, _STEM[0])
    # Torch and ONNX pad a maximum with minus infinity, Keras with zeros: behind a ReLU it is the same.
    x = graph.add("MaxPool", [x], "pool1", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    x = graph.respond(x, "norm1")
    x = graph.convolve(x, _STEM[1])
    x = graph.convolve(x, _STEM[2])
    x = graph.respond(x, "norm2")
    x = graph.add("MaxPool", [x], "pool2", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    side = SIZE // 8
    for block in _BLOCKS:
        x = graph.inception(x, block, side)
        side //= block.stride
    x = graph.add("AveragePool", [x], "average", kernel_shape=[side, side])
    x = graph.add("Flatten", [x], "flat", axis=1)
    x = graph.gemm(x, tensors["dense_w"], "dense", bias=tensors["dense_b"])
    length = graph.add("ReduceL2", [x], "length", axes=[1], keepdims=1)
    floor = graph.weight("length.floor", np.array([1e-12], np.float32))
    length = graph.add("Max", [length, floor], "length.floored")
    graph.output(graph.add("Div", [x, length], "embedding"), ["N", DIMENSION])
    return graph.to_model()


class _Builder(OnnxGraph):
    """The graph with this network's pieces."""

    def __init__(self, name: str, tensors: Mapping[str, Array]) -> None:
        super().__init__(name)
        self._tensors = tensors

    def convolve(self, x: str, c: _Convolution) -> str:
        """Convolution (as large as its input, divided by the stride), batch norm, ReLU."""
        weights, bias = (self._tensors[f"{c.name}_{what}"] for what in "wb")
        scale, shift, mean, variance = (self._tensors[f"{c.norm}_{what}"].astype(np.float64) for what in "wbmv")
        pad = c.size // 2
        x = self.conv(x, weights, c.name, bias=bias, strides=(c.stride, c.stride), pads=(pad, pad, pad, pad))
        factor = scale / np.sqrt(variance + _EPSILON)
        x = self.affine(x, c.norm, scale=factor, shift=shift - mean * factor)
        return self.add("Relu", [x], f"{c.norm}.relu")

    def respond(self, x: str, output: str) -> str:
        """Local response normalisation across channels."""
        return self.add("LRN", [x], output, size=5, alpha=1e-4, beta=0.75, bias=1.0)

    def inception(self, x: str, block: _Block, side: int) -> str:
        """A block over a picture of side x side."""
        branches = []
        for kind in _KINDS:
            layers = block.branch(kind)
            if kind == "pool":
                branches.append(self._pool_branch(x, block, side, layers))
            elif layers:
                y = x
                for layer in layers:
                    y = self.convolve(y, layer)
                branches.append(y)
        return self.add("Concat", branches, f"inception_{block.name}", axis=1)

    def _pool_branch(self, x: str, block: _Block, side: int, layers: tuple[_Convolution, ...]) -> str:
        """3x3 pooling, in steps of 2 (max) or 3 (L2), then zeros all round, to the size of the others.

        L2 pooling is the root of the sum of squares; Torch's `DepthConcat` puts the smaller picture in the middle and,
        where that can't be, nearer to the top and the left."""
        name = f"inception_{block.name}_pool"
        step = 2 if block.pool == "max" else 3
        if block.pool == "max":
            x = self.add("MaxPool", [x], name, kernel_shape=[3, 3], strides=[step, step])
        else:
            x = self.add("Mul", [x, x], f"{name}.squares")
            x = self.add("AveragePool", [x], f"{name}.mean", kernel_shape=[3, 3], strides=[step, step])
            x = self.affine(self.add("Sqrt", [x], f"{name}.root"), name, scale=3.0)
        for layer in layers:
            x = self.convolve(x, layer)
        missing = side // block.stride - ((side - 3) // step + 1)
        before, after = missing // 2, math.ceil(missing / 2)
        pads = self.weight(f"{name}.pads", np.array([0, 0, before, before, 0, 0, after, after], np.int64))
        return self.add("Pad", [x, pads], f"{name}.padded")
