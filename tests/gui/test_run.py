"""Opening, closing and failing: the application around the window."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from faceapp.errors import UnavailableError
from faceapp.gui.display import NO_DISPLAY, display_problem
from faceapp.gui.guard import Guard
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.offscreen import run_offscreen
from faceapp.gui.run import run_window
from faceapp.types import BgrImage, Frame
from tests.fakes.live import FakeSession, frame, matched, person, result, tracked

BOX = (100.0, 100.0, 200.0, 220.0)


def soon(action: Callable[[LiveWindow], object], ms: int = 60) -> None:
    """Do something with the window that is about to open."""

    def act() -> None:
        (window,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, LiveWindow)]
        action(window)

    QTimer.singleShot(ms, act)


def test_the_window_starts_the_session_and_closing_it_stops_it(qapp: QApplication) -> None:
    session = FakeSession()
    soon(lambda w: w.close())
    assert run_window(session, ["faceapp"]) == 0
    assert session.calls[0] == "start"
    assert "stop" in session.calls
    assert QApplication.topLevelWidgets() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_and_the_old_handler_comes_back(qapp: QApplication, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    session = FakeSession()
    soon(lambda _: os.kill(os.getpid(), number))
    assert run_window(session, ["faceapp"]) == 0
    assert "stop" in session.calls
    assert signal.getsignal(number) is before


def test_place_and_theme_are_remembered(qapp: QApplication, tmp_path: Path) -> None:
    memory = tmp_path / "window.ini"

    def arrange(window: LiveWindow) -> None:
        window.resize(780, 640)
        next(a for a in window.schemes() if a.data() == "dark").trigger()
        window.close()

    soon(arrange)
    run_window(FakeSession(), [], memory)
    sizes = []
    soon(lambda w: (sizes.append((w.width(), w.height(), w.theme.choice)), w.close()))
    run_window(FakeSession(), [], memory)
    assert sizes == [(780, 640, "dark")]


def test_what_escapes_in_the_window_becomes_a_banner_and_a_traceback_in_the_log(
    window: LiveWindow, caplog: pytest.LogCaptureFixture
) -> None:
    with Guard(window), caplog.at_level(logging.WARNING, "faceapp.gui"):
        try:
            raise ZeroDivisionError("division by zero")
        except ZeroDivisionError:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]  # we are handling one
    QApplication.processEvents()
    (text,) = window.stage.banners.texts()
    assert "ZeroDivisionError: division by zero" in text
    assert "The log has the details" in text
    assert caplog.records[0].exc_info


def test_a_known_error_is_its_own_line_without_a_traceback(
    window: LiveWindow, caplog: pytest.LogCaptureFixture
) -> None:
    with Guard(window), caplog.at_level(logging.WARNING, "faceapp.gui"):
        error = UnavailableError("The gallery is locked: close the other faceapp.")
        sys.excepthook(UnavailableError, error, None)
    QApplication.processEvents()
    assert window.stage.banners.texts() == ["The gallery is locked: close the other faceapp."]
    assert caplog.records[0].exc_info is None


def test_what_escapes_in_another_thread_becomes_a_banner(window: LiveWindow) -> None:
    def fail() -> None:
        raise LookupError("gone")

    with Guard(window):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    QApplication.processEvents()
    assert "LookupError: gone" in window.stage.banners.texts()[0]


class Playing(FakeSession):
    """Names Ada from the third frame on, then ends."""

    def __init__(self, frames: int) -> None:
        super().__init__(person("Ada"))
        self.now_source = "clip.mp4"
        self._left = frames
        self._asked = 0

    def start(self) -> None:
        super().start()
        self.now_phase = "running"

    def latest_frame(self) -> Frame | None:
        self._asked += 1
        shown = frame(self._asked, 0, grey=60)
        if self._asked >= 3:
            self.now_result = result([tracked(1, BOX, matched("Ada", 0.4))], self._asked)
        if self._asked > self._left:
            self.now_phase = "ended"
        self.now_frame = shown
        return shown


def test_without_a_display_the_window_is_recorded(qapp: QApplication, tmp_path: Path) -> None:
    pictures: list[BgrImage] = []
    picture = tmp_path / "window.png"
    session = Playing(30)
    report = run_offscreen(session, picture, pictures.append, seconds=20, fps=30, size=(900, 600))
    assert report.names == ("Ada",)
    assert report.first_named_ms is not None
    assert report.first_named_ms > 0
    assert report.problem is None
    assert report.pictures_recorded == len(pictures) > 5
    assert {p.shape for p in pictures} == {(600, 900, 3)}
    assert len(np.unique(pictures[-1].reshape(-1, 3), axis=0)) > 50, "not an empty picture"
    saved = QImage(str(picture))
    assert (saved.width(), saved.height()) == (900, 600)
    assert "stop" in session.calls
    assert QApplication.topLevelWidgets() == []


def test_a_failure_ends_the_recording_with_its_line(qapp: QApplication, tmp_path: Path) -> None:
    from faceapp.app.live_types import Notice

    session = FakeSession()
    session.start = lambda: setattr(session, "now_phase", "failed")  # type: ignore[method-assign]  # fails at once
    session.now_notices = (Notice("source", "error", "There is no camera 7."),)
    report = run_offscreen(session, tmp_path / "w.png", lambda _: None, seconds=20)
    assert report.problem == "There is no camera 7."
    assert report.first_named_ms is None


def test_where_no_window_can_be_opened_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert display_problem({}) == NO_DISPLAY
    assert display_problem({"QT_QPA_PLATFORM": "offscreen"}) is None
    assert display_problem({"DISPLAY": ":987"}) == "the display :987 does not answer"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert display_problem({}) is None


def test_a_missing_system_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from faceapp.gui import display

    def missing(name: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(display.ctypes, "CDLL", missing)
    problem = display_problem({"WAYLAND_DISPLAY": "wayland-0"})
    assert problem == "Qt's window plugin needs the system library libxcb-cursor.so.0, which is not installed"
