"""The prototext reader on what deploy files hold, and on damaged ones."""

from __future__ import annotations

import pytest

from faceapp.zoo.prototext import parse
from faceapp.zoo.wire import ConversionError

TEXT = """
name: 'net'  # a comment
input_shape { dim: 1 dim: 3 }
layer { name: "a" type: "Convolution" bottom: "x" bottom: "y"
  convolution_param: { num_output: 8 bias_term: false pad: 1.0 } }
layer { name: "b"; }
"""


def test_reads_blocks_lists_and_scalars() -> None:
    net = parse(TEXT)
    assert net.word("name") == "net"
    assert net.section("input_shape").numbers("dim") == [1, 3]
    first, second = net.sections("layer")
    assert first.words("bottom") == ["x", "y"]
    param = first.section("convolution_param")
    assert param.integer("num_output", 0) == 8
    assert param.flag("bias_term", True) is False
    assert param.integer("pad", 0) == 1
    assert second.word("name") == "b"
    assert second.section("nothing").word("at_all", "default") == "default"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("layer {", "ends within a block"),
        ("layer { name: }", "no value"),
        ("name:", "no value"),
        ("}", "where a name belongs"),
        ("12: 3", "where a name belongs"),
        ('name: "no end', "line 1"),
        ("a {" * 50, "nested too deeply"),
    ],
)
def test_damage_is_named(text: str, what: str) -> None:
    with pytest.raises(ConversionError, match=what):
        parse(text)


def test_a_fraction_is_no_integer() -> None:
    with pytest.raises(ConversionError, match="not a whole number"):
        parse("pad: 1.5").integer("pad", 0)
