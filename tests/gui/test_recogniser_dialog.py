"""Changing the embedder in the window: the cost before the button, the progress, and what it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.switch_types import SwitchDone, SwitchState, duration
from faceapp.errors import UnavailableError
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.recogniser_dialog import ASKING, RecogniserDialog
from tests.fakes.live import FakeSession
from tests.fakes.switching import CHOICES, COST


@pytest.fixture
def dialog(window: LiveWindow, qtbot: QtBot) -> RecogniserDialog:
    qtbot.mouseClick(window.settings.change, Qt.MouseButton.LeftButton)
    found = window.findChild(RecogniserDialog)
    assert found is not None
    found._poll.stop()
    return found


def choose(dialog: RecogniserDialog, session: FakeSession, row: int) -> None:
    if not session.fake_switch.answer.done():
        session.fake_switch.answer.set_result(CHOICES)
    dialog._answers.look()
    dialog.list.setCurrentRow(row)
    dialog._settle.stop()
    dialog.ask()


def test_the_panel_says_which_is_in_use(window: LiveWindow) -> None:
    assert window.settings.recogniser.text() == "facenet+dlib"
    assert "concatenated" in window.settings.recogniser.toolTip()
    assert window.settings.change.accessibleName() == "Change the recogniser"


def test_the_cost_stands_before_the_button(dialog: RecogniserDialog, session: FakeSession, qtbot: QtBot) -> None:
    assert not dialog.change.isEnabled()
    choose(dialog, session, 1)
    assert [dialog.list.item(k).text().split("\n")[0] for k in range(3)] == [  # type: ignore[union-attr]  # there are three
        "facenet+dlib (in use)",
        "facenet-512",
        "mine (cannot be used yet)",
    ]
    assert dialog.told.text() == ASKING
    assert dialog.licence.text() == "Licence: MIT"
    assert not dialog.change.isEnabled()
    session.fake_switch.costs["facenet-512"].set_result(COST)
    dialog._answers.look()
    text = dialog.told.text()
    assert "40 photos of 12 people are embedded again from kept pictures: about 7 seconds" in text
    assert "2 people must be photographed again: Ada, Bob" in text
    assert "A face costs 18 ms here" in text
    assert "Until that is done and faceapp is started again, facenet+dlib stays in use" in text
    assert session.fake_switch.calls == [("cost", "facenet-512")]
    qtbot.mouseClick(dialog.change, Qt.MouseButton.LeftButton)
    assert session.fake_switch.calls[-1] == ("begin", "facenet-512")


def test_what_cannot_be_used_says_why_and_costs_nothing(dialog: RecogniserDialog, session: FakeSession) -> None:
    choose(dialog, session, 2)
    assert dialog.told.text() == "It cannot be used: there are no thresholds for mine yet."
    assert not dialog.change.isEnabled()
    assert session.fake_switch.calls == []


def test_the_answer_of_another_row_is_not_shown(dialog: RecogniserDialog, session: FakeSession) -> None:
    choose(dialog, session, 1)
    choose(dialog, session, 0)
    session.fake_switch.costs["facenet-512"].set_result(COST)
    dialog._answers.look()
    assert dialog.told.text() == ASKING
    session.fake_switch.costs["facenet+dlib"].set_result(
        replace(COST, embedder="facenet+dlib", photos=0, ready=40, again=(), lost=0, negatives=0)
    )
    dialog._answers.look()
    assert dialog.told.text().startswith("•  It is the one in force")
    assert not dialog.change.isEnabled()


def test_a_refusal_is_told(dialog: RecogniserDialog, session: FakeSession) -> None:
    choose(dialog, session, 1)
    session.fake_switch.costs["facenet-512"].set_exception(UnavailableError("the key is missing: bring it back"))
    dialog._answers.look()
    assert dialog.told.text() == "The key is missing: bring it back"
    assert not dialog.change.isEnabled()


def test_progress_cancel_and_end(dialog: RecogniserDialog, session: FakeSession, qtbot: QtBot) -> None:
    switch = session.fake_switch
    choose(dialog, session, 1)
    switch.now_state = SwitchState("embedding", "facenet-512", 10, 40)
    dialog.list.setCurrentRow(-1)
    dialog.refresh()
    assert dialog.bar.value() == dialog.bar.maximum() // 4
    assert "10 of 40 photos" in dialog.told.text()
    assert not dialog.list.isEnabled()
    assert dialog.change.isHidden()
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert switch.calls[-1] == "cancel"
    switch.now_state = replace(switch.now_state, cancelling=True)
    dialog.refresh()
    assert "Ending after the photo at hand" in dialog.told.text()
    assert not dialog.cancel.isEnabled()
    switch.now_state = SwitchState("cancelled", "facenet-512")
    dialog.refresh()
    assert "was cancelled. facenet+dlib stays in use" in dialog.told.text()
    switch.now_state = SwitchState("failed", "facenet-512", problem="The disk is full.")
    dialog.refresh()
    assert dialog.told.text() == "The recogniser was not changed: The disk is full."
    done = SwitchDone("facenet-512", True, 40, ("Ada",), (), True)
    switch.now_state = SwitchState("done", "facenet-512", 40, 40, result=done)
    dialog.refresh()
    assert "facenet-512 is ready: close faceapp and start it again to use it." in dialog.told.text()
    assert "To be photographed again: Ada." in dialog.told.text()
    assert dialog.bar.isHidden()


def test_opened_again_it_shows_what_goes_on(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    session.fake_switch.now_state = SwitchState("embedding", "facenet-512")
    window.settings.change.click()
    dialog = window.findChild(RecogniserDialog)
    assert dialog is not None
    assert "starting" in dialog.told.text()
    assert dialog.cancel.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert "cancel" not in session.fake_switch.calls
    QApplication.processEvents()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "about a second"), (12.3, "about 12 seconds"), (600, "about 10 minutes"), (9000, "about 2.5 hours")],
)
def test_durations_are_rough(seconds: float, said: str) -> None:
    assert duration(seconds) == said
