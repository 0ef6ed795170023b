"""From the pipeline's pixels to Qt's."""

from __future__ import annotations

from typing import cast

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPixmap

from faceapp.types import BgrImage


def to_qimage(image: BgrImage, mirrored: bool = False) -> QImage:
    """`image` (H, W, 3 BGR) in the screen's own format.

    Converted once for each frame: Qt scales 32-bit pixels twice as fast as 24-bit ones, and the picture may be painted
    several times while boxes move. The conversion is the only copy.
    """
    data = np.ascontiguousarray(image)
    height, width = data.shape[:2]
    # PyQt's annotation asks for bytes and takes any buffer.
    wrapped = QImage(cast(bytes, data.data), width, height, data.strides[0], QImage.Format.Format_BGR888)
    converted = wrapped.convertToFormat(QImage.Format.Format_RGB32)
    if mirrored:
        converted.mirror(True, False)
    return converted


def to_bgr(picture: QImage) -> BgrImage:
    """A grabbed picture as H × W × 3 BGR, its own copy."""
    converted = picture.convertToFormat(QImage.Format.Format_BGR888)
    bits = converted.constBits()
    if bits is None or converted.isNull():
        return np.zeros((0, 0, 3), np.uint8)
    bits.setsize(converted.sizeInBytes())
    rows: BgrImage = np.frombuffer(cast(bytes, bits), np.uint8).reshape(converted.height(), converted.bytesPerLine())
    pixels: BgrImage = rows[:, : converted.width() * 3].reshape(converted.height(), converted.width(), 3).copy()
    return pixels


def rounded(picture: QImage, side: int, radius: float, ratio: float, ground: str | None = None) -> QPixmap:
    """The middle of `picture` filling a square of `side` device-independent pixels with rounded corners."""
    pixels = round(side * ratio)
    result = QPixmap(pixels, pixels)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(0, 0, pixels, pixels), radius * ratio, radius * ratio)
    if ground is not None:
        painter.fillPath(shape, QColor(ground))
    if not picture.isNull():
        filling = picture.scaled(
            pixels,
            pixels,
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter.setClipPath(shape)
        painter.drawImage((pixels - filling.width()) // 2, (pixels - filling.height()) // 2, filling)
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result
