"""The active challenge: turn the head as you are asked to. Needs no model, only the five landmarks of each frame.

A *try* begins with the face from the front, as a reference. Then come questions, one at a time: left, right, up or
down, drawn when the try begins, each other than the one before. An answer begins after its question, goes the way it
was asked and no other, and shows the parallax of a head (`parallax`); before the next answer the face is back where it
was. (The next question is known while it goes back, and the first one while the reference is taken: people then need
not think twice. It is still the question that comes first, since it is known before the head is seen at rest.) One
track throughout, without a gap or a jump, and the same identity: from the front before each answer, and in each answer
as nearly as turned faces can be told. After the last one the door's own votes see to that, on a track that `evidence`
still insists on.

**A cut** from a photograph to another picture, of somebody else or of the same person turned, is no movement: each
answer must be seen on its way (`_cut`). One that wasn't is asked for again, since a quick head at a slow camera does
look like that; the third time ends the try.

**A recording** knows no question. Whatever it shows, one of the 4 x 3 x 3 = 36 sequences of three fits it, so it passes
a try once in 36 at most; the second try asks four things, one in 108. A session of both: 1 - (35/36) (107/108) = 3.7 %,
one in 27 (`questions.chance`). That is chance alone: somebody who steers four prepared clips, or a face that a computer
draws, does answer. A passive model may see that it is a screen; this cannot.

Pure: frames and times come in, what to say comes out; there is no clock and no picture in here.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from faceapp.types import Floats, TrackedFace
from faceapp.vision.liveness.evidence import ATTACKS, Evidence, Reason, State
from faceapp.vision.liveness.parallax import Direction, Points, Shift, needed, normalised, residuals, shift
from faceapp.vision.liveness.questions import ChallengeSettings, Draw, Instruction, Progress, draw_sequence
from faceapp.vision.quality import pose

ACTIVE = "active"
"""The source's id."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One frame's face, as the challenge needs it."""

    track: int
    points: Floats | Points | None
    """Landmarks (5, 2) as the detector saw them in this frame; None where it didn't."""
    certain: bool = True
    """False where the face could be another one's (`TrackedFace.certain`)."""
    same: bool | None = None
    """Whether the face is still the person whose challenge it is; None where it wasn't embedded in this frame. Looked
    at in frontal views only: embeddings of turned faces are poor."""
    near: bool | None = None
    """The same with a limit for turned faces, looked at while a movement is asked for; None: as `same`."""

    @staticmethod
    def of(face: TrackedFace, same: bool | None, near: bool | None = None) -> View:
        """A tracked face's view."""
        return View(face.track, face.face.landmarks if face.observed else None, face.certain, same, near)

    @property
    def possible(self) -> bool | None:
        """Whether it can be that person, who may be turned; None where nobody looked."""
        return self.same if self.near is None else self.near


Phase: TypeAlias = Literal["settle", "ask", "return", "over"]


class ActiveChallenge:
    """One session: at most as many tries as the settings have. One thread owns it; time comes with the frames."""

    def __init__(
        self, settings: ChallengeSettings | None = None, draw: Draw = secrets.choice, known: tuple[Direction, ...] = ()
    ) -> None:
        """`known`: questions that somebody saw who left. They come first, and as many as ever after them: nothing is
        gained by leaving and coming back until the questions suit."""
        self.settings = settings or ChallengeSettings()
        self._draw, self._known = draw, known
        self._drawn: list[tuple[Direction, ...]] = []
        self._attempt = 0
        self._failed_for: Reason | None = None
        self._state: State = "unknown"
        self._started = False
        self._phase: Phase = "settle"
        self._since = self._seen_ns = self._asked_ns = 0
        self._track: int | None = None
        self._reference: Points = np.full((5, 2), np.nan)
        self._step = self._strangers = self._cuts = 0
        self._covered = self._again = self._home = False
        self._last: tuple[int, Shift] | None = None
        self._begin(0)

    def again(self) -> ActiveChallenge:
        """A session that goes on with this one's try and the very same questions: giving up draws no others."""
        other = ActiveChallenge(self.settings, self._draw)
        other._drawn, other._attempt, other._failed_for = list(self._drawn), self._attempt, self._failed_for
        other._begin(0)
        return other

    def after(self, known: tuple[Direction, ...]) -> ActiveChallenge:
        """Another session with these settings."""
        return ActiveChallenge(self.settings, self._draw, known)

    @property
    def shown(self) -> tuple[Direction, ...]:
        """The questions of this try that were told so far, the next one included."""
        if self._phase == "settle":
            return self._asked[: len(self._collected) > 0]
        return self._asked[: self._step + 1 + (self._phase == "return" and not self._again)]

    @property
    def over(self) -> bool:
        """True when nothing more is asked: passed, or no try is left. A session that failed counts as a refusal."""
        return self._phase == "over"

    @property
    def state(self) -> State:
        return self._state

    @property
    def track(self) -> int | None:
        """Whose challenge it is; None before the reference was taken."""
        return self._track

    def evidence(self, track: int) -> Evidence:
        """What the session says of a track: nothing of any but its own."""
        share = self._step / len(self._asked)
        if self._track is not None and track != self._track:
            return Evidence(ACTIVE, "unknown", Reason.OTHER_FACE)
        if self._state == "live":
            return Evidence(ACTIVE, "live", Reason.ANSWERED, share)
        if self.over and self._failed_for is not None:
            return Evidence(ACTIVE, self._state, self._failed_for, share)
        return Evidence(ACTIVE, "unknown", Reason.ASKING)

    def progress(self, now_ns: int) -> Progress:
        """What to show at `now_ns`."""
        s, direction = self.settings, self._asked[self._step] if self._phase == "ask" else None
        limit = {"settle": s.settle, "ask": s.limit, "return": s.back, "over": 0.0}[self._phase]
        if self.over and self._state != "live":
            says = Instruction.FAILED
        elif self.over:
            says = Instruction.DONE if self._home else Instruction.LOOK_BACK
        elif direction is not None:
            says = Instruction[direction.name]
        elif self._phase == "return":
            says = Instruction.LOOK_BACK
        else:
            says = Instruction.ONCE_MORE if self._attempt else Instruction.LOOK_HERE
        left = max(0.0, limit - (now_ns - self._since) / 1e9) if self._started else limit
        return Progress(
            instruction=says,
            direction=direction,
            following=self._following(),
            done=self._step + (self._phase == "return" and not self._again),
            total=len(self._asked),
            attempt=self._attempt + 1,
            attempts=len(s.movements),
            seconds_left=left,
            reached=self._reached(direction),
            failed_for=self._failed_for,
        )

    def _following(self) -> Direction | None:
        if self._phase == "settle":
            return self._asked[0] if self._collected else None
        return self._asked[self._step + (not self._again)] if self._phase == "return" else None

    def _reached(self, direction: Direction | None) -> float:
        if direction is None or not self._shifts:
            return 0.0
        seen = self._shifts[-1][1]
        enough = needed(seen.slope, self.settings.least, self.settings.share)
        return min(1.0, max(0.0, seen.along(direction) / enough))

    def observe(self, view: View | None, now_ns: int) -> None:
        """The next frame, taken at `now_ns`; `view` is None where nobody is in front. To be told of every frame, also
        after it is over: who is alive is so as long as the track lasts."""
        if not self._started:
            self._started, self._since = True, now_ns
        usable = view is not None and view.points is not None
        if self.over:
            self._watch(view, usable, now_ns)
            return
        if view is not None and self._track is not None and view.track != self._track:
            self._fail(Reason.OTHER_FACE, now_ns)
            return
        if view is not None and self._track is not None and not view.certain:
            self._fail(Reason.LOST, now_ns)
            return
        if usable and view is not None and view.points is not None:
            self._look(view, view.points, now_ns)
        if not self.over:
            self._check_times(now_ns)

    # Phases

    def _look(self, view: View, points: Floats | Points, now_ns: int) -> None:
        if self._phase == "settle":
            self._settle(view, points, now_ns)
            return
        seen = shift(self._reference, points)
        if seen is None:
            return
        before, self._last = self._last, (now_ns, seen)
        if before is not None and self._jumped(before, seen, now_ns):
            self._fail(Reason.JUMPED, now_ns)
            return
        self._seen_ns = now_ns
        self._shifts.append((now_ns, seen))
        self._possible.append(view.possible)
        middle = Shift.middle([s for _, s in self._shifts]) if len(self._shifts) == self.settings.hold else None
        if self._phase == "ask":
            if before is not None:
                self._covered = self._covered and not self._cut(before[1], seen)
            if view.possible is False:
                self._strange(now_ns)
                return
            self._strangers = 0 if view.possible else self._strangers
            if middle is not None:
                self._answer(middle, now_ns)
        else:
            self._return(view, middle, seen, now_ns)

    def _settle(self, view: View, points: Floats | Points, now_ns: int) -> None:
        s = self.settings
        if self._collected and self._collected[-1][1] != view.track:
            self._collected.clear()
        angles = pose(np.asarray(points, np.float32))
        shape = normalised(points)
        if any(abs(a) > most for a, most in zip(angles, s.frontal_pose, strict=True)) or not np.isfinite(shape).all():
            self._collected.clear()
            return
        if view.same is False:
            self._strange(now_ns)
            self._collected.clear()
            return
        if not self._collected:
            self._asked_ns = now_ns  # it is shown from here on
        self._collected.append((now_ns, view.track, shape, view.same is True))
        while now_ns - self._collected[0][0] > 5 * s.reference_time * 1e9:
            self._collected.popleft()
        first_ns = self._collected[0][0]
        if len(self._collected) < s.reference_frames or now_ns - first_ns < s.reference_time * 1e9:
            return
        shapes = np.array([c[2] for c in self._collected])
        middle: Points = np.median(shapes, axis=0)
        moved = np.hypot(*residuals(middle, shapes).T)
        if not (moved < s.still).all():  # NaN counts as moving
            self._collected.popleft()
            return
        if s.identity and not any(c[3] for c in self._collected):
            return
        self._reference, self._track = middle, view.track
        self._last = now_ns, Shift(0.0, 0.0, 1.0)
        self._ask(now_ns)

    def _answer(self, middle: Shift, now_ns: int) -> None:
        s, asked = self.settings, self._asked[self._step]
        along, across, enough = middle.along(asked), middle.across(asked), needed(middle.slope, s.least, s.share)
        if along >= enough and across <= s.sector * along:
            # Several frames agree, so the first of them was there already.
            if self._shifts[0][0] - self._asked_ns < s.soonest * 1e9:
                self._fail(Reason.TOO_SOON, now_ns)
            elif s.identity and (False in self._possible or True not in self._possible):
                return  # nobody knows yet whose answer it is
            elif not self._covered:
                self._ask_again(now_ns)
            elif self._step + 1 == len(self._asked):
                # Who looks back at the camera is looked at by the door itself, frame by frame, on this very track.
                self._step += 1
                self._to("over", now_ns)
                self._state, self._failed_for = "live", None
            else:
                self._to("return", now_ns)
                self._asked_ns = now_ns
        elif middle.size >= enough and across > along:
            self._fail(Reason.WRONG_WAY, now_ns)
        elif middle.slope > s.flat_slope and middle.size < enough / 2:
            self._fail(Reason.FLAT, now_ns)

    def _return(self, view: View, middle: Shift | None, seen: Shift, now_ns: int) -> None:
        s, asked = self.settings, self._asked[self._step]
        if middle is not None and middle.size >= needed(middle.slope, s.least, s.share):
            if middle.across(asked) > middle.along(asked):
                self._fail(Reason.WRONG_WAY, now_ns)
            return
        # No median: it lags, and what a single frame takes for a look at the camera must yet be recognised in it.
        if seen.size > s.frontal:
            return
        if view.same is False:
            self._strange(now_ns)
            return
        if s.identity and view.same is None:
            return
        self._strangers = 0
        self._step += not self._again
        self._ask(now_ns)

    def _watch(self, view: View | None, usable: bool, now_ns: int) -> None:
        """After a pass: the track must go on without a gap, or it is anybody's."""
        if self._state != "live":
            return
        gone = view is None or view.track != self._track or not view.certain
        if gone or (not usable and now_ns - self._seen_ns > self.settings.gap * 1e9):
            self._state, self._failed_for = "unknown", Reason.LOST
        elif usable and view is not None and view.points is not None:
            self._seen_ns = now_ns
            seen = None if self._home else shift(self._reference, view.points)
            self._home = self._home or (seen is not None and seen.size <= self.settings.frontal)

    # Steps between them

    def _begin(self, now_ns: int) -> None:
        if len(self._drawn) == self._attempt:
            known = () if self._attempt else self._known
            self._drawn.append(draw_sequence(self.settings.movements[self._attempt], self._draw, known))
        self._asked = self._drawn[self._attempt]
        self._step = self._strangers = self._cuts = 0
        self._covered = self._again = False
        self._track = None
        self._collected: deque[tuple[int, int, Points, bool]] = deque()
        self._shifts: deque[tuple[int, Shift]] = deque(maxlen=self.settings.hold)
        self._possible: deque[bool | None] = deque(maxlen=self.settings.hold)
        self._seen_ns = now_ns
        self._last = None
        self._phase = "settle"
        self._since = now_ns

    def _ask(self, now_ns: int) -> None:
        self._seen_ns = now_ns
        self._covered, self._again = True, False
        self._to("ask", now_ns)

    def _ask_again(self, now_ns: int) -> None:
        """The same question once more: the answer came out of nowhere, or too quickly for this camera."""
        self._cuts += 1
        if self._cuts > self.settings.repeats:
            self._fail(Reason.JUMPED, now_ns)
            return
        self._again = True
        self._asked_ns = now_ns
        self._to("return", now_ns)

    def _to(self, phase: Phase, now_ns: int) -> None:
        # What was seen before a question answers nothing.
        self._phase, self._since = phase, now_ns
        self._shifts.clear()
        self._possible.clear()

    def _fail(self, reason: Reason, now_ns: int) -> None:
        self._failed_for = reason
        if self._attempt + 1 < len(self.settings.movements):
            self._attempt += 1
            self._begin(now_ns)
        else:
            self._phase, self._since = "over", now_ns
            self._state = "attack" if reason in ATTACKS else "unknown"

    def _strange(self, now_ns: int) -> None:
        # One embedding may be off; two in a row are somebody else.
        self._strangers += 1
        if self._strangers >= 2:
            self._fail(Reason.OTHER_FACE, now_ns)

    def _cut(self, before: Shift, seen: Shift) -> bool:
        """Whether a head went, from one frame to the next that shows it, where no head is seen to go: from the front
        to the answer, or further than a turn takes it. However long it was out of sight in between."""
        s, asked = self.settings, self._asked[self._step]
        was, is_ = (v.along(asked) / needed(v.slope, s.least, s.share) for v in (before, seen))
        low, high = s.on_the_way
        return (was < low and is_ > high) or (is_ > was and before.apart(seen) > s.stride)

    def _jumped(self, before: tuple[int, Shift], seen: Shift, now_ns: int) -> bool:
        fixed, growing = self.settings.jump
        return before[1].apart(seen) > fixed + growing * (now_ns - before[0]) / 1e9

    def _check_times(self, now_ns: int) -> None:
        s, spent = self.settings, (now_ns - self._since) / 1e9
        if self._phase == "settle":
            if spent > s.settle:
                self._fail(Reason.NOT_FRONTAL, now_ns)
        elif (now_ns - self._seen_ns) / 1e9 > s.gap:
            self._fail(Reason.LOST, now_ns)
        elif self._phase == "ask" and spent > s.limit:
            self._fail(Reason.NOT_ANSWERED, now_ns)
        elif self._phase == "return" and spent > s.back:
            self._fail(Reason.NOT_FRONTAL, now_ns)
