"""A plane leaves no residual, whatever is done to it; a head does, the way it turns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.vision.liveness.parallax import Direction, Shift, needed, normalised, residuals, shift
from tests.fakes.heads import FACE, Points, bent, head, view_of_head, view_of_photograph


def residual(frontal: Points, turned: Points) -> Points:
    """Of one view (5, 2)."""
    found: Points = residuals(frontal, turned[None])[0]
    return found


FRONTAL = view_of_head(0.36, 0, 0)
angles = st.floats(-50, 50)


@given(yaw=angles, pitch=angles, roll=st.floats(-40, 40), distance=st.floats(4, 30))
def test_a_tilted_plane_leaves_nothing(yaw: float, pitch: float, roll: float, distance: float) -> None:
    frontal, tilted = view_of_photograph(FACE, 0, 0), view_of_photograph(FACE, yaw, pitch, roll, distance)
    assert np.hypot(*residual(frontal, tilted)) < 1e-9


@given(yaw=st.floats(-45, 45), nose=st.floats(0.2, 0.5), distance=st.floats(5, 30))
def test_a_turned_head_leaves_what_the_formula_says(yaw: float, nose: float, distance: float) -> None:
    a, shape = math.radians(yaw), head(nose)
    frontal, turned = (view_of_photograph(shape, v, 0, distance=distance) for v in (0.0, yaw))
    expected = nose * distance * math.sin(a) / (distance * math.cos(a) - nose)
    assert residual(frontal, turned)[0] == pytest.approx(expected, abs=1e-9)


def test_twenty_degrees_are_about_an_eighth_of_the_eyes_distance() -> None:
    for yaw, pitch in ((20, 0), (-20, 0), (0, 20), (0, -20)):
        assert np.hypot(*residual(FRONTAL, view_of_head(0.36, yaw, pitch))) == pytest.approx(0.14, abs=0.03)


@pytest.mark.parametrize(
    ("direction", "yaw", "pitch"),
    [(Direction.LEFT, 25, 0), (Direction.RIGHT, -25, 0), (Direction.UP, 0, -25), (Direction.DOWN, 0, 25)],
)
@pytest.mark.parametrize("roll", [0, 25])
def test_each_direction_has_its_sign(direction: Direction, yaw: float, pitch: float, roll: float) -> None:
    seen = shift(view_of_head(0.36, 0, 0, roll), view_of_head(0.36, yaw, pitch, roll))
    assert seen is not None
    assert seen.along(direction) > 0.12
    assert seen.across(direction) < 0.05
    assert seen.size == pytest.approx(math.hypot(seen.along(direction), seen.across(direction)))


def test_a_bent_photograph_stands_out_by_a_seventh_of_a_head() -> None:
    frontal = view_of_photograph(FACE, 0, 0)
    on_cylinder = view_of_photograph(bent(FACE, 15 / 6.3, 0.0), 30, 0)
    assert 0.02 < residual(frontal, on_cylinder)[0] < 0.05


@given(turn=st.floats(-180, 180), scale=st.floats(0.2, 5), dx=st.floats(-500, 500), dy=st.floats(-500, 500), yaw=angles)
def test_where_and_how_large_the_face_is_does_not_matter(
    turn: float, scale: float, dx: float, dy: float, yaw: float
) -> None:
    c, s = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    turned = view_of_head(0.36, yaw, 5)
    moved = turned @ np.array([[c, s], [-s, c]]) + np.array([dx, dy])
    seen, wanted = shift(FRONTAL, moved), shift(FRONTAL, turned)
    assert seen is not None
    assert wanted is not None
    assert (seen.aside, seen.down, seen.stretch) == pytest.approx((wanted.aside, wanted.down, wanted.stretch), abs=1e-6)


def test_noise_costs_what_the_budget_says() -> None:
    rng, eyes = np.random.default_rng(1), float(np.hypot(*(FRONTAL[1] - FRONTAL[0])))
    noisy = FRONTAL + rng.normal(0, 0.01 * eyes, (4000, 5, 2))
    assert residuals(FRONTAL, noisy).std(axis=0) == pytest.approx([0.0122, 0.0122], rel=0.1)


def test_points_that_are_no_face_tell_nothing() -> None:
    mirrored = FRONTAL * [1, -1]  # the mouth above the eyes, and no face upside down
    for bad in (np.zeros((5, 2)), np.full((5, 2), np.nan), FRONTAL[[0, 1, 2, 4, 3]], mirrored, FRONTAL * [1, 0.05]):
        assert shift(FRONTAL, bad) is None
        assert shift(bad, FRONTAL) is None
    several = residuals(FRONTAL, np.stack([FRONTAL, np.zeros((5, 2))]))
    assert np.isfinite(several[0]).all()
    assert np.isnan(several[1]).all()


def test_eyes_become_the_unit() -> None:
    assert normalised(FRONTAL)[:2] == pytest.approx(np.array([[-0.5, 0], [0.5, 0]]))


def test_more_is_asked_for_the_more_the_plane_is_tilted() -> None:
    assert needed(0.0) == 0.13
    assert needed(1.0) == pytest.approx(0.35)
    assert needed(1.0, share=0.5) == pytest.approx(0.5)
    assert Shift(0.0, 0.0, 1 / math.cos(0.5)).slope == pytest.approx(math.tan(0.5))
    # A head's own shift grows faster than what is asked for, a flat picture has none.
    turned = shift(FRONTAL, view_of_head(0.36, 35, 0))
    assert turned is not None
    assert turned.size > needed(turned.slope * 2 / 3)
