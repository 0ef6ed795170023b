"""A stranger passes a live window, ends in the inbox while its page is open, is enrolled there with a click and a name,
and has that name over the face the next time. Real networks, a real gallery, the real window."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts
from faceapp.camera.opencv import silence_opencv
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.theme import Theme
from faceapp.gui.unknown.page import UnknownDialog
from faceapp.types import BgrImage

SIZE = 480, 360
LONG = 30_000
"""Milliseconds: other tests may run beside this one."""
pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture
def film(tmp_path: Path, astronaut: BgrImage) -> str:
    """The astronaut, panned a little, for two and a half seconds; then nobody for one."""
    silence_opencv()
    path = tmp_path / "passing.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 12, SIZE)
    assert writer.isOpened()
    for k in range(30):
        x, y = 224 + 10 * np.sin(k / 8), 130 + 5 * np.cos(k / 11)
        view = cv2.getRectSubPix(astronaut, (280, 210), (float(x), float(y)))
        writer.write(cv2.resize(view, SIZE))
    for k in range(12):
        writer.write(np.full((SIZE[1], SIZE[0], 3), 100 + k, np.uint8))
    writer.release()
    return str(path)


@pytest.fixture
def session(data_dir: Path) -> Iterator[LiveSession]:
    """It begins with the demonstration, of which nothing is kept: the film is recognised from its first picture on."""
    interval = sys.getswitchinterval()
    with Parts.open(data_dir, precision="fp32") as parts:
        session = LiveSession.demonstration(parts)
        yield session
        session.stop()
        assert session._gallery.stop(30)
    sys.setswitchinterval(interval)


@pytest.fixture
def window(qapp: QApplication, session: LiveSession) -> Iterator[LiveWindow]:
    theme = qapp.findChild(Theme)
    if theme is None:
        theme = Theme(qapp)
        theme.apply()
    window = LiveWindow(session, theme)
    window.show()
    session.start()
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()


def names(session: LiveSession) -> set[str]:
    result = session.latest_result()
    return set() if result is None else {f.match.name for f in result.faces if f.match is not None and f.match.name}


def test_a_stranger_is_enrolled_with_a_click_and_named_the_next_time(
    window: LiveWindow, session: LiveSession, film: str, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: session.latest_result() is not None, timeout=LONG)
    next(a for a in window.actions() if "Unknown" in a.text()).trigger()
    page = window.findChild(UnknownDialog)
    assert page is not None
    assert not page.switch.isChecked(), "off until the site decides"
    page.switch.click()
    page.question.yes.click()
    qtbot.waitUntil(page.switch.isChecked, timeout=LONG)

    session.set_source(film)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1, timeout=LONG)
    assert names(session) == set()
    page.choose(0)
    qtbot.mouseClick(page.enrol, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.is_enrolling, timeout=LONG)
    ready = page.enrolling.ready
    assert ready.quality.isVisible()
    assert not ready.use_known.isVisible(), "the demonstration's guest is nobody here"
    qtbot.keyClicks(ready.name, "Eileen Collins")
    qtbot.keyClick(ready.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.is_enrolling, timeout=LONG)
    assert page.line.text == "Eileen Collins is known from now on."
    qtbot.waitUntil(lambda: page.model.rowCount() == 0, timeout=LONG)
    page.close()

    session.set_source(film)
    qtbot.waitUntil(lambda: names(session) == {"Eileen Collins"}, timeout=LONG)
    assert [(p.name, p.photos) for p in session.people.list()] == [("Eileen Collins", 1)]
