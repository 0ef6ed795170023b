"""The laws about signs of life, for `access_laws`: whose they are, how old, and what is said to who is asked."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from faceapp.access.observations import Sighting
from tests.fakes.access_histories import kind

if TYPE_CHECKING:
    from tests.fakes.access_laws import Laws

WAITING = ("checking", "tie", "liveness")
TELLING = ("checking", "tie", "look_here", "come_closer", "cooldown")
"""What would tell somebody who is being asked how they are doing otherwise."""


def against(laws: Laws, i: int, track: int, person: str) -> list[str]:
    """What a sign of life lacks in frame `i`, where one is needed."""
    face = laws.face(i, track)
    if face is None or not must_live(laws, i):
        return []
    sign, found = face.life, []
    if sign.state != "live":
        found.append("live where required")
    if sign.track != track:
        found.append("no other track's life")
    if sign.person_id != person:
        found.append("no other person's life")
    if not 0 <= laws.at(i) - sign.at_ns <= laws.s.life * 1e9:
        found.append("no old sign of life")
    if sign.since_ns < _alone_since(laws, i, track):
        found.append("nobody else since the sign of life began")
    return found


def answers_against(laws: Laws, i: int, front: Sighting) -> list[str]:
    """What must not be said, or not stay unsaid, to the one in front in frame `i`, which isn't a grant."""
    step, track, found = laws.steps[i], front.track, []
    code, counted = step.decision.reason.code, kind(step) == "Deny" and step.decision.counted
    attack = is_attack(front)
    if attack and laws.asked(i) and step.seen.door == "ready" and kind(step) != "Deny":
        found.append("an attack is refused")
    if attack and code == "attack" and not (counted or laws.stands(i, track)):
        found.append("every attack counts")
    if kind(step) == "Hold" and code in WAITING and _failed(laws, i, track):
        found.append("who doesn't answer is refused")
    if kind(step) == "Hold" and code in TELLING and asking(laws, i, track):
        if code != "cooldown" or _owes_life(laws, i, track):
            found.append("who is asked learns nothing else")
    elif kind(step) == "Hold" and code == "cooldown" and _owes_life(laws, i, track):
        found.append("no picture learns who went in")
    refused_for_time = counted and code == "not_live" and not _failed(laws, i, track)
    needless = not (must_live(laws, i) or asking(laws, i, track))
    if refused_for_time and not told_given_up(laws, i) and (needless or laws.in_a_hurry(i, track)):
        found.append("nobody is refused for another's questions")
    return found


def recognised_on_the_way(laws: Laws, i: int, track: int, person: str) -> int | None:
    """The first of enough votes that were cast while the sign of life was made which frame `i` shows, with the same
    claim and in the same attempt; None where there are none."""
    face, claim = laws.face(i, track), laws.steps[i].seen.claim
    if face is None or not must_live(laws, i) or against(laws, i, track, person):
        return None
    ended = [j for j in laws.refusals(i) if laws.refused_track(j) == track]
    ended += [j for j in range(i) if kind(laws.steps[j]) == "Grant" and laws.steps[j].decision.track == track]
    for j in range(max(ended, default=-1) + 1, i):
        first = laws.first_vote(j, track, person)
        in_time = laws.at(j) >= face.life.since_ns and laws.steps[j].seen.claim == claim
        if in_time and first is not None and first > max(ended, default=-1):
            return first
    return None


def told_given_up(laws: Laws, i: int) -> bool:
    """Whether frame `i` refuses somebody for questions that were given up."""
    step = laws.steps[i]
    return (
        kind(step) == "Deny"
        and step.decision.counted
        and step.decision.evidence.liveness_reason == "questions_abandoned"
    )


def given_up_against(laws: Laws, i: int) -> list[str]:
    """Questions that are given up are a refusal, once, of whoever they were put to; walking by is none."""
    seen, told = laws.steps[i].seen, told_given_up(laws, i)
    sign = seen.abandoned
    if sign is None or sign.track is None or not laws.trusted[i]:
        return ["nobody is refused for nothing"] if told else []
    if told and laws.refused_track(i) != sign.track:
        return ["no other is refused for it"]
    again = any(
        laws.refused_track(j) == sign.track and (_refused_for_ns(laws, j) or 0) >= sign.at_ns for j in laws.refusals(i)
    )
    walked_by = seen.claim is None and sign.at_ns - sign.since_ns < 800_000_000
    owed = not again and not walked_by and _remembered(laws, i, sign.track)
    if owed == told:
        return []
    return ["who walks by isn't refused, nor anybody twice"] if told else ["questions that are given up count"]


def _refused_for_ns(laws: Laws, j: int) -> int | None:
    """The end of the questions that the refusal in frame `j` is about, or tells of."""
    abandoned = laws.steps[j].seen.abandoned
    if told_given_up(laws, j) and abandoned is not None:
        return abandoned.at_ns
    return _failed_ns(laws, j, laws.refused_track(j))


def _remembered(laws: Laws, i: int, track: int) -> bool:
    """Whether the track was in the zone not too long before frame `i`."""
    there = _there(laws, i, track)
    attacked = any((face := laws.face(j, track)) is not None and is_attack(face) for j in there)
    return bool(there) and laws.at(i) - laws.at(there[-1]) <= (3600 if attacked else _kept_s(laws)) * 1e9


def _kept_s(laws: Laws) -> float:
    s = laws.s
    return max(s.cooldown, s.lockout, s.refusal_memory, s.attempt, s.liveness, s.window, s.pause)


def _owes_life(laws: Laws, i: int, track: int) -> bool:
    """Whether the track has yet to show the life that is asked of it, and isn't the one that was just let in."""
    person = laws.shows(i, track)
    return not laws.was_let_in(i, track) and person is not None and bool(against(laws, i, track, person))


def must_live(laws: Laws, i: int) -> bool:
    return laws.s.require_live or laws.steps[i].seen.require_live


def is_attack(face: Sighting) -> bool:
    return face.life.track == face.track and face.life.state == "attack"


def asking(laws: Laws, i: int, track: int) -> bool:
    """Whether the track is being asked in frame `i`."""
    face = laws.face(i, track)
    return face is not None and face.life.track == track and face.life.questions == "asking"


def claim_held_s(laws: Laws, i: int) -> float:
    """How much longer a claim holds in frame `i`: somebody there answers questions, or just has, that were begun while
    it would have held anyway."""
    claim = laws.steps[i].seen.claim
    faces = (f for f in laws.steps[i].seen.occupants if f.life.track == f.track)
    asked = [f.life.since_ns for f in faces if f.life.questions != "none" or f.life.state == "live"]
    answering = claim is not None and any(since - claim.claimed_ns <= laws.s.claim * 1e9 for since in asked)
    return max(laws.s.attempt, laws.s.liveness) if answering else 0.0


def asked_until(laws: Laws, i: int, track: int) -> int:
    """The frame in which the last questions to the track had ended, before or in frame `i`; 0: there were none."""
    ends = (
        j
        for before, j in pairwise(_there(laws, i, track))
        if asking(laws, before, track) and not asking(laws, j, track)
    )
    return max(ends, default=0)


def _there(laws: Laws, i: int, track: int) -> list[int]:
    return [j for j in range(i + 1) if laws.trusted[j] and laws.face(j, track) is not None]


def _alone_since(laws: Laws, i: int, track: int) -> int:
    """When the first frame was taken since which the track has shown nobody else and was never in doubt."""
    there, kept = _there(laws, i, track), _kept_s(laws)
    first = there[0]
    for before, j in pairwise(there):
        gone = laws.at(j) - laws.at(before) > kept * 1e9  # and came back as anybody might
        face = laws.face(j, track)
        doubt = face is None or not face.certain or is_attack(face)
        if gone or doubt or laws.visit(j, track)[0] != laws.visit(before, track)[0]:
            first = j
    return laws.at(first)


def _failed(laws: Laws, i: int, track: int) -> bool:
    """Whether a session of questions has failed in frame `i` for which nobody was refused yet."""
    failed_ns = _failed_ns(laws, i, track)
    earlier = (_refused_for_ns(laws, j) for j in laws.refusals(i) if laws.refused_track(j) == track)
    return failed_ns is not None and not any(ns is not None and ns >= failed_ns for ns in earlier)


def _failed_ns(laws: Laws, i: int, track: int) -> int | None:
    """The end of the session that failed, where frame `i` tells of one."""
    face = laws.face(i, track)
    if face is None or face.life.track != track or face.life.questions != "failed":
        return None
    return face.life.at_ns
