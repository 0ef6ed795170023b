"""What the active challenge asks and says: its limits, the questions drawn, the words on the screen."""

from __future__ import annotations

import enum
import math
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from faceapp.vision.liveness.evidence import Reason
from faceapp.vision.liveness.parallax import Direction

Draw: TypeAlias = Callable[[Sequence[Direction]], Direction]


@dataclass(frozen=True, slots=True)
class ChallengeSettings:
    """Times in seconds, shifts in distances between the eyes."""

    movements: tuple[int, ...] = (3, 4)
    """How many movements each try asks for; as many tries as numbers. Three are one sequence of 36."""
    limit: float = 3.0
    """For one answer. Nine in ten people begin within 0.7 s and are there after another 0.5."""
    soonest: float = 0.2
    """Nobody answers faster: what is already there by then began before the question."""
    back: float = 3.0
    """For looking at the camera again."""
    settle: float = 6.0
    """For the first look at the camera of a try."""
    reference_frames: int = 3
    reference_time: float = 0.12
    """The reference is the median of so many frames over so long, in which the head keeps still."""
    still: float = 0.05
    """How much the nose may move while it does: four times the landmarks' noise."""
    least: float = 0.13
    """Shift asked for: about 20 degrees. Nine times the noise of one frame."""
    share: float = 0.35
    """Shift asked for, as a part of the slope: see `parallax.needed`. Of AT&T's and a webcam clip's heads that are
    turned to a shift of 0.2 to 0.3, 92 in 100 show it (0.33: 97, 0.38: 87), and all that are turned further; of 67
    views of photographs bent to 15 cm, larger than life and tilted by 25 to 55 degrees, two did (0.33: five, 0.38:
    none); an answer is the mean of two frames, and a session takes three."""
    frontal: float = 0.1
    """Up to here it is a look at the camera: three quarters of what is asked for, about 15 degrees, so that nobody must
    return to the very place, and the face is still well recognised."""
    frontal_pose: tuple[float, float, float] = (25.0, 40.0, 30.0)
    """Degrees of yaw, pitch and roll, as `quality.pose` estimates them, for the first look: noses and cameras' heights
    differ."""
    sector: float = 0.75
    """How far aside of the asked direction an answer may go, as a part of the way: 37 degrees, since who looks up or
    down hardly does it straight."""
    hold: int = 2
    """Frames whose median counts, for answers and for faults: one frame's landmarks may be anything."""
    flat_slope: float = 0.75
    """From this tangent on a face that shows less than half of the shift needed is a picture."""
    gap: float = 0.7
    """Longest time in which the detector doesn't see the face. A nod may hide it for some frames."""
    jump: tuple[float, float] = (0.12, 4.0)
    """Shift from one frame to the next: so much, and so much for each second between them. The fastest of 214 frames of
    a man shaking his head had 4.8 a second, with noise."""
    on_the_way: tuple[float, float] = (0.2, 0.85)
    """Parts of what is asked for. An answer with no frame between them came out of nowhere. Of 298 answers of invented
    people at 15 frames a second fewer than one in twenty are as quick as that, at 30 hardly any."""
    stride: float = 0.2
    """Shift from one frame that shows the face to the next, on the way to an answer. Invented people at 15 frames a
    second go less far in 99 of 100 steps, the man shaking his head, at 30, in all (0.16)."""
    repeats: int = 2
    """How often in a try a question is asked again because its answer wasn't seen on its way."""
    identity: bool = True
    """Whether `View.same` must be True from the front, before the first and after each answer, and `View.possible`
    in each."""

    def __post_init__(self) -> None:
        if not self.movements or min(self.movements) < 3:
            raise ValueError("a try asks for at least three movements, or a recording fits more often than once in 36")


def chance(settings: ChallengeSettings) -> float:
    """The chance that a recording, whatever it shows, passes a session with all its tries."""
    return 1 - math.prod(1 - 1 / sequences(n) for n in settings.movements)


def sequences(length: int) -> int:
    """How many sequences of so many questions there are."""
    return int(len(Direction) * (len(Direction) - 1) ** (length - 1))


def draw_sequence(length: int, draw: Draw = secrets.choice, known: Sequence[Direction] = ()) -> tuple[Direction, ...]:
    """`known`, and `length` directions after them, each drawn from those other than the one before: all such sequences
    are equally likely."""
    asked = list(known)
    for _ in range(length):
        asked.append(draw([d for d in Direction if not asked or d is not asked[-1]]))
    return tuple(asked)


class Instruction(enum.Enum):
    """The one thing to say at the moment; windows translate it by its name."""

    LOOK_HERE = "Please look at the camera."
    LEFT = "Turn your head to the left."
    RIGHT = "Turn your head to the right."
    UP = "Look up."
    DOWN = "Look down."
    LOOK_BACK = "Look at the camera again."
    ONCE_MORE = "Once more: please look at the camera."
    DONE = "Thank you."
    FAILED = "That didn't work."

    @property
    def sentence(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Progress:
    """What to show."""

    instruction: Instruction
    direction: Direction | None
    """The question of the moment, for an arrow."""
    following: Direction | None
    """While the face goes back to the front, or is looked at there first: the question that comes next, to be shown
    already."""
    done: int
    """Movements answered in this try..."""
    total: int
    """...of so many."""
    attempt: int
    """1 for the first try..."""
    attempts: int
    """...of so many."""
    seconds_left: float
    """For what `instruction` asks; 0 when all is over."""
    reached: float = 0.0
    """How far the head has turned the way it was asked to, 0 to 1 where that is enough: for an arrow that fills, so
    that whoever has not turned far enough sees it."""
    failed_for: Reason | None = None
    """Why the last try failed, for `ONCE_MORE` and `FAILED`."""
