"""The live window's way to the rights: behind the PIN."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.errors import UnavailableError
from faceapp.gui.admin.door_rights import DoorRightsDialog
from faceapp.gui.main_window import LiveWindow
from tests.fakes.kiosk import RIGHT_PIN, right
from tests.fakes.live import FakeSession
from tests.gui.admin.conftest import rest
from tests.gui.conftest import MakeWindow


def opened(window: LiveWindow) -> DoorRightsDialog:
    action = next(a for a in window.actions() if "rights" in a.text())
    action.trigger()
    dialog = window.findChild(DoorRightsDialog)
    assert dialog is not None
    rest(dialog)
    return dialog


def type_pin(dialog: DoorRightsDialog, *pins: str) -> None:
    for pin in pins:
        dialog.pad.field.setText(pin)
        dialog.pad.submit()


def test_nothing_is_shown_before_the_right_pin(window: LiveWindow, session: FakeSession) -> None:
    session.kiosk.fake_rights.people = [right("Ada")]
    dialog = opened(window)
    type_pin(dialog, "000000")
    assert dialog.panel is None
    type_pin(dialog, RIGHT_PIN)
    assert dialog.panel is not None
    assert dialog.panel.model.rowCount() == 1
    dialog.panel.person.allow.click()
    assert session.kiosk.fake_rights.calls == [("allow", "id-Ada", None)]
    rest(dialog)
    dialog.reject()


def test_without_a_pin_one_is_chosen_first(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    session.kiosk.pin = None
    dialog = opened(window)
    assert dialog.close_button.isVisible()
    type_pin(dialog, "161803", "161803")
    assert session.kiosk.pin == "161803"
    assert dialog.panel is not None
    qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_closed_it_is_locked_again(window: LiveWindow) -> None:
    first = opened(window)
    type_pin(first, RIGHT_PIN)
    first.reject()
    QApplication.processEvents()
    again = opened(window)
    assert again is not first
    assert again.panel is None
    again.reject()


def test_a_pin_that_cannot_be_read_is_no_missing_pin(
    make_window: MakeWindow, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered() -> bool:
        raise UnavailableError("the PIN's file was altered: restore it from a backup")

    monkeypatch.setattr(session.kiosk, "has_pin", altered)
    window = make_window(session)
    next(a for a in window.actions() if "rights" in a.text()).trigger()
    assert window.stage.banners.texts() == ["the PIN's file was altered: restore it from a backup"]
    assert all(not d.isVisible() for d in window.findChildren(DoorRightsDialog))
