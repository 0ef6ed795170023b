from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.types import Box, Candidate, Face, Frame, FrameResult, Match

coordinates = st.floats(-1e4, 1e4, allow_nan=False)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h), coordinates, coordinates, st.floats(1e-2, 1e4), st.floats(1e-2, 1e4)
)


def test_a_frozen_frame_cannot_be_drawn_on() -> None:
    frame = Frame.freeze(3, 5, np.zeros((4, 6, 3), np.uint8))
    assert frame.size == (6, 4)
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.id = 4  # type: ignore[misc] # that is the test


def test_freezing_takes_the_picture_itself_not_a_copy() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    assert Frame.freeze(0, 0, image).image is image


def test_freezing_a_view_protects_it_from_the_memorys_owner() -> None:
    whole = np.zeros((4, 12, 3), np.uint8)
    frame = Frame.freeze(0, 0, whole[:, ::2])
    whole[:] = 7
    assert not frame.image.any()
    assert whole.flags.writeable


def test_box_measures() -> None:
    box = Box(10, 20, 40, 100)
    assert (box.width, box.height, box.area, box.center) == (30, 80, 2400, (25, 60))
    assert box.moved(1, -2) == Box(11, 18, 41, 98)
    assert box.scaled(0.5) == Box(5, 10, 20, 50)
    assert box.as_list() == [10, 20, 40, 100]


def test_a_box_turned_inside_out_has_no_area() -> None:
    assert Box(10, 10, 5, 5).area == 0
    assert Box(10, 10, 5, 5).iou(Box(0, 0, 20, 20)) == 0


def test_overlap_of_known_boxes() -> None:
    assert Box(0, 0, 10, 10).iou(Box(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert Box(0, 0, 10, 10).iou(Box(10, 0, 20, 10)) == 0
    assert Box(0, 0, 10, 10).iou(Box(2, 2, 4, 4)) == pytest.approx(0.04)


@given(boxes, boxes)
def test_overlap_is_a_symmetric_share(a: Box, b: Box) -> None:
    assert 0 <= a.iou(b) <= 1 + 1e-9
    assert a.iou(b) == pytest.approx(b.iou(a))


@given(boxes)
def test_a_box_overlaps_itself_wholly(box: Box) -> None:
    assert box.iou(box) == pytest.approx(1)


def match(distance: float, threshold: float = 0.9) -> Match:
    return Match(Candidate("1", "Ada", distance), None, threshold)


@pytest.mark.parametrize(("distance", "name"), [(0.5, "Ada"), (0.9, "Ada"), (0.9001, None), (float("nan"), None)])
def test_a_name_needs_a_distance_within_the_threshold(distance: float, name: str | None) -> None:
    assert match(distance).name == name
    assert match(distance).accepted is (name is not None)


def test_faces_are_compared_by_identity() -> None:
    # Their landmarks are arrays, whose == is not a truth value.
    one, other = (Face(Box(0, 0, 1, 1), 1.0, np.zeros((5, 2), np.float32)) for _ in range(2))
    assert one == one  # noqa: PLR0124 - that is the test
    assert one != other


def test_latency_is_from_capture_to_result() -> None:
    result = FrameResult(0, 1_000_000, 43_500_000, (640, 480), ())
    assert result.latency_ms == 42.5
    with pytest.raises(TypeError):
        result.stages_ms["detect"] = 1.0  # type: ignore[index] # that is the test
