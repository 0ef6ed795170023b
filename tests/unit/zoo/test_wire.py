"""The wire reader on hand-made and on damaged messages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.zoo.wire import ConversionError, Message
from tests.fakes.formats import field, varint


def test_reads_every_kind_of_field() -> None:
    data = field(1, "name") + field(2, 300) + field(3, 1.5) + field(4, field(1, "inner")) + field(2, 7)
    message = Message(data)
    assert message.text(1) == "name"
    assert message.integers(2) == [300, 7]
    assert message.integer(2) == 7  # the last one counts
    assert message.float_(3) == 1.5
    assert message.message(4).text(1) == "inner"
    assert 4 in message
    assert 9 not in message


def test_missing_fields_have_proto3_defaults() -> None:
    message = Message(b"")
    assert (message.text(1), message.integer(1), message.float_(1, 0.25)) == ("", 0, 0.25)
    assert message.messages(1) == []
    assert message.message(1).text(1) == ""
    assert message.floats(1).size == 0


def test_packed_and_single_numbers_are_one_list() -> None:
    packed = field(5, varint(1) + varint(2)) + field(5, 3)
    assert Message(packed).integers(5) == [1, 2, 3]


def test_negative_numbers() -> None:
    assert Message(field(1, -1)).integers(1) == [-1]


def test_floats_packed_or_not() -> None:
    values = np.array([1, -2.5, 3], "<f4")
    assert Message(field(5, values.tobytes())).floats(5).tolist() == [1, -2.5, 3]
    assert Message(field(5, 1.0) + field(5, 2.0)).floats(5).tolist() == [1, 2]


def test_fixed_64_bits_are_skipped_over() -> None:
    data = varint(7 << 3 | 1) + b"\0" * 8 + field(1, "after")
    assert Message(data).text(1) == "after"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x08", "ends within a number"),
        (b"\x08" + b"\xff" * 11, "more than ten bytes"),
        (b"\x0a\x05ab", "longer than what is left"),
        (b"\x0d\x00", "longer than what is left"),
        (b"\x0b", "wire type 3"),
        (b"\x00\x01", "number 0"),
    ],
)
def test_damage_is_named(data: bytes, what: str) -> None:
    with pytest.raises(ConversionError, match=what):
        Message(data)


def test_a_field_of_another_kind_is_refused() -> None:
    with pytest.raises(ConversionError, match="number where bytes belong"):
        Message(field(1, 3)).text(1)
    with pytest.raises(ConversionError, match="32-bit float"):
        Message(field(1, b"abc")).floats(1)
    with pytest.raises(ConversionError, match="32-bit float"):
        Message(field(1, b"abcdefgh")).float_(1)
    with pytest.raises(ConversionError, match="UTF-8"):
        Message(field(1, b"\xff")).text(1)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        message = Message(data)
        for number in range(1, 20):
            if number in message:
                message.messages(number)
    except ConversionError:
        pass
