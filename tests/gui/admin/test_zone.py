"""The zone: dragged, moved by keys, kept, reset."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.gui.admin.panel import AdminPanel
from faceapp.gui.admin.zone import SMALLEST, WHOLE, ZonePage
from tests.fakes.kiosk import FakeKiosk

ZONE = (0.25, 0.25, 0.75, 0.75)


@pytest.fixture
def page(panel: AdminPanel, fake: FakeKiosk) -> ZonePage:
    fake.picture()
    fake.now_zone = ZONE
    panel.show_page(3)
    QApplication.processEvents()
    panel.zone.view.set_zone(ZONE)
    panel.zone.view.poll()
    return panel.zone


def at(page: ZonePage, x: float, y: float) -> QPoint:
    place = page.view.picture_rect()
    return QPoint(round(place.left() + x * place.width()), round(place.top() + y * place.height()))


def drag(page: ZonePage, qtbot: QtBot, begin: QPoint, end: QPoint) -> None:
    qtbot.mousePress(page.view, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(page.view, end)
    qtbot.mouseRelease(page.view, Qt.MouseButton.LeftButton, pos=end)


@pytest.mark.parametrize(
    ("begin", "end", "zone"),
    [
        ((0.5, 0.5), (0.6, 0.4), (0.35, 0.15, 0.85, 0.65)),
        ((0.25, 0.25), (0.1, 0.2), (0.1, 0.2, 0.75, 0.75)),
        ((0.75, 0.5), (0.9, 0.9), (0.25, 0.25, 0.9, 0.75)),
        ((0.5, 0.75), (0.5, 0.5), (0.25, 0.25, 0.75, 0.5)),
        ((0.75, 0.75), (0.0, 0.0), (0.25, 0.25, 0.25 + SMALLEST, 0.25 + SMALLEST)),
        ((0.5, 0.5), (1.0, 1.0), (0.5, 0.5, 1.0, 1.0)),
        ((0.05, 0.05), (0.5, 0.5), ZONE),
    ],
)
def test_it_is_dragged(
    page: ZonePage,
    qtbot: QtBot,
    begin: tuple[float, float],
    end: tuple[float, float],
    zone: tuple[float, float, float, float],
) -> None:
    drag(page, qtbot, at(page, *begin), at(page, *end))
    assert page.view.zone == pytest.approx(zone, abs=0.005)


def test_a_fingertip_beside_the_edge_takes_it(page: ZonePage) -> None:
    corner = QPointF(at(page, 0.25, 0.25))
    assert page.view.grip(corner + QPointF(-20, -20)) == "lt"
    assert page.view.grip(corner + QPointF(60, 18)) == "t"
    assert page.view.grip(corner + QPointF(-30, 60)) == ""


def test_mirrored_it_is_dragged_where_it_is_seen(page: ZonePage, qtbot: QtBot) -> None:
    page.view.mirrored = True
    page.view.set_zone((0.0, 0.25, 0.5, 0.75))  # seen at the right
    drag(page, qtbot, at(page, 0.5, 0.5), at(page, 0.6, 0.5))
    assert page.view.zone == pytest.approx((0.0, 0.25, 0.4, 0.75), abs=0.005)


def test_arrow_keys_move_and_resize_it(page: ZonePage, qtbot: QtBot) -> None:
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Right)
    qtbot.keyClick(page.view, Qt.Key.Key_Up)
    assert page.view.zone == pytest.approx((0.26, 0.24, 0.76, 0.74))
    qtbot.keyClick(page.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.view.zone == pytest.approx((0.26, 0.24, 0.76, 0.75))


def test_it_holds_from_when_it_is_kept(page: ZonePage, fake: FakeKiosk, qtbot: QtBot) -> None:
    assert not page.keep.isEnabled()
    drag(page, qtbot, at(page, 0.5, 0.5), at(page, 0.6, 0.5))
    assert fake.now_zone == ZONE
    qtbot.mouseClick(page.keep, Qt.MouseButton.LeftButton)
    assert fake.now_zone == page.view.zone
    assert page.line.text == "The zone is in force from now on."
    assert not page.keep.isEnabled()


def test_undo_and_the_whole_picture(page: ZonePage, fake: FakeKiosk, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.whole, Qt.MouseButton.LeftButton)
    assert page.view.zone == WHOLE
    assert page.share.text() == "100 % of the width, 100 % of the height"
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert page.view.zone == ZONE
    assert fake.calls == []


def test_a_zone_that_cannot_be_kept_says_why(page: ZonePage, fake: FakeKiosk) -> None:
    fake.refuse_zone = "the settings cannot be written: free some space"
    page.view.set_zone(WHOLE)
    page.keep.click()
    assert page.line.text == "the settings cannot be written: free some space"
    assert page.keep.isEnabled()


def test_a_zone_is_in_force_when_it_is_kept_and_not_before(page: ZonePage, fake: FakeKiosk, qtbot: QtBot) -> None:
    fake.gate.shut()
    page.view.set_zone(WHOLE)
    page.keep.click()
    assert (page.line.text, page.keep.isEnabled(), fake.now_zone) == ("", False, ZONE)
    fake.gate.open()
    qtbot.waitUntil(lambda: page.line.text == "The zone is in force from now on.")
    assert fake.now_zone == WHOLE
