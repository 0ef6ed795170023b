"""Random stories in front of a door: people come, swap, hide, hold up pictures; cameras lag; clocks jump.

One generator for two drivers: a seeded `random.Random` where many are wanted, Hypothesis's own where a failure should
be shrunk. Times are short and settings small, so that every rule gets its chance within a few frames.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from faceapp.access.observations import Claim, LifeSign, Observation, Permission, Sighting
from faceapp.access.policy import AccessPolicy
from faceapp.access.policy_settings import PolicySettings
from faceapp.access.visits import State
from faceapp.types import Candidate, Hours

SPACE = "facenet+dlib:0"
MS = 1_000_000
MONDAY = datetime(2024, 1, 1)
PEOPLE = ("ada", "bob", "eve")
OFFICE = Hours(frozenset(range(5)), 7 * 60, 19 * 60)
NIGHT = Hours(frozenset({0, 4, 6}), 22 * 60, 6 * 60)

TIMES = tuple(
    timedelta(days=day, hours=hour, minutes=minute)
    for day, hour, minute in (
        (0, 12, 0),
        (0, 12, 0),
        (0, 0, 5),
        (0, 6, 0),
        (1, 2, 0),
        (2, 2, 0),
        (2, 19, 0),
        (5, 5, 59),
    )
)
"""Monday noon mostly; then on both sides of what opens and closes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of a story, and what the policy said."""

    seen: Observation
    now_ns: int
    decision: Any = None


def kind(step: Step) -> str:
    """Grant, Hold or Deny: by name, for a mutant's classes are not the real ones."""
    return type(step.decision).__name__


def settings(rng: random.Random) -> PolicySettings:
    """Small ones."""
    votes = rng.choice((1, 2, 2, 3, 3, 4))
    return PolicySettings(
        space=SPACE,
        door_threshold=0.45,
        verify_threshold=0.5,
        mode=rng.choice(("identify", "identify", "verify")),
        votes=votes,
        frames=votes + rng.choice((0, 1, 2, 3)),
        window=rng.choice((0.25, 0.6, 1.5)),
        cooldown=rng.choice((0.4, 1.0, 4.0)),
        empty=rng.choice((0.1, 0.3)),
        attempt=rng.choice((0.1, 0.2, 0.4)),
        pause=rng.choice((0.0, 0.05, 0.2)),
        refusals=rng.choice((1, 2, 2)),
        refusal_memory=rng.choice((0.4, 5.0, 5.0)),
        lockout=rng.choice((0.5, 2.0)),
        claim=rng.choice((0.5, 2.0)),
        require_live=rng.random() < 0.25,
        liveness=rng.choice((0.1, 0.4)),
        life=rng.choice((0.1, 0.4, 2.0)),
    )


def story(rng: random.Random, chosen: PolicySettings) -> list[Step]:
    """Two to four scenes of up to eight frames each."""
    return _Story(rng, chosen).told()


class _Story:
    def __init__(self, rng: random.Random, chosen: PolicySettings) -> None:
        self.rng = rng
        self.settings = chosen
        self.t = 1_000_000 * MS
        self.local = MONDAY + rng.choice(TIMES)
        self.next_track = 1
        self.permissions = self._permissions()
        self.claim: Claim | None = None
        self.cast: list[Sighting] = []
        self.must_live = chosen.require_live
        self.since_ns: int | None = None
        """When the first frame of the scene was taken."""
        self.claims = 0
        self.abandoned: LifeSign | None = None

    def told(self) -> list[Step]:
        steps: list[Step] = []
        for _ in range(self.rng.choice((2, 3, 4))):
            self._enter()
            for _ in range(self.rng.choice((2, 3, 5, 8))):
                steps.append(self._frame())
        return steps

    def _permissions(self) -> dict[str, Permission]:
        r = self.rng.random()
        found = dict.fromkeys(PEOPLE, Permission(allowed=True))
        if r < 0.1:
            found["bob"] = Permission(allowed=False)
        elif r < 0.2:
            found["bob"] = Permission(allowed=True, active=False)
        elif r < 0.3:
            found = dict.fromkeys(PEOPLE, Permission(allowed=True, hours=(OFFICE, NIGHT)))
        elif r < 0.35:
            del found["eve"]
        elif r < 0.4:
            found["ada"] = Permission(allowed=True, hours=())
        elif r < 0.5:
            found["eve"] = Permission(allowed=True, face_alone=False)
        return found

    def _enter(self) -> None:
        """Who is in front of the camera from here on."""
        rng, r = self.rng, self.rng.random()
        self.since_ns = None
        if rng.random() < 0.1:
            self.must_live = not self.must_live
        same_track = self.cast[0].track if self.cast and rng.random() < 0.4 else None
        if r < 0.15:
            self.cast = []
        else:
            self.cast = [self._person(same_track)]
            if r > 0.8:
                self.cast.append(replace(self._person(None), height=rng.choice((60.0, 100.0, 133.0, 140.0, 200.0))))
        if self.settings.mode == "verify":
            c = rng.random()
            if c < 0.6:
                who = self.cast[0].nearest if self.cast else None
                claimed = who.person_id if who is not None and rng.random() < 0.8 else rng.choice(PEOPLE)
                self.claim = Claim(claimed, self.t)
                self.claims += 1
            elif c < 0.75:
                self.claim = None
        if rng.random() < 0.1:
            self.permissions = self._permissions()

    def _person(self, track: int | None) -> Sighting:
        if track is None:
            track = self.next_track
            self.next_track += 1
        rng = self.rng
        who = rng.choice(PEOPLE)
        other = PEOPLE[PEOPLE.index(who) - 1]
        near, far = rng.choice(((0.3, 0.8), (0.3, 0.8), (0.3, 0.8), (0.44, 0.7), (0.47, 0.7), (0.7, 0.72), (0.4, 0.43)))
        sign = LifeSign()
        if self.must_live and rng.random() < 0.8:
            sign = LifeSign("live", track, who)
        elif rng.random() < 0.2:
            sign = LifeSign("unknown", track, questions="asking")
        runner_up = Candidate(other, other, far) if rng.random() < 0.8 else None
        return Sighting(track, 200.0, Candidate(who, who, near), runner_up, 70.0, sign)

    def _dated(self, seen: Sighting) -> Sighting:
        """With a sign of life that began with this scene and was last confirmed a moment ago."""
        if self.since_ns is None:
            self.since_ns = self.t
        at = self.t - self.rng.choice((0, 0, 0, 90)) * MS
        return replace(seen, life=replace(seen.life, since_ns=self.since_ns, at_ns=at))

    def _given_up(self) -> LifeSign | None:
        """Questions that somebody left unanswered, told once or twice. Not where whose claim it was is a puzzle."""
        rng, sure = self.rng, self.settings.mode == "identify" or (self.claim is not None and self.claims == 1)
        if not sure or self.next_track == 1 or rng.random() < 0.96:
            self.abandoned = None
        elif self.abandoned is None:
            track, at = rng.randint(1, self.next_track - 1), self.t - rng.choice((10, 60)) * MS
            since = at - rng.choice((300, 799, 800, 2000)) * MS
            self.abandoned = LifeSign("unknown", track, None, since, at, "questions_abandoned", "failed")
        return self.abandoned

    def _frame(self) -> Step:
        rng = self.rng
        r = rng.random()
        self.t += (33 if r < 0.5 else 70 if r < 0.95 else rng.choice((0, 300, 1500, -100))) * MS
        faces = tuple(self._dated(s) for s in self.cast)
        must_live = self.must_live and (not self.settings.require_live or rng.random() < 0.5)
        seen = Observation(
            self.t, faces, SPACE, SPACE, self.local, self.permissions, self.claim, "ready", require_live=must_live
        )
        seen = replace(seen, abandoned=self._given_up())
        now = self.t + 40 * MS
        r = rng.random()
        if r < (0.25 if self.cast else 0.5):
            if r < 0.08 or not self.cast:
                seen, now = rng.choice(_ODD_FRAMES)(seen, now)
            else:
                odd = rng.choice(_ODD_FACES)(faces[0])
                seen = replace(seen, occupants=(odd, *faces[1:]))
            if r < 0.02:  # and it stays so
                self.cast = list(seen.occupants)
        if seen.claim != self.claim:
            self.claims, seen = 2, replace(seen, abandoned=None)
        return Step(seen, now)


def _life(s: Sighting, **changes: Any) -> Sighting:
    return replace(s, life=replace(s.life, **changes))


def _nearest(s: Sighting, person_id: str, distance: float) -> Sighting:
    return replace(s, nearest=Candidate(person_id, person_id, distance))


_ODD_FACES: tuple[Callable[[Sighting], Sighting], ...] = (
    lambda s: replace(s, observed=False, fresh=False),
    lambda s: replace(s, fresh=False),
    lambda s: replace(s, certain=False),
    lambda s: replace(s, certain=False),
    lambda s: replace(s, height=50.0),
    lambda s: replace(s, height=math.nan),
    lambda s: replace(s, quality=10.0),
    lambda s: replace(s, quality=math.nan),
    lambda s: _life(s, state="attack", track=s.track),
    lambda s: _life(s, state="attack", track=s.track),
    lambda s: _life(s, state="attack", track=s.track + 1),
    lambda s: _life(s, state="live", track=s.track, person_id=s.nearest.person_id if s.nearest else None),
    lambda s: _life(s, track=s.track + 1),
    lambda s: _life(s, person_id="mal"),
    lambda s: _life(s, person_id=None),
    lambda s: _life(s, at_ns=s.life.at_ns - 450 * MS),
    lambda s: _life(s, at_ns=s.life.at_ns + 200 * MS),
    lambda s: _life(s, since_ns=s.life.since_ns - 1),
    lambda s: _life(s, state="unknown", track=s.track, questions="asking"),
    lambda s: _life(s, state="unknown", track=s.track, questions="asking"),
    lambda s: replace(_life(s, state="unknown", track=s.track, questions="asking"), quality=5.0),
    lambda s: _life(s, state="unknown", track=s.track, questions="failed"),
    lambda s: _life(s, state="unknown", track=s.track, questions="failed", at_ns=s.life.since_ns),
    lambda s: _life(s, state="unknown", track=s.track + 1, questions="failed"),
    lambda s: replace(s, nearest=None, runner_up=None),
    lambda s: _nearest(s, "ada", 0.3),
    lambda s: _nearest(s, "bob", 0.35),
    lambda s: _nearest(s, "eve", 0.9),
    lambda s: _nearest(s, "bob", math.nan),
    lambda s: _nearest(replace(s, quality=5.0), "eve", 0.35),
    lambda s: replace(s, runner_up=Candidate("mal", "mal", 0.31)),
    lambda s: replace(s, runner_up=Candidate("mal", "mal", math.nan)),
)  # fmt: skip

_ODD_FRAMES: tuple[Callable[[Observation, int], tuple[Observation, int]], ...] = (
    lambda o, now: (o, now + 461 * MS),
    lambda o, now: (o, now + 460 * MS),
    lambda o, now: (o, now - 41 * MS),
    lambda o, now: (replace(o, space="other"), now),
    lambda o, now: (replace(o, gallery_space="other"), now),
    lambda o, now: (replace(o, space="other", gallery_space="other"), now),
    lambda o, now: (replace(o, door="busy"), now),
    lambda o, now: (replace(o, door="out_of_order"), now),
    lambda o, now: (replace(o, claim=Claim("ada", o.captured_ns - MS)), now),
    lambda o, now: (replace(o, claim=Claim("eve", o.captured_ns - MS)), now),
    lambda o, now: (replace(o, claim=Claim("bob", o.captured_ns + MS)), now),
    lambda o, now: (replace(o, claim=None), now),
    lambda o, now: (replace(o, occupants=()), now),
    lambda o, now: (replace(o, occupants=(*o.occupants, Sighting(10_000, 150.0, None, None, 0.0))), now),
    lambda o, now: (replace(o, occupants=(*o.occupants, Sighting(10_001, math.nan, None, None, 0.0))), now),
    lambda o, now: (replace(o, local_time=o.local_time + timedelta(hours=12)), now),
)  # fmt: skip


def lived_through(policy: AccessPolicy, steps: list[Step], start: State | None = None) -> list[Step]:
    """The story with the policy's decisions."""
    state = State() if start is None else start
    lived = []
    for step in steps:
        state, decision = policy.observe(state, step.seen, step.now_ns)
        lived.append(Step(step.seen, step.now_ns, decision))
    return lived
