"""Where a film's picture has changed since a detector last looked there. Pure but for the picture it remembers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from faceapp.types import Box, Floats
from faceapp.vision.proposals import CELL, STRIDE, Block, Level
from faceapp.vision.pyramid import Pyramid

Grey = NDArray[np.uint8]

CHANGED = 5.0
"""Grey values by which a cell must differ in the mean of its pixels. A webcam's noise in a lit room is 1 to 2 of these
after shrinking. Where it is more, everything counts as changed and is looked at: slower, nothing is missed."""
_PIXELS = 4
"""A cell is so many pixels wide of the picture that is compared."""
_SMALL = 300
"""A level of so few windows is looked at whole where any of it changed."""
_FINE = 8
"""...which is shrunk until the smallest face is 8 to 16 pixels in it."""
_BESIDE, _ABOVE, _BELOW = 1.0, 0.6, 1.5
"""How far somebody reaches beyond their face's box: hair, shoulders, arms. In widths and heights of it."""
_SMALLER = 2.0
"""What moves there calls for no face so many times smaller than theirs."""


class Motion:
    """Compares each frame with what was there when it was last looked at, so that slow changes add up. One thread owns
    it."""

    def __init__(self) -> None:
        self._seen: Grey | None = None

    def reset(self) -> None:
        """Another source follows: everything is new."""
        self._seen = None

    def changed(self, pyramid: Pyramid, min_face: int) -> Changes | None:
        """The cells that changed; None where there is nothing to compare with: look everywhere."""
        octave = max(0, (min_face // _FINE).bit_length() - 1)
        grey = cast(Grey, cv2.cvtColor(pyramid.octave(octave), cv2.COLOR_BGR2GRAY))
        if self._seen is None or self._seen.shape != grey.shape:
            self._seen = grey
            return None
        return Changes(grey, self._seen, _PIXELS << octave)


class Changes:
    """What changed in one frame, in cells of `side` x `side` pixels of the picture."""

    def __init__(self, grey: Grey, seen: Grey, side: int) -> None:
        self.side = side
        self._grey, self._seen = grey, seen
        height, width = (max(1, n // _PIXELS) for n in grey.shape)
        cut = np.s_[: max(1, height * _PIXELS), : max(1, width * _PIXELS)]
        difference = cv2.absdiff(grey[cut], seen[cut])
        means = cv2.resize(difference, (width, height), interpolation=cv2.INTER_AREA)
        self.cells: Floats = (means > CHANGED).astype(np.float32)
        """(rows, columns): 1 where the cell changed."""
        self._faces: list[Box] = []
        self._doubted: list[Box] = []

    @property
    def part(self) -> float:
        """How much of the picture changed, 0 to 1."""
        return float(self.cells.mean())

    @property
    def elsewhere(self) -> float:
        """The same of the picture without those whose faces `explain` was told of; 0 where they fill it."""
        free = np.ones_like(self.cells)
        for box in self._faces:
            _fill(free, _person(box), self.side, 0)
        return float((self.cells * free).sum() / max(1.0, free.sum()))

    def doubt(self, boxes: Sequence[Box]) -> None:
        """Something is to be looked for in and around these boxes, whether they changed or not."""
        self._doubted += [_widened(box, 0.3) for box in boxes]

    def explain(self, boxes: Sequence[Box]) -> None:
        """What moves inside these boxes is a face that was found there: it calls for no other. What moves around them
        is hair and shoulders: it calls for none that is much smaller. That would be behind them, and is found when the
        whole picture is swept."""
        self._faces += boxes
        for box in boxes:
            _fill(self.cells, box, self.side, 0)

    def _calling(self, window: float) -> Floats:
        """The cells that call for windows of so many pixels."""
        larger = [_person(box) for box in self._faces if box.height > _SMALLER * window]
        if not larger and not self._doubted:
            return self.cells
        cells = self.cells.copy()
        for box in larger:
            _fill(cells, box, self.side, 0)
        for box in self._doubted:
            _fill(cells, box, self.side, 1)
        return cells

    def blocks(self, levels: Sequence[Level], least: float) -> list[Block]:
        """P-net's windows of which at least this part changed, as rectangles."""
        found = []
        for i, level in enumerate(levels):
            fx, fy = level.factors
            window = CELL / fx
            cells = max(1, round(window / self.side))
            share = cv2.blur(self._calling(window), (cells, cells), borderType=cv2.BORDER_REPLICATE)
            if share.max() < least:
                continue
            if level.rows * level.columns <= _SMALL:
                found.append(Block(i, 0, 0, level.rows, level.columns))
                continue
            count, _, boxes, _ = cv2.connectedComponentsWithStats((share >= least).astype(np.uint8))
            for x, y, width, height, _ in boxes[1:count].tolist():
                top, bottom = _windows(y, y + height, self.side * fy, level.rows)
                left, right = _windows(x, x + width, self.side * fx, level.columns)
                if bottom > top and right > left:
                    found.append(Block(i, top, left, bottom - top, right - left))
        return found

    def looked_at(self, levels: Sequence[Level], blocks: Sequence[Block]) -> None:
        """Remember what is there now where the finest of the blocks are."""
        height, width = self._seen.shape
        for block in blocks:
            if block.level:
                continue
            fx, fy = levels[0].factors
            step = self.side / _PIXELS  # of the picture's pixels for one of those compared
            top, left = (int(STRIDE * n / (f * step)) for n, f in ((block.top, fy), (block.left, fx)))
            rows, columns = block.size
            bottom = min(height, round(top + rows / (fy * step)) + 1)
            right = min(width, round(left + columns / (fx * step)) + 1)
            self._seen[top:bottom, left:right] = self._grey[top:bottom, left:right]


def _person(face: Box) -> Box:
    """About where somebody is whose face this is."""
    beside, above, below = _BESIDE * face.width, _ABOVE * face.height, _BELOW * face.height
    return Box(face.x1 - beside, face.y1 - above, face.x2 + beside, face.y2 + below)


def _widened(box: Box, part: float) -> Box:
    extra = part * max(box.width, box.height)
    return Box(box.x1 - extra, box.y1 - extra, box.x2 + extra, box.y2 + extra)


def _fill(cells: Floats, box: Box, side: int, value: float) -> None:
    x1, y1, x2, y2 = (max(0, round(v / side)) for v in box.as_list())
    cells[y1:y2, x1:x2] = value


def _windows(first: int, last: int, pixels: float, count: int) -> tuple[int, int]:
    """Windows whose centres lie in the cells first..last, of `pixels` of a level each."""
    start = int((first * pixels - CELL / 2) // STRIDE)
    end = int(-((last * pixels - CELL / 2) // -STRIDE)) + 1
    return min(max(0, start), count), min(max(0, end), count)
