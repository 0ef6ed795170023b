"""A picture with its faces, of which some are clicked and get a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from faceapp.gui.pictures import to_qimage
from faceapp.gui.theme import Theme
from faceapp.gui.tokens import STAGE
from faceapp.types import BgrImage, Box

_NEAREST = 24
"""Device-independent pixels: a face is hit at least so far around its middle."""


class FacesPicture(QWidget):
    """Shows boxes with numbers, and names where there are any. Faces count from 1."""

    chosen = pyqtSignal(int)
    """A face was clicked, or chosen with the keyboard."""
    confirmed = pyqtSignal()
    """Enter: that is all."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._picture = QImage()
        self._scaled = QImage()
        """As it is shown, in the screen's own pixels."""
        self._boxes: tuple[Box, ...] = ()
        self._names: dict[int, str] = {}
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 200)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    @property
    def current(self) -> int:
        """The chosen face; 0 where none is."""
        return self._current

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(640, 400)

    def show_picture(self, image: BgrImage | None, boxes: Sequence[Box] = ()) -> None:
        """Another picture, of which nothing is chosen yet; None: none."""
        self._picture = QImage() if image is None else to_qimage(image)
        self._scaled = QImage()
        self._boxes, self._names, self._current = tuple(boxes), {}, 0
        self._tell()

    def show_names(self, names: Mapping[int, str], current: int) -> None:
        """What was said so far."""
        self._names, self._current = dict(names), current
        self._tell()

    def face_rect(self, number: int) -> QRectF:
        """Where a face is shown, in the widget's coordinates."""
        shown, box = self._shown(), self._boxes[number - 1]
        factor = shown.width() / max(1, self._picture.width())
        return QRectF(
            shown.left() + box.x1 * factor, shown.top() + box.y1 * factor, box.width * factor, box.height * factor
        )

    def face_at(self, point: QPointF) -> int:
        """The face at a place of the widget, the nearest of several; 0 where there is none."""
        hit = [
            number
            for number in range(1, len(self._boxes) + 1)
            if self._reach(number).contains(point) and not self._picture.isNull()
        ]
        return min(hit, key=lambda n: (self.face_rect(n).center() - point).manhattanLength(), default=0)

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """A face is chosen."""
        if a0 is not None and (number := self.face_at(a0.position())):
            self.chosen.emit(number)

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """A hand over what can be clicked."""
        if a0 is not None:
            over = self.face_at(a0.position()) > 0
            self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Numbers choose a face, arrows the next or the one before."""
        if a0 is None or not self._boxes:
            super().keyPressEvent(a0)
            return
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        step = steps.get(Qt.Key(a0.key())) if a0.key() in steps else None
        digit = a0.key() - Qt.Key.Key_0
        if step is not None:
            count = len(self._boxes)
            at = self._current or (0 if step > 0 else count + 1)
            self.chosen.emit((at - 1 + step) % count + 1)
        elif a0.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirmed.emit()
        elif 1 <= digit <= min(9, len(self._boxes)):
            self.chosen.emit(digit)
        else:
            super().keyPressEvent(a0)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """The picture, the boxes, their plates."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(STAGE.ground))
        if not self._picture.isNull():
            painter.drawImage(self._shown(), self._as_shown())
        for number in range(1, len(self._boxes) + 1):
            self._paint_face(painter, number)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.tokens.accent), 3))
            painter.drawRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()

    def _paint_face(self, painter: QPainter, number: int) -> None:
        rect, name = self.face_rect(number), self._names.get(number, "")
        current = number == self._current
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(STAGE.halo), 5 if current else 4))
        painter.drawRoundedRect(rect, 4, 4)
        # Named: a solid box and a filled plate; else dashed and dark: without colour, too.
        line = QPen(QColor(STAGE.named if name else STAGE.unknown), 3.5 if current else 2)
        if not name and not current:
            line.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(line)
        painter.drawRoundedRect(rect, 4, 4)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        words = f"{number}  {metrics.elidedText(name, Qt.TextElideMode.ElideRight, 200)}" if name else str(number)
        size = metrics.horizontalAdvance(words) + 14, metrics.height() + 6
        top = rect.top() - size[1] - 3 if rect.top() - size[1] - 3 > 0 else rect.top() + 3
        left = max(2.0, min(rect.left(), self.width() - size[0] - 2))
        plate = QRectF(left, top, *size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(STAGE.named if name else STAGE.plate))
        painter.drawRoundedRect(plate, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor(STAGE.on_named if name else STAGE.on_plate))
        painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), words)

    def _shown(self) -> QRectF:
        """Where the picture is shown: as large as it fits, never more than twice its size."""
        size = self._picture.size()
        if size.isEmpty():
            return QRectF()
        factor = min(self.width() / size.width(), self.height() / size.height(), 2.0)
        width, height = size.width() * factor, size.height() * factor
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _as_shown(self) -> QImage:
        """Scaled once for each size: boxes change more often."""
        ratio = self.devicePixelRatioF()
        size = (self._shown().size() * ratio).toSize()
        if self._scaled.size() != size:
            mode = Qt.AspectRatioMode.IgnoreAspectRatio
            self._scaled = self._picture.scaled(size, mode, Qt.TransformationMode.SmoothTransformation)
        return self._scaled

    def _reach(self, number: int) -> QRectF:
        rect = self.face_rect(number)
        more = max(0.0, _NEAREST - rect.width() / 2), max(0.0, _NEAREST - rect.height() / 2)
        return rect.adjusted(-more[0], -more[1], more[0], more[1])

    def _tell(self) -> None:
        count = len(self._boxes)
        self.setAccessibleName(f"Picture with {count} faces")
        chosen = f"Face {self._current} of {count} is chosen" if self._current else "No face is chosen"
        named = "; ".join(f"face {n} is {name}" for n, name in sorted(self._names.items()))
        self.setAccessibleDescription(f"{chosen}. {named}" if named else chosen)
        self.update()
