"""The live picture with the zone and the faces in it; the zone can be dragged where that is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeAlias

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QHideEvent, QImage, QPainter, QPaintEvent, QPen, QShowEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from faceapp.gui.motion import Motion, ShownFace
from faceapp.gui.overlay import Overlay
from faceapp.gui.pictures import to_qimage
from faceapp.gui.tokens import STAGE
from faceapp.types import Box, Frame, FrameResult

Zone: TypeAlias = tuple[float, float, float, float]
POLL_MS = 33
HANDLE = 9.0


class Pictures(Protocol):
    """What is looked at."""

    def latest_frame(self) -> Frame | None: ...

    def latest_result(self) -> FrameResult | None: ...


class PictureView(QWidget):
    """Shows the newest picture as large as fits, dark outside the zone. Polls while it is visible only."""

    def __init__(
        self,
        source: Pictures,
        zone: Callable[[], Zone],
        mirrored: bool = False,
        clock: Callable[[], int] = time.monotonic_ns,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._zone = zone
        self.mirrored = mirrored
        self._clock = clock
        self._frame: Frame | None = None
        self._result: FrameResult | None = None
        self._picture = QImage()
        self._motion = Motion()
        self._overlay = Overlay()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.poll)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)

    def sizeHint(self) -> QSize:
        """A usual camera's picture."""
        return QSize(640, 480)

    def poll(self) -> None:
        """Fetch what is newest."""
        frame, result = self._source.latest_frame(), self._source.latest_result()
        if frame is not None and frame is not self._frame:
            self._frame = frame
            self._picture = to_qimage(frame.image, self.mirrored)
        if result is not None and result is not self._result and self._frame is not None:
            self._motion.take(result, self._clock(), self._frame.captured_ns)
            self._result = result
        self.update()

    def picture_rect(self) -> QRect:
        """Where the picture stands; a frame of 4 : 3 while there is none, so that the zone has its place."""
        size = self._picture.size() if not self._picture.isNull() else QSize(640, 480)
        size = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(
            (self.width() - size.width()) // 2, (self.height() - size.height()) // 2, size.width(), size.height()
        )

    def zone_rect(self) -> QRectF:
        """The zone in the view's coordinates."""
        left, top, right, bottom = self._zone()
        if self.mirrored:
            left, right = 1 - right, 1 - left
        p = QRectF(self.picture_rect())
        return QRectF(
            QPointF(p.left() + left * p.width(), p.top() + top * p.height()),
            QPointF(p.left() + right * p.width(), p.top() + bottom * p.height()),
        )

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Ground, picture, what lies outside the zone darkened, the zone's edge, the faces."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(STAGE.ground))
        target = self.picture_rect()
        if self._picture.isNull():
            painter.setPen(QColor(STAGE.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.accessibleDescription())
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, self._picture)
        zone = self.zone_rect()
        whole = QRectF(target)
        if zone.adjusted(-1, -1, 1, 1).contains(whole):
            zone = whole.adjusted(1, 1, -1, -1)
        else:
            self._darken_outside(painter, whole, zone)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 120), 4))
        painter.drawRect(zone)
        painter.setPen(QPen(QColor(STAGE.unknown), 2))
        painter.drawRect(zone)
        self._overlay.paint(painter, self._faces(), whole, whole, self.font(), True)
        self.paint_handles(painter, zone)
        painter.end()

    def paint_handles(self, painter: QPainter, zone: QRectF) -> None:
        """Nothing to drag here."""

    def _darken_outside(self, painter: QPainter, whole: QRectF, zone: QRectF) -> None:
        shade = QColor(0, 0, 0, 130)
        painter.fillRect(QRectF(whole.topLeft(), QPointF(whole.right(), zone.top())), shade)
        painter.fillRect(QRectF(QPointF(whole.left(), zone.bottom()), whole.bottomRight()), shade)
        painter.fillRect(QRectF(QPointF(whole.left(), zone.top()), zone.bottomLeft()), shade)
        painter.fillRect(QRectF(zone.topRight(), QPointF(whole.right(), zone.bottom())), shade)

    def _faces(self) -> list[ShownFace]:
        if self._frame is None or self._motion.size != self._frame.size:
            return []
        target = self.picture_rect()
        width = self._frame.size[0]
        shown = []
        for face in self._motion.faces(self._clock(), self._frame.captured_ns):
            b = face.box
            if self.mirrored:
                b = Box(width - b.x2, b.y1, width - b.x1, b.y2)
            box = b.scaled(target.width() / width).moved(target.left(), target.top())
            shown.append(ShownFace(face.tracked, box, face.opacity))
        return shown

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Start polling."""
        super().showEvent(a0)
        self.poll()
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Stop polling."""
        self._timer.stop()
        super().hideEvent(a0)
