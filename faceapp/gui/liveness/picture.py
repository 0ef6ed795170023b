"""The camera's picture in the wizard, mirrored as a person expects."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from faceapp.gui.pictures import to_qimage
from faceapp.gui.tokens import STAGE
from faceapp.types import Frame

_RADIUS = 8


class LivePicture(QWidget):
    """Shows the frames it is given, whole."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QImage()
        self._shown = -1
        self.setAccessibleName("The camera's picture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 72)

    def sizeHint(self) -> QSize:
        """Four to three."""
        return QSize(400, 300)

    def show_frame(self, frame: Frame | None) -> None:
        """The newest frame; None shows nothing."""
        shown = -1 if frame is None else frame.captured_ns
        if shown != self._shown:
            self._shown = shown
            self._picture = QImage() if frame is None else to_qimage(frame.image, mirrored=True)
            self.update()

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """The picture in its middle, on the ground of the window's video."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), QColor(STAGE.ground))
        if not self._picture.isNull():
            size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            painter.drawImage(QRectF(left, top, size.width(), size.height()), self._picture)
