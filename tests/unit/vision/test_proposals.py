from __future__ import annotations

import numpy as np
import pytest

from faceapp.types import BgrImage, Floats
from faceapp.vision import proposals
from faceapp.vision.faces import nms
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.proposals import Block, levels_of, normalised, peaks, propose, whole
from faceapp.vision.pyramid import Pyramid


@pytest.mark.parametrize("side", [(480, 640), (271, 333), (97, 64), (40, 500)])
def test_canvases_give_what_each_level_by_itself_does(
    mtcnn: Mtcnn, six_people: BgrImage, side: tuple[int, int]
) -> None:
    pnet = mtcnn._pnet
    levels = levels_of(Pyramid(np.ascontiguousarray(six_people[260 : 260 + side[0], : side[1]])), 30, 0.709)
    found = propose(pnet, levels, whole(levels), 0.6)
    expected = []
    for level in levels:
        boxes, score = pnet.run({"input": normalised([level.picture])})
        y, x = np.nonzero(peaks(score[0, 0], 0.6))
        corners = np.stack([x, y], axis=1) * 2 / np.array(level.factors)
        windows = np.concatenate([corners, corners + 12 / np.array(level.factors)], axis=1)
        expected.append(np.concatenate([windows, score[0, 0, y, x][:, None], boxes[0, :, y, x]], axis=1))
    got = np.concatenate([found.windows, found.scores[:, None], found.offsets], axis=1)
    wanted = _inside(np.concatenate(expected), side)
    assert len(wanted) > (20 if side == (480, 640) else -1)
    assert _inside(got, side) == pytest.approx(wanted, abs=1e-3)


def _inside(rows: Floats, side: tuple[int, int]) -> Floats:
    """Without the windows of an odd level's edge, which lack a row or column: a canvas makes that up. In one order."""
    kept = rows[(rows[:, 3] <= side[0] + 0.5) & (rows[:, 2] <= side[1] + 0.5)]
    return np.asarray(kept[np.lexsort(kept[:, :4].round(1).T)], np.float32)


def test_only_the_blocks_asked_for_are_looked_at(mtcnn: Mtcnn, six_people: BgrImage) -> None:
    levels = levels_of(Pyramid(six_people), 60, 0.709)
    everywhere = propose(mtcnn._pnet, levels, whole(levels), 0.6)
    left = [Block(i, 0, 0, level.rows, level.columns // 2) for i, level in enumerate(levels)]
    found = propose(mtcnn._pnet, levels, left, 0.6)
    assert 0 < len(found.scores) < len(everywhere.scores)
    assert (found.windows[:, 0] < six_people.shape[1] / 2).all()
    assert len(propose(mtcnn._pnet, levels, [], 0.6).scores) == 0


def test_blocks_cover_a_level_once() -> None:
    parts = list(Block(0, 3, 5, 137, 65).parts(56, 64))
    seen = np.zeros((200, 100), np.int64)
    for p in parts:
        assert 0 < p.rows <= 56
        assert 0 < p.columns <= 64
        seen[p.top : p.top + p.rows, p.left : p.left + p.columns] += 1
    assert seen.sum() == (seen[3:140, 5:70] == 1).sum() == 137 * 65
    assert list(Block(0, 0, 0, 0, 9).parts(56, 64)) == []


def test_canvases_hold_every_block_once_and_none_upon_another() -> None:
    rng = np.random.default_rng(4)
    blocks = [Block(i, 0, 0, int(r), int(c)) for i, (r, c) in enumerate(rng.integers(1, 57, (40, 2)))]
    canvases = list(proposals._packed(blocks, 17_000))
    assert sorted(b.level for c in canvases for b, _, _ in c) == list(range(40))
    for canvas in canvases:
        used = np.zeros((400, 400), np.int64)
        for block, y, x in canvas:
            rows, columns = block.size
            assert y % 2 == x % 2 == 0
            used[y : y + rows, x : x + columns] += 1
        assert used.max() == 1
        assert len(canvas) == 1 or np.argwhere(used).max(axis=0).prod() <= 17_000
    assert len(canvases) < 30


def test_peaks_are_what_suppression_of_the_windows_leaves() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        scores = rng.permutation(17 * 23).reshape(17, 23).astype(np.float32) / 391
        y, x = np.nonzero(scores > 0.6)
        windows = np.stack([2 * x, 2 * y, 2 * x + 12, 2 * y + 12], axis=1).astype(np.float32)
        kept = nms(windows, scores[y, x], 0.501)  # neighbours two apart overlap by exactly a half
        expected = np.zeros(scores.shape, np.bool_)
        expected[y[kept], x[kept]] = True
        assert (peaks(scores, 0.6) == expected).all()
