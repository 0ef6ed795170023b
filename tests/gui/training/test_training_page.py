"""The training page on a fake session: what it begins, what it shows, and what it takes in."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.training.job import JobState
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.more_pages import PAGES
from faceapp.gui.training.page import TrainingDialog
from tests.fakes.live import FakeSession
from tests.fakes.training import LEARNING

GAIN = {
    "verdict": "a significant gain: TAR at FAR 1 % +2.00 points (+0.50 to +3.50)",
    "significant": True,
    "out": "here",
}
NONE = {
    "verdict": "no significant gain: TAR at FAR 1 % +0.10 points (-0.50 to +0.70)",
    "significant": False,
    "out": "here",
}

SAID = LEARNING.line.replace("step", "Step", 1)


@pytest.fixture
def page(qapp: QApplication, qtbot: QtBot, window: LiveWindow) -> Iterator[TrainingDialog]:
    """Opened from the window's menu. Its timer rests."""
    [entry] = [p for p in PAGES if "Training" in p.text]
    entry.open(window._session, window.theme, window)
    opened = window.findChild(TrainingDialog)
    assert opened is not None
    qtbot.waitUntil(opened.isVisible)
    opened.timer.stop()
    yield opened
    opened.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()


def test_it_begins_with_the_gallery_and_follows_what_is_learned(page: TrainingDialog, session: FakeSession) -> None:
    assert "People are split, never their pictures" in page.about.text()
    for plot in (page.loss, page.looks, page.triplets):
        assert "will appear here" in plot.accessibleDescription(), "instead of empty axes"
        assert not plot.item.getAxis("bottom").isVisible()
    page.start.click()
    assert session.fake_training.calls == [("head", "gallery", False, False)]
    assert page.line.text() == SAID
    assert not page.start.isEnabled()
    assert page.cancel.isVisible()
    assert page.loss.item.getAxis("bottom").isVisible()
    assert "46 %" not in page.loss.accessibleDescription()
    assert "% of the triplets active" in page.loss.accessibleDescription()
    assert "at a false-accept rate of 1 %" in page.looks.accessibleDescription()
    assert page.told.text() == page.triplets.accessibleDescription() != ""
    assert "0.87 apart and are now 0.40" in page.told.text()
    page.cancel.click()
    assert "goes on from there" in page.line.text()
    assert page.start.isEnabled()


def test_another_kind_of_other_people(page: TrainingDialog, session: FakeSession) -> None:
    page.kind.setCurrentIndex(2)
    assert "To see how learning works" in page.about.text()
    page.data.setText("/some/folder")
    page.whole.setChecked(True)
    page.start.click()
    assert session.fake_training.calls == [("scratch", "/some/folder", False, True)]


def test_a_gain_can_be_put_into_use(page: TrainingDialog, session: FakeSession) -> None:
    session.fake_training.now = dataclasses.replace(LEARNING, phase="trained", line="", result=GAIN)
    page.refresh()
    assert page.verdict.text().startswith("A significant gain")
    page.install.click()
    assert session.fake_training.calls == [("install", False)]
    assert page.line.text() == "Taking it in …"
    done = {"id": "mine", "switched": True, "before": "facenet+dlib"}
    session.fake_training.now = JobState("installed", result=done)
    page.refresh()
    assert "mine is in use" in page.verdict.text()


def test_no_gain_is_said_and_nothing_is_switched(page: TrainingDialog, session: FakeSession) -> None:
    session.fake_training.now = dataclasses.replace(LEARNING, phase="trained", line="", result=NONE)
    page.refresh()
    assert "No significant gain" in page.verdict.text()
    assert "Nothing is switched." in page.verdict.text()
    assert not page.install.isVisible()


def test_what_went_wrong_is_one_line(page: TrainingDialog, session: FakeSession) -> None:
    session.fake_training.refuse = "something is being trained already: wait for it, or cancel it"
    page.start.click()
    assert page.caution.text() == session.fake_training.refuse
    session.fake_training.refuse = ""
    session.fake_training.now = JobState("failed", problem="gallery holds one person only")
    page.refresh()
    assert page.caution.text() == "gallery holds one person only"
    assert page.caution.isVisible()


def test_a_warning_stays_while_the_line_goes_on(page: TrainingDialog, session: FakeSession) -> None:
    page.start.click()
    assert page.caution.text() == ""
    warned = dataclasses.replace(LEARNING, warning="learning has collapsed: begin again with a lower rate")
    session.fake_training.now = warned
    page.refresh()
    assert page.caution.text() == "Learning has collapsed: begin again with a lower rate."
    assert page.line.text() == SAID
    session.fake_training.now = JobState("cancelled", warning=warned.warning)
    page.refresh()
    page.start.click()
    assert page.caution.text() == "", "begun anew"


def test_it_is_reached_by_keyboard(page: TrainingDialog, session: FakeSession, qtbot: QtBot) -> None:
    for field in (page.kind, page.data, page.folder, page.whole, page.start, page.close_button):
        assert field.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert field.accessibleName() or field is page.whole
    page.start.setFocus()
    qtbot.keyClick(page.start, Qt.Key.Key_Return)
    assert session.fake_training.calls


def test_the_window_never_imports_what_learns() -> None:
    code = "import sys, faceapp.gui.training.page; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
