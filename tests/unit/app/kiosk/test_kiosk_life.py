"""Whether the one in front is alive: asked of everybody, bound to one face, and never known where anything fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from faceapp.access.decisions import Deny, Grant
from faceapp.access.decisions import Reason as Why
from faceapp.access.observations import Claim, Permission
from faceapp.app.kiosk.judge import Judge
from faceapp.app.kiosk.life import Examiner
from faceapp.settings import LivenessMode
from faceapp.vision.liveness.challenge import ActiveChallenge
from faceapp.vision.liveness.evidence import Guarded, LivenessSource, Missing, Reason, State
from faceapp.vision.liveness.passive import PassiveModel, PassiveSource, PassiveSpec
from tests.fakes.examined import SAME_PERSON, Kiosk, Says, Somebody, asking, vector
from tests.fakes.heads import KINDS, Kind, Person, Photograph, Points, Told
from tests.fakes.visitors import ADA, BOB, policy

LIFE = 8.0


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([8, 1, seed])


def alive(seed: int = 1, person: str | None = ADA, **changes: int) -> Somebody:
    return Somebody(Person(rng(seed)).points, person, **changes)


def examiner(passive: LivenessSource | None = None, begin: Callable[[], ActiveChallenge] = asking) -> Examiner:
    return Examiner(same_person=SAME_PERSON, life=LIFE, passive=passive, begin=begin)


def test_who_answers_is_let_in_and_not_asked_again() -> None:
    kiosk, ada = Kiosk(), alive()
    assert kiosk.lets_in(30, ada)
    assert kiosk.shown == ["checking", "question", "checking", "opening"] or kiosk.shown[:2] == ["checking", "question"]
    assert kiosk.asked[0] == "look_here"
    assert set(kiosk.asked) >= {"look_back"}
    asked = len(kiosk.asked)
    kiosk.until(lambda _: False, 5, ada)
    assert len(kiosk.asked) == asked


def test_the_questions_begin_with_the_second_frame() -> None:
    kiosk = Kiosk()
    kiosk.frame(alive())
    assert kiosk.examined.question is None
    kiosk.frame(alive())
    assert kiosk.examined.question is not None


def test_the_questions_begin_at_once_and_the_door_opens_with_the_look_back() -> None:
    for seed in range(5):
        kiosk, ada = Kiosk(), alive(seed)
        begun = kiosk.now
        assert kiosk.lets_in(20, ada)
        assert kiosk.asked[-2:-1] != ["look_back"]
        assert kiosk.asked[-1] == "look_back"
        assert kiosk.now - kiosk.examined.sign.at_ns / 1e9 < 0.9, "a reaction, a movement, and a frame or two"
        assert kiosk.examined.sign.since_ns / 1e9 - begun < 0.15


@pytest.mark.parametrize("kind", KINDS)
def test_a_photograph_is_asked_too_and_refused(kind: Kind) -> None:
    kiosk, shown, there = Kiosk(), Photograph(rng(1), kind), Somebody()

    def held_up(now: float, told: Told) -> Points | None:
        points = shown.points(now, told)
        there.seed = 1 if shown.owner else 2
        return points

    there.actor = held_up
    refused = kiosk.refuses(60, there)
    assert refused is not None
    assert refused.reason in (Why.NOT_LIVE, Why.ATTACK)
    assert refused.evidence.liveness_reason


def test_a_stranger_is_asked_just_the_same_and_refused_afterwards() -> None:
    kiosk = Kiosk()
    refused = kiosk.refuses(40, alive(person=None))
    assert refused is not None
    assert refused.reason is Why.NOT_RECOGNISED
    assert "look_back" in kiosk.asked
    told = [s for s in kiosk.shown if s not in ("checking", "question", "look_here")]
    assert told == ["not_recognised"]


def test_who_may_not_enter_and_a_stranger_see_the_same_screens_at_the_same_times() -> None:
    told = []
    for person, rights in ((ADA, {}), (None, {ADA: Permission(allowed=True)})):
        kiosk, who = Kiosk(rights=rights), alive(3, person)
        moments = []
        while "not_recognised" not in kiosk.shown:
            kiosk.frame(who)
            view = kiosk.screens.view
            moments.append((view.screen, view.progress, view.question))
            assert len(moments) < 600
        told.append(moments)
    assert told[0] == told[1]
    assert told[0][0][0] == "checking"


def test_who_answered_and_was_not_recognised_is_not_asked_again_at_once() -> None:
    kiosk, stranger = Kiosk(), alive(person=None)
    assert kiosk.refuses(40, stranger) is not None
    asked = len(kiosk.asked)
    kiosk.until(lambda _: False, 2.5, stranger)
    assert len(kiosk.asked) == asked
    kiosk.until(lambda _: False, 12, stranger)
    assert len(kiosk.asked) > asked, "a sign of life grows old"


def test_who_does_not_answer_is_refused_three_times_and_locked_out() -> None:
    kiosk, nobody_home = Kiosk(), Somebody()
    refusals = [kiosk.refuses(40, nobody_home) for _ in range(3)]
    assert [r.reason for r in refusals if r is not None] == [Why.NOT_LIVE] * 3
    assert refusals[2] is not None
    assert refusals[2].locked
    kiosk.frame(nobody_home)
    assert kiosk.screens.view.screen == "wait"
    assert "try_again" in kiosk.shown


def test_the_face_that_answered_is_the_one_that_is_let_in() -> None:
    """Somebody answers, and another face, which looks like Ada, comes to the same place on the same track."""
    kiosk, eve = Kiosk(), alive(person=None)
    assert kiosk.until(lambda _: kiosk.examined.sign.state == "live", 40, eve) is not None
    assert not kiosk.lets_in(7, Somebody(person=ADA, seed=2))


@pytest.mark.parametrize("shown_again", [False, True])
def test_a_face_in_the_middle_does_not_pass_one_off_as_another(shown_again: bool) -> None:
    """It is like both the one who answers and the one who may enter; at the beginning only, or at each look back."""
    kiosk, eve, middle = Kiosk(), Somebody(Person(rng(1)).points, None, seed=2), vector(1) + vector(2)
    middle /= np.linalg.norm(middle)
    assert max(np.linalg.norm(middle - vector(s)) for s in (1, 2)) < SAME_PERSON
    turning = False
    while kiosk.examined.sign.state != "live":
        eve.embedding = middle if not kiosk.asked or (shown_again and not turning) else None
        kiosk.frame(eve)
        question = kiosk.examined.question
        turning = question is not None and question.instruction in ("left", "right", "up", "down")
        assert kiosk.now < 1040
    assert not kiosk.lets_in(7, Somebody(person=ADA, seed=1))


def test_who_leaves_before_it_counts_learns_one_question_and_no_other() -> None:
    kiosk, drawn = Kiosk(examiner(begin=ActiveChallenge)), set()
    for track in range(1, 16):
        told = kiosk.until(
            lambda _: kiosk.asked[-1:] not in ([], ["look_here"]) and kiosk.examined.question is not None,
            9,
            Somebody(track=track),
        )
        assert told is not None
        assert kiosk.examined.question is not None
        drawn.add((kiosk.examined.question.instruction, kiosk.examined.question.total))
        gone = [kiosk.frame() for _ in range(20)]
        assert not any(isinstance(d, Deny) and d.counted for d in gone)
        kiosk.asked.clear()
    (first, total), *others = sorted(drawn, key=lambda d: d[1])
    assert total == 3
    assert others == [(first, 4)], "the one they saw, and three that nobody has seen"


def test_when_nothing_is_asked_any_more_the_model_alone_decides() -> None:
    kiosk = Kiosk(examiner(Says("live", Reason.MODEL_LIVE)), "both")
    kiosk.until(lambda _: kiosk.asked[-1:] not in ([], ["look_here"]), 9, Somebody())
    assert kiosk.asked[-1] in ("left", "right", "up", "down")
    kiosk.mode = "passive"
    assert kiosk.lets_in(3, Somebody())
    assert kiosk.examined.question is None


def test_another_track_begins_anew() -> None:
    kiosk, eve = Kiosk(), alive(person=None)
    assert kiosk.until(lambda _: kiosk.examined.sign.state == "live", 40, eve) is not None
    assert not kiosk.lets_in(7, Somebody(track=2))
    assert kiosk.examined.sign.state != "live"


def test_a_doubt_about_the_track_ends_the_sign_of_life() -> None:
    kiosk, eve = Kiosk(), alive(person=None)
    assert kiosk.until(lambda _: kiosk.examined.sign.state == "live", 40, eve) is not None
    kiosk.frame(Somebody(certain=False))
    assert not kiosk.lets_in(7, Somebody())


def test_two_people_end_the_questions_and_alone_they_begin_again() -> None:
    kiosk, ada = Kiosk(), alive()
    kiosk.until(lambda _: kiosk.asked[-1:] not in ([], ["look_here"]), 20, Somebody())
    kiosk.until(lambda _: False, 1.0, Somebody())
    other = Somebody(person=None, track=2, seed=2)
    refused = [d for _ in range(20) if isinstance(d := kiosk.frame(ada, other), Deny)]
    assert [(d.counted, d.evidence.liveness_reason) for d in refused] == [(True, "questions_abandoned")]
    assert kiosk.examined.question is None
    assert kiosk.lets_in(30, ada)


@pytest.mark.parametrize("by", ["a second face", "leaving"])
def test_questions_that_are_given_up_count_and_stay_the_same(by: str) -> None:
    """A recording that fits one sequence, and whoever holds it gives up as soon as another is asked."""
    kiosk, drawn = Kiosk(examiner(begin=ActiveChallenge), fps=15), set()
    meanwhile = [Somebody(), Somebody(person=None, track=2, seed=2)] if by == "a second face" else []
    refused = 0
    while kiosk.now < 1060:
        question = kiosk.examined.question
        gives_up = question is not None and question.instruction in ("left", "right", "up", "down")
        if question is not None and gives_up:
            drawn.add(question.instruction)
            kiosk.until(lambda _: False, 1.0, Somebody())  # it was read
        for _ in range(12 if gives_up else 1):
            decision = kiosk.frame(*(meanwhile if gives_up else [Somebody()]))
            refused += isinstance(decision, Deny) and decision.counted
    assert len(drawn) == 1
    assert refused >= 3
    assert kiosk.screens.view.screen == "wait"


@pytest.mark.parametrize(("claim", "counted"), [(None, 0), (Claim(BOB, 1), 1)])
def test_who_walks_by_is_not_refused_and_a_claim_is(claim: Claim | None, counted: int) -> None:
    kiosk = Kiosk(fps=15)
    kiosk.judge = Judge(policy(mode="identify" if claim is None else "verify", claim=2000), (0.0, 0.0, 1.0, 1.0))
    kiosk.claim = claim
    kiosk.until(lambda _: kiosk.asked[-1:] not in ([], ["look_here"]), 9, Somebody())
    assert kiosk.asked[-1] in ("left", "right", "up", "down")
    gone = [kiosk.frame() for _ in range(30)]
    assert sum(isinstance(d, Deny) and d.counted for d in gone) == counted


@pytest.mark.parametrize("answers", [True, False])
def test_a_claim_is_held_while_its_visitor_is_asked(answers: bool) -> None:
    """It would have expired between two questions; who doesn't answer is refused for it all the same."""
    kiosk = Kiosk()
    kiosk.judge = Judge(policy(mode="verify", claim=3.0), (0.0, 0.0, 1.0, 1.0))
    kiosk.claim = claim = Claim(ADA, round(kiosk.now * 1e9))
    kiosk.until(lambda _: kiosk.asked[-1:] not in ([], ["look_here"]), 2.5, Somebody())
    kiosk.until(lambda _: False, 2.7, Somebody())  # they hesitate
    assert kiosk.judge.claim_holds(claim, round((kiosk.now + 1) * 1e9))
    if answers:
        assert kiosk.lets_in(20, alive())
        assert kiosk.now * 1e9 > claim.claimed_ns + 3e9
    else:
        assert kiosk.refuses(20, Somebody()) is not None
    assert not kiosk.judge.claim_holds(claim, round((kiosk.now + 60) * 1e9))


# Models


def test_a_model_that_says_live_is_enough_where_nothing_more_is_asked() -> None:
    kiosk = Kiosk(examiner(Says("live", Reason.MODEL_LIVE)), "passive")
    assert kiosk.lets_in(1, Somebody())
    assert kiosk.asked == []


class Shares:
    """A passive model that is told what it sees."""

    def __init__(self) -> None:
        self.spec = PassiveSpec("told", 80, 2.7, "bgr", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 1)
        self.share = 0.98

    def judge(self, _image: object, _face: object) -> float:
        return self.share

    def state(self, share: float) -> tuple[State, Reason]:
        return PassiveModel.state(cast(PassiveModel, self), share)


@pytest.mark.parametrize("share", [0.001, 0.1])
@pytest.mark.parametrize("guarded", [False, True])
def test_a_photograph_does_not_inherit_the_life_of_who_stood_there(share: float, guarded: bool) -> None:
    model = Shares()
    source: LivenessSource = PassiveSource(cast(PassiveModel, model))
    kiosk = Kiosk(examiner(Guarded(source, patience=10) if guarded else source), "passive", fps=30)
    kiosk.until(lambda _: False, 1.2, Somebody(person=None, seed=2))
    assert kiosk.examined.sign.state == "live"
    model.share = share  # the track goes on, with Ada's photograph: one that is seen through, and one that is doubted
    assert not kiosk.lets_in(3, Somebody())
    kiosk.examiner.close()


def test_a_model_that_says_attack_refuses_until_they_have_left() -> None:
    kiosk = Kiosk(examiner(Says("attack", Reason.MODEL_ATTACK)), "passive")
    refused = kiosk.refuses(1, Somebody())
    assert refused is not None
    assert (refused.reason, refused.evidence.liveness_reason) == (Why.ATTACK, "model_attack")
    assert kiosk.screens.view.screen == "show_face"
    assert not kiosk.lets_in(60, Somebody())


def test_with_both_each_must_say_so() -> None:
    assert Kiosk(examiner(Says("live", Reason.MODEL_LIVE)), "both").lets_in(40, alive())
    for source in (Says("unknown", Reason.TOO_DARK), Says("attack", Reason.MODEL_ATTACK), None):
        assert not Kiosk(examiner(source), "both", fps=12).lets_in(12, alive())
    assert not Kiosk(examiner(Says("live", Reason.MODEL_LIVE)), "both", fps=12).lets_in(20, Somebody())


def test_a_model_is_not_shown_turned_faces_nor_anybody_who_is_not_looked_at() -> None:
    source = Says("live", Reason.MODEL_LIVE)
    kiosk, ada = Kiosk(examiner(source), "both"), alive()
    frames = 0
    while not isinstance(kiosk.frame(ada), Grant):
        frames += 1
        assert frames < 900
    assert 0 < source.calls < frames * 0.7
    calls = source.calls
    kiosk.until(lambda _: False, 3, ada)
    assert source.calls == calls, "during the cooldown"


class Broken(ActiveChallenge):
    """Questions that fail in the middle."""

    def observe(self, *_: object) -> None:
        raise RuntimeError("no questions today")


def broken() -> object:
    raise RuntimeError("this model is broken")


@pytest.mark.parametrize("mode", ["passive", "both"])
def test_a_model_that_is_missing_or_crashes_opens_nothing(mode: LivenessMode) -> None:
    for source in (None, Missing("passive"), Guarded(Says("live", Reason.MODEL_LIVE, broken))):
        kiosk = Kiosk(examiner(source), mode, fps=12)
        assert not kiosk.lets_in(9, alive())
        assert kiosk.examined.sign.state == "unknown"
        kiosk.examiner.close()


def test_questions_that_crash_open_nothing() -> None:
    kiosk = Kiosk(examiner(begin=Broken))
    refused = kiosk.refuses(10, Somebody())
    assert refused is not None
    assert (refused.reason, refused.evidence.liveness_reason) == (Why.NOT_LIVE, "crashed")
    assert kiosk.screens.view.screen == "not_recognised"


def test_a_model_that_hangs_opens_nothing_and_holds_up_one_frame_only() -> None:
    free = threading.Event()
    source = Says("live", Reason.MODEL_LIVE, free.wait)
    guarded = Guarded(source, patience=0.01)
    kiosk = Kiosk(examiner(guarded), "passive")
    assert not kiosk.lets_in(20, Somebody())
    assert source.calls == 1
    free.set()
    guarded.close()


def test_without_liveness_nobody_is_asked() -> None:
    kiosk = Kiosk(examiner(Says("attack", Reason.MODEL_ATTACK)), "off")
    assert kiosk.lets_in(1, Somebody())
    assert kiosk.asked == []


def _is_a_source(source: Says) -> LivenessSource:
    """Checked by mypy: the fake keeps to the protocol."""
    return source
