"""What the kiosk's window needs of the administrator's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from PyQt6.QtCore import pyqtBoundSignal
from PyQt6.QtWidgets import QWidget

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.theme import Theme


class AdminPage(Protocol):
    """The signals of the page, a QWidget."""

    @property
    def leave_full_screen(self) -> pyqtBoundSignal: ...

    @property
    def quit_kiosk(self) -> pyqtBoundSignal: ...

    @property
    def closed(self) -> pyqtBoundSignal: ...


MakePanel: TypeAlias = Callable[[KioskControl, Theme], QWidget]


def admin_panel(control: KioskControl, theme: Theme) -> QWidget:
    """The real page, loaded when it is first asked for."""
    from faceapp.gui.admin.panel import AdminPanel

    return AdminPanel(control, theme, mirrored=True)
