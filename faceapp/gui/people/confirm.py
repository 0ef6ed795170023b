"""The question before people are deleted, and how far that has come."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from faceapp.gui.widgets import button, label

CONSEQUENCE = "Removes all their photos and templates, from the backups as well. It can't be undone."


def how_many(count: int) -> str:
    """So many people, in words."""
    return "1 person" if count == 1 else f"{count:,} people"


def whom(names: Sequence[str]) -> str:
    """The first few by name."""
    if len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3:,} more"


def gone_words(names: Sequence[str]) -> str:
    """That these had been deleted already, elsewhere."""
    return f"{whom(names)} {'was' if len(names) == 1 else 'were'} gone already."


class Confirm(QFrame):
    """Hidden until it asks. Nothing is removed before the answer."""

    answered = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confirm")
        self.question = label(wrap=True)
        font = self.question.font()
        font.setWeight(QFont.Weight.DemiBold)
        self.question.setFont(font)
        self.names = label(kind="muted", wrap=True)
        self.consequence = label(CONSEQUENCE, kind="small", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.keep = button("Cancel", tip="Keep them (Esc)")
        self.keep.clicked.connect(lambda: self.answered.emit(False))
        self.remove = button("Delete", kind="danger")
        self.remove.clicked.connect(lambda: self.answered.emit(True))
        words = QVBoxLayout()
        words.setSpacing(4)
        for part in (self.question, self.names, self.consequence, self.bar):
            words.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 12, 12)
        row.setSpacing(8)
        row.addLayout(words, 1)
        row.addWidget(self.keep)
        row.addWidget(self.remove)
        self.hide()

    def ask(self, names: Sequence[str]) -> None:
        """Ask whether these are to be deleted."""
        self.question.setText(f"Delete {how_many(len(names))}?")
        self.setAccessibleName(self.question.text())
        self.names.setText(whom(names))
        self.remove.setText(f"Delete {how_many(len(names))}")
        self.remove.setAccessibleName(self.remove.text())
        self._set_working(False)
        self.show()
        self.keep.setFocus()

    def work(self, count: int) -> None:
        """They are being deleted."""
        self.question.setText(f"Deleting {how_many(count)} …")
        self.setAccessibleName(self.question.text())
        self.bar.setValue(0)
        self._set_working(True)

    def show_progress(self, part: float | None) -> None:
        """What part is done, 0 to 1."""
        if part is not None:
            self.bar.setValue(round(100 * part))

    def _set_working(self, working: bool) -> None:
        self.bar.setVisible(working)
        for asking in (self.names, self.consequence, self.keep, self.remove):
            asking.setVisible(not working)
