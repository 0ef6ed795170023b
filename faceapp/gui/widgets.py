"""Small widgets that every part of the window uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from PyQt6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QHideEvent, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QWidget,
)

from faceapp.gui.icons import pixmap
from faceapp.gui.theme import Theme

Kind: TypeAlias = Literal["muted", "small", "title", "instruction", "danger", "primary", "plain"]


def label(text: str = "", kind: Kind = "plain", wrap: bool = False) -> QLabel:
    """A plain-text label: a name somebody typed is never read as markup."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setProperty("kind", kind)
    result.setWordWrap(wrap)
    return result


def button(text: str, kind: Kind = "plain", tip: str = "") -> QPushButton:
    """A push button that answers to Enter as well as to Space."""
    result = QPushButton(text)
    result.setProperty("kind", kind)
    result.setAccessibleName(text)
    result.setAutoDefault(True)
    # A click leaves the focus where it is, so the ring appears for those who use the keyboard.
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if tip:
        result.setToolTip(tip)
        result.setAccessibleDescription(tip)
    return result


def quick_key(widget: QWidget, keys: str) -> None:
    """`keys` bring the focus to `widget`, or press it. Named in its tip instead of by an underlined letter."""
    widget.setToolTip(f"{widget.toolTip()} ({keys})")
    shortcut = QShortcut(QKeySequence(keys), widget)
    shortcut.activated.connect(lambda: _visit(widget))


def _visit(widget: QWidget) -> None:
    widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
    if isinstance(widget, QAbstractButton):
        widget.click()


def fit_to_screen(window: QWidget, size: QSize) -> None:
    """Give a window this size, or as much of it as its screen has."""
    screen = window.screen()
    window.resize(size.boundedTo(screen.availableSize()) if screen is not None else size)


def every(ms: int, slot: Callable[[], None], parent: QObject) -> QTimer:
    """Call `slot` every so many milliseconds from now on."""
    timer = QTimer(parent)
    timer.setInterval(ms)
    timer.timeout.connect(slot)
    timer.start()
    return timer


def rule() -> QFrame:
    """A quiet line between two groups."""
    result = QFrame()
    result.setProperty("kind", "rule")
    return result


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and let it look."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


class Picker(QComboBox):
    """A drop-down list with our own arrow."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        # The style's own delegate for the list would overlook the style sheet.
        self.setItemDelegate(QStyledItemDelegate(self))

    def showPopup(self) -> None:
        """The list with the edge the style sheet gives it: each time it opens the style takes that away."""
        super().showPopup()
        view = self.view()
        popup = view.parentWidget() if view is not None else None
        if isinstance(popup, QFrame):
            popup.setFrameStyle(QFrame.Shape.StyledPanel.value | QFrame.Shadow.Plain.value)
            popup.resize(popup.width(), popup.height() + 2 * popup.frameWidth())

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """The style's frame and text, then the arrow."""
        super().paintEvent(e)
        painter = QPainter(self)
        arrow = pixmap("chevron", self._theme.tokens.muted, 16, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(self.width() - 25, (self.height() - 16) / 2), arrow)
        painter.end()


class Switch(QCheckBox):
    """A check box drawn as a switch: its state is the knob's place as much as its colour."""

    _TRACK = QSize(34, 20)

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        """Text, gap, switch."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.text()) + 10 + self._TRACK.width() + 4
        return QSize(width, max(metrics.height(), self._TRACK.height() + 6))

    def hitButton(self, pos: object) -> bool:
        """All of it can be clicked."""
        return True

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Text at the left, switch at the right."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(
            self.width() - self._TRACK.width() - 2,
            (self.height() - self._TRACK.height()) / 2,
            self._TRACK.width(),
            self._TRACK.height(),
        )
        painter.setPen(QColor(tokens.text))
        text = QRect(0, 0, round(track.left()) - 8, self.height())
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text())
        on = self.isChecked()
        painter.setPen(QPen(QColor(tokens.accent if on else tokens.edge), 1.5))
        painter.setBrush(QColor(tokens.accent if on else tokens.surface))
        body = track.adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(body, body.height() / 2, body.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.on_accent if on else tokens.edge))
        radius = 6.0
        x = body.right() - radius - 3 if on else body.left() + radius + 3
        painter.drawEllipse(QPointF(x, body.center().y()), radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(track.adjusted(-1, -2, 1, 2), 12, 12)
        painter.end()


class Ring(QWidget):
    """A ring that fills from 0 to 1, or turns while nobody knows how long it takes (`value` None)."""

    def __init__(self, size: int, colour: str, ground: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour, self._ground = colour, ground
        self._value: float | None = None
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.setInterval(33)
        self._timer.timeout.connect(self._turn)
        self.setFixedSize(size, size)
        self.setAccessibleName("Progress")

    def set_colours(self, colour: str, ground: str) -> None:
        """After a change of theme."""
        self._colour, self._ground = colour, ground
        self.update()

    def set_value(self, value: float | None) -> None:
        """0 to 1; None: it turns."""
        self._value = value
        self._run()
        self.update()

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Ground, then the arc from the top clockwise."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = max(3.0, self.width() / 11)
        rect = QRectF(self.rect()).adjusted(width / 2 + 1, width / 2 + 1, -width / 2 - 1, -width / 2 - 1)
        pen = QPen(QColor(self._ground), width)
        painter.setPen(pen)
        painter.drawEllipse(rect)
        pen.setColor(QColor(self._colour))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if self._value is None:
            painter.drawArc(rect, -self._angle * 16, -100 * 16)
        elif self._value > 0:
            painter.drawArc(rect, 90 * 16, -round(360 * 16 * min(self._value, 1.0)))
        painter.end()

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Turn only while somebody sees it."""
        super().showEvent(a0)
        self._run()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        self._timer.stop()
        super().hideEvent(a0)

    def _run(self) -> None:
        if self._value is None and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _turn(self) -> None:
        self._angle = (self._angle + 12) % 360
        self.update()
