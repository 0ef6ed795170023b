from __future__ import annotations

import numpy as np
import pytest

from faceapp.vision.canvases import Piece, packed


@pytest.mark.parametrize("odd", [False, True])
def test_canvases_hold_every_piece_once_and_none_upon_another(odd: bool) -> None:
    rng = np.random.default_rng(4)
    sides = 2 * rng.integers(6, 62, (60, 2)) - (rng.integers(0, 2, (60, 2)) if odd else 0)
    canvases = list(packed([Piece(i, int(h), int(w)) for i, (h, w) in enumerate(sides)], 138, 17_000))
    assert sorted(p.index for c in canvases for p, _, _ in c.placed) == list(range(60))
    for canvas in canvases:
        used = np.zeros((canvas.height, canvas.width), np.int64)
        for piece, y, x in canvas.placed:
            assert y % 2 == x % 2 == 0
            assert piece.height % 2 == 0 or y + piece.height == canvas.height
            assert piece.width % 2 == 0 or x + piece.width == canvas.width
            used[y : y + piece.height, x : x + piece.width] += 1
        assert used.sum() == sum(p.height * p.width for p, _, _ in canvas.placed)
        assert used.max() == 1
        assert used.size <= 17_000
    assert len(canvases) < 40


def test_a_piece_larger_than_a_canvas_is_alone() -> None:
    (large, small) = packed([Piece(0, 12, 12), Piece(1, 301, 201)], 138, 17_000)
    assert (large.height, large.width, large.placed) == (301, 201, [(Piece(1, 301, 201), 0, 0)])
    assert [p.index for p, _, _ in small.placed] == [0]
    assert list(packed([], 138, 17_000)) == []
