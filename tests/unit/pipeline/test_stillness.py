"""When a picture stands still, and what it costs to know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.pipeline.stillness import FROZEN_NS, Stillness, identical

SECOND = 1_000_000_000


@given(
    st.integers(1, 70), st.integers(1, 50), st.data()
)  # sizes whose bytes are no whole number of words, and of blocks
def test_one_byte_anywhere_makes_a_difference(height: int, width: int, data: st.DataObject) -> None:
    one = np.random.default_rng(height * width).integers(0, 255, (height, width, 3), np.uint8)
    other = one.copy()
    assert identical(one, other)
    at = data.draw(st.integers(0, one.size - 1))
    other.reshape(-1)[at] ^= 1
    assert not identical(one, other)


@pytest.mark.parametrize("at", [0, 1, 8 * (1 << 15) - 1, 8 * (1 << 15), -1])
def test_blocks_leave_nothing_out(at: int) -> None:
    one = np.zeros((1080, 1920, 3), np.uint8)
    other = one.copy()
    assert identical(one, other)
    other.reshape(-1)[at] = 1
    assert not identical(one, other)


def test_pictures_of_another_size_or_seen_from_the_side() -> None:
    one = np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)
    assert not identical(one, one[:20])
    assert identical(one.swapaxes(0, 1), one.copy().swapaxes(0, 1))
    assert not identical(one.swapaxes(0, 1), one)


def test_frozen_is_two_seconds_of_the_same() -> None:
    still = Stillness()
    same, another = np.zeros((48, 64, 3), np.uint8), np.ones((48, 64, 3), np.uint8)
    assert not still.frozen
    for ns in (0, SECOND, FROZEN_NS - 1):
        still.saw(same.copy(), 5 * SECOND + ns)
        assert not still.frozen
    still.saw(same.copy(), 5 * SECOND + FROZEN_NS)
    assert still.frozen
    assert still.same_ns == FROZEN_NS
    still.saw(another, 8 * SECOND)
    assert (still.frozen, still.same_ns) == (False, 0)
    still.saw(same, 8 * SECOND + 1)
    still.saw(another, 8 * SECOND + 2)
    still.saw(another, 9 * SECOND)
    assert not still.frozen, "what was seen before in between does not count"


def test_two_pictures_in_turn_are_not_frozen() -> None:
    still = Stillness()
    pictures = [np.full((48, 64, 3), grey, np.uint8) for grey in (0, 1)]
    for k in range(100):
        still.saw(pictures[k % 2], k * SECOND)
        assert not still.frozen
