"""What the administrator's pages are made of: scrolling by finger, lists that fit a finger, a line for a refusal."""

from __future__ import annotations

import math
import re

from PyQt6.QtCore import QEvent, QSize, Qt, QTimer
from PyQt6.QtGui import QFont, QFontMetrics, QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QScroller,
    QWidget,
)

from faceapp.gui.icons import pixmap
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import label

TOUCH = 44
"""Device-independent pixels: what a fingertip hits surely."""
_LINE_MS = 8000
_SIGN = 20


def zoom(widget: QWidget) -> float:
    """How much larger than the application's the letters of `widget` are: 1 but on very large screens."""
    usual = QApplication.font().pointSizeF()
    return widget.font().pointSizeF() / usual if usual > 0 else 1.0


def zoom_for(size: QSize) -> float:
    """What a screen of this size is read best with: a kiosk's often has four times the pixels and no scaling set."""
    return max(1.0, min(2.5, math.floor(4 * min(size.width() / 1280, size.height() / 720)) / 4))


def share(widget: QWidget, least: int, part: float, most: int) -> int:
    """Pixels of `part` of the widget's width, within limits that grow with the letters."""
    factor = zoom(widget)
    return round(min(most * factor, max(least * factor, widget.width() * part)))


def zoomed(style: str, factor: float) -> str:
    """A style sheet with every measure in pixels `factor` times as large."""
    return re.sub(r"\b(\d+)px", lambda found: f"{round(int(found[1]) * factor)}px", style)


def scrolled(content: QWidget) -> QScrollArea:
    """`content` scrolling up and down where there is too little room."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setObjectName("scrolled")
    content.setObjectName("scrolled")
    by_finger(area)
    return area


def by_finger(area: QAbstractScrollArea) -> None:
    """Let a finger drag what is shown; the mouse goes on as ever."""
    if isinstance(area, QAbstractItemView):
        area.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)


class Page(QWidget):
    """A page that looks every `every_ms` while it is visible, and fits itself to its size and letters."""

    def __init__(self, every_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(every_ms)
        self._timer.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Look, and show what has changed."""

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """What needs a width gets it, the others the rest."""
        self._arrange()
        super().resizeEvent(a0)

    def changeEvent(self, a0: QEvent | None) -> None:
        """Larger letters need more room."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._arrange()

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Start looking."""
        super().showEvent(a0)
        self.refresh()
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Stop looking."""
        self._timer.stop()
        super().hideEvent(a0)

    def _arrange(self) -> None:
        """Share out the width."""


class Toggle(QPushButton):
    """A button that stays pressed. It has room for its text in the bold that then says so."""

    def __init__(self, text: str, tip: str = "", kind: str = "toggle", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", kind)
        self.setCheckable(True)
        self.setAutoDefault(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(text)
        self.setMinimumHeight(TOUCH)
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)

    def sizeHint(self) -> QSize:
        """The style's, and what bold letters need more."""
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        wider = QFontMetrics(bold).horizontalAdvance(self.text()) - self.fontMetrics().horizontalAdvance(self.text())
        hint = super().sizeHint()
        return QSize(hint.width() + max(0, wider) + 2, hint.height())


class Sign(QLabel):
    """A small sign beside a line of text, as large as its letters want it."""

    def __init__(self, size: int = _SIGN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._shown: tuple[str, str] | None = None
        self._drawn: tuple[object, ...] = ()
        self._draw()

    def show_sign(self, name: str | None, colour: str = "") -> None:
        """`resources/icons/NAME.svg` in `colour`; None: nothing, in the same place."""
        self._shown = None if name is None else (name, colour)
        self._draw()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Other letters, another size."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._draw()

    def _draw(self) -> None:
        size = round(self._size * zoom(self))
        wanted = self._shown, size, self.devicePixelRatioF()
        if wanted == self._drawn:
            return
        self._drawn = wanted
        self.setFixedSize(size, size)
        if self._shown is None:
            self.clear()
        else:
            self.setPixmap(pixmap(*self._shown, size, self.devicePixelRatioF()))


class Line(QWidget):
    """A line about what has just been done or refused. It goes by itself, an error stays until the next."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._error = False
        self._sign = Sign()
        self._text = label(wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LINE_MS)
        self._timer.timeout.connect(self.clear)
        theme.changed.connect(self._restyle)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it says nothing."""
        return self._text.text() if not self.isHidden() else ""

    def refuse(self, line: str) -> None:
        """Something was refused."""
        self._say(line, error=True)

    def tell(self, line: str) -> None:
        """Something was done."""
        self._say(line, error=False)
        self._timer.start()

    def clear(self) -> None:
        """Nothing to say."""
        self._timer.stop()
        self.hide()

    def _say(self, line: str, error: bool) -> None:
        self._timer.stop()
        self._error = error
        self._text.setText(line)
        self._text.setAccessibleName(
            (self.tr("Not done: {line}") if error else self.tr("Done: {line}")).format(line=line)
        )
        self._restyle()
        self.show()

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        name, colour = ("error", tokens.danger) if self._error else ("check", tokens.accent)
        self._sign.show_sign(name, colour)
