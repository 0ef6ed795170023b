"""The policy where a badge is shown first, told as people live it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from faceapp.access.decisions import Grant, Reason
from faceapp.access.observations import Claim
from faceapp.types import Candidate
from tests.fakes.policy import Kiosk, face, first_grant, reason


def claiming(person: str = "ada", **changes: Any) -> Kiosk:
    kiosk = Kiosk(mode="verify", **changes)
    kiosk.claim = Claim(person, kiosk.t)
    return kiosk


def test_a_claim_is_needed() -> None:
    kiosk = Kiosk(mode="verify")
    assert {reason(d) for d in kiosk.sees_for(10, face())} == {Reason.NO_CLAIM}


def test_a_claim_opens_once_with_the_thresholds_of_verification() -> None:
    kiosk = claiming()
    seen = face(distance=0.48, runner_up=None)
    decisions = kiosk.sees_for(1, seen)
    grant = decisions[first_grant(decisions)]
    assert isinstance(grant, Grant)
    assert grant.evidence.threshold == 0.4958
    assert {reason(d) for d in decisions[5:]} == {Reason.NO_CLAIM}


def test_a_claim_expires() -> None:
    kiosk = claiming()
    kiosk.sees_for(14.8)
    kiosk.sees(face())
    assert {reason(d) for d in kiosk.sees_for(1, face())[3:]} == {Reason.CLAIM_EXPIRED}


def test_the_claimed_person_only() -> None:
    kiosk = claiming("bob")
    assert not any(isinstance(d, Grant) for d in kiosk.sees_for(14, face("ada")))


def test_votes_for_an_earlier_claim_do_not_count() -> None:
    kiosk = claiming()
    kiosk.sees_for(4 / 15, face())
    kiosk.claim = Claim("ada", kiosk.t)
    assert first_grant(kiosk.sees_for(1, face())) == 4


def test_a_wrong_face_locks_the_claim_for_every_track_and_no_other_claim() -> None:
    kiosk = Kiosk(mode="verify")
    for track in (1, 2, 3):
        kiosk.claim = Claim("ada", kiosk.t)
        kiosk.sees_for(3.2, face("ada", 0.8, track))
    kiosk.claim = Claim("ada", kiosk.t)
    assert reason(kiosk.sees(face(track=4))) is Reason.LOCKED_OUT
    kiosk.claim = Claim("bob", kiosk.t)
    assert first_grant(kiosk.sees_for(1, face("bob", track=5))) == 4


def test_trying_one_badge_after_the_other_locks_the_track() -> None:
    kiosk = Kiosk(mode="verify")
    for i in range(8):
        kiosk.claim = Claim(f"p{i}", kiosk.t)
        kiosk.sees_for(2, face(f"p{i}", 0.8))
    assert reason(kiosk.sees(face("p7", 0.3))) is Reason.LOCKED_OUT


def test_who_showed_the_wrong_badge_first_gets_a_try_with_their_own() -> None:
    kiosk = claiming("bob")
    kiosk.sees_for(2.9, face(distance=0.9))
    kiosk.claim = Claim("ada", kiosk.t)
    decisions = kiosk.sees_for(1, face())
    assert first_grant(decisions) == 4
    assert kiosk.state.claims == {}


def test_two_who_take_turns_do_not_hold_the_door_open() -> None:
    kiosk = Kiosk()
    grants = []
    for _ in range(4):
        for one, other in ((face("ada", track=1), face("bob", track=2)), (face("bob", track=2), face("ada", track=1))):
            grants += [
                d.person_id for d in kiosk.sees_for(0.7, one, replace(other, height=90.0)) if isinstance(d, Grant)
            ]
    assert grants == ["ada", "bob"]


def test_an_opening_that_did_not_happen_forgives_nothing_and_uses_up_no_claim() -> None:
    kiosk = claiming("ada")
    kiosk.sees_for(4, face(distance=0.9))
    before = kiosk.state.visits[1].record, kiosk.state.claims
    kiosk.claim = Claim("ada", kiosk.t)
    assert any(isinstance(d, Grant) for d in kiosk.sees_for(3, face()))
    kiosk.state = kiosk.state.without_last_opening()
    assert (kiosk.state.visits[1].record, kiosk.state.claims) == before
    assert any(isinstance(d, Grant) for d in kiosk.sees_for(1, face()))


def test_nobody_learns_whose_badge_is_known() -> None:
    told = []
    for claimed in ("ada", "no such badge"):
        kiosk = claiming(claimed)
        found = None if claimed != "ada" else Candidate("ada", "ada", 0.8)
        told.append([reason(d).sentence for d in kiosk.sees_for(10, face(nearest=found, runner_up=None))])
    assert told[0] == told[1]
