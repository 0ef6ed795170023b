"""The administrator's PIN before something that gives somebody the door."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import PinControl
from faceapp.gui.kiosk.looks import look_for
from faceapp.gui.kiosk.pin_pad import PinPad
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import fit_to_screen, label

_SIZE = QSize(760, 500)


class PinQuestion(QDialog):
    """Says why, and asks for the PIN; `accepted` only with the right one. Nobody chooses a first one here.

    Raises a KnownError where it can't be told whether there is a PIN.
    """

    def __init__(self, why: str, pin: PinControl, theme: Theme, parent: QWidget) -> None:
        pin.has_pin()  # where that can't be told nothing is begun
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("Administrator's PIN")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setProperty("touch", "yes")
        self.why = label(why, wrap=True)
        self.pad = PinPad(pin, look_for(theme.tokens, theme.high_contrast))
        self.pad.begin(may_choose=False)
        self.pad.accepted.connect(self.accept)
        self.pad.cancelled.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.why)
        column.addWidget(self.pad, 1)
        theme.changed.connect(self._restyle)
        fit_to_screen(self, _SIZE)

    def _restyle(self) -> None:
        self.pad.set_look(look_for(self._theme.tokens, self._theme.high_contrast))
