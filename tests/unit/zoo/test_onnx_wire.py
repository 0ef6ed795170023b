"""Small files that would take all memory, refused before a parser sees them."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from faceapp.errors import InputError
from faceapp.zoo import onnx_wire
from faceapp.zoo.inspection import inspect_network
from faceapp.zoo.onnx_wire import check_growth
from tests.fakes.networks import embedder


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def message(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def network(graph: bytes) -> bytes:
    """An ONNX file of operator set 17 with this graph."""
    return b"\x08\x08" + message(7, graph) + message(8, b"\x0a\x00\x10\x11")


MOST, MANY = 1000, 1010
EMPTY_NODES = message(1, b"") * MANY


@pytest.mark.parametrize(
    "data",
    [
        network(EMPTY_NODES),
        network(message(5, b"") * MANY),  # weights
        network(message(11, b"") * MANY),  # inputs
        network(message(13, b"") * MANY),  # what is known of values in between
        network(message(1, message(5, b"") * MANY)),  # attributes of one operator
        network(message(1, message(5, message(6, EMPTY_NODES)))),  # a subgraph
        network(message(5, b"\x08\x01" * MANY)),  # a tensor of a thousand axes
        network(b"") + message(14, b"") * MANY,
        message(8, b"") * MANY,
    ],
    ids=["nodes", "weights", "inputs", "values", "attributes", "subgraph", "axes", "metadata", "operator sets"],
)
def test_a_crowd_of_nothings_is_refused_before_it_takes_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    file = tmp_path / "brought.onnx"
    file.write_bytes(data)
    monkeypatch.setattr(onnx_wire, "MAX_FIELDS", MOST)
    with pytest.raises(InputError, match="is refused: it has more than 1,000 parts"):
        inspect_network(file)


def test_numbers_that_grow_when_they_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_wire, "MAX_VARINTS", 1000)
    check_growth(network(message(5, message(7, b"\x00" * 1000))), "brought.onnx")
    with pytest.raises(InputError, match="is refused: it keeps its weights as varints"):
        check_growth(network(message(5, message(7, b"\x00" * 600)) * 2), "brought.onnx")
    check_growth(network(message(5, message(4, b"\x00" * 4000))), "brought.onnx")  # floats don't grow
    check_growth(network(message(5, message(9, b"\x00" * 4000))), "brought.onnx")


def test_messages_within_messages_end_somewhere() -> None:
    data = b""
    for _ in range(300):
        data = message(1, message(5, message(6, data)))
    with pytest.raises(InputError, match="no ONNX network"):
        check_growth(network(data), "brought.onnx")


def test_a_real_network_passes() -> None:
    made = embedder()
    made.graph.initializer.append(helper.make_tensor("i", TensorProto.INT64, [3], [1, -2, 3]))
    onnx.checker.check_model(embedder())
    check_growth(made.SerializeToString(), "brought.onnx")
