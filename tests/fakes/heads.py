"""Invented heads and photographs before a camera: five points in space, seen in perspective, with a detector's noise.

Lengths are distances between the eyes (63 mm), angles degrees, times seconds. x to the picture's right, y down, z away
from the camera. Heads turn about a point in the neck, photographs about the middle of the face (or are waved).

MTCNN isn't a ruler, and what it was seen to do with photographs tilted before it is done here to both: it sees about
half of the foreshortening, and takes a tilted picture for a face that is a little turned (`SEEN_TURNED`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceapp.vision.liveness.challenge import ActiveChallenge, View
from faceapp.vision.liveness.parallax import Direction
from faceapp.vision.liveness.questions import Instruction

Points: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["tilted", "swung", "bent", "waved", "still", "stills", "hidden", "other"]
KINDS: tuple[Kind, ...] = ("still", "tilted", "swung", "bent", "waved", "stills", "hidden", "other")


class Told(NamedTuple):
    """What the screen says."""

    instruction: Instruction = Instruction.LOOK_HERE
    done: int = 0
    attempt: int = 1
    announced: bool = False
    """Whether what comes next stands below it."""


FACE = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.54, 0], [-0.43, 1.02, 0], [0.43, 1.02, 0]])
"""The mean of AT&T's 400 faces as MTCNN sees them. The nose's z is its owner's."""
NECK = np.array([0.0, 1.0, 1.4])
EYES_CM = 6.3
SEEN_TURNED = (0.08, 0.11)
"""Times the tangent's square, and at most: measured at 20, 35, 45 and 55 degrees."""
SEEN_OTHERWISE = 0.03
"""How much photographs differ in that, times the tangent."""
SEEN_FACE_LIKE = {True: 0.25, False: 0.5}
"""How far MTCNN pulls a photograph's and a head's eyes and mouth towards those of a face from the front."""


def rotation(yaw: float, pitch: float, roll: float = 0.0) -> Points:
    """Yaw positive towards the picture's right, pitch positive nodding, roll clockwise; (3, 3)."""
    y, p, r = math.radians(yaw), math.radians(pitch), math.radians(roll)
    sy, cy, sp, cp, sr, cr = math.sin(y), math.cos(y), math.sin(p), math.cos(p), math.sin(r), math.cos(r)
    # lean @ turn @ nod
    a, b = -sy * sp, -sy * cp
    result: Points = np.array(
        [
            [cr * cy, cr * a - sr * cp, cr * b + sr * sp],
            [sr * cy, sr * a + cr * cp, sr * b - cr * sp],
            [sy, cy * sp, cy * cp],
        ]
    )
    return result


def project(points: Points, distance: float, focal: float = 600.0) -> Points:
    """(N, 3) seen from `distance`: pixels (N, 2) in a picture of 640 x 480."""
    result: Points = focal * points[:, :2] / (points[:, 2:] + distance) + np.array([320.0, 240.0])
    return result


def head(nose: float) -> Points:
    """A head's five points (5, 3) whose nose stands out by `nose`."""
    shape = FACE.copy()
    shape[2, 2] = -nose
    return shape


def view_of_head(nose: float, yaw: float, pitch: float, roll: float = 0.0, distance: float = 9.5) -> Points:
    """A head's landmarks (5, 2), pixels."""
    return project((head(nose) - NECK) @ rotation(yaw, pitch, roll).T + NECK, distance)


def bent(shape: Points, radius: float, axis: float) -> Points:
    """A photograph's points, z = 0, on a cylinder whose ridge, turned by `axis` from upright, is nearest the camera."""
    along = rotation(0, 0, axis)[:2, :2]
    u, v = (shape[:, :2] @ along).T
    middle = np.array([0.0, 0.5]) @ along
    u = u - middle[0]
    rolled = np.column_stack([radius * np.sin(u / radius) + middle[0], v])
    result: Points = np.column_stack([rolled @ along.T, radius * (1 - np.cos(u / radius))])
    return result


def view_of_photograph(shape: Points, yaw: float, pitch: float, roll: float = 0.0, distance: float = 9.5) -> Points:
    """The landmarks (5, 2) of a photograph's points `shape` (5, 3), turned about its middle."""
    middle = np.array([0.0, 0.5, 0.0])
    return project((shape - middle) @ rotation(yaw, pitch, roll).T + middle, distance)


def _towards_a_face(points: Points, part: float) -> Points:
    """Mouth, seen from the eyes, moved by `part` of the way to where a frontal face has it, and the nose with it."""
    z = [complex(x, y) for x, y in points.tolist()]
    across, middle = z[1] - z[0], (z[0] + z[1]) / 2
    moved = [part * (complex(*FACE[k, :2]) - (z[k] - middle) / across) for k in (3, 4)]
    by = {2: sum(moved) / 2 * FACE[2, 1] / FACE[3, 1], 3: moved[0], 4: moved[1]}
    return np.array([[p.real, p.imag] for p in (z[k] + across * by.get(k, 0) for k in range(5))])


@dataclass(slots=True)
class Detector:
    """What MTCNN would make of points: noise, some of it lasting, and its habits."""

    rng: np.random.Generator
    noise: float
    """Standard deviation, distances between the eyes."""
    opinion: tuple[float, float] = (0.0, 0.0)
    """Of one photograph: how much more it is taken for turned, times the tangent, aside and down."""
    drift: Points = field(default_factory=lambda: np.zeros((5, 2)))

    def see(self, points: Points, yaw: float, pitch: float, flat: bool, belief: float) -> Points:
        """`belief`: how readily a tilted photograph is taken for a turned face; 1 as measured."""
        eyes = math.dist(points[0], points[1])
        seen = _towards_a_face(points, SEEN_FACE_LIKE[flat])
        if flat:
            for axis, angle in enumerate((yaw, pitch)):
                tangent = math.tan(math.radians(min(60.0, abs(angle))))
                habit = min(SEEN_TURNED[0] * tangent**2, SEEN_TURNED[1])
                seen[2, axis] += math.copysign((belief * habit + self.opinion[axis] * tangent) * eyes, angle)
        # A third of the noise lasts for about half a second: the network's opinion of this face in this light.
        lasting, fresh = self.rng.normal(0, self.noise, (2, 5, 2))
        self.drift = 0.93 * self.drift + 0.37 / 3 * lasting
        result: Points = seen + eyes * (self.drift + fresh)
        return result


@dataclass(slots=True)
class Mover:
    """A pose that goes smoothly (a movement of least jerk) to where it was told to, each time after a delay."""

    pose: Points
    start: Points
    goal: Points
    begins: float = 0.0
    lasts: float = 0.1
    following: tuple[Points, float, float] | None = None

    @staticmethod
    def at(pose: Points) -> Mover:
        return Mover(pose, pose, pose)

    def go(self, goal: Points, begins: float, lasts: float) -> None:
        """Be at `goal` (yaw, pitch, roll) at `begins` + `lasts`. What was going on goes on until `begins`."""
        self.following = (goal, begins, lasts)

    def move(self, now: float) -> Points:
        """The pose at `now`."""
        if self.following is not None and now >= self.following[1]:
            self.start = self.pose = self._at(self.following[1])
            (self.goal, self.begins, self.lasts), self.following = self.following, None
        self.pose = self._at(now)
        return self.pose

    def _at(self, now: float) -> Points:
        t = min(1.0, max(0.0, (now - self.begins) / self.lasts))
        found: Points = self.start + (self.goal - self.start) * (10 * t**3 - 15 * t**4 + 6 * t**5)
        return found


class Person:
    """Somebody who does what they are told, in their own way; one in fifty times they take left for right."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._nose = float(np.clip(rng.normal(0.36, 0.04), 0.28, 0.45))
        self._distance = rng.uniform(6, 14)
        self._rest = np.array([rng.normal(0, 4), rng.normal(0, 6), rng.normal(0, 3)])
        self._detector = Detector(rng, rng.uniform(0.007, 0.012))
        self._reaction, self._brisk = rng.lognormal(math.log(0.42), 0.25), rng.uniform(0.8, 1.3)
        self._mover = Mover.at(self._rest)
        self._told: Told | None = None
        self._announced = self._asked_again = 0.0
        self._further = False
        self._comes_back = rng.random() < 0.85

    def points(self, now: float, told: Told) -> Points | None:
        """What the detector sees of them at `now`, having been told `told`; None where it misses them."""
        if told.announced and (self._told is None or not self._told.announced):
            self._announced = now
        if self._told is None or told[:3] != self._told[:3]:
            begins, lasts = now + self._delay(told, now), self._pace()
            self._asked_again = begins + lasts + self._reaction
            self._further = told.instruction.name in Direction.__members__
            self._mover.go(self._goal(told.instruction), begins, lasts)
        elif self._further and now > self._asked_again:
            # The arrow isn't full, nor does anything else come: so they go further.
            self._further = False
            aim = self._rest + 1.4 * (self._mover.goal - self._rest)
            self._mover.go(np.clip(aim, -55, 55), now, self._pace())
        self._told = told
        yaw, pitch, roll = self._mover.move(now)
        if self._rng.random() < 0.01 + 0.002 * max(0.0, abs(yaw) + abs(pitch) - 25):
            return None
        sway = 0.02 * math.sin(3.1 * now), 0.02 * math.sin(2.3 * now)
        seen = view_of_head(self._nose, yaw + sway[0] * 20, pitch + sway[1] * 20, roll, self._distance)
        return self._detector.see(seen, yaw, pitch, flat=False, belief=1)

    def _delay(self, told: Told, now: float) -> float:
        """Until they begin. Choosing one of four directions takes a whole reaction; what was known before takes two
        thirds of one (Donders 1868; Rosenbaum 1980 for movements announced). Most people are quicker still: they come
        back of themselves, and have long seen what comes next."""
        whole = float(self._reaction * self._rng.uniform(0.8, 1.3))
        if told.instruction is Instruction.LOOK_BACK:
            return whole * (0.4 if self._comes_back else 0.65)
        if told.instruction.name in Direction.__members__ and self._told is not None and self._told.announced:
            reads = self._comes_back or told.done == 0
            return max(0.1, whole - (now - self._announced)) if reads else 0.65 * whole
        return whole

    def _pace(self) -> float:
        return float(self._brisk * self._rng.uniform(0.3, 0.5))

    def _goal(self, told: Instruction) -> Points:
        if told.name not in Direction.__members__:
            return self._rest + self._rng.normal(0, 1.5, 3)
        x, y = Direction[told.name].value
        x = -x if self._rng.random() < 0.02 else x
        size = self._rng.uniform(24, 42) if x else self._rng.uniform(22, 35)
        goal: Points = (
            self._rest + np.array([x * size, y * size, 0]) + self._rng.normal(0, 0.12 * size, 3) * [y, x, 0.5]
        )
        return goal


class Photograph:
    """A print or screen in the hands of somebody who knows the question and does the best a plane can do.

    tilted: turned as the question asks. swung: the same, faster and to and fro. bent: on a cylinder of 15 to 60 cm
    (some of them change all the time), and turned. waved: anything at any time. still: leant against something.

    And screens that show the photograph and cut to something else whenever a movement is asked for. stills: to a
    picture of the same person, who looks that way. hidden: the same, with a hand before it for a frame or more at each
    cut. other: to somebody else who turns their head, at once or when they are on their way; see `owner`."""

    def __init__(self, rng: np.random.Generator, kind: Kind) -> None:
        self._rng, self._kind = rng, kind
        self._scale = rng.uniform(0.5, 1.6)  # of life: a sheet of A4 has room for 1.2, one of A3 for 1.6
        self._distance = rng.uniform(6, 14)
        aside, down = rng.normal(0, SEEN_OTHERWISE, 2)
        self._detector = Detector(rng, rng.uniform(0.007, 0.012), (aside, down))
        self._belief = rng.uniform(0.5, 1.25)
        self._mover = Mover.at(np.zeros(3))
        self._radius = rng.uniform(15, 60) if rng.random() < 0.5 else 15.0
        self._axis = rng.choice([0.0, 90.0, rng.uniform(0, 180)])
        self._flexes = rng.random() < 0.5
        self._waves = rng.uniform(0.2, 1.5, 4), rng.uniform(0, 2 * math.pi, 4)
        self._reach = rng.uniform(10, 55)
        self._told: Told | None = None
        self._nose, self._size = rng.uniform(0.3, 0.42), rng.uniform(23, 36)
        self._cuts_at, self._hides = rng.uniform(0, 20), int(rng.integers(1, 4)) if kind == "hidden" else 0
        self._hidden, self._turned = 0, False
        self.owner = True
        """Whether what was last shown is the person in the photograph."""

    def points(self, now: float, told: Told) -> Points | None:
        """See `Person.points`."""
        if self._kind in ("stills", "hidden", "other"):
            return self._screen(now, told)
        if told != self._told:
            self._told = told
            goal = np.zeros(3)
            if told[0].name in Direction.__members__:
                x, y = Direction[told[0].name].value
                goal = np.array([x, y, 0.0]) * self._reach
            self._mover.go(goal, now + 0.4, self._rng.uniform(0.3, 0.7))
        yaw, pitch, roll = (0.0, 0.0, 0.0) if self._kind == "still" else self._mover.move(now)
        speeds, phases = self._waves
        wave = np.sin(2 * math.pi * speeds * now + phases)
        if self._kind == "swung":
            yaw, pitch, roll = yaw * (1 + 0.4 * wave[0]), pitch * (1 + 0.4 * wave[1]), 20 * wave[2]
        elif self._kind == "waved":
            yaw, pitch, roll = self._reach * wave[0], self._reach * wave[1], 20 * wave[2]
        shape = FACE
        if self._kind == "bent":
            # In the photograph's own distances between the eyes: a larger print is bent more sharply for its size.
            radius = self._radius / (EYES_CM * self._scale)
            shape = bent(FACE, radius if not self._flexes else radius / max(0.05, abs(wave[3])), self._axis)
        if self._rng.random() < 0.01 + 0.003 * max(0.0, abs(yaw) + abs(pitch) - 35):
            return None
        seen = view_of_photograph(shape, yaw, pitch, roll, self._distance / self._scale + 2)
        return self._detector.see(seen, yaw, pitch, flat=True, belief=self._belief)

    def _screen(self, now: float, told: Told) -> Points | None:
        """The photograph, or the picture that fits the question."""
        if told != self._told:
            self._told = told
            x, y = Direction[told[0].name].value if told[0].name in Direction.__members__ else (0, 0)
            takes = self._rng.uniform(0.3, 0.7) if self._kind == "other" else 1e-3
            self._mover.go(np.array([x, y, 0.0]) * self._size, now + self._rng.uniform(0.25, 0.5), takes)
        yaw, pitch, _ = self._mover.move(now)
        turned = math.hypot(yaw, pitch) > self._cuts_at
        if turned != self._turned:
            self._turned, self._hidden = turned, self._hides
        self.owner = self._kind != "other" or not turned
        if self._hidden > 0:
            self._hidden -= 1
            return None
        if turned:
            seen = view_of_head(self._nose, yaw, pitch, 0.0, self._distance)
            return self._detector.see(seen, yaw, pitch, flat=False, belief=1)
        flat = view_of_photograph(FACE, 0.0, 0.0, 0.0, self._distance)
        return self._detector.see(flat, 0.0, 0.0, flat=True, belief=self._belief)


Actor: TypeAlias = Callable[[float, Told], "Points | None"]


@dataclass(frozen=True, slots=True)
class Played:
    """A session as it went."""

    challenge: ActiveChallenge
    seconds: float
    shown: tuple[tuple[float, Points | None], ...]
    """What the detector saw, and when: a recording."""


def play(
    challenge: ActiveChallenge,
    actor: Actor,
    rng: np.random.Generator,
    fps: float | None = None,
    owner: Callable[[], bool] = lambda: True,
) -> Played:
    """A session from its first frame to its end, at 15 to 30 frames a second unless told otherwise: two cores manage 17
    at their slowest, and cameras give 30. `owner`: whether the face just shown is the one the session began with."""
    every, now, shown = 1 / (fps or rng.uniform(15, 30)), 0.0, []
    while not challenge.over:
        progress = challenge.progress(int(now * 1e9))
        told = Told(progress.instruction, progress.done, progress.attempt, progress.following is not None)
        points = actor(now, told)
        shown.append((now, points))
        challenge.observe(View(1, points, same=owner()), int(now * 1e9))
        now += every * rng.uniform(0.9, 1.1)
    return Played(challenge, now, tuple(shown))
