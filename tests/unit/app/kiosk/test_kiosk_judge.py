"""Who is in the zone, who is meant, and what the policy is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from faceapp.access.decisions import Decision, Deny, Grant, Hold, Reason
from faceapp.access.observations import Claim, DoorStatus, Permission
from faceapp.app.kiosk.judge import Judge, Surroundings
from faceapp.settings import Zone
from faceapp.types import Candidate
from tests.fakes.visitors import ADA, BOB, SPACE, Scene, Visitor, policy

WHOLE: Zone = (0.0, 0.0, 1.0, 1.0)
LEFT_HALF: Zone = (0.0, 0.0, 0.5, 1.0)
RIGHTS = {ADA: Permission(allowed=True), BOB: Permission(allowed=True)}
NOON = datetime(2024, 1, 1, 12)


class Watched:
    def __init__(self, zone: Zone = WHOLE, mode: str = "identify", rights: Mapping[str, Permission] = RIGHTS) -> None:
        self.judge = Judge(policy(mode=mode), zone)
        self.scene = Scene()
        self.rights = rights
        self.claim: Claim | None = None

    def sees(
        self, *visitors: Visitor, frames: int = 1, latency_ms: float = 40, door: DoorStatus = "ready"
    ) -> list[Decision]:
        around = Surroundings(SPACE, SPACE, self.rights, NOON, self.claim, door)
        return [
            self.judge.decide(self.scene.frame(*visitors, latency_ms=latency_ms), around, self.scene.now_ns)
            for _ in range(frames)
        ]


def reason(decision: Decision) -> Reason:
    assert isinstance(decision, Hold | Deny)
    return decision.reason


def test_five_frames_let_somebody_in_and_no_fewer() -> None:
    *before, granted = Watched().sees(Visitor(), frames=5)
    assert [reason(d) for d in before] == [Reason.CHECKING] * 4
    assert isinstance(granted, Grant)
    assert granted.person_id == ADA


def test_who_stands_outside_the_zone_is_nobody() -> None:
    watched = Watched(LEFT_HALF)
    assert {reason(d) for d in watched.sees(Visitor(x=500), frames=8)} == {Reason.NOBODY}


def test_a_nearer_face_outside_the_zone_keeps_nobody_from_being_looked_at() -> None:
    watched = Watched(LEFT_HALF)
    inside, outside = Visitor(track=1, x=150, height=120), Visitor(track=2, person=None, x=520, height=230)
    *_, granted = watched.sees(inside, outside, frames=5)
    assert isinstance(granted, Grant)
    assert granted.track == 1


def test_the_zone_can_be_moved_while_people_are_there() -> None:
    watched = Watched(LEFT_HALF)
    watched.sees(Visitor(x=500), frames=3)
    watched.judge.zone = WHOLE
    assert isinstance(watched.sees(Visitor(x=500), frames=5)[-1], Grant)


@pytest.mark.parametrize("visitor", [Visitor(observed=False), Visitor(fresh=False)])
def test_a_face_that_is_carried_or_remembered_is_no_evidence(visitor: Visitor) -> None:
    assert {reason(d) for d in Watched().sees(visitor, frames=30)} == {Reason.CHECKING}


def test_an_old_frame_opens_nothing() -> None:
    assert {reason(d) for d in Watched().sees(Visitor(), frames=10, latency_ms=600)} == {Reason.STALE_FRAME}


def test_an_opening_that_did_not_happen_has_no_cooldown() -> None:
    watched = Watched()
    assert isinstance(watched.sees(Visitor(), frames=5)[-1], Grant)
    assert reason(watched.sees(Visitor())[-1]) is Reason.COOLDOWN
    watched.judge.not_opened()
    assert isinstance(watched.sees(Visitor(), frames=5)[-1], Grant)


def test_a_lockout_says_how_long_it_lasts() -> None:
    watched = Watched()
    refused = [d for d in watched.sees(Visitor(person=None), frames=600) if isinstance(d, Deny)]
    counted = [d for d in refused if d.counted]
    assert [d.locked for d in counted] == [False, False, True]
    left = watched.judge.locked_for_s(refused[-1], None, watched.scene.now_ns)
    assert 0 < left < watched.judge.settings.lockout


def test_a_claim_is_used_up_by_its_opening() -> None:
    watched = Watched(mode="verify")
    watched.claim = claim = Claim(ADA, watched.scene.now_ns - 100_000_000)
    watched.sees(Visitor(), frames=4)
    assert not watched.judge.claim_used(claim)
    assert isinstance(watched.sees(Visitor(), frames=2)[0], Grant)
    assert watched.judge.claim_used(claim)
    assert not watched.judge.claim_used(Claim(ADA, watched.scene.now_ns))


@pytest.mark.parametrize("distance", [0.1, 0.34])
def test_that_it_is_not_somebody_opens_the_door_to_nobody_else(distance: float) -> None:
    """Who was struck out counts as the runner-up: Ada and Bob stay a tie, whichever of them the face was said not to
    be."""
    watched = Watched()
    for _ in range(20):
        result = watched.scene.frame(Visitor())
        [face] = result.faces
        assert face.match is not None
        match = replace(face.match, struck_out=Candidate(BOB, "Bob", distance))
        result = replace(result, faces=(replace(face, match=match),))
        around = Surroundings(SPACE, SPACE, RIGHTS, NOON)
        assert reason(watched.judge.decide(result, around, watched.scene.now_ns)) in (Reason.TIE, Reason.CHECKING)
