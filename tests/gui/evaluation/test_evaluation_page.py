"""The evaluation page on a fake session: what it says, what it changes, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from faceapp.app.evaluation_types import EvaluationState
from faceapp.gui.evaluation.page import EvaluationDialog
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.theme import Theme
from tests.fakes.live import FakeSession


@pytest.fixture
def page(qapp: QApplication, qtbot: QtBot, window: LiveWindow, session: FakeSession) -> Iterator[EvaluationDialog]:
    """Opened from the window's menu, measuring. Its timer rests."""
    opened = open_page(window)
    qtbot.waitUntil(opened.isVisible)
    opened.timer.stop()
    yield opened
    opened.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()


def open_page(window: LiveWindow) -> EvaluationDialog:
    from faceapp.gui.more_pages import PAGES

    [entry] = [p for p in PAGES if "valuation" in p.text]
    session = window._session
    entry.open(session, window.theme, window)
    found = window.findChild(EvaluationDialog)
    assert found is not None
    return found


def texts(page: EvaluationDialog) -> str:
    return "\n".join(w.text() for w in page.findChildren(QLabel) if w.isVisible())


def test_while_it_measures_and_where_there_are_too_few(page: EvaluationDialog, session: FakeSession) -> None:
    assert "Comparing everybody's photos …" in texts(page)
    session.fake_evaluation.now = EvaluationState("empty", "Too few people to say anything.")
    page.refresh()
    assert "Too few people to say anything." in texts(page)
    assert not page.dial.isVisible()
    assert session.fake_evaluation.asked >= 2


def test_what_was_measured_is_shown_at_the_threshold_in_force(page: EvaluationDialog, session: FakeSession) -> None:
    found = session.fake_evaluation.be_ready()
    page.refresh()
    assert page.dial.isVisible()
    assert page.dial.threshold == session.threshold()
    assert page.dial.people.value() == 30
    assert page.dial.sentence.text() == found.sentence(session.threshold(), 30, 400)
    assert page.dial.sentence.text().startswith("With 30 people and 400 passages a day at this setting: ")
    for text in (found.summary, *found.cautions, *(f.value for f in found.figures(session.threshold()))):
        assert text in texts(page)
    assert "of the pairs of one person lie within the threshold" in page.histogram.accessibleDescription()
    assert page.trade_off.accessibleDescription().startswith("comparing two photos (1:1): ")


def test_moving_the_dial_says_what_it_means_and_changes_nothing(page: EvaluationDialog, session: FakeSession) -> None:
    found = session.fake_evaluation.be_ready()
    page.refresh()
    strict = page.dial.sentence.text()
    page.dial.slider.setValue(page.dial.slider.maximum())
    at = page.dial.threshold
    assert page.dial.sentence.text() == found.sentence(at, 30, 400) != strict
    assert page.histogram.line.value() == at
    spot = found.spot(0, at)
    assert page.trade_off.point(0).x() == pytest.approx(np.log10(max(spot.accepts[0], 1e-5)))
    assert session.chosen_threshold is None
    page.refresh()
    assert page.dial.threshold == at, "it stays where it was put"


def test_people_and_passages_change_the_words(page: EvaluationDialog, session: FakeSession) -> None:
    found = session.fake_evaluation.be_ready()
    page.refresh()
    page.dial.people.setValue(3000)
    page.dial.passages.setValue(1)
    assert page.dial.sentence.text() == found.sentence(page.dial.threshold, 3000, 1)
    assert "With 3000 people and 1 passage a day" in page.dial.sentence.text()


def test_use_this_threshold_and_back_to_automatic(page: EvaluationDialog, session: FakeSession, qtbot: QtBot) -> None:
    session.fake_evaluation.be_ready()
    page.refresh()
    assert not page.dial.automatic.isEnabled()
    page.dial.look_at(0.95)
    assert page.dial.use.isEnabled()
    page.dial.use.setFocus()
    qtbot.keyClick(page.dial.use, Qt.Key.Key_Space)
    assert session.chosen_threshold == 0.95
    assert page.dial.in_force.text() == "In force: 0.95, chosen by hand."
    assert page.dial.door.text().startswith(
        "A door goes by a threshold of its own, 0.50, which this page leaves alone."
    )
    assert "stranger is given a name" in page.dial.sentence.text()
    assert "let in" not in page.dial.sentence.text()
    assert "a stranger at the door is let in" in page.dial.door.text()
    assert "one photo is not one try there" in page.dial.door.text()
    assert not page.dial.use.isEnabled()
    qtbot.keyClick(page.dial.automatic, Qt.Key.Key_Space)
    assert session.chosen_threshold is None
    assert page.dial.threshold == session.automatic_threshold
    assert page.dial.in_force.text().startswith("In force: 0.87, automatic (calibrated on 30 people).")


def test_the_line_in_the_plot_moves_the_dial(page: EvaluationDialog, session: FakeSession) -> None:
    session.fake_evaluation.be_ready()
    page.refresh()
    page.histogram.line.setValue(0.91)
    page.histogram.line.sigDragged.emit(page.histogram.line)
    assert page.dial.threshold == 0.91


def test_keys_are_enough(page: EvaluationDialog, session: FakeSession, qtbot: QtBot) -> None:
    session.fake_evaluation.be_ready()
    page.refresh()
    page.dial.slider.setFocus()
    before = page.dial.threshold
    qtbot.keyClick(page.dial.slider, Qt.Key.Key_Right)
    assert page.dial.threshold == pytest.approx(before + 0.01)
    order = [page.dial.slider]
    for _ in range(3):
        qtbot.keyClick(order[-1], Qt.Key.Key_Tab)
        order.append(page.focusWidget())
    assert order[1:3] == [page.dial.people, page.dial.passages]
    qtbot.keyClick(page.dial.passages, Qt.Key.Key_Return)
    assert page.isVisible()
    assert session.chosen_threshold is None, "Enter in a field presses no button"
    for widget in (page.dial.slider, page.dial.people, page.dial.passages, page.histogram, page.trade_off):
        assert widget.accessibleName()


def test_nobody_with_two_photos(page: EvaluationDialog, session: FakeSession) -> None:
    session.fake_evaluation.be_ready(photos=1, door=None)
    page.refresh()
    assert "cannot be said, because nobody has two photos" in page.dial.sentence.text()
    assert "Nobody has two photos: take a second one" in texts(page)
    assert not page.dial.door.isVisible()


def test_a_gallery_that_changed_is_followed(page: EvaluationDialog, session: FakeSession) -> None:
    session.fake_evaluation.be_ready()
    page.refresh()
    page.dial.look_at(0.91)
    found = session.fake_evaluation.be_ready(people=31)
    page.refresh()
    assert found.summary in texts(page)
    assert page.dial.threshold == 0.91
    assert page.dial.sentence.text() == found.sentence(0.91, 30, 400)


def test_both_schemes(page: EvaluationDialog, session: FakeSession, theme: Theme) -> None:
    session.fake_evaluation.be_ready()
    page.refresh()
    light = page.histogram.grab().toImage().pixelColor(2, 2)
    theme.choose("dark")
    dark = page.histogram.grab().toImage().pixelColor(2, 2)
    assert (light.name(), dark.name()) == ("#ffffff", theme.tokens.surface)
    assert page.trade_off.point(1) is not None
    theme.choose("light")


def test_opening_it_twice_is_one_page(page: EvaluationDialog, window: LiveWindow) -> None:
    assert open_page(window) is page


def test_the_window_comes_without_the_plots_library() -> None:
    code = "import sys, faceapp.gui.main_window; sys.exit('pyqtgraph' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
