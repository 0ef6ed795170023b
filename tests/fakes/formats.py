"""Writers of the formats that the zoo's converters read, for small hand-made networks."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


# Protocol buffers


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | float | str | bytes) -> bytes:
    """One field: a number as varint, a float as 32 bits, text and bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


# TensorFlow's GraphDef


def tensor_shape(dims: Sequence[int]) -> bytes:
    return b"".join(field(2, field(1, d)) for d in dims)


def attribute(name: str, value: bytes) -> bytes:
    return field(5, field(1, name) + field(2, value))


def ints(*values: int) -> bytes:
    """list(int), packed."""
    return field(1, field(3, b"".join(varint(v) for v in values)))


def node(name: str, op: str, inputs: Sequence[str] = (), **attributes: bytes) -> bytes:
    body = field(1, name) + field(2, op) + b"".join(field(3, i) for i in inputs)
    return field(1, body + b"".join(attribute(k, v) for k, v in attributes.items()))


def const(name: str, values: Any) -> bytes:
    array = np.asarray(values)
    kind, array = (3, array.astype("<i4")) if array.dtype.kind == "i" else (1, array.astype("<f4"))
    tensor = field(1, kind) + field(2, tensor_shape(array.shape)) + field(4, array.tobytes())
    return node(name, "Const", value=field(8, tensor))


def placeholder(name: str, *dims: int) -> bytes:
    return node(name, "Placeholder", shape=field(7, tensor_shape(dims)))


# Caffe


def blob(values: Array) -> bytes:
    shape = field(1, b"".join(varint(d) for d in values.shape))
    return field(7, field(7, shape) + field(5, values.astype("<f4").tobytes()))


def caffemodel(layers: dict[str, list[Array]]) -> bytes:
    return b"".join(field(100, field(1, k) + b"".join(blob(b) for b in v)) for k, v in layers.items())


# dlib


def number(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def real(value: float) -> bytes:
    """A mantissa and a power of two, for numbers that are exact in 24 bits."""
    return number(round(value * 2**16)) + number(-16)


def word(text: str) -> bytes:
    return number(len(text)) + text.encode()


def tensor(values: Array) -> bytes:
    dims = [*values.shape, *[1] * (4 - values.ndim)]
    return number(2) + b"".join(map(number, dims)) + values.astype("<f4").tobytes()


def alias(*dims: int) -> bytes:
    return number(1) + b"".join(map(number, dims))


EMPTY = number(2) + number(0) * 4
TAIL = b"110" + EMPTY * 3


def convolution(weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> bytes:
    count, channels, height, width = weights.shape
    params = np.concatenate([weights.reshape(-1), bias])
    sizes = [count, height, width, stride, stride, pad, pad]
    views = alias(count, channels, height, width) + alias(1, count, 1, 1)
    return word("con_4") + tensor(params) + b"".join(map(number, sizes)) + views + real(1.0) * 4 + TAIL


def affine(gamma: Array, beta: Array) -> bytes:
    view = alias(1, len(gamma), 1, 1)
    return word("affine_") + tensor(np.concatenate([gamma, beta])) + view * 2 + number(0) + TAIL


def pool(kind: str, size: int, stride: int) -> bytes:
    return word(f"{kind}_pool_2") + b"".join(map(number, (size, size, stride, stride, 0, 0))) + TAIL


def relu() -> bytes:
    return word("relu_") + TAIL


def add_previous() -> bytes:
    return word("add_prev_") + TAIL


def fully_connected(weights: Array) -> bytes:
    """weights (in, out)"""
    inputs, outputs = weights.shape
    views = alias(inputs, outputs, 1, 1) + alias(0, 0, 0, 0)
    return word("fc_2") + number(outputs) + number(inputs) + tensor(weights) + views + number(1) + real(1.0) * 4 + TAIL


def dlib_network(size: int, layers: list[bytes]) -> bytes:
    head = number(1) + word("loss_metric_2") + real(0.04) + real(0.6)
    nested = number(2) * len(layers)
    source = word("input_rgb_image_sized") + real(122.5) + real(117.0) + real(104.25) + number(size) * 2
    return head + nested + source + layers[0] + number(1) + b"".join(layers[1:])
