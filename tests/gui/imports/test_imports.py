"""Importing in the window: look, begin, follow, cancel, read the report, save it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.import_types import Found, ImportState, Wish
from faceapp.gui.admin.door_rights import DoorRightsDialog
from faceapp.gui.imports.choose import NO_CONSENT
from faceapp.gui.imports.dialog import ImportDialog
from faceapp.gui.imports.report import RejectedModel
from faceapp.gui.imports.words import left_words
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.pin_question import PinQuestion
from faceapp.gui.theme import Theme
from tests.fakes.imports import CONSENT, FakeImports, rejected, result, several
from tests.fakes.kiosk import RIGHT_PIN
from tests.fakes.live import FakeSession

FOLDER = Found(Path("/people"), "folder", 3, 12, ("/people/x.jpg: the file does not say who it is",) * 5)


@pytest.fixture
def dialog(fake: FakeImports, session: FakeSession, theme: Theme, parent: QWidget) -> ImportDialog:
    fake.found = FOLDER
    shown = ImportDialog(session, theme, parent)
    shown.show()
    shown._timer.stop()
    return shown


def press(qtbot: QtBot, widget: QWidget) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def look(dialog: ImportDialog, qtbot: QtBot, path: str = "/people") -> None:
    dialog.choose.path.setText(path)
    qtbot.keyClick(dialog.choose.path, Qt.Key.Key_Return)


@pytest.mark.usefixtures("chosen_file")
def test_a_look_comes_first_and_says_how_much_there_is(dialog: ImportDialog, fake: FakeImports, qtbot: QtBot) -> None:
    page = dialog.choose
    assert not page.start.isEnabled()
    look(dialog, qtbot)
    assert fake.calls == [("look", Path("/people"), False, "")]
    assert page.found.text() == "12 pictures of 3 people, in a folder."
    assert page.notes.text().splitlines()[0] == "5 entries there can't be imported:"
    assert "and 2 more" in page.notes.text()
    assert page.nested.isVisible()
    press(qtbot, page.nested)
    assert fake.calls[-1] == ("look", Path("/people"), True, "")
    qtbot.keyClicks(page.path, "x")
    assert not page.start.isEnabled(), "another path is another look"
    fake.found = None
    look(dialog, qtbot, "/none")
    assert page.refused.text() == "/none: there is no such file or folder"
    assert not page.start.isEnabled()


def test_a_folder_and_a_file_can_be_chosen(
    dialog: ImportDialog, fake: FakeImports, qtbot: QtBot, chosen_file: list[str]
) -> None:
    chosen_file += ["/people", "", "/set.h5"]
    press(qtbot, dialog.choose.folder)
    assert fake.calls == [("look", Path("/people"), False, "")]
    press(qtbot, dialog.choose.file)
    assert len(fake.calls) == 1, "nothing was chosen"
    fake.found = Found(Path("/set.h5"), "hdf5", 1, 1, notes=("it names nobody",))
    press(qtbot, dialog.choose.file)
    assert fake.calls[-1] == ("look", Path("/set.h5"), False, "")
    assert dialog.choose.found.text() == "1 picture of 1 person, in an HDF5 data set."
    assert dialog.choose.notes.text() == "it names nobody"
    assert not dialog.choose.nested.isVisible()


def test_what_was_found_is_imported_as_chosen(dialog: ImportDialog, fake: FakeImports, qtbot: QtBot) -> None:
    page = dialog.choose
    look(dialog, qtbot)
    page.strict.setChecked(True)
    page.duplicates.setCurrentIndex(1)
    page.consent.given.setChecked(True)
    press(qtbot, page.start)
    wish = Wish(Path("/people"), "folder", strict=True, duplicates="refuse", consent=CONSENT)
    assert fake.calls[-1] == ("begin", wish)
    assert dialog.pages.currentWidget() is dialog.running


def ask_begun(dialog: ImportDialog, qtbot: QtBot, found: Found, duplicates: int = 0) -> PinQuestion | None:
    """Look, press Import: the question for the PIN, if there is one."""
    dialog.choose._imports.found = found  # type: ignore[attr-defined] # the fake
    look(dialog, qtbot, str(found.path))
    dialog.choose.duplicates.setCurrentIndex(duplicates)
    press(qtbot, dialog.choose.start)
    shown = [q for q in dialog.findChildren(PinQuestion) if q.isVisible()]
    return shown[0] if shown else None


GALLERY = Found(Path("/a.gallery"), "gallery", 2, 4)


@pytest.mark.parametrize(
    ("found", "duplicates"),
    [
        (replace(FOLDER, names=frozenset({"Cy", "ADA"})), 0),
        (replace(FOLDER, names=frozenset({"Cy"})), 2),
        (GALLERY, 0),
    ],
    ids=["by name", "added to whoever it is", "a gallery, of which nobody knows who is in it"],
)
def test_photos_for_somebody_who_has_the_door_need_the_pin(
    dialog: ImportDialog,
    fake: FakeImports,
    session: FakeSession,
    qtbot: QtBot,
    found: Found,
    duplicates: int,
) -> None:
    session.kiosk.pin, session.fake_people.with_door = RIGHT_PIN, frozenset({"Ada"})
    question = ask_begun(dialog, qtbot, found, duplicates)
    assert fake.now.phase == "idle", "a face got the door without the PIN"
    assert question is not None
    assert question.why.text() == "Ada may open the door, and so may every face that is imported as theirs."
    question.pad.cancel()
    assert fake.now.phase == "idle"
    press(qtbot, dialog.choose.start)
    question = next(q for q in dialog.findChildren(PinQuestion) if q.isVisible())
    question.pad.field.setText(RIGHT_PIN)
    question.pad.submit()
    assert fake.calls[-1][1].pin_given  # type: ignore[index] # the wish


def test_an_import_that_reaches_no_door_needs_no_pin(
    dialog: ImportDialog, fake: FakeImports, session: FakeSession, qtbot: QtBot
) -> None:
    session.kiosk.pin, session.fake_people.with_door = RIGHT_PIN, frozenset({"Ada"})
    assert ask_begun(dialog, qtbot, replace(FOLDER, names=frozenset({"Bo"}))) is None
    assert not fake.calls[-1][1].pin_given  # type: ignore[index] # the wish: what else reaches it is rejected
    fake.now = ImportState()
    dialog.refresh()
    session.kiosk.pin = None
    assert ask_begun(dialog, qtbot, GALLERY) is None
    assert fake.now.phase == "importing"


def test_nothing_is_imported_while_nobody_knows_who_has_the_door(
    dialog: ImportDialog, fake: FakeImports, session: FakeSession, qtbot: QtBot
) -> None:
    session.fake_people.fake_manage.unread = "The gallery is not open."
    assert ask_begun(dialog, qtbot, FOLDER) is None
    assert dialog.choose.refused.text() == "The gallery is not open."
    assert fake.now.phase == "idle"


def test_consent_comes_first_where_the_site_requires_it(
    fake: FakeImports, session: FakeSession, theme: Theme, parent: QWidget, qtbot: QtBot
) -> None:
    fake.required, fake.found = True, FOLDER
    dialog = ImportDialog(session, theme, parent)
    dialog.show()
    look(dialog, qtbot)
    press(qtbot, dialog.choose.start)
    assert dialog.choose.refused.text() == NO_CONSENT
    dialog.choose.consent.given.setChecked(True)
    dialog.choose.consent.until.setText("soon")
    press(qtbot, dialog.choose.start)
    assert "is no day" in dialog.choose.refused.text()
    dialog.choose.consent.until.clear()
    press(qtbot, dialog.choose.start)
    wish = fake.calls[-1][1]  # type: ignore[index] # the wish
    assert wish.consent == CONSENT


def test_an_exported_gallery_asks_for_its_passphrase(dialog: ImportDialog, fake: FakeImports, qtbot: QtBot) -> None:
    page = dialog.choose
    fake.found = Found(Path("/a.gallery"), "gallery", 0, 0, locked=True)
    look(dialog, qtbot, "/a.gallery")
    assert page.passphrase.isVisible()
    assert not page.start.isEnabled()
    assert not page.consent.isVisible(), "it brings everybody's along"
    fake.found = None
    qtbot.keyClicks(page.passphrase, "not this one")
    qtbot.keyClick(page.passphrase, Qt.Key.Key_Return)
    assert page.passphrase.isVisible(), "to be typed again"
    fake.found = Found(Path("/a.gallery"), "gallery", 4, 9)
    page.passphrase.setText("this is the one")
    qtbot.keyClick(page.passphrase, Qt.Key.Key_Return)
    assert page.found.text() == "9 pictures of 4 people, in an exported gallery."
    press(qtbot, page.start)
    assert fake.calls[-1] == ("begin", Wish(Path("/a.gallery"), "gallery", passphrase="this is the one"))  # noqa: S106
    assert page.passphrase.text() == "", "it isn't kept"


def test_it_is_followed_and_cancelled(dialog: ImportDialog, fake: FakeImports, qtbot: QtBot) -> None:
    fake.now = ImportState("importing")
    dialog.refresh()
    page = dialog.running
    assert page.progress.text() == "Loading what it takes …"
    assert page.bar.maximum() == 0
    fake.now = ImportState("importing", 250, 1000, 200, 30, 20, 61.0)
    dialog.refresh()
    assert page.progress.text() == "250 of 1,000 pictures, about 1 minute left"
    assert page.counts.text() == "200 enrolled, 30 known already, 20 rejected"
    assert page.bar.value() * 4 == page.bar.maximum()
    press(qtbot, page.cancel)
    assert fake.calls == ["cancel"]
    assert page.progress.text() == "Ending after the picture at hand …"
    assert not page.cancel.isEnabled()
    dialog.close()
    assert fake.calls == ["cancel"], "closing ends nothing"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (3.0, "less than a minute left"),
        (3000.0, "about 50 minutes left"),
        (9000.0, "about 2 hours left"),
    ],
)
def test_how_long_it_takes(seconds: float | None, words: str) -> None:
    assert left_words(seconds) == words


def test_the_report_gives_every_reason_and_can_be_saved(
    dialog: ImportDialog, fake: FakeImports, qtbot: QtBot, chosen_file: list[str]
) -> None:
    fake.now = ImportState("imported", 12, 12, result=result(several(0), resumed=True, notes=("two are one name",)))
    dialog.refresh()
    page = dialog.report
    assert "seen" in fake.calls
    assert page.title.text() == "8 pictures were enrolled, of 3 people"
    assert page.words.text().endswith("It went on where an earlier import was cut short.")
    assert page.notes.text() == "two are one name"
    rows = [[page.model.index(r, c).data() for c in range(3)] for r in range(page.model.rowCount())]
    assert rows == [
        ["Bo/1.jpg", "Bo", "This is what no_face means: do something"],
        ["Ada/0.jpg", "Ada", "This is what several_faces means: do something"],
    ]
    assert page.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "roll/Bo/1.jpg"
    chosen_file += ["/out.csv", "/out.csv", ""]
    press(qtbot, page.save)
    assert fake.calls[-1] == ("save_report", Path("/out.csv"))
    assert page.saved.text() == "2 lines written to /out.csv."
    fake.refuse = "/out.csv cannot be written: choose another place"
    press(qtbot, page.save)
    assert page.saved.text() == "Not saved: /out.csv cannot be written: choose another place"
    press(qtbot, page.save)
    press(qtbot, page.again)
    assert fake.calls[-1] == "dismiss"
    assert dialog.pages.currentWidget() is dialog.choose


def test_what_ended_early_says_how_to_go_on(dialog: ImportDialog, fake: FakeImports) -> None:
    fake.now = ImportState("imported", result=result(cancelled=True))
    dialog.refresh()
    assert dialog.report.early.text() == (
        "Cancelled: not all is imported. Import the same once more, and it goes on from here."
    )
    fake.now = ImportState("imported", result=result(problem="The disk is full."))
    dialog.refresh()
    assert dialog.report.early.text().startswith("Not all is imported. The disk is full. Import the same")
    fake.now = ImportState("imported", result=result(enrolled=0, rejected=()))
    dialog.refresh()
    assert dialog.report.title.text() == "Nothing new was enrolled"
    assert dialog.report.nothing.isVisible()
    assert not dialog.report.save.isEnabled()


def test_who_may_be_taken_for_whom_is_said_with_the_way_to_their_rights(
    dialog: ImportDialog, fake: FakeImports, session: FakeSession, qtbot: QtBot
) -> None:
    fake.now = ImportState("imported", result=result())
    dialog.refresh()
    assert not dialog.report.rights.isVisible()
    pairs = (("Ada", "Bo"), ("Bo", "Cy"), *((f"A{n}", f"B{n}") for n in range(3)))
    fake.now = ImportState("imported", result=result(alike=pairs))
    dialog.refresh()
    assert dialog.report.alike.text().startswith("A camera may take one for the other: Ada and Bo; Bo and Cy; ")
    assert "; 1 more pair. Under Door rights each can be asked for a badge" in dialog.report.alike.text()
    session.kiosk.pin = RIGHT_PIN
    press(qtbot, dialog.report.rights)
    assert dialog.findChild(DoorRightsDialog) is not None


def test_what_failed_is_said_where_one_can_mend_it(dialog: ImportDialog, fake: FakeImports) -> None:
    fake.now = ImportState("failed", problem="The networks are missing: install them.")
    dialog.refresh()
    assert dialog.pages.currentWidget() is dialog.choose
    assert dialog.choose.refused.text() == "The networks are missing: install them."


def test_the_model_keeps_the_rules_of_models(dialog: ImportDialog) -> None:
    model = RejectedModel(dialog)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show([rejected(f"{k}.jpg") for k in range(3)])
    assert model.rowCount() == 3
    model.show([])
    assert model.index(5, 0).data() is None
    tester.deleteLater()


def test_ten_thousand_reasons_cost_no_widgets(dialog: ImportDialog, fake: FakeImports) -> None:
    many = replace(result(), rejected=tuple(rejected(f"{k}.jpg") for k in range(10_000)))
    before = len(dialog.findChildren(QWidget))
    fake.now = ImportState("imported", result=many)
    dialog.refresh()
    assert dialog.report.model.rowCount() == 10_000
    assert len(dialog.findChildren(QWidget)) < before + 10


def test_the_window_opens_one_of_it_beside_its_picture(window: LiveWindow, session: FakeSession) -> None:
    entry = next(a for a in window._pages if a.text() == "&Import pictures …")
    entry.trigger()
    entry.trigger()
    dialogs = window.findChildren(ImportDialog)
    assert len(dialogs) == 1
    assert dialogs[0].isVisible()
    assert not dialogs[0].isModal(), "the window stays usable"
    assert session.fake_imports.calls == []
