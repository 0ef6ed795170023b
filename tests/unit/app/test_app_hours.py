"""Weekly hours as people write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.app.hours import (
    describe_hours,
    entered_hours,
    format_hours,
    parse_all,
    parse_hours,
    shown_hours,
)
from faceapp.app.kiosk.types import WeeklyHours
from faceapp.errors import InputError
from faceapp.types import Hours
from tests.fakes.hours import windows

MONDAY = datetime(2026, 3, 2)


def row(days: str, opens: int, closes: int) -> Hours:
    return Hours(frozenset(map(int, days)), opens, closes)


@pytest.mark.parametrize(
    ("text", "expected", "shown"),
    [
        ("Mon-Fri 07:00-19:00", row("01234", 420, 1140), "Mon-Fri 07:00-19:00"),
        ("Sat,Sun 22:00-06:00", row("56", 1320, 360), "Sat,Sun 22:00-06:00"),
        ("daily 06:00-24:00", row("0123456", 360, 1440), "daily 06:00-24:00"),
        ("DAILY 6:00-00:00", row("0123456", 360, 1440), "daily 06:00-24:00"),
        (" monday - wed , FRI  7:05\u201319:30 ", row("0124", 425, 1170), "Mon-Wed,Fri 07:05-19:30"),
        ("Fri-Mon 00:00-24:00", row("0456", 0, 1440), "Mon,Fri-Sun 00:00-24:00"),
        ("Mon-Sun 00:01-00:00", row("0123456", 1, 1440), "daily 00:01-24:00"),
        ("Tue-Tue,tue 23:59-00:01", row("1", 1439, 1), "Tue 23:59-00:01"),
    ],
)
def test_what_people_write(text: str, expected: Hours, shown: str) -> None:
    assert parse_hours(text) == expected
    assert format_hours(expected) == shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "days and times are needed"),
        ("07:00-19:00", "days and times are needed"),
        ("Mon-Fri", "days and times are needed"),
        ("Mon Tue 07:00-19:00", "days and times are needed"),
        ("Mon-Fri 07:00-19:00; Sat 10:00-12:00", "days and times are needed"),
        ("Mon-Wed-Fri 07:00-19:00", "is no day or range of days"),
        ("Mo 07:00-19:00", '"Mo" is no day'),
        ("Mon, 07:00-19:00", "days and times are needed"),
        ("Mon,,Tue 07:00-19:00", '"" is no day'),
        ("Mon 07:00", "is no time from and to"),
        ("Mon 07:00-12:00-19:00", "is no time from and to"),
        ("Mon 7-19", '"7" is no time of day'),
        ("Mon 07:60-19:00", '"07:60" is no time of day'),
        ("Mon 07:00-24:01", '"24:01" is no time of day'),
        ("Mon -7:00-19:00", "days and times are needed"),
        ("Mon 24:00-06:00", "cannot open at 24:00"),
        ("Mon 08:00-08:00", "at the same time"),
        ("Mon 00:00-00:00", "at the same time"),
        ("Mon \u0667:00-19:00", "is no time of day"),
        ("Mon\n07:00-\x1b[31m", "is no time of day"),
        ("x" * 5000 + " 7:00-8:00", "is no day"),
        ("Mon " + "7" * 5000 + ":00-8:00", "is no time of day"),
        ("x" * 5000, "days and times are needed"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_hours(text)
    line = str(caught.value)
    assert line.startswith('the hours "')
    assert says in line
    assert "\n" not in line
    assert len(line) < 250


@given(st.text() | st.text("MonTueSatSundaily-,: 0123456789").map(lambda t: f"Mon {t}"))
def test_any_text_is_hours_or_one_line(text: str) -> None:
    try:
        hours = parse_hours(text)
    except InputError as e:
        said = str(e)
    else:
        said = format_hours(hours)
        assert parse_hours(said) == hours
    assert len(said.splitlines()) == 1


@given(st.lists(windows, min_size=1, max_size=4))
def test_writing_and_reading_go_round(several: list[Hours]) -> None:
    for window in several:
        assert parse_hours(format_hours(window)) == window
    texts = [format_hours(window) for window in several]
    assert set(parse_all(texts)) == set(parse_all([describe_hours(several)])) == set(several)
    assert parse_all(texts) == parse_all(reversed(texts))
    assert entered_hours(shown_hours(several)) == parse_all(texts)


@given(windows, st.integers(0, 7 * 24 * 60 - 1))
def test_a_window_holds_from_its_opening_to_its_closing(window: Hours, minute: int) -> None:
    """Against a week of minutes counted one by one, round and round."""
    length = (window.closes - window.opens) % 1440 or 1440
    open_minutes = {(day * 1440 + window.opens + n) % 10080 for day in window.days for n in range(length)}
    assert window.contains(MONDAY + timedelta(minutes=minute)) == (minute in open_minutes)


def test_always_and_never() -> None:
    assert (describe_hours(None), describe_hours(())) == ("always", "never")
    assert shown_hours(None) is None
    assert entered_hours(None) is None


@pytest.mark.parametrize(
    "wrong",
    [
        WeeklyHours(frozenset(), "07:00", "19:00"),
        WeeklyHours(frozenset({7}), "07:00", "19:00"),
        WeeklyHours(frozenset({0}), "7", "19:00"),
        WeeklyHours(frozenset({0}), "07:00", "07:00"),
        WeeklyHours(frozenset({0}), "", ""),
        WeeklyHours(frozenset({0}), "07:00 Tue", "19:00"),
    ],
)
def test_edited_hours_that_are_none(wrong: WeeklyHours) -> None:
    with pytest.raises(InputError):
        entered_hours([wrong])
