"""The plots are well-formed SVG, stay within their frame, and put a known point where it belongs."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from faceapp.evaluation.metrics import roc
from faceapp.evaluation.plots import (
    HEIGHT,
    WIDTH,
    Axis,
    Series,
    chart,
    cmc_chart,
    det_chart,
    deviates,
    histogram_chart,
    roc_chart,
)


def curve(seed: int = 0, pairs: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    same = np.arange(pairs) % 2 == 0
    return np.where(same, random.normal(0.7, 0.2, pairs), random.normal(1.3, 0.2, pairs)), same


def lines(svg: str, kind: str) -> list[np.ndarray]:
    """The points of every line or area in the drawing's own pixels, those of the legend left out."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    found = []
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        if kind in (path.get("class") or "").split() and "h24" not in (path.get("d") or ""):
            numbers = [float(v) for v in re.findall(r"[\d.]+", path.get("d") or "")]
            found.append(np.array(numbers).reshape(-1, 2))
    return found


def test_all_plots_stay_in_their_frame_and_are_xml() -> None:
    distances, same = curve()
    distances[:5] = np.inf
    curves = [("a <b> & c", roc(distances, same)), ("second", roc(distances[200:], same[200:]))]
    drawn = [
        roc_chart(curves, 2000),
        det_chart(curves, 2000),
        histogram_chart("h", [("one", distances[same]), ("two", distances[~same])], 1.0),
        cmc_chart([("a", [0.5, 0.7, 0.9]), ("b", [0.6, 0.6, 1.0])]),
    ]
    for svg, kind in zip(drawn, ("line", "line", "area", "line"), strict=True):
        found = lines(svg, kind)
        assert len(found) == 2
        for points in found:
            assert (points >= 0).all()
            assert (points <= [WIDTH, HEIGHT]).all()
            assert len(points) < 1300
    assert "a &lt;b&gt; &amp; c" in drawn[0]


def test_a_point_lies_where_it_belongs() -> None:
    axis = Axis("x", 0.0, 10.0, ((0.0, "0"), (10.0, "10")))
    (points,) = lines(chart("t", axis, axis, [Series("s", np.array([[0.0, 0.0], [10.0, 5.0]]))]), "line")
    width, height = WIDTH - 62 - 16, HEIGHT - 48 - 46
    np.testing.assert_allclose(points, [[62, 48 + height], [62 + width, 48 + height / 2]], atol=0.1)


def test_normal_scores_are_a_straight_line_on_normal_axes() -> None:
    rates = np.array([0.001, 0.02, 0.5, 0.9])
    known = [-3.090232306, -2.053748911, 0.0, 1.281551566]  # from a table
    np.testing.assert_allclose(deviates(rates), known, atol=1e-8)
    (points,) = lines(det_chart([("a", roc(*curve(1, 40_000)))], 20_000), "line")
    inner = points[(points[:, 0] > 140) & (points[:, 1] < HEIGHT - 120)]
    assert np.corrcoef(inner.T)[0, 1] > 0.99


@pytest.mark.parametrize("values", [np.array([]), np.array([np.inf])])
def test_nothing_to_draw_is_no_drawing(values: np.ndarray) -> None:
    assert histogram_chart("h", [("none", values)], None) == ""


def test_one_value_alone_can_be_drawn() -> None:
    assert lines(histogram_chart("h", [("one", np.array([0.5]))], 0.5), "area")
    assert lines(cmc_chart([("a", [1.0])]), "line")
