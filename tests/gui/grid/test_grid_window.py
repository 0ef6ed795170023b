"""The window of several cameras, on a fake session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.live_types import Notice
from faceapp.app.several_types import GridStats
from faceapp.gui.grid.window import GridWindow
from faceapp.gui.theme import Theme
from tests.fakes.grid import FakeGrid
from tests.fakes.live import frame, matched, result, tracked
from tests.gui.conftest import Clock, let_go

LOST = Notice("source", "error", "The camera was unplugged. Trying again.")
Make = Callable[..., GridWindow]


@pytest.fixture
def make(qapp: QApplication, qtbot: QtBot, theme: Theme, clock: Clock) -> Iterator[Make]:
    """Opens a window whose timers rest."""
    windows: list[GridWindow] = []

    def open_window(session: FakeGrid, memory: QSettings | None = None) -> GridWindow:
        window = GridWindow(session, theme, memory, clock)
        windows.append(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        for timer in window.timers():
            timer.stop()
        return window

    yield open_window
    let_go(windows)


@pytest.fixture
def session() -> FakeGrid:
    return FakeGrid("Gate", "Hall", "Lift", "Yard")


@pytest.fixture
def window(make: Make, session: FakeGrid) -> GridWindow:
    return make(session)


def visible(window: GridWindow) -> list[str]:
    return [cell.name for cell in window.cells if cell.isVisible()]


def test_all_cameras_are_shown_with_their_names(window: GridWindow) -> None:
    assert visible(window) == ["Gate", "Hall", "Lift", "Yard"]
    assert [cell.caption.text() for cell in window.cells] == ["Gate", "Hall", "Lift", "Yard"]
    assert {(c.width(), c.height()) for c in window.cells} == {(window.cells[0].width(), window.cells[0].height())}
    assert window.cells[2].view.accessibleName() == "Camera 3: Lift"


def test_each_picture_has_its_own_names(window: GridWindow, session: FakeGrid, clock: Clock) -> None:
    for fake, name in zip(session.fakes, ("Ada", "Bo", "Cy", "Dee"), strict=True):
        fake.now_frame = frame(captured_ns=clock.now)
        fake.now_result = result([tracked(1, (200, 100, 320, 260), matched(name, 0.4))], captured_ns=clock.now)
    clock.tick(1.0)
    for cell in window.cells:
        cell.view.poll()
    described = [cell.view.accessibleDescription() for cell in window.cells]
    assert described == ["Seen: Ada", "Seen: Bo", "Seen: Cy", "Seen: Dee"]


def test_a_click_enlarges_one_and_escape_brings_all_back(window: GridWindow, qtbot: QtBot) -> None:
    small = window.cells[1].size()
    qtbot.mouseClick(window.cells[1].view, Qt.MouseButton.LeftButton)
    assert visible(window) == ["Hall"]
    assert window.cells[1].size() == window.stage.size()
    assert window.cells[1].width() > small.width()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert len(visible(window)) == 4
    assert window.cells[1].view.hasFocus(), "the keyboard goes on where it was"


def test_a_click_on_the_enlarged_one_brings_all_back(window: GridWindow, qtbot: QtBot) -> None:
    for shown in (["Lift"], ["Gate", "Hall", "Lift", "Yard"]):
        qtbot.mouseClick(window.cells[2].view, Qt.MouseButton.LeftButton)
        assert visible(window) == shown


def test_the_keyboard_reaches_every_camera(window: GridWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_4)
    assert visible(window) == ["Yard"]
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert visible(window) == ["Gate"], "from one to another at once"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    reached = []
    window.setFocus()
    for _ in window.cells:
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(window.focusWidget())
    assert reached == [cell.view for cell in window.cells]
    qtbot.keyClick(window.cells[3].view, Qt.Key.Key_Return)
    assert visible(window) == ["Yard"]


def test_a_lost_camera_says_so_on_its_own_picture(window: GridWindow, session: FakeGrid, clock: Clock) -> None:
    for fake in session.fakes:
        fake.now_frame = frame(captured_ns=clock.now)
    session.fakes[1].now_notices = (LOST,)
    for cell in window.cells:
        cell.view.poll()
    window.refresh()
    assert [cell.banners.texts() for cell in window.cells] == [[], [LOST.text], [], []]
    assert [cell.view.dimmed for cell in window.cells] == [False, True, False, False]
    assert window.cells[1].rect().contains(window.cells[1].banners.geometry())
    assert window.cells[1].view.faces_hidden, "a name on a picture that stands still says who was there"
    session.fakes[1].now_notices = ()
    window.refresh()
    assert not window.cells[1].view.dimmed
    assert window.cells[1].banners.isHidden()


def test_a_film_that_ended_and_a_camera_that_opens_say_so(window: GridWindow, session: FakeGrid) -> None:
    session.fakes[0].now_phase = "ended"
    session.fakes[1].now_phase = "starting"
    window.refresh()
    assert window.cells[0].words.text() == "The video has ended"
    assert window.cells[0].words.isVisible()
    assert window.cells[1].words.text() == "Opening …"
    session.fakes[1].now_notices = (LOST,)
    window.refresh()
    assert window.cells[1].words.text() == "", "its banner says it"


def test_what_holds_for_all_is_said_once(window: GridWindow, session: FakeGrid) -> None:
    session.now_notices = (Notice("recognition", "error", "Networks are missing: run `faceapp models install`."),)
    window.refresh()
    assert window.banners.texts() == ["Networks are missing: run `faceapp models install`."]
    assert all(cell.banners.texts() == [] for cell in window.cells)


def test_the_figures_are_those_of_all(window: GridWindow, session: FakeGrid) -> None:
    session.now_stats = GridStats((14.8, 29.9, 30.0), 41.0, 60.0, 12, "CPU, INT8", slowed=1)
    window.refresh_figures()
    status = window.status
    assert status.recognised.text() == "Recognised 15 to 30 fps each"
    assert status.latency.text() == "Latency 41 ms"
    assert status.dropped.text() == "Dropped 12"
    assert status.slowed.isVisible()
    assert status.provider.text() == "CPU, INT8"
    session.now_stats = GridStats((30.0, 29.8), 41.0, 60.0, 12, "CPU, INT8")
    window.refresh_figures()
    assert status.recognised.text() == "Recognised 30 fps each"
    assert not status.slowed.isVisible()


def test_what_is_said_about_enrolling_gives_way_to_the_figures(window: GridWindow, session: FakeGrid) -> None:
    session.now_stats = GridStats((15.0, 30.0), 141.0, 160.0, 123456, "GPU (CUDA), FP16", slowed=1)
    for width, shown in ((1600, True), (window.minimumWidth(), False)):
        window.resize(width, 700)
        window.refresh_figures()
        assert window.status.enrol.isVisible() is shown
    assert window.status.provider.geometry().right() <= window.status.width()


def test_closing_stops_the_session_and_remembers_the_place(make: Make, session: FakeGrid, tmp_path: Path) -> None:
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = make(session, memory)
    window.close()
    assert session.calls == ["stop"]
    assert memory.contains("grid/geometry")


def test_a_long_name_is_shortened_and_never_read_as_markup(make: Make) -> None:
    window = make(FakeGrid("<b>" + "rtsp://a-very-long-host-name.example/" * 4, "Hall"))
    caption = window.cells[0].caption
    assert caption.text().startswith("<b>")
    assert caption.geometry().right() <= window.cells[0].width()
