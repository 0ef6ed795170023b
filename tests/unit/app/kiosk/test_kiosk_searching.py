"""Who the face is looked for among, in both modes."""

from __future__ import annotations

import numpy as np

from faceapp.access.decisions import Deny, Reason
from faceapp.access.observations import Claim
from faceapp.access.policy_settings import PolicySettings
from faceapp.app.kiosk.judge import Judge
from faceapp.app.kiosk.searching import Searching
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import Frame, Match
from tests.fakes.doors import grant_at
from tests.fakes.vision import SPACE, Seen, World, index_of

SECOND = 1_000_000_000


class Door:
    def __init__(self, mode: str, always: str | None = None) -> None:
        self.settings = PolicySettings(space=SPACE, door_threshold=0.4, verify_threshold=0.5, mode=mode)  # type: ignore[arg-type]
        self.judge = Judge(self.settings, (0.0, 0.0, 1.0, 1.0))
        self.world = World()
        self.searching = Searching(self.settings, always)
        self.recogniser = Recogniser(
            detector=self.world,
            embedder=self.world,
            index=index_of(),
            threshold=0.4,
            same_person=0.5,
            min_face=40,
            front=self.judge.front,
        )
        self._id = 0

    def sees(self, name: str, off: float = 0.1) -> Match | None:
        self.world.people = [Seen(name, off=off)]
        self._id += 1
        picture = np.full((480, 640, 3), 90, np.uint8)
        return self.recogniser.process(Frame(self._id, self._id * 33_000_000, picture)).faces[0].match


def test_identify_looks_among_everybody_at_the_doors_threshold() -> None:
    door = Door("identify")
    door.searching.use(door.recogniser, index_of("Ada", "Bo"))
    match = door.sees("Bo")
    assert match is not None
    assert (match.name, match.threshold) == ("Bo", 0.4)
    assert match.runner_up is not None


def test_verify_looks_at_the_claimed_person_alone_at_its_own_threshold() -> None:
    door = Door("verify")
    door.searching.use(door.recogniser, index_of("Ada", "Bo"))
    assert door.sees("Bo") is None
    door.searching.claimed(door.recogniser, Claim("id-Ada", 0))
    match = door.sees("Bo")
    assert match is not None
    assert (match.nearest.name, match.accepted, match.runner_up, match.threshold) == ("Ada", False, None, 0.5)
    match = door.sees("Ada")
    assert match is not None
    assert match.accepted


def test_a_badge_that_nobody_has_is_searched_for_and_never_found() -> None:
    door = Door("verify")
    door.searching.use(door.recogniser, index_of("Ada", "Bo"))
    door.searching.claimed(door.recogniser, Claim("0123456789abcdef", 0))
    assert door.sees("Ada") is None


def test_a_claim_survives_a_change_of_the_gallery() -> None:
    door = Door("verify")
    door.searching.use(door.recogniser, index_of("Ada"))
    door.searching.claimed(door.recogniser, Claim("id-Bo", 0))
    door.searching.use(door.recogniser, index_of("Ada", "Bo"))
    match = door.sees("Bo")
    assert match is not None
    assert match.nearest.name == "Bo"


def test_a_claim_that_nobody_answers_is_over_after_its_time() -> None:
    door = Door("verify")
    door.searching.use(door.recogniser, index_of("Ada"))
    door.searching.claimed(door.recogniser, Claim("id-Ada", 0))
    door.searching.follow(door.recogniser, door.judge, 15 * SECOND)
    assert door.searching.claim is not None
    door.searching.follow(door.recogniser, door.judge, 15 * SECOND + 1)
    assert door.searching.claim is None
    assert door.sees("Ada") is None


def test_who_is_claimed_all_the_time_is_claimed_again() -> None:
    door = Door("verify", always="id-Ada")
    door.searching.use(door.recogniser, index_of("Ada"))
    for now in (0, 16 * SECOND):
        door.searching.follow(door.recogniser, door.judge, now)
        assert door.searching.claim == Claim("id-Ada", now)
    assert door.sees("Ada") is not None


def test_a_claim_that_was_refused_is_over() -> None:
    door = Door("verify")
    door.searching.use(door.recogniser, index_of("Ada"))
    door.searching.claimed(door.recogniser, Claim("id-Ada", 0))
    evidence = grant_at(0).evidence
    door.searching.decided(Deny(Reason.NOT_RECOGNISED, evidence, counted=False))
    door.searching.follow(door.recogniser, door.judge, 1)
    assert door.searching.claim is not None
    door.searching.decided(Deny(Reason.NOT_RECOGNISED, evidence, counted=True))
    door.searching.follow(door.recogniser, door.judge, 2)
    assert door.searching.claim is None
    door.searching.claimed(door.recogniser, Claim("id-Ada", 3))
    door.searching.follow(door.recogniser, door.judge, 4)
    assert door.searching.claim is not None
