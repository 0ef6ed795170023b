"""Plots as SVG, written by hand so that a report needs no library and loads nothing.

Colours and lines come as classes (`s0` ... `s5`, `axis`, `grid`, `text`), which the page's style sheet fills in for
light and dark. Pure functions from numbers to text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from faceapp.evaluation.metrics import Roc

WIDTH, HEIGHT = 560, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 16, 48, 46
_MOST_POINTS = 600
_DET_TICKS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
_DET_SPACE = 0.27
"""Deviates between two ticks, so that their words don't touch."""
COLOURS = 6
"""Classes of colour there are; further series begin anew."""

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a plot, in whatever units the points are in."""

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A line, or with `filled` the area between it and the lower edge."""

    name: str
    points: Points
    """(K, 2), in the axes' units."""
    filled: bool = False


def chart(title: str, x: Axis, y: Axis, series: Sequence[Series], marks: Sequence[tuple[float, str]] = ()) -> str:
    """One plot. `marks`: upright lines at a value of x, with words."""
    inner_w, inner_h = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def place(points: Points) -> Points:
        px = _LEFT + (points[:, 0] - x.low) / (x.high - x.low) * inner_w
        py = _TOP + (y.high - points[:, 1]) / (y.high - y.low) * inner_h
        return np.stack([px.clip(_LEFT, WIDTH - _RIGHT), py.clip(_TOP, HEIGHT - _BOTTOM)], axis=1)

    out = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" '
        'xmlns="http://www.w3.org/2000/svg">',
        _text(_LEFT, 18, title, "title"),
    ]
    for value, text in x.ticks:
        px = float(place(np.array([[value, y.low]]))[0, 0])
        out.append(f'<path class="grid" d="M{px:.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>')
        out.append(_text(px, HEIGHT - _BOTTOM + 16, text, "text", "middle"))
    for value, text in y.ticks:
        py = float(place(np.array([[x.low, value]]))[0, 1])
        out.append(f'<path class="grid" d="M{_LEFT} {py:.1f}H{WIDTH - _RIGHT}"/>')
        out.append(_text(_LEFT - 6, py + 4, text, "text", "end"))
    out.append(f'<path class="axis" d="M{_LEFT} {_TOP}V{HEIGHT - _BOTTOM}H{WIDTH - _RIGHT}"/>')
    out.append(_text(_LEFT + inner_w / 2, HEIGHT - 8, x.label, "text", "middle"))
    out.append(
        f'<text class="text" text-anchor="middle" transform="translate(14 {_TOP + inner_h / 2:.0f}) rotate(-90)">'
        f"{escape(y.label)}</text>"
    )
    for value, text in marks:
        if x.low <= value <= x.high:
            px = float(place(np.array([[value, y.low]]))[0, 0])
            out.append(f'<path class="mark" d="M{px:.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>')
            out.append(_text(px + 4, _TOP + 12, text, "text"))
    for k, one in enumerate(series):
        points = place(_thinned(one.points))
        path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points.tolist())
        if one.filled:
            base = HEIGHT - _BOTTOM
            path += f"L{points[-1, 0]:.1f} {base}L{points[0, 0]:.1f} {base}Z"
        out.append(f'<path class="{"area" if one.filled else "line"} s{k % COLOURS}" d="{path}"/>')
    out += _legend(series) if len(series) > 1 else []
    return "".join([*out, "</svg>"])


def roc_chart(curves: Sequence[tuple[str, Roc]], impostors: int) -> str:
    """Genuine pairs accepted over impostor pairs accepted, the latter on a logarithmic axis that ends at one pair."""
    lowest = 1.0 / max(10, impostors)
    decades = range(int(np.ceil(np.log10(lowest))), 1)
    x = Axis(
        "impostor pairs accepted (FAR)", float(np.log10(lowest)), 0.0, tuple((d, _percent(10.0**d)) for d in decades)
    )
    series, bottom = [], 1.0
    for name, curve in curves:
        far = np.log10(np.maximum(curve.far, lowest))
        series.append(Series(name, np.stack([far, curve.tar], axis=1)))
        seen = curve.tar[curve.far >= lowest]
        bottom = min(bottom, float(seen[0]) if len(seen) else 1.0)
    low = max(0.0, np.floor(bottom * 10) / 10 - 0.1)
    step = 0.1 if low < 0.75 else 0.05
    ticks = tuple((float(v), f"{100 * v:.0f} %") for v in np.arange(low, 1.0001, step))
    return chart("ROC", x, Axis("genuine pairs accepted (TAR)", low, 1.0, ticks), series)


def det_chart(curves: Sequence[tuple[str, Roc]], pairs_of_a_kind: int) -> str:
    """Both errors on normal deviate axes (Martin et al. 1997), where equally spread normal scores give a straight
    line."""
    lowest = max(_DET_TICKS[0], min(0.01, 0.5 / max(1, pairs_of_a_kind)))
    series = []
    for name, curve in curves:
        far, frr = (v.clip(lowest, 0.9) for v in (curve.far, 1.0 - curve.tar))
        keep = (curve.far < 0.9) & (curve.tar > 0.1)
        points = np.stack([deviates(far[keep]), deviates(frr[keep])], axis=1)
        if len(points):
            series.append(Series(name, points))
    ticks: tuple[tuple[float, str], ...] = ()
    for tick in _DET_TICKS:
        place = float(deviates(np.array([tick]))[0])
        if lowest <= tick <= 0.4 and (not ticks or place - ticks[-1][0] > _DET_SPACE):
            ticks += ((place, _percent(tick)),)
    low, high = (float(v) for v in deviates(np.array([lowest, 0.5])))
    return chart(
        "DET",
        Axis("impostor pairs accepted", low, high, ticks),
        Axis("genuine pairs refused", low, high, ticks),
        series,
    )


def deviates(rates: Points) -> Points:
    """The quantiles of the normal distribution, rates float64 (N,) strictly between 0 and 1."""
    inverse = NormalDist().inv_cdf
    return np.array([inverse(float(r)) for r in rates], np.float64)


def histogram_chart(title: str, groups: Sequence[tuple[str, Points]], threshold: float | None, bins: int = 60) -> str:
    """How often each distance occurs, a group as a share of itself; infinite ones are left out."""
    finite = [(name, v[np.isfinite(v)]) for name, v in groups]
    finite = [(name, v) for name, v in finite if len(v)]
    if not finite:
        return ""
    low, high = min(float(v.min()) for _, v in finite), max(float(v.max()) for _, v in finite)
    high = high if high > low else low + 1e-6
    edges = np.linspace(low, high, bins + 1)
    series, top = [], 0.0
    for name, values in finite:
        share = np.histogram(values, edges)[0] / len(values)
        top = max(top, float(share.max()))
        steps = np.stack([np.repeat(edges, 2)[1:-1], np.repeat(share, 2)], axis=1)
        series.append(Series(name, steps, filled=True))
    x = Axis("distance", low, high, _round_ticks(low, high))
    y = Axis("share of the pairs", 0.0, top * 1.1, tuple((v, f"{100 * v:g} %") for v, _ in _round_ticks(0.0, top)))
    return chart(title, x, y, series, [(threshold, f"threshold {threshold:.3f}")] if threshold is not None else [])


def cmc_chart(curves: Sequence[tuple[str, Sequence[float]]]) -> str:
    """The part of probes whose person is among the first r."""
    ranks = max(len(values) for _, values in curves)
    low = max(0.0, np.floor(10 * min(values[0] for _, values in curves)) / 10 - 0.1)
    step = 0.1 if low < 0.75 else 0.05
    series = [
        Series(name, np.stack([np.arange(1, len(values) + 1), np.array(values)], axis=1)) for name, values in curves
    ]
    shown = sorted({1, *(int(v) for v, _ in _round_ticks(1.0, float(ranks)) if v >= 1)})
    x = Axis("rank", 1.0, float(max(2, ranks)), tuple((float(r), str(r)) for r in shown))
    y = Axis(
        "own person among them", low, 1.0, tuple((float(v), f"{100 * v:.0f} %") for v in np.arange(low, 1.0001, step))
    )
    return chart("CMC", x, y, series)


def _legend(series: Sequence[Series]) -> list[str]:
    """Lines: in the lower right corner, one below the other. Areas: in a row above the plot."""
    out = []
    for k, one in enumerate(series):
        if one.filled:
            px, py = _LEFT + 190 * k, _TOP - 10
        else:
            px, py = WIDTH - _RIGHT - 178, HEIGHT - _BOTTOM - 14 - 18 * (len(series) - 1 - k)
        kind = "area" if one.filled else "line"
        out.append(f'<path class="{kind} s{k % COLOURS}" d="M{px} {py - 4}h24{"v4h-24z" if one.filled else ""}"/>')
        out.append(_text(px + 30, py, one.name, "text"))
    return out


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _percent(rate: float) -> str:
    return f"{100 * rate:g} %"


def _round_ticks(low: float, high: float, about: int = 6) -> tuple[tuple[float, str], ...]:
    """Round values between two others, some six of them."""
    raw = (high - low) / about
    size = 10.0 ** np.floor(np.log10(raw)) if raw > 0 else 1.0
    step = float(min((m * size for m in (1, 2, 5, 10)), key=lambda s: abs(s - raw)))
    first = np.ceil(low / step - 1e-9) * step
    values = np.arange(first, high + step * 1e-6, step).round(10) + 0.0  # no -0
    return tuple((float(v), f"{v:.6g}") for v in values)


def _thinned(points: Points) -> Points:
    """At most so many points as anybody can see: those where the line turns first, then every n-th."""
    if len(points) <= 2:
        return points
    a, b = np.diff(points[:-1], axis=0), np.diff(points[1:], axis=0)
    turns = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) > 1e-12
    kept: Points = points[np.concatenate([[True], turns, [True]])]
    if len(kept) <= _MOST_POINTS:
        return kept
    index = np.unique(np.linspace(0, len(kept) - 1, _MOST_POINTS).round().astype(np.intp))
    thinned: Points = kept[index]
    return thinned
