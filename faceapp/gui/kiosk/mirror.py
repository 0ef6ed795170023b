"""The live picture as a calm mirror: sharp in the middle, soft towards the edges, a frame around the face at hand.

Composed at a small size and enlarged once, because a wall panel of 4K would otherwise cost a core that the
recognition needs. No text is ever painted here: not a name, not a number.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import (
    QColor,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRadialGradient,
)
from PyQt6.QtWidgets import QWidget

from faceapp.gui.kiosk.looks import Look
from faceapp.gui.motion import Motion
from faceapp.gui.pictures import to_qimage
from faceapp.types import BgrImage, Box, Frame, FrameResult

_CANVAS_WIDTH = 800
_OVERFILL = 1.3
"""So much larger than fitting may the picture be, to fill its place: beyond that, heads would be cut off."""
_FEATHER = 0.22
"""Part of the picture's width over which an edge that doesn't reach the side fades."""
_FRAME = "#ffffff"
_REACHED = "#7af0de"
_CHEVRONS = 3


class Mirror(QWidget):
    """Paints the newest frame. It polls nothing: `take` hands it what to show."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._frame: Frame | None = None
        self._picture = QImage()
        self._result: FrameResult | None = None
        self._motion = Motion()
        self._track: int | None = None
        self._progress = 0.0
        self._turn: str | None = None
        self._lit = 0
        self._dim = 0.0
        self._now_ns = 0
        self._masks: dict[tuple[int, int, int, int], QImage] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        self._look = look
        self.update()

    def take(self, frame: Frame | None, result: FrameResult | None, now_ns: int) -> None:
        """Show what is newest; repaints where something is new or still moves."""
        self._now_ns = now_ns
        changed = False
        if frame is not self._frame:
            self._frame = frame
            self._picture = to_qimage(_thinned(frame.image), mirrored=True) if frame is not None else QImage()
            if frame is None:
                self._motion.clear()
            changed = True
        if result is not None and result is not self._result and self._frame is not None:
            self._motion.take(result, now_ns, self._frame.captured_ns)
            changed = True
        self._result = result
        if changed or (self._track is not None and self._motion.is_moving(now_ns)):
            self.update()

    def point_at(self, track: int | None, progress: float) -> None:
        """Put the frame around this face; `progress` 0 to 1 of it is drawn as done."""
        if (track, progress) != (self._track, self._progress):
            self._track, self._progress = track, progress
            self.update()

    def point_to(self, turn: str | None, reached: float = 0.0) -> None:
        """An arrow beside the face: `left`, `right`, `up`, `down`, as the person sees themselves here; None: none. It
        fills as the head turns: `reached` is 1 where that is enough."""
        lit = round(_CHEVRONS * reached)
        if (turn, lit) != (self._turn, self._lit):
            self._turn, self._lit = turn, lit
            self.update()

    def set_dim(self, dim: float) -> None:
        """0: as bright as the camera; 1: gone."""
        if abs(dim - self._dim) > 1e-3:
            self._dim = dim
            self.update()

    def face_rect(self) -> QRectF | None:
        """Where the frame is drawn, in the widget's pixels; None where there is none."""
        if self._track is None or self._frame is None or self._motion.size != self._frame.size:
            return None
        for shown in self._motion.faces(self._now_ns, self._frame.captured_ns):
            if shown.tracked.track != self._track:
                continue
            place = self._place()
            factor = place.width() / self._frame.size[0]
            b = shown.box
            b = Box(self._frame.size[0] - b.x2, b.y1, self._frame.size[0] - b.x1, b.y2)
            b = b.scaled(factor).moved(place.left(), place.top())
            pad = 0.16 * max(b.width, b.height)
            return QRectF(b.x1 - pad, b.y1 - pad * 1.15, b.width + 2 * pad, b.height + 2.1 * pad)
        return None

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Soft surroundings, picture, shade, frame."""
        painter = QPainter(self)
        if self._picture.isNull():
            self._paint_empty(painter)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._composed())
            self._paint_frame(painter)
            self._paint_turn(painter)
        painter.end()

    def _place(self) -> QRectF:
        """Where the whole picture stands; its edges may lie outside."""
        width, height = max(1, self.width()), max(1, self.height())
        pw, ph = max(1, self._picture.width()), max(1, self._picture.height())
        fits, fills = min(width / pw, height / ph), max(width / pw, height / ph)
        scale = min(fills, fits * _OVERFILL)
        size = QSizeF(pw * scale, ph * scale)
        # Faces are in the upper part: what must go, goes below.
        top = (height - size.height()) * (0.3 if size.height() > height else 0.5)
        return QRectF((width - size.width()) / 2, top, size.width(), size.height())

    def _composed(self) -> QImage:
        factor = min(1.0, _CANVAS_WIDTH / max(self.width(), self.height(), 1))
        size = QSize(max(1, round(self.width() * factor)), max(1, round(self.height() * factor)))
        place = self._place()
        place = QRectF(place.left() * factor, place.top() * factor, place.width() * factor, place.height() * factor)
        small = self._picture
        if small.width() > 1.6 * place.width():
            small = small.scaled(
                round(place.width()),
                round(place.height()),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        canvas = QImage(size, QImage.Format.Format_RGB32)
        painter = QPainter(canvas)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if place.left() > 0.5 or place.top() > 0.5:
            painter.drawImage(canvas.rect(), _blurred(small, size))
            painter.fillRect(canvas.rect(), QColor(0, 0, 0, 120))
            layer = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            layer.fill(Qt.GlobalColor.transparent)
            inner = QPainter(layer)
            inner.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            inner.drawImage(place, small)
            inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
            inner.drawImage(0, 0, self._mask(size, place))
            inner.end()
            painter.drawImage(0, 0, layer)
        else:
            painter.drawImage(place, small)
        shade = QRadialGradient(QPointF(size.width() / 2, size.height() * 0.46), max(size.width(), size.height()) * 0.7)
        shade.setColorAt(0.45, QColor(0, 0, 0, 0))
        shade.setColorAt(1.0, QColor(0, 0, 0, 130))
        painter.fillRect(canvas.rect(), shade)
        if self._dim > 0:
            painter.fillRect(canvas.rect(), QColor(10, 14, 16, round(255 * self._dim)))
        painter.end()
        return canvas

    def _mask(self, size: QSize, place: QRectF) -> QImage:
        """Opaque in the picture's middle, clear at those of its edges that lie inside the canvas."""
        key = (size.width(), size.height(), round(place.left()), round(place.top()))
        found = self._masks.get(key)
        if found is not None:
            return found
        mask = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        mask.fill(Qt.GlobalColor.white)
        painter = QPainter(mask)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        for across in (True, False):
            start, end = (place.left(), place.right()) if across else (place.top(), place.bottom())
            if start <= 0.5:
                continue
            line = QLinearGradient(QPointF(start, 0), QPointF(end, 0))
            if not across:
                line = QLinearGradient(QPointF(0, start), QPointF(0, end))
            for at, alpha in ((0.0, 0), (_FEATHER / 3, 60), (_FEATHER, 255)):
                line.setColorAt(at, QColor(255, 255, 255, alpha))
                line.setColorAt(1 - at, QColor(255, 255, 255, alpha))
            painter.fillRect(mask.rect(), line)
        painter.end()
        self._masks = {key: mask}
        return mask

    def _paint_empty(self, painter: QPainter) -> None:
        ground = QLinearGradient(QPointF(0, 0), QPointF(0, self.height()))
        ground.setColorAt(0, QColor(self._look.scrim))
        ground.setColorAt(1, QColor(self._look.calm.track if self._look.name != "high contrast" else "#000000"))
        painter.fillRect(self.rect(), ground)

    def _paint_frame(self, painter: QPainter) -> None:
        rect = self.face_rect()
        if rect is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = min(rect.width(), rect.height()) * 0.3
        path = QPainterPath(QPointF(rect.center().x(), rect.top()))
        path.lineTo(rect.right() - radius, rect.top())
        path.arcTo(rect.right() - 2 * radius, rect.top(), 2 * radius, 2 * radius, 90, -90)
        path.lineTo(rect.right(), rect.bottom() - radius)
        path.arcTo(rect.right() - 2 * radius, rect.bottom() - 2 * radius, 2 * radius, 2 * radius, 0, -90)
        path.lineTo(rect.left() + radius, rect.bottom())
        path.arcTo(rect.left(), rect.bottom() - 2 * radius, 2 * radius, 2 * radius, 270, -90)
        path.lineTo(rect.left(), rect.top() + radius)
        path.arcTo(rect.left(), rect.top(), 2 * radius, 2 * radius, 180, -90)
        path.closeSubpath()
        width = max(3.0, self.height() / 170)
        for colour, factor in ((QColor(0, 0, 0, 45), 3.0), (QColor(0, 0, 0, 70), 1.9), (QColor(_FRAME), 1.0)):
            painter.setPen(QPen(colour, width * factor, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPath(path)
        if self._progress > 0:
            pen = QPen(QColor(_REACHED), width * 1.9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
            done = path.length() * min(1.0, self._progress) / pen.widthF()
            pen.setDashPattern([max(done, 0.01), 1e5])
            painter.setPen(pen)
            painter.drawPath(path)

    def _paint_turn(self, painter: QPainter) -> None:
        """Chevrons beside the frame, the way the head is to go: as many are filled as it has come."""
        rect = self.face_rect()
        angle = {"right": 0, "down": 90, "left": 180, "up": 270}.get(self._turn or "")
        if rect is None or angle is None:
            return
        across = angle in (0, 180)
        size = min(rect.width(), rect.height()) * 0.2
        painter.save()
        painter.translate(rect.center())
        painter.rotate(angle)
        painter.translate(QPointF((rect.width() if across else rect.height()) / 2 + size * 0.4, 0.0))
        for i in range(_CHEVRONS):
            chevron = QPainterPath(QPointF(i * size * 0.75, -size * 0.7))
            chevron.lineTo(i * size * 0.75 + size * 0.6, 0)
            chevron.lineTo(i * size * 0.75, size * 0.7)
            fill = QColor(_REACHED if i < self._lit else _FRAME)
            for colour, width in ((QColor(0, 0, 0, 110), 0.42), (fill, 0.28 if i < self._lit else 0.16)):
                cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
                painter.setPen(QPen(colour, size * width, Qt.PenStyle.SolidLine, cap, join))
                painter.drawPath(chevron)
        painter.restore()


def _thinned(image: BgrImage) -> BgrImage:
    """Every n-th pixel of a picture (H, W, 3 BGR) with far more than are shown: converting them all costs most."""
    step = max(1, image.shape[1] // _CANVAS_WIDTH)
    return image[::step, ::step]


def _blurred(picture: QImage, size: QSize) -> QImage:
    """`picture` out of focus, covering `size`: reduced to a few pixels and enlarged in two steps."""
    ignore, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    cover = QSize(size).scaled(picture.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left, top = (picture.width() - cover.width()) // 2, (picture.height() - cover.height()) // 2
    tiny = picture.copy(left, top, cover.width(), cover.height()).scaled(24, 16, ignore, smooth)
    return tiny.scaled(96, 64, ignore, smooth)
