"""The people panel: list, search, rename, delete."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import QModelIndex, QPoint, QRect, Qt
from PyQt6.QtGui import QColor, QFontMetrics
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from faceapp.gui.icons import pixmap
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.people_delegate import fitting, text_rect
from faceapp.gui.people_model import PeopleModel, Role, folded, lines
from faceapp.gui.people_panel import EMPTY, LINGERING, PeoplePanel
from faceapp.gui.pictures import to_bgr
from faceapp.gui.tokens import LIGHT
from faceapp.types import PersonSummary
from tests.fakes.live import CREATED, Consent, FakePeople, FakeSession, person
from tests.gui.conftest import MakeWindow


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(person("Grace Hopper", 3), person("Ada Lovelace"), person("Zoë Ångström", usable=False))


def names(panel: PeoplePanel) -> list[str]:
    model = panel.list.model()
    assert model is not None
    return [str(model.index(r, 0).data()) for r in range(model.rowCount())]


def choose(panel: PeoplePanel, name: str) -> None:
    model = panel.list.model()
    assert model is not None
    panel.list.setCurrentIndex(model.index(names(panel).index(name), 0))
    panel.list.setFocus()


def editor(panel: PeoplePanel) -> QLineEdit:
    viewport = panel.list.viewport()
    assert viewport is not None
    return next(e for e in viewport.findChildren(QLineEdit) if e.isVisible())


def test_the_model_keeps_the_rules_of_models(qapp: QApplication, qtbot: QtBot) -> None:
    people = FakePeople([person("Ada")])
    model = PeopleModel(people)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.refresh()
    assert not model.refresh(), "nothing has changed"
    people.add(person("Grace"))
    assert model.refresh()
    model.set_in_view(frozenset({"id-Grace"}))
    assert [model.index(r).data(Role.IN_VIEW) for r in range(2)] == [False, True]
    assert model.index(5).data() is None
    tester.deleteLater()


def test_people_are_listed_by_name_with_their_photos(window: LiveWindow) -> None:
    assert names(window.people) == ["Ada Lovelace", "Grace Hopper", "Zoë Ångström"]
    details = [window.people.model.index(r).data(Role.DETAIL) for r in range(3)]
    assert details == ["1 photo", "3 photos", "Photograph again"]


def test_consent_stands_beside_each_name_in_words(make_window: MakeWindow) -> None:
    window = make_window(
        FakeSession(
            person("Ada", 2, consent="given", until="2027-03-01"),
            person("Bea", consent="given"),
            person("Cleo", consent="none"),
            person("Dora", consent="expired", until="2026-11-01"),
            person("Ella", consent="withdrawn"),
            person("Flo", usable=False, consent="none"),
            person("Gil"),
        )
    )
    rows = [window.people.model.index(r) for r in range(7)]
    assert [r.data(Role.LINES)[0] for r in rows] == [
        "2 photos · consent until 2027-03-01",
        "1 photo · consent on record",
        "1 photo · no consent on record",
        "1 photo · consent ended 2026-11-01",
        "1 photo · consent withdrawn",
        "Photograph again · no consent on record",
        "1 photo",
    ]
    said = rows[2].data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Cleo, 1 photo, no consent on record"
    assert [r.data(Role.SIGN) for r in rows] == ["check", "check", *["warning"] * 4, None]


def test_where_nobody_has_consent_to_be_without_is_no_alarm(make_window: MakeWindow) -> None:
    session = FakeSession(person("Ada", consent="none"), person("Bea", consent="none"))
    window = make_window(session)
    index = window.people.model.index(0)
    assert index.data(Role.LINES)[0] == "1 photo · no consent on record"
    assert index.data(Role.SIGN) == "info"
    assert warnings(window) == 0
    session.fake_people.add(person("Cleo", consent="given"))
    window.people.refresh()
    assert window.people.model.index(0).data(Role.SIGN) == "warning"
    assert warnings(window) > 50


def warnings(window: LiveWindow) -> int:
    """How much of the list has the colour of a warning."""
    colour = QColor(LIGHT.warning)
    picture = to_bgr(window.people.list.grab().toImage()).astype(int)
    return int((np.abs(picture - [colour.blue(), colour.green(), colour.red()]).max(axis=2) < 24).sum())


def test_every_state_of_consent_has_a_sign_of_another_shape(make_window: MakeWindow) -> None:
    """In the same ink, so the colour can't be what tells them apart."""
    signs = {to_bgr(pixmap(name, "#ffffff", 14).toImage()).tobytes() for name in ("check", "info", "warning")}
    assert len(signs) == 3
    window = make_window(FakeSession(*(person(n, consent=c) for n, c in (("A", "given"), ("B", "none")))))
    window.people.list.clearFocus()
    picture = to_bgr(window.people.list.grab().toImage())
    colours = [QColor(LIGHT.muted), QColor(LIGHT.warning)]
    left = text_rect(QRect(0, 0, 200, 58)).left()
    for row, colour in enumerate(colours):
        line = picture[row * 58 + 29 : row * 58 + 54, left : left + 40].astype(int)
        ink = np.abs(line - [colour.blue(), colour.green(), colour.red()]).max(axis=2) < 60
        assert ink[:, :14].sum() > 5, "the sign"
        assert ink[:, 15:18].sum() == 0, "a gap"
        assert ink[:, 18:].sum() > 5, "the words"


def test_a_narrow_row_keeps_what_it_says_of_consent(qapp: QApplication) -> None:
    choices = lines(person("Ada", 12, consent="none"), in_view=True)
    metrics = QFontMetrics(qapp.font())
    shown = [fitting(choices, metrics, metrics.horizontalAdvance(c)) for c in choices]
    assert shown == [
        "In view · 12 photos · no consent on record",
        "In view · no consent on record",
        "No consent on record",
        "No consent",
    ]
    assert lines(person("Ada", usable=False, consent="none"), in_view=True)[-1] == "Photograph again · no consent"
    assert fitting(choices, metrics, metrics.horizontalAdvance("No con…")).endswith("…")


def test_a_tip_reads_no_markup_in_a_name(make_window: MakeWindow) -> None:
    window = make_window(FakeSession(person("<b>Ada</b>", consent="none")))
    tip = window.people.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<qt>&lt;b&gt;Ada&lt;/b&gt;<br>1 photo · no consent on record</qt>"


def test_a_guest_is_called_one_and_is_neither_renamed_nor_deleted(make_window: MakeWindow) -> None:
    window = make_window(FakeSession(PersonSummary("g", "Guest", 1, CREATED, True, None, guest=True)))
    index = window.people.model.index(0)
    assert index.data(Role.DETAIL) == "Guest, not stored"
    choose(window.people, "Guest")
    window.people.ask_to_delete_current()
    assert window.people.question() is None
    assert not window.people.model.flags(index) & Qt.ItemFlag.ItemIsEditable


def test_people_can_be_sorted_and_the_choice_stays(make_window: MakeWindow) -> None:
    session = FakeSession(
        replace(person("Ada", consent="given"), created="2026-01-01T00:00:00Z"),
        replace(person("Bea", consent="none"), created="2026-03-01T00:00:00Z"),
        replace(person("Cleo", consent="expired"), created="2026-02-01T00:00:00Z"),
        replace(person("Zed", consent="none"), created="2026-01-01T00:00:00Z"),
    )
    window = make_window(session)
    choose(window.people, "Cleo")
    sort_by(window.people, "Newest first")
    assert names(window.people) == ["Bea", "Cleo", "Ada", "Zed"]
    assert window.people.sort.accessibleName() == "Sort people: Newest first"
    sort_by(window.people, "Without consent first")
    assert names(window.people) == ["Cleo", "Bea", "Zed", "Ada"]
    assert window.people.list.currentIndex().data() == "Cleo", "who was chosen stays chosen"
    session.fake_people.add(person("Dora", consent="none"), replace(person("Aline"), guest=True))
    window.people.refresh()
    assert names(window.people) == ["Cleo", "Bea", "Dora", "Zed", "Ada", "Aline"]
    sort_by(window.people, "Name")
    assert names(window.people) == ["Ada", "Aline", "Bea", "Cleo", "Dora", "Zed"]


def sort_by(panel: PeoplePanel, text: str) -> None:
    menu = panel.sort.menu()
    assert menu is not None
    next(a for a in menu.actions() if a.text().replace("&", "") == text).trigger()


@pytest.mark.parametrize("typed", ["hop", "HOPPER", "grace h"])
def test_search_narrows_the_list(window: LiveWindow, qtbot: QtBot, typed: str) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is window.people.search
    qtbot.keyClicks(window.people.search, typed)
    assert names(window.people) == ["Grace Hopper"]
    window.people.search.clear()
    assert len(names(window.people)) == 3


def test_search_overlooks_accents(window: LiveWindow) -> None:
    window.people.search.setText("zoe ang")
    assert names(window.people) == ["Zoë Ångström"]
    assert folded("Straße") == folded("STRASSE")


def test_a_vain_search_says_so(window: LiveWindow) -> None:
    window.people.search.setText("nobody")
    assert names(window.people) == []
    assert window.people.hint() == "No name contains “nobody”."


def test_esc_ends_the_search(window: LiveWindow, qtbot: QtBot) -> None:
    window.people.search.setFocus()
    window.people.search.setText("grace")
    qtbot.keyClick(window.people.search, Qt.Key.Key_Escape)
    assert window.people.search.text() == ""


def test_an_empty_gallery_says_what_to_do(make_window: MakeWindow) -> None:
    window = make_window(FakeSession())
    assert window.people.hint() == EMPTY
    assert not window.people.list.isVisible()


def test_f2_renames(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    choose(window.people, "Grace Hopper")
    qtbot.keyClick(window.people.list, Qt.Key.Key_F2)
    field = editor(window.people)
    assert field.selectedText() == "Grace Hopper"
    qtbot.keyClicks(field, "Admiral Hopper")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Admiral Hopper" in names(window.people))
    assert {p.name for p in session.fake_people.rows} >= {"Admiral Hopper"}


def test_a_refused_name_is_explained_and_the_old_one_stays(
    window: LiveWindow, session: FakeSession, qtbot: QtBot
) -> None:
    session.fake_people.refuse = "There is already somebody called Ada Lovelace: choose another name."
    choose(window.people, "Grace Hopper")
    qtbot.keyClick(window.people.list, Qt.Key.Key_F2)
    qtbot.keyClicks(editor(window.people), "Ada Lovelace")
    qtbot.keyClick(editor(window.people), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.stage.banners.texts() == [session.fake_people.refuse])
    assert "Grace Hopper" in names(window.people)


def test_delete_asks_and_esc_keeps(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    choose(window.people, "Ada Lovelace")
    qtbot.keyClick(window.people.list, Qt.Key.Key_Delete)
    assert window.people.question() == "Delete Ada Lovelace?"
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Cancel", "Enter alone never deletes"
    qtbot.keyClick(focused, Qt.Key.Key_Escape)
    assert window.people.question() is None
    assert session.fake_people.deleted == []


def test_delete_by_keyboard_alone(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    choose(window.people, "Ada Lovelace")
    qtbot.keyClick(window.people.list, Qt.Key.Key_Delete)
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Return)
    assert session.fake_people.deleted == ["id-Ada Lovelace"]
    assert names(window.people) == ["Grace Hopper", "Zoë Ångström"]
    assert window.people.list.currentIndex().data() == "Grace Hopper"
    assert QApplication.focusWidget() is window.people.list


def test_deleting_waits_for_nobody(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    """The file is rewritten, which takes a moment: the list stays usable until it is done."""
    session.fake_people.gate.shut()
    choose(window.people, "Ada Lovelace")
    window.people.ask_to_delete_current()
    window.people._remove.click()
    assert window.people.question() is None
    assert "Ada Lovelace" in names(window.people)
    choose(window.people, "Zoë Ångström")
    session.fake_people.gate.open()
    qtbot.waitUntil(lambda: "Ada Lovelace" not in names(window.people))
    assert window.people.list.currentIndex().data() == "Zoë Ångström", "what was chosen meanwhile stays chosen"
    assert window.stage.banners.texts() == []


def test_a_deletion_that_leaves_traces_says_so(window: LiveWindow, session: FakeSession) -> None:
    session.fake_people.erases = False
    choose(window.people, "Ada Lovelace")
    window.people.ask_to_delete_current()
    window.people._remove.click()
    assert window.stage.banners.texts() == [f"Ada Lovelace is deleted. {LINGERING}"]


def test_a_deletion_that_is_refused_says_so(window: LiveWindow, session: FakeSession) -> None:
    session.fake_people.refuse = "The gallery is locked: close the other faceapp."
    choose(window.people, "Ada Lovelace")
    window.people.ask_to_delete_current()
    window.people._remove.click()
    assert window.stage.banners.texts() == [session.fake_people.refuse]
    assert "Ada Lovelace" in names(window.people)


def test_a_question_goes_when_its_person_has_gone(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    choose(window.people, "Ada Lovelace")
    window.people.ask_to_delete_current()
    session.fake_people.delete("id-Ada Lovelace")
    window.people.refresh()
    assert window.people.question() is None


def test_a_change_by_another_process_shows_and_the_choice_stays(window: LiveWindow, session: FakeSession) -> None:
    choose(window.people, "Grace Hopper")
    session.fake_people.add(person("Bea"))
    window.people.refresh()
    assert names(window.people) == ["Ada Lovelace", "Bea", "Grace Hopper", "Zoë Ångström"]
    assert window.people.list.currentIndex().data() == "Grace Hopper"


def test_the_menu_of_a_row_renames_and_deletes(window: LiveWindow) -> None:
    choose(window.people, "Ada Lovelace")
    menu = window.people.person_menu()
    assert [(a.text().replace("&", ""), a.shortcut().toString()) for a in menu.actions()] == [
        ("Rename", "F2"),
        ("Consent …", ""),
        ("Manage people …", ""),
        ("Delete …", "Del"),
    ]
    menu.actions()[3].trigger()
    assert window.people.question() == "Delete Ada Lovelace?"
    menu.deleteLater()


def test_the_thumbnail_is_painted(make_window: MakeWindow) -> None:
    red = np.zeros((96, 96, 3), np.uint8)
    red[:, :] = (0, 0, 220)
    jpeg = cv2.imencode(".jpg", red)[1].tobytes()
    window = make_window(FakeSession(person("Ada", thumbnail=jpeg), person("Grace", thumbnail=b"not a picture")))
    picture = to_bgr(window.people.list.grab().toImage())
    reds = (picture[:, :, 2] > 180) & (picture[:, :, :2].max(axis=2) < 60)
    assert reds[:58].sum() > 900, "a disc of 40 pixels"
    assert reds[60:].sum() == 0


def test_of_ten_thousand_only_the_visible_are_looked_at(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[int] = set()
    calls = 0
    data = PeopleModel.data

    def counted(self: PeopleModel, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        nonlocal calls
        calls += 1
        asked.add(index.row())
        return data(self, index, role)

    monkeypatch.setattr(PeopleModel, "data", counted)
    states: tuple[Consent, ...] = ("none", "given", "expired")
    window = make_window(FakeSession(*(person(f"Person {i:05d}", consent=states[i % 3]) for i in range(10_000))))
    asked.clear()
    calls = 0
    window.people.list.grab()
    visible = window.people.list.height() // 58 + 2
    assert 0 < len(asked) <= visible
    assert calls <= visible * 20
    calls = 0
    window.people.list.setCurrentIndex(window.people.list.indexAt(QPoint(5, 5)))
    sort_by(window.people, "Without consent first")
    window.people.list.grab()
    assert calls <= visible * 60, "sorted without asking for every row"
    assert names(window.people)[0] == "Person 00002"


def test_ten_thousand_people_open_and_search_quickly(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(FakeSession(*(person(f"Person {i:05d}") for i in range(10_000))))
    window.people.search.setText("09999")
    assert names(window.people) == ["Person 09999"]
    window.people.search.clear()
    window.people.list.scrollToBottom()
    assert window.people.list.grab().width() > 100
    assert len(window.people.list.findChildren(QLineEdit)) == 0, "no widget for a row"
