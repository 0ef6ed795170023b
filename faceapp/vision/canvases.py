"""Laying blocks of pictures side by side, for a network whose last window of an odd picture is smaller than the others.

P-net's pooling ends an odd picture in a row or column that only half a window sees. Painting one more would let the
network see what it never saw of the whole picture. So a block that ends at such an edge is put where the canvas ends
too: those at an odd bottom in the last row of blocks, those at an odd right side last in theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_UNFINISHED = 8
"""Canvases tried for a piece, at most: a large picture has hundreds, and those before are as good as full."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is laid: an even number of pixels high and wide, or odd where it must end with its canvas."""

    index: int
    """Which one of those given."""
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pieces in their places."""

    height: int
    width: int
    placed: list[tuple[Piece, int, int]]
    """Each with its top and left in pixels, both even."""


class _Row:
    """Pieces side by side."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.height = self.width = 0
        self.ends = False
        """Whether one of them is of odd width: it comes last."""

    def add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.height, self.width = max(self.height, piece.height), self.width + piece.width
        self.ends = self.ends or piece.width % 2 == 1


class _Open:
    """A canvas that more may be laid on."""

    def __init__(self, width: int, limit: int) -> None:
        self._width, self._limit = width, limit
        self._rows: list[_Row] = []
        self._last: _Row | None = None
        """The row that stands on the canvas's odd bottom."""

    def takes(self, piece: Piece) -> bool:
        """Lay it in the first row with room; false where there is none."""
        for row in self._rows:
            if (
                row.width + piece.width <= self._width
                and not (row.ends and piece.width % 2)
                and (piece.height % 2 == 0 or self._last in (None, row))
                and self._fits(max(0, piece.height - row.height))
            ):
                self._lay(piece, row)
                return True
        return False

    def grows(self, piece: Piece) -> bool:
        """Lay it in a new row; false where there is no room for one."""
        if self._rows and ((piece.height % 2 and self._last) or not self._fits(piece.height)):
            return False
        self._rows.append(_Row())
        self._lay(piece, self._rows[-1])
        return True

    def _lay(self, piece: Piece, row: _Row) -> None:
        row.add(piece)
        if piece.height % 2:
            self._last = row

    def closed(self) -> Canvas:
        """With every piece in its place."""
        width = max(row.width for row in self._rows)
        if any(row.ends for row in self._rows):
            width |= 1
        placed, top, bottom = [], 0, 0
        for row in sorted(self._rows, key=lambda r: r is self._last):
            height = row.height | (row is self._last)
            bottom, left = top + height, 0
            for piece in sorted(row.pieces, key=lambda p: p.width % 2):
                x = width - piece.width if piece.width % 2 else left
                placed.append((piece, bottom - piece.height if piece.height % 2 else top, x))
                left += piece.width
            top = bottom
        return Canvas(bottom, width, placed)

    def _fits(self, rows: int) -> bool:
        height = sum(row.height for row in self._rows) + rows
        return (height + 1) * (self._width | 1) <= self._limit  # odd sides may need one pixel more


def packed(pieces: Sequence[Piece], width: int, limit: int) -> Iterator[Canvas]:
    """Each piece on a canvas about `width` pixels wide and of at most `limit` pixels, or alone; the highest first."""
    unfinished: list[_Open] = []
    for piece in sorted(pieces, key=lambda p: p.height, reverse=True):
        if any(canvas.takes(piece) for canvas in unfinished) or any(canvas.grows(piece) for canvas in unfinished):
            continue
        if len(unfinished) == _UNFINISHED:
            yield unfinished.pop(0).closed()
        unfinished.append(_Open(max(width, piece.width), limit))
        unfinished[-1].grows(piece)
    for canvas in unfinished:
        yield canvas.closed()
