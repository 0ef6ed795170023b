"""A corner that opens something when it is held for a while: discreet, and hard to press by chance."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from faceapp.gui.icons import pixmap

HOLD_NS = 2_000_000_000
_TICK_MS = 33


class HoldCorner(QWidget):
    """Emits `held` after two seconds of pressing. The keyboard has a shortcut of its own for the same."""

    held = pyqtSignal()

    def __init__(self, parent: QWidget | None = None, clock: Callable[[], int] = time.monotonic_ns) -> None:
        super().__init__(parent)
        self._clock = clock
        self._since_ns: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.look)

    def look(self) -> None:
        """Is it long enough?"""
        self.update()
        if self._since_ns is not None and self._clock() - self._since_ns >= HOLD_NS:
            self._release()
            self.held.emit()

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Begin to count."""
        self._since_ns = self._clock()
        self._timer.start()
        self.update()

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """A finger that slides away didn't mean it."""
        if a0 is not None and not self.rect().contains(a0.position().toPoint()):
            self._release()

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Too short."""
        self._release()

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """A faint lock, and while it is held a ring that fills."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height())
        icon = round(side * 0.3)
        centre = QPointF(self.width() - side / 2, side / 2)
        painter.setOpacity(0.28 if self._since_ns is None else 0.9)
        painter.drawPixmap(
            QPointF(centre.x() - icon / 2, centre.y() - icon / 2),
            pixmap("kiosk-lock", "#ffffff", icon, self.devicePixelRatioF()),
        )
        if self._since_ns is not None:
            part = min(1.0, (self._clock() - self._since_ns) / HOLD_NS)
            painter.setPen(QPen(QColor("#ffffff"), max(3, side / 26), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            radius = side * 0.28
            ring = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
            painter.drawArc(ring, 90 * 16, -round(360 * 16 * part))
        painter.end()

    def _release(self) -> None:
        self._since_ns = None
        self._timer.stop()
        self.update()
