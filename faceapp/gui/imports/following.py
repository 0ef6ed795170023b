"""A dialog that follows what goes on in the background while somebody sees it."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PyQt6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.import_types import ImportsControl
from faceapp.gui.widgets import fit_to_screen

_LOOK_MS = 200


class FollowingDialog(QDialog):
    """Closing it ends nothing, and the window below stays usable."""

    def __init__(self, imports: ImportsControl, title: str, size: QSize, least: QSize, parent: QWidget) -> None:
        super().__init__(parent)
        self._imports = imports
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(least)
        self.pages = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.addWidget(self.pages)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.refresh)
        fit_to_screen(self, size)

    def refresh(self) -> None:
        """Show the page of what goes on now."""
        raise NotImplementedError

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Enter is for the field or button that has the focus. It would press another one besides: of the page that
        has just come."""
        if a0 is not None and a0.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            a0.accept()
        else:
            super().keyPressEvent(a0)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Follow what goes on."""
        super().showEvent(a0)
        self.refresh()
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Nobody sees it."""
        self._timer.stop()
        super().hideEvent(a0)

    def _seen(self) -> None:
        if self.isVisible():
            self._imports.seen()
