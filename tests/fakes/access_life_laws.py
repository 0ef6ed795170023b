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
    if refused_for_time and (needless or laws.in_a_hurry(i, track)):
        found.append("nobody is refused for another's questions")
    return found


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
    s, there = laws.s, _there(laws, i, track)
    kept = max(s.cooldown, s.lockout, s.refusal_memory, s.attempt, s.liveness, s.window, s.pause)
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
    earlier = (_failed_ns(laws, j, track) for j in laws.refusals(i) if laws.refused_track(j) == track)
    return failed_ns is not None and not any(ns is not None and ns >= failed_ns for ns in earlier)


def _failed_ns(laws: Laws, i: int, track: int) -> int | None:
    """The end of the session that failed, where frame `i` tells of one."""
    face = laws.face(i, track)
    if face is None or face.life.track != track or face.life.questions != "failed":
        return None
    return face.life.at_ns
