"""How much an ONNX file would become in memory, told before a parser makes anything of it.

The generated parser makes an object of every message, 160 bytes where the file may have two: 10 MB of nothing but
empty operators become 0.8 GB. Numbers written as varints grow eightfold. Here both are counted on the wire, by the
parser's own description of the format; nothing is kept, and counting ends where it is too much.
"""

from __future__ import annotations

from typing import Any

from faceapp.errors import InputError
from faceapp.zoo.wire import ConversionError, scan

MAX_FIELDS = 300_000
"""Of all messages together, which the parser makes 50 MB of. A ResNet-100 has about 10,000."""
MAX_VARINTS = 1 << 26
"""Bytes of numbers of varying length. Weights are kept raw, or as floats of four bytes."""
_MAX_DEPTH = 100
"""Of messages within messages: the parser takes no more."""


def check_growth(data: bytes, name: str) -> None:
    """Raises InputError, in one line that calls the file `name`, where `data` is no ONNX file, or would take far more
    memory than a network does."""
    import onnx

    fields = varints = 0
    # Iterators, not lists: a list of what is still to be looked at would be the very thing that is feared.
    open_messages: list[tuple[Any, Any]] = [(onnx.ModelProto.DESCRIPTOR, scan(memoryview(data)))]
    try:
        while open_messages:
            kind, values = open_messages[-1]
            found = next(values, None)
            if found is None:
                open_messages.pop()
                continue
            number, value = found
            fields += 1
            if fields > MAX_FIELDS:
                raise InputError(f"{name} is refused: it has more than {MAX_FIELDS:,} parts, no network has so many")
            about = kind.fields_by_number.get(number)
            if about is None or not isinstance(value, memoryview):
                continue
            if about.message_type is not None:
                if len(open_messages) > _MAX_DEPTH:
                    raise ConversionError("messages lie too deep")
                open_messages.append((about.message_type, scan(value)))
            elif about.cpp_type not in (about.CPPTYPE_STRING, about.CPPTYPE_FLOAT, about.CPPTYPE_DOUBLE):
                varints += len(value)
                if varints > MAX_VARINTS:
                    raise InputError(f"{name} is refused: it keeps its weights as varints: save them as raw data")
    except ConversionError as e:
        raise InputError(f"{name} is no ONNX network, or is cut off: fetch it again") from e
