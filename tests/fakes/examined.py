"""A kiosk's judge and examiner with somebody invented before them, who sees the questions and does as they are told."""

from __future__ import annotations

import dataclasses
import random
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime

import numpy as np

from faceapp.access.decisions import Decision, Deny, Grant
from faceapp.access.observations import Claim, Permission
from faceapp.app.kiosk.judge import Judge, Surroundings
from faceapp.app.kiosk.life import Examined, Examiner
from faceapp.app.kiosk.screens import Screens
from faceapp.settings import LivenessMode
from faceapp.types import Box, Candidate, Face, Floats, Frame, FrameResult, Match, TrackedFace
from faceapp.vision.liveness.challenge import ActiveChallenge
from faceapp.vision.liveness.evidence import Evidence, Reason, State
from faceapp.vision.liveness.questions import Instruction
from faceapp.vision.quality import pose
from tests.fakes.heads import Actor, Points, Told, view_of_head
from tests.fakes.visitors import ADA, SIZE, SPACE, THRESHOLD, policy

SAME_PERSON = 0.9
NOON = datetime(2024, 1, 1, 12)
BLANK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


def vector(seed: int) -> Floats:
    """Somebody's embedding."""
    drawn = np.random.default_rng(seed).normal(size=128).astype(np.float32)
    unit: Floats = drawn / np.float32(np.linalg.norm(drawn))
    return unit


def still(_now: float, _told: object) -> Points:
    """A head that looks at the camera, whatever it is asked."""
    return view_of_head(0.36, 0, 0)


def asking() -> ActiveChallenge:
    """A session whose questions are always the same."""
    dice = random.Random(4)  # noqa: S311 - a story, no secret
    return ActiveChallenge(draw=dice.choice)


@dataclasses.dataclass
class Somebody:
    """Who stands there."""

    actor: Actor = still
    person: str | None = ADA
    """Whom they look like from the front; None: a stranger."""
    track: int = 1
    seed: int = 1
    """Of their embedding."""
    embedding: Floats | None = None
    """Another than the seed's."""
    certain: bool = True

    def face(self, points: Points | None) -> TrackedFace:
        """As a result has it; turned away they look like nobody and are poorly seen."""
        landmarks = None if points is None else np.asarray(points, np.float32)
        box = Box(220, 120, 420, 360)
        if landmarks is not None:
            (x1, y1), (x2, y2) = landmarks.min(0), landmarks.max(0)
            pad = 0.6 * float(y2 - y1)
            box = Box(float(x1) - pad, float(y1) - pad, float(x2) + pad, float(y2) + pad)
        away = landmarks is None or max(abs(v) for v in pose(landmarks)[:2]) > 20
        match = None
        if landmarks is not None:
            near = 0.3 if self.person is not None and not away else 0.8
            match = Match(Candidate(self.person or ADA, "Ada", near), None, THRESHOLD)
        seen = landmarks is not None
        return TrackedFace(
            self.track,
            Face(box, 0.99, landmarks),
            seen,
            match,
            quality=10 if away else 70,
            certain=self.certain,
            fresh=seen,
        )


class Kiosk:
    """Film time: `frame` by `frame`, with whoever `before` is."""

    def __init__(
        self,
        examiner: Examiner | None = None,
        mode: LivenessMode = "active",
        fps: float = 20,
        rights: Mapping[str, Permission] | None = None,
        lag: float = 0.0,
    ) -> None:
        """`lag`: seconds from a frame's capture until the screen shows what it led to; at least a frame's time."""
        self.judge = Judge(policy(), (0.0, 0.0, 1.0, 1.0))
        self.examiner = examiner or Examiner(same_person=SAME_PERSON, life=self.judge.settings.life, begin=asking)
        self.mode, self.fps = mode, fps
        self._lag = max(0.0, lag - 1 / fps)
        self._told = deque([(0.0, Told())])
        self.rights = {ADA: Permission(allowed=True)} if rights is None else rights
        self.screens = Screens()
        self.examined = Examined()
        self.asked: list[str] = []
        """Every question, once each time."""
        self.shown: list[str] = []
        """Every screen, once each time."""
        self.now = 1000.0
        self.claim: Claim | None = None
        self._id = 0

    def frame(self, *there: Somebody) -> Decision:
        """The next frame and what is decided."""
        self.now += 1 / self.fps
        self._id += 1
        taken = round(self.now * 1e9)
        while len(self._told) > 1 and self._told[1][0] <= self.now + 1e-9:
            self._told.popleft()
        told = self._told[0][1]
        faces = tuple(s.face(s.actor(self.now, told)) for s in there)
        vectors = {
            f.track: (vector(s.seed) if s.embedding is None else s.embedding, f.match)
            for s, f in zip(there, faces, strict=True)
        }
        result = FrameResult(self._id, taken, taken, SIZE, faces)
        frame = Frame.freeze(self._id, taken, BLANK)
        self.examined = self.examiner.look(frame, result, self.judge.meant(result), vectors.get, self.mode)
        around = Surroundings(
            SPACE,
            SPACE,
            self.rights,
            NOON,
            self.claim,
            life=self.examined.sign,
            require_live=self.examined.required,
            abandoned=self.examined.abandoned,
        )
        decision = self.judge.decide(result, around, taken + 40_000_000)
        self.examiner.decided(decision)
        self.screens.decided(decision, taken, question=self.examined.question)
        q = self.examined.question
        told = Told()
        if q is not None:
            told = Told(Instruction[q.instruction.upper()], q.done, q.attempt, q.following is not None)
        self._told.append((self.now + 1 / self.fps + self._lag, told))
        _note(self.asked, "" if q is None else q.instruction)
        _note(self.shown, self.screens.view.screen)
        return decision

    def until(self, done: Callable[[Decision], bool], seconds: float, *there: Somebody) -> Decision | None:
        """The first decision that is meant; None where there is none in time."""
        end = self.now + seconds
        while self.now < end:
            decision = self.frame(*there)
            if done(decision):
                return decision
        return None

    def lets_in(self, seconds: float, *there: Somebody) -> bool:
        """Whether they are let in within so long."""
        return self.until(lambda d: isinstance(d, Grant), seconds, *there) is not None

    def refuses(self, seconds: float, *there: Somebody) -> Deny | None:
        """The first refusal within so long."""
        found = self.until(lambda d: isinstance(d, Deny) and d.counted, seconds, *there)
        assert not isinstance(found, Grant)
        return found if isinstance(found, Deny) else None


class Says:
    """A passive source that says the same of everybody, or what it is told to do."""

    def __init__(self, state: State, reason: Reason, before: Callable[[], object] = lambda: None) -> None:
        self.id = "fake"
        self._evidence = Evidence("fake", state, reason)
        self._before = before
        self.calls = 0

    def observe(self, _frame: Frame, _face: TrackedFace, _now_ns: int) -> Evidence:
        """See `LivenessSource`."""
        self.calls += 1
        self._before()
        return self._evidence


def _note(told: list[str], word: str) -> None:
    if word and told[-1:] != [word]:
        told.append(word)
