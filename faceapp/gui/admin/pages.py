"""What the administrator's pages are made of: scrolling by finger, lists that fit a finger, a line for a refusal."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QLabel,
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


class Line(QWidget):
    """A line about what has just been done or refused. It goes by itself, an error stays until the next."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._error = False
        self._sign = QLabel()
        self._sign.setFixedSize(_SIGN, _SIGN)
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
        self._sign.setPixmap(pixmap(name, colour, _SIGN, self.devicePixelRatioF()))
