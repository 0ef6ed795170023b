"""A line that warns, with its sign: seen as one without colour."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QWidget

from faceapp.gui.icons import pixmap
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import label

_SIGN = 18


class Caution(QWidget):
    """Hidden while it says nothing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._sign = QLabel()
        self._sign.setFixedSize(_SIGN, _SIGN)
        self._text = label(wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def say(self, text: str) -> None:
        """Warn, or with an empty text fall silent."""
        self._text.setText(text)
        self._text.setAccessibleName(f"Warning: {text}")
        self.setVisible(bool(text))

    def _restyle(self) -> None:
        self._sign.setPixmap(pixmap("warning", self._theme.tokens.warning, _SIGN, self.devicePixelRatioF()))
