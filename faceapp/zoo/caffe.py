"""A Caffe SSD (Liu et al. 2016): deploy.prototxt and caffemodel → ONNX, without Caffe.

Structure comes from the prototxt, weights by layer name from the caffemodel, as in Caffe itself. What is said about
layers follows caffe.proto of the SSD branch. The last layer, DetectionOutput, is not converted: decoding the boxes is
NumPy's work. The prior boxes it needs are constants of the architecture and become a constant result of the network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from faceapp.zoo.onnx_graph import OnnxGraph
from faceapp.zoo.prototext import Section, parse
from faceapp.zoo.wire import ConversionError, Message

Blobs = list[NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A value of the graph being built. `shape` is without the batch; `priors` replaces a name for prior boxes."""

    name: str
    shape: tuple[int, ...]
    priors: NDArray[np.float64] | None = None


def convert(source: bytes, prototxt: bytes, *, name: str = "ssd") -> onnx.ModelProto:
    """The network of a Caffe SSD. Input `input` float32 (N, 3, H, W), BGR. Results, for P prior boxes:

    - `loc` (N, P, 4): offsets of centre x, centre y, log width, log height, before the variances;
    - `conf` (N, P, classes): probabilities after the softmax, class 0 is the background;
    - `priors` (P, 4): constant, centre x, centre y, width, height in parts of the picture;
    - `variances` (4,): constant.

    A box is centre = prior centre + loc * variance * prior size, size = prior size * exp(loc * variance).
    Raises ConversionError for damaged files and layers this converter does not know.
    """
    try:
        text = prototxt.decode("utf-8")
    except UnicodeDecodeError as e:
        raise ConversionError("the prototxt is not text") from e
    return _Converter(parse(text), _weights(source), name).convert()


def _weights(source: bytes) -> dict[str, Blobs]:
    """The blobs of every layer by name: NetParameter.layer is field 100, LayerParameter.name 1 and blobs 7."""
    found: dict[str, Blobs] = {}
    for layer in Message(source).messages(100):
        blobs = [_blob(b) for b in layer.messages(7)]
        if blobs:
            found[layer.text(1)] = blobs
    if not found:
        raise ConversionError("there are no weights in the file: it is not a caffemodel of the layer format")
    return found


def _blob(blob: Message) -> NDArray[np.float32]:
    """BlobProto: shape 7 (dim 1), or the four dimensions 1 to 4 of old files; data 5."""
    shape = blob.message(7).integers(1) if 7 in blob else [blob.integer(i, 1) for i in range(1, 5)]
    values = blob.floats(5)
    if any(d < 0 for d in shape) or math.prod(shape) != values.size:
        raise ConversionError(f"a blob of shape {shape} holds {values.size} numbers")
    return values.reshape(shape)


class _Converter:
    """One conversion: goes through the prototxt's layers, which stand in running order, and fills an OnnxGraph."""

    def __init__(self, net: Section, weights: Mapping[str, Blobs], name: str) -> None:
        self._net = net
        self._weights = weights
        self._graph = OnnxGraph(name)
        self._tensors: dict[str, _Tensor] = {}
        self._image = (0, 0)
        self._steps = 0

    def convert(self) -> onnx.ModelProto:
        self._begin()
        detection: Section | None = None
        for layer in self._net.sections("layer"):
            if layer.word("type") == "DetectionOutput":
                detection = layer
                continue
            emit = _EMITTERS.get(layer.word("type"))
            if emit is None:
                raise ConversionError(
                    f"{layer.word('name')}: there is no conversion for the layer {layer.word('type')!r}"
                )
            tops = layer.words("top")
            if len(tops) != 1:
                raise ConversionError(f"{layer.word('name')}: a layer with {len(tops)} results is not supported")
            self._tensors[tops[0]] = emit(self, layer)
        if detection is None:
            raise ConversionError("the network does not end in a DetectionOutput: it is not an SSD")
        self._finish(detection)
        return self._graph.to_model()

    def _begin(self) -> None:
        shape = [int(d) for d in self._net.section("input_shape").numbers("dim")]
        if len(shape) != 4 or shape[1] != 3 or min(shape) < 1:
            raise ConversionError(f"the input has the shape {shape}, not that of a colour picture")
        self._image = (shape[2], shape[3])
        self._graph.input("input", ["N", *shape[1:]])
        self._tensors[self._net.word("input")] = _Tensor("input", tuple(shape[1:]))

    def _finish(self, detection: Section) -> None:
        loc, conf, priors = (self._bottom(detection, i) for i in range(3))
        values = priors.priors
        if values is None:
            raise ConversionError("the third input of DetectionOutput is not made of prior boxes")
        param = detection.section("detection_output_param")
        classes, count = param.integer("num_classes", 0), values.shape[1]
        if param.word("code_type") != "CENTER_SIZE" or not param.flag("share_location", True):
            raise ConversionError("only boxes coded as CENTER_SIZE with shared locations are supported")
        if loc.shape != (count * 4,) or conf.shape != (count * classes,):
            raise ConversionError(f"{count} prior boxes do not fit {loc.shape} offsets and {conf.shape} scores")
        variances = values[1]
        if np.any(variances != variances[0]):
            raise ConversionError("prior boxes with different variances are not supported")
        corners = values[0]
        centres, sizes = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
        for result, tensor, width in (("loc", loc, 4), ("conf", conf, classes)):
            shape = self._graph.weight(f"{result}.shape", np.array([0, count, width], np.int64))
            self._graph.add("Reshape", [tensor.name, shape], result)
            self._graph.output(result, ["N", count, width])
        self._graph.constant_output("priors", np.hstack([centres, sizes]).astype(np.float32))
        self._graph.constant_output("variances", variances[0].astype(np.float32))

    def _bottom(self, layer: Section, index: int = 0) -> _Tensor:
        bottoms = layer.words("bottom")
        if index >= len(bottoms) or bottoms[index] not in self._tensors:
            raise ConversionError(f"{layer.word('name')}: input {index} is not there")
        return self._tensors[bottoms[index]]

    def _blobs(self, layer: Section, count: int) -> Blobs:
        blobs = self._weights.get(layer.word("name"), [])
        if len(blobs) != count:
            raise ConversionError(f"{layer.word('name')}: {len(blobs)} blobs of weights where {count} are needed")
        return blobs

    def _name(self, layer: Section) -> str:
        """A name of its own for each value: Caffe's in-place layers give one name to several."""
        self._steps += 1
        return f"{self._steps:03d}.{layer.word('name')}"

    def batch_norm(self, layer: Section) -> _Tensor:
        """(x - mean) / sqrt(variance + eps); the file holds sums and, in the third blob, how many were summed."""
        x = self._bottom(layer)
        mean, variance, count = (b.astype(np.float64).reshape(-1) for b in self._blobs(layer, 3))
        factor = 0.0 if count[0] == 0 else 1.0 / count[0]
        scale = 1.0 / np.sqrt(variance * factor + layer.section("batch_norm_param").number("eps", 1e-5))
        name = self._graph.affine(x.name, self._name(layer), scale=scale, shift=-mean * factor * scale)
        return _Tensor(name, x.shape)

    def scale(self, layer: Section) -> _Tensor:
        x = self._bottom(layer)
        biased = layer.section("scale_param").flag("bias_term", False)
        blobs = [b.reshape(-1) for b in self._blobs(layer, 2 if biased else 1)]
        shift = blobs[1] if biased else np.zeros(1)
        return _Tensor(self._graph.affine(x.name, self._name(layer), scale=blobs[0], shift=shift), x.shape)

    def convolution(self, layer: Section) -> _Tensor:
        x, param = self._bottom(layer), layer.section("convolution_param")
        biased = param.flag("bias_term", True)
        blobs = self._blobs(layer, 2 if biased else 1)
        pad, stride = param.integer("pad", 0), param.integer("stride", 1)
        kernel, dilation = param.integer("kernel_size", 0), param.integer("dilation", 1)
        filters = param.integer("num_output", 0)
        if param.integer("group", 1) != 1 or min(stride, dilation, kernel) < 1 or pad < 0:
            raise ConversionError(f"{layer.word('name')}: a convolution of this kind is not supported")
        if blobs[0].shape != (filters, x.shape[0], kernel, kernel):
            raise ConversionError(f"{layer.word('name')}: filters of shape {blobs[0].shape} do not fit {x.shape}")
        reach = dilation * (kernel - 1) + 1
        sizes = [(s + 2 * pad - reach) // stride + 1 for s in x.shape[1:]]
        if min(sizes) < 1:
            raise ConversionError(f"{layer.word('name')}: a window of {reach} pixels does not fit {x.shape}")
        name = self._graph.conv(
            x.name,
            blobs[0],
            self._name(layer),
            bias=blobs[1].reshape(-1) if biased else None,
            strides=(stride, stride),
            pads=(pad, pad, pad, pad),
            dilations=(dilation, dilation),
        )
        return _Tensor(name, (filters, *sizes))

    def relu(self, layer: Section) -> _Tensor:
        x = self._bottom(layer)
        return _Tensor(self._graph.add("Relu", [x.name], self._name(layer)), x.shape)

    def pooling(self, layer: Section) -> _Tensor:
        """Caffe counts the last, partly filled window: the padding that takes is added at the far end."""
        x, param = self._bottom(layer), layer.section("pooling_param")
        kernel, stride = param.integer("kernel_size", 0), param.integer("stride", 1)
        if param.word("pool", "MAX") != "MAX" or param.integer("pad", 0) or kernel < 1 or stride < 1:
            raise ConversionError(f"{layer.word('name')}: only a max pool without padding is supported")
        sizes = [-(-(s - kernel) // stride) + 1 for s in x.shape[1:]]
        far = [(n - 1) * stride + kernel - s for n, s in zip(sizes, x.shape[1:], strict=True)]
        if min(sizes) < 1 or max(far) >= kernel:
            raise ConversionError(f"{layer.word('name')}: a window of {kernel} pixels does not fit {x.shape}")
        attributes = {"pads": [0, 0, *(max(0, f) for f in far)]} if max(far) > 0 else {}
        name = self._graph.add(
            "MaxPool", [x.name], self._name(layer), kernel_shape=[kernel] * 2, strides=[stride] * 2, **attributes
        )
        return _Tensor(name, (x.shape[0], *sizes))

    def eltwise(self, layer: Section) -> _Tensor:
        x, y = self._bottom(layer, 0), self._bottom(layer, 1)
        if len(layer.words("bottom")) != 2 or x.shape != y.shape:
            raise ConversionError(f"{layer.word('name')}: {x.shape} and {y.shape} cannot be added")
        if layer.section("eltwise_param").word("operation", "SUM") != "SUM":
            raise ConversionError(f"{layer.word('name')}: only sums are supported")
        return _Tensor(self._graph.add("Add", [x.name, y.name], self._name(layer)), x.shape)

    def normalize(self, layer: Section) -> _Tensor:
        """x / its length over the channels at each place, times a learned scale for each channel (ParseNet)."""
        x, param = self._bottom(layer), layer.section("norm_param")
        if param.flag("across_spatial", True) or param.flag("channel_shared", True):
            raise ConversionError(f"{layer.word('name')}: only a norm over channels is supported")
        name = self._name(layer)
        floor = self._graph.weight(f"{name}.floor", np.array([param.number("eps", 1e-10)], np.float32))
        squares = self._graph.add("ReduceSumSquare", [x.name], f"{name}.squares", axes=[1], keepdims=1)
        length = self._graph.add("Sqrt", [self._graph.add("Add", [squares, floor], f"{name}.sum")], f"{name}.length")
        divided = self._graph.add("Div", [x.name, length], f"{name}.divided")
        (factors,) = self._blobs(layer, 1)
        return _Tensor(self._graph.affine(divided, name, scale=factors.reshape(-1)), x.shape)

    def permute(self, layer: Section) -> _Tensor:
        x = self._bottom(layer)
        order = [int(d) for d in layer.section("permute_param").numbers("order")]
        if order != [0, 2, 3, 1] or len(x.shape) != 3:
            raise ConversionError(f"{layer.word('name')}: the order {order} is not supported")
        name = self._graph.add("Transpose", [x.name], self._name(layer), perm=order)
        return _Tensor(name, (x.shape[1], x.shape[2], x.shape[0]))

    def flatten(self, layer: Section) -> _Tensor:
        x = self._bottom(layer)
        if layer.section("flatten_param").integer("axis", 1) != 1:
            raise ConversionError(f"{layer.word('name')}: only flattening from axis 1 is supported")
        return _Tensor(self._graph.add("Flatten", [x.name], self._name(layer), axis=1), (math.prod(x.shape),))

    def concat(self, layer: Section) -> _Tensor:
        parts = [self._bottom(layer, i) for i in range(len(layer.words("bottom")))]
        priors = [p.priors for p in parts if p.priors is not None]
        if priors and len(priors) == len(parts):
            return _Tensor("", (), np.concatenate(priors, axis=1))
        if priors or any(len(p.shape) != 1 for p in parts) or layer.section("concat_param").integer("axis", 1) != 1:
            raise ConversionError(f"{layer.word('name')}: only flat parts can be joined")
        name = self._graph.add("Concat", [p.name for p in parts], self._name(layer), axis=1)
        return _Tensor(name, (sum(p.shape[0] for p in parts),))

    def reshape(self, layer: Section) -> _Tensor:
        x = self._bottom(layer)
        dims = [int(d) for d in layer.section("reshape_param").section("shape").numbers("dim")]
        if len(x.shape) != 1 or len(dims) != 3 or dims[:2] != [0, -1] or dims[2] < 1 or x.shape[0] % dims[2]:
            raise ConversionError(f"{layer.word('name')}: a reshape to {dims} is not supported")
        name = self._name(layer)
        shape = self._graph.weight(f"{name}.shape", np.array([0, x.shape[0] // dims[2], dims[2]], np.int64))
        self._graph.add("Reshape", [x.name, shape], name)
        return _Tensor(name, (x.shape[0] // dims[2], dims[2]))

    def softmax(self, layer: Section) -> _Tensor:
        x = self._bottom(layer)
        if layer.section("softmax_param").integer("axis", 1) != len(x.shape):
            raise ConversionError(f"{layer.word('name')}: only a softmax over the last axis is supported")
        return _Tensor(self._graph.add("Softmax", [x.name], self._name(layer), axis=-1), x.shape)

    def prior_box(self, layer: Section) -> _Tensor:
        return _Tensor("", (), _priors(layer, self._bottom(layer).shape, self._image))


def _priors(layer: Section, shape: tuple[int, ...], image: tuple[int, int]) -> NDArray[np.float64]:
    """(2, P, 4): corners x1, y1, x2, y2 in parts of the picture, and variances.

    At each place of the feature map: a square of the smallest size, one of the geometric mean of both sizes, and a
    pair of rectangles for each aspect ratio.
    """
    param = layer.section("prior_box_param")
    smallest, largest = param.numbers("min_size"), param.numbers("max_size")
    variances, step = param.numbers("variance"), param.number("step", 0)
    if len(smallest) != 1 or len(largest) != 1 or len(variances) != 4 or step <= 0 or not param.flag("flip", True):
        raise ConversionError(f"{layer.word('name')}: prior boxes of this kind are not supported")
    if param.flag("clip", False) or min(smallest[0], largest[0]) <= 0:
        raise ConversionError(f"{layer.word('name')}: prior boxes of this kind are not supported")
    square = math.sqrt(smallest[0] * largest[0])
    sizes = [(smallest[0], smallest[0]), (square, square)]
    for ratio in param.numbers("aspect_ratio"):
        root = math.sqrt(ratio)
        sizes += [(smallest[0] * root, smallest[0] / root), (smallest[0] / root, smallest[0] * root)]
    _, rows, columns = shape
    offset = param.number("offset", 0.5)
    y, x = np.mgrid[0:rows, 0:columns]
    centres = (np.stack([x, y], axis=-1).reshape(-1, 1, 2) + offset) * step
    half = np.array(sizes)[None] / 2
    corners = np.concatenate([centres - half, centres + half], axis=-1).reshape(-1, 4)
    scaled = corners / np.array([image[1], image[0], image[1], image[0]])
    return np.stack([scaled, np.broadcast_to(np.array(variances), scaled.shape)])


_EMITTERS: dict[str, Callable[[_Converter, Section], _Tensor]] = {
    "BatchNorm": _Converter.batch_norm,
    "Scale": _Converter.scale,
    "Convolution": _Converter.convolution,
    "ReLU": _Converter.relu,
    "Pooling": _Converter.pooling,
    "Eltwise": _Converter.eltwise,
    "Normalize": _Converter.normalize,
    "Permute": _Converter.permute,
    "Flatten": _Converter.flatten,
    "Concat": _Converter.concat,
    "Reshape": _Converter.reshape,
    "Softmax": _Converter.softmax,
    "PriorBox": _Converter.prior_box,
}
