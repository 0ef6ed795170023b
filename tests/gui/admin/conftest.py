"""The administrator's pages on a fake kiosk, and the check that closing them leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.kiosk.types import Explained, WeeklyHours
from faceapp.gui.admin.panel import AdminPanel
from faceapp.gui.theme import Theme
from tests.fakes.kiosk import FakeKiosk, explained, right
from tests.gui.conftest import Clock, let_go

WEEK = (WeeklyHours(frozenset(range(5)), "07:00", "19:00"), WeeklyHours(frozenset({5}), "08:00", "12:00"))

ADA: Explained = explained(
    1, "Ada", runner_up="Bob", distance=0.31, threshold=0.45, runner_up_distance=0.92, margin_needed=0.05, votes=5,
    votes_needed=5, frames=8, height=210.0, min_height=64.0, quality=71.0, min_quality=15.0, latency_ms=42.0,
    waited_ms=300.0, provider="CPU, INT8",
)  # fmt: skip


@pytest.fixture
def fake() -> FakeKiosk:
    return FakeKiosk(
        right("Ada", "allow"),
        replace(right("Bob", "allow"), hours=WEEK, badges=2),
        right("Christine", "deny"),
        replace(right("Dorothy", groups=("Staff",)), allowed=True),
        right("Grace", "allow", active=False),
        right("Zoë Ångström"),
    )


def rest(widget: QWidget) -> None:
    """From now on nothing runs by itself."""
    for timer in widget.findChildren(QTimer):
        timer.stop()


@pytest.fixture
def panel(qapp: QApplication, qtbot: QtBot, theme: Theme, clock: Clock, fake: FakeKiosk) -> Iterator[AdminPanel]:
    shown = AdminPanel(fake, theme, clock=clock)
    shown.resize(1280, 800)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    rest(shown)
    yield shown
    let_go([shown])
