"""The live window's way to the rights: the administrator's PIN first, then who may open the door."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import PinControl, RightsControl
from faceapp.gui.admin.rights import RightsPanel
from faceapp.gui.kiosk.looks import look_for
from faceapp.gui.kiosk.pin_pad import PinPad
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, fit_to_screen, label

_PAD, _RIGHTS = QSize(760, 460), QSize(980, 680)


class DoorRightsDialog(QDialog):
    """Asks for the PIN, or has one chosen where there is none, and shows the rights. Closing it locks them again.

    Raises a KnownError where it can't be told whether there is a PIN.
    """

    def __init__(self, rights: RightsControl, pin: PinControl, theme: Theme, parent: QWidget) -> None:
        pin.has_pin()  # where that can't be told nothing is begun
        super().__init__(parent)
        self._rights = rights
        self._theme = theme
        self.panel: RightsPanel | None = None
        self.setWindowTitle(self.tr("Door rights"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setProperty("touch", "yes")
        self.pad = PinPad(pin, look_for(theme.tokens, theme.high_contrast))
        self.pad.accepted.connect(self._unlock)
        self.pad.cancelled.connect(self.reject)
        self.close_button = button(self.tr("Close"))
        self.close_button.clicked.connect(self.reject)
        self._note = label(self.tr("Every change is written to the audit log."), kind="small", wrap=True)
        self._note.hide()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.pad)
        foot = QHBoxLayout()
        foot.addWidget(self._note, 1)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._pages, 1)
        column.addLayout(foot)
        # The pad has a way back of its own, but none out of choosing a first PIN.
        self.close_button.setVisible(self.pad.is_choosing)
        theme.changed.connect(self._restyle)
        self._resize(_PAD)

    def _unlock(self) -> None:
        if self.panel is not None:
            return
        self.panel = RightsPanel(self._rights, self._theme)
        self._pages.addWidget(self.panel)
        self._pages.setCurrentWidget(self.panel)
        self._note.show()
        self.close_button.show()
        self._resize(_RIGHTS)
        self.panel.setFocus()

    def _resize(self, wanted: QSize) -> None:
        fit_to_screen(self, wanted)

    def _restyle(self) -> None:
        self.pad.set_look(look_for(self._theme.tokens, self._theme.high_contrast))
