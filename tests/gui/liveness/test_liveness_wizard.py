"""The liveness wizard on a fake trial: step by step, forwards and back, and nothing left when it closes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from faceapp.app.liveness_wizard_types import TRIAL_KINDS, TrialLine, TrialState
from faceapp.gui.liveness.wizard import LivenessDialog
from faceapp.gui.liveness.words import NO_MODEL, PRIVATE
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.more_pages import PAGES
from faceapp.types import Frame
from tests.fakes.live import FakeSession
from tests.fakes.liveness_trials import FakeTrials

LINES = (
    TrialLine("People not taken for living people (BPCER)", "0 of 3; try at least 30.", enough=False),
    TrialLine("Prints on paper taken for living people (APCER)", "1 of 6; try at least 30.", enough=False),
)


@pytest.fixture
def trials(session: FakeSession) -> FakeTrials:
    return session.fake_trials


@pytest.fixture
def wizard(qapp: QApplication, qtbot: QtBot, window: LiveWindow, session: FakeSession) -> Iterator[LivenessDialog]:
    """Opened from the window's menu; its timer rests."""
    found = opened(window, session)
    qtbot.waitUntil(found.isVisible)
    found.timer.stop()
    yield found
    for left in window.findChildren(LivenessDialog):
        left.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()


def opened(window: LiveWindow, session: FakeSession) -> LivenessDialog:
    [entry] = [p for p in PAGES if "liveness" in p.text]
    entry.open(session, window.theme, window)
    found = window.findChild(LivenessDialog)
    assert found is not None
    return found


def press(widget: QWidget) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def texts(page: QWidget) -> str:
    return "\n".join(w.text() for w in page.findChildren(QLabel) if w.isVisible())


def test_it_says_first_what_it_takes_and_what_is_kept(wizard: LivenessDialog) -> None:
    assert PRIVATE in texts(wizard)
    assert "Tried is the model MiniFASNetV2" in texts(wizard)
    assert wizard.next_button.isEnabled()
    assert not wizard.back_button.isEnabled()


def test_without_a_model_there_is_nothing_to_try(
    window: LiveWindow, session: FakeSession, trials: FakeTrials, qtbot: QtBot
) -> None:
    trials.name = ""
    found = opened(window, session)
    qtbot.waitUntil(found.isVisible)
    assert NO_MODEL in texts(found)
    assert not found.next_button.isEnabled()
    found.close()


def test_each_kind_has_its_step(wizard: LivenessDialog, trials: FakeTrials) -> None:
    for n, (page, kind) in enumerate(zip(wizard.takes, TRIAL_KINDS, strict=True), 1):
        press(wizard.next_button)
        assert wizard.pages.currentWidget() is page
        assert f"step {n} of 4" in texts(wizard)
        press(page.record)
        assert trials.calls[-1] == ("begin", kind)
        trials.now = replace(trials.now, phase="idle")
        wizard.refresh()
    press(wizard.back_button)
    assert wizard.pages.currentWidget() is wizard.takes[2]


def test_while_it_records_one_can_only_stop(wizard: LivenessDialog, trials: FakeTrials, session: FakeSession) -> None:
    page = wizard.takes[0]
    press(wizard.next_button)
    session.now_frame = Frame.freeze(0, 7, np.full((120, 160, 3), (0, 0, 200), np.uint8))
    QTest.keyClick(wizard, Qt.Key.Key_R)
    trials.now = TrialState("recording", "live", 0.5, "The model isn't sure.", taken=(("live", 1),))
    wizard.refresh()
    assert page.seen.text() == "The model isn't sure."
    assert page.bar.value() == page.bar.maximum() / 2
    shown = page.picture.grab().toImage()
    assert shown.pixelColor(shown.width() // 2, shown.height() // 2).red() == 200
    assert not any(b.isEnabled() for b in (page.file, page.folder, page.undo, wizard.next_button, wizard.back_button))
    assert page.record.text() == "Stop"
    press(page.record)
    assert trials.calls == [("begin", "live"), "stop"]
    assert (page.record.text(), page.taken.text()) == ("Record", "1 presentation")
    press(page.undo)
    assert trials.calls[-1] == ("undo", "live")


def test_what_went_wrong_is_said_where_it_did(wizard: LivenessDialog, trials: FakeTrials) -> None:
    press(wizard.next_button)
    trials.now = TrialState(problem="No face was seen: step in front of the camera.")
    wizard.refresh()
    assert wizard.takes[0].problem.text().startswith("No face was seen")
    assert wizard.takes[0].problem.isVisible()


def test_files_can_be_brought(wizard: LivenessDialog, trials: FakeTrials, monkeypatch: pytest.MonkeyPatch) -> None:
    press(wizard.next_button)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    press(wizard.takes[0].file)
    assert trials.calls == []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/clips")
    press(wizard.takes[0].folder)
    assert trials.calls == [("read", "live", Path("/clips"))]


def test_the_result_can_be_saved(
    wizard: LivenessDialog, trials: FakeTrials, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        press(wizard.next_button)
    assert not wizard.outcome.save.isEnabled()
    assert "Nothing was tried yet." in texts(wizard)
    press(wizard.back_button)
    trials.said, trials.now = LINES, TrialState(taken=(("live", 3), ("print", 6)))
    wizard.refresh()
    press(wizard.next_button)
    said = "\n".join(f"{line.title}\n{line.text}" for line in LINES)
    qtbot.waitUntil(lambda: said in texts(wizard))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/reports/liveness.json", ""))
    press(wizard.outcome.save)
    assert trials.calls == [("save", Path("/reports/liveness.json"))]
    assert "Saved as liveness.json." in texts(wizard)
    trials.refuse = "there is no room"
    press(wizard.outcome.save)
    assert "There is no room." in texts(wizard)


def test_closing_forgets_and_opening_again_finds_the_one_that_is_open(
    wizard: LivenessDialog, window: LiveWindow, session: FakeSession, trials: FakeTrials
) -> None:
    assert opened(window, session) is wizard
    press(wizard.close_button)
    assert trials.calls == ["forget"]
    assert not wizard.timer.isActive()
