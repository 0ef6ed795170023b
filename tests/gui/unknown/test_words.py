"""How times are said, and how often somebody was seen."""

from __future__ import annotations

from datetime import datetime

import pytest
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QApplication

from faceapp.app.inbox_types import InboxState
from faceapp.gui.unknown.model import UnknownModel, local, moment, period, times
from faceapp.gui.unknown.words import chosen_words, deleted_words, kept_words
from tests.fakes.inbox import entry
from tests.fakes.live import FakeSession

NOW = datetime(2026, 11, 22, 12).astimezone()


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW.replace(hour=9, minute=5), "today 09:05"),
        (NOW.replace(day=21, hour=0, minute=0), "yesterday 00:00"),
        (NOW.replace(day=3, hour=23, minute=59), "3 Nov 23:59"),
        (NOW.replace(year=2025, day=3), f"3 Nov 2025 {NOW:%H:%M}"),
    ],
)
def test_a_moment_is_as_short_as_it_is_clear(at: datetime, words: str) -> None:
    assert moment(at, NOW) == words


def test_a_period_is_one_line_where_it_is_one_day() -> None:
    at = "2026-11-22T12:00:00+00:00"
    assert period(entry("a", first=at, last=at), NOW) == (moment(local(at), NOW),)
    two = period(entry("a", first="2026-11-17T12:00:00+00:00", last=at), NOW)
    assert [line.split()[0] for line in two] == ["first", "last"]


def test_how_often() -> None:
    assert [times(entry("a", n)) for n in (1, 2, 3)] == ["Seen once", "Seen twice", "Seen 3 times"]


def test_for_how_long() -> None:
    assert kept_words(InboxState(True, True, 1), anybody=True).startswith("Kept, encrypted, for one day")
    assert "kept, encrypted, for 7 days" in kept_words(InboxState(False, True, 7), anybody=True)
    assert kept_words(InboxState(False, True, 7), anybody=False) == "Not collected."


def test_small_words() -> None:
    assert deleted_words(1, "") == "Deleted."
    assert deleted_words(2, "But.") == "2 deleted. But."
    assert chosen_words(0, 0) == ""
    assert chosen_words(1, 4) == "1 of 4 chosen"


def test_the_model_keeps_the_rules_of_models(qapp: QApplication) -> None:
    model = UnknownModel(FakeSession().fake_inbox, now=lambda: NOW)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.put([entry("a", 2), entry("b", ignored=True)])
    model.put([entry("a", 3), entry("b", ignored=True)])
    assert model.index(0).data() == "Seen 3 times"
    model.show_ignored(True)
    assert model.rowCount() == 1
    assert model.index(4).data() is None
    tester.deleteLater()
