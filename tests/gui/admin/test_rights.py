"""Who may open the door: the list, the search, and every button."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.kiosk.types import WeeklyHours
from faceapp.gui.admin.panel import AdminPanel
from faceapp.gui.admin.rights import RightsPanel
from faceapp.gui.admin.rights_model import SIGN, STATUS, RightsModel
from tests.fakes.kiosk import FakeKiosk, FakeRights, right
from tests.gui.admin.conftest import WEEK


@pytest.fixture
def rights(panel: AdminPanel) -> RightsPanel:
    panel.show_page(2)
    panel.rights._timer.stop()  # the test calls what it would call
    return panel.rights


def names(rights: RightsPanel) -> list[str]:
    return [str(rights.model.index(r).data()) for r in range(rights.model.rowCount())]


def status(rights: RightsPanel, name: str) -> tuple[str, str]:
    index = rights.model.index(names(rights).index(name))
    return str(index.data(STATUS)), str(index.data(SIGN))


def click(qtbot: QtBot, widget: QWidget) -> None:
    assert widget.isVisible()
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_the_model_keeps_the_rules_of_models(qapp: QApplication) -> None:
    fake = FakeRights([right("Ada")])
    model = RightsModel(fake)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.refresh()
    assert not model.refresh(), "nothing has changed"
    fake.people.append(right("Bob", "allow"))
    fake.changes += 1
    assert model.refresh()
    model.search("bob")
    assert model.rowCount() == 1
    assert model.index(4).data() is None
    tester.deleteLater()


def test_everybody_is_listed_with_what_holds(rights: RightsPanel) -> None:
    assert {n: status(rights, n) for n in names(rights)} == {
        "Ada": ("always", "check"),
        "Bob": ("Mon–Fri 07:00–19:00; Sat 08:00–12:00 · 2 badges", "check"),
        "Christine": ("not allowed", "close"),
        "Dorothy": ("through Staff", "check"),
        "Grace": ("deactivated", "pause"),
        "Zoë Ångström": ("no right yet", "close"),
    }
    assert rights.count.text() == "3 of 6 may enter"


def test_search_overlooks_case_and_accents(rights: RightsPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(rights.search, "zoe a")
    assert names(rights) == ["Zoë Ångström"]
    assert rights.person.name.text() == "Zoë Ångström"
    rights.search.setText("nobody")
    assert rights.empty.text() == "No name contains “nobody”."
    assert rights.empty.isVisible()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Ada", "May enter at any time."),
        ("Bob", "May enter: Mon–Fri 07:00–19:00; Sat 08:00–12:00."),
        ("Christine", "May not enter, whatever their groups may."),
        ("Dorothy", "May enter at the hours of: Staff."),
        ("Grace", "Deactivated: nothing opens for Grace."),
        ("Zoë Ångström", "May not enter: nobody has allowed it yet."),
    ],
)
def test_what_holds_is_a_sentence(rights: RightsPanel, name: str, sentence: str) -> None:
    rights.choose(f"id-{name}")
    assert rights.person.state.text() == sentence


def test_allow_deny_and_leave_to_groups(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    rights.choose("id-Dorothy")
    assert rights.person.groups.isChecked()
    click(qtbot, rights.person.deny)
    assert rights.person.deny.isChecked()
    assert status(rights, "Dorothy")[0] == "not allowed"
    click(qtbot, rights.person.allow)
    assert status(rights, "Dorothy") == ("always", "check")
    click(qtbot, rights.person.groups)
    calls = fake.fake_rights.calls
    assert calls == [("deny", "id-Dorothy"), ("allow", "id-Dorothy", None), ("leave_to_groups", "id-Dorothy")]


def test_pressing_what_holds_already_keeps_the_hours(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    rights.choose("id-Bob")
    click(qtbot, rights.person.allow)
    assert fake.fake_rights.calls == []
    assert rights.person.hours.hours() == WEEK


def test_hours_are_kept_when_the_button_says_so(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    rights.choose("id-Ada")
    assert not rights.person.hours.isVisible()
    click(qtbot, rights.person.at_hours)
    assert fake.fake_rights.calls == [], "nothing is asked for before the hours are chosen"
    click(qtbot, rights.person.keep_hours)
    usual = (WeeklyHours(frozenset(range(5)), "07:00", "19:00"),)
    assert fake.fake_rights.calls == [("allow", "id-Ada", usual)]
    assert not rights.person.keep_hours.isVisible(), "there is nothing left to keep"
    click(qtbot, rights.person.always)
    assert fake.fake_rights.calls[-1] == ("allow", "id-Ada", None)


def test_hours_that_are_none_cannot_be_kept(rights: RightsPanel, qtbot: QtBot) -> None:
    rights.choose("id-Bob")
    assert not rights.person.keep_hours.isVisible()
    rights.person.hours.windows[0].opens.field.setText("25:00")
    assert rights.person.keep_hours.isVisible()
    assert not rights.person.keep_hours.isEnabled()
    rights.person.hours.windows[0].opens.field.setText("06:30")
    assert rights.person.keep_hours.isEnabled()


def test_what_is_being_edited_survives_a_change_of_somebody_else(rights: RightsPanel, fake: FakeKiosk) -> None:
    rights.choose("id-Bob")
    rights.person.hours.windows[0].opens.field.setText("06:30")
    fake.fake_rights.people = [*fake.fake_rights.people, right("Aaron")]
    fake.fake_rights.changes += 1
    rights.refresh()
    assert rights.person.name.text() == "Bob"
    assert rights.person.hours.windows[0].opens.field.text() == "06:30"


def test_a_change_by_another_process_is_followed(rights: RightsPanel, fake: FakeKiosk) -> None:
    rights.choose("id-Bob")
    people = fake.fake_rights.people
    fake.fake_rights.people = [replace(r, hours=None) if r.name == "Bob" else r for r in people if r.name != "Ada"]
    fake.fake_rights.changes += 1
    rights.refresh()
    assert rights.person.state.text() == "May enter at any time."
    assert "Ada" not in names(rights)


def test_deactivate_and_activate_again(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    rights.choose("id-Ada")
    click(qtbot, rights.person.active)
    assert status(rights, "Ada") == ("deactivated", "pause")
    assert rights.person.active.text() == "Activate again"
    click(qtbot, rights.person.active)
    assert fake.fake_rights.calls == [("set_active", "id-Ada", False), ("set_active", "id-Ada", True)]


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_a_badge_is_read(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot, end: Qt.Key) -> None:
    rights.choose("id-Ada")
    click(qtbot, rights.person.add_badge)
    code = rights.person.code
    assert code.hasFocus()
    assert code.echoMode() == QLineEdit.EchoMode.Password
    qtbot.keyClicks(code, "04A177")
    qtbot.keyClick(code, end)
    assert fake.fake_rights.calls == [("set_badge", "id-Ada", "04A177")]
    assert fake.codes == [], "a badge that is being given isn't a claim"
    assert not code.isVisible()
    assert code.text() == ""
    assert rights.person.badges.text() == "1 badge"
    click(qtbot, rights.person.forget)
    assert fake.fake_rights.calls[-1] == ("set_badge", "id-Ada", None)
    assert not rights.person.forget.isEnabled()


def test_a_badge_half_typed_is_forgotten(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    rights.choose("id-Ada")
    click(qtbot, rights.person.add_badge)
    qtbot.keyClicks(rights.person.code, "04A1")
    qtbot.keyClick(rights.person.code, Qt.Key.Key_Escape)
    assert rights.person.code.text() == ""
    click(qtbot, rights.person.add_badge)
    qtbot.keyClicks(rights.person.code, "04A1")
    rights.choose("id-Bob")
    assert not rights.person.code.isVisible()
    assert fake.fake_rights.calls == []


def test_a_refusal_is_a_line_and_changes_nothing(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    fake.fake_rights.refuse = "The audit log cannot be written: free some space."
    rights.choose("id-Christine")
    click(qtbot, rights.person.allow)
    assert rights.line.text == "The audit log cannot be written: free some space."
    assert rights.person.deny.isChecked()
    assert status(rights, "Christine")[0] == "not allowed"
    fake.fake_rights.refuse = None
    click(qtbot, rights.person.allow)
    assert rights.line.text == ""


def test_until_it_is_answered_nothing_is_shown_as_changed(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    fake.fake_rights.gate.shut()
    rights.choose("id-Christine")
    click(qtbot, rights.person.allow)
    assert rights.person.deny.isChecked()
    assert not rights.person.isEnabled(), "one change at a time"
    fake.fake_rights.gate.open()
    qtbot.waitUntil(rights.person.allow.isChecked)
    assert rights.person.isEnabled()


def test_an_empty_gallery_says_so(rights: RightsPanel, fake: FakeKiosk) -> None:
    fake.fake_rights.people = []
    fake.fake_rights.changes += 1
    rights.refresh()
    assert rights.empty.text() == "Nobody is enrolled yet."
    assert not rights.person.isVisible()


def test_the_week_of_the_fixture_is_shown_whole(rights: RightsPanel) -> None:
    rights.choose("id-Bob")
    assert rights.person.hours.hours() == WEEK


def test_a_badge_may_be_needed_besides_the_face(rights: RightsPanel, fake: FakeKiosk, qtbot: QtBot) -> None:
    rights.choose("id-Bob")
    person = rights.person
    assert not person.needs_badge.isChecked()
    click(qtbot, person.needs_badge)
    assert fake.fake_rights.calls == [("require_badge", "id-Bob")]
    assert person.needs_badge.isChecked()
    assert person.state.text().endswith("A badge is needed besides the face.")
    assert status(rights, "Bob")[0].endswith("2 badges · badge needed")
    click(qtbot, person.needs_badge)
    assert fake.fake_rights.calls[-1] == ("require_badge", "id-Bob", False)
    assert not person.needs_badge.isChecked()
    rights.choose("id-Ada")
    click(qtbot, person.needs_badge)
    assert person.state.text().endswith("and none is known: nothing opens yet.")
    assert status(rights, "Ada")[0] == "always · badge needed"
    rights.choose("id-Christine")
    fake.fake_rights.refuse = "the audit log cannot be written"
    click(qtbot, person.needs_badge)
    assert not person.needs_badge.isChecked(), "nothing is shown as changed before it is"
    assert person.state.text() == "May not enter, whatever their groups may."
