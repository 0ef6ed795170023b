"""Pictures with several faces: somebody clicks whose is whose, with the mouse and with the keyboard alone."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.import_types import ImportState
from faceapp.gui.imports.dialog import ImportDialog
from faceapp.gui.imports.picker import PickerPage
from faceapp.gui.pictures import to_bgr
from faceapp.gui.pin_question import PinQuestion
from faceapp.gui.theme import Theme
from tests.fakes.imports import BOXES, FakeImports, result, several
from tests.fakes.kiosk import RIGHT_PIN
from tests.fakes.live import FakeSession


@pytest.fixture
def dialog(fake: FakeImports, session: FakeSession, theme: Theme, parent: QWidget) -> ImportDialog:
    fake.now = ImportState("imported", result=result(several(0), several(1, "Bo"), several(4, "Cy")))
    shown = ImportDialog(session, theme, parent)
    shown.show()
    shown._timer.stop()
    shown.report.pick.click()
    return shown


@pytest.fixture
def picker(dialog: ImportDialog) -> PickerPage:
    assert dialog.pages.currentWidget() is dialog.picker
    return dialog.picker


def click(picker: PickerPage, number: int, qtbot: QtBot) -> None:
    at = picker.picture.face_rect(number).center().toPoint()
    qtbot.mouseClick(picker.picture, Qt.MouseButton.LeftButton, pos=at)


def test_the_first_face_clicked_is_whom_the_picture_is_about(
    picker: PickerPage, fake: FakeImports, qtbot: QtBot
) -> None:
    assert picker.title.text() == "Which face is Ada?"
    assert picker.where.text() == "Picture 1 of 3: Ada/0.jpg"
    assert not picker.enrol.isEnabled()
    click(picker, 2, qtbot)
    assert picker.name.text() == "Ada"
    picker.enrol.click()
    assert fake.calls[-2:] == [("choose", 0, {2: "Ada"}), ("picture", 1)]
    assert picker.title.text() == "Which face is Bo?"
    assert picker.where.text().startswith("Picture 2 of 3")
    assert picker.picture.current == 0


def test_others_may_get_a_name_too(picker: PickerPage, fake: FakeImports, qtbot: QtBot) -> None:
    click(picker, 3, qtbot)
    click(picker, 1, qtbot)
    assert picker.name.text() == ""
    assert picker.name.hasFocus()
    qtbot.keyClicks(picker.name, "Grace")
    click(picker, 2, qtbot)
    qtbot.keyClicks(picker.name, "X")
    picker.name.clear()
    picker.name.textEdited.emit("")
    assert picker.picture.accessibleDescription() == "Face 2 of 3 is chosen. face 1 is Grace; face 3 is Ada"
    qtbot.keyClick(picker.name, Qt.Key.Key_Return)
    assert ("choose", 0, {3: "Ada", 1: "Grace"}) in fake.calls


def test_by_keyboard_alone(picker: PickerPage, fake: FakeImports, qtbot: QtBot) -> None:
    assert picker.picture.hasFocus()
    qtbot.keyClick(picker.picture, Qt.Key.Key_Left)
    assert picker.picture.current == 3
    qtbot.keyClick(picker.picture, Qt.Key.Key_Right)
    assert picker.picture.current == 1
    picker.name.clear()
    picker.name.textEdited.emit("")
    picker.picture.setFocus()
    qtbot.keyClick(picker.picture, Qt.Key.Key_2)
    qtbot.keyClick(picker.picture, Qt.Key.Key_9)
    assert picker.picture.current == 2
    picker.picture.setFocus()
    qtbot.keyClick(picker.picture, Qt.Key.Key_Return)
    choices = [c for c in fake.calls if isinstance(c, tuple) and c[0] == "choose"]
    assert choices == [("choose", 0, {3: "Ada"})], "the first that was chosen stays hers until it is said otherwise"


def test_none_of_them_and_later(picker: PickerPage, dialog: ImportDialog, fake: FakeImports, qtbot: QtBot) -> None:
    qtbot.mouseClick(picker.skip, Qt.MouseButton.LeftButton)
    assert ("skip", 0) in fake.calls
    qtbot.mouseClick(picker.later, Qt.MouseButton.LeftButton)
    assert picker.title.text() == "Which face is Cy?"
    click(picker, 1, qtbot)
    picker.enrol.click()
    assert dialog.pages.currentWidget() is dialog.report, "all was asked"
    assert dialog.report.several.text().startswith("1 picture shows several faces.")
    dialog.report.pick.click()
    assert picker.title.text() == "Which face is Bo?"
    dialog.reject()
    assert dialog.isVisible()
    assert dialog.pages.currentWidget() is dialog.report


def test_a_face_that_is_refused_is_said_and_can_be_mended(picker: PickerPage, fake: FakeImports, qtbot: QtBot) -> None:
    fake.refuse_faces = {2: "the photo is not good enough: blurred"}
    click(picker, 2, qtbot)
    picker.enrol.click()
    assert picker.refused.text() == "Face 2 was not enrolled: the photo is not good enough: blurred"
    assert picker.title.text() == "Which face is Ada?"
    fake.refuse_faces, fake.refuse = {}, "two faces have the same name: one person is in a picture once"
    picker.enrol.click()
    assert picker.refused.text().startswith("Two faces have the same name")
    fake.refuse = None
    picker.enrol.click()
    assert picker.title.text() == "Which face is Bo?"
    assert picker.refused.text() == ""


def test_a_picture_that_is_gone_is_said_and_passed(picker: PickerPage, fake: FakeImports, qtbot: QtBot) -> None:
    fake.gone = {1}
    qtbot.mouseClick(picker.later, Qt.MouseButton.LeftButton)
    assert picker.refused.text() == "It was changed since it was looked at: import it again"
    assert not picker.skip.isEnabled()
    assert not picker.enrol.isEnabled()
    qtbot.mouseClick(picker.later, Qt.MouseButton.LeftButton)
    assert picker.title.text() == "Which face is Cy?"
    assert picker.skip.isEnabled()


def test_a_face_for_somebody_who_has_the_door_needs_the_pin_once(
    picker: PickerPage, dialog: ImportDialog, fake: FakeImports, session: FakeSession, qtbot: QtBot
) -> None:
    session.kiosk.pin, session.fake_people.with_door = RIGHT_PIN, frozenset({"Ada", "Bo"})
    click(picker, 2, qtbot)
    picker.enrol.click()
    assert not [c for c in fake.calls if c[0] == "choose"], "a face got the door without the PIN"  # type: ignore[index]
    question = dialog.findChild(PinQuestion)
    assert question is not None
    assert question.why.text() == "Ada may open the door, and so may every face that becomes theirs."
    question.pad.field.setText(RIGHT_PIN)
    question.pad.submit()
    assert ("choose", 0, {2: "Ada"}, "pin") in fake.calls
    click(picker, 1, qtbot)
    picker.enrol.click()
    assert ("choose", 1, {1: "Bo"}, "pin") in fake.calls, "one roll, one question"
    dialog.reject()
    dialog.report.pick.click()
    click(picker, 1, qtbot)
    picker.name.setText("bo")
    picker.name.textEdited.emit("bo")
    picker.enrol.click()
    assert ("choose", 4, {1: "bo"}) not in fake.calls, "a name typed is guarded as well, and the PIN doesn't last"


def test_nobody_is_enrolled_while_nobody_knows_who_has_the_door(
    picker: PickerPage, fake: FakeImports, session: FakeSession, qtbot: QtBot
) -> None:
    session.fake_people.fake_manage.unread = "The gallery is not open."
    click(picker, 2, qtbot)
    picker.enrol.click()
    assert picker.refused.text() == "The gallery is not open."
    assert not [c for c in fake.calls if c[0] == "choose"]  # type: ignore[index] # a tuple


def test_faces_are_hit_where_they_are_shown(picker: PickerPage) -> None:
    view = picker.picture
    assert [view.face_at(view.face_rect(n).center()) for n in (1, 2, 3)] == [1, 2, 3]
    assert view.face_at(QPointF(2, 2)) == 0
    first = view.face_rect(1)
    assert first.width() / first.height() == pytest.approx(BOXES[0].width / BOXES[0].height)


def test_a_named_face_is_told_without_colour(picker: PickerPage, qtbot: QtBot) -> None:
    before = to_bgr(picker.picture.grab().toImage())
    click(picker, 2, qtbot)
    picker.setFocus()
    after = to_bgr(picker.picture.grab().toImage())
    rect = picker.picture.face_rect(2)
    plate = slice(int(rect.top()) - 26, int(rect.top())), slice(int(rect.left()), int(rect.left()) + 60)
    assert (before[plate] != after[plate]).mean() > 0.3, "a plate with the name"
