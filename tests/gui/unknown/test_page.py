"""The page of unknown faces: listed, enrolled, ignored, deleted, collected or not."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.inbox_types import InboxState
from faceapp.app.live_types import Lookalike, SnapshotState
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.pictures import to_bgr
from faceapp.gui.pin_question import PinQuestion
from faceapp.gui.unknown.collecting import QUESTION
from faceapp.gui.unknown.model import UnknownModel
from faceapp.gui.unknown.page import UnknownDialog
from faceapp.gui.unknown.words import DEMONSTRATION, NOBODY, NONE_IGNORED, NOT_KEPT, OFF
from tests.fakes.inbox import FakeInbox, entry
from tests.fakes.kiosk import RIGHT_PIN
from tests.fakes.live import CONSENT, FakeSession, person
from tests.gui.admin.conftest import rest

CROP = np.full((200, 160, 3), 120, np.uint8)


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession(person("Ada Lovelace"), person("Grace Hopper", 2))
    session.kiosk.pin = None
    session.fake_inbox.put(entry("a", 3), entry("b"), entry("c", 2), entry("x", ignored=True))
    return session


@pytest.fixture
def inbox(session: FakeSession) -> FakeInbox:
    return session.fake_inbox


@pytest.fixture
def page(window: LiveWindow, session: FakeSession) -> UnknownDialog:
    next(a for a in window.actions() if "Unknown" in a.text()).trigger()
    dialog = window.findChild(UnknownDialog)
    assert dialog is not None
    rest(dialog)
    return dialog


def shown(page: UnknownDialog) -> list[str]:
    found = (page.model.entry(page.model.index(row)) for row in range(page.model.rowCount()))
    return [e.id for e in found if e is not None]


def chosen(page: UnknownDialog) -> list[str]:
    return [e.id for e in page.entries()]


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def enrolling(page: UnknownDialog, row: int = 0) -> UnknownDialog:
    page.choose(row)
    page.enrol_chosen()
    assert page.is_enrolling
    return page


# Listed


def test_the_new_ones_are_shown_and_the_ignored_on_a_view_of_their_own(page: UnknownDialog) -> None:
    assert shown(page) == ["a", "b", "c"]
    assert (page.new.text(), page.ignored.text()) == ("New (3)", "Ignored (1)")
    assert "7 days" in page.kept.text()
    page.ignored.click()
    assert shown(page) == ["x"]
    assert page.delete.isVisible()
    assert not page.enrol.isVisible(), "no picture is kept of them"
    assert not page.ignore.isVisible()
    page.new.click()
    assert shown(page) == ["a", "b", "c"]


def test_one_who_comes_in_appears_and_the_choice_stays(page: UnknownDialog, inbox: FakeInbox) -> None:
    page.choose(1)
    inbox.put(entry("d"))
    page.refresh()
    assert shown(page) == ["d", "a", "b", "c"]
    assert chosen(page) == ["b"]
    better = replace(entry("b2"), tracks=("b", "b2"))
    inbox.rows = [better if e.id == "b" else e for e in inbox.rows]
    inbox.changes += 1
    page.refresh()
    assert chosen(page) == ["b2"], "a better picture of the same person"


def test_what_cannot_be_read_is_said_in_a_line_and_tried_again(page: UnknownDialog, inbox: FakeInbox) -> None:
    inbox.refuse = "the gallery's key is missing: put it back"
    inbox.changes += 1
    page.refresh()
    assert page.empty.isVisible()
    assert page.empty.text() == inbox.refuse
    inbox.refuse = None
    page.refresh()
    assert page.list.isVisible()
    assert shown(page) == ["a", "b", "c"]


def test_the_menu_counts_who_waits(window: LiveWindow, inbox: FakeInbox) -> None:
    menu = window._more.menu()
    assert menu is not None
    action = next(a for a in window.actions() if "Unknown" in a.text())
    menu.aboutToShow.emit()
    assert action.text() == "&Unknown faces (3) …"
    inbox.refuse = "the gallery's key is missing: put it back"
    menu.aboutToShow.emit()
    assert action.text() == "&Unknown faces …"


def test_an_empty_inbox_says_why(page: UnknownDialog, inbox: FakeInbox, session: FakeSession) -> None:
    inbox.rows = []
    inbox.changes += 1
    for state, source, text in (
        (InboxState(True, True, 7), "0", NOBODY),
        (InboxState(True, True, 7), "demo:", f"{NOBODY}\n{DEMONSTRATION}"),
        (InboxState(False, True, 7), "0", OFF),
        (InboxState(False, False, 7), "0", NOT_KEPT),
    ):
        inbox.now_state, session.now_source = state, source
        page.refresh()
        assert page.empty.isVisible()
        assert page.empty.text() == text
        assert page.switch.isEnabled() == state.possible
        assert page.switch.isChecked() == state.collecting
        assert not page.delete.isVisible()
    page.show_ignored(True)
    assert page.empty.text() == NONE_IGNORED


def test_the_picture_is_painted_and_asked_for_once(page: UnknownDialog, inbox: FakeInbox) -> None:
    red = np.zeros((96, 96, 3), np.uint8)
    red[:, :] = (0, 0, 220)
    inbox.rows = []
    inbox.pictures["r"] = cv2.imencode(".jpg", red)[1].tobytes()
    inbox.put(entry("r"))
    page.refresh()
    page.list.grab()
    picture = to_bgr(page.list.grab().toImage())
    reds = (picture[:, :, 2] > 180) & (picture[:, :, :2].max(axis=2) < 60)
    assert reds.sum() > 15_000, "a square of 148 pixels"
    assert inbox.asked_pictures.count("r") == 1


def test_of_five_hundred_only_the_visible_are_fetched(
    page: UnknownDialog, inbox: FakeInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: set[int] = set()
    data = UnknownModel.data

    def counted(self: UnknownModel, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        painted.add(index.row())
        return data(self, index, role)

    inbox.rows = []
    inbox.put(*(entry(f"e{i}") for i in range(500)))
    page.refresh()
    monkeypatch.setattr(UnknownModel, "data", counted)
    inbox.asked_pictures.clear()
    page.list.grab()
    assert 0 < len(painted) < 60
    assert set(inbox.asked_pictures) <= {f"e{i}" for i in painted}


def test_it_can_be_read_aloud(page: UnknownDialog) -> None:
    text = page.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith("Seen 3 times, First ")
    assert "Front camera" in text
    for widget in (page.list, page.switch, page.enrol, page.ignore, page.delete, page.new, page.ignored):
        assert widget.accessibleName()


# Enrolled


def test_one_click_a_name_and_enter_enrol(page: UnknownDialog, inbox: FakeInbox, qtbot: QtBot) -> None:
    inbox.examined = SnapshotState("ready", 1.0, CROP, 82.0)
    page.choose(1)
    qtbot.mouseClick(page.enrol, Qt.MouseButton.LeftButton)
    assert page.is_enrolling
    assert focused() is page.enrolling.ready.name
    qtbot.keyClicks(page.enrolling.ready.name, "Eileen Collins")
    qtbot.keyClick(page.enrolling.ready.name, Qt.Key.Key_Return)
    assert inbox.calls == [("examine", "b"), ("enrol", "b", "Eileen Collins")]
    assert not page.is_enrolling
    assert page.line.text == "Eileen Collins is known from now on."
    assert shown(page) == ["a", "c"]
    assert focused() is page.list


def test_names_complete_and_a_further_photo_is_called_one(page: UnknownDialog, inbox: FakeInbox) -> None:
    enrolling(page)
    completer = page.enrolling.ready.name.completer()
    assert completer is not None
    completer.setCompletionPrefix("hop")
    assert completer.currentCompletion() == "Grace Hopper"
    page.enrolling.ready.name.setText("Grace Hopper")
    assert "third photo" in page.enrolling.ready.hint.text()
    page.enrolling.save()
    assert page.line.text == "Grace Hopper has one more photo."


def test_who_is_known_already_is_asked_about_and_findings_are_shown(page: UnknownDialog, inbox: FakeInbox) -> None:
    inbox.examined = SnapshotState(
        "ready", 1.0, CROP, 41.0, ("Hold still: the picture is blurred.",), None, "Ada Lovelace",
        (Lookalike("id-Grace Hopper", "Grace Hopper"),), override=True,
    )  # fmt: skip
    ready = enrolling(page).enrolling.ready
    assert ready.hint.text() == "This looks like Ada Lovelace, who is enrolled already."
    assert "Grace Hopper" in ready.alike.text()
    assert ready.override.isVisible()
    assert ready.hints.text() == "Hold still: the picture is blurred."
    assert not ready.retake.isVisible()
    ready.use_known.click()
    ready.save.click()
    assert inbox.calls[-1] == ("enrol", "a", "Ada Lovelace")


def test_consent_goes_with_it(page: UnknownDialog, inbox: FakeInbox, session: FakeSession) -> None:
    session.consent_required = True
    ready = enrolling(page).enrolling.ready
    ready.name.setText("Eileen")
    ready.consent.given.click()
    ready.save.click()
    assert inbox.calls[-1] == ("enrol", "a", "Eileen", CONSENT)


def test_a_refusal_stays_on_the_page_and_nothing_is_lost(page: UnknownDialog, inbox: FakeInbox) -> None:
    enrolling(page)
    page.enrolling.save()
    assert page.enrolling.ready.refusal.text() == "Type a name first."
    page.enrolling.ready.name.setText("Eileen")
    inbox.refuse = "Eileen was not enrolled: this site requires consent."
    page.enrolling.save()
    assert page.enrolling.ready.refusal.text() == inbox.refuse
    assert page.is_enrolling
    inbox.refuse = None
    page.reject()
    assert not page.is_enrolling
    assert page.isVisible(), "one step back"
    assert shown(page) == ["a", "b", "c"]


def test_a_picture_that_cannot_be_looked_at_says_so(page: UnknownDialog, inbox: FakeInbox) -> None:
    inbox.refuse = "Not one face was found in this picture."
    page.choose(0)
    page.enrol_chosen()
    assert not page.is_enrolling
    assert page.line.text == inbox.refuse


def test_while_it_is_looked_at_nothing_else_can_be_done_and_closing_is_no_bug(
    page: UnknownDialog, inbox: FakeInbox, session: FakeSession
) -> None:
    session.fake_people.gate.shut()
    page.choose(0)
    page.enrol_chosen()
    assert page.chosen.text() == "Looking at the picture …"
    assert not page.delete.isEnabled()
    page.delete_chosen()
    assert inbox.calls == [("examine", "a")]
    page.close()
    session.fake_people.gate.open()
    assert not page.isVisible()


def test_a_photo_for_somebody_who_has_the_door_needs_the_pin(
    page: UnknownDialog, inbox: FakeInbox, session: FakeSession
) -> None:
    session.kiosk.pin = RIGHT_PIN
    session.fake_people.with_door = frozenset({"Ada Lovelace"})
    enrolling(page).enrolling.ready.name.setText("Ada Lovelace")
    page.enrolling.save()
    assert inbox.calls == [("examine", "a")]
    give_pin(page)
    assert inbox.calls[-1] == ("enrol", "a", "Ada Lovelace")


def give_pin(page: UnknownDialog) -> None:
    question = page.findChild(PinQuestion)
    assert question is not None
    question.pad.field.setText(RIGHT_PIN)
    question.pad.submit()


# Ignored, deleted


def test_several_are_ignored_at_once(page: UnknownDialog, inbox: FakeInbox, qtbot: QtBot) -> None:
    page.choose(0, 2)
    assert not page.enrol.isEnabled(), "one name at a time"
    assert page.chosen.text() == "2 of 3 chosen"
    qtbot.mouseClick(page.ignore, Qt.MouseButton.LeftButton)
    assert inbox.calls == [("ignore", "a", "c")]
    assert shown(page) == ["b"]
    assert page.ignored.text() == "Ignored (3)"
    assert "Ignored" in page.line.text


def test_one_is_deleted_with_one_key(page: UnknownDialog, inbox: FakeInbox, qtbot: QtBot) -> None:
    page.choose(1)
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert inbox.calls == [("delete", "b")]
    assert page.line.text == "Deleted."
    assert shown(page) == ["a", "c"]


def test_several_are_deleted_after_a_question(page: UnknownDialog, inbox: FakeInbox, qtbot: QtBot) -> None:
    page.list.setFocus()
    page.list.selectAll()
    page.delete_chosen()
    assert page.question.text() == "Delete 3 unknown faces?"
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    assert inbox.calls == [], "Enter alone never deletes"
    assert not page.question.isVisible()
    page.delete_chosen()
    qtbot.keyClick(focused(), Qt.Key.Key_Escape)
    assert page.isVisible()
    assert not page.question.isVisible()
    inbox.said = "Another program holds the file."
    page.delete_chosen()
    page.question.yes.click()
    assert inbox.calls == [("delete", "a", "b", "c")]
    assert page.line.text == "3 deleted. Another program holds the file."


def test_who_is_ignored_can_be_deleted(page: UnknownDialog, inbox: FakeInbox) -> None:
    page.show_ignored(True)
    page.choose(0)
    page.ignore_chosen()
    page.enrol_chosen()
    assert inbox.calls == []
    page.delete_chosen()
    assert inbox.calls == [("delete", "x")]
    assert page.ignored.text() == "Ignored"


def test_a_refused_deletion_says_so_and_the_face_stays(page: UnknownDialog, inbox: FakeInbox) -> None:
    page.choose(0)
    inbox.refuse = "That face is not in the inbox any more."
    page.delete_chosen()
    assert page.line.text == inbox.refuse


# Collected or not


def test_turning_it_on_is_asked_for_in_full(page: UnknownDialog, inbox: FakeInbox) -> None:
    inbox.now_state = InboxState(False, True, 7)
    page.refresh()
    page.switch.click()
    assert page.question.text() == QUESTION
    assert not page.switch.isChecked(), "it isn't on yet"
    page.question.no.click()
    assert inbox.calls == []
    page.switch.click()
    page.question.yes.click()
    assert inbox.calls == [("collect", True)]
    assert page.switch.isChecked()


def test_where_there_is_a_pin_it_is_the_administrators(
    page: UnknownDialog, inbox: FakeInbox, session: FakeSession
) -> None:
    session.kiosk.pin = RIGHT_PIN
    inbox.now_state = InboxState(False, True, 7)
    page.refresh()
    page.switch.click()
    page.question.yes.click()
    assert inbox.calls == []
    give_pin(page)
    assert inbox.calls == [("collect", True)]


def test_turning_it_off_needs_nobody(page: UnknownDialog, inbox: FakeInbox, session: FakeSession) -> None:
    session.kiosk.pin = RIGHT_PIN
    page.switch.click()
    assert inbox.calls == [("collect", False)]
    assert not page.switch.isChecked()
    assert "stay" in page.line.text


def test_a_refused_switch_says_so(page: UnknownDialog, inbox: FakeInbox) -> None:
    inbox.refuse = "settings.json cannot be written: make room"
    page.switch.click()
    assert page.line.text == inbox.refuse
    assert page.switch.isChecked()


def test_the_whole_of_it_by_keyboard(page: UnknownDialog, inbox: FakeInbox, qtbot: QtBot) -> None:
    page.activateWindow()
    assert focused() is page.list
    qtbot.keyClick(page.list, Qt.Key.Key_Right)
    assert len(chosen(page)) == 1
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    assert page.is_enrolling
    qtbot.keyClick(focused(), Qt.Key.Key_Escape)
    assert not page.is_enrolling
    assert focused() is page.list
    qtbot.keyClick(page.list, Qt.Key.Key_Escape)
    assert not page.isVisible()
