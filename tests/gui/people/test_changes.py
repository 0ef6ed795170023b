"""The people page on a fake gallery: what it asks, and what it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from faceapp.app.people_types import Likeness
from faceapp.gui.people.consent import SURE, ConsentDialog
from faceapp.gui.people.merge import MergeDialog, MergesDialog
from faceapp.gui.people.page import PeopleDialog
from faceapp.gui.people.table_model import Column
from faceapp.gui.people_panel import LINGERING
from faceapp.gui.pin_question import PinQuestion
from tests.fakes.kiosk import RIGHT_PIN
from tests.fakes.live import CONSENT, FakeSession, person
from tests.fakes.people import FakeManage
from tests.gui.people.pages import MakePage, column, ids, names, over


def test_many_are_deleted_after_one_question(page: PeopleDialog, session: FakeSession, manage: FakeManage) -> None:
    page.view.select(ids("Ada", "Bea", "Zoë"))
    page.delete.click()
    assert page.confirm.isVisible()
    assert page.confirm.question.text() == "Delete 3 people?"
    assert page.confirm.names.text() == "Ada, Bea, Zoë"
    page.confirm.keep.click()
    assert not page.confirm.isVisible()
    assert manage.calls == []
    page.delete.click()
    session.fake_people.gate.shut()
    page.confirm.remove.click()
    assert page.confirm.question.text() == "Deleting 3 people …"
    page.refresh()
    assert page.confirm.bar.value() == 25
    assert not page.delete.isEnabled()
    session.fake_people.gate.open()
    page._answers.look()
    assert manage.calls == [("delete", ids("Ada", "Bea", "Zoë"))]
    assert names(page) == ["Émile"]
    assert page.note.text.text() == "3 people are deleted."
    assert not page.confirm.isVisible()


def test_who_is_gone_meanwhile_stops_no_deletion(page: PeopleDialog, session: FakeSession, manage: FakeManage) -> None:
    page.view.select(ids("Ada", "Bea", "Zoë"))
    page.delete.click()
    session.fake_people.delete("id-Bea")
    page.refresh()
    assert page.confirm.names.text() == "Ada, Zoë"
    assert page.note.text.text() == "Bea was gone already."
    session.fake_people.delete("id-Zoë")  # and nobody has looked since
    page.confirm.remove.click()
    assert manage.calls == [("delete", ids("Ada", "Zoë"))]
    assert page.note.text.text() == "1 person is deleted. Zoë was gone already."
    page.view.select(ids("Émile"))
    page.delete.click()
    session.fake_people.delete("id-Émile")
    page.refresh()
    assert not page.confirm.isVisible(), "there is nothing left to ask"
    assert page.note.text.text() == "Émile was gone already."


def test_the_question_names_a_few_of_many(make_page: MakePage, session: FakeSession) -> None:
    session.fake_people.rows = [person(f"P{n:04d}") for n in range(1200)]
    page = make_page()
    page.view.selectAll()
    page.ask_to_delete()
    assert page.confirm.question.text() == "Delete 1,200 people?"
    assert page.confirm.names.text() == "P0000, P0001, P0002 and 1,197 more"


def test_a_refusal_and_what_lingers_are_told(page: PeopleDialog, session: FakeSession) -> None:
    session.fake_people.refuse = "the gallery is locked"
    page.view.select(ids("Ada"))
    page.ask_to_delete()
    page.confirm.remove.click()
    assert page.note.text.text() == "the gallery is locked"
    assert "Ada" in names(page)
    session.fake_people.refuse, session.fake_people.erases = None, False
    page.ask_to_delete()
    page.confirm.remove.click()
    assert page.note.text.text() == f"1 person is deleted. {LINGERING}"


def test_two_are_made_one_and_back_from_the_note(page: PeopleDialog, manage: FakeManage) -> None:
    page.view.select(ids("Ada", "Émile"))
    page.merge.click()
    asked = over(page, MergeDialog)
    assert [c.text() for c in asked.choices] == ["Ada", "Émile"]
    assert asked.choices[1].isChecked(), "who has more photos"
    assert not asked.caution.isVisible()
    asked.choices[0].setChecked(True)
    assert asked.what.text().startswith("Ada gets the photos of Émile")
    asked.go.click()
    assert manage.calls[-1] == ("merge", "id-Émile", "id-Ada")
    assert names(page) == ["Ada", "Bea", "Zoë"]
    assert page.note.text.text() == "Émile and Ada are one: Ada."
    page.note.action.click()
    assert manage.calls[-1] == ("undo_merge", "id-Émile")
    assert "Émile" in names(page)
    assert page.note.text.text() == "Émile is back."


@pytest.mark.parametrize(("with_door", "barred"), [({"Ada"}, set()), (set(), {"Émile"})])
def test_a_merge_that_may_give_a_face_the_door_needs_the_pin(
    page: PeopleDialog, session: FakeSession, manage: FakeManage, with_door: set[str], barred: set[str]
) -> None:
    session.kiosk.pin, session.fake_people.with_door = RIGHT_PIN, frozenset(with_door)
    manage.barred = frozenset(barred)
    page._merge("id-Émile", "id-Ada")
    assert manage.merged == [], "a face got the door, or lost its bar, without the PIN"
    question = over(page, PinQuestion)
    assert question.why.text().startswith("Making Émile and Ada one may open the door for a face")
    question.pad.field.setText(RIGHT_PIN)
    question.pad.submit()
    assert manage.calls == [("merge", "id-Émile", "id-Ada", "pin")]


def test_a_merge_that_gives_nobody_the_door_needs_no_pin(
    page: PeopleDialog, session: FakeSession, manage: FakeManage
) -> None:
    session.kiosk.pin, session.fake_people.with_door = RIGHT_PIN, frozenset({"Ada"})
    page._merge("id-Ada", "id-Bea")
    assert manage.calls == [("merge", "id-Ada", "id-Bea")]
    manage.unread = "The gallery is not open."
    page._merge("id-Bea", "id-Zoë")
    assert page.note.text.text() == "The gallery is not open."
    assert len(manage.calls) == 1


def test_an_earlier_merge_can_be_undone_later(page: PeopleDialog, manage: FakeManage) -> None:
    page.merges.click()
    assert not over(page, MergesDialog).undo.isEnabled()
    over(page, MergesDialog).reject()
    page._merge("id-Zoë", "id-Ada")
    page._merge("id-Bea", "id-Ada")
    page.merges.click()
    listed = over(page, MergesDialog)
    assert [listed.list.item(n).text() for n in range(2)] == [  # type: ignore[union-attr]  # there are two
        "2026-11-22   Bea → Ada, 1 photo",
        "2026-11-22   Zoë → Ada, 1 photo",
    ]
    listed.list.setCurrentRow(1)
    listed.undo.click()
    assert manage.calls[-1] == ("undo_merge", "id-Zoë")
    assert names(page) == ["Ada", "Émile", "Zoë"]


@pytest.mark.parametrize(
    ("likeness", "words"),
    [(Likeness(1.31, 0.9), "don't look like one person"), (Likeness(None, 0.9), "Nobody can tell")],
)
def test_a_merge_of_two_who_look_unlike_is_warned_of(
    page: PeopleDialog, manage: FakeManage, likeness: Likeness, words: str
) -> None:
    manage.now_likeness = likeness
    page.view.select(ids("Ada", "Zoë"))
    page.ask_to_merge()
    asked = over(page, MergeDialog)
    assert words in asked.caution.text()
    assert asked.go.isEnabled(), "a warning, no more"
    asked.reject()


def editor_of(page: PeopleDialog) -> QLineEdit:
    viewport = page.view.viewport()
    assert viewport is not None
    return next(e for e in viewport.findChildren(QLineEdit) if e.isVisible())


def finish(page: PeopleDialog, qtbot: QtBot) -> None:
    """Enter: Qt takes the text over with the next turn of its loop."""
    qtbot.keyClick(editor_of(page), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.view.is_editing())
    page.refresh()


def test_a_name_is_changed_in_place(page: PeopleDialog, session: FakeSession, qtbot: QtBot) -> None:
    page.view.select(ids("Bea"))
    page.rename.click()
    editor = editor_of(page)
    assert editor.text() == "Bea"
    qtbot.keyClicks(editor, "Beatrix")
    finish(page, qtbot)
    assert names(page)[1] == "Beatrix"
    session.fake_people.refuse = "somebody is called so already"
    assert page.table.setData(page.table.index(1, 0), "Ada")
    assert page.note.text.text() == "somebody is called so already"


def test_what_is_typed_stays_whatever_changes_meanwhile(page: PeopleDialog, session: FakeSession, qtbot: QtBot) -> None:
    page.view.select(ids("Bea"))
    page.rename.click()
    qtbot.keyClicks(editor_of(page), "Beatr")
    rows = session.fake_people.rows
    session.fake_people.rows = [replace(p, last_seen="2026-11-23") for p in rows]
    session.fake_people.add(person("Aaron"))
    page.refresh()
    assert editor_of(page).text() == "Beatr", "a rename was overwritten while it was typed"
    qtbot.keyClicks(editor_of(page), "ix")
    finish(page, qtbot)
    assert names(page) == ["Aaron", "Ada", "Beatrix", "Émile", "Zoë"]


def test_only_rows_that_differ_are_told(page: PeopleDialog, session: FakeSession) -> None:
    told: list[tuple[int, int]] = []
    page.table.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    session.fake_people.changes += 1
    page.refresh()
    assert told == []
    seen = ("Ada", "Bea", "Zoë")
    rows = session.fake_people.rows
    session.fake_people.rows = [replace(p, last_seen="2026-11-23") if p.name in seen else p for p in rows]
    session.fake_people.changes += 1
    page.refresh()
    assert told == [(0, 1), (3, 3)]


def test_consent_is_put_on_record(page: PeopleDialog, manage: FakeManage) -> None:
    page.view.select(ids("Bea"))
    page.consent.click()
    asked = over(page, ConsentDialog)
    asked.fields.until.setText("soon")
    asked.save.click()
    assert asked.refusal.text().startswith("“soon” is no day")
    asked.fields.until.setText("2028-01-31")
    asked.save.click()
    assert manage.known_consents["id-Bea"].text == CONSENT.text
    assert column(page, Column.CONSENT)[1] == "Consent until 2028-01-31"


def test_consent_is_withdrawn_after_a_question(make_page: MakePage, manage: FakeManage) -> None:
    page = make_page(ids("Ada"), consent=True)
    asked = over(page, ConsentDialog)
    asked.withdraw.click()
    assert asked.question.text() == "Withdraw the consent of Ada?"
    assert SURE in asked.question.accessibleName()
    assert manage.calls == []
    asked.question.yes.click()
    assert manage.calls == [("withdraw_consent", "id-Ada")]
    assert names(page) == ["Bea", "Émile", "Zoë"]
    assert page.note.text.text() == "Ada withdrew consent and is deleted."


def test_neither_a_held_enter_nor_a_double_click_withdraws(
    make_page: MakePage, manage: FakeManage, qtbot: QtBot
) -> None:
    asked = over(make_page(ids("Ada"), consent=True), ConsentDialog)
    asked.withdraw.setFocus()
    for _ in range(8):
        qtbot.keyClick(asked.focusWidget() or asked, Qt.Key.Key_Return)
    asked.question.end()
    at = asked.withdraw.rect().center()
    qtbot.mouseClick(asked.withdraw, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(asked.withdraw, Qt.MouseButton.LeftButton, pos=at)
    assert asked.question.text()
    assert asked.focusWidget() is asked.question.no
    assert not asked.withdraw.isEnabled()
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    assert asked.isVisible()
    assert not asked.question.text()
    assert asked.withdraw.isEnabled()
    assert manage.calls == []


def test_where_consent_is_required_who_has_none_is_told_and_shown(make_page: MakePage, session: FakeSession) -> None:
    session.consent_required = True
    page = make_page()
    assert page.note.text.text() == "This site requires consent, and 2 people have none on record that counts."
    page.note.action.click()
    assert names(page) == ["Bea", "Zoë"]
    page.without.setChecked(False)
    assert len(names(page)) == 4


def test_esc_takes_back_a_question_before_it_closes(page: PeopleDialog) -> None:
    page.view.select(ids("Ada"))
    page.ask_to_delete()
    page.reject()
    assert page.isVisible()
    assert not page.confirm.isVisible()
    page.reject()
    assert not page.isVisible()
