"""Where name plates go: inside the picture, off each other's ground, and where they were a moment ago. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from faceapp.types import Box

GAP = 6.0
"""Device-independent pixels between a box and its plate."""
_FACE_WEIGHT = 0.25
"""Covering another face is less bad than covering another name."""
_STAY = 0.9
"""A plate keeps its place unless another one is better by more than a tenth of its area."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plate looking for a place."""

    key: int
    box: Box
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A plate's place and which of the candidates it was."""

    key: int
    plate: Box
    side: int


def place(wanted: Sequence[Wanted], bounds: Box, before: dict[int, int] | None = None) -> list[Placed]:
    """A place for each plate, the first ones choosing first; `before` maps keys to the sides chosen last time.

    Candidates, best first: above the box, below it, above or below at its right edge, inside at the top, inside at
    the bottom, right of it, left of it. Each is pushed into `bounds`; the one that covers least is taken, the earlier
    where several cover nothing.
    """
    before = before or {}
    placed: list[Placed] = []
    for w in wanted:
        options = [_inside(c, bounds) for c in _candidates(w)]
        others = [o.box for o in wanted if o.key != w.key]
        costs = [_cost(option, [p.plate for p in placed], others, w, side) for side, option in enumerate(options)]
        best = min(range(len(options)), key=costs.__getitem__)
        last = before.get(w.key)
        if last is not None and costs[last] <= costs[best] + (1.0 - _STAY) * w.width * w.height:
            best = last
        placed.append(Placed(w.key, options[best], best))
    return placed


def _candidates(w: Wanted) -> list[Box]:
    b = w.box
    corners = [
        (b.x1, b.y1 - GAP - w.height),
        (b.x1, b.y2 + GAP),
        (b.x2 - w.width, b.y1 - GAP - w.height),
        (b.x2 - w.width, b.y2 + GAP),
        (b.x1 + GAP, b.y1 + GAP),
        (b.x1 + GAP, b.y2 - GAP - w.height),
        (b.x2 + GAP, b.y1),
        (b.x1 - GAP - w.width, b.y1),
    ]
    return [Box(x, y, x + w.width, y + w.height) for x, y in corners]


def _inside(plate: Box, bounds: Box) -> Box:
    dx = max(bounds.x1 - plate.x1, 0.0) + min(bounds.x2 - plate.x2, 0.0)
    dy = max(bounds.y1 - plate.y1, 0.0) + min(bounds.y2 - plate.y2, 0.0)
    moved = plate.moved(dx, dy)
    if moved.x1 < bounds.x1:
        moved = moved.moved(bounds.x1 - moved.x1, 0.0)
    if moved.y1 < bounds.y1:
        moved = moved.moved(0.0, bounds.y1 - moved.y1)
    return moved


def _overlap(a: Box, b: Box) -> float:
    return max(0.0, min(a.x2, b.x2) - max(a.x1, b.x1)) * max(0.0, min(a.y2, b.y2) - max(a.y1, b.y1))


def _cost(option: Box, plates: list[Box], faces: list[Box], own: Wanted, side: int) -> float:
    covered = sum(_overlap(option, p) for p in plates) * 4.0
    covered += _FACE_WEIGHT * sum(_overlap(option, f) for f in faces)
    # Its own face too, a little: inside is the last resort, and the middle of the face is worse than its edge.
    covered += _FACE_WEIGHT * _overlap(option, own.box)
    return covered + side * 1e-3
