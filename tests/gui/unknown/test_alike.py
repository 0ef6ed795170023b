"""An unknown face that looks like somebody else's: after it is stored both can be asked for a badge."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from faceapp.app.live_types import Lookalike, SnapshotState
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.unknown.page import UnknownDialog
from tests.fakes.inbox import entry
from tests.fakes.live import FakeSession, person
from tests.gui.admin.conftest import rest

ADA = Lookalike("id-Ada Lovelace", "Ada Lovelace")
CROP = np.full((200, 160, 3), 120, np.uint8)


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession(person("Ada Lovelace"))
    session.kiosk.pin = None
    session.fake_inbox.put(entry("a"), entry("b"))
    session.fake_inbox.examined = SnapshotState("ready", 1.0, CROP, 82.0, lookalikes=(ADA,))
    return session


@pytest.fixture
def page(window: LiveWindow, session: FakeSession) -> UnknownDialog:
    next(a for a in window.actions() if "Unknown" in a.text()).trigger()
    dialog = window.findChild(UnknownDialog)
    assert dialog is not None
    rest(dialog)
    dialog.choose(0)
    dialog.enrol_chosen()
    return dialog


def store(page: UnknownDialog, name: str) -> None:
    page.enrolling.ready.name.setText(name)
    page.enrolling.save()


def required(session: FakeSession) -> list[object]:
    return [c for c in session.kiosk.fake_rights.calls if isinstance(c, tuple) and c[0] == "require_badge"]


def test_both_can_be_asked_for_a_badge(page: UnknownDialog, session: FakeSession, qtbot: QtBot) -> None:
    store(page, "Mae")
    after = page.enrolling.after
    assert page.is_enrolling
    assert (after.isVisible(), page.enrolling.ready.isVisible()) == (True, False)
    assert "Ada Lovelace and Mae look alike" in after.alike.text()
    qtbot.mouseClick(after.badges, Qt.MouseButton.LeftButton)
    assert required(session) == [("require_badge", "id-Mae"), ("require_badge", "id-Ada Lovelace")]
    assert after.asked.isVisible()
    qtbot.mouseClick(after.done, Qt.MouseButton.LeftButton)
    assert not page.is_enrolling
    assert page.line.text == "Mae is known from now on."
    page.choose(0)
    page.enrol_chosen()
    assert (after.isVisible(), page.enrolling.ready.isVisible()) == (False, True), "the next one begins with its name"


def test_esc_is_done_and_asks_nobody_for_anything(page: UnknownDialog, session: FakeSession, qtbot: QtBot) -> None:
    store(page, "Mae")
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert (page.isVisible(), page.is_enrolling) == (True, False)
    assert page.line.text == "Mae is known from now on."
    assert required(session) == []


def test_who_looks_like_nobody_else_is_simply_stored(page: UnknownDialog) -> None:
    store(page, "Ada Lovelace")
    assert not page.is_enrolling
    assert page.line.text == "Ada Lovelace has one more photo."
