"""Hours of the week, in words and under fingers."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from faceapp.app.kiosk.types import WeeklyHours
from faceapp.gui.admin.hours import HoursEditor, TimeField, clock, days_words, hours_words, minutes_of


@pytest.fixture
def editor(qapp: QApplication, qtbot: QtBot) -> HoursEditor:
    shown = HoursEditor()
    qtbot.addWidget(shown)
    shown.set_hours((WeeklyHours(frozenset({0, 2}), "07:30", "24:00"),))
    shown.show()
    return shown


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (range(5), "Mon–Fri"),
        (range(7), "every day"),
        ((0, 1), "Mon, Tue"),
        ((5, 6), "Sat, Sun"),
        ((0, 2, 3, 4, 6), "Mon, Wed–Fri, Sun"),
    ],
)
def test_days_in_words(qapp: QApplication, days: range | tuple[int, ...], words: str) -> None:
    assert days_words(frozenset(days)) == words


def test_hours_in_words(qapp: QApplication) -> None:
    assert hours_words(None) == "always"
    assert hours_words(()) == "never"
    assert hours_words((WeeklyHours(frozenset({4}), "22:00", "06:00"),)) == "Fri 22:00–06:00"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("07:30", 450), ("7:30", 450), ("0730", 450), ("24:00", 1440), ("00:00", 0), ("24:01", None), ("7", None)],
)  # fmt: skip
def test_times_as_people_type_them(text: str, minutes: int | None) -> None:
    assert minutes_of(text) == minutes
    if minutes is not None:
        assert minutes_of(clock(minutes)) == minutes


def test_a_time_moves_by_quarters_and_stays_in_the_day(qapp: QApplication, qtbot: QtBot) -> None:
    field = TimeField("To", 1430, 1440)
    qtbot.addWidget(field)
    earlier, later = field.findChildren(QPushButton)
    later.click()
    later.click()
    assert field.field.text() == "24:00"
    field.field.setText("07:40")
    earlier.click()
    assert field.field.text() == "07:30"
    field.field.setText("00:05")
    earlier.click()
    earlier.click()
    assert field.field.text() == "00:00"
    field.field.setText("7 o'c")
    assert field.minutes() is None
    assert field.field.property("wrong") == "yes"


def test_days_are_toggled(editor: HoursEditor, qtbot: QtBot) -> None:
    window = editor.windows[0]
    with qtbot.waitSignal(editor.changed):
        qtbot.mouseClick(window.days[1], Qt.MouseButton.LeftButton)
    assert editor.hours() == (WeeklyHours(frozenset({0, 1, 2}), "07:30", "24:00"),)
    for day in (0, 1, 2):
        window.days[day].click()
    assert editor.hours() is None


def test_several_windows(editor: HoursEditor, qtbot: QtBot) -> None:
    assert not editor.windows[0].remove.isEnabled(), "one must stay"
    qtbot.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    hours = editor.hours()
    assert hours is not None
    assert len(hours) == 2
    qtbot.mouseClick(editor.windows[0].remove, Qt.MouseButton.LeftButton)
    assert editor.hours() == hours[1:]


@pytest.mark.parametrize(
    ("opens", "closes"), [("08:00", "08:00"), ("24:00", "08:00"), ("08:00", "00:00"), ("x", "09:00")]
)
def test_what_is_no_window(editor: HoursEditor, opens: str, closes: str) -> None:
    window = editor.windows[0]
    window.opens.field.setText(opens)
    window.closes.field.setText(closes)
    assert editor.hours() is None


def test_over_midnight_is_said(editor: HoursEditor) -> None:
    window = editor.windows[0]
    window.opens.field.setText("22:00")
    window.closes.field.setText("06:00")
    assert editor.hours() == (WeeklyHours(frozenset({0, 2}), "22:00", "06:00"),)
    assert window.note == "Ends on the next day."
