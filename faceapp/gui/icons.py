"""Line icons in any colour: the files say `currentColor`, the theme says which."""

from __future__ import annotations

from functools import cache

from PyQt6.QtCore import QByteArray, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from faceapp.app.resources import resource


@cache
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0, gap: int = 0) -> QPixmap:
    """`resources/icons/NAME.svg` in `colour` (`#rrggbb`), `size` device-independent pixels square, and `gap` more of
    nothing at its right."""
    svg = _source(name).replace("currentColor", colour)
    picture = QPixmap(QSize(round((size + gap) * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, colour: str, size: int = 20, disabled: str | None = None, gap: int = 0) -> QIcon:
    """The same as an icon, sharp on screens of 100, 200 and 300 %."""
    result = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        result.addPixmap(pixmap(name, colour, size, ratio, gap))
        if disabled is not None:
            result.addPixmap(pixmap(name, disabled, size, ratio, gap), QIcon.Mode.Disabled)
    return result


def application_icon() -> QIcon:
    """The application's own icon."""
    result = QIcon()
    for size in (16, 32, 64, 128, 256):
        result.addPixmap(pixmap("faceapp", "#ffffff", size))
    return result
