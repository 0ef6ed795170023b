"""A reader of the protocol buffers wire format, just enough for GraphDef and caffemodel files.

The format (protobuf.dev, "Encoding") is a sequence of (field number, wire type, value). Reading it ourselves spares us
TensorFlow, Caffe and generated classes; what a field number means stands with the converter that asks for it.
Nothing is copied: length-delimited values are views into the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = "int | memoryview"

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class ConversionError(ValueError):
    """The source file is not what its converter can read. One line."""


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """The unsigned number at `at` and the place behind it."""
    value = shift = 0
    while shift < 70:
        if at >= len(data):
            raise ConversionError("the file ends within a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
    raise ConversionError("a number has more than ten bytes")


def scan(data: memoryview) -> Iterator[tuple[int, Value]]:
    """Each field of one message in file order: its number and its value (fixed-width numbers as their bytes).

    Raises ConversionError for anything that is not a well-formed message.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise ConversionError("a field has the number 0")
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            length, at = _varint(data, at)
        elif kind == _FIXED32:
            length = 4
        elif kind == _FIXED64:
            length = 8
        else:
            raise ConversionError(f"field {number} has the unknown wire type {kind}")
        if length > len(data) - at:
            raise ConversionError(f"field {number} is longer than what is left of the file")
        yield number, data[at : at + length]
        at += length


class Message:
    """One message, its fields grouped by number. Sub-messages are parsed when they are asked for."""

    __slots__ = ("_fields",)

    def __init__(self, data: bytes | memoryview) -> None:
        self._fields: dict[int, list[Value]] = {}
        for number, value in scan(memoryview(data)):
            self._fields.setdefault(number, []).append(value)

    def __contains__(self, number: int) -> bool:
        return number in self._fields

    def _views(self, number: int) -> list[memoryview]:
        views = [v for v in self._fields.get(number, []) if isinstance(v, memoryview)]
        if len(views) != len(self._fields.get(number, [])):
            raise ConversionError(f"field {number} holds a number where bytes belong")
        return views

    def messages(self, number: int) -> list[Message]:
        """Every sub-message in field `number`."""
        return [Message(v) for v in self._views(number)]

    def message(self, number: int) -> Message:
        """The last sub-message in field `number`; an empty one where there is none, as in proto3."""
        views = self._views(number)
        return Message(views[-1]) if views else Message(b"")

    def raw(self, number: int) -> memoryview:
        """The last byte string in field `number`; empty where there is none."""
        views = self._views(number)
        return views[-1] if views else memoryview(b"")

    def text(self, number: int) -> str:
        return _decode(self.raw(number))

    def texts(self, number: int) -> list[str]:
        return [_decode(v) for v in self._views(number)]

    def integers(self, number: int) -> list[int]:
        """Every signed 64-bit number in field `number`, packed or not."""
        found: list[int] = []
        for value in self._fields.get(number, []):
            if isinstance(value, int):
                found.append(_signed(value))
                continue
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                found.append(_signed(one))
        return found

    def integer(self, number: int, default: int = 0) -> int:
        return (self.integers(number) or [default])[-1]

    def floats(self, number: int) -> NDArray[np.float32]:
        """Every 32-bit float in field `number`, packed or not, as one array (n,)."""
        views = self._views(number)
        if any(len(v) % 4 for v in views):
            raise ConversionError(f"field {number} does not hold whole 32-bit floats")
        if len(views) == 1:
            return np.frombuffer(views[0], "<f4")
        return np.frombuffer(b"".join(views), "<f4")

    def float_(self, number: int, default: float = 0.0) -> float:
        values = self._views(number)
        if not values:
            return default
        if len(values[-1]) != 4:
            raise ConversionError(f"field {number} does not hold a 32-bit float")
        (one,) = struct.unpack("<f", values[-1])
        return float(one)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _decode(data: memoryview) -> str:
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError as e:
        raise ConversionError("a name is not UTF-8") from e
