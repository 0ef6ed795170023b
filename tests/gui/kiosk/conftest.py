"""A kiosk's window on a fake kiosk, and the check that ending it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.kiosk.options import ScreenOptions
from faceapp.gui.kiosk.window import KioskWindow
from faceapp.gui.theme import Theme
from tests.fakes.kiosk import FakeKiosk
from tests.gui.conftest import Clock, let_go


class FakePanel(QWidget):
    """The administrator's page, as far as the window knows it."""

    leave_full_screen = pyqtSignal()
    quit_kiosk = pyqtSignal()
    closed = pyqtSignal()

    def __init__(self, control: KioskControl, theme: Theme) -> None:
        super().__init__()
        self.control, self.theme = control, theme
        column = QVBoxLayout(self)
        column.addWidget(QPushButton("Something"))


class Kiosk:
    """A window and what it stands on."""

    def __init__(self, window: KioskWindow, fake: FakeKiosk, clock: Clock) -> None:
        self.window, self.fake, self.clock = window, fake, clock

    def tick(self, seconds: float = 0.033) -> None:
        """Time passes, and the window looks."""
        self.clock.tick(seconds)
        self.window.poll()

    def settle(self) -> None:
        """Two seconds of ticks: nothing is held back any more."""
        for _ in range(60):
            self.tick()

    @property
    def headline(self) -> str:
        message = self.window.screen_page.sheet.message
        return message.headline if message is not None else ""

    def type_pin(self, pin: str) -> None:
        self.window.pin_pad.field.setText(pin)
        self.window.pin_pad.submit()

    def administer(self) -> FakePanel:
        """Open the administrator's page."""
        self.window.ask_pin()
        self.type_pin(self.fake.pin or "")
        assert isinstance(self.window.panel, FakePanel)
        return self.window.panel


def everything_said(root: QWidget) -> str:
    """All texts that can be read or heard of a window."""
    parts = []
    for widget in [root, *root.findChildren(QWidget)]:
        parts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(), widget.windowTitle()]
        for kind in (QLabel, QPushButton):
            if isinstance(widget, kind):
                parts.append(widget.text())
    return "\n".join(parts)


MakeKiosk = Callable[..., Kiosk]


@pytest.fixture
def make_kiosk(qapp: QApplication, qtbot: QtBot, theme: Theme, clock: Clock) -> Iterator[MakeKiosk]:
    """Opens a kiosk whose timers rest: the test calls what they would call."""
    windows: list[KioskWindow] = []

    def make(fake: FakeKiosk | None = None, options: ScreenOptions | None = None) -> Kiosk:
        fake = fake or FakeKiosk()
        window = KioskWindow(fake, theme, options or ScreenOptions("en"), clock, FakePanel)
        windows.append(window)
        window.begin()
        qtbot.waitUntil(window.isActiveWindow)
        for timer in window.timers():
            timer.stop()
        kiosk = Kiosk(window, fake, clock)
        kiosk.tick()
        return kiosk

    yield make
    let_go(windows, KioskWindow.end)


@pytest.fixture
def kiosk(make_kiosk: MakeKiosk) -> Kiosk:
    return make_kiosk()


@pytest.fixture
def verifying(make_kiosk: MakeKiosk) -> Kiosk:
    """A kiosk that wants a badge first."""
    fake = FakeKiosk()
    fake.now_mode = "verify"
    fake.show("badge")
    return make_kiosk(fake)
