"""Enrolment by snapshot, from the button to the name."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.live_types import SnapshotState
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.pin_question import PinQuestion
from faceapp.gui.snapshot_pages import name_hint, quality_words
from faceapp.gui.snapshot_sheet import SnapshotSheet
from faceapp.types import PersonSummary
from tests.fakes.kiosk import RIGHT_PIN
from tests.fakes.live import CREATED, FakeSession, person
from tests.gui.conftest import MakeWindow

BEGUN = ("begin_snapshot", True, 0)
CROP = np.full((200, 160, 3), 120, np.uint8)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(person("Ada Lovelace"), person("Grace Hopper", 2))


@pytest.fixture
def sheet(window: LiveWindow, session: FakeSession) -> SnapshotSheet:
    """Open, one photo taken, waiting for the name."""
    window.begin_snapshot()
    return taken(window, session)


def taken(window: LiveWindow, session: FakeSession, known_as: str | None = None, *hints: str) -> SnapshotSheet:
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 86.0, hints, None, known_as)
    window.stage.sheet.follow()
    return window.stage.sheet


def focused() -> str:
    widget = QApplication.focusWidget()
    return widget.accessibleName() if widget is not None else ""


def test_the_button_and_its_key_open_the_sheet(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert window.stage.sheet.isVisible()
    assert window.stage.sheet.phase == "collecting"
    assert not window.enrol.isEnabled(), "one at a time"
    assert session.calls == [BEGUN]
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    window.stage.sheet.cancel()
    qtbot.mouseClick(window.enrol, Qt.MouseButton.LeftButton)
    assert window.stage.sheet.isVisible()


def test_without_a_picture_there_is_no_snapshot(window: LiveWindow, session: FakeSession) -> None:
    session.now_phase = "failed"
    window.refresh()
    window.begin_snapshot()
    assert not window.enrol.isEnabled()
    assert session.calls == []


def test_a_name_and_enter_enrol(window: LiveWindow, sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot) -> None:
    assert sheet.phase == "ready"
    assert focused() == "Name"
    assert not sheet.ready.save.isEnabled()
    qtbot.keyClicks(sheet.ready.name, "  Mae   Jemison ")
    assert sheet.ready.save.isEnabled()
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    assert ("enroll", "Mae Jemison") in session.calls
    assert sheet.phase == "stored"
    assert sheet.stored.title.text() == "Mae Jemison is known from now on"
    assert [p.name for p in window.people.persons] == ["Ada Lovelace", "Grace Hopper", "Mae Jemison"]
    assert focused() == "Done"
    qtbot.keyClick(sheet.stored.done, Qt.Key.Key_Return)
    assert not sheet.isVisible()
    assert window.enrol.isEnabled()


def asked_pin(window: LiveWindow) -> PinQuestion:
    [question] = [w for w in window.findChildren(PinQuestion) if w.isVisible()]
    return question


def type_pin(question: PinQuestion, pin: str) -> None:
    question.pad.field.setText(pin)
    question.pad.submit()


def test_a_photo_for_somebody_who_has_the_door_needs_the_pin(
    window: LiveWindow, sheet: SnapshotSheet, session: FakeSession
) -> None:
    session.fake_people.with_door = frozenset({"Ada Lovelace"})
    sheet.ready.name.setText("ada lovelace")
    sheet.save()
    question = asked_pin(window)
    assert "may open the door" in question.why.text()
    type_pin(question, "999999")
    assert "not the PIN" in question.pad.problem.text()
    question.pad.cancel()
    assert sheet.phase == "ready", "nothing is lost"
    assert not [c for c in session.calls if c == ("enroll", "ada lovelace")]
    sheet.save()
    type_pin(asked_pin(window), RIGHT_PIN)
    assert ("enroll", "ada lovelace") in session.calls
    assert sheet.phase == "stored"


def test_whoever_has_no_door_needs_no_pin_nor_does_a_site_without_one(
    window: LiveWindow, sheet: SnapshotSheet, session: FakeSession
) -> None:
    session.fake_people.with_door = frozenset({"Ada Lovelace"})
    sheet.ready.name.setText("Grace Hopper")
    sheet.save()
    assert ("enroll", "Grace Hopper") in session.calls
    session.kiosk.pin = None
    sheet.cancel()
    window.begin_snapshot()
    taken(window, session).ready.name.setText("Ada Lovelace")
    sheet.save()
    assert ("enroll", "Ada Lovelace") in session.calls


def test_a_photo_that_is_taken_away_meanwhile_is_not_stored(
    window: LiveWindow, sheet: SnapshotSheet, session: FakeSession
) -> None:
    session.fake_people.with_door = frozenset({"Ada Lovelace"})
    sheet.ready.name.setText("Ada Lovelace")
    sheet.save()
    session.now_snapshot = SnapshotState("idle")
    sheet.follow()
    type_pin(asked_pin(window), RIGHT_PIN)
    assert "enroll" not in str(session.calls)


def test_enter_without_a_name_asks_for_one(sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot) -> None:
    qtbot.keyClicks(sheet.ready.name, "  ")
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    assert sheet.ready.refusal.text() == "Type a name first."
    assert "enroll" not in str(session.calls)


def test_esc_throws_the_photo_away(sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot) -> None:
    qtbot.keyClicks(sheet.ready.name, "Mae")
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert session.calls == [BEGUN, "cancel_snapshot"]


def test_a_name_that_exists_says_what_saving_does(sheet: SnapshotSheet) -> None:
    sheet.ready.name.setText("ada lovelace")
    assert sheet.ready.hint.text() == "This adds a second photo to Ada Lovelace."
    sheet.ready.name.setText("Grace Hopper")
    assert sheet.ready.hint.text() == "This adds a third photo to Grace Hopper."
    sheet.ready.name.setText("Somebody new")
    assert not sheet.ready.hint.isVisible()


def test_a_face_that_is_known_is_said_and_one_press_takes_the_name(
    window: LiveWindow, session: FakeSession, qtbot: QtBot
) -> None:
    window.begin_snapshot()
    sheet = taken(window, session, "Grace Hopper")
    assert sheet.ready.name.text() == "", "nobody is added to without a person's choice"
    assert sheet.ready.hint.text() == "This looks like Grace Hopper, who is enrolled already."
    qtbot.mouseClick(sheet.ready.use_known, Qt.MouseButton.LeftButton)
    assert sheet.ready.name.text() == "Grace Hopper"
    assert sheet.ready.hint.text() == "This adds a third photo to Grace Hopper."


def test_the_guest_of_the_demonstration_can_be_enrolled(make_window: MakeWindow, qtbot: QtBot) -> None:
    session = FakeSession(PersonSummary("guest", "Eileen Collins", 1, CREATED, True, guest=True))
    window = make_window(session)
    window.begin_snapshot()
    sheet = taken(window, session, "Eileen Collins")
    assert sheet.ready.hint.text() == "This looks like Eileen Collins."
    qtbot.mouseClick(sheet.ready.use_known, Qt.MouseButton.LeftButton)
    assert sheet.ready.name.text() == "Eileen Collins"
    assert "photo" not in sheet.ready.hint.text(), "there is no first one to add to"


def test_the_wrong_name_for_a_known_face_is_pointed_out(window: LiveWindow, session: FakeSession) -> None:
    window.begin_snapshot()
    sheet = taken(window, session, "Grace Hopper")
    sheet.ready.name.setText("Ada Lovelace")
    assert sheet.ready.hint.text().endswith("But this looks like Grace Hopper.")
    sheet.ready.name.setText("Somebody new")
    assert sheet.ready.use_known.isVisible(), "it is asked until the name is hers"
    sheet.ready.use_known.click()
    assert sheet.ready.name.text() == "Grace Hopper"
    assert not sheet.ready.use_known.isVisible()


def test_names_are_completed(sheet: SnapshotSheet, qtbot: QtBot) -> None:
    completer = sheet.ready.name.completer()
    assert completer is not None
    completer.setCompletionPrefix("love")
    assert completer.currentCompletion() == "Ada Lovelace"


def test_a_refusal_is_shown_and_nothing_is_lost(sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot) -> None:
    session.refuse = "The gallery is locked: close the other faceapp."
    qtbot.keyClicks(sheet.ready.name, "Mae")
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert sheet.ready.refusal.isVisible()
    assert sheet.ready.refusal.text() == session.refuse
    session.refuse = None
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    assert sheet.phase == "stored"


def test_while_the_gallery_is_busy_the_sheet_says_so_and_the_window_lives(
    window: LiveWindow, sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot
) -> None:
    """Another program may hold the database for seconds: the picture goes on, and the photo is not thrown away."""
    gate = session.fake_people.gate
    gate.shut()
    qtbot.keyClicks(sheet.ready.name, "Mae")
    qtbot.mouseClick(sheet.ready.save, Qt.MouseButton.LeftButton)
    assert sheet.isVisible()
    assert sheet.ready.save.text() == "Saving …"
    assert focused() == "Name"
    qtbot.keyClicks(sheet.ready.name, "x")
    assert sheet.ready.name.text() == "Mae", "it is too late for another name"
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Escape)
    for b in (sheet.ready.cancel, sheet.ready.retake, sheet.ready.save):
        qtbot.mouseClick(b, Qt.MouseButton.LeftButton)
    session.now_snapshot = SnapshotState("idle")  # the session forgets it a moment before it answers
    sheet.follow()
    assert sheet.isVisible()
    assert session.calls == [BEGUN, ("enroll", "Mae")]
    gate.open()
    qtbot.waitUntil(lambda: sheet.phase == "stored")
    assert sheet.stored.title.text() == "Mae is known from now on"
    assert "Mae" in [p.name for p in window.people.persons]


def test_a_late_refusal_is_shown_and_it_can_be_saved_again(
    sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot
) -> None:
    gate = session.fake_people.gate
    gate.shut()
    session.refuse = "The gallery is locked: close the other faceapp."
    qtbot.keyClicks(sheet.ready.name, "Mae")
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    gate.open()
    qtbot.waitUntil(lambda: sheet.ready.refusal.text() == session.refuse)
    assert sheet.ready.refusal.isVisible()
    assert (sheet.ready.save.text(), sheet.ready.save.isEnabled()) == ("Save", True)
    assert sheet.ready.cancel.isEnabled()
    session.refuse = None
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    assert sheet.phase == "stored"


def test_no_face_is_said_and_can_be_tried_again(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    window.begin_snapshot()
    session.now_snapshot = SnapshotState("failed", problem="No face was seen: look at the camera and try again.")
    window.stage.sheet.follow()
    sheet = window.stage.sheet
    assert sheet.phase == "failed"
    assert sheet.failed.problem.text() == "No face was seen: look at the camera and try again."
    assert focused() == "Try again"
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Return)
    assert sheet.phase == "collecting"
    assert session.calls == [BEGUN, BEGUN]


def test_another_photo_keeps_the_name_typed_so_far(
    window: LiveWindow, sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot
) -> None:
    qtbot.keyClicks(sheet.ready.name, "Mae")
    qtbot.mouseClick(sheet.ready.retake, Qt.MouseButton.LeftButton)
    assert sheet.phase == "collecting"
    taken(window, session)
    assert sheet.ready.name.text() == "Mae"


def test_quality_and_hints_are_told(window: LiveWindow, session: FakeSession) -> None:
    window.begin_snapshot()
    sheet = taken(window, session, None, "More light would help.", "Come closer.")
    assert sheet.ready.quality.text() == "Very good photo, quality 86 of 100"
    assert sheet.ready.hints.text() == "More light would help.\nCome closer."
    assert quality_words(20) == "Poor photo, quality 20 of 100"


def test_tab_stays_on_the_sheet(sheet: SnapshotSheet, qtbot: QtBot) -> None:
    sheet.ready.name.setText("Mae")
    order = []
    for _ in range(6):
        order.append(focused())
        qtbot.keyClick(QApplication.focusWidget() or sheet, Qt.Key.Key_Tab)
    assert order == ["Name", "Consent was given", "Cancel", "Retake", "Save", "Name"]
    qtbot.keyClick(QApplication.focusWidget() or sheet, Qt.Key.Key_Backtab)
    qtbot.keyClick(QApplication.focusWidget() or sheet, Qt.Key.Key_Backtab)
    assert focused() == "Save"


def test_changing_the_camera_ends_it(window: LiveWindow, sheet: SnapshotSheet, session: FakeSession) -> None:
    session.set_source("demo:")
    window.refresh()
    assert not sheet.isVisible()


def test_a_snapshot_taken_away_by_the_session_closes_the_sheet(sheet: SnapshotSheet, session: FakeSession) -> None:
    session.now_snapshot = SnapshotState("idle")
    sheet.follow()
    assert not sheet.isVisible()


def test_focus_returns_where_it_was(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    window.people.list.setFocus()
    window.begin_snapshot()
    sheet = taken(window, session)
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.people.list


def test_hints() -> None:
    assert name_hint(None, None) == ""
    assert name_hint(person("Ada", 7), None) == "This adds a further photo to Ada."


def test_enter_in_the_list_of_names_takes_one_and_another_enter_saves(
    window: LiveWindow, sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot
) -> None:
    qtbot.keyClicks(sheet.ready.name, "grace")
    completer = sheet.ready.name.completer()
    popup = completer.popup() if completer is not None else None
    assert popup is not None
    assert popup.isVisible()
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert sheet.ready.name.text() == "Grace Hopper"
    assert sheet.isVisible(), "nothing is saved yet"
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Return)
    assert ("enroll", "Grace Hopper") in session.calls


def test_esc_takes_back_one_thing_after_the_other(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    window.full_screen.trigger()
    window.begin_snapshot()
    sheet = taken(window, session)
    qtbot.keyClick(sheet.ready.name, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert window.full_screen.isChecked(), "the sheet first"
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Escape)
    assert not window.full_screen.isChecked()
