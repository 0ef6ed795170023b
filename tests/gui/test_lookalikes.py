"""A face that is near to somebody else's: said before it is stored, and a badge can tell the two apart afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from faceapp.app.live_types import Lookalike, SnapshotState
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.pin_question import PinQuestion
from faceapp.gui.snapshot_pages import alike_hint
from faceapp.gui.snapshot_sheet import SnapshotSheet
from tests.fakes.kiosk import RIGHT_PIN
from tests.fakes.live import FakeSession, person

CROP = np.full((200, 160, 3), 120, np.uint8)
ADA = Lookalike("id-Ada Lovelace", "Ada Lovelace")


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession(person("Ada Lovelace"), person("Grace Hopper", 2))
    session.kiosk.pin = None
    return session


def ready(
    window: LiveWindow, session: FakeSession, known_as: str | None = None, lookalikes: tuple[Lookalike, ...] = (ADA,)
) -> SnapshotSheet:
    window.begin_snapshot()
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 86.0, (), None, known_as, lookalikes)
    window.stage.sheet.follow()
    return window.stage.sheet


def store(sheet: SnapshotSheet, name: str) -> None:
    sheet.ready.name.setText(name)
    sheet.save()
    assert sheet.phase == "stored"


def required(session: FakeSession) -> list[object]:
    return [c for c in session.kiosk.fake_rights.calls if isinstance(c, tuple) and c[0] == "require_badge"]


def test_a_lookalike_is_told_in_plain_words_before_anything_is_stored(window: LiveWindow, session: FakeSession) -> None:
    sheet = ready(window, session)
    words = "Ada Lovelace looks much like this: a camera may take one for the other."
    assert (sheet.ready.alike.isVisible(), sheet.ready.alike.text()) == (True, words)
    assert not sheet.ready.use_known.isVisible(), "nobody is offered as the same person"
    sheet.ready.name.setText("ada lovelace")
    assert not sheet.ready.alike.isVisible(), "nobody looks too much like themselves"


def test_both_can_be_asked_for_a_badge(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    sheet = ready(window, session)
    store(sheet, "Mae")
    assert "Ada Lovelace and Mae look alike" in sheet.stored.alike.text()
    qtbot.mouseClick(sheet.stored.badges, Qt.MouseButton.LeftButton)
    assert required(session) == [("require_badge", "id-Mae"), ("require_badge", "id-Ada Lovelace")]
    assert sheet.stored.asked.isVisible()
    assert not sheet.stored.alike.isVisible()
    assert not sheet.stored.badges.isVisible()


def test_the_same_face_under_another_name_is_a_lookalike_too(window: LiveWindow, session: FakeSession) -> None:
    store(ready(window, session, known_as="Grace Hopper", lookalikes=(ADA,)), "Mae")
    assert "Grace Hopper and Ada Lovelace and Mae" in window.stage.sheet.stored.alike.text()
    assert window.stage.sheet.stored.badges.text() == "Ask all three for a badge"


def test_who_was_added_to_is_no_lookalike_of_themselves(window: LiveWindow, session: FakeSession) -> None:
    store(ready(window, session, known_as="Grace Hopper", lookalikes=()), "Grace Hopper")
    assert not window.stage.sheet.stored.alike.isVisible()
    assert not window.stage.sheet.stored.badges.isVisible()


def test_where_there_is_a_pin_it_comes_first(window: LiveWindow, session: FakeSession) -> None:
    session.kiosk.pin = RIGHT_PIN
    sheet = ready(window, session)
    store(sheet, "Mae")
    sheet.ask_for_badges()
    assert required(session) == []
    [question] = [w for w in window.findChildren(PinQuestion) if w.isVisible()]
    assert "Ada Lovelace and Mae" in question.why.text()
    question.pad.field.setText(RIGHT_PIN)
    question.pad.submit()
    assert len(required(session)) == 2


def test_a_refusal_is_shown_and_can_be_tried_again(window: LiveWindow, session: FakeSession) -> None:
    rights = session.kiosk.fake_rights
    rights.refuse = "The log cannot be written."
    sheet = ready(window, session)
    store(sheet, "Mae")
    sheet.ask_for_badges()
    assert (sheet.stored.refusal.isVisible(), sheet.stored.refusal.text()) == (True, rights.refuse)
    rights.refuse = None
    sheet.ask_for_badges()
    assert sheet.stored.asked.isVisible()
    assert not sheet.stored.refusal.isVisible()


def test_two_look_and_one_looks() -> None:
    assert alike_hint([], "") == ""
    assert alike_hint(["Ada", "Bo"], "bo").startswith("Ada looks ")
    assert alike_hint(["Ada", "Bo"], "").startswith("Ada and Bo look ")
