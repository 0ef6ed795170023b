""" "That is not NAME", said of a face in the picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from faceapp.gui.main_window import LiveWindow
from tests.fakes.live import FakeSession, matched, person, result, tracked


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(person("Ada Lovelace"), person("Grace & Co"))


def see(window: LiveWindow, session: FakeSession) -> None:
    """Two known faces and an unknown one."""
    shown = session.show()
    session.now_result = result(
        [
            tracked(1, (40, 150, 140, 280), matched("Ada Lovelace", 0.3)),
            tracked(2, (260, 150, 360, 280), matched("Grace & Co", 0.3)),
            tracked(3, (480, 150, 580, 280), matched("Ada Lovelace", 1.2)),
        ],
        captured_ns=shown.captured_ns,
    )
    window.stage.view.poll()
    window.stage.view.repaint()


def at(window: LiveWindow, track: int) -> QPoint:
    """The middle of a plate."""
    plate = window.stage.view._overlay.plates[track]
    centre: QPointF = plate.center()
    return centre.toPoint()


def menu(window: LiveWindow) -> QMenu | None:
    found = [m for m in window.findChildren(QMenu) if m.accessibleName() == "About this face" and m.isVisible()]
    return found[0] if found else None


def choose(window: LiveWindow, number: int = 0) -> None:
    shown = menu(window)
    assert shown is not None
    shown.actions()[number].trigger()
    shown.close()


def test_a_click_on_a_name_offers_to_say_that_it_is_wrong(
    window: LiveWindow, session: FakeSession, qtbot: QtBot
) -> None:
    see(window, session)
    qtbot.mouseClick(window.stage.view, Qt.MouseButton.LeftButton, pos=at(window, 2))
    shown = menu(window)
    assert shown is not None
    assert [a.text() for a in shown.actions()] == ["That is not Grace && Co"]
    choose(window)
    assert session.calls == [("not_this_person", 2, "id-Grace & Co")]
    assert window.stage.banners.texts() == [
        "Noted: this face is not Grace & Co. Faces like it won't be named so any more."
    ]


def test_a_click_elsewhere_or_on_an_unknown_face_means_nothing(
    window: LiveWindow, session: FakeSession, qtbot: QtBot
) -> None:
    see(window, session)
    for pos in (at(window, 3), QPoint(5, 5)):
        qtbot.mouseClick(window.stage.view, Qt.MouseButton.LeftButton, pos=pos)
        assert menu(window) is None


def test_a_name_that_can_be_clicked_looks_so(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    see(window, session)
    view = window.stage.view
    qtbot.mouseMove(view, at(window, 1))
    qtbot.waitUntil(lambda: view.cursor().shape() == Qt.CursorShape.PointingHandCursor)
    qtbot.mouseMove(view, at(window, 3))
    qtbot.waitUntil(lambda: view.cursor().shape() == Qt.CursorShape.ArrowCursor)


def test_by_keyboard_everybody_who_is_named_can_be_chosen(window: LiveWindow, session: FakeSession) -> None:
    see(window, session)
    view = window.stage.view
    view.setFocus()
    key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(10, 10), view.mapToGlobal(QPoint(10, 10)))
    QApplication.sendEvent(view, key)
    shown = menu(window)
    assert shown is not None
    assert {a.text() for a in shown.actions()} == {"That is not Ada Lovelace", "That is not Grace && Co"}
    shown.close()


def test_the_guest_is_nobody_to_correct(window: LiveWindow, session: FakeSession) -> None:
    session.fake_people.rows = [replace(person("Ada Lovelace"), guest=True)]
    session.fake_people.changes += 1
    window.people.refresh()
    see(window, session)
    [face, *_] = [f for f in window.stage.view.named_faces() if f.track == 1]
    assert window.faces.open([face], QPoint(0, 0)) is None


def test_a_face_that_is_gone_is_said(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    see(window, session)
    session.refuse = "this face is not there any more"
    qtbot.mouseClick(window.stage.view, Qt.MouseButton.LeftButton, pos=at(window, 1))
    choose(window)
    assert window.stage.banners.texts() == [session.refuse]


def test_while_a_photograph_is_guided_no_name_can_be_clicked(
    window: LiveWindow, session: FakeSession, qtbot: QtBot
) -> None:
    see(window, session)
    pos = at(window, 1)
    window.begin_snapshot()
    qtbot.mouseClick(window.stage.view, Qt.MouseButton.LeftButton, pos=pos)
    assert menu(window) is None
