"""The people page on a fake gallery: what it shows, what it asks, what it does, and that it stays light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.people_types import DoorWords, Likeness
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.people.consent import SURE, ConsentDialog
from faceapp.gui.people.merge import MergeDialog, MergesDialog
from faceapp.gui.people.page import PeopleDialog
from faceapp.gui.people.table_model import HEADS, Column, PeopleTable
from faceapp.gui.people_model import Role
from faceapp.gui.people_panel import LINGERING
from faceapp.types import PersonSummary
from tests.fakes.live import CONSENT, FakePeople, FakeSession, person
from tests.fakes.people import FakeManage
from tests.gui.conftest import MakeWindow

D = TypeVar("D", bound=QDialog)
MakePage = Callable[..., PeopleDialog]


def somebody(name: str, **changes: object) -> PersonSummary:
    return replace(person(name, templates_of(name)), templates=templates_of(name), **changes)  # type: ignore[arg-type]  # plain keywords


def templates_of(name: str) -> int:
    return len(name) % 3 + 1


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession(
        somebody("Ada", consent="given", consent_until="2027-03-01", last_seen="2026-11-20"),
        somebody("Bea", consent="none"),
        somebody("Émile", consent="given", last_seen="2026-11-22"),
        somebody("Zoë", consent="expired", consent_until="2026-11-01"),
    )
    manage = session.fake_people.fake_manage
    manage.doors["Bea"] = DoorWords("yes", "Mon-Fri 07:00-19:00", "Night shift, Staff")
    manage.doors["Zoë"] = DoorWords("deactivated", "", "")
    return session


@pytest.fixture
def manage(session: FakeSession) -> FakeManage:
    return session.fake_people.fake_manage


@pytest.fixture
def make_page(make_window: MakeWindow, session: FakeSession) -> MakePage:
    """Opens the page over the live window, with which it goes; its timers rest."""

    def make(chosen: tuple[str, ...] = (), consent: bool = False) -> PeopleDialog:
        window = make_window(session)
        page = PeopleDialog(session, window.theme, window, chosen, consent)
        page.open()
        for timer in page.timers():
            timer.stop()
        return page

    return make


@pytest.fixture
def page(make_page: MakePage) -> PeopleDialog:
    return make_page()


def names(page: PeopleDialog) -> list[str]:
    return [str(page.table.index(r, 0).data()) for r in range(page.table.rowCount())]


def column(page: PeopleDialog, which: Column) -> list[str]:
    return [str(page.table.index(r, which).data()) for r in range(page.table.rowCount())]


def over(page: PeopleDialog, kind: type[D]) -> D:
    return next(d for d in page.findChildren(kind) if d.isVisible())


def ids(*who: str) -> tuple[str, ...]:
    return tuple(f"id-{name}" for name in who)


def test_the_model_keeps_the_rules_of_models(page: PeopleDialog, session: FakeSession) -> None:
    table = PeopleTable(session.people, False)
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert table.refresh()
    assert not table.refresh(), "nothing has changed"
    session.fake_people.add(person("Grace"))
    assert table.refresh()
    table.sort(Column.SEEN, Qt.SortOrder.DescendingOrder)
    table.search("a")
    assert table.index(9, 0).data() is None
    assert table.rowCount(table.index(0, 0)) == 0
    tester.deleteLater()


def test_everybody_stands_there_with_what_is_known(page: PeopleDialog) -> None:
    assert [page.table.headerData(n, Qt.Orientation.Horizontal) for n in range(len(HEADS))] == list(HEADS)
    rows = [[str(page.table.index(r, c).data()) for c in range(len(HEADS))] for r in range(4)]
    assert rows == [
        ["Ada", "1", "2026-11-20", "Consent until 2027-03-01", "no", "", ""],
        ["Bea", "1", "–", "No consent on record", "yes", "Mon-Fri 07:00-19:00", "Night shift, Staff"],
        ["Émile", "3", "2026-11-22", "Consent on record", "no", "", ""],
        ["Zoë", "1", "–", "Consent ended 2026-11-01", "deactivated", "", ""],
    ]
    assert page.count.text() == "4"


def test_templates_are_named_where_they_are_not_as_many_as_photos(make_page: MakePage, session: FakeSession) -> None:
    session.fake_people.add(person("Old", 3, usable=False), replace(person("Half", 3), templates=1))
    page = make_page()
    assert "3, 1 usable" in column(page, Column.PHOTOS)
    assert "3, photograph again" in column(page, Column.PHOTOS)


@pytest.mark.parametrize(
    ("by", "up", "down"),
    [
        (Column.NAME, ["Ada", "Bea", "Émile", "Zoë"], ["Zoë", "Émile", "Bea", "Ada"]),
        (Column.PHOTOS, ["Ada", "Bea", "Zoë", "Émile"], ["Émile", "Ada", "Bea", "Zoë"]),
        (Column.SEEN, ["Bea", "Zoë", "Ada", "Émile"], ["Émile", "Ada", "Bea", "Zoë"]),
        (Column.CONSENT, ["Zoë", "Bea", "Ada", "Émile"], ["Émile", "Ada", "Bea", "Zoë"]),
        (Column.DOOR, ["Zoë", "Ada", "Émile", "Bea"], ["Bea", "Ada", "Émile", "Zoë"]),
        (Column.GROUPS, ["Ada", "Émile", "Zoë", "Bea"], ["Bea", "Ada", "Émile", "Zoë"]),
    ],
)
def test_each_column_sorts_and_equals_stay_by_name(
    page: PeopleDialog, by: Column, up: list[str], down: list[str]
) -> None:
    page.view.sortByColumn(by, Qt.SortOrder.AscendingOrder)
    assert names(page) == up
    page.view.sortByColumn(by, Qt.SortOrder.DescendingOrder)
    assert names(page) == down


def test_who_is_selected_stays_so_when_it_is_sorted_and_searched(page: PeopleDialog) -> None:
    page.view.select(ids("Ada", "Zoë"))
    page.view.sortByColumn(Column.NAME, Qt.SortOrder.DescendingOrder)
    assert [r.person.name for r in page.view.rows()] == ["Zoë", "Ada"]
    page.search.setText("zoe")
    assert names(page) == ["Zoë"]
    assert page.view.ids == ids("Zoë"), "who isn't in view can't be deleted by accident"
    page.search.setText("night")
    assert names(page) == ["Bea"], "groups are searched as well"
    page.search.setText("nobody")
    assert page.empty.isVisible()
    assert not page.delete.isEnabled()


def test_what_fits_the_selection_can_be_done(page: PeopleDialog) -> None:
    buttons = page.rename, page.consent, page.merge, page.delete
    for chosen, can in (
        ((), (False, False, False, False)),
        (ids("Ada"), (True, True, False, True)),
        (ids("Ada", "Bea"), (False, False, True, True)),
        (ids("Ada", "Bea", "Zoë"), (False, False, False, True)),
    ):
        page.view.select(chosen)
        assert tuple(b.isEnabled() for b in buttons) == can
        actions = page.person_menu().actions()
        assert tuple(a.isEnabled() for a in actions) == (*can, True)
    assert page.count.text() == "4, 3 selected"


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


def test_a_name_is_changed_in_place(page: PeopleDialog, session: FakeSession) -> None:
    page.view.select(ids("Bea"))
    page.rename.click()
    viewport = page.view.viewport()
    assert viewport is not None
    editor = next(e for e in viewport.findChildren(QLineEdit) if e.isVisible())
    assert editor.text() == "Bea"
    index: QModelIndex = page.table.index(1, 0)
    assert page.table.setData(index, "Beatrix")
    assert names(page)[1] == "Beatrix"
    session.fake_people.refuse = "somebody is called so already"
    assert page.table.setData(index, "Ada")
    assert page.note.text.text() == "somebody is called so already"


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


def test_consent_is_withdrawn_after_a_warning(make_page: MakePage, manage: FakeManage) -> None:
    page = make_page(ids("Ada"), consent=True)
    asked = over(page, ConsentDialog)
    asked.withdraw.click()
    assert asked.refusal.text() == SURE
    assert manage.calls == []
    asked.withdraw.click()
    assert manage.calls == [("withdraw_consent", "id-Ada")]
    assert names(page) == ["Bea", "Émile", "Zoë"]
    assert page.note.text.text() == "Ada withdrew consent and is deleted."


def test_where_consent_is_required_who_has_none_is_told_and_shown(make_page: MakePage, session: FakeSession) -> None:
    session.consent_required = True
    page = make_page()
    assert page.note.text.text() == "This site requires consent, and 2 people have none on record that counts."
    page.note.action.click()
    assert names(page) == ["Bea", "Zoë"]
    page.without.setChecked(False)
    assert len(names(page)) == 4


def test_without_any_consent_on_record_the_sign_depends_on_the_site(
    make_window: MakeWindow, session: FakeSession
) -> None:
    session.fake_people.rows = [person("Ada", consent="none")]
    assert make_window(session).people.model.index(0).data(Role.SIGN) == "info"
    session.consent_required = True
    assert make_window(session).people.model.index(0).data(Role.SIGN) == "warning"
    for required, sign in ((False, "info"), (True, "warning")):
        table = PeopleTable(session.people, required)
        table.refresh()
        assert table.index(0, Column.CONSENT).data(Role.SIGN) == sign


def test_ten_thousand_rows_cost_no_widget_and_only_faces_in_view(
    make_page: MakePage, session: FakeSession, manage: FakeManage, qtbot: QtBot
) -> None:
    page = make_page()
    viewport = page.view.viewport()
    assert viewport is not None
    few = len(page.view.findChildren(QWidget))
    page.grab()
    manage.asked.clear()
    session.fake_people.rows = [person(f"P{n:05d}") for n in range(10_000)]
    session.fake_people.changes += 1
    page.refresh()
    page.grab()
    assert page.table.rowCount() == 10_000
    assert len(page.view.findChildren(QWidget)) == few
    in_view = viewport.height() // page.view.rowHeight(0) + 2
    assert 0 < len(set(manage.asked)) <= in_view
    manage.asked.clear()
    page.view.scrollTo(page.table.index(7000, 0))
    page.grab()
    assert "id-P07000" in manage.asked
    assert len(set(manage.asked)) <= in_view
    assert len(page.view.findChildren(QWidget)) == few


def test_a_face_that_has_come_is_painted(page: PeopleDialog, manage: FakeManage) -> None:
    assert not page.table.faces_came()
    manage.now_drawn += 1
    assert page.table.faces_came()
    assert not page.table.faces_came()


def test_esc_takes_back_a_question_before_it_closes(page: PeopleDialog) -> None:
    page.view.select(ids("Ada"))
    page.ask_to_delete()
    page.reject()
    assert page.isVisible()
    assert not page.confirm.isVisible()
    page.reject()
    assert not page.isVisible()


def test_the_panel_leads_here(make_window: MakeWindow, session: FakeSession) -> None:
    window: LiveWindow = make_window(session)
    window.people.manage.click()
    page = next(p for p in window.findChildren(PeopleDialog) if p.isVisible())
    page.reject()
    panel_menu = window.people
    panel_menu.list.setCurrentIndex(panel_menu._filter.index(1, 0))
    actions = {a.text(): a for a in panel_menu.person_menu().actions()}
    actions["&Manage people …"].trigger()
    page = next(p for p in window.findChildren(PeopleDialog) if p.isVisible())
    assert page.view.ids == ids("Bea")
    page.reject()
    actions["&Consent …"].trigger()
    page = next(p for p in window.findChildren(PeopleDialog) if p.isVisible())
    over(page, ConsentDialog).reject()
    page.reject()


def test_a_gallery_in_a_list(session: FakeSession) -> None:
    assert isinstance(session.fake_people, FakePeople)
    assert [r.person.name for r in session.people.manage.rows()] == ["Ada", "Bea", "Zoë", "Émile"]
