"""Weekly hours as people write them: "Mon-Fri 07:00-19:00", "Sat,Sun 22:00-06:00", "daily 06:00-24:00"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from faceapp.app.kiosk.types import WeeklyHours
from faceapp.errors import InputError
from faceapp.gallery.right_rows import sorted_hours
from faceapp.types import MINUTES_A_DAY, Hours

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBER_OF = {name.lower(): number for names in (DAYS, _NAMES) for number, name in enumerate(names)}
_EVERY_DAY = frozenset(range(7))
_DASH = re.compile(r"\s*[-\u2010-\u2013]\s*")  # hyphens and the en dash, which typing programs put between figures
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
EXAMPLE = '"Mon-Fri 07:00-19:00"'


def parse_hours(text: str) -> Hours:
    """One weekly window: days, then times; one that doesn't close after it opens ends on the next day.

    Days are English names or their first three letters, in any case, with commas and ranges ("Mon-Wed,Fri"; "Fri-Mon"
    goes over the weekend), or "daily". Times are 24-hour; 24:00, or 00:00, as the end is midnight. Raises InputError,
    in one line, for anything else.
    """
    words = _DASH.sub("-", re.sub(r"\s*,\s*", ",", text.strip())).split()
    if len(words) != 2:
        raise _wrong(text, f"days and times are needed, as in {EXAMPLE}")
    days, (opens, closes) = _days(words[0], text), _times(words[1], text)
    if opens == closes:
        raise _wrong(text, 'they open and close at the same time: all day is "00:00-24:00"')
    return Hours(days, opens, closes or MINUTES_A_DAY)


def parse_all(texts: Iterable[str]) -> tuple[Hours, ...]:
    """Several windows, in several texts or in one with semicolons between them, sorted, each once."""
    return sorted_hours(parse_hours(part) for text in texts for part in text.split(";"))


def format_hours(hours: Hours) -> str:
    """The window as `parse_hours` reads it."""
    return f"{_format_days(hours.days)} {_clock(hours.opens)}-{_clock(hours.closes)}"


def describe_hours(hours: Sequence[Hours] | None) -> str:
    """Any number of windows for people; None: always, empty: never."""
    return in_one_line(None if hours is None else [format_hours(window) for window in hours])


def in_one_line(texts: Sequence[str] | None) -> str:
    """As `describe_hours`, of windows that are written out already."""
    return "always" if texts is None else "; ".join(texts) or "never"


def shown_hours(hours: Sequence[Hours] | None) -> tuple[WeeklyHours, ...] | None:
    """The windows as a window of the screen shows and edits them."""
    return None if hours is None else tuple(WeeklyHours(w.days, _clock(w.opens), _clock(w.closes)) for w in hours)


def entered_hours(hours: Sequence[WeeklyHours] | None) -> tuple[Hours, ...] | None:
    """What was edited, as it is stored. Raises InputError for what are no hours."""
    return None if hours is None else sorted_hours(map(_entered, hours))


def _entered(hours: WeeklyHours) -> Hours:
    if not hours.days or not hours.days <= _EVERY_DAY:
        raise InputError("hours need at least one day of the week: choose one")
    return parse_hours(f"{_format_days(hours.days)} {hours.opens.strip()}-{hours.closes.strip()}")


def _days(word: str, text: str) -> frozenset[int]:
    if word.lower() == "daily":
        return _EVERY_DAY
    days: set[int] = set()
    for part in word.split(","):
        ends = part.split("-")
        numbers = [_NUMBER_OF.get(end.lower(), -1) for end in ends]
        if -1 in numbers or len(ends) > 2:
            raise _wrong(text, f'{_quoted(part)} is no day or range of days: write them as in {EXAMPLE}, or "daily"')
        first, last = numbers[0], numbers[-1]
        days |= {(first + n) % 7 for n in range((last - first) % 7 + 1)}
    return frozenset(days)


def _times(word: str, text: str) -> tuple[int, int]:
    times = word.split("-")
    if len(times) != 2:
        raise _wrong(text, f"{_quoted(word)} is no time from and to: write it as in {EXAMPLE}")
    opens, closes = (_minutes(time, text) for time in times)
    if opens == MINUTES_A_DAY:
        raise _wrong(text, "they cannot open at 24:00: write 00:00 of the next day")
    return opens, closes


def _minutes(time: str, text: str) -> int:
    found = _TIME.fullmatch(time)
    minutes = int(found[1]) * 60 + int(found[2]) if found else -1
    if found is None or int(found[2]) > 59 or minutes > MINUTES_A_DAY:
        raise _wrong(text, f"{_quoted(time)} is no time of day: write hours and minutes, from 00:00 to 24:00")
    return minutes


def _format_days(days: frozenset[int]) -> str:
    if days == _EVERY_DAY:
        return "daily"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[day] for day in run) for run in runs
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _wrong(text: str, why: str) -> InputError:
    return InputError(f"the hours {_quoted(text)} cannot be read: {why}")


def _quoted(text: str) -> str:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f'"{shown}"' if len(shown) <= 60 else f'"{shown[:59]}\u2026"'
