"""The consent form below a photo to be named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.app.live_types import SnapshotState
from faceapp.gui.consent_form import NONE, NOT_ON_RECORD, ON_RECORD, REQUIRED
from faceapp.gui.main_window import LiveWindow
from faceapp.gui.snapshot_sheet import SnapshotSheet
from tests.fakes.live import CONSENT, FakeSession, person

CROP = np.full((200, 160, 3), 120, np.uint8)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(person("Ada Lovelace"))


def ready(window: LiveWindow, session: FakeSession, name: str = "") -> SnapshotSheet:
    window.begin_snapshot()
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 86.0)
    window.stage.sheet.follow()
    window.stage.sheet.ready.name.setText(name)
    return window.stage.sheet


def test_nobody_agrees_by_default_and_it_is_said_what_that_means(window: LiveWindow, session: FakeSession) -> None:
    sheet = ready(window, session, "Mae")
    assert not sheet.ready.consent.given.isChecked()
    assert sheet.ready.consent.without.text() == NONE
    assert not sheet.ready.consent.purpose.isVisible()
    sheet.save()
    assert session.calls[-1] == ("enroll", "Mae")
    assert sheet.stored.consent.isVisible()
    assert sheet.stored.consent.text() == "No consent on record."


def test_what_was_agreed_to_goes_with_the_photo(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    sheet = ready(window, session, "Mae")
    form = sheet.ready.consent
    short = sheet.height()
    form.given.setFocus()
    qtbot.keyClick(form.given, Qt.Key.Key_Space)
    assert sheet.height() > short
    assert form.purpose.text() == CONSENT.purpose, "prefilled"
    assert form.text.toPlainText() == CONSENT.text
    form.given_by.setText("her mother")
    form.until.setText("2031-05-01")
    sheet.save()
    [(_, name, consent)] = [c for c in session.calls if isinstance(c, tuple) and c[0] == "enroll"]
    assert (name, consent.given_by, consent.until) == ("Mae", "her mother", date(2031, 5, 1))
    assert not sheet.stored.consent.isVisible()


def test_a_day_that_is_none_is_refused_with_a_line_and_nothing_is_lost(
    window: LiveWindow, session: FakeSession
) -> None:
    sheet = ready(window, session, "Mae")
    sheet.ready.consent.given.setChecked(True)
    sheet.ready.consent.until.setText("tomorrow")
    sheet.save()
    assert "is no day" in sheet.ready.refusal.text()
    assert sheet.ready.consent.until.hasFocus(), "what is to be mended"
    assert "enroll" not in str(session.calls)
    sheet.ready.consent.until.clear()
    sheet.save()
    assert sheet.phase == "stored"


def test_a_site_that_requires_it_says_so_and_refuses(window: LiveWindow, session: FakeSession) -> None:
    session.consent_required = True
    sheet = ready(window, session, "Mae")
    assert sheet.ready.consent.without.text() == REQUIRED
    sheet.save()
    assert "requires consent" in sheet.ready.refusal.text()
    assert sheet.phase == "ready"
    sheet.ready.consent.given.setChecked(True)
    assert not sheet.ready.refusal.isVisible()
    sheet.save()
    assert sheet.phase == "stored"


@pytest.mark.parametrize(
    ("state", "words"), [("given", ON_RECORD), ("none", NOT_ON_RECORD), ("expired", NOT_ON_RECORD)]
)
def test_who_is_enrolled_already_keeps_what_is_on_record(
    window: LiveWindow, session: FakeSession, state: Literal["given", "none", "expired"], words: str
) -> None:
    session.fake_people.rows = [replace(person("Ada Lovelace"), consent=state)]
    session.fake_people.changes += 1
    window.people.refresh()
    sheet = ready(window, session, "ada lovelace")
    assert sheet.ready.consent.without.text() == words
    sheet.save()
    assert sheet.stored.consent.isVisible() == (state != "given")


def test_a_further_photo_asks_for_no_consent_again(window: LiveWindow, session: FakeSession) -> None:
    sheet = ready(window, session, "Mae")
    sheet.ready.consent.given.setChecked(True)
    sheet.save()
    sheet.take_another()
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 86.0)
    sheet.follow()
    assert not sheet.ready.consent.isVisible()
    sheet.ready.name.setText("Bo")
    assert sheet.ready.consent.isVisible(), "somebody else has not been asked"
    sheet.ready.name.setText("mae")
    assert not sheet.ready.consent.isVisible()
    sheet.save()
    assert session.calls[-1] == ("enroll", "mae")


def test_consent_that_was_refused_with_the_photo_is_none(window: LiveWindow, session: FakeSession) -> None:
    session.refuse = "The gallery is locked."
    sheet = ready(window, session, "Mae")
    sheet.ready.consent.given.setChecked(True)
    sheet.save()
    session.refuse = None
    sheet.ready.consent.given.setChecked(False)
    sheet.save()
    assert sheet.stored.consent.isVisible()


def test_tab_visits_every_field_and_each_has_a_name(window: LiveWindow, session: FakeSession, qtbot: QtBot) -> None:
    sheet = ready(window, session, "Mae")
    sheet.ready.consent.given.setChecked(True)
    names = []
    for _ in range(9):
        widget = QApplication.focusWidget()
        assert widget is not None
        names.append(widget.accessibleName())
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    form = ["Consent was given", "Purpose", "Given by", "Until", "Text of the consent"]
    assert names == ["Name", *form, "Cancel", "Retake", "Save"]


def test_in_the_smallest_window_everything_can_be_reached(
    window: LiveWindow, session: FakeSession, qtbot: QtBot
) -> None:
    window.resize(window.minimumSize())
    sheet = ready(window, session, "Mae")
    hints = ("Hold still: the picture is blurred.", "More light on the face: it is too dark.", "Come nearer.") * 2
    session.now_snapshot = SnapshotState("ready", 1.0, CROP, 30.0, hints, None, "Ada Lovelace", override=True)
    sheet.ready.show_snapshot(session.now_snapshot)
    sheet.ready.consent.given.setChecked(True)
    QApplication.processEvents()
    assert window.stage.rect().contains(sheet.geometry())
    for field in sheet.ready.order():
        if field.isVisible():
            qtbot.keyClick(QApplication.focusWidget() or sheet, Qt.Key.Key_Tab)
            focused = QApplication.focusWidget()
            assert focused is not None
            assert not focused.visibleRegion().isEmpty(), focused.accessibleName()
