"""The zone in which people are looked at: a rectangle to drag over the live picture."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.admin.pages import TOUCH, Line
from faceapp.gui.admin.picture import HANDLE, Pictures, PictureView, Zone
from faceapp.gui.admin.words import number
from faceapp.gui.answers import Answers
from faceapp.gui.theme import Theme, tabular
from faceapp.gui.tokens import STAGE
from faceapp.gui.widgets import button, label

WHOLE: Zone = (0.0, 0.0, 1.0, 1.0)
SMALLEST = 0.1
"""Of the picture's width and height."""
_STEP = 0.01


class ZoneView(PictureView):
    """The picture with a zone that follows finger, mouse and arrow keys. What is dragged isn't kept: `zone` says it."""

    changed = pyqtSignal()

    def __init__(
        self,
        source: Pictures,
        zone: Zone,
        mirrored: bool = False,
        clock: Callable[[], int] = time.monotonic_ns,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(source, lambda: self.zone, mirrored, clock, parent)
        self.zone = zone
        self._held: tuple[str, QPointF, Zone] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def set_zone(self, zone: Zone) -> None:
        """Another zone, kept inside the picture and large enough to stand in."""
        zone = _sound(zone)
        if zone != self.zone:
            self.zone = zone
            self.changed.emit()
            self.update()

    def grip(self, at: QPointF) -> str:
        """What a finger at `at` takes hold of: some of `l`, `t`, `r`, `b`, or `all`; empty beside the zone."""
        z, near = self.zone_rect(), TOUCH / 2
        if not z.adjusted(-near, -near, near, near).contains(at):
            return ""
        sides = ""
        # Where the zone is so small that both edges are near, the nearer one is meant.
        if min(abs(at.x() - z.left()), abs(at.x() - z.right())) <= near:
            sides += "l" if abs(at.x() - z.left()) < abs(at.x() - z.right()) else "r"
        if min(abs(at.y() - z.top()), abs(at.y() - z.bottom())) <= near:
            sides += "t" if abs(at.y() - z.top()) < abs(at.y() - z.bottom()) else "b"
        return sides or ("all" if z.contains(at) else "")

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Take hold."""
        if a0 is not None and a0.button() == Qt.MouseButton.LeftButton and (what := self.grip(a0.position())):
            self._held = what, a0.position(), self.zone

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Drag."""
        if a0 is None:
            return
        if self._held is None:
            self.setCursor(_cursor(self.grip(a0.position())))
            return
        what, begun, zone = self._held
        picture = self.picture_rect()
        dx = (a0.position().x() - begun.x()) / max(1, picture.width())
        dy = (a0.position().y() - begun.y()) / max(1, picture.height())
        if self.mirrored:
            dx, what = -dx, what.replace("l", "R").replace("r", "l").replace("R", "r") if what != "all" else what
        self.set_zone(_dragged(zone, what, dx, dy))

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Let go."""
        self._held = None

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Arrows move the zone, with Shift its lower right corner."""
        steps = {
            Qt.Key.Key_Left: (-_STEP, 0.0),
            Qt.Key.Key_Right: (_STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -_STEP),
            Qt.Key.Key_Down: (0.0, _STEP),
        }
        step = steps.get(Qt.Key(a0.key())) if a0 is not None else None
        if a0 is None or step is None:
            super().keyPressEvent(a0)
            return
        dx = -step[0] if self.mirrored else step[0]
        larger = bool(a0.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        what = ("lb" if self.mirrored else "rb") if larger else "all"
        self.set_zone(_dragged(self.zone, what, dx, step[1]))

    def paint_handles(self, painter: QPainter, zone: QRectF) -> None:
        """Knobs at corners and edges, thicker while the keyboard is here."""
        painter.setPen(QPen(QColor(STAGE.on_named), 1.5))
        painter.setBrush(QColor(STAGE.named))
        c = zone.center()
        inner = zone.adjusted(2, 2, -2, -2)
        corners = (inner.topLeft(), inner.topRight(), inner.bottomLeft(), inner.bottomRight())
        edges = (
            QPointF(inner.left(), c.y()),
            QPointF(inner.right(), c.y()),
            QPointF(c.x(), inner.top()),
            QPointF(c.x(), inner.bottom()),
        )
        for at in (*corners, *edges):
            painter.drawEllipse(at, HANDLE, HANDLE)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(STAGE.named), 3))
            painter.drawRect(zone)


class ZonePage(QWidget):
    """The zone with what it is for, its figures, and the buttons that keep or reset it."""

    def __init__(
        self,
        control: KioskControl,
        theme: Theme,
        mirrored: bool = False,
        clock: Callable[[], int] = time.monotonic_ns,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._answers = Answers(self)
        self._keeping = False
        self.view = ZoneView(control, control.zone(), mirrored, clock)
        self.view.setAccessibleName(self.tr("The zone over the camera picture"))
        self.view.setAccessibleDescription(self.tr("No picture yet"))
        self.view.setToolTip(
            self.tr("Drag an edge, a corner or the whole. Arrow keys move it, with Shift they resize it.")
        )
        self.view.changed.connect(self._show)
        self._meaning = label(
            self.tr("Only faces whose middle lies inside the frame are looked at. Leave out whoever merely passes by."),
            wrap=True,
        )
        self.share = label(kind="muted")
        self.share.setFont(tabular(self.share.font()))
        self.line = Line(theme)
        self.keep = button(self.tr("Keep this zone"), kind="primary")
        self.keep.clicked.connect(self._keep_zone)
        self.back = button(self.tr("Undo"), tip=self.tr("Back to the zone that is in force"))
        self.back.clicked.connect(lambda: self.view.set_zone(self._control.zone()))
        self.whole = button(self.tr("Whole picture"), tip=self.tr("Look at everybody in the picture"))
        self.whole.clicked.connect(lambda: self.view.set_zone(WHOLE))
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.share, 1)
        for b in (self.whole, self.back, self.keep):
            buttons.addWidget(b)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._meaning)
        column.addWidget(self.view, 1)
        column.addWidget(self.line)
        column.addLayout(buttons)
        self._show()

    def _keep_zone(self) -> None:
        self._keeping = True
        self._answers.when_done(self._control.set_zone(self.view.zone), lambda _: self._kept(), self._refused)
        self._show()

    def _kept(self) -> None:
        self._keeping = False
        self.line.tell(self.tr("The zone is in force from now on."))
        self._show()

    def _refused(self, line: str) -> None:
        self._keeping = False
        self.line.refuse(line)
        self._show()

    def _show(self) -> None:
        left, top, right, bottom = self.view.zone
        self.share.setText(
            self.tr("{width} % of the width, {height} % of the height").format(
                width=number(100 * (right - left), 0), height=number(100 * (bottom - top), 0)
            )
        )
        altered = self.view.zone != self._control.zone()
        self.keep.setEnabled(altered and not self._keeping)
        self.back.setEnabled(altered)
        self.whole.setEnabled(self.view.zone != WHOLE)


def _sound(zone: Zone) -> Zone:
    left, top, right, bottom = (round(min(1.0, max(0.0, v)), 3) for v in zone)
    right, bottom = max(right, min(1.0, left + SMALLEST)), max(bottom, min(1.0, top + SMALLEST))
    return min(left, right - SMALLEST), min(top, bottom - SMALLEST), right, bottom


def _dragged(zone: Zone, what: str, dx: float, dy: float) -> Zone:
    left, top, right, bottom = zone
    if what == "all":
        dx = min(1.0 - right, max(-left, dx))
        dy = min(1.0 - bottom, max(-top, dy))
        return left + dx, top + dy, right + dx, bottom + dy
    if "l" in what:
        left = min(left + dx, right - SMALLEST)
    if "r" in what:
        right = max(right + dx, left + SMALLEST)
    if "t" in what:
        top = min(top + dy, bottom - SMALLEST)
    if "b" in what:
        bottom = max(bottom + dy, top + SMALLEST)
    return left, top, right, bottom


def _cursor(grip: str) -> Qt.CursorShape:
    shapes = Qt.CursorShape
    match "".join(sorted(grip)):
        case "":
            return shapes.ArrowCursor
        case "all":
            return shapes.SizeAllCursor
        case "l" | "r":
            return shapes.SizeHorCursor
        case "b" | "t":
            return shapes.SizeVerCursor
        case "lt" | "br":
            return shapes.SizeFDiagCursor
    return shapes.SizeBDiagCursor
