"""The outline a face is to fill, over the picture: an oval that stays where it is.

It can be read without colour. Dashed: the face isn't in its place yet. Solid: it is, and something else is to be
mended. With a tick: all is well, and a line grows round it until the photograph is taken.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt, QTimer
from PyQt6.QtGui import QColor, QHideEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QStyle, QWidget

from faceapp.app.live_types import OUTLINE_CENTRE, SnapshotGuidance
from faceapp.gui.tokens import STAGE

HEIGHT = 0.60
"""Of the oval, parts of the picture's height: a head whose face (eyebrows to chin and a little more, as the detector
boxes it) is half as high as the picture."""
PROPORTION = 0.76
"""Its width, parts of its height: about a head's with its hair, seen from the front."""
_TICK_MS = 33
_EASE_NS = 60_000_000
_FADE_NS = 90_000_000
_SCRIM = 0.42


class GuideOutline(QWidget):
    """Lies over the picture while a photograph is guided; nothing of it takes the mouse."""

    def __init__(self, parent: QWidget | None = None, clock: Callable[[], int] = time.monotonic_ns) -> None:
        super().__init__(parent)
        self._clock = clock
        self._picture = QRect()
        self._guidance: SnapshotGuidance | None = None
        self._progress = 0.0
        self._ring = 0.0
        self._placed = 0.0
        self._met = 0.0
        self._moved_ns = 0
        style = self.style()
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        self.still = style is not None and style.styleHint(hint, None, self) == 0
        """True: nothing fades or glides (reduced motion)."""
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.move_on)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Outline for the face")
        self.hide()

    @property
    def placed(self) -> bool:
        """The face is where it belongs: solid."""
        return self._guidance is not None and self._guidance.outline

    @property
    def met(self) -> bool:
        """All is well: with a tick."""
        return self.placed and self._progress > 0.0

    @property
    def ring(self) -> float:
        """How far the line round the oval is drawn now, 0 to 1."""
        return self._ring

    def set_picture(self, rect: QRect) -> None:
        """Where the picture stands, in this widget's coordinates."""
        if rect != self._picture:
            self._picture = QRect(rect)
            self.update()

    def show_guidance(self, guidance: SnapshotGuidance | None, progress: float) -> None:
        """What the newest frame came to."""
        if not self._is_moving():
            self._moved_ns = self._clock()  # the time at rest is none in which anything could have moved
        self._guidance, self._progress = guidance, progress
        words = "All is well" if self.met else "The face is in its place" if self.placed else "Not in its place yet"
        if self.accessibleDescription() != words:
            self.setAccessibleDescription(words)
        self.move_on()
        if self._is_moving():
            self._timer.start()

    def clear(self) -> None:
        """Another photograph: from the beginning."""
        self._guidance, self._progress = None, 0.0
        self._ring = self._placed = self._met = 0.0
        self.update()

    def oval(self) -> QRectF:
        """The outline, in this widget's coordinates; empty without a picture."""
        p = QRectF(self._picture)
        if p.isEmpty():
            return QRectF()
        height = min(p.height() * HEIGHT, p.width() * 0.9 / PROPORTION)
        width = height * PROPORTION
        x, y = p.left() + p.width() * OUTLINE_CENTRE[0], p.top() + p.height() * OUTLINE_CENTRE[1]
        return QRectF(x - width / 2, y - height / 2, width, height)

    def move_on(self) -> None:
        """Bring what is drawn nearer to what is so."""
        now = self._clock()
        passed = max(0, now - self._moved_ns)
        self._moved_ns = now
        ring = self._progress if self.met else 0.0
        self._ring = self._nearer(self._ring, ring, passed, _EASE_NS)
        self._placed = self._nearer(self._placed, float(self.placed), passed, _FADE_NS)
        self._met = self._nearer(self._met, float(self.met), passed, _FADE_NS)
        self.update()
        if not self._is_moving():
            self._timer.stop()

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """The picture outside the oval a little darker, the oval, the line round it, the tick."""
        oval = self.oval()
        if oval.isEmpty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self._picture)
        self._darken_around(painter, oval)
        width = max(2.5, oval.height() / 130)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_pen(_alpha(STAGE.halo, 0.35), width + 2.5))
        painter.drawEllipse(oval)
        if self._placed < 1.0:
            pen = _pen(_alpha(STAGE.unknown, 1.0 - self._placed), width)
            pen.setDashPattern(_dashes(oval, width))
            painter.setPen(pen)
            painter.drawEllipse(oval)
        if self._placed > 0.0:
            painter.setPen(_pen(_alpha(STAGE.unknown, self._placed), width))
            painter.drawEllipse(oval)
        if self._ring > 0.0:
            painter.setPen(_pen(_alpha(STAGE.halo, 0.35), 3 * width))
            painter.drawArc(oval, 90 * 16, -round(360 * 16 * self._ring))
            painter.setPen(_pen(QColor(STAGE.named), 2.4 * width))
            painter.drawArc(oval, 90 * 16, -round(360 * 16 * min(self._ring, 1.0)))
        if self._met > 0.0:
            _draw_tick(painter, QPointF(oval.center().x(), oval.top()), max(15.0, oval.height() / 20), self._met)
        painter.end()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        self._timer.stop()
        super().hideEvent(a0)

    def _darken_around(self, painter: QPainter, oval: QRectF) -> None:
        """Plain rectangles where they do, the oval's edge only where it is: a path as large as the picture takes more
        than twice as long."""
        shade, picture = _alpha(STAGE.halo, _SCRIM), self._picture
        near = oval.toAlignedRect().intersected(picture)
        left, right = near.left() - picture.left(), picture.right() - near.right()
        painter.fillRect(picture.left(), picture.top(), picture.width(), near.top() - picture.top(), shade)
        painter.fillRect(picture.left(), near.bottom() + 1, picture.width(), picture.bottom() - near.bottom(), shade)
        painter.fillRect(picture.left(), near.top(), left, near.height(), shade)
        painter.fillRect(near.right() + 1, near.top(), right, near.height(), shade)
        around = QPainterPath()
        around.addRect(QRectF(near))
        around.addEllipse(oval)  # odd and even: what lies in both stays clear
        painter.fillPath(around, shade)

    def _nearer(self, value: float, aim: float, passed_ns: int, constant_ns: int) -> float:
        if self.still or abs(aim - value) < 0.01:
            return aim
        return aim + (value - aim) * math.exp(-passed_ns / constant_ns)

    def _is_moving(self) -> bool:
        aims = (self._progress if self.met else 0.0, float(self.placed), float(self.met))
        return (self._ring, self._placed, self._met) != aims


def _dashes(oval: QRectF, width: float) -> list[float]:
    """Even dashes and gaps that close without a seam, in units of the pen's width."""
    a, b = oval.width() / 2, oval.height() / 2
    # Ramanujan's first approximation of an ellipse's circumference.
    length = math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))
    count = max(12, round(length / (width * 8)))
    period = length / count / width
    return [period * 0.55, period * 0.45]


def _draw_tick(painter: QPainter, centre: QPointF, radius: float, opacity: float) -> None:
    painter.setPen(_pen(_alpha(STAGE.halo, 0.35 * opacity), 2.0))
    painter.setBrush(_alpha(STAGE.named, opacity))
    painter.drawEllipse(centre, radius, radius)
    tick = QPainterPath(centre + QPointF(-0.42, 0.04) * radius)
    tick.lineTo(centre + QPointF(-0.12, 0.34) * radius)
    tick.lineTo(centre + QPointF(0.44, -0.30) * radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(_alpha(STAGE.on_named, opacity), radius * 0.2))
    painter.drawPath(tick)


def _alpha(colour: str, alpha: float) -> QColor:
    result = QColor(colour)
    result.setAlphaF(min(max(alpha, 0.0), 1.0))
    return result


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
