"""Name plates stay in the picture and off each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from faceapp.gui.labels import GAP, Wanted, place
from faceapp.types import Box

PICTURE = Box(0, 0, 800, 600)


def overlap(a: Box, b: Box) -> bool:
    return a.iou(b) > 0


def test_a_plate_stands_above_its_box() -> None:
    (placed,) = place([Wanted(1, Box(100, 100, 200, 220), 120, 24)], PICTURE)
    assert placed.plate == Box(100, 100 - GAP - 24, 220, 100 - GAP)


def test_a_box_at_the_upper_edge_gets_its_plate_below() -> None:
    (placed,) = place([Wanted(1, Box(100, 5, 200, 125), 120, 24)], PICTURE)
    assert placed.plate.y1 == 125 + GAP


def test_a_face_that_fills_the_picture_keeps_its_plate_inside() -> None:
    (placed,) = place([Wanted(1, Box(-20, -20, 900, 700), 120, 24)], PICTURE)
    assert inside(placed.plate)


def test_two_neighbours_do_not_share_a_place() -> None:
    wanted = [Wanted(1, Box(100, 100, 160, 180), 200, 24), Wanted(2, Box(170, 100, 230, 180), 200, 24)]
    first, second = place(wanted, PICTURE)
    assert not overlap(first.plate, second.plate)


def test_a_plate_stays_where_it_was_as_long_as_that_is_as_good() -> None:
    wanted = [Wanted(1, Box(300, 300, 400, 400), 120, 24)]
    below = 1
    assert place(wanted, PICTURE)[0].side == 0
    assert place(wanted, PICTURE, {1: below})[0].side == below


def inside(plate: Box) -> bool:
    return plate.x1 >= 0 and plate.y1 >= 0 and plate.x2 <= PICTURE.x2 and plate.y2 <= PICTURE.y2


boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.floats(-100, 800),
    st.floats(-100, 600),
    st.floats(20, 500),
    st.floats(20, 500),
)


@given(st.lists(boxes, min_size=1, max_size=6), st.floats(20, 300))
def test_every_plate_is_inside_whatever_the_faces_do(faces: list[Box], width: float) -> None:
    placed = place([Wanted(i, b, width, 24) for i, b in enumerate(faces)], PICTURE)
    assert [p.key for p in placed] == list(range(len(faces)))
    assert all(inside(p.plate) for p in placed)
