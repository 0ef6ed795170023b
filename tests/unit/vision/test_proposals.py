from __future__ import annotations

import numpy as np
import pytest

from faceapp.types import BgrImage, Floats
from faceapp.vision.faces import nms
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.proposals import Block, Level, levels_of, normalised, peaks, propose, whole
from faceapp.vision.pyramid import Pyramid


@pytest.mark.parametrize(
    "side",
    [(480, 640), (271, 333), (270, 333), (271, 334), (97, 64), (40, 500), (61, 61), (241, 139), (139, 243), (13, 25)],
)
def test_canvases_give_what_each_level_by_itself_does(
    mtcnn: Mtcnn, six_people: BgrImage, side: tuple[int, int]
) -> None:
    """To the last window of an odd edge, of which the network sees less than of the others."""
    picture = np.ascontiguousarray(six_people[260 : 260 + side[0], : side[1]])
    for smallest in (12, 30):
        levels = levels_of(Pyramid(picture), smallest, 0.709)
        # Every local maximum, not only those that may be a face.
        for threshold in (-0.5, 0.6):
            found = propose(mtcnn._pnet, levels, whole(levels), threshold)
            expected = _of_whole_levels(mtcnn, levels, threshold)
            got = np.concatenate([found.windows, found.scores[:, None], found.offsets], axis=1)
            assert got.shape == expected.shape
            assert np.array_equal(got[:, :4], expected[:, :4])
            assert np.abs(got - expected).max(initial=0) < 1e-6


def _of_whole_levels(mtcnn: Mtcnn, levels: list[Level], threshold: float) -> Floats:
    """One run of P-net for each."""
    rows = [np.empty((0, 9), np.float32)]
    for level in levels:
        boxes, score = mtcnn._pnet.run({"input": normalised([level.picture])})
        assert score.shape[2:] == (level.rows, level.columns)
        y, x = np.nonzero(peaks(score[0, 0], threshold))
        corners = np.stack([x, y], axis=1) * 2 / np.array(level.factors)
        windows = np.concatenate([corners, corners + 12 / np.array(level.factors)], axis=1).astype(np.float32)
        rows.append(np.concatenate([windows, score[0, 0, y, x][:, None], boxes[0, :, y, x]], axis=1))
    return np.concatenate(rows)


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
