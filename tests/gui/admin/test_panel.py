"""The panel as a whole: pages, keys, sizes, what is live and what the site says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from faceapp.gui.admin.panel import AdminPanel
from faceapp.gui.theme import Theme
from faceapp.types import LiveStats
from tests.fakes.kiosk import RIGHT_PIN, FakeKiosk
from tests.fakes.live import matched, result, tracked
from tests.gui.admin.conftest import ADA
from tests.gui.conftest import Clock

SIZES = [(800, 480), (1280, 800), (3840, 2160)]


def seen(widget: QWidget, kind: type[QWidget]) -> list[QWidget]:
    return [w for w in widget.findChildren(kind) if w.isVisible()]


def test_the_tabs_lead_to_the_pages(panel: AdminPanel, qtbot: QtBot) -> None:
    assert [t.text() for t in panel.tabs()] == ["Now", "Decisions", "People", "Zone", "Site"]
    for tab, page in zip(panel.tabs(), panel.pages(), strict=True):
        qtbot.mouseClick(tab, Qt.MouseButton.LeftButton)
        assert page.isVisible()
        assert [p.isVisible() for p in panel.pages()].count(True) == 1
        assert tab.isChecked()


def test_esc_and_the_button_close_it(panel: AdminPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.closed):
        qtbot.keyClick(panel, Qt.Key.Key_Escape)
    with qtbot.waitSignal(panel.closed):
        qtbot.mouseClick(panel.close_button, Qt.MouseButton.LeftButton)


def test_no_key_goes_on_to_the_kiosk_where_it_could_be_a_badge(
    panel: AdminPanel, qtbot: QtBot, fake: FakeKiosk
) -> None:
    qtbot.keyClicks(panel, "0477")
    assert fake.codes == []
    assert fake.calls == []


def test_only_the_page_that_is_seen_looks(panel: AdminPanel, qtbot: QtBot) -> None:
    for at in range(5):
        panel.show_page(at)
        busy = {p for p in panel.pages() if any(t.isActive() for t in p.findChildren(QTimer))}
        assert busy <= {panel.pages()[at]}


@pytest.mark.parametrize("size", SIZES)
def test_everything_fits_every_screen_and_every_finger(panel: AdminPanel, size: tuple[int, int]) -> None:
    panel.resize(*size)
    panel.rights.choose("id-Bob")
    for at in range(5):
        panel.show_page(at)
        QApplication.processEvents()
        assert (panel.width(), panel.height()) == size, "nothing asks for more room than there is"
        for b in seen(panel, QAbstractButton):
            if b.height() and not isinstance(b.parent(), QLineEdit):
                assert b.height() >= 42, f"{b.accessibleName()} is {b.height()} px high"
        for area in seen(panel, QScrollArea):
            assert isinstance(area, QScrollArea)
            content = area.widget()
            assert content is not None
            assert content.minimumSizeHint().width() <= area.width(), f"page {at} is cut off at the right"


def test_every_control_has_a_name(panel: AdminPanel) -> None:
    panel.rights.choose("id-Bob")
    for at in range(5):
        panel.show_page(at)
        nameless = [w for w in seen(panel, QAbstractButton) + seen(panel, QLineEdit) if not w.accessibleName()]
        assert [w for w in nameless if w.parent() is None or not isinstance(w.parent(), QLineEdit)] == []


def test_names_are_never_markup(panel: AdminPanel) -> None:
    formats = {w.textFormat() for w in panel.findChildren(QLabel) if w.text()}
    assert formats == {Qt.TextFormat.PlainText}


def test_a_change_of_scheme_repaints(panel: AdminPanel, theme: Theme) -> None:
    light = panel.grab().toImage()
    theme.choose("dark")
    dark = panel.grab().toImage()
    theme.set_high_contrast(True)
    contrast = panel.grab().toImage()
    theme.set_high_contrast(False)
    theme.choose("light")
    corners = {i.pixelColor(4, 4).name() for i in (light, dark, contrast)}
    assert len(corners) == 3
    assert "#000000" in corners


# Now


def test_nobody_in_front_of_the_camera(panel: AdminPanel) -> None:
    assert panel.now.title.text() == "Nobody is looked at"
    assert panel.now.facts()["camera"] == "no picture yet"
    assert panel.now.troubles.text() == "Camera, door, log and gallery are in order."
    assert panel.now.figures.spoken()[0] == "Size: not measured"


def test_the_newest_picture_is_explained(panel: AdminPanel, fake: FakeKiosk, clock: Clock) -> None:
    fake.now_current = replace(ADA, decision="hold", reason="checking", votes=3, outcome=None)
    fake.now_stats = LiveStats(9, 9, 0, 14.8, 29.9, 41, 60, "CPU, INT8")
    fake.picture(captured_ns=clock())
    panel.now.refresh()
    assert panel.now.title.text() == "Waiting: collecting votes (Ada)"
    assert panel.now.why.text() == "More pictures must agree before the door opens."
    spoken = [s.replace("\N{NO-BREAK SPACE}", " ") for s in panel.now.figures.spoken()]
    assert spoken == [
        "Size: 210 px, at least 64, fulfilled",
        "Quality: 71, at least 15, fulfilled",
        "Distance: 0.31, at most 0.45, fulfilled",
        "Margin: 0.61, at least 0.05, fulfilled",
        "Votes: not measured",
    ]
    assert panel.now.facts()["camera"] == "30 pictures a second, 15 looked at"
    assert panel.now.facts()["provider"] == "CPU, INT8"
    assert panel.now.facts()["door"] == "sim:"


def test_a_camera_that_sends_nothing_is_told(panel: AdminPanel, fake: FakeKiosk, clock: Clock) -> None:
    fake.picture(captured_ns=clock())
    clock.tick(4)
    panel.now.refresh()
    assert "no new picture for 4" in panel.now.facts()["camera"]


def test_troubles_come_first(panel: AdminPanel, fake: FakeKiosk) -> None:
    place: Callable[[], int] = lambda: panel.now.troubles.mapTo(panel.now, panel.now.troubles.rect().topLeft()).y()  # noqa: E731 - a word for a place
    QApplication.processEvents()
    below = place()
    fake.now_troubles = ("The door did not answer: check its network.", "The audit log cannot be written.")
    panel.now.refresh()
    QApplication.processEvents()
    assert panel.now.troubles.text().splitlines() == list(fake.now_troubles)
    assert place() < panel.now.title.mapTo(panel.now, panel.now.title.rect().topLeft()).y() < below


def test_the_picture_shows_zone_and_face(panel: AdminPanel, fake: FakeKiosk, clock: Clock) -> None:
    frame = fake.picture(np.full((480, 640, 3), 200, np.uint8), clock())
    fake.now_result = result([tracked(1, (200, 100, 300, 230), matched("Ada", 0.31, 0.45))], 0, frame.captured_ns)
    fake.now_zone = (0.25, 0.0, 0.75, 1.0)
    view = panel.now.picture
    view.poll()
    clock.tick(0.2)
    image, place = view.grab().toImage(), view.picture_rect()
    inside = image.pixelColor(place.left() + place.width() // 2, place.bottom() - 20)
    outside = image.pixelColor(place.left() + 10, place.bottom() - 20)
    assert inside.lightness() > 180 > outside.lightness()
    zone = view.zone_rect()
    assert zone.left() == pytest.approx(place.left() + place.width() / 4, abs=1)
    view.mirrored = True
    fake.now_zone = (0.0, 0.0, 0.25, 1.0)
    assert view.zone_rect().right() == pytest.approx(place.left() + place.width(), abs=1)


# Site


def test_the_site_says_that_a_photograph_is_taken_for_a_person(panel: AdminPanel, fake: FakeKiosk) -> None:
    assert "A photograph or a phone held up cannot be told from a person" in panel.site.liveness.text()
    assert panel.site.mode.text().startswith("Identify")
    assert panel.site.door.text().startswith("sim:")
    fake.now_mode, fake.now_liveness = "verify", "passive"
    panel.site.refresh()
    assert panel.site.mode.text().startswith("Verify")
    assert "photograph or a phone" not in panel.site.liveness.text()


def test_the_way_out_is_for_the_window_to_go(panel: AdminPanel, qtbot: QtBot) -> None:
    panel.show_page(4)
    with qtbot.waitSignal(panel.leave_full_screen):
        qtbot.mouseClick(panel.site.leave, Qt.MouseButton.LeftButton)


def test_quitting_is_asked_back(panel: AdminPanel, qtbot: QtBot) -> None:
    panel.show_page(4)
    with qtbot.assertNotEmitted(panel.quit_kiosk):
        qtbot.mouseClick(panel.site.quit, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(panel.site.keep, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.site.quit, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.quit_kiosk):
        qtbot.mouseClick(panel.site.really_quit, Qt.MouseButton.LeftButton)


def change_pin(panel: AdminPanel, *typed: str) -> None:
    for text in typed:
        panel.site.pin.field.setText(text)
        panel.site.pin.submit()


def test_another_pin(panel: AdminPanel, qtbot: QtBot, fake: FakeKiosk) -> None:
    panel.show_page(4)
    qtbot.mouseClick(panel.site.change_pin, Qt.MouseButton.LeftButton)
    change_pin(panel, RIGHT_PIN, "161803", "161803")
    assert fake.pin == "161803"
    assert panel.site.line.text == "The new PIN holds from now on."
    assert panel.site.change_pin.isVisible()
    assert panel.site.pin.field.text() == ""


@pytest.mark.parametrize(
    ("typed", "problem", "step"),
    [
        (("000000", "161803", "161803"), "That is not the PIN. Nothing was changed.", "old"),
        ((RIGHT_PIN, "161803", "161804"), "The two were not the same. Please choose again.", "new"),
        ((RIGHT_PIN, "1618"), "the PIN is too short: take 6 characters or more", "new"),
    ],
)
def test_a_pin_that_is_refused(
    panel: AdminPanel, qtbot: QtBot, fake: FakeKiosk, typed: tuple[str, ...], problem: str, step: str
) -> None:
    panel.show_page(4)
    qtbot.mouseClick(panel.site.change_pin, Qt.MouseButton.LeftButton)
    change_pin(panel, *typed)
    assert panel.site.pin.problem.text() == problem
    assert panel.site.pin.step == step
    assert fake.pin == RIGHT_PIN


def test_a_pin_typed_and_left_is_forgotten(panel: AdminPanel, qtbot: QtBot) -> None:
    panel.show_page(4)
    qtbot.mouseClick(panel.site.change_pin, Qt.MouseButton.LeftButton)
    change_pin(panel, RIGHT_PIN, "161803")
    panel.show_page(0)
    assert panel.site.pin.step == "old"
