"""The window as a whole: states, banners, settings, figures, accessibility."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QListView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from faceapp.app.live_types import CameraInfo, Notice
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.settings_panel import is_camera, source_name
from faceapp.gui.video_view import VideoView
from faceapp.types import LiveStats
from tests.fakes.live import FakeSession, frame, matched, person, result, tracked
from tests.gui.conftest import Clock, MakeWindow

LOST = Notice("camera", "error", "The camera is gone: plug it in again.")
AGAIN = Notice("again", "warning", "Ada must be photographed again.")
DEMO = Notice("demo", "info", "No camera was found: this is the demonstration.")


def live(session: FakeSession, window: LiveWindow, clock: Clock) -> None:
    session.now_frame = frame(0, clock())
    window.stage.view.poll()
    window.refresh()


# What stands in the middle of the stage


def test_starting_says_what_is_happening(window: LiveWindow, session: FakeSession) -> None:
    session.now_phase = "starting"
    session.now_notices = (Notice("load", "info", "Loading the models."),)
    window.refresh()
    assert window.stage.card.isVisible()
    assert window.stage.card.headline == "Starting …"
    assert window.stage.card.sentence == "Loading the models."
    assert window.stage.banners.texts() == [], "not said twice"


def test_running_shows_the_picture_alone(window: LiveWindow, session: FakeSession, clock: Clock) -> None:
    live(session, window, clock)
    assert not window.stage.card.isVisible()
    assert not window.stage.view.dimmed


def test_a_video_that_ended_can_be_replayed(window: LiveWindow, session: FakeSession, clock: Clock) -> None:
    live(session, window, clock)
    session.now_phase = "ended"
    window.refresh()
    assert window.stage.card.headline == "The video has ended"
    assert window.stage.view.dimmed
    assert not window.enrol.isEnabled()
    window.stage.card.action.emit()
    assert session.calls == ["start"]


def test_a_failure_says_why_and_can_be_retried(window: LiveWindow, session: FakeSession) -> None:
    session.now_phase = "failed"
    session.now_notices = (LOST, DEMO)
    window.refresh()
    assert window.stage.card.sentence == LOST.text
    assert window.stage.card.action_text == "Try again"
    assert window.stage.banners.texts() == [DEMO.text], "what the card says is not said twice"


def test_a_picture_that_stands_still_is_called_so(window: LiveWindow, session: FakeSession, clock: Clock) -> None:
    live(session, window, clock)
    clock.tick(1.9)
    window.refresh()
    assert window.stage.banners.texts() == []
    clock.tick(1.2)
    window.refresh()
    assert window.stage.banners.texts() == ["The camera has sent no picture for 3 seconds. Check its cable."]
    assert window.stage.view.dimmed
    live(session, window, clock)
    assert window.stage.banners.texts() == []


# Banners


def test_the_worst_notice_comes_first_and_goes_with_its_condition(
    window: LiveWindow, session: FakeSession, clock: Clock
) -> None:
    live(session, window, clock)
    session.now_notices = (DEMO, AGAIN, LOST)
    window.refresh()
    assert window.stage.banners.texts() == [LOST.text, AGAIN.text, DEMO.text]
    session.now_notices = ()
    window.refresh()
    assert window.stage.banners.texts() == []


def test_only_information_can_be_dismissed_and_it_stays_away(
    window: LiveWindow, session: FakeSession, clock: Clock, qtbot: QtBot
) -> None:
    live(session, window, clock)
    session.now_notices = (LOST, DEMO)
    window.refresh()
    error, note = window.stage.banners.banners()
    assert error.findChildren(QToolButton) == []
    qtbot.mouseClick(note.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    window.refresh()
    assert window.stage.banners.texts() == [LOST.text]
    session.now_notices = ()
    window.refresh()
    session.now_notices = (DEMO,)
    window.refresh()
    assert window.stage.banners.texts() == [DEMO.text], "a new occasion is told again"


def test_a_level_is_told_in_words_and_by_its_sign(window: LiveWindow, session: FakeSession, clock: Clock) -> None:
    live(session, window, clock)
    session.now_notices = (LOST, AGAIN, DEMO)
    window.refresh()
    banners = window.stage.banners.banners()
    assert [b.accessibleName().split(":")[0] for b in banners] == ["Error", "Warning", "Note"]
    signs = {b.grab().toImage().copy(10, 6, 30, 30).bits().asstring(30 * 30 * 4) for b in banners}  # type: ignore[union-attr]  # not null
    assert len(signs) == 3


def test_the_same_condition_in_other_words_is_one_banner(
    window: LiveWindow, session: FakeSession, clock: Clock
) -> None:
    live(session, window, clock)
    session.now_notices = (Notice("x", "warning", "3 people are left."),)
    window.refresh()
    (before,) = window.stage.banners.banners()
    session.now_notices = (Notice("x", "warning", "2 people are left."),)
    window.refresh()
    (after,) = window.stage.banners.banners()
    assert after is before
    assert window.stage.banners.texts() == ["2 people are left."]


def test_an_error_that_happened_stays_until_it_is_dismissed(window: LiveWindow, qtbot: QtBot) -> None:
    window.tell("error", "Something went wrong.")
    window.tell("error", "Something else went wrong.")
    (banner,) = window.stage.banners.banners()
    assert window.stage.banners.texts() == ["Something else went wrong."]
    qtbot.mouseClick(banner.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert window.stage.banners.texts() == []


# Settings


def test_the_slider_sets_the_threshold_and_ends_automatic(window: LiveWindow, session: FakeSession) -> None:
    assert window.settings.automatic.isChecked()
    assert window.settings.value.text() == "0.87"
    window.settings.slider.setValue(70)
    assert session.chosen_threshold == pytest.approx(0.70)
    assert window.settings.value.text() == "0.70"
    assert not window.settings.automatic.isChecked()


def test_automatic_brings_the_slider_back(window: LiveWindow, session: FakeSession) -> None:
    window.settings.slider.setValue(70)
    window.settings.automatic.click()
    assert session.chosen_threshold is None
    assert window.settings.slider.value() == 87


def test_switching_automatic_off_keeps_the_value(window: LiveWindow, session: FakeSession) -> None:
    window.settings.automatic.click()
    assert session.chosen_threshold == pytest.approx(0.87)


def test_an_automatic_threshold_is_followed_as_people_come(window: LiveWindow, session: FakeSession) -> None:
    session.automatic_threshold = 0.81
    window.refresh()
    assert window.settings.slider.value() == 81
    assert session.calls == [], "following is not setting"


def test_the_camera_is_picked_by_name(window: LiveWindow, session: FakeSession) -> None:
    picker = window.settings.camera
    assert [picker.itemText(i) for i in range(picker.count())] == ["Integrated Camera", "Demonstration"]
    picker.setCurrentIndex(1)
    picker.activated.emit(1)
    assert session.now_source == "demo:"
    assert picker.currentText() == "Demonstration"
    picker.activated.emit(1)
    assert session.calls == [("set_source", "demo:")], "the same one again opens nothing"


def test_a_camera_plugged_in_later_appears(window: LiveWindow, session: FakeSession) -> None:
    session.now_cameras.insert(1, CameraInfo("2", "USB Camera"))
    window.settings.refresh_cameras()
    assert window.settings.camera.findText("USB Camera") == 1
    assert window.settings.camera.currentText() == "Integrated Camera"


def test_a_file_is_listed_too_and_a_stream_without_its_password(make_window: MakeWindow) -> None:
    session = FakeSession()
    session.now_source = "rtsp://guard:secret@10.0.0.7:554/door?token=abc"
    window = make_window(session)
    assert window.settings.camera.currentText() == "rtsp stream from 10.0.0.7"
    everything = " ".join(w.toolTip() + w.accessibleName() for w in window.findChildren(QWidget))
    assert "secret" not in everything
    assert source_name("/home/me/clips/walk.mp4") == "walk.mp4"
    assert source_name("7") == "Camera 7"


def test_the_detector_is_chosen(window: LiveWindow, session: FakeSession) -> None:
    picker = window.settings.detector
    picker.setCurrentIndex(1)
    picker.activated.emit(1)
    assert session.now_detector == "ssd"


def test_a_packs_detector_can_be_chosen_too(window: LiveWindow, session: FakeSession) -> None:
    picker = window.settings.detector
    assert [picker.itemData(row) for row in range(picker.count())] == ["mtcnn", "ssd", "scrfd-mini"]
    assert picker.itemText(2) == "SCRFD of the pack mini"
    picker.setCurrentIndex(2)
    picker.activated.emit(2)
    assert session.now_detector == "scrfd-mini"


# Mirror


@pytest.mark.parametrize(("spec", "mirrored"), [("0", True), ("/dev/video1", True), ("demo:", False), ("a.mp4", False)])
def test_cameras_are_mirrored_and_nothing_else(make_window: MakeWindow, spec: str, mirrored: bool) -> None:
    session = FakeSession()
    session.now_source = spec
    window = make_window(session)
    assert is_camera(spec) == mirrored
    assert window.stage.view.mirrored == window.mirror.isChecked() == mirrored


def test_the_mirror_can_be_turned_until_the_source_changes(window: LiveWindow, session: FakeSession) -> None:
    window.mirror.trigger()
    assert not window.stage.view.mirrored
    window.refresh()
    assert not window.stage.view.mirrored
    session.now_source = "1"
    window.refresh()
    assert window.stage.view.mirrored


# Figures and people in view


def test_the_status_bar_tells_the_figures(window: LiveWindow, session: FakeSession) -> None:
    window.refresh_figures()
    assert window.status.camera.text() == "Camera –"
    session.now_stats = LiveStats(900, 500, 400, 16.6, 29.7, 57.2, 90.0, "CUDA, FP16")
    window.refresh_figures()
    told = [f.text() for f in (window.status.camera, window.status.recognised, window.status.latency)]
    assert told == ["Camera 30 fps", "Recognised 17 fps", "Latency 57 ms"]
    assert window.status.dropped.text() == "Dropped 400"
    assert window.status.provider.text() == "CUDA, FP16"
    assert window.status.slowed.isHidden()
    session.now_stats = replace(session.now_stats, slowed=2)
    window.refresh_figures()
    assert not window.status.slowed.isHidden()
    assert window.status.slowed.text() == "Slowed down for this computer"
    assert "less often" in window.status.slowed.toolTip()


def test_who_is_in_view_is_marked_in_the_list(make_window: MakeWindow, clock: Clock) -> None:
    session = FakeSession(person("Ada"), person("Grace"))
    window = make_window(session)
    box = (10, 10, 90, 110)
    session.now_result = result([tracked(1, box, matched("Grace", 0.5)), tracked(2, box, matched("Ada", 1.5))])
    window.refresh()
    spoken = [window.people.model.index(r).data(Qt.ItemDataRole.AccessibleTextRole) for r in range(2)]
    assert spoken == ["Ada, 1 photo", "Grace, 1 photo, in view now"]


# Menu, keys, accessibility


def test_full_screen_shows_the_picture_alone_and_esc_leaves(window: LiveWindow, qtbot: QtBot) -> None:
    window.full_screen.trigger()
    QApplication.processEvents()
    assert window.isFullScreen()
    assert not window.status.isVisible()
    assert window.stage.width() == window.width()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.status.isVisible()


@pytest.mark.parametrize("open_it", ["_show_about", "_show_shortcuts"])
def test_the_dialogs_open_and_close(window: LiveWindow, qtbot: QtBot, open_it: str) -> None:
    getattr(window, open_it)()
    (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    words = " ".join(label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text"))
    assert "GNU General Public License" in words or "Ctrl+E" in words
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QListView, VideoView)


def controls(window: QWidget) -> list[QWidget]:
    """Everything one can operate; not the parts Qt builds its own controls from."""
    found = [w for w in window.findChildren(QWidget) if isinstance(w, CONTROLS) and w.isVisible()]
    parts = ("QComboBoxListView", "QScrollBar", "QLineEditIconButton")
    return [w for w in found if w.metaObject().className() not in parts]  # type: ignore[union-attr]  # always there


def test_every_control_has_a_name_and_says_what_it_does(make_window: MakeWindow) -> None:
    window = make_window(FakeSession(person("Ada")))
    found = controls(window)
    assert len(found) >= 9
    assert [w for w in found if not w.accessibleName()] == []
    undescribed = [w.accessibleName() for w in found if not w.toolTip() and not w.accessibleDescription()]
    assert undescribed == []


def test_tab_reaches_every_control_and_comes_round(make_window: MakeWindow, qtbot: QtBot, clock: Clock) -> None:
    session = FakeSession(person("Ada"))
    session.now_notices = (DEMO,)
    window = make_window(session)
    live(session, window, clock)
    wanted = [w for w in controls(window) if w.isEnabled()]
    visited: list[QWidget] = []
    for _ in range(3 * len(wanted)):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        visited.append(focused)
    assert {w.accessibleName() for w in wanted} <= {w.accessibleName() for w in visited}
    names = [w.accessibleName() for w in visited]
    assert names.index("People") < names.index("Enrol by snapshot") < names.index("Camera") < names.index("Threshold")


@pytest.mark.parametrize(
    ("keys", "name"), [("Alt+C", "Camera"), ("Alt+D", "Detector"), ("Alt+T", "Threshold"), ("Alt+P", "People")]
)
def test_a_key_leads_to_each_control_and_its_tip_names_it(
    make_window: MakeWindow, qtbot: QtBot, keys: str, name: str
) -> None:
    window = make_window(FakeSession(person("Ada")))
    qtbot.keyClick(window, keys[-1], Qt.KeyboardModifier.AltModifier)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == name
    assert keys in focused.toolTip()


def test_closing_stops_the_session(window: LiveWindow, session: FakeSession) -> None:
    window.close()
    assert session.calls == ["stop"]


def test_the_window_stays_whole_at_900_by_600(window: LiveWindow) -> None:
    window.resize(900, 600)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (900, 600)
    for part in (window.settings.meaning, window.enrol, window.settings.slider):
        bottom = part.mapTo(window, part.rect().bottomRight())
        assert bottom.y() < window.status.y()
        assert bottom.x() <= 900
