"""A question below a list, with what would follow: asked instead of a box in the way."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from faceapp.gui.widgets import Kind, button, label, set_property


class Question(QFrame):
    """One question at a time; hidden while there is none. Enter alone never says yes."""

    turned = pyqtSignal()
    """Something is asked, or nothing is any more."""
    ended = pyqtSignal()
    """Answered or taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confirm")
        self._then: Callable[[], None] | None = None
        self._question = label(wrap=True)
        font = self._question.font()
        font.setWeight(QFont.Weight.DemiBold)
        self._question.setFont(font)
        self._consequence = label(kind="small", wrap=True)
        self.no = button("Cancel", tip="Change nothing (Esc)")
        self.yes = button("")
        self.no.clicked.connect(self.end)
        self.yes.clicked.connect(self._agreed)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.no)
        row.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._question)
        column.addWidget(self._consequence)
        column.addSpacing(6)
        column.addLayout(row)
        self.hide()

    def text(self) -> str:
        """What is asked; empty while nothing is."""
        return "" if self._then is None else self._question.text()

    def ask(self, question: str, consequence: str, yes: str, kind: Kind, then: Callable[[], None]) -> None:
        """`then` is called where the answer is yes."""
        self._then = then
        self._question.setText(question)
        self._consequence.setText(consequence)
        self.setAccessibleName(f"{question} {consequence}")
        self.yes.setText(yes)
        self.yes.setAccessibleName(yes)
        set_property(self.yes, "kind", kind)
        self.show()
        self.turned.emit()
        self.no.setFocus()

    def end(self) -> None:
        """Take it back."""
        if self._then is not None:
            self._then = None
            self.hide()
            self.turned.emit()
            self.ended.emit()

    def _agreed(self) -> None:
        then = self._then
        self.end()
        if then is not None:
            then()
