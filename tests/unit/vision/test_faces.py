from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from faceapp.errors import NoFaceError, TwoFacesError
from faceapp.types import Box, Face, Floats
from faceapp.vision import faces
from faceapp.vision.faces import dominant_face, nms, overlaps, to_faces


def face(height: float, width: float = 50) -> Face:
    return Face(Box(0, 0, width, height), 1.0)


def test_the_one_face_is_meant() -> None:
    only = face(30)
    assert dominant_face([only]) is only


def test_the_higher_face_is_meant_not_the_wider() -> None:
    high = face(130, width=20)
    assert dominant_face([face(100, width=900), high]) is high


def test_no_face_is_told() -> None:
    with pytest.raises(NoFaceError, match="no face"):
        dominant_face([])


@pytest.mark.parametrize(("height", "refused"), [(129.9, True), (130.0, False)])
def test_two_faces_of_about_the_same_size_are_refused(height: float, refused: bool) -> None:
    both = [face(100), face(height)]
    if refused:
        with pytest.raises(TwoFacesError, match="two faces"):
            dominant_face(both)
    else:
        assert dominant_face(both) is both[1]


def test_the_better_of_two_overlapping_boxes_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]], np.float32)
    assert nms(boxes, np.array([0.5, 0.9, 0.1], np.float32), 0.5).tolist() == [1, 2]
    assert nms(boxes, np.array([0.5, 0.9, 0.1], np.float32), 0.9).tolist() == [1, 0, 2]


def test_a_box_within_another_goes_by_the_smaller_area_only() -> None:
    boxes = np.array([[0, 0, 100, 100], [40, 40, 60, 60]], np.float32)
    scores = np.array([0.8, 0.9], np.float32)
    assert nms(boxes, scores, 0.5).tolist() == [1, 0]
    assert nms(boxes, scores, 0.5, "smaller").tolist() == [1]


def test_no_boxes() -> None:
    assert nms(np.empty((0, 4), np.float32), np.empty(0, np.float32), 0.5).tolist() == []


def plain_nms(boxes: Floats, scores: Floats, threshold: float) -> list[int]:
    """The definition, one box after the other."""
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable").tolist():
        overlap = [Box(*boxes[i].tolist()).iou(Box(*boxes[k].tolist())) for k in kept]
        if all(o <= threshold for o in overlap):
            kept.append(i)
    return kept


corners = arrays(np.int64, st.tuples(st.integers(1, 40), st.just(4)), elements=st.integers(0, 30))


@given(corners, st.randoms(use_true_random=False), st.sampled_from([0.31, 0.52, 0.77]))
def test_suppression_is_the_greedy_one_also_over_blocks(raw: np.ndarray, random: object, threshold: float) -> None:
    boxes = np.concatenate([raw[:, :2], raw[:, :2] + 1 + raw[:, 2:] % 12], axis=1).astype(np.float32)
    scores = np.random.default_rng(len(raw)).permutation(len(raw)).astype(np.float32)
    expected = plain_nms(boxes, scores, threshold)
    assert nms(boxes, scores, threshold).tolist() == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faces, "_BLOCK", 7)
        assert nms(boxes, scores, threshold).tolist() == expected


@given(corners)
def test_overlap_is_symmetric_and_one_with_itself(raw: np.ndarray) -> None:
    boxes = np.concatenate([raw[:, :2], raw[:, :2] + 1 + raw[:, 2:]], axis=1).astype(np.float32)
    table = overlaps(boxes, boxes)
    np.testing.assert_allclose(table, table.T, atol=1e-6)
    np.testing.assert_allclose(np.diag(table), 1, atol=1e-6)
    assert table.min() >= 0
    assert (overlaps(boxes, boxes, "smaller") >= table - 1e-6).all()


def test_faces_are_clipped_sorted_and_filtered() -> None:
    boxes = np.array([[10, 10, 40, 50], [-30, -20, 80, 90], [200, 10, 260, 70], [10, 10, 30, 29]], np.float32)
    points = np.arange(40, dtype=np.float32).reshape(4, 5, 2)
    found = to_faces(boxes, np.array([0.9, 0.8, 0.7, 1.0], np.float32), points, (100, 60), 30)
    assert [f.box for f in found] == [Box(0, 0, 80, 60), Box(10, 10, 40, 50)]
    assert found[1].landmarks is not None
    assert found[1].landmarks.tolist() == points[0].tolist()


def test_a_face_that_leaves_the_picture_counts_by_its_whole_height() -> None:
    boxes = np.array([[10, 50, 40, 90]], np.float32)  # 10 of its 40 pixels are in the picture
    assert len(to_faces(boxes, np.ones(1, np.float32), None, (100, 60), 40)) == 1
    assert len(to_faces(boxes, np.ones(1, np.float32), None, (100, 60), 41)) == 0
