"""Nothing leads out of the kiosk but the PIN, and nobody's name is said before the door is open."""

from __future__ import annotations

import itertools

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QFocusEvent, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QPushButton

from faceapp.gui.admin.panel import AdminPanel
from faceapp.gui.kiosk.administration import admin_panel
from faceapp.gui.kiosk.messages import ICONS, no_liveness
from faceapp.gui.kiosk.options import ScreenOptions
from faceapp.gui.kiosk.window import IDLE_S, LANGUAGE_S, OUTSIDE_S, POINTER_S
from faceapp.types import BgrImage
from tests.fakes.kiosk import RIGHT_PIN, FakeKiosk, right
from tests.fakes.live import matched, result, tracked
from tests.gui.kiosk.conftest import FakePanel, Kiosk, MakeKiosk, everything_said

KEYS = [
    Qt.Key.Key_Escape,
    Qt.Key.Key_F4,
    Qt.Key.Key_F11,
    Qt.Key.Key_Q,
    Qt.Key.Key_W,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Return,
    Qt.Key.Key_Space,
    Qt.Key.Key_Back,
    Qt.Key.Key_Delete,
    Qt.Key.Key_A,
    Qt.Key.Key_F1,
    Qt.Key.Key_Menu,
]
MODIFIERS = [
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.MetaModifier,
]


@pytest.mark.parametrize("page", ["kiosk", "pin", "number"])
def test_no_key_combination_leaves_full_screen(make_kiosk: MakeKiosk, page: str) -> None:
    fake = FakeKiosk()
    fake.now_mode = "verify"
    kiosk = make_kiosk(fake)
    window = kiosk.window
    combinations = itertools.chain.from_iterable(itertools.combinations(MODIFIERS, n) for n in range(4))
    for held in combinations:
        modifiers = Qt.KeyboardModifier.NoModifier
        for one in held:
            modifiers |= one
        for key in KEYS:
            {"kiosk": window.show_kiosk, "pin": window.ask_pin, "number": window.ask_number}[page]()
            QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)
            window.close()
            assert window.isVisible()
            assert window.isFullScreen()
            assert window.is_locked
            assert window.panel is None
    assert fake.actions == []


def test_closing_and_shrinking_are_undone(kiosk: Kiosk) -> None:
    window = kiosk.window
    assert not window.close()
    assert window.isVisible()
    window.showNormal()
    window.return_to_front()
    assert window.isFullScreen()
    window.showMinimized()
    window.return_to_front()
    assert window.isFullScreen()
    assert not window.isMinimized()
    flags = window.windowFlags()
    assert flags & Qt.WindowType.FramelessWindowHint
    assert flags & Qt.WindowType.WindowStaysOnTopHint


def test_losing_the_state_starts_the_return(kiosk: Kiosk) -> None:
    (timer,) = [t for t in kiosk.window.timers() if t is kiosk.window._return_timer]
    timer.stop()
    QApplication.sendEvent(kiosk.window, QEvent(QEvent.Type.ActivationChange))
    assert timer.isActive()
    timer.stop()


def test_the_system_s_administrator_can_end_it(kiosk: Kiosk) -> None:
    kiosk.window.end()
    assert not kiosk.window.isVisible()


def test_the_right_pin_opens_the_administrator_s_page(kiosk: Kiosk) -> None:
    asked: list[bool] = []
    kiosk.window.administration_requested.connect(lambda: asked.append(True))
    QTest.keyClick(
        kiosk.window.screen_page,
        Qt.Key.Key_A,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert kiosk.window.page == "pin"
    kiosk.type_pin("000001")
    assert (kiosk.window.page, asked) == ("pin", [])
    kiosk.type_pin(RIGHT_PIN)
    assert (kiosk.window.page, asked) == ("admin", [True])
    assert isinstance(kiosk.window.panel, FakePanel)
    assert kiosk.window.panel.isVisible()
    assert kiosk.window.panel.size() == kiosk.window.size()
    assert not kiosk.window.screen_page.isVisible()
    assert kiosk.fake.actions == ["panel_opened"]
    kiosk.window.panel.closed.emit()
    assert (kiosk.window.page, kiosk.window.panel) == ("kiosk", None)
    assert kiosk.window.screen_page.isVisible()
    assert kiosk.window.is_locked


def test_a_late_answer_opens_nothing_once_the_pad_is_gone(kiosk: Kiosk) -> None:
    kiosk.window.ask_pin()
    kiosk.fake.gate.shut()
    kiosk.type_pin(RIGHT_PIN)
    kiosk.window.pin_pad.cancel()
    assert kiosk.window.page == "kiosk"
    kiosk.fake.gate.open()
    kiosk.window.pin_pad._answers.look()
    assert kiosk.window.page == "kiosk"
    kiosk.window.ask_pin()
    kiosk.window.pin_pad._answers.look()
    assert kiosk.window.page == "pin"


def test_the_page_closes_itself_after_a_minute_without_input(kiosk: Kiosk) -> None:
    kiosk.administer()
    kiosk.tick(IDLE_S["admin"] - 1)
    assert kiosk.window.page == "admin"
    assert kiosk.window.panel is not None
    QTest.mouseClick(kiosk.window.panel.findChild(QPushButton), Qt.MouseButton.LeftButton)
    kiosk.tick(IDLE_S["admin"] - 1)
    assert kiosk.window.page == "admin", "a touch counts"
    kiosk.tick(2)
    assert kiosk.window.page == "kiosk"


def test_the_pads_close_themselves_too(verifying: Kiosk) -> None:
    window = verifying.window
    for ask, card, seconds in (
        (window.ask_pin, window.pin_pad, IDLE_S["pin"]),
        (window.ask_number, window.number_card, IDLE_S["number"]),
    ):
        ask()
        card.field.setText("12")
        verifying.tick(seconds + 1)
        assert window.page == "kiosk"
        assert card.field.text() == "", "and what was typed is forgotten"


def test_an_administrator_can_leave_and_come_back(kiosk: Kiosk) -> None:
    kiosk.administer().leave_full_screen.emit()
    window = kiosk.window
    assert not window.is_locked
    assert not window.isFullScreen()
    assert window.isVisible()
    assert not window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    kiosk.tick(OUTSIDE_S + 1)
    assert window.is_locked
    assert window.isFullScreen()
    assert kiosk.fake.actions == ["panel_opened", "left_full_screen", "returned_to_full_screen"]


def test_an_administrator_can_quit(kiosk: Kiosk) -> None:
    kiosk.administer().quit_kiosk.emit()
    assert not kiosk.window.isVisible()
    assert kiosk.fake.actions == ["panel_opened", "quit_kiosk"]


def test_leaving_and_quitting_need_the_page(kiosk: Kiosk) -> None:
    kiosk.window.leave_full_screen()
    kiosk.window.quit_kiosk()
    assert kiosk.window.isVisible()
    assert kiosk.window.is_locked


def test_without_a_pin_the_kiosk_begins_with_choosing_one(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(FakeKiosk(pin=None))
    assert kiosk.window.page == "pin"
    kiosk.tick(1000)
    QTest.keyClick(kiosk.window.pin_pad, Qt.Key.Key_Escape)
    assert kiosk.window.page == "pin", "it can be neither waited nor waved away"
    kiosk.type_pin("528491")
    kiosk.type_pin("528491")
    assert kiosk.fake.pin == "528491"
    assert (kiosk.window.page, kiosk.window.panel) == ("kiosk", None)


def test_nobody_chooses_the_pin_of_a_kiosk_that_is_running(kiosk: Kiosk) -> None:
    """Its file disappears meanwhile: holding the corner says what to do and leads nowhere."""
    kiosk.fake.pin = None
    kiosk.window.ask_pin()
    assert kiosk.window.page == "pin"
    assert not kiosk.window.pin_pad.is_choosing
    for _ in range(2):
        kiosk.type_pin("528491")
    assert (kiosk.fake.pin, kiosk.window.panel, kiosk.window.page) == (None, None, "pin")
    kiosk.tick(31)
    assert kiosk.window.page == "kiosk", "and it goes away by itself"


def press(kiosk: Kiosk, kind: QEvent.Type, at: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, QPointF(at), QPointF(at), left, left, none)
    QApplication.sendEvent(kiosk.window.corner, event)


def test_holding_the_corner_for_two_seconds_asks_for_the_pin(kiosk: Kiosk) -> None:
    corner = kiosk.window.corner
    press(kiosk, QEvent.Type.MouseButtonPress, corner.rect().center())
    kiosk.clock.tick(1.9)
    corner.look()
    assert kiosk.window.page == "kiosk"
    kiosk.clock.tick(0.2)
    corner.look()
    assert kiosk.window.page == "pin"


def test_a_short_press_or_one_that_slides_away_asks_nothing(kiosk: Kiosk) -> None:
    corner = kiosk.window.corner
    for end in (QEvent.Type.MouseButtonRelease, QEvent.Type.MouseMove):
        press(kiosk, QEvent.Type.MouseButtonPress, corner.rect().center())
        kiosk.clock.tick(1)
        press(kiosk, end, QPoint(-500, 900))
        kiosk.clock.tick(5)
        corner.look()
        assert kiosk.window.page == "kiosk"


def test_no_name_is_said_or_shown_while_deciding(kiosk: Kiosk, astronaut: BgrImage) -> None:
    window = kiosk.window
    for screen in ICONS:
        if screen == "welcome":
            continue
        kiosk.fake.picture(astronaut, kiosk.clock.now)
        face = tracked(3, (150, 60, 300, 240), matched("Eileen Collins", 0.2))
        kiosk.fake.now_result = result([face], 0, kiosk.clock.now, (512, 512))
        kiosk.fake.show(screen, track=3, progress=0.5, name="Eileen Collins")
        kiosk.settle()
        assert window.screen_page.sheet.message is not None
        assert window.screen_page.sheet.message.screen == screen
        assert "Eileen" not in everything_said(window)
        assert "Collins" not in everything_said(window)


def test_the_name_is_gone_with_the_welcome(kiosk: Kiosk) -> None:
    kiosk.fake.show("welcome", name="Ada")
    kiosk.tick()
    assert kiosk.headline == "Welcome, Ada"
    assert "Welcome, Ada. The door is open." in everything_said(kiosk.window)
    kiosk.fake.show("idle")
    kiosk.tick()
    assert "Ada" not in everything_said(kiosk.window)
    assert kiosk.window.screen_page.sheet._before is None, "nor does it fade out slowly"


def test_the_screens_are_paced_by_the_clock(kiosk: Kiosk) -> None:
    kiosk.fake.show("come_closer")
    kiosk.tick(0.033)
    kiosk.tick(0.1)
    assert kiosk.headline == "Entrance"
    kiosk.tick(0.06)
    assert kiosk.headline == "Come closer"
    kiosk.fake.show("not_recognised")
    kiosk.tick()
    kiosk.fake.show("idle")
    kiosk.tick(1.4)
    assert kiosk.headline == "Not recognised"
    kiosk.tick(0.2)
    assert kiosk.headline == "Entrance"


def test_the_frame_is_around_the_face_at_hand_as_a_mirror_shows_it(kiosk: Kiosk, astronaut: BgrImage) -> None:
    kiosk.fake.picture(astronaut, kiosk.clock.now)
    kiosk.fake.now_result = result(
        [tracked(1, (0, 0, 40, 40)), tracked(2, (60, 100, 160, 200))], 0, kiosk.clock.now, (512, 512)
    )
    kiosk.fake.show("look_here", track=2)
    for _ in range(10):
        kiosk.tick()
    mirror = kiosk.window.screen_page.mirror
    rect = mirror.face_rect()
    assert rect is not None
    assert rect.center().x() > mirror.width() / 2, "left in the picture, right in the mirror"
    kiosk.fake.show("idle")
    kiosk.settle()
    assert mirror.face_rect() is None


def test_it_says_when_it_cannot_tell_a_picture_from_a_person(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk()
    assert kiosk.window.screen_page.sheet.footer == no_liveness()
    kiosk.fake.now_liveness = "passive"
    kiosk.tick()
    assert kiosk.window.screen_page.sheet.footer == ""


def test_every_button_can_be_reached_by_tab_and_has_a_name(verifying: Kiosk) -> None:
    window = verifying.window
    for card in (None, window.number_card, window.pin_pad):
        {None: window.show_kiosk, window.number_card: window.ask_number, window.pin_pad: window.ask_pin}[card]()
        root = card or window.screen_page
        buttons = {b for b in root.findChildren(QPushButton) if b.isVisible()}
        reached = set()
        for _ in range(40):
            QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
            reached.add(QApplication.focusWidget())
        assert buttons <= reached
        assert all(b.accessibleName() for b in buttons)
        window.show_kiosk()


def test_the_state_is_the_name_of_what_has_the_focus(kiosk: Kiosk) -> None:
    assert kiosk.window.screen_page.hasFocus()
    kiosk.fake.show("out_of_order")
    kiosk.tick()
    assert kiosk.window.screen_page.accessibleName().startswith("Out of order. ")


def test_a_visitor_s_language_lasts_a_minute(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(options=ScreenOptions("de"))
    assert kiosk.headline == "Eingang"
    french = next(b for b in kiosk.window.screen_page.buttons() if b.text() == "FR")
    french.click()
    QApplication.processEvents()
    kiosk.tick()
    assert kiosk.headline == "Entrée"
    kiosk.tick(LANGUAGE_S + 1)
    QApplication.processEvents()
    kiosk.tick()
    assert kiosk.window.language == "de"
    assert kiosk.headline == "Eingang"


def test_with_reduced_motion_nothing_moves(kiosk: Kiosk) -> None:
    sheet = kiosk.window.screen_page.sheet
    sheet.still = True
    kiosk.fake.show("out_of_order")
    kiosk.tick()
    assert sheet._part() == 1.0
    sheet.still = False
    kiosk.fake.show("welcome", name="Ada")
    kiosk.tick()
    assert sheet._part() < 1.0
    kiosk.settle()
    assert sheet._part() == 1.0


def test_focus_that_comes_back_changes_nothing(kiosk: Kiosk) -> None:
    QApplication.sendEvent(kiosk.window.screen_page, QFocusEvent(QEvent.Type.FocusIn))
    assert kiosk.window.page == "kiosk"


def test_the_pointer_goes_when_the_mouse_rests(kiosk: Kiosk) -> None:
    page = kiosk.window.screen_page
    kiosk.tick(POINTER_S + 1)
    assert page.cursor().shape() == Qt.CursorShape.BlankCursor
    QTest.mouseMove(page, QPoint(50, 60))
    QTest.mouseMove(page, QPoint(55, 60))
    QApplication.processEvents()
    kiosk.tick()
    assert page.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_real_page_opens_as_a_mirror_and_closes(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(FakeKiosk(right("Ada", "allow")))
    kiosk.window._make_panel = admin_panel
    kiosk.window.ask_pin()
    kiosk.type_pin(RIGHT_PIN)
    panel = kiosk.window.panel
    assert isinstance(panel, AdminPanel)
    assert panel.isVisible()
    panel.close_button.click()
    assert (kiosk.window.page, kiosk.window.panel) == ("kiosk", None)
