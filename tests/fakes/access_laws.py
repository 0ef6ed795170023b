"""The laws of the door, checked over a whole story by looking back at everything that was seen.

Written from the rules, not from the policy: nothing is carried from frame to frame, every question goes through the
history anew. A broken law is returned as its name. Slow and simple on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from faceapp.access.observations import Claim, Sighting
from faceapp.access.policy_settings import PolicySettings
from tests.fakes import access_life_laws as life
from tests.fakes import access_right_laws as rights
from tests.fakes.access_histories import Step, kind

WAITING = ("checking", "tie", "liveness")
ALIKE = ("not_recognised", "tie", "not_allowed", "deactivated", "outside_hours", "needs_badge")
"""Refusals that must not be told apart by how soon they come."""
BREAK_NS = 250_000_000


class Laws:
    """The laws under some settings, for one story."""

    def __init__(self, settings: PolicySettings, steps: Sequence[Step]) -> None:
        self.s = settings
        self.steps = steps
        self.limit = settings.door_threshold if settings.mode == "identify" else settings.verify_threshold
        self.trusted = self._trusted()
        # Questions asked again and again about a story that doesn't change.
        self.front = cache(self._front)
        self.shows = cache(self._shows)

    def broken(self) -> list[str]:
        """The names of all laws the story breaks."""
        found = []
        for i, step in enumerate(self.steps):
            found += [f"{law} (frame {i})" for law in life.given_up_against(self, i)]
            if kind(step) == "Grant":
                found += [f"{law} (frame {i})" for law in self.against_opening(i, step.decision.track)]
                if step.decision.person_id != self.shows(i, step.decision.track):
                    found.append(f"the one who is seen (frame {i})")
            else:
                found += self._shut_without_reason(i)
        return found

    def against_opening(self, i: int, track: int) -> list[str]:
        """Every law that forbids opening in frame `i` for `track`."""
        face, person = self.face(i, track), self.shows(i, track)
        if face is None:
            return ["somebody in the zone"]
        found = self._frame_against(i)
        if self.front(i) is not face:
            found.append("no two people")
        if life.is_attack(face):
            found.append("no attack")
        if self._attacked(i, track):
            found.append("no attack on this track, ever")
        if person is None:
            return [*found, "under the threshold"]
        if not self.agrees(i, track, person):
            found.append("the deciding frame agrees")
        found += life.against(self, i, track, person)
        found += self._votes_against(i, track, person)
        found += rights.against(self, i, person)
        found += self._cooldown_against(i, track, person)
        found += self._refusals_against(i, track)
        return found

    def _frame_against(self, i: int) -> list[str]:
        seen, found = self.steps[i].seen, []
        age = self.steps[i].now_ns - seen.captured_ns
        if age < 0 or age > self.s.max_age * 1e9:
            found.append("no old frame")
        if any(self.trusted[j] and self.at(j) >= self.at(i) for j in range(i)):
            found.append("no frame twice")
        if len({seen.space, seen.gallery_space, self.s.space}) != 1:
            found.append("no other embedder")
        if seen.door != "ready":
            found.append("no unready door")
        if not self.asked(i):
            found.append("faces searched for as claimed")
        if self.s.mode == "verify" and (
            seen.claim is None or any(self._claim_of_grant(j, seen.claim) for j in range(i))
        ):
            found.append("each claim opens once")
        return found

    # What a frame shows

    def at(self, i: int) -> int:
        return self.steps[i].seen.captured_ns

    def _trusted(self) -> list[bool]:
        """For each frame: whether it is from now, new, and of this embedder."""
        found, newest = [], -1
        for i, step in enumerate(self.steps):
            seen, age = step.seen, step.now_ns - step.seen.captured_ns
            found.append(
                0 <= age <= self.s.max_age * 1e9
                and seen.space == seen.gallery_space == self.s.space
                and self.at(i) > newest
            )
            newest = self.at(i) if found[-1] else newest
        return found

    def face(self, i: int, track: int) -> Sighting | None:
        return next((f for f in self.steps[i].seen.occupants if f.track == track), None)

    def _front(self, i: int) -> Sighting | None:
        """The only one in the zone, or the one clearly nearer than each of the others."""
        faces = self.steps[i].seen.occupants
        clear = [f for f in faces if all(g is f or f.height >= self.s.nearer * g.height for g in faces)]
        return clear[0] if len(clear) == 1 else None

    def _shows(self, i: int, track: int) -> str | None:
        """Whom the track shows beyond the threshold in this very frame."""
        face = self.face(i, track)
        if face is None or not self.trusted[i] or not self.asked(i):
            return None
        if face.nearest is None or not face.observed or not face.fresh or life.is_attack(face):
            return None
        return face.nearest.person_id if 0 <= face.nearest.distance <= self.limit else None

    def asked(self, i: int) -> bool:
        """Whether the faces were searched for as the mode wants it."""
        claim = self.steps[i].seen.claim
        if self.s.mode == "identify":
            return claim is None
        return (
            claim is not None
            and claim.claimed_ns <= self.at(i)
            and self.steps[i].now_ns - claim.claimed_ns <= (self.s.claim + life.claim_held_s(self, i)) * 1e9
            and not any(self._claim_of_grant(j, claim) for j in range(i))
        )

    def _claim_of_grant(self, j: int, claim: Claim) -> bool:
        """Whether frame `j` opened for this claim or a later one."""
        earlier = self.steps[j].seen.claim
        return kind(self.steps[j]) == "Grant" and earlier is not None and earlier.claimed_ns >= claim.claimed_ns

    def usable(self, face: Sighting) -> bool:
        """Whether the picture of the face is good enough to say anything."""
        good = face.height >= self.s.min_height and face.quality >= self.s.min_quality
        return good and face.observed and face.fresh

    def well_seen(self, face: Sighting) -> bool:
        """Whether the face is usable and nobody else is about as near."""
        if face.nearest is None or not self.usable(face):
            return False
        return face.runner_up is None or (face.runner_up.distance - face.nearest.distance >= self.s.margin * self.limit)

    def agrees(self, i: int, track: int, person: str) -> bool:
        face = self.face(i, track)
        if face is None or self.front(i) is not face or self.shows(i, track) != person:
            return False
        if life.asking(self, i, track) and face.life.person_id != person:
            return False  # another face than the one that is asked
        claim = self.steps[i].seen.claim
        return self.well_seen(face) and (claim is None or claim.person_id == person)

    # Votes

    def _votes_against(self, i: int, track: int, person: str) -> list[str]:
        agreeing = self._agreeing(i, track, person)
        if len(agreeing) < self.s.votes:
            on_the_way = life.recognised_on_the_way(self, i, track, person)
            return ["enough votes"] if on_the_way is None else self.against_going_on(on_the_way, i, track, person)
        return self.against_going_on(agreeing[-self.s.votes], i, track, person)

    def _agreeing(self, i: int, track: int, person: str) -> list[int]:
        """The frames that agree with frame `i`."""
        return [
            j
            for j in range(max(0, i - self.s.frames + 1), i + 1)
            if self.at(i) - self.at(j) <= self.s.window * 1e9
            and self.steps[j].seen.claim == self.steps[i].seen.claim
            and self.agrees(j, track, person)
        ]

    def first_vote(self, i: int, track: int, person: str) -> int | None:
        """The first of the votes that would do in frame `i`; None where there are too few."""
        agreeing = self._agreeing(i, track, person) if self.agrees(i, track, person) else []
        return agreeing[-self.s.votes] if len(agreeing) >= self.s.votes else None

    def against_going_on(self, first: int, i: int, track: int, person: str) -> list[str]:
        """What speaks against one person having stood there from frame `first` to frame `i`."""
        found = []
        for j in range(first, i + 1):
            face = self.face(j, track)
            if not self.trusted[j]:
                found.append("nothing unknown in between")
            elif face is not None:
                if life.is_attack(face):
                    found.append("no attack among the votes")
                if j > first and not face.certain:
                    found.append("no doubt about the track")
                if self.shows(j, track) not in (None, person):
                    found.append("nothing contradicts")
        return found

    # Visits

    def visit(self, i: int, track: int) -> tuple[int, int]:
        """The how manieth person the track shows in frame `i`; and the first of those whose record goes on: a change
        of face after a picture was held up is no fresh start."""
        number = first = 0
        person, attacked = None, False
        for j in range(i + 1):
            face = self.face(j, track)
            if face is None or not self.trusted[j]:
                continue
            attacked = attacked or life.is_attack(face)
            shown = self.shows(j, track)
            if shown is None or not self.well_seen(face):
                continue
            if person is not None and shown != person:
                number += 1
                first = first if attacked else number
            person = shown
        return number, first

    def _one_record(self, j: int, i: int, track: int) -> bool:
        """Whether refusals of `track` in frame `j` count in frame `i`."""
        return self.visit(j, track)[1] == self.visit(i, track)[1]

    def _attacked(self, i: int, track: int) -> bool:
        """Whether a picture was held up on this track before frame `i`."""
        faces = (self.face(j, track) for j in range(i) if self.trusted[j])
        return any(face is not None and life.is_attack(face) for face in faces)

    def _cooldown_against(self, i: int, track: int, person: str | None) -> list[str]:
        same_person = any(self.steps[j].decision.person_id == person for j in self._cooling(i))
        return ["cooldown"] if same_person or self.was_let_in(i, track) else []

    def _cooling(self, i: int) -> list[int]:
        """The openings before frame `i` whose cooldown isn't over."""
        grants = (j for j in range(i) if kind(self.steps[j]) == "Grant")
        return [j for j in grants if self.at(i) - self.at(j) < self.s.cooldown * 1e9 and not self._was_empty(j, i)]

    def was_let_in(self, i: int, track: int) -> bool:
        """Whether the door has just been opened for this visit."""
        return any(
            self.steps[j].decision.track == track and self.visit(j, track)[0] == self.visit(i, track)[0]
            for j in self._cooling(i)
        )

    def _was_empty(self, last: int, i: int) -> bool:
        """Whether the zone was empty between two frames, without a break and for long enough."""
        for a in range(last + 1, i):
            for b in range(a, i):
                if not self.trusted[b] or self.steps[b].seen.occupants:
                    break
                if self.at(b) - self.at(a) >= self.s.empty * 1e9:
                    return True
        return False

    def _refusals_against(self, i: int, track: int) -> list[str]:
        found = self._lockouts(i, track)
        return [*found, "a refusal stands"] if self.stands(i, track) else found

    def stands(self, i: int, track: int) -> bool:
        """Whether frame `i` lies in the pause after a refusal."""
        last = [j for j in self.refusals(i) if self.refused_track(j) == track and self._one_record(j, i, track)][-1:]
        return bool(last) and self.at(i) - self.at(last[0]) < self.s.pause * 1e9

    def _lockouts(self, i: int, track: int) -> list[str]:
        """What is locked out in frame `i`."""
        found = []
        refusals, grants = self.refusals(i), [j for j in range(i) if kind(self.steps[j]) == "Grant"]
        of_visit = [j for j in refusals if self.refused_track(j) == track and self._one_record(j, i, track)]
        opened = [j for j in grants if self.steps[j].decision.track == track and self._one_record(j, i, track)]
        if self._locked(of_visit, opened, i):
            found.append("lockout of a track")
        claim = self.steps[i].seen.claim
        if claim is not None:
            of_claim = [j for j in refusals if self._claims(j, claim.person_id)]
            if self._locked(of_claim, [j for j in grants if self._claims(j, claim.person_id)], i):
                found.append("lockout of a claim")
        return found

    def _claims(self, j: int, person: str) -> bool:
        claim = self.steps[j].seen.claim
        return claim is not None and claim.person_id == person

    def refusals(self, i: int) -> list[int]:
        return [j for j in range(i) if kind(self.steps[j]) == "Deny" and self.steps[j].decision.counted]

    def refused_track(self, j: int) -> int:
        track: int = self.steps[j].decision.evidence.track
        return track

    def _locked(self, refusals: list[int], grants: list[int], i: int) -> bool:
        """Whether some refusal before frame `i` was one too many, and its lockout isn't over."""
        counted: list[int] = []
        until = None
        for j in refusals:
            counted = [k for k in counted if self.at(j) - self.at(k) <= self.s.refusal_memory * 1e9]
            counted = [k for k in counted if not any(k < g < j for g in grants)]
            counted.append(j)
            if len(counted) >= self.s.refusals:
                counted, until = [], self.at(j) + self.s.lockout * 1e9
        return until is not None and self.at(i) < until

    # What must not stay shut, or be said, without reason

    def _shut_without_reason(self, i: int) -> list[str]:
        """Laws for whoever is entitled to an answer."""
        step, front = self.steps[i], self.front(i)
        code = step.decision.reason.code
        if not self.trusted[i] or front is None:
            return []
        found = [f"{law} (frame {i})" for law in life.answers_against(self, i, front)]
        if kind(step) == "Hold" and code in WAITING:
            if self._deserves(i, front.track):
                found.append(f"the right person is let in (frame {i})")
            if self._waits_too_long(i, front.track):
                found.append(f"nobody waits for ever (frame {i})")
        if code == "cooldown" and not self._cooldown_against(i, front.track, self.shows(i, front.track)):
            found.append(f"no cooldown for the next (frame {i})")
        if code == "locked_out" and not self._lockouts(i, front.track):
            found.append(f"nobody is locked out for another (frame {i})")
        if kind(step) == "Deny" and step.decision.counted and code in ALIKE[2:]:
            person = self.shows(i, front.track)
            if person is None or not rights.against(self, i, person):
                found.append(f"nobody is turned away who may enter (frame {i})")
        if kind(step) == "Deny" and step.decision.counted and code in ALIKE:
            if self.in_a_hurry(i, front.track):
                found.append(f"nobody is refused in a hurry (frame {i})")
            if self.was_let_in(i, front.track):
                found.append(f"nobody is refused on the way in (frame {i})")
        return found

    def in_a_hurry(self, i: int, track: int) -> bool:
        """Whether frame `i` comes too early for a refusal: of the visitor, or of a claim after one mistaken one."""
        tried = [j for j in range(life.asked_until(self, i, track), i + 1) if self._tried(j, track)]
        patience = max(self.s.attempt, self.s.liveness if life.asking(self, i, track) else 0.0)
        if len(tried) < self.s.frames or self.at(i) - self.at(tried[0]) < patience * 1e9:
            return True
        claims = [self.steps[j].seen.claim for j in tried]
        changes = sum(one != other for one, other in pairwise(claims))
        return claims.count(claims[-1]) < self.s.frames and changes < 2

    def _tried(self, i: int, track: int) -> bool:
        """Whether frame `i` shows the track well enough to say who it isn't."""
        face = self.front(i)
        return face is not None and face.track == track and self.trusted[i] and self.usable(face)

    def _deserves(self, i: int, track: int) -> bool:
        """Whether N frames in a row agree and no law is against opening."""
        person, n = self.shows(i, track), self.s.votes
        return (
            person is not None
            and self._has_waited(i, track, n)
            and all(self.agrees(j, track, person) for j in range(i - n + 1, i + 1))
            and not self.against_opening(i, track)
        )

    def _has_waited(self, i: int, track: int, frames: int) -> bool:
        """Whether the last so many frames were usable ones of this track, with one claim and no long break."""
        if i + 1 < frames:
            return False
        last = range(i - frames + 1, i + 1)
        return all(
            self.trusted[j]
            and kind(self.steps[j]) == "Hold"
            and self.steps[j].decision.reason.code in WAITING
            and (front := self.front(j)) is not None
            and front.track == track
            and self.usable(front)
            and self.steps[j].seen.claim == self.steps[i].seen.claim
            for j in last
        ) and all(self.at(j) - self.at(j - 1) <= BREAK_NS for j in last[1:])

    def _waits_too_long(self, i: int, track: int) -> bool:
        patience = max(self.s.attempt, self.s.liveness if life.asking(self, i, track) else 0.0) * 1e9
        for frames in range(max(2, self.s.frames), i + 2 - life.asked_until(self, i, track)):
            if (
                not self._has_waited(i, track, frames)
                or self.visit(i - frames + 1, track)[0] != self.visit(i, track)[0]
            ):
                return False
            if self.at(i) - self.at(i - frames + 1) >= patience:
                return True
        return False
