"""Text as large as its place allows."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

_STEPS = 6


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one size."""

    lines: tuple[str, ...]
    font: QFont
    line_height: float

    @property
    def height(self) -> float:
        return self.line_height * len(self.lines)

    @property
    def width(self) -> float:
        metrics = QFontMetricsF(self.font)
        return max((metrics.horizontalAdvance(line) for line in self.lines), default=0.0)


def fit(text: str, font: QFont, largest: float, smallest: float, width: float, max_lines: int, leading: float) -> Block:
    """`text` in as few lines of `width` pixels as it can be, and then as large as possible.

    Sizes are pixels, `leading` the distance of lines as a multiple of the size. Where even the smallest size needs
    more than `max_lines`, words are broken, and the last line ends in an ellipsis.
    """
    sizes = [largest + (smallest - largest) * i / (_STEPS - 1) for i in range(_STEPS)]
    for count in range(1, max_lines + 1):
        for size in sizes:
            sized = _sized(font, size)
            lines = _wrapped(text, sized, width, QTextOption.WrapMode.WordWrap)
            widest = Block(tuple(lines), sized, 0).width
            if len(lines) <= count and widest <= width:
                return Block(tuple(lines), sized, size * leading)
    sized = _sized(font, smallest)
    lines = _wrapped(text, sized, width, QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    if len(lines) > max_lines:
        rest = " ".join(lines[max_lines - 1 :])
        cut = QFontMetricsF(sized).elidedText(rest, Qt.TextElideMode.ElideRight, width)
        lines = [*lines[: max_lines - 1], cut]
    return Block(tuple(lines), sized, smallest * leading)


def _sized(font: QFont, pixels: float) -> QFont:
    result = QFont(font)
    result.setPixelSize(max(1, round(pixels)))
    return result


def _wrapped(text: str, font: QFont, width: float, mode: QTextOption.WrapMode) -> list[str]:
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(mode)
    layout.setTextOption(option)
    layout.beginLayout()
    lines = []
    while True:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        # Qt counts in UTF-16 units: a name may hold characters beyond the first plane.
        units = text.encode("utf-16-le")
        start, length = line.textStart(), line.textLength()
        lines.append(units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace").strip())
    layout.endLayout()
    return lines or [""]
