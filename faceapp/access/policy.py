"""When the door opens: a pure function of what was seen so far and the time.

`AccessPolicy.observe` takes the state, one processed frame and the clock's value, and returns the next state and a
decision. It reads no clock, does no I/O and remembers nothing itself. It says yes in one place only, at the end of
`_recognised`; everything before that is a reason to say something else. Conditions are written so that a value that is
no number never fulfils one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from faceapp.access.decisions import Decision, Deny, Evidence, Grant, Hold, Reason
from faceapp.access.observations import Claim, Observation, Sighting
from faceapp.access.policy_settings import PolicySettings
from faceapp.access.visits import ATTACK_MEMORY, CLAIMS_A_TRY, CLEAN, WALKED_BY, Opening, Record, State, Visit, Vote


class AccessPolicy:
    """The rules of one door. Immutable; any thread may use it, each with a state of its own."""

    def __init__(self, settings: PolicySettings) -> None:
        self.settings = s = settings
        self._max_age, self._window, self._empty = _ns(s.max_age), _ns(s.window), _ns(s.empty)
        self._cooldown, self._claim, self._pause = _ns(s.cooldown), _ns(s.claim), _ns(s.pause)
        self._attempt, self._liveness = _ns(s.attempt), max(_ns(s.attempt), _ns(s.liveness))
        self._life = _ns(s.life)
        self._memory, self._lockout = _ns(s.refusal_memory), _ns(s.lockout)
        self._threshold = s.threshold
        self._margin = s.margin * s.threshold
        self._keep = max(self._cooldown, self._lockout, self._memory, self._liveness, self._window, self._pause)

    def observe(self, state: State, seen: Observation, now_ns: int) -> tuple[State, Decision]:
        """The next state and what to do about this frame. Frames are given in the order they were taken, each once;
        `now_ns` is the clock of `captured_ns`."""
        trouble = self._trouble(state, seen, now_ns)
        if trouble is not None:
            # What happened meanwhile in front of the camera isn't known: nothing collected so far counts any more.
            return state.without_votes()._replace(frames=state.frames + 1, empty_since_ns=None), Hold(trouble)
        claim_reason = self._claim_reason(state, seen, now_ns)
        state = self._followed(state, seen, searched=claim_reason is None)
        given_up = self._given_up(state, seen, now_ns)
        if given_up is not None:
            return given_up
        if seen.door == "out_of_order":
            return state, Hold(Reason.OUT_OF_ORDER)
        if claim_reason is not None:
            return state, Hold(claim_reason)
        front = self._front(seen.occupants) if seen.occupants else None
        if front is None:
            return state, Hold(Reason.TWO_PEOPLE if seen.occupants else Reason.NOBODY)
        return self._judge(_Case(state, seen, front, state.visits[front.track], now_ns))

    # The frame

    def _trouble(self, state: State, seen: Observation, now_ns: int) -> Reason | None:
        """Why nothing can be learnt from this frame."""
        if not 0 <= now_ns - seen.captured_ns <= self._max_age:
            return Reason.STALE_FRAME
        if state.captured_ns is not None and seen.captured_ns <= state.captured_ns:
            return Reason.STALE_FRAME
        if not seen.space == seen.gallery_space == self.settings.space:
            return Reason.OTHER_EMBEDDER
        return None

    def holds(self, claim: Claim, seen: Observation, now_ns: int) -> bool:
        """Whether a claim hasn't expired: while whoever was asked in its time answers, it does not."""
        answering = seen.answering_since_ns
        held = answering is not None and answering - claim.claimed_ns <= self._claim
        return now_ns - claim.claimed_ns <= self._claim + (self._liveness if held else 0)

    def _claim_reason(self, state: State, seen: Observation, now_ns: int) -> Reason | None:
        """Why the faces were not searched for as this mode wants it."""
        claim, captured_ns = seen.claim, seen.captured_ns
        if self.settings.mode == "identify":
            return None if claim is None else Reason.OTHER_SEARCH
        if claim is None or (state.claim_used_ns is not None and claim.claimed_ns <= state.claim_used_ns):
            return Reason.NO_CLAIM
        if not self.holds(claim, seen, now_ns):
            return Reason.CLAIM_EXPIRED
        # A frame from before the claim shows who stood there then.
        return None if claim.claimed_ns <= captured_ns else Reason.NO_CLAIM

    def _front(self, occupants: tuple[Sighting, ...]) -> Sighting | None:
        """Who is meant: the only one, or the one clearly nearer than all others."""
        if len(occupants) == 1:
            return occupants[0]
        for front in occupants:
            if all(front.height >= self.settings.nearer * other.height for other in occupants if other is not front):
                return front
        return None

    # Everybody in the zone

    def _followed(self, state: State, seen: Observation, *, searched: bool) -> State:
        """The state with everybody's visit brought up to this frame."""
        t = seen.captured_ns
        visits = {
            track: visit
            for track, visit in state.visits.items()
            if t - visit.seen_ns <= (ATTACK_MEMORY if visit.attacked else self._keep)
        }
        for sighting in seen.occupants:
            visit = visits.get(sighting.track) or Visit(sighting.track, 0, t, t)
            visits[sighting.track] = self._followed_one(visit._replace(seen_ns=t), sighting, searched=searched)
        claims = state.claims
        if any(not self._worth_keeping(record, t) for record in claims.values()):
            claims = {person: record for person, record in claims.items() if self._worth_keeping(record, t)}
        empty_since = None if seen.occupants else (t if state.empty_since_ns is None else state.empty_since_ns)
        emptied = empty_since is not None and t - empty_since >= self._empty
        openings = () if emptied else tuple(o for o in state.openings if t - o.at_ns < self._cooldown)
        return State(state.frames + 1, t, visits, claims, openings, empty_since, state.claim_used_ns)

    def _worth_keeping(self, record: Record, t: int) -> bool:
        return record.locked(t) or any(t - refused <= self._memory for refused in record.refused_ns)

    def _followed_one(self, visit: Visit, sighting: Sighting, *, searched: bool) -> Visit:
        """A visit after one more sighting: does it still show the same person?"""
        asked = sighting.questions == "asking"
        if visit.asked and not asked:
            visit = visit.after_questions()
        visit = visit._replace(asked=asked)
        if sighting.liveness == "attack":
            return visit.in_doubt()._replace(attacked=True)
        if not sighting.certain:
            visit = visit.in_doubt()
        looks_like = self._looks_like(sighting) if searched else None
        if looks_like is None or looks_like == visit.person_id:
            return visit
        if not (self._usable(sighting) and self._apart(sighting)):
            # Somebody else's face, though poorly seen: no reason to say it changed, but reason enough to start again.
            return visit.without_votes() if visit.person_id is not None else visit
        return visit._replace(person_id=looks_like) if visit.person_id is None else visit.of_another(looks_like)

    # One sighting

    def _looks_like(self, sighting: Sighting) -> str | None:
        """Whom the face seen in this very frame is near enough to."""
        nearest = sighting.nearest
        if nearest is None or not (sighting.observed and sighting.fresh):
            return None
        return nearest.person_id if 0 <= nearest.distance <= self._threshold else None

    def _apart(self, sighting: Sighting) -> bool:
        """Whether the runner-up is far enough from the nearest."""
        nearest, runner_up = sighting.nearest, sighting.runner_up
        if nearest is None or runner_up is None:
            return True
        return runner_up.distance - nearest.distance >= self._margin

    def _usable(self, sighting: Sighting) -> bool:
        return self._unusable_for(sighting) is None

    def _unusable_for(self, sighting: Sighting) -> Reason | None:
        """Why this picture of a face says nothing about whose it is."""
        if not (sighting.observed and sighting.fresh):
            return Reason.CHECKING
        if not sighting.height >= self.settings.min_height:
            return Reason.COME_CLOSER
        if not sighting.quality >= self.settings.min_quality:
            return Reason.LOOK_HERE
        return None

    # The one in front

    def _judge(self, case: _Case) -> tuple[State, Decision]:
        """The decision about the one in front: are they looked at, are they somebody, may they enter?"""
        turned_away = self._turned_away(case)
        if turned_away is not None:
            return turned_away
        if self._questions_failed(case):
            return self._refused(case, Reason.NOT_LIVE, 0)
        unusable = self._unusable_for(case.sighting)
        if unusable is not None:  # a turned face is what was asked for
            return case.state, Hold(Reason.LIVENESS if case.visit.asked else unusable, self._evidence(case, 0))
        case.begin_or_go_on()
        person_id = self._looks_like(case.sighting)
        apart = self._apart(case.sighting)
        votes: tuple[Vote, ...] = ()
        if person_id is not None and apart and self._may_vote(case, person_id):
            votes = self._votes(case, person_id)
        if votes:
            case.visit = case.visit._replace(votes=votes)
        enough = len(votes) >= self.settings.votes
        if person_id is not None and enough:
            case.visit = case.visit._replace(recognised=Vote(case.state.frames, case.t, person_id, case.claim))
        if person_id is not None and (enough or (votes and self._recognised_on_the_way(case, person_id))):
            return self._recognised(case, person_id, max(len(votes), self.settings.votes))
        tie = person_id is not None and not apart
        if self._tried_long_enough(case):
            # Who was asked, known or not, is told the same.
            asked = Reason.NOT_LIVE if case.visit.asked else None
            return self._refused(case, asked or (Reason.TIE if tie else Reason.NOT_RECOGNISED), len(votes))
        reason = Reason.LIVENESS if case.visit.asked else Reason.TIE if tie else Reason.CHECKING
        return case.kept(), Hold(reason, self._evidence(case, len(votes)))

    def _turned_away(self, case: _Case) -> tuple[State, Decision] | None:
        """What is said to somebody whose face isn't looked at now, whoever they are."""
        t, sighting, visit, state = case.t, case.sighting, case.visit, case.state
        claimed = CLEAN if case.claim is None else state.claims.get(case.claim.person_id, CLEAN)
        if visit.record.locked(t) or claimed.locked(t):
            return state, Deny(Reason.LOCKED_OUT, self._evidence(case, 0), counted=False)
        attack, paused = sighting.liveness == "attack", t < visit.paused_until_ns
        if attack and not paused:
            return self._refused(case, Reason.ATTACK, 0)
        if paused or visit.attacked:
            # Whoever held up a picture steps out of the camera's sight and comes back as somebody new.
            reason = Reason.ATTACK if visit.attacked else visit.refused_for
            return state, Deny(reason, self._evidence(case, 0), counted=False)
        if case.seen.door != "ready":
            return state, Hold(Reason.DOOR_BUSY, self._evidence(case, 0))
        if any(opening.visit == visit.key for opening in state.openings):
            return state, Hold(Reason.COOLDOWN, self._evidence(case, 0))
        return None

    def _recognised(self, case: _Case, person_id: str, votes: int) -> tuple[State, Decision]:
        """Enough frames agree: may this person enter now?"""
        if not self._shows_life(case, person_id):
            if self._tried_long_enough(case):
                return self._refused(case, Reason.NOT_LIVE, votes)
            return case.kept(), Hold(Reason.LIVENESS, self._evidence(case, votes))
        # After the sign of life: a picture of somebody who has just gone in is told what any picture is.
        if any(opening.person_id == person_id for opening in case.state.openings):
            return case.kept(), Hold(Reason.COOLDOWN, self._evidence(case, votes))
        forbidden = _forbidden(case.seen, person_id)
        if forbidden is None:
            return self._granted(case, person_id, votes)
        if self._tried_long_enough(case):
            return self._refused(case, forbidden, votes)
        # Not at once: how soon somebody is refused would tell whether they are known.
        return case.kept(), Hold(Reason.LIVENESS if case.visit.asked else Reason.CHECKING, self._evidence(case, votes))

    def _shows_life(self, case: _Case, person_id: str) -> bool:
        """Whether this very person, on this very track, was found to be alive a moment ago, or needn't be."""
        if not (self.settings.require_live or case.seen.require_live):
            return True
        sign = case.sighting.life
        return (
            case.sighting.liveness == "live"
            and sign.person_id == person_id
            and sign.since_ns >= case.visit.alone_since_ns
            and 0 <= case.t - sign.at_ns <= self._life
        )

    def _recognised_on_the_way(self, case: _Case, person_id: str) -> bool:
        """Whether enough frames agreed while this very sign of life was made, which binds them to one face."""
        seen = case.visit.recognised
        return (
            seen is not None
            and (self.settings.require_live or case.seen.require_live)
            and (seen.person_id, seen.claim) == (person_id, case.claim)
            and case.sighting.life.since_ns <= seen.captured_ns
            and self._shows_life(case, person_id)
        )

    def _questions_failed(self, case: _Case) -> bool:
        """Whether a session of questions has just ended without the answers. Whoever it is, known or not."""
        last = case.visit.failed_ns
        return case.sighting.questions == "failed" and (last is None or case.sighting.life.at_ns > last)

    def _given_up(self, state: State, seen: Observation, now_ns: int) -> tuple[State, Decision] | None:
        """Questions that were given up are a refusal, or they could be drawn until they suit a recording. Who walks by
        is spared it, with no claim made and no movement asked of them for long."""
        sign = seen.abandoned
        visit = None if sign is None else state.visits.get(sign.track or 0)
        if sign is None or visit is None or (visit.failed_ns is not None and sign.at_ns <= visit.failed_ns):
            return None
        claim = visit.claim or seen.claim
        if claim is None and sign.at_ns - sign.since_ns < WALKED_BY:
            return None
        gone = Sighting(visit.track, 0.0, None, None, 0.0, sign, observed=False, fresh=False)
        return self._refused(_Case(state, replace(seen, claim=claim), gone, visit, now_ns), Reason.NOT_LIVE, 0)

    def _may_vote(self, case: _Case, person_id: str) -> bool:
        """Whether this frame can speak for `person_id`: claimed, where there is a claim; and while questions are asked,
        the very face that is asked."""
        asked_too = not case.visit.asked or case.sighting.life.person_id == person_id
        return asked_too and (case.claim is None or case.claim.person_id == person_id)

    def _votes(self, case: _Case, person_id: str) -> tuple[Vote, ...]:
        """The frames that agree on `person_id`, this one among them, that are recent enough to count."""
        first_frame, first_ns = case.state.frames - self.settings.frames + 1, case.t - self._window
        kept = (
            v
            for v in case.visit.votes
            if v.frame >= first_frame
            and v.captured_ns >= first_ns
            and v.person_id == person_id
            and v.claim == case.claim
        )
        return (*kept, Vote(case.state.frames, case.t, person_id, case.claim))

    def _tried_long_enough(self, case: _Case) -> bool:
        """Whether this attempt has failed. Enough frames must have been usable: a glance, and another one much later,
        are no attempt."""
        visit = case.visit
        patience = self._liveness if visit.asked else self._attempt
        since = case.t if visit.usable_since_ns is None else visit.usable_since_ns
        # Who showed the wrong badge first and then their own gets a try with it; who shows one after the other doesn't.
        looked_at = visit.claim_usable >= self.settings.frames or visit.claims >= CLAIMS_A_TRY
        return visit.usable >= self.settings.frames and looked_at and case.t - since >= patience

    def _refused(self, case: _Case, reason: Reason, votes: int) -> tuple[State, Decision]:
        evidence = self._evidence(case, votes)
        record = self._after_refusal(case.visit.record, case.t)
        failed_ns = case.sighting.life.at_ns if case.sighting.questions == "failed" else case.visit.failed_ns
        case.visit = case.visit.attempt_over()._replace(
            record=record, paused_until_ns=case.t + self._pause, refused_for=reason, failed_ns=failed_ns
        )
        locked = record.locked(case.t)
        state = case.kept()
        if case.claim is not None:
            claimed = self._after_refusal(state.claims.get(case.claim.person_id, CLEAN), case.t)
            state = state._replace(claims={**state.claims, case.claim.person_id: claimed})
            locked = locked or claimed.locked(case.t)
        return state, Deny(reason, evidence, counted=True, locked=locked)

    def _after_refusal(self, record: Record, t: int) -> Record:
        return record.refused(t, limit=self.settings.refusals, memory_ns=self._memory, lockout_ns=self._lockout)

    def _granted(self, case: _Case, person_id: str, votes: int) -> tuple[State, Decision]:
        grant = Grant(person_id, case.sighting.track, case.t, case.now_ns, self._evidence(case, votes))
        before, claim = case.state, case.claim
        claimed = CLEAN if claim is None else before.claims.get(claim.person_id, CLEAN)
        opening = Opening(case.visit.key, person_id, case.t, case.visit.record, claim, claimed, before.claim_used_ns)
        case.visit = case.visit.attempt_over()._replace(record=CLEAN)
        state = case.kept()._replace(openings=(*before.openings, opening))
        if claim is not None:
            claims = {person: record for person, record in state.claims.items() if person != claim.person_id}
            state = state._replace(claims=claims, claim_used_ns=claim.claimed_ns)
        return state, grant

    def _evidence(self, case: _Case, votes: int) -> Evidence:
        s, visit = case.sighting, case.visit
        return Evidence(
            mode=self.settings.mode,
            track=s.track,
            person_id=self._looks_like(s),
            nearest=None if s.nearest is None else s.nearest.distance,
            threshold=self._threshold,
            runner_up_id=None if s.runner_up is None else s.runner_up.person_id,
            runner_up=None if s.runner_up is None else s.runner_up.distance,
            margin_needed=self._margin,
            votes=votes,
            votes_needed=self.settings.votes,
            frames=self.settings.frames,
            height=s.height,
            quality=s.quality,
            liveness=s.liveness,
            liveness_reason=s.life.reason if s.life.track == s.track else "",
            latency_ms=(case.now_ns - case.t) / 1e6,
            waited_ms=None if visit.usable_since_ns is None else (case.t - visit.usable_since_ns) / 1e6,
            usable=visit.usable,
        )


@dataclass(slots=True)
class _Case:
    """One frame's question about the one in front, while it is being answered."""

    state: State
    seen: Observation
    sighting: Sighting
    visit: Visit
    now_ns: int

    @property
    def t(self) -> int:
        return self.seen.captured_ns

    @property
    def claim(self) -> Claim | None:
        return self.seen.claim

    def begin_or_go_on(self) -> None:
        """This is one more usable frame of an attempt, maybe its first."""
        visit = self.visit.about(self.claim)
        since = self.t if visit.usable_since_ns is None else visit.usable_since_ns
        self.visit = visit._replace(usable=visit.usable + 1, usable_since_ns=since, claim_usable=visit.claim_usable + 1)

    def kept(self) -> State:
        """The state with the visit as it is now."""
        return self.state._replace(visits={**self.state.visits, self.visit.track: self.visit})


def _forbidden(seen: Observation, person_id: str) -> Reason | None:
    """Why somebody who is recognised may not enter now."""
    permission = seen.permissions.get(person_id)
    if permission is None or not permission.allowed:
        return Reason.NOT_ALLOWED
    if not permission.active:
        return Reason.DEACTIVATED
    if not permission.within_hours(seen.local_time):
        return Reason.OUTSIDE_HOURS
    return None if permission.face_alone or seen.claim is not None else Reason.NEEDS_BADGE


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
