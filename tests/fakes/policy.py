"""A door's policy with somebody in front of it, for stories told in a line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from faceapp.access.decisions import Decision, Grant, Reason
from faceapp.access.observations import Claim, LifeSign, Observation, Permission, Sighting
from faceapp.access.policy import AccessPolicy
from faceapp.access.policy_settings import PolicySettings
from faceapp.access.visits import State
from faceapp.types import Candidate

SPACE = "facenet+dlib:0"
MS = 1_000_000
NOON = datetime(2024, 1, 3, 12, 0)
MAY = Permission(allowed=True)


class Kiosk:
    """A policy with somebody in front of it; 15 frames a second."""

    def __init__(self, **changes: Any) -> None:
        settings = PolicySettings(space=SPACE, door_threshold=0.4539, verify_threshold=0.4958)
        self.policy = AccessPolicy(replace(settings, **changes))
        self.state = State()
        self.t = 1_000_000 * MS
        self.permissions = {"ada": MAY, "bob": MAY}
        self.claim: Claim | None = None

    def sees(self, *faces: Sighting, after: float = 1 / 15, age: float = 0.06, **changes: Any) -> Decision:
        self.t += round(after * 1e9)
        seen = Observation(self.t, faces, SPACE, SPACE, NOON, self.permissions, self.claim)
        self.state, decision = self.policy.observe(self.state, replace(seen, **changes), self.t + round(age * 1e9))
        return decision

    def sees_for(self, seconds: float, *faces: Sighting, **changes: Any) -> list[Decision]:
        return [self.sees(*faces, **changes) for _ in range(round(seconds * 15))]


def face(person: str = "ada", distance: float = 0.3, track: int = 1, **changes: Any) -> Sighting:
    seen = Sighting(track, 200.0, Candidate(person, person, distance), Candidate("mia", "mia", 0.8), 70.0)
    return replace(seen, **changes)


def attack(person: str = "ada", track: int = 1) -> Sighting:
    return face(person, track=track, life=LifeSign("attack", track, reason="model_attack"))


def asked(
    person: str = "ada", distance: float = 0.3, questions: Any = "asking", at_ns: int = 0, **changes: Any
) -> Sighting:
    return face(person, distance, life=LifeSign("unknown", 1, person, at_ns=at_ns, questions=questions), **changes)


STRANGER = face("bob", 0.7)


def reason(decision: Decision) -> Reason:
    assert not isinstance(decision, Grant)
    return decision.reason


def first_grant(decisions: list[Decision]) -> int:
    return next(i for i, d in enumerate(decisions) if isinstance(d, Grant))


def let_in(**changes: Any) -> Kiosk:
    kiosk = Kiosk(**changes)
    assert first_grant(kiosk.sees_for(5 / 15, face())) == 4
    return kiosk
