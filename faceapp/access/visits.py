"""What the policy remembers from frame to frame: immutable values, each change makes new ones.

Named tuples, not dataclasses, because these are copied several times in every frame, and theirs are copied seven times
as fast.

A *visit* is one person in front of the camera: a track, for as long as it shows the same person. When a track turns out
to show another one (the tracker took two people for one), a new visit begins, with nothing of the old one's but the
record of an attack: who holds up one picture after the other doesn't start afresh with each.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from faceapp.access.decisions import Reason
from faceapp.access.observations import Claim

VisitKey: TypeAlias = tuple[int, int]
"""Track, and the how manieth visit on it."""

CLAIMS_A_TRY = 3
"""So many claims in one attempt are no mistake any more."""

ATTACK_MEMORY = 3_600_000_000_000
"""A track on which a picture was held up is remembered for so long after it was last seen. No tracker keeps one."""

WALKED_BY = 800_000_000
"""Somebody without a claim who was shown a movement for a shorter time was walking by."""


class Vote(NamedTuple):
    """One frame that agrees on one person."""

    frame: int
    """Number of the frame, counting every one the policy was given."""
    captured_ns: int
    person_id: str
    claim: Claim | None


class Record(NamedTuple):
    """The refusals of one visit or of one claim."""

    refused_ns: tuple[int, ...] = ()
    """When, since the last opening or lockout."""
    locked_until_ns: int | None = None

    def locked(self, now_ns: int) -> bool:
        """Whether it is locked out."""
        return self.locked_until_ns is not None and now_ns < self.locked_until_ns

    def refused(self, now_ns: int, *, limit: int, memory_ns: int, lockout_ns: int) -> Record:
        """The record after one more refusal."""
        recent = (*(t for t in self.refused_ns if now_ns - t <= memory_ns), now_ns)
        return Record((), now_ns + lockout_ns) if len(recent) >= limit else Record(recent, self.locked_until_ns)


CLEAN = Record()


class Visit(NamedTuple):
    """One person in front of the camera."""

    track: int
    number: int
    seen_ns: int
    """When the track was last in the zone."""
    alone_since_ns: int
    """Since when it has shown one person without a doubt: a sign of life from before is another's."""
    person_id: str | None = None
    """Who it was first recognised as."""
    votes: tuple[Vote, ...] = ()
    recognised: Vote | None = None
    """The newest frame in which enough of them agreed."""
    record: Record = CLEAN
    attacked: bool = False
    """True where a picture was held up at any time."""
    paused_until_ns: int = 0
    refused_for: Reason = Reason.NOT_RECOGNISED
    """Why it was last refused."""
    usable_since_ns: int | None = None
    """The first usable frame of this attempt."""
    usable: int = 0
    """Usable frames of this attempt."""
    asked: bool = False
    """True while they are asked to move their head."""
    failed_ns: int | None = None
    """The last session of questions that was refused for: each counts once."""
    claim: Claim | None = None
    """The newest claim this attempt is about."""
    claims: int = 0
    """How many claims were made in this attempt."""
    claim_usable: int = 0
    """Usable frames of this attempt since the newest claim."""

    @property
    def key(self) -> VisitKey:
        """What tells it from all others."""
        return self.track, self.number

    def without_votes(self) -> Visit:
        """The same, as if nobody had been recognised so far."""
        return self._replace(votes=(), recognised=None) if self.votes or self.recognised else self

    def attempt_over(self) -> Visit:
        """The same with a new attempt to begin at the next usable frame."""
        return self.after_questions()._replace(votes=(), recognised=None)

    def after_questions(self) -> Visit:
        """The same with time for a whole attempt from the next usable frame on; what agreed meanwhile still does."""
        return self._replace(usable_since_ns=None, usable=0, claims=0, claim_usable=0)

    def in_doubt(self) -> Visit:
        """The same, as if they had come just now: nothing that was collected is surely theirs."""
        return self._replace(votes=(), recognised=None, alone_since_ns=self.seen_ns)

    def about(self, claim: Claim | None) -> Visit:
        """The same, told that `claim` is asked about now."""
        return self if claim == self.claim else self._replace(claim=claim, claims=self.claims + 1, claim_usable=0)

    def of_another(self, person_id: str) -> Visit:
        """The visit that begins when the track turns out to show `person_id` now."""
        if self.attacked:
            return self.attempt_over().in_doubt()._replace(number=self.number + 1, person_id=person_id)
        begun = Visit(self.track, self.number + 1, self.seen_ns, self.seen_ns, person_id)
        return begun._replace(asked=self.asked, failed_ns=self.failed_ns)


class Opening(NamedTuple):
    """A grant, for its cooldown; and what it wiped out, should the door not open after all."""

    visit: VisitKey
    person_id: str
    at_ns: int
    record: Record = CLEAN
    """Of the visit, before."""
    claim: Claim | None = None
    claimed: Record = CLEAN
    """Of the claim, before."""
    claim_used_ns: int | None = None
    """`State.claim_used_ns`, before."""


class State(NamedTuple):
    """Everything the policy remembers. Start with `State()`."""

    frames: int = 0
    """How many it was given."""
    captured_ns: int | None = None
    """Of the newest frame that was in order."""
    visits: Mapping[int, Visit] = MappingProxyType({})
    """By track. Never changed in place."""
    claims: Mapping[str, Record] = MappingProxyType({})
    """Refusals by claimed person. Never changed in place."""
    openings: tuple[Opening, ...] = ()
    """Those whose cooldown isn't over, oldest first: two who take turns must not hold the door open."""
    empty_since_ns: int | None = None
    """Since when the zone has been empty without a break."""
    claim_used_ns: int | None = None
    """When the last claim that opened the door was made: it and older ones are used up."""

    def without_last_opening(self) -> State:
        """The same, had the last grant never been given: the door stayed shut, so no cooldown follows, no refusal is
        forgiven and no claim used up."""
        if not self.openings:
            return self
        last = self.openings[-1]
        visits, claims = dict(self.visits), dict(self.claims)
        visit = visits.get(last.visit[0])
        if visit is not None and visit.key == last.visit:
            visits[visit.track] = visit._replace(record=last.record)
        if last.claim is not None and last.claimed != CLEAN:
            claims[last.claim.person_id] = last.claimed
        used = self.claim_used_ns if last.claim is None else last.claim_used_ns
        return self._replace(openings=self.openings[:-1], visits=visits, claims=claims, claim_used_ns=used)

    def without_votes(self) -> State:
        """The same, as if nobody had been recognised so far: what the votes were cast on has changed."""
        return self._replace(visits={track: visit.without_votes() for track, visit in self.visits.items()})
