"""A decision in plain sentences, and its figures beside their limits."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PyQt6.QtWidgets import QApplication

from faceapp.access.decisions import Reason
from faceapp.gui.admin.explain import conditions, details, margin, sentence
from faceapp.gui.admin.words import headline, number, outcome_words, reason_words
from faceapp.gui.kiosk.languages import Languages
from tests.gui.admin.conftest import ADA

SPACE = "\N{NO-BREAK SPACE}"


def plain(text: str) -> str:
    return text.replace(SPACE, " ")


def failed(e: object) -> list[str]:
    return [c.key for c in conditions(e) if c.ok is False]  # type: ignore[arg-type]  # an Explained


def test_an_opening_is_told_with_all_its_figures(qapp: QApplication) -> None:
    assert plain(sentence(ADA)) == (
        "Opened for Ada: distance 0.31, threshold 0.45; 5 of 5 votes in 0.3 s; next nearest Bob at 0.92, 0.61 farther "
        "than Ada, 0.05 needed; face 210 px; quality 71; decided 42 ms after the frame on CPU, INT8; "
        "the door confirmed."
    )
    assert plain(details(ADA)).startswith("Distance 0.31, threshold 0.45;")
    assert failed(ADA) == []
    assert f"0.3{SPACE}s" in sentence(ADA), "a figure isn't torn from its unit"


@pytest.mark.parametrize(
    ("outcome", "head", "end"),
    [
        (None, "Opening for Ada", "the door hasn't answered yet."),
        ("unreachable", "Not opened for Ada", "the door could not be reached."),
        ("late", "Not opened for Ada", "the door answered too late and was shut again."),
        ("not_logged", "Not opened for Ada", "it could not be logged, so the door stayed shut."),
    ],
)
def test_an_opening_that_failed_is_not_called_one(qapp: QApplication, outcome: str | None, head: str, end: str) -> None:
    text = sentence(replace(ADA, outcome=outcome))
    assert text.startswith(f"{head}: ")
    assert text.endswith(end)


@pytest.mark.parametrize(
    ("changes", "why", "which"),
    [
        ({"reason": "not_recognised", "name": None, "distance": 0.8}, "nobody enrolled is near enough", ["distance"]),
        ({"reason": "not_recognised", "votes": 2}, "too few pictures agreed on one person", ["votes"]),
        ({"reason": "tie", "runner_up_distance": 0.33}, "Ada and Bob are too near to each other", ["margin"]),
        ({"reason": "not_allowed"}, "recognised as Ada, who has no right to this door", []),
        ({"reason": "outside_hours"}, "recognised as Ada, whose hours don't include this one", []),
        ({"reason": "deactivated"}, "recognised as Ada, who is deactivated", []),
        ({"reason": "attack"}, "found to be a picture or a screen", []),
        ({"reason": "locked_out"}, "refused several times before", []),
    ],
)
def test_a_refusal_says_which_condition_failed(
    qapp: QApplication, changes: dict[str, object], why: str, which: list[str]
) -> None:
    refused = replace(ADA, decision="deny", outcome=None, **changes)  # type: ignore[arg-type]  # fields of Explained
    text = sentence(refused)
    assert text.startswith("Refused: ")
    assert why in text.split(";")[0]
    assert failed(refused) == which
    assert "door confirmed" not in text


def test_a_distance_above_the_threshold_is_said_to_be(qapp: QApplication) -> None:
    assert "distance 0.80, above the threshold 0.45" in sentence(replace(ADA, decision="deny", distance=0.8))


def test_too_small_and_too_poor_are_said_with_what_is_needed(qapp: QApplication) -> None:
    poor = replace(ADA, decision="hold", reason="come_closer", height=40.0, quality=9.0)
    assert "face 40 px, less than the 64 needed; quality 9, less than the 15 needed" in plain(sentence(poor))
    assert failed(poor) == ["height", "quality"]


def test_alone_in_the_gallery_there_is_nobody_to_confuse_with(qapp: QApplication) -> None:
    alone = replace(ADA, runner_up=None, runner_up_distance=None)
    assert margin(alone) is None
    assert "nobody else to confuse with" in sentence(alone)
    assert failed(alone) == []


def test_while_votes_are_collected_nothing_has_failed(qapp: QApplication) -> None:
    collecting = replace(ADA, decision="hold", reason="checking", votes=3, outcome=None)
    assert failed(collecting) == []
    assert headline(collecting) == "Waiting: collecting votes"


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_what_was_not_measured_holds_nothing(qapp: QApplication, nothing: float | None) -> None:
    e = replace(ADA, distance=nothing, decision="hold", reason="look_here", outcome=None)
    by_key = {c.key: c for c in conditions(e)}
    assert by_key["distance"].ok is None
    assert by_key["distance"].value == "–"
    assert by_key["margin"].ok is None
    assert sentence(e)


def test_bars_stay_on_their_scale(qapp: QApplication) -> None:
    wild = replace(ADA, distance=5.0, runner_up_distance=50.0, height=9e9, quality=1e9, votes=99)
    assert {c.share for c in conditions(wild)} == {1.0}
    assert all(0 <= c.mark <= 1 for c in conditions(wild))


@pytest.mark.parametrize("reason", Reason, ids=lambda r: r.code)
def test_every_reason_of_the_policy_has_words(qapp: QApplication, reason: Reason) -> None:
    words = reason_words(reason.code)
    assert words
    assert "_" not in words
    assert sentence(replace(ADA, decision="deny", reason=reason.code, outcome=None))


def test_numbers_are_written_as_the_language_does(qapp: QApplication) -> None:
    languages = Languages(qapp)
    languages.choose("de")
    try:
        assert number(0.314) == "0,31"
    finally:
        languages.restore()
    assert number(1234.2, 0) == "1234"


def test_words_nobody_foresaw_are_shown_as_they_are(qapp: QApplication) -> None:
    assert reason_words("brand_new") == "brand new"
    assert outcome_words("jammed_shut") == "jammed shut"
    assert number(None) == number(math.nan) == "–"
