"""The policy and liveness, told as people live it: who is asked, who answers, and what an attack costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from faceapp.access.decisions import Deny, Grant, Hold, Reason
from faceapp.access.observations import LifeSign, Permission
from tests.fakes.policy import MAY, Kiosk, asked, attack, face, first_grant, reason


def test_an_attack_never_opens_and_locks_out() -> None:
    kiosk = Kiosk()
    decisions = kiosk.sees_for(10, attack())
    assert reason(decisions[0]) is Reason.ATTACK
    assert [d.counted for d in decisions if isinstance(d, Deny)].count(True) == 3
    assert reason(decisions[-1]) is Reason.LOCKED_OUT


def test_holding_up_one_picture_after_the_other_is_no_fresh_start() -> None:
    kiosk = Kiosk(require_live=True)
    for who in ("ada", "bob", "ada"):
        kiosk.sees_for(2.5, face(who))
        kiosk.sees_for(1, attack(who))
    assert reason(kiosk.sees(face("bob"))) is Reason.LOCKED_OUT


def test_an_attack_says_why_in_the_log() -> None:
    decision = Kiosk().sees(attack())
    assert isinstance(decision, Deny)
    assert (decision.evidence.liveness, decision.evidence.liveness_reason) == ("attack", "model_attack")


def test_after_an_attack_nobody_enters_on_that_track_and_the_next_may() -> None:
    kiosk = Kiosk()
    kiosk.sees_for(0.2, attack())
    sign = LifeSign("live", 1, "ada", kiosk.t, kiosk.t)
    later = kiosk.sees_for(20, replace(face(), life=sign))
    assert {reason(d) for d in later} == {Reason.ATTACK}
    assert first_grant(kiosk.sees_for(1, face(track=2))) == 4


@pytest.mark.parametrize("floor", [True, False])
def test_where_life_is_required_nothing_else_opens(floor: bool) -> None:
    kiosk = Kiosk(require_live=floor)
    for seen in (face(), attack("bob", 2), face(track=3, life=LifeSign("live", 3, "bob", 10**18, 10**18))):
        assert not any(isinstance(kiosk.sees(seen, require_live=not floor), Grant) for _ in range(15 * 60)), (
            "whether the site's policy or the observation requires it"
        )


class Answering:
    """Somebody who is asked from their first frame on, and answers."""

    def __init__(self, person: str = "ada") -> None:
        self.kiosk = Kiosk(require_live=True)
        self.kiosk.sees(face(person))
        self.since_ns = self.kiosk.t
        self.asked = self.kiosk.sees_for(3, asked(person))
        self.at_ns = self.kiosk.t

    def live(self, **changes: Any) -> LifeSign:
        return replace(LifeSign("live", 1, "ada", self.since_ns, self.at_ns), **changes)


def test_who_is_asked_and_answers_is_let_in() -> None:
    ada = Answering()
    assert {reason(d) for d in ada.asked} == {Reason.LIVENESS}
    assert first_grant(ada.kiosk.sees_for(1, face(life=ada.live()))) == 0, "what agreed meanwhile counts"


def test_who_turned_away_while_being_asked_looks_back_once() -> None:
    ada = Answering()
    turned = ada.kiosk.sees_for(2, asked(quality=2.0, distance=0.7))
    assert {reason(d) for d in turned} == {Reason.LIVENESS}, "a turned head is what was asked for"
    back = ada.kiosk.sees_for(1, face(life=ada.live(at_ns=ada.kiosk.t)))
    assert first_grant(back) == 0, "five frames agreed before"
    assert isinstance(back[0], Grant)
    assert back[0].evidence.votes == back[0].evidence.votes_needed


@pytest.mark.parametrize("late", ["recognised before the questions", "recognised as somebody else", "in doubt since"])
def test_who_was_not_recognised_on_the_way_looks_back_for_five_frames(late: str) -> None:
    ada = Answering("bob" if late == "recognised as somebody else" else "ada")
    ada.kiosk.sees_for(2, asked(quality=2.0, distance=0.7))
    since = ada.since_ns
    if late == "recognised before the questions":
        since = ada.kiosk.t
    if late == "in doubt since":
        ada.kiosk.sees(asked(quality=2.0, distance=0.7, certain=False))
        since = ada.kiosk.t
    if late == "recognised as somebody else":
        ada.kiosk.sees(face("ada"))
        since = ada.kiosk.t
    seen = face(life=ada.live(since_ns=since, at_ns=ada.kiosk.t))
    assert first_grant(ada.kiosk.sees_for(1, seen)) in (3, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"track": 2},
        {"person_id": "bob"},
        {"person_id": None},
        {"state": "unknown"},
        {"since_ns": 0},
        {"at_ns": 10**15},
    ],
)
def test_a_sign_of_life_of_another_track_person_or_time_counts_for_nothing(wrong: dict[str, Any]) -> None:
    ada = Answering()
    assert not any(isinstance(d, Grant) for d in ada.kiosk.sees_for(2, face(life=ada.live(**wrong))))


def test_a_sign_of_life_grows_old() -> None:
    ada = Answering()
    ada.kiosk.sees_for(9, face(life=ada.live()), door="busy")
    assert not any(isinstance(d, Grant) for d in ada.kiosk.sees_for(4, face(life=ada.live())))


def test_a_doubt_about_the_track_ends_the_sign_of_life() -> None:
    ada = Answering()
    ada.kiosk.sees(face(certain=False, life=ada.live()))
    assert not any(isinstance(d, Grant) for d in ada.kiosk.sees_for(2, face(life=ada.live())))


def test_somebody_else_who_steps_in_needs_their_own() -> None:
    ada = Answering()
    for who in ("bob", "ada"):
        sign = ada.live(person_id=who, at_ns=ada.kiosk.t)
        assert not any(isinstance(d, Grant) for d in ada.kiosk.sees_for(2, face(who, life=sign)))


def test_who_does_not_answer_is_refused_once_for_each_session_and_locked_out() -> None:
    kiosk = Kiosk(require_live=True)
    for session in range(3):
        kiosk.sees_for(2, asked())
        failed = kiosk.sees_for(1, asked(questions="failed", at_ns=kiosk.t))
        assert [d.reason for d in failed if isinstance(d, Deny) and d.counted] == [Reason.NOT_LIVE]
        assert failed[0].locked is (session == 2)  # type: ignore[union-attr]  # a Deny, as just seen
        kiosk.sees_for(2, face())
    assert reason(kiosk.sees(face())) is Reason.LOCKED_OUT


def test_a_failed_session_on_the_screen_for_long_counts_once() -> None:
    kiosk = Kiosk(require_live=True)
    kiosk.sees_for(1, asked())
    decisions = kiosk.sees_for(2.9, asked(questions="failed", at_ns=kiosk.t))
    assert sum(isinstance(d, Deny) and d.counted for d in decisions) == 1


def test_a_stranger_is_asked_and_answered_as_anybody_is() -> None:
    """Until the door opens or stays shut, nothing tells whether a face is known: of questions neither their time nor
    their outcome."""
    told = []
    for distance, may in ((0.3, Permission()), (0.7, MAY)):
        kiosk = Kiosk(require_live=True)
        kiosk.permissions = {"ada": may}
        kiosk.sees(face(distance=distance))
        since = kiosk.t
        story = kiosk.sees_for(12, asked(distance=distance))
        sign = LifeSign("live", 1, "ada", since, kiosk.t)
        story += kiosk.sees_for(5, face(distance=distance, life=sign))
        told.append([(type(d), reason(d) if isinstance(d, Hold) else None) for d in story])
    known, stranger = told
    assert known[:180] == stranger[:180]
    assert [k for k, _ in known] == [k for k, _ in stranger]


def test_who_has_answered_gets_a_whole_attempt_more() -> None:
    kiosk = Kiosk(require_live=True)
    kiosk.sees_for(20, asked(distance=0.7))
    sign = LifeSign("live", 1, None, 0, kiosk.t)
    decisions = kiosk.sees_for(4, face(distance=0.7, life=sign))
    assert next(i for i, d in enumerate(decisions) if isinstance(d, Deny)) == 45


def test_questions_do_not_go_on_for_ever() -> None:
    decisions = Kiosk(require_live=True).sees_for(31, asked())
    assert [d.reason for d in decisions if isinstance(d, Deny) and d.counted] == [Reason.NOT_LIVE]


def test_without_a_sign_of_life_it_ends() -> None:
    decisions = Kiosk(require_live=True).sees_for(4, face())
    assert [d.reason for d in decisions if isinstance(d, Deny) and d.counted] == [Reason.NOT_LIVE]
