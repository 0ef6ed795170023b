"""Exporting in the window: everybody or some, a passphrase twice, and what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.import_types import SHORTEST_PASSPHRASE, ExportResult, ImportState
from faceapp.gui.imports.export import ExportDialog
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.pin_question import PinQuestion
from faceapp.gui.theme import Theme
from faceapp.security import sealed_file
from tests.fakes.imports import FakeImports
from tests.fakes.kiosk import RIGHT_PIN
from tests.fakes.live import FakeSession, person

WORDS = "a long passphrase"
CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def dialog(session: FakeSession, theme: Theme, parent: QWidget) -> ExportDialog:
    shown = ExportDialog(session, theme, parent)
    shown.show()
    shown._timer.stop()
    return shown


def type_passphrase(dialog: ExportDialog, first: str = WORDS, again: str = WORDS) -> None:
    dialog.passphrase.setText(first)
    dialog.again.setText(again)


def test_everybody_into_a_new_file(
    dialog: ExportDialog, fake: FakeImports, qtbot: QtBot, chosen_file: list[str]
) -> None:
    type_passphrase(dialog)
    chosen_file += ["", "/out/people"]
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert fake.calls == [], "no file was named"
    qtbot.keyClick(dialog.again, Qt.Key.Key_Return)
    assert fake.calls == [("export", Path("/out/people.gallery"), WORDS, None)]
    assert dialog.passphrase.text() == dialog.again.text() == ""
    assert dialog.pages.currentWidget() is dialog.running
    fake.now = ImportState("exporting", 2, 9)
    dialog.refresh()
    assert dialog.running.progress.text() == "2 of 9 pictures"
    qtbot.mouseClick(dialog.running.cancel, Qt.MouseButton.LeftButton)
    assert fake.calls[-1] == "cancel"
    fake.now = ImportState("exported", exported=ExportResult(Path("/out/people.gallery"), 3, 9))
    dialog.refresh()
    assert dialog.done_title.text() == "3 people exported"
    assert "9 photos in /out/people.gallery" in dialog.done_words.text()
    qtbot.mouseClick(dialog.more, Qt.MouseButton.LeftButton)
    assert fake.calls[-1] == "dismiss"
    assert dialog.start.isVisible()


def test_some_are_ticked_and_a_search_hides_no_tick(
    dialog: ExportDialog, fake: FakeImports, chosen_file: list[str]
) -> None:
    dialog.everybody.setChecked(False)
    type_passphrase(dialog)
    dialog.export()
    assert dialog.refused.text() == "Nobody is chosen: tick somebody, or export everybody."
    names = [dialog.model.index(r).data() for r in range(dialog.model.rowCount())]
    assert names == ["Ada", "Bo", "Zoë"]
    assert dialog.model.setData(dialog.model.index(1), Qt.CheckState.Checked, CHECK)
    dialog.search.setText("zoe")
    assert dialog.model.rowCount() == 1
    dialog.model.setData(dialog.model.index(0), Qt.CheckState.Checked, CHECK)
    assert dialog.count.text() == "2 people chosen"
    chosen_file += ["/out/some.gallery"]
    dialog.export()
    assert fake.calls == [("export", Path("/out/some.gallery"), WORDS, ["id-Bo", "id-Zoë"])]


@pytest.mark.usefixtures("chosen_file")
def test_a_passphrase_is_long_and_typed_twice(dialog: ExportDialog, fake: FakeImports) -> None:
    assert sealed_file.SHORTEST == SHORTEST_PASSPHRASE
    type_passphrase(dialog, "short", "short")
    dialog.export()
    assert "fewer than 8 characters" in dialog.refused.text()
    type_passphrase(dialog, WORDS, "another passphrase")
    dialog.export()
    assert dialog.refused.text() == "The two passphrases differ: type them again."
    assert fake.calls == []


def test_nobodys_face_leaves_without_the_pin(
    dialog: ExportDialog, fake: FakeImports, session: FakeSession, chosen_file: list[str]
) -> None:
    session.kiosk.pin = RIGHT_PIN
    type_passphrase(dialog)
    dialog.export()
    assert fake.calls == []
    question = dialog.findChild(PinQuestion)
    assert question is not None
    assert "the faces of everybody" in question.why.text()
    question.pad.field.setText("999999")
    question.pad.submit()
    assert fake.calls == []
    chosen_file += ["/out/people.gallery"]
    question.pad.field.setText(RIGHT_PIN)
    question.pad.submit()
    assert fake.calls == [("export", Path("/out/people.gallery"), WORDS, None)]


def test_an_open_window_follows_who_is_enrolled(
    dialog: ExportDialog, fake: FakeImports, session: FakeSession, chosen_file: list[str]
) -> None:
    dialog.everybody.setChecked(False)
    for row in (0, 1):
        dialog.model.setData(dialog.model.index(row), Qt.CheckState.Checked, CHECK)
    assert dialog.count.text() == "2 people chosen"
    session.fake_people.delete("id-Ada")
    session.fake_people.add(person("Cy"))
    dialog.refresh()
    assert [dialog.model.index(r).data() for r in range(dialog.model.rowCount())] == ["Bo", "Cy", "Zoë"]
    assert dialog.count.text() == "1 person chosen"
    assert dialog.model.index(0).data(CHECK) == Qt.CheckState.Checked.value, "a tick stays with its person"
    type_passphrase(dialog)
    chosen_file += ["/out/some.gallery"]
    dialog.export()
    assert fake.calls == [("export", Path("/out/some.gallery"), WORDS, ["id-Bo"])]


def test_a_tick_is_what_it_is_set_to(dialog: ExportDialog) -> None:
    first = dialog.model.index(0)
    for value in (Qt.CheckState.Checked, Qt.CheckState.Checked.value):
        assert dialog.model.setData(first, value, CHECK)
        assert dialog.model.chosen == {"id-Ada"}
    assert dialog.model.setData(first, Qt.CheckState.Unchecked.value, CHECK)
    assert dialog.model.chosen == set()


def test_what_failed_and_what_was_cancelled(dialog: ExportDialog, fake: FakeImports, chosen_file: list[str]) -> None:
    type_passphrase(dialog)
    chosen_file += ["/out/people.gallery"]
    dialog.export()
    fake.now = ImportState("failed", problem="/out/people.gallery is there already: name a new file.")
    dialog.refresh()
    assert dialog.refused.text() == "/out/people.gallery is there already: name a new file."
    assert dialog.start.isVisible()
    fake.now = ImportState("exported")
    dialog.refresh()
    assert dialog.done_title.text() == "The export was cancelled"


def test_the_model_keeps_the_rules_of_models(dialog: ExportDialog) -> None:
    tester = QAbstractItemModelTester(dialog.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    dialog.model.search("a")
    assert dialog.model.setData(dialog.model.index(0), Qt.CheckState.Checked, CHECK)
    assert dialog.model.index(0).data(CHECK) == Qt.CheckState.Checked.value
    tester.deleteLater()


def test_the_window_opens_it_from_its_menu(window: LiveWindow) -> None:
    next(a for a in window._pages if a.text() == "E&xport people …").trigger()
    assert len(window.findChildren(ExportDialog)) == 1
