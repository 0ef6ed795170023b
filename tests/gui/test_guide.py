"""The guided snapshot: the outline over the picture, one instruction at a time, the manual way, a few more photos."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QRect, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.live_types import MOST_PHOTOS, OUTLINE_CENTRE, SnapshotGuidance, SnapshotState
from faceapp.app.resources import resource
from faceapp.enrollment import guide
from faceapp.enrollment.guide import WISHES
from faceapp.gui.guide_outline import GuideOutline
from faceapp.gui.guide_page import BEGIN, SIGNS, STUCK, TAKING
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.snapshot_sheet import SnapshotSheet
from faceapp.gui.tokens import STAGE
from tests.fakes.live import FakeSession, matched, person, result, tracked
from tests.gui.conftest import Clock

PICTURE = QRect(0, 0, 640, 480)
CROP = np.full((200, 160, 3), 120, np.uint8)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(person("Ada Lovelace"), person("Grace Hopper", 2))


@pytest.fixture
def sheet(window: LiveWindow) -> SnapshotSheet:
    """Open, nothing looked at yet."""
    window.begin_snapshot()
    return window.stage.sheet


def guidance(
    code: guide.Instruction = "closer", outline: bool = False, stuck: bool = False, wish: str = ""
) -> SnapshotGuidance:
    return SnapshotGuidance(code, guide.SENTENCES[code], outline, (), 70.0, stuck, wish)


def show(sheet: SnapshotSheet, session: FakeSession, shown: SnapshotGuidance, progress: float = 0.0) -> None:
    session.now_snapshot = SnapshotState("collecting", progress, guidance=shown)
    sheet.follow()


def store(sheet: SnapshotSheet, session: FakeSession, name: str | None = None) -> None:
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 86.0)
    sheet.follow()
    if name is not None:
        sheet.ready.name.setText(name)
    sheet.save()


@pytest.fixture
def outline(qapp: QApplication, clock: Clock) -> Iterator[GuideOutline]:
    widget = GuideOutline(clock=clock)
    widget.resize(640, 480)
    widget.set_picture(PICTURE)
    widget.still = False
    yield widget
    widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def painted(outline: GuideOutline) -> QImage:
    picture = QImage(outline.size(), QImage.Format.Format_RGB32)
    picture.fill(QColor("#808080"))
    outline.render(picture)
    return picture


def is_white(colour: QColor) -> bool:
    return min(colour.red(), colour.green(), colour.blue()) > 200


def runs(picture: QImage, outline: GuideOutline) -> int:
    """How often the line changes between drawn and not drawn, once round the oval."""
    oval = outline.oval()
    a, b, c = oval.width() / 2, oval.height() / 2, oval.center()
    angles = np.linspace(0, 2 * np.pi, 1440, endpoint=False)
    points = [(round(c.x() + a * np.cos(t)), round(c.y() + b * np.sin(t))) for t in angles]
    drawn = [any(is_white(picture.pixelColor(x + d, y + e)) for d in (-1, 0, 1) for e in (-1, 0, 1)) for x, y in points]
    return sum(x != y for x, y in zip(drawn, [*drawn[1:], drawn[0]], strict=True))


def test_the_outline_is_where_the_guide_wants_the_face_and_no_wider_than_the_picture(outline: GuideOutline) -> None:
    assert OUTLINE_CENTRE == guide.OUTLINE
    oval = outline.oval()
    assert oval.center().x() == pytest.approx(320)
    assert oval.center().y() == pytest.approx(0.46 * 480)
    assert oval.width() / oval.height() == pytest.approx(0.76)
    outline.set_picture(QRect(0, 0, 200, 480))
    assert outline.oval().width() <= 200


def test_dashed_until_the_face_is_in_its_place_then_solid(outline: GuideOutline, clock: Clock) -> None:
    outline.show_guidance(guidance(), 0.0)
    assert runs(painted(outline), outline) > 20
    outline.show_guidance(guidance("more_light", outline=True), 0.0)
    clock.tick(1.0)
    outline.move_on()
    assert outline.placed
    assert runs(painted(outline), outline) == 0
    assert (outline.placed, outline.met) == (True, False)


def test_a_tick_and_a_growing_line_when_all_is_well(outline: GuideOutline, clock: Clock) -> None:
    outline.show_guidance(guidance("ready", outline=True), 0.0)
    clock.tick(1.0)
    outline.move_on()
    oval = outline.oval()
    named = QColor(STAGE.named)
    top, right = (round(oval.center().x()) + 9, round(oval.top())), (round(oval.right()), round(oval.center().y()))
    assert painted(outline).pixelColor(*top) != named, "well for no time yet"
    outline.show_guidance(guidance("ready", outline=True), 0.5)
    clock.tick(1.0)
    outline.move_on()
    assert outline.met
    picture = painted(outline)
    assert picture.pixelColor(*top) == named, "the tick's ground"
    assert picture.pixelColor(*right) == named, "the line has come round to the right"
    assert picture.pixelColor(round(oval.left()), round(oval.center().y())) != named


def test_the_line_glides_and_with_reduced_motion_it_doesnt(outline: GuideOutline, clock: Clock) -> None:
    outline.show_guidance(guidance("ready", outline=True), 0.0)
    clock.tick(1.0)
    outline.move_on()
    outline.show_guidance(guidance("ready", outline=True), 0.5)
    clock.tick(0.02)
    outline.move_on()
    clock.tick(0.02)
    outline.move_on()
    assert 0.0 < outline.ring < 0.5
    outline.clear()
    outline.still = True
    outline.show_guidance(guidance("ready", outline=True), 0.5)
    assert outline.ring == 0.5


def test_boxes_and_names_give_way_to_the_outline(window: LiveWindow, session: FakeSession) -> None:
    session.show()
    session.now_result = result([tracked(1, (200, 120, 400, 380), matched("Ada Lovelace", 0.3))])
    window.begin_snapshot()
    assert window.stage.outline.isVisible()
    assert window.stage.view.faces_hidden
    window.stage.sheet.cancel()
    assert not window.stage.outline.isVisible()
    assert not window.stage.view.faces_hidden


def test_in_a_small_window_the_card_leaves_the_outline_free(window: LiveWindow, session: FakeSession) -> None:
    session.show()
    window.stage.view.poll()
    window.resize(window.minimumSize())
    QApplication.processEvents()
    window.begin_snapshot()
    show(window.stage.sheet, session, guidance("up"))
    stage = window.stage
    assert stage.sheet.geometry().left() >= 0
    assert stage.sheet.geometry().right() < stage.width()
    assert stage.outline.oval().bottom() < stage.sheet.geometry().top()


def test_one_instruction_at_a_time_in_words_and_with_a_sign(sheet: SnapshotSheet, session: FakeSession) -> None:
    assert sheet.guide.instruction.text() == BEGIN
    show(sheet, session, guidance("closer"))
    assert sheet.guide.instruction.text() == "Come a little closer."
    assert "Come a little closer." in sheet.guide.cancel.accessibleDescription(), "what has the focus is read out"
    assert sheet.guide.aside.text() == ""
    height = sheet.height()
    show(sheet, session, guidance("up"))
    assert sheet.height() == height, "the card is as still as the person is to be"


def test_a_long_instruction_in_a_small_window_is_shown_whole_and_the_card_never_shrinks(
    window: LiveWindow, session: FakeSession
) -> None:
    window.resize(window.minimumSize())
    window.begin_snapshot()
    sheet = window.stage.sheet
    show(sheet, session, guidance("up", stuck=True))
    QApplication.processEvents()
    for words in (sheet.guide.instruction, sheet.guide.aside):
        assert words.height() >= words.heightForWidth(words.width()), words.text()
    height = sheet.height()
    show(sheet, session, guidance("closer"))
    assert sheet.height() == height


def test_every_instruction_has_a_sign() -> None:
    assert set(SIGNS) == set(guide.SENTENCES)
    assert all(resource("icons", f"{name}.svg").is_file() for name in SIGNS.values())


def test_take_it_now_is_always_there_and_pointed_out_when_stuck(
    sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot
) -> None:
    show(sheet, session, guidance("more_light", stuck=True))
    assert sheet.guide.aside.text() == STUCK
    assert sheet.guide.take_now.property("kind") == "primary"
    qtbot.mouseClick(sheet.guide.take_now, Qt.MouseButton.LeftButton)
    assert session.calls[-1] == "take_snapshot_now"
    assert not sheet.guide.take_now.isEnabled()
    show(sheet, session, guidance("more_light", stuck=True))
    assert sheet.guide.aside.text() == TAKING
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 30.0, ("More light: it is dark.",), override=True)
    sheet.follow()
    assert sheet.ready.override.isVisible()
    assert "by hand" in sheet.ready.override.text()
    sheet.try_again()
    assert sheet.guide.take_now.isEnabled()


def test_by_itself_it_takes_the_photo_and_asks_whose_it_is(sheet: SnapshotSheet, session: FakeSession) -> None:
    show(sheet, session, guidance("ready", outline=True), 0.9)
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 86.0)
    sheet.follow()
    assert sheet.phase == "ready"
    assert not sheet.ready.override.isVisible()
    assert "take_snapshot_now" not in session.calls


def test_another_photo_of_the_same_person_is_offered_up_to_five(
    sheet: SnapshotSheet, session: FakeSession, qtbot: QtBot
) -> None:
    store(sheet, session, "Mae Jemison")
    for photos in range(1, MOST_PHOTOS):
        assert sheet.stored.another.text() == f"Take another ({photos + 1} of {MOST_PHOTOS})"
        assert f"wish number {photos}." in sheet.stored.offer.text()
        qtbot.mouseClick(sheet.stored.another, Qt.MouseButton.LeftButton)
        assert session.calls[-1] == ("begin_snapshot", True, photos)
        show(sheet, session, guidance(wish="Now smile."))
        assert sheet.guide.aside.text() == f"Photo {photos + 1} of {MOST_PHOTOS} of Mae Jemison. Now smile."
        show(sheet, session, guidance(wish="Now come a little closer."))
        assert sheet.guide.aside.text() == f"Photo {photos + 1} of {MOST_PHOTOS} of Mae Jemison.", "once is enough"
        store(sheet, session)
        assert session.calls[-1] == ("enroll", "Mae Jemison")
    assert sheet.phase == "stored"
    assert not sheet.stored.another.isVisible()
    assert sheet.stored.title.text() == "Mae Jemison has one more photo"


def test_the_window_forgets_the_person_when_it_is_done(window: LiveWindow, session: FakeSession) -> None:
    window.begin_snapshot()
    store(window.stage.sheet, session, "Mae Jemison")
    window.escape()
    assert not window.stage.sheet.isVisible()
    window.begin_snapshot()
    assert session.calls[-1] == ("begin_snapshot", True, 0)
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 86.0)
    window.stage.sheet.follow()
    assert window.stage.sheet.ready.name.text() == ""


def test_there_is_a_wish_for_each_further_photo() -> None:
    assert len(WISHES) == MOST_PHOTOS
    assert all(re.match("Now ", w.sentence) for w in WISHES[1:])
