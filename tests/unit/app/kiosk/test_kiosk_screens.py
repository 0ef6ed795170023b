"""What a passer-by reads."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from faceapp.access.decisions import Deny, Evidence, Grant, Hold, Reason
from faceapp.app.kiosk.screens import ANSWER_NS, BEHIND_NS, Screens
from faceapp.app.kiosk.types import Question, Screen
from tests.fakes.doors import grant_at

SECOND = 1_000_000_000
EVIDENCE = grant_at(0).evidence


def evidence(usable: int, votes: int = 0) -> Evidence:
    return dataclasses.replace(EVIDENCE, usable=usable, votes=votes)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_screen_without_a_name(reason: Reason) -> None:
    for decision in (Hold(reason), Hold(reason, EVIDENCE), Deny(reason, EVIDENCE, counted=True)):
        screens = Screens()
        screens.decided(decision, SECOND)
        screens.decided(decision, SECOND + BEHIND_NS)
        assert screens.view.screen in get_args(Screen)
        assert screens.view.screen not in ("welcome", "opening", "starting")
        assert screens.view.name is None


def test_a_name_is_shown_only_once_the_door_has_opened() -> None:
    screens = Screens()
    seen = []
    for i in range(4):
        screens.decided(Hold(Reason.CHECKING, evidence(i + 1)), i)
        seen.append(screens.view)
    screens.decided(grant_at(5), 5)
    seen.append(screens.view)
    screens.decided(Hold(Reason.DOOR_BUSY, EVIDENCE), 6)
    seen.append(screens.view)
    assert [v.name for v in seen] == [None] * 6
    assert [v.screen for v in seen] == ["checking"] * 4 + ["opening"] * 2
    assert [v.progress for v in seen[:4]] == [0.2, 0.4, 0.6, 0.8]
    screens.opened("Ada", 3 * SECOND, 7)
    assert (screens.view.screen, screens.view.name) == ("welcome", "Ada")


def test_the_welcome_stays_while_the_visitor_goes_through() -> None:
    screens = Screens()
    screens.decided(grant_at(0), 0)
    screens.opened("Ada", 3 * SECOND, 1)
    for reason in (Reason.DOOR_BUSY, Reason.COOLDOWN, Reason.COME_CLOSER, Reason.NOBODY):
        screens.decided(Hold(reason), SECOND)
        assert screens.view.name == "Ada"
    screens.decided(Hold(Reason.COOLDOWN), 4 * SECOND)
    assert (screens.view.screen, screens.view.name) == ("go_through", None)


def test_the_welcome_ends_when_the_next_one_is_looked_at() -> None:
    screens = Screens()
    screens.opened("Ada", 3 * SECOND, 1)
    screens.decided(Hold(Reason.CHECKING, evidence(1)), SECOND)
    assert (screens.view.screen, screens.view.name) == ("checking", None)


def test_a_door_that_did_not_open_is_out_of_order() -> None:
    screens = Screens()
    screens.decided(grant_at(0), 0)
    screens.not_opened(1)
    assert screens.view.screen == "out_of_order"


def test_a_door_that_never_answers_is_waited_for_a_while_only() -> None:
    screens = Screens()
    screens.decided(grant_at(0), 0)
    screens.decided(Hold(Reason.NOBODY), ANSWER_NS - 1)
    assert screens.view.screen == "opening"
    screens.decided(Hold(Reason.OUT_OF_ORDER), ANSWER_NS)
    assert screens.view.screen == "out_of_order"


def test_one_late_frame_is_nothing_and_two_seconds_of_them_are() -> None:
    screens = Screens()
    screens.decided(Hold(Reason.COME_CLOSER), 0)
    screens.decided(Hold(Reason.STALE_FRAME), SECOND)
    assert screens.view.screen == "come_closer"
    screens.decided(Hold(Reason.STALE_FRAME), SECOND + BEHIND_NS)
    assert screens.view.screen == "out_of_order"
    screens.decided(Hold(Reason.NOBODY), SECOND + BEHIND_NS + 1)
    assert screens.view.screen == "idle"


def test_nothing_on_the_screen_tells_whether_a_face_is_known() -> None:
    known, unknown = Screens(), Screens()
    for i in range(1, 9):
        known.decided(Hold(Reason.CHECKING, evidence(i, votes=i)), i)
        unknown.decided(Hold(Reason.CHECKING, evidence(i)), i)
        assert known.view == unknown.view
    for reason in (Reason.NOT_ALLOWED, Reason.DEACTIVATED, Reason.OUTSIDE_HOURS, Reason.TIE, Reason.NOT_RECOGNISED):
        known.decided(Deny(reason, EVIDENCE, counted=True), 10)
        assert known.view.screen == "not_recognised"


def test_a_site_may_choose_to_say_why() -> None:
    screens = Screens(say_why=True)
    screens.decided(Deny(Reason.OUTSIDE_HOURS, EVIDENCE, counted=True), 10)
    assert screens.view.screen == "not_allowed"


def test_a_grant_that_came_too_late_is_no_broken_door() -> None:
    screens = Screens()
    screens.decided(grant_at(0), 0)
    screens.not_opened(1, ours=False)
    assert screens.view.screen == "not_recognised"


def test_a_tie_is_looked_at_first_and_refused_then() -> None:
    screens = Screens()
    screens.decided(Hold(Reason.TIE, EVIDENCE), 0)
    assert screens.view.screen == "checking"
    screens.decided(Deny(Reason.TIE, EVIDENCE, counted=True), 1)
    assert screens.view.screen == "not_recognised"


QUESTION = Question("left", None, 1, 3)


def of_questions(reason: str) -> Evidence:
    return dataclasses.replace(EVIDENCE, liveness_reason=reason)


def test_a_question_is_shown_while_it_is_asked() -> None:
    screens = Screens()
    screens.decided(Hold(Reason.LIVENESS, EVIDENCE), 0, question=QUESTION)
    assert (screens.view.screen, screens.view.question) == ("question", QUESTION)
    screens.decided(Hold(Reason.LIVENESS, EVIDENCE), 1)
    assert (screens.view.screen, screens.view.question) == ("checking", None)


@pytest.mark.parametrize(
    ("reason", "code", "screen"),
    [
        (Reason.NOT_LIVE, "not_answered", "try_again"),
        (Reason.ATTACK, "flat", "start_again"),
        (Reason.ATTACK, "model_attack", "show_face"),
        (Reason.NOT_LIVE, "model_unsure", "not_recognised"),
        (Reason.NOT_RECOGNISED, "answered", "not_recognised"),
    ],
)
def test_what_went_wrong_is_said_once_and_stands(reason: Reason, code: str, screen: str) -> None:
    screens = Screens()
    screens.decided(Deny(reason, of_questions(code), counted=True), 0)
    assert screens.view.screen == screen
    if screen.endswith("again"):
        screens.decided(Deny(reason, EVIDENCE, counted=False), 1)
        assert screens.view.screen == screen


def test_a_screen_keeps_its_beginning_while_it_lasts() -> None:
    screens = Screens()
    screens.decided(Hold(Reason.CHECKING, evidence(1)), 5)
    screens.decided(Hold(Reason.CHECKING, evidence(2)), 9)
    assert screens.view.since_ns == 5
    screens.decided(Deny(Reason.LOCKED_OUT, EVIDENCE, counted=False), 12, remaining_s=7.5)
    assert (screens.view.since_ns, screens.view.remaining_s) == (12, 7.5)
    assert isinstance(grant_at(0), Grant)
