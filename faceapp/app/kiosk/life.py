"""Is it a living person? What the sources of liveness say of the one in front, as the one word the door's policy takes.

Everybody is asked who is looked at, known or not: if the questions came only to those whom the door would open to,
they would tell a stranger with a photograph whose picture is worth having. They begin with the second frame in which a
face can be judged, while it is still being recognised, so they cost nobody time that was needed anyway.

What was found out is bound to the track and to the face: a face that isn't the one that was asked (by the distance of
their embeddings, so that it works for strangers too) has no sign of life, and the policy looks at both again.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from faceapp.access.decisions import Decision, Deny, Grant, Reason
from faceapp.access.observations import NO_SIGN, LifeSign
from faceapp.access.visits import WALKED_BY
from faceapp.app.kiosk.life_rules import InForce
from faceapp.app.kiosk.types import Question
from faceapp.settings import LivenessMode
from faceapp.types import Floats, Frame, FrameResult, Match, TrackedFace
from faceapp.vision.liveness import evidence as found
from faceapp.vision.liveness.challenge import ACTIVE, ActiveChallenge, View
from faceapp.vision.liveness.evidence import Evidence, LivenessSource
from faceapp.vision.liveness.parallax import Direction
from faceapp.vision.liveness.questions import Instruction, Progress
from faceapp.vision.quality import pose

AWAY_NS = 500_000_000
"""Nobody alone in front for so long: the questions begin anew, for whoever comes."""
WINDOW_NS = 1_000_000_000
"""What a passive source's evidence rests on: `PassiveSource`'s window."""
TURNED = 25.0
"""Degrees of yaw beyond which a passive model, trained on people who look at the camera, isn't asked."""

NEAR = 1.05
"""How much further than the same-person distance (0.50) a turned face may be from the frontal one. Of AT&T's people
turned to a shift of 0.1 and more none of 157 was further than 0.45, a man at a webcam in none of 68 frames; of 10,000
pairs of two people one in a hundred was nearer than 0.49 to 0.52, one in twenty nearer than 0.54."""
ABANDONED = "questions_abandoned"
"""Why somebody is refused who was asked and left, or had another face come between."""
REMEMBERED = 64
"""Tracks whose unanswered questions are kept."""

_ASKED = frozenset({Reason.CHECKING, Reason.TIE, Reason.LIVENESS})
"""Who is told this is being looked at."""
_NO_MATTER = frozenset({Reason.STALE_FRAME, Reason.LOOK_HERE, Reason.COME_CLOSER, Reason.NOBODY, Reason.TWO_PEOPLE})
"""Changes nothing for a moment."""
_OURS = frozenset({Reason.OUT_OF_ORDER, Reason.OTHER_EMBEDDER, Reason.OTHER_SEARCH, Reason.DOOR_BUSY})
"""Ends the questions, and is no fault of theirs."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of the one in front after one more frame."""

    sign: LifeSign = NO_SIGN
    question: Question | None = None
    """To be shown; None: nothing is asked."""
    required: bool = False
    """Whether the door needs a sign of life."""
    abandoned: LifeSign | None = None
    """Questions that were shown and left unanswered, until the policy has heard of it."""
    in_force: InForce | None = None
    """What is required at this moment, and whose choice that is; None: not looked up."""


@dataclass(slots=True)
class _Session:
    """One session of questions."""

    challenge: ActiveChallenge
    since_ns: int
    anchor: Floats | None = None
    """The embedding (D,) of the face that is asked."""
    newest: Floats | None = None
    looks: list[Floats] = field(default_factory=list)
    """Embeddings of the looks at the camera before each question of this try..."""
    answers: list[Floats] = field(default_factory=list)
    """...and of the answers. Whoever enters must be like all of them: a face in the middle is like two people."""
    ended_ns: int | None = None
    """When it was passed or had failed."""
    answered: bool = False
    shown_ns: int | None = None
    """When a movement was first shown..."""
    last_shown_ns: int = 0
    """...and last."""


@dataclass(slots=True)
class _Passive:
    """What the passive source said last of this face."""

    evidence: Evidence
    at_ns: int


class Examiner:
    """Asks the sources about the one in front. The recognition thread owns it. Whatever goes wrong in a source is
    *unknown*, and where a sign of life is needed that opens nothing."""

    def __init__(
        self,
        *,
        same_person: float,
        life: float,
        passive: LivenessSource | None = None,
        begin: Callable[[], ActiveChallenge] = ActiveChallenge,
    ) -> None:
        """`same_person`: distance up to which two embeddings are one person's (the space's verify threshold); `life`:
        seconds for which an answered session counts (the policy's). `begin` makes a session of questions."""
        self._same_person = same_person
        self._life_ns = round(life * 1e9)
        self._passive = passive
        self._begin = begin
        self._track: int | None = None
        self._seen_ns = 0
        self._anchored_ns = 0
        self._wanted: int | None = None
        self._session: _Session | None = None
        self._heard: _Passive | None = None
        self._anchor: Floats | None = None
        self._changed = False  # whether the passive source is still to be told so
        self._complained = False
        self._left: LifeSign | None = None
        self._unfinished: dict[int, ActiveChallenge] = {}
        """By track: what its questions were."""
        self._known: tuple[Direction, ...] = ()
        """Questions that somebody saw who left without being refused for it."""

    def look(
        self,
        frame: Frame | None,
        result: FrameResult,
        front: TrackedFace | None,
        seen: Callable[[int], tuple[Floats, Match | None] | None],
        mode: LivenessMode,
    ) -> Examined:
        """What is known after this frame. `front`: who is meant, alone or clearly nearest; `seen`: a track's embedding
        (D,) of this very frame; `mode`: what is required of them."""
        examined = self._look(frame, result, front, seen, mode)
        return examined if self._left is None else dataclasses.replace(examined, abandoned=self._left)

    def _look(
        self,
        frame: Frame | None,
        result: FrameResult,
        front: TrackedFace | None,
        seen: Callable[[int], tuple[Floats, Match | None] | None],
        mode: LivenessMode,
    ) -> Examined:
        now_ns = result.captured_ns
        if mode == "off":
            self._give_up(theirs=False)
            self._forget()
            return Examined()
        if front is None:
            self._nobody(now_ns)
            return Examined(required=True)
        if front.track != self._track:
            self._forget()
            self._track, self._anchored_ns = front.track, now_ns
        self._seen_ns = now_ns
        if self._wanted != front.track:
            return Examined(required=True)
        found_now = seen(front.track) if front.fresh else None
        vector = None if found_now is None else found_now[0]
        same = self._is_same(vector, now_ns)
        told: list[tuple[Evidence, int, int]] = []
        if mode == "passive" and self._session is not None:
            self._give_up(theirs=False)  # another hour, or another badge: nothing is asked any more
        if mode in ("active", "both"):
            told.append(self._ask(front, vector, now_ns))
        if mode in ("passive", "both"):
            told.append(self._listen(frame, front, now_ns))
        return Examined(self._weighed(front, same, told), self._question(now_ns), required=True)

    def decided(self, decision: Decision) -> None:
        """What the policy made of the frame: who is looked at, is examined in the next one."""
        reason = None if isinstance(decision, Grant) else decision.reason
        if reason not in (Reason.STALE_FRAME, Reason.OTHER_EMBEDDER):
            self._left = None  # it was heard
        if not isinstance(decision, Grant) and not isinstance(decision, Deny):
            if decision.reason in _NO_MATTER or (decision.reason is Reason.DOOR_BUSY and self._passed):
                return
            if decision.reason in _ASKED and decision.evidence is not None:
                self._wanted = decision.evidence.track
                return
        self._wanted = None
        if not (isinstance(decision, Deny) and self._passed):
            # Who has answered and wasn't recognised tries again without being asked again.
            counted = isinstance(decision, Deny) and decision.counted
            self._give_up(theirs=not counted and reason not in _OURS, counted=counted)

    def close(self) -> None:
        """Let go of the passive source's thread."""
        if isinstance(self._passive, found.Removable | found.Guarded):
            self._passive.close()

    @property
    def _passed(self) -> bool:
        return self._session is not None and self._session.challenge.state == "live"

    def _give_up(self, *, theirs: bool, counted: bool = False) -> None:
        """The session ends as it stands. One that was not answered goes on with the same questions, and is
        told to the policy if it ended for something that is the visitor's. `counted`: it was refused."""
        session, track = self._session, self._track
        self._session = None
        if session is None or track is None:
            return
        glimpsed = session.shown_ns is not None and not (counted or session.answered)
        if glimpsed and theirs:  # for longer it is a refusal
            glimpsed = session.last_shown_ns - (session.shown_ns or 0) < WALKED_BY
        if session.shown_ns is not None:
            self._known = session.challenge.shown if glimpsed else ()
        if session.answered:
            return
        if not session.challenge.over:
            self._unfinished[track] = session.challenge.again()
            while len(self._unfinished) > REMEMBERED:
                del self._unfinished[next(iter(self._unfinished))]
        if theirs and session.shown_ns is not None:
            self._left = LifeSign(
                "unknown",
                track,
                None,
                session.shown_ns,
                session.last_shown_ns,
                ABANDONED,
                "failed",
            )

    def _forget(self) -> None:
        self._give_up(theirs=True)
        self._track = self._session = self._heard = self._anchor = None

    def _nobody(self, now_ns: int) -> None:
        if self._track is None:
            return
        if now_ns - self._seen_ns > AWAY_NS:
            self._forget()
        elif self._session is not None:
            self._observe(self._session, None, now_ns)

    # The same face?

    def _is_same(self, vector: Floats | None, now_ns: int) -> bool:
        """Whether this frame shows the face that the sign of life is about."""
        if vector is None:
            return False
        session = self._session
        anchor = session.anchor if session is not None else self._anchor
        if anchor is not None and self._near(anchor, vector) and (session is None or self._near_all(session, vector)):
            return True
        # Another view, or another person: what was heard so far may be somebody else's.
        self._anchored_ns, self._heard, self._changed = now_ns, None, True
        if session is None:
            self._anchor = vector
        return False

    def _near(self, anchor: Floats, vector: Floats, times: float = 1.0) -> bool:
        return float(np.linalg.norm(anchor - vector)) <= times * self._same_person

    def _drawn(self) -> ActiveChallenge:
        """New questions; first those that somebody has seen."""
        new = self._begin()
        return new.after(self._known) if self._known else new

    def _near_all(self, session: _Session, vector: Floats) -> bool:
        """Whether it is like everybody who looked and answered in this try."""
        looks, answers = session.looks, session.answers
        return all(self._near(v, vector) for v in looks) and all(self._near(v, vector, NEAR) for v in answers)

    # The sources

    def _ask(self, front: TrackedFace, vector: Floats | None, now_ns: int) -> tuple[Evidence, int, int]:
        """The questions' evidence, since when, and up to when."""
        session = self._session
        if session is None or (self._passed and now_ns - (session.ended_ns or 0) > self._life_ns):
            before = self._unfinished.pop(front.track, None)
            session = self._session = _Session(self._drawn() if before is None else before, now_ns)
        challenge = session.challenge
        if session.anchor is None:
            session.anchor = vector
        same = near = None
        if vector is not None and session.anchor is not None:
            same, near = self._near(session.anchor, vector), self._near(session.anchor, vector, NEAR)
        was = challenge.progress(now_ns)
        if not self._observe(session, View.of(front, same, near), now_ns):
            return Evidence(ACTIVE, "unknown", found.Reason.CRASHED), now_ns, now_ns
        session.newest = session.newest if vector is None else vector
        self._note(session, was, challenge.progress(now_ns))
        if challenge.over and session.ended_ns is None:
            session.ended_ns = now_ns
            session.answered = self._passed
        return challenge.evidence(front.track), session.since_ns, session.ended_ns or now_ns

    def _note(self, session: _Session, before: Progress, after: Progress) -> None:
        """Keep the face that brought the questions on by this frame."""
        if after.attempt != before.attempt:
            session.looks, session.answers = [], []
        if session.newest is None:
            return
        if after.done > before.done:
            session.answers.append(session.newest)
        elif before.direction is None and after.direction is not None:
            session.looks.append(session.newest)

    def _observe(self, session: _Session, view: View | None, now_ns: int) -> bool:
        """False where it failed: then it is over, and nothing was found out."""
        try:
            session.challenge.observe(view, now_ns)
        except Exception:  # noqa: BLE001 - whatever is wrong with the questions: not to know is the safe answer
            if not self._complained:
                _log.exception("the questions failed")
            self._complained = True
            self._session = None
            return False
        return True

    def _listen(self, frame: Frame | None, front: TrackedFace, now_ns: int) -> tuple[Evidence, int, int]:
        """The passive source's evidence, of frames in which the face looks at the camera."""
        if self._passive is None or frame is None:
            return Evidence("passive", "unknown", found.Reason.NO_MODEL), now_ns, now_ns
        if self._looks_here(front, now_ns):
            heard = self._passive.observe(frame, replace(front, certain=front.certain and not self._changed), now_ns)
            self._changed = self._changed and heard.reason is found.Reason.LATE
            if heard.reason is not found.Reason.COLLECTING or self._heard is None:
                self._heard = _Passive(heard, now_ns)
        if self._heard is None:
            return Evidence(self._passive.id, "unknown", found.Reason.COLLECTING), now_ns, now_ns
        since_ns = max(self._anchored_ns, self._heard.at_ns - WINDOW_NS)
        return self._heard.evidence, since_ns, self._heard.at_ns

    def _looks_here(self, front: TrackedFace, now_ns: int) -> bool:
        if not front.observed or front.face.landmarks is None:
            return False
        session = self._session
        if session is not None and session.challenge.progress(now_ns).direction is not None:
            return False
        return abs(pose(front.face.landmarks)[0]) <= TURNED

    # One word

    def _weighed(self, front: TrackedFace, same: bool, told: list[tuple[Evidence, int, int]]) -> LifeSign:
        evidence = [e for e, _, _ in told]
        state = found.weigh(evidence, [e.source for e in evidence])
        telling = next((e for e in evidence if e.state == state), evidence[0])
        match = front.match if same and front.fresh else None
        session = self._session
        questions = "none"
        if session is not None and not self._passed:
            questions = "failed" if session.challenge.over else "asking"
        return LifeSign(
            state=state,
            track=front.track,
            person_id=match.nearest.person_id if match is not None and match.accepted else None,
            since_ns=min(since for _, since, _ in told),
            at_ns=min(at for _, _, at in told),
            reason=telling.code,
            questions=questions,  # type: ignore[arg-type]  # three literals, just above
        )

    def _question(self, now_ns: int) -> Question | None:
        session = self._session
        if session is None:
            return None
        p = session.challenge.progress(now_ns)
        if p.instruction in (Instruction.DONE, Instruction.FAILED):
            return None
        if p.direction is not None or (p.following is not None and session.challenge.track is None):
            session.shown_ns = now_ns if session.shown_ns is None else session.shown_ns
            session.last_shown_ns = now_ns
        return Question(
            p.instruction.name.lower(),  # type: ignore[arg-type]  # DONE and FAILED come when it is over
            None if p.following is None else p.following.name.lower(),  # type: ignore[arg-type]  # four directions
            p.done,
            p.total,
            p.attempt,
            p.attempts,
            p.reached,
        )
