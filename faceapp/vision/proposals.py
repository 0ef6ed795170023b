"""MTCNN's first stage: P-net over a pyramid of the picture, in as few and as well-sized runs as possible.

The levels are cut into blocks and the blocks laid side by side on canvases, each given to the network at once. A canvas
is small enough for what it becomes in the first layer to stay in a core's cache, and the seven levels of 640 x 480 take
three calls instead of seven. What comes out is sorted back into one sheet that holds every level's map of scores, so
that what follows is done once and not for each.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.types import BgrImage, Floats
from faceapp.vision.canvases import Canvas, Piece, packed
from faceapp.vision.pyramid import Pyramid, network_input
from faceapp.vision.session import CPU, ModelSession

CELL = 12
"""Pixels of the window P-net looks at."""
STRIDE = 2
"""Pixels between two of its windows."""
_EDGE = CELL - STRIDE
"""Pixels a block needs beyond two for each of its windows."""
_ROWS, _COLUMNS = 56, 64
"""Windows of a block, at most..."""
_CANVAS = 17_000
"""...and pixels of a canvas: 64 bytes of each are in the first layer's output, and a core's cache holds a megabyte."""
_AROUND = np.ones((3, 3), np.uint8)
_CANVAS_ON_A_CARD = 512 * 1024
"""A graphics card wants much at once; this bounds its memory (some 150 bytes a pixel) for large pictures."""


class Level:
    """One size of the picture, made when it is first looked at."""

    def __init__(self, pyramid: Pyramid, scale: float) -> None:
        self._pyramid, self._scale = pyramid, scale
        (width, height), self.factors = pyramid.level_size(scale)
        """`factors`: what the picture is really shrunk by in x and y."""
        self.side = min(width, height)
        """Pixels of the shorter side."""
        self.size = height, width
        """In pixels."""
        self.rows, self.columns = _windows(height), _windows(width)
        """Of P-net's windows. An odd picture's last row of windows lacks one row of pixels (see `canvases`)."""

    @functools.cached_property
    def picture(self) -> BgrImage:
        """The pixels."""
        return self._pyramid.level(self._scale)[0]


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of P-net's windows in one level, in units of windows."""

    level: int
    top: int
    left: int
    rows: int
    columns: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, both even; at an odd level's edge there is one less."""
        return STRIDE * self.rows + _EDGE, STRIDE * self.columns + _EDGE

    def parts(self, rows: int, columns: int) -> Iterator[Block]:
        """The same in blocks of about equal size, none larger than so many rows and columns."""
        for top, height in _split(self.rows, rows):
            for left, width in _split(self.columns, columns):
                yield Block(self.level, self.top + top, self.left + left, height, width)


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """Windows that may show a face, before they are moved to where P-net would have them."""

    windows: Floats
    """(N, 4) x1 y1 x2 y2 in pixels of the picture."""
    offsets: Floats
    """(N, 4): how far each edge is to be moved, in units of the window's sides."""
    scores: Floats
    """(N,)"""


def levels_of(pyramid: Pyramid, min_face: int, factor: float) -> list[Level]:
    """The sizes in which P-net's window is `min_face` pixels of the picture, then 1 / `factor` times as many, and so on
    for as long as one fits in."""
    found = []
    scale = CELL / max(min_face, CELL)
    while min(pyramid.size) * scale >= CELL:
        level = Level(pyramid, scale)
        if level.side < CELL:  # by rounding
            break
        found.append(level)
        scale *= factor
    return found


def whole(levels: Sequence[Level]) -> list[Block]:
    """Every window of every level."""
    return [Block(i, 0, 0, level.rows, level.columns) for i, level in enumerate(levels)]


def propose(pnet: ModelSession, levels: Sequence[Level], blocks: Sequence[Block], threshold: float) -> Proposals:
    """P-net's windows in `blocks` whose score exceeds `threshold` and which none of their neighbours outdoes."""
    tops = np.cumsum([0, *(level.rows + 1 for level in levels)])  # a row of nothing between two levels
    width = max((level.columns for level in levels), default=0)
    scores = np.full((int(tops[-1]), width), -1, np.float32)
    offsets = np.zeros((4, *scores.shape), np.float32)
    tall, wide, limit = (_ROWS, _COLUMNS, _CANVAS) if pnet.provider == CPU else (1 << 20, 1 << 10, _CANVAS_ON_A_CARD)
    tall = max(1, min(tall, limit // (STRIDE * wide)))
    parts = [part for block in blocks for part in block.parts(tall, wide)]
    pieces = [_piece(i, part, levels[part.level]) for i, part in enumerate(parts)]
    for canvas in packed(pieces, _EDGE + STRIDE * _COLUMNS, limit):
        boxes, score = pnet.run({pnet.input_names[0]: _painted(canvas, parts, levels)})
        for piece, y, x in canvas.placed:
            part = parts[piece.index]
            here = np.s_[y // STRIDE : y // STRIDE + part.rows, x // STRIDE : x // STRIDE + part.columns]
            top = int(tops[part.level]) + part.top
            there = np.s_[top : top + part.rows, part.left : part.left + part.columns]
            scores[there] = score[0, 0][here]
            offsets[:, *there] = boxes[0][:, *here]
    rows, xs = np.nonzero(peaks(scores, threshold))
    level = np.searchsorted(tops, rows, side="right") - 1
    factors = np.array([level.factors for level in levels], np.float64).reshape(-1, 2)[level]
    corners = np.stack([xs, rows - tops[level]], axis=1) * STRIDE / factors
    windows = np.concatenate([corners, corners + CELL / factors], axis=1).astype(np.float32)
    return Proposals(windows, np.ascontiguousarray(offsets[:, rows, xs].T), scores[rows, xs])


def peaks(scores: Floats, threshold: float) -> NDArray[np.bool_]:
    """Greedy non-maximum suppression of P-net's windows at an overlap of 0.5, on its map of scores.

    The windows are 12 pixels wide and 2 apart: those that overlap by more than half are exactly the eight neighbours.
    So it is the local maxima, then those of what is left without their neighbours, until nothing is left."""
    found = np.zeros(scores.shape, np.bool_)
    # Only what is left of the map without empty rows: three in a row still keep what is around them apart.
    some: NDArray[np.bool_] = np.any(scores > threshold, axis=1)
    if not some.any():
        return found
    near = some.copy()
    near[1:] |= some[:-1]
    near[:-1] |= some[1:]
    rows = np.flatnonzero(near)
    left = scores[rows]
    left[left <= threshold] = -1
    peaked = np.zeros(left.shape, np.bool_)
    while left.max() > threshold:
        best = (left == cv2.dilate(left, _AROUND)) & (left > threshold)
        peaked |= best
        left[cv2.dilate(best.view(np.uint8), _AROUND) > 0] = -1
    found[rows] = peaked
    return found


def _windows(side: int) -> int:
    return max(0, (side - _EDGE + 1) // STRIDE)


def _piece(index: int, block: Block, level: Level) -> Piece:
    """`block` in pixels, without what an odd level lacks at its edge."""
    (height, width), (rows, columns) = block.size, level.size
    return Piece(index, min(height, rows - STRIDE * block.top), min(width, columns - STRIDE * block.left))


def _painted(canvas: Canvas, blocks: Sequence[Block], levels: Sequence[Level]) -> Floats:
    picture = np.zeros((canvas.height, canvas.width, 3), np.uint8)
    for piece, y, x in canvas.placed:
        block = blocks[piece.index]
        top, left = STRIDE * block.top, STRIDE * block.left
        part = levels[block.level].picture[top : top + piece.height, left : left + piece.width]
        picture[y : y + piece.height, x : x + piece.width] = part
    return normalised([picture])


def normalised(pictures: list[BgrImage]) -> Floats:
    """As MTCNN's networks take pictures."""
    return network_input(pictures, (127.5, 127.5, 127.5), 1 / 128, rgb=True)


def _split(length: int, most: int) -> Iterator[tuple[int, int]]:
    """Starts and lengths of about equal parts, none longer than `most`."""
    parts = math.ceil(length / most)
    edges = [length * i // parts for i in range(parts + 1)] if parts else []
    yield from ((a, b - a) for a, b in itertools.pairwise(edges))
