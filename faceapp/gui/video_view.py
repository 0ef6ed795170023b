"""The picture: newest frame, aspect kept, with boxes and names painted over it.

The view polls the session on a timer and repaints only when there is something new: a frame, a result, or a box that
is still easing into place. No picture ever travels through a signal, so none can queue up.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from faceapp.app.live_types import Pictures
from faceapp.gui.motion import Motion, ShownFace
from faceapp.gui.overlay import Overlay, caption
from faceapp.gui.pictures import to_qimage
from faceapp.gui.tokens import STAGE
from faceapp.types import Box, Frame, FrameResult, TrackedFace

POLL_MS = 16
_EASING_NS = 30_000_000
"""While only a box moves, 30 repaints a second are smooth enough."""
_DESCRIBE_NS = 1_000_000_000


class VideoView(QWidget):
    """Shows what `session` captures and recognises. Polls while visible only."""

    faces_asked = pyqtSignal(list, QPoint)
    """Somebody clicked a name, or asked by keyboard: the named faces (TrackedFace) that are meant, and where on the
    screen to answer."""

    def __init__(
        self, session: Pictures, parent: QWidget | None = None, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = clock
        self._frame: Frame | None = None
        self._picture = QImage()
        self._result: FrameResult | None = None
        self._motion = Motion()
        self._overlay = Overlay()
        self._painted_ns = 0
        self._described_ns = 0
        self.frames_painted = 0
        """Different frames shown so far."""
        self._fresh = False
        self._ring = False
        self._covered = 0
        self.mirrored = False
        self.anyone_enrolled = False
        self.dimmed = False
        self.faces_hidden = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.poll)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.setAccessibleName("Camera picture")
        self.setAccessibleDescription("No picture yet")

    @property
    def frame(self) -> Frame | None:
        """The frame on screen."""
        return self._frame

    def sizeHint(self) -> QSize:
        """A usual camera's picture."""
        return QSize(960, 720)

    def set_mirrored(self, mirrored: bool) -> None:
        """Show the picture as a mirror would; names stay readable."""
        if mirrored != self.mirrored:
            self.mirrored = mirrored
            if self._frame is not None:
                self._picture = to_qimage(self._frame.image, mirrored)
            self.update()

    def set_dimmed(self, dimmed: bool) -> None:
        """Darken a picture that is not live."""
        if dimmed != self.dimmed:
            self.dimmed = dimmed
            self.update()

    def set_faces_hidden(self, hidden: bool) -> None:
        """The picture alone, without boxes and names: while something else lies over it."""
        if hidden != self.faces_hidden:
            self.faces_hidden = hidden
            self.update()

    def set_covered(self, height: int) -> None:
        """So much of the view's top lies under banners: names keep clear of it."""
        if height != self._covered:
            self._covered = height
            self.update()

    def clear(self) -> None:
        """Forget picture and boxes: another source."""
        self._frame = None
        self._result = None
        self._picture = QImage()
        self._motion.clear()
        self.setAccessibleDescription("No picture yet")
        self.update()

    def poll(self) -> None:
        """Fetch what is newest and repaint if it differs from what is shown."""
        now = self._clock()
        frame, result = self._session.latest_frame(), self._session.latest_result()
        changed = False
        if frame is not None and frame is not self._frame:
            self._frame = frame
            self._picture = to_qimage(frame.image, self.mirrored)
            self._fresh = changed = True
        if result is not None and result is not self._result and self._frame is not None:
            self._motion.take(result, now, self._frame.captured_ns)
            self._result = result
            changed = True
        if changed or (now - self._painted_ns >= _EASING_NS and self._motion.is_moving(now)):
            self.update()
        if now - self._described_ns >= _DESCRIBE_NS:
            self._describe(now)

    def picture_rect(self) -> QRect:
        """Where the picture stands in the view: as large as fits, centred."""
        if self._picture.isNull():
            return QRect()
        size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, *_wh(size))

    def shown_faces(self) -> list[ShownFace]:
        """The faces as they would be painted now, boxes in the view's coordinates, mirrored as the picture is."""
        if self._frame is None or self._motion.size is None or self._picture.isNull():
            return []
        target = self.picture_rect()
        width, _ = self._motion.size
        if self._motion.size != self._frame.size:
            return []
        factor = target.width() / width
        result = []
        for shown in self._motion.faces(self._clock(), self._frame.captured_ns):
            b = shown.box
            if self.mirrored:
                b = Box(width - b.x2, b.y1, width - b.x1, b.y2)
            result.append(ShownFace(shown.tracked, b.scaled(factor).moved(target.left(), target.top()), shown.opacity))
        return result

    def named_faces(self) -> list[TrackedFace]:
        """The faces that carry a name now, in no order that means anything."""
        faces = [] if self.faces_hidden else self.shown_faces()
        return [f.tracked for f in faces if f.tracked.match is not None and f.tracked.match.accepted]

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """A click on a name's plate asks about that face."""
        if a0 is None:
            return
        asked = self._named_at(a0.position().toPoint())
        if asked is not None:
            below = self._overlay.plates[asked.track].bottomLeft().toPoint() + QPoint(0, 4)
            self.faces_asked.emit([asked], self.mapToGlobal(below))
        else:
            super().mousePressEvent(a0)

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """A plate that can be clicked looks so."""
        over = a0 is not None and self._named_at(a0.position().toPoint()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def contextMenuEvent(self, a0: QContextMenuEvent | None) -> None:
        """By keyboard: about everybody who is named."""
        if a0 is None or a0.reason() != QContextMenuEvent.Reason.Keyboard:
            return
        if faces := self.named_faces():
            self.faces_asked.emit(faces, self.mapToGlobal(self.picture_rect().center()))

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Letterbox, picture, boxes, names, focus ring."""
        painter = QPainter(self)
        target = self.picture_rect()
        if target != self.rect():
            painter.fillRect(self.rect(), QColor(STAGE.ground))
        if not self._picture.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, self._reduced(target))
            clear = QRectF(target)
            clear.setTop(max(clear.top(), min(self._covered, clear.center().y())))
            faces = [] if self.faces_hidden else self.shown_faces()
            self._overlay.paint(painter, faces, QRectF(target), clear, self.font(), self.anyone_enrolled)
            if self.dimmed:
                painter.fillRect(target, QColor(0, 0, 0, 165))
        if self._ring:
            painter.setPen(QPen(QColor(STAGE.named), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
        self._painted_ns = self._clock()
        if self._fresh:
            self._fresh = False
            self.frames_painted += 1

    def focusInEvent(self, a0: QFocusEvent | None) -> None:
        """The ring shows for the keyboard only: a click on the picture means nothing."""
        super().focusInEvent(a0)
        self._ring = a0 is not None and a0.reason() != Qt.FocusReason.ActiveWindowFocusReason
        self.update()

    def focusOutEvent(self, a0: QFocusEvent | None) -> None:
        """No ring."""
        super().focusOutEvent(a0)
        self._ring = False
        self.update()

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Start polling."""
        super().showEvent(a0)
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Stop polling."""
        self._timer.stop()
        super().hideEvent(a0)

    def changeEvent(self, a0: QEvent | None) -> None:
        """A new font shows in the plates."""
        super().changeEvent(a0)
        self.update()

    def _named_at(self, at: QPoint) -> TrackedFace | None:
        for face in self.named_faces():
            plate = self._overlay.plates.get(face.track)
            if plate is not None and plate.contains(at.toPointF()):
                return face
        return None

    def _reduced(self, target: QRect) -> QImage:
        """Bilinear scaling takes four pixels for each one: a picture far larger than its place is reduced properly."""
        wanted = target.size() * self.devicePixelRatioF()
        if self._picture.width() > 1.6 * wanted.width() > 0:
            return self._picture.scaled(
                wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        return self._picture

    def _describe(self, now: int) -> None:
        self._described_ns = now
        if self._frame is None:
            return
        shown = self._motion.faces(now, self._frame.captured_ns)
        text = describe([caption(s.tracked, self.anyone_enrolled).name for s in shown])
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)


def describe(names: list[str]) -> str:
    """Who is seen, as a screen reader says it."""
    known = [n for n in names if n not in ("unknown", "…")]
    unknown = len(names) - len(known)
    if unknown:
        known.append("one unknown person" if unknown == 1 else f"{unknown} unknown people")
    if not known:
        return "Nobody is seen"
    return f"Seen: {', '.join(known[:-1])} and {known[-1]}" if len(known) > 1 else f"Seen: {known[0]}"


def _wh(size: QSize) -> tuple[int, int]:
    return size.width(), size.height()
