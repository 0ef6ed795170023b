"""Readable from two metres, by anybody: contrast, shape and words."""

from __future__ import annotations

import pytest
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QApplication

from faceapp.app.kiosk.types import KioskView, Screen
from faceapp.app.resources import resource
from faceapp.gui.icons import pixmap
from faceapp.gui.kiosk.lettering import fit
from faceapp.gui.kiosk.looks import LOOKS, Look, look_for
from faceapp.gui.kiosk.messages import ICONS, TONES, message
from faceapp.gui.tokens import DARK, HIGH_CONTRAST, LIGHT, contrast
from tests.fakes.kiosk import FakeKiosk
from tests.gui.kiosk.conftest import MakeKiosk

SCREENS: list[Screen] = list(ICONS)


@pytest.mark.parametrize("look", LOOKS, ids=lambda k: k.name)
def test_all_text_has_the_contrast_of_aaa(look: Look) -> None:
    weak = {what: contrast(ink, ground) for what, ink, ground in look.text_pairs()}
    assert len(weak) > 12
    assert {what: round(c, 2) for what, c in weak.items() if c < 7} == {}


@pytest.mark.parametrize("look", LOOKS, ids=lambda k: k.name)
def test_all_edges_are_seen(look: Look) -> None:
    assert {what for what, a, b in look.edge_pairs() if contrast(a, b) < 3} == set()


def test_high_contrast_wins_over_light_and_dark() -> None:
    assert look_for(LIGHT, False).name == "light"
    assert look_for(DARK, False).name == "dark"
    assert look_for(HIGH_CONTRAST, False).name == "high contrast"
    assert look_for(LIGHT, True).name == look_for(DARK, True).name == "high contrast"


def test_no_two_screens_look_the_same_without_colour(qapp: QApplication) -> None:
    for verify in (False, True):
        said = {s: message(KioskView(s, 0, name="Ada", remaining_s=5), verify) for s in SCREENS if s != "opening"}
        assert len({m.headline for m in said.values()}) == len(said)
        assert len({m.icon for m in said.values()}) == len(said)
    shapes = {name: pixmap(name, "#000000", 48).toImage() for name in set(ICONS.values())}
    names = sorted(shapes)
    assert all(shapes[a] != shapes[b] for a in names for b in names if a < b)
    assert all(resource("icons", f"{name}.svg").is_file() for name in names)


def test_opening_looks_like_checking() -> None:
    opening, checking = (message(KioskView(s, 0), False) for s in ("opening", "checking"))
    assert (opening.headline, opening.line, opening.icon) == (checking.headline, checking.line, checking.icon)


def test_a_name_is_said_on_welcome_alone_and_never_aloud() -> None:
    for screen in SCREENS:
        said = message(KioskView(screen, 0, name="Ada Lovelace"), False)
        assert ("Ada" in said.headline + said.line) == (screen == "welcome")
        assert "Ada" not in said.spoken
    assert set(TONES.values()) == {"good", "caution", "stop"}


def test_a_name_is_text_whatever_it_is() -> None:
    said = message(KioskView("welcome", 0, name="<b>%1</b>\n\u202eAda  %2"), False)
    assert said.headline == "Welcome, <b>%1</b> Ada %2"


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (800, 480), (400, 240), (3840, 2160), (1280, 800)])
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_every_headline_is_7_percent_high_and_fits(make_kiosk: MakeKiosk, size: tuple[int, int], language: str) -> None:
    fake = FakeKiosk()
    fake.now_mode = "verify"
    kiosk = make_kiosk(fake)
    kiosk.window.resize(*size)
    kiosk.window.choose_language(language)
    sheet = kiosk.window.screen_page.sheet
    for screen in SCREENS:
        fake.show(screen, name="Eileen Marie Collins" if screen == "welcome" else None, remaining_s=42.0)
        kiosk.settle()
        assert sheet.message is not None
        assert sheet.message.screen == screen
        head, line = sheet.layout_message(sheet.message)
        assert head.font.pixelSize() >= 0.07 * size[1], screen
        assert max(head.width, line.width) <= size[0] * 0.95, screen
        assert head.height + line.height < sheet.height() * 0.9, (screen, head.lines, line.lines)
        joined = " ".join(head.lines).replace("- ", "-")
        assert joined == sheet.message.headline, "no word was broken or cut"
        assert kiosk.window.screen_page.number.isVisible() == (screen == "badge")


def test_an_endless_name_is_cut_rather_than_small(qapp: QApplication) -> None:
    block = fit("Welcome, " + "Wolfeschlegelsteinhausen" * 8, qapp.font(), 100, 80, 700, 2, 1.1)
    assert len(block.lines) == 2
    assert block.font.pixelSize() == 80
    assert block.lines[-1].endswith("…")
    assert all(QFontMetricsF(block.font).horizontalAdvance(t) <= 701 for t in block.lines)


def test_characters_beyond_the_first_plane_stay_whole(qapp: QApplication) -> None:
    block = fit("𝔘𝔫𝔦 𝔄𝔡𝔞 𝔏𝔬𝔳𝔢", qapp.font(), 40, 30, 120, 4, 1.1)
    assert "".join(block.lines).replace(" ", "") == "𝔘𝔫𝔦𝔄𝔡𝔞𝔏𝔬𝔳𝔢"
