"""Verify mode: a badge, or a number typed with fingers or keys."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tests.gui.kiosk.conftest import Kiosk, everything_said


def test_a_badge_is_read_and_never_shown(verifying: Kiosk) -> None:
    QTest.keyClicks(verifying.window.screen_page, "04A27F")
    verifying.tick()
    assert "04A27F" not in everything_said(verifying.window)
    QTest.keyClick(verifying.window.screen_page, Qt.Key.Key_Return)
    assert verifying.fake.codes == ["04A27F"]


def test_a_badge_s_enter_presses_no_button(verifying: Kiosk) -> None:
    number = verifying.window.screen_page.number
    number.setFocus()
    QTest.keyClicks(number, "77")
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert (verifying.fake.codes, verifying.window.page) == (["77"], "kiosk")
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert verifying.window.page == "number", "without a badge the keyboard presses it"


def test_half_a_badge_is_forgotten(verifying: Kiosk) -> None:
    QTest.keyClicks(verifying.window.screen_page, "12")
    verifying.tick(2.1)
    QTest.keyClicks(verifying.window.screen_page, "34")
    QTest.keyClick(verifying.window.screen_page, Qt.Key.Key_Enter)
    assert verifying.fake.codes == ["34"]


def test_without_verify_keys_are_nothing(kiosk: Kiosk) -> None:
    QTest.keyClicks(kiosk.window.screen_page, "1234")
    QTest.keyClick(kiosk.window.screen_page, Qt.Key.Key_Return)
    kiosk.window.ask_number()
    assert (kiosk.fake.codes, kiosk.window.page) == ([], "kiosk")


def test_a_number_can_be_typed_with_fingers_or_keys(verifying: Kiosk) -> None:
    verifying.window.screen_page.number.click()
    card = verifying.window.number_card
    by_text = {b.text(): b for b in card.pad.buttons()}
    for digit in "1203":
        QTest.mouseClick(by_text[digit], Qt.MouseButton.LeftButton)
    card.pad.erase.click()
    QTest.keyClicks(card.field, "9")
    verifying.tick(5)
    assert card.field.displayText() != card.field.text(), "masked"
    card.pad.enter.click()
    assert verifying.fake.codes == ["1209"]
    assert (verifying.window.page, card.field.text()) == ("kiosk", "")
