"""Where each of several pictures stands."""

from __future__ import annotations

import pytest

from faceapp.gui.grid.places import places, shape


@pytest.mark.parametrize(
    ("count", "rows", "columns"),
    [(1, 1, 1), (2, 1, 2), (3, 2, 2), (4, 2, 2), (5, 2, 3), (6, 2, 3), (7, 3, 3), (9, 3, 3)],
)
def test_the_shape_follows_from_the_number(count: int, rows: int, columns: int) -> None:
    assert shape(count) == (rows, columns)


@pytest.mark.parametrize("count", range(1, 10))
def test_pictures_fill_the_window_and_never_overlap(count: int) -> None:
    found = places(count, 1279, 801, 4)
    assert len(found) == count
    assert max(left + width for left, _, width, _ in found) == 1279
    assert max(top + height for _, top, _, height in found) == 801
    widths = {width for _, _, width, _ in found}
    assert max(widths) - min(widths) <= 1
    cells = sorted(found, key=lambda p: (p[1], p[0]))
    assert cells == found
    for one in found:
        for other in found:
            apart_x = one[0] + one[2] + 4 <= other[0] or other[0] + other[2] + 4 <= one[0]
            apart_y = one[1] + one[3] + 4 <= other[1] or other[1] + other[3] + 4 <= one[1]
            assert one == other or apart_x or apart_y


def test_a_window_of_no_size_has_no_negative_pictures() -> None:
    assert all(width >= 0 and height >= 0 for _, _, width, height in places(9, 0, 0, 4))
