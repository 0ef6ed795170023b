"""The people page on a fake gallery: what it shows, and that it stays light."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from faceapp.gui.main_window import LiveWindow
from faceapp.gui.people.consent import ConsentDialog
from faceapp.gui.people.page import PeopleDialog
from faceapp.gui.people.table_model import HEADS, Column, PeopleTable
from faceapp.gui.people_model import Role
from tests.fakes.live import FakePeople, FakeSession, person
from tests.fakes.people import FakeManage
from tests.gui.conftest import MakeWindow
from tests.gui.people.pages import MakePage, column, ids, names, over


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
