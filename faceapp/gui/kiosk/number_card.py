"""Verify mode without a badge at hand: somebody types their number."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from faceapp.gui.kiosk.badge_reader import LONGEST
from faceapp.gui.kiosk.keypad import PadCard
from faceapp.gui.kiosk.looks import Look
from faceapp.gui.kiosk.messages import translate


class NumberCard(PadCard):
    """Emits what was typed, and forgets it."""

    entered = pyqtSignal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, LONGEST, parent)
        self.back.setProperty("pad", "back")
        self.retranslate()

    def submit(self) -> None:
        """Hand over the number, if there is one."""
        text = self.field.text().strip()
        self.field.clear()
        if text:
            self.entered.emit(text)

    def retranslate(self) -> None:
        """Say everything again."""
        self.title.setText(translate("Kiosk", "Type your number"))
        self.sentence.setText(translate("Kiosk", "Then look at the camera."))
        self.field.setAccessibleName(translate("Kiosk", "Your number"))
        self.back.setText(translate("Kiosk", "Back"))
        self.back.setAccessibleName(self.back.text())
