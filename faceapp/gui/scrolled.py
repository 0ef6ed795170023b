"""A page that scrolls only where it must, and otherwise is as tall as what it shows."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST = 120


class Scrolled(QScrollArea):
    """Asks its layout for the height its content needs in a given width, and scrolls where it gets less."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setObjectName("scrolled")
        content.setObjectName("scrolled")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)

    def hasHeightForWidth(self) -> bool:
        """The content's texts wrap."""
        return True

    def heightForWidth(self, a0: int) -> int:
        """All of the content."""
        content = self.widget()
        layout = content.layout() if content is not None else None
        return layout.totalHeightForWidth(a0) if layout is not None else _LEAST

    def sizeHint(self) -> QSize:
        """Of the content."""
        content = self.widget()
        return content.sizeHint() if content is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Enough to scroll in."""
        return QSize(0, _LEAST)
