"""The dlib converter on a small hand-made network, against NumPy."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.zoo.dlib_net import convert
from faceapp.zoo.wire import ConversionError
from tests.fakes import formats as f

RNG = np.random.default_rng(7)


def random(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


SIZE = 22
STEM, STEM_BIAS = random(4, 3, 3, 3), random(4)
G0, B0 = random(4), random(4)
A1, A2, B1, B2 = random(4, 4, 3, 3), random(4, 4, 3, 3), random(4), random(4)
D1, D2, E1, E2 = random(6, 4, 3, 3), random(6, 6, 3, 3), random(6), random(6)
DENSE = random(6, 5)


def layers() -> list[bytes]:
    """Stem, a block, a block that halves the picture and adds channels, pool, dense: as in the face network."""
    return [
        f.convolution(STEM, STEM_BIAS, stride=2),
        f.affine(G0, B0),
        f.relu(),
        f.pool("max", 3, 2),
        f.convolution(A1, B1, pad=1),
        f.relu(),
        f.convolution(A2, B2, pad=1),
        f.affine(G0, B0),
        f.add_previous(),
        f.relu(),
        f.convolution(D1, E1, stride=2),
        f.relu(),
        f.convolution(D2, E2, pad=1),
        f.pool("avg", 2, 2),
        f.add_previous(),
        f.relu(),
        f.pool("avg", 0, 1),
        f.fully_connected(DENSE),
    ]


def conv(x: Any, weights: Any, bias: Any, stride: int = 1, pad: int = 0) -> Any:
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    size = (x.shape[1] - 3) // stride + 1
    return np.array(
        [
            [
                np.tensordot(weights, x[:, i * stride : i * stride + 3, j * stride : j * stride + 3], 3) + bias
                for j in range(size)
            ]
            for i in range(size)
        ]
    ).transpose(2, 0, 1)


def pool(x: Any, how: Any, size: int, stride: int = 2) -> Any:
    count = (x.shape[1] - size) // stride + 1
    part = [
        [x[:, i * stride : i * stride + size, j * stride : j * stride + size] for j in range(count)]
        for i in range(count)
    ]
    return np.array([[how(p, (1, 2)) for p in row] for row in part]).transpose(2, 0, 1)


def scaled(x: Any) -> Any:
    return x * G0[:, None, None] + B0[:, None, None]


def expected(x: Any) -> Any:
    x = pool(np.maximum(scaled(conv(x, STEM, STEM_BIAS, 2)), 0), np.max, 3)
    x = np.maximum(scaled(conv(np.maximum(conv(x, A1, B1, pad=1), 0), A2, B2, pad=1)) + x, 0)
    assert x.shape == (4, 4, 4)
    main = conv(np.maximum(conv(x, D1, E1, 2), 0), D2, E2, pad=1)
    side = pool(x, np.mean, 2)
    assert (main.shape, side.shape) == ((6, 1, 1), (4, 2, 2))
    both = np.zeros((6, 2, 2))
    both[:, :1, :1] += main  # padded with zeros at the far end
    both[:4] += side
    return np.maximum(both, 0).mean((1, 2)) @ DENSE


def test_converts_all_it_knows(run: Any) -> None:
    model = convert(f.dlib_network(SIZE, layers()))
    x = random(3, 3, SIZE, SIZE)
    (y,) = run(model, x)
    np.testing.assert_allclose(y, [expected(p) for p in x], rtol=1e-4, atol=1e-4)
    kinds = [n.op_type for n in model.graph.node]
    assert "Mul" not in kinds  # the affine layers are in the convolutions
    assert [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim] == ["N", 3, SIZE, SIZE]


def changed(index: int, layer: bytes) -> bytes:
    found = layers()
    found[index] = layer
    return f.dlib_network(SIZE, found)


GOOD = f.dlib_network(SIZE, layers())


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (b"", "ends within"),
        (b"not a network", "not the beginning of a number"),
        (f.number(1) + f.word("loss_mmod_"), "not a network of dlib trained with loss_metric"),
        (f.number(2) + GOOD[2:], "version of the outer layer is 2"),
        (GOOD + b"\x01", "ends within"),
        (changed(2, f.word("prelu_") + f.TAIL), "no conversion for the layer 'prelu_'"),
        (changed(2, f.word("relu_") + b"abc" + f.EMPTY * 3), "flags"),
        (changed(1, f.affine(random(3), random(3))), "3 factors for 4 channels"),
        (changed(4, f.convolution(random(4, 5, 3, 3), B1, pad=1)), "do not fit"),
        (changed(4, f.convolution(random(4, 4, 9, 9), B1)), "window"),
        (changed(17, f.fully_connected(random(9, 5))), "9 inputs"),
        (changed(0, f.add_previous()), "never began"),
        (f.dlib_network(4, layers()), "not square"),
    ],
)
def test_what_it_does_not_know_is_named(source: bytes, what: str) -> None:
    with pytest.raises(ConversionError, match=what):
        convert(source)


@given(st.integers(1, len(GOOD) - 1))
def test_a_cut_off_file_is_refused(cut: int) -> None:
    with pytest.raises(ConversionError):
        convert(GOOD[:-cut])


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_at_the_beginning_is_refused_or_harmless(at: int, value: int) -> None:
    damaged = bytearray(GOOD)
    damaged[at] = value
    with contextlib.suppress(ConversionError):
        convert(bytes(damaged))
