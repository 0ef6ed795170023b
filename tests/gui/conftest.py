"""A window on a fake session, and the check that closing it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from faceapp.gui.main_window import LiveWindow
from faceapp.gui.theme import Theme
from tests.fakes.live import FakeSession

SECOND = 1_000_000_000


class Clock:
    """Monotonic nanoseconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100 * SECOND

    def __call__(self) -> int:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


def let_go(windows: Iterable[QWidget], close: Callable[[Any], object] = QWidget.close) -> None:
    """Close and delete these windows: then there is none at all, or the test fails."""
    for window in windows:
        close(window)
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    assert QApplication.topLevelWidgets() == [], "closing the window left these behind"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    dressed = qapp.findChild(Theme)
    if dressed is None:
        dressed = Theme(qapp)
        dressed.apply()
    dressed.choose("light")
    return dressed


MakeWindow = Callable[[FakeSession], LiveWindow]


@pytest.fixture
def make_window(qapp: QApplication, qtbot: QtBot, theme: Theme, clock: Clock) -> Iterator[MakeWindow]:
    """Opens a 1280 x 800 window whose timers rest: the test calls what they would call."""
    windows: list[LiveWindow] = []

    def make(session: FakeSession) -> LiveWindow:
        window = LiveWindow(session, theme, clock=clock)
        windows.append(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        for timer in window.timers():
            timer.stop()
        return window

    yield make
    let_go(windows)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def window(make_window: MakeWindow, session: FakeSession) -> LiveWindow:
    return make_window(session)
