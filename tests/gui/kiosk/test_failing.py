"""The kiosk's window while something behind it fails: no dead screen, no word too many, and a way out."""

from __future__ import annotations

import logging

import pytest

from faceapp.errors import UnavailableError
from tests.fakes.kiosk import RIGHT_PIN, FakeKiosk
from tests.gui.kiosk.conftest import Kiosk, MakeKiosk, everything_said

ALTERED = "the PIN's file was altered: put it back"


def altered() -> bool:
    raise UnavailableError(ALTERED)


def test_a_damaged_pin_file_is_told_on_the_card_and_leads_back(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as damaged:
        damaged.setattr(kiosk.fake, "has_pin", altered)
        kiosk.window.ask_pin()
        assert kiosk.window.page == "pin"
        assert kiosk.window.pin_pad.problem.text() == ALTERED
        kiosk.type_pin(RIGHT_PIN)
        assert kiosk.window.panel is None
        kiosk.window.pin_pad.back.click()
        assert kiosk.window.page == "kiosk"
    assert kiosk.administer() is kiosk.window.panel


def test_a_kiosk_whose_pin_file_is_damaged_begins_with_the_line(
    make_kiosk: MakeKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeKiosk(pin=None)
    monkeypatch.setattr(fake, "has_pin", altered)
    kiosk = make_kiosk(fake)
    assert (kiosk.window.page, kiosk.window.pin_pad.is_choosing) == ("pin", False)
    assert kiosk.window.pin_pad.problem.text() == ALTERED
    kiosk.tick(31)
    assert kiosk.window.page == "kiosk"


def test_a_kiosk_that_cannot_be_followed_is_out_of_order(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kiosk.fake.show("welcome", name="Ada")
    kiosk.tick()
    assert "Ada" in kiosk.headline

    def broken() -> object:
        raise ZeroDivisionError("nobody foresaw this")

    with monkeypatch.context() as failing:
        failing.setattr(kiosk.fake, "view", broken)
        for _ in range(30):
            kiosk.tick()
        shown = kiosk.window.screen_page.shown
        assert shown is not None
        assert shown.screen == "out_of_order"
        assert "Ada" not in everything_said(kiosk.window)
        assert [r.levelno for r in caplog.records if r.exc_info] == [logging.CRITICAL], "one of a kind"
    kiosk.fake.show("idle")
    kiosk.settle()
    shown = kiosk.window.screen_page.shown
    assert shown is not None
    assert shown.screen == "idle", "it recovers by itself"


def test_what_keeps_failing_does_not_keep_the_pads_open(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise ZeroDivisionError("nobody foresaw this")

    administered = kiosk.administer()
    monkeypatch.setattr(kiosk.fake, "view", broken)
    kiosk.tick(61)
    assert kiosk.window.panel is not administered
    assert kiosk.window.page == "kiosk"
