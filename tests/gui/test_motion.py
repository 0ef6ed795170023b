"""Where boxes stand between results."""

from __future__ import annotations

import pytest

from faceapp.gui.motion import FADE_OUT_NS, FURTHEST_NS, MS, STALE_NS, Motion
from faceapp.types import Box
from tests.fakes.live import result, tracked

BOX = (100.0, 100.0, 200.0, 220.0)
LATER = 1000 * MS
"""After everything has come to rest."""


def test_a_box_moves_on_with_its_track_to_the_time_of_the_shown_frame() -> None:
    motion = Motion()
    motion.take(result([tracked(1, BOX, velocity=(200.0, -100.0))], captured_ns=0), 0, 0)
    (face,) = motion.faces(LATER, 100 * MS)
    assert face.box == Box(120, 90, 220, 210)


def test_a_velocity_is_trusted_for_a_fifth_of_a_second_at_most() -> None:
    motion = Motion()
    motion.take(result([tracked(1, BOX, velocity=(100.0, 0.0))], captured_ns=0), 0, 0)
    (face,) = motion.faces(LATER, 900 * MS)
    assert face.box.x1 == pytest.approx(100 + 100 * FURTHEST_NS / 1e9)
    (before,) = motion.faces(LATER, -50 * MS)
    assert before.box.x1 == 100


def test_a_correction_eases_in_instead_of_jumping() -> None:
    motion = Motion()
    motion.take(result([tracked(1, BOX)], captured_ns=0), 0, 0)
    moved = tuple(c + 20 for c in BOX)
    motion.take(result([tracked(1, moved)], captured_ns=100 * MS), 500 * MS, 100 * MS)  # type: ignore[arg-type]  # 4 floats
    at = [motion.faces((500 + t) * MS, 100 * MS)[0].box.x1 for t in (0, 40, 80, 400)]
    assert at[0] == pytest.approx(100)
    assert at == sorted(at)
    assert 100 < at[1] < at[2] < 120
    assert at[3] == pytest.approx(120, abs=0.1)
    assert motion.is_moving(540 * MS)
    assert not motion.is_moving(900 * MS)


def test_a_track_that_reappears_elsewhere_does_not_fly_through_the_picture() -> None:
    motion = Motion()
    motion.take(result([tracked(1, BOX)]), 0, 0)
    motion.take(result([tracked(1, (500, 300, 600, 420))]), 500 * MS, 0)
    assert motion.faces(500 * MS, 0)[0].box.x1 == 500


def test_new_tracks_fade_in_and_lost_ones_out() -> None:
    motion = Motion()
    motion.take(result([tracked(1, BOX)]), 0, 0)
    assert 0 < motion.faces(0, 0)[0].opacity < 0.5
    assert motion.faces(LATER, 0)[0].opacity == 1
    motion.take(result([]), LATER, 0)
    assert motion.faces(LATER + FADE_OUT_NS // 2, 0)[0].opacity == pytest.approx(0.5)
    assert motion.faces(LATER + FADE_OUT_NS, 0) == []


def test_boxes_of_a_result_that_is_too_old_are_not_shown() -> None:
    motion = Motion()
    motion.take(result([tracked(1, BOX)], captured_ns=0), 0, 0)
    assert motion.faces(LATER, STALE_NS - 400 * MS)
    assert motion.faces(LATER, STALE_NS) == []


def test_another_picture_size_forgets_the_old_boxes() -> None:
    motion = Motion()
    motion.take(result([tracked(1, BOX)]), 0, 0)
    motion.take(result([tracked(2, BOX)], size=(1280, 720)), 1, 0)
    assert [f.tracked.track for f in motion.faces(LATER, 0)] == [2]
    assert motion.size == (1280, 720)
