"""Where each of several pictures stands: pure arithmetic, no Qt."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

Place: TypeAlias = tuple[int, int, int, int]
"""Left, top, width, height."""


def shape(count: int) -> tuple[int, int]:
    """Rows and columns for so many pictures: side by side, two by two, then rows of three."""
    columns = 1 if count <= 1 else 2 if count <= 4 else 3
    return max(1, -(-count // columns)), columns


def places(count: int, width: int, height: int, gap: int) -> list[Place]:
    """`count` places of equal size in `width` x `height`, row by row, `gap` pixels apart, to the pixel."""
    rows, columns = shape(count)
    return [
        (left, top, wide, high) for top, high in _spans(rows, height, gap) for left, wide in _spans(columns, width, gap)
    ][:count]


def _spans(count: int, length: int, gap: int) -> list[tuple[int, int]]:
    """Start and length of `count` equal parts."""
    starts = [k * (length + gap) // count for k in range(count + 1)]
    return [(a, max(0, b - gap - a)) for a, b in pairwise(starts)]
