"""What stands in the middle of the stage while there is no live picture: starting, ended, failed."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from faceapp.gui.icons import icon, pixmap
from faceapp.gui.theme import Theme
from faceapp.gui.tokens import STAGE
from faceapp.gui.widgets import Ring, button, label


class StateCard(QWidget):
    """A sign, a headline, a sentence, and where something can be done a button."""

    action = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ring = Ring(44, STAGE.named, "#2a3034", self)
        self._ring.set_value(None)
        self._sign = QLabel()
        self._sign.setFixedSize(44, 44)
        self._headline = label(kind="title")
        self._headline.setStyleSheet(f"color: {STAGE.text};")
        self._sentence = label(wrap=True)
        self._sentence.setStyleSheet(f"color: {STAGE.muted};")
        self._sentence.setFixedWidth(400)
        self._button = button("", kind="primary")
        self._button.clicked.connect(self.action)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self._ring, 0, centre)
        column.addWidget(self._sign, 0, centre)
        column.addSpacing(8)
        column.addWidget(self._headline, 0, centre)
        column.addWidget(self._sentence, 0, centre)
        column.addSpacing(12)
        column.addWidget(self._button, 0, centre)
        for text in (self._headline, self._sentence):
            text.setAlignment(centre)
        theme.changed.connect(self._restyle)
        self._told: tuple[str, str, str | None, str] | None = None
        self._restyle()

    @property
    def headline(self) -> str:
        return self._headline.text()

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    @property
    def action_text(self) -> str:
        """What the button says; empty without one."""
        return self._button.text() if not self._button.isHidden() else ""

    def tell(self, headline: str, sentence: str, sign: str | None = None, action: str = "") -> None:
        """Show this. Without a `sign` (the name of an icon) the ring turns."""
        if (headline, sentence, sign, action) == self._told:
            return
        self._told = (headline, sentence, sign, action)
        self._headline.setText(headline)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self.setAccessibleName(f"{headline}. {sentence}")
        self._ring.setVisible(sign is None)
        self._sign.setVisible(sign is not None)
        if sign is not None:
            self._sign.setPixmap(pixmap(sign, STAGE.muted, 44, self.devicePixelRatioF()))
        self._button.setText(action)
        self._button.setAccessibleName(action.replace("&", ""))
        self._button.setVisible(bool(action))
        self.adjustSize()

    def _restyle(self) -> None:
        self._button.setIcon(icon("replay", self._theme.tokens.on_accent, 18, gap=5))
        self._button.setIconSize(QSize(23, 18))
