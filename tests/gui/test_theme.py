"""One set of colours, readable in both schemes."""

from __future__ import annotations

import re

import pytest
from PyQt6.QtGui import QPalette
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from faceapp.app.resources import resource
from faceapp.gui.icons import application_icon, pixmap
from faceapp.gui.theme import Theme, style_sheet
from faceapp.gui.tokens import DARK, HIGH_CONTRAST, LIGHT, MARK, STAGE, Tokens, contrast

SCHEMES = [LIGHT, DARK, HIGH_CONTRAST]


def test_the_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", SCHEMES, ids=lambda t: t.name)
def test_all_text_is_readable(tokens: Tokens) -> None:
    weak = {what: contrast(ink, ground) for what, ink, ground in [*tokens.text_pairs(), *STAGE.text_pairs()]}
    assert {what: c for what, c in weak.items() if c < 4.5} == {}


@pytest.mark.parametrize("tokens", SCHEMES, ids=lambda t: t.name)
def test_all_edges_of_controls_are_seen(tokens: Tokens) -> None:
    assert {what for what, a, b in tokens.edge_pairs() if contrast(a, b) < 3} == set()


@pytest.mark.parametrize("tokens", SCHEMES, ids=lambda t: t.name)
def test_the_style_sheet_takes_every_colour_from_the_tokens(tokens: Tokens) -> None:
    source = resource("style", "faceapp.qss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=\s*;)", source) == []
    assert "$" not in style_sheet(tokens, 10.0)


def test_the_tick_of_menus_is_seen_in_both_schemes() -> None:
    assert MARK in resource("style", "check.svg").read_text(encoding="utf-8")
    assert min(contrast(MARK, tokens.surface) for tokens in SCHEMES) >= 3


def test_choosing_a_scheme_changes_the_whole_application(qapp: QApplication, theme: Theme) -> None:
    def window_colour() -> str:
        return qapp.palette().color(QPalette.ColorRole.Window).name()

    changes: list[str] = []
    theme.changed.connect(lambda: changes.append(theme.tokens.name))
    theme.choose("dark")
    assert window_colour() == DARK.window
    assert DARK.accent in qapp.styleSheet()
    theme.choose("light")
    assert window_colour() == LIGHT.window
    assert "dark" in changes
    assert changes[-1] == "light"


def test_every_icon_draws_itself_in_the_colour_asked_for(qapp: QApplication) -> None:
    files = sorted(resource("icons").glob("*.svg"))
    assert len(files) > 10
    for file in files:
        assert QSvgRenderer(str(file)).isValid(), file.name
        if file.stem == "faceapp":
            continue
        assert "currentColor" in file.read_text(encoding="utf-8"), file.name
        picture = pixmap(file.stem, "#ff0000", 24).toImage()
        colours = [picture.pixelColor(x, y) for x in range(24) for y in range(24)]
        solid = [c for c in colours if c.alpha() > 200]
        assert len(solid) > 5, file.name
        assert all(c.red() > 240 and c.green() < 15 for c in solid), file.name
    assert not application_icon().isNull()
