"""One line at the top of the page: what has happened, or what the site should know, with one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from faceapp.app.live_types import Level
from faceapp.gui.banners import WORDS
from faceapp.gui.icons import icon, pixmap
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label, set_property


class Note(QFrame):
    """Hidden while there is nothing to say. It stays until something else is said or it is dismissed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._level: Level = "info"
        self._action: Callable[[], object] | None = None
        self.setObjectName("banner")
        self._icon = QLabel()
        self.text = label(wrap=True)
        self.action = button("")
        self.action.clicked.connect(self._act)
        self.dismiss = QToolButton()
        self.dismiss.setIconSize(QSize(14, 14))
        self.dismiss.setAccessibleName("Dismiss this note")
        self.dismiss.setToolTip("Dismiss")
        self.dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.dismiss.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.action)
        row.addWidget(self.dismiss)
        theme.changed.connect(self._restyle)
        self.hide()

    def say(self, level: Level, text: str, words: str = "", action: Callable[[], object] | None = None) -> None:
        """`words` on the button that does `action`, if there is one."""
        self._level, self._action = level, action
        self.text.setText(text)
        self.setAccessibleName(f"{WORDS[level]}: {text}")
        self.action.setText(words)
        self.action.setAccessibleName(words)
        self.action.setVisible(action is not None)
        set_property(self, "level", level)
        self._restyle()
        self.show()

    def _act(self) -> None:
        action = self._action
        self.hide()
        if action is not None:
            action()

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        colour = {"info": tokens.info, "warning": tokens.warning, "error": tokens.danger}[self._level]
        self._icon.setPixmap(pixmap(self._level, colour, 20, self.devicePixelRatioF()))
        self.dismiss.setIcon(icon("close", tokens.muted, 14))
