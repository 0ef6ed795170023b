"""What the policy is told: who stands in the zone, whose face that looks like, who may do what.

Plain values, made by `app/` from a frame's result. Nothing here decides anything but whether an hour lies in a window.
Numbers that are no numbers (NaN) are allowed everywhere and never fulfil a condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from faceapp.types import Candidate, Hours

Mode: TypeAlias = Literal["identify", "verify"]
"""identify: the face alone, against everybody (1:K). verify: a claim first, then the face against the claimed person's
templates only (1:1)."""

Liveness: TypeAlias = Literal["unknown", "live", "attack"]
"""What is known of a track: a living person, a picture of one, or nothing."""

Questions: TypeAlias = Literal["none", "asking", "failed"]
"""Where somebody is asked to move their head: whether they are being asked, or a session of questions ended without the
answers. One that ended well shows as *live*."""

DoorStatus: TypeAlias = Literal["ready", "busy", "out_of_order"]
"""Whether an opening could happen now. With a frozen camera or a log that can't be written it's `out_of_order` too."""


@dataclass(frozen=True, slots=True)
class LifeSign:
    """What the detectors of life say of one face, in one word, and what it is bound to."""

    state: Liveness = "unknown"
    track: int | None = None
    """Whose sign it is: of any other track it says nothing."""
    person_id: str | None = None
    """Who the face was recognised as while it was made and is now; None: nobody, or more than one."""
    since_ns: int = 0
    """When the first frame was taken that it rests on..."""
    at_ns: int = 0
    """...and the last: the last answer, for questions."""
    reason: str = ""
    """Why the detectors say so: a short code, for the log."""
    questions: Questions = "none"


NO_SIGN = LifeSign()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face in the zone in one frame."""

    track: int
    """Id of the track, never reused."""
    height: float
    """Of the face's box, pixels: how near the person is."""
    nearest: Candidate | None
    """Whom the face is nearest to; None where nobody was searched for or found."""
    runner_up: Candidate | None
    """The nearest other person; None where there is none, as in a verification."""
    quality: float
    """Of the picture, 0 to 100 (`vision.quality`)."""
    life: LifeSign = NO_SIGN
    """What is known of its being alive."""
    observed: bool = True
    """True where the detector itself saw the face in this frame, false where the track carried it."""
    certain: bool = True
    """False in a frame where the face could be another one's: it jumped, or two faces were candidates."""
    fresh: bool = True
    """True where `nearest` comes from an embedding of this very frame: one that is only remembered is no new evidence,
    however often it is looked at."""

    @property
    def liveness(self) -> Liveness:
        """The word, where it is about this track."""
        return self.life.state if self.life.track == self.track else "unknown"

    @property
    def questions(self) -> Questions:
        """The same of the questions."""
        return self.life.questions if self.life.track == self.track else "none"


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says who they are: a badge, a code, a typed number."""

    person_id: str
    """Who is claimed. For a badge that nobody has, any text that is no person's id: the face is then looked at and
    refused like any wrong one, so that nobody learns whose badges are known."""
    claimed_ns: int
    """When, on the frames' clock. Two claims are never made at the same time."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One person's right to this door."""

    allowed: bool = False
    """Given by the administrator. Enrolling gives nobody a door."""
    active: bool = True
    """False: deactivated, whatever else they may."""
    hours: tuple[Hours, ...] | None = None
    """When the right holds; None: always; empty: never."""
    face_alone: bool = True
    """False: only with a claim besides, because somebody else's face is too near to theirs."""

    def within_hours(self, local: datetime) -> bool:
        """Whether the right holds at `local` wall-clock time."""
        return self.hours is None or any(window.contains(local) for window in self.hours)


@dataclass(frozen=True, slots=True)
class Observation:
    """One processed frame, as the policy sees it."""

    captured_ns: int
    """When the frame was taken. All durations are counted in this time, so that a film is judged in its own."""
    occupants: tuple[Sighting, ...]
    """Every face in the zone, carried ones too, in any order."""
    space: str
    """Embedding space of the network in use."""
    gallery_space: str
    """Embedding space of the templates searched."""
    local_time: datetime
    """Wall-clock time at the door, for the hours."""
    permissions: Mapping[str, Permission]
    """By person id, as they are now. Who is missing has no right. Not changed once it was handed over."""
    claim: Claim | None = None
    """The claim in force: the faces were searched for among this person's templates only. None: among everybody's."""
    door: DoorStatus = "ready"
    abandoned: LifeSign | None = None
    """A session of questions that ended without the answers and without its visitor in front: somebody else came
    between, or they left. From `since_ns` to `at_ns` they were shown a movement to make."""
    require_live: bool = False
    """Whether this visitor must be found to be alive, at this hour, with this claim."""

    @property
    def answering_since_ns(self) -> int | None:
        """Since when somebody in the zone has been asked to move their head, or has answered; None: nobody."""
        return min(
            (s.life.since_ns for s in self.occupants if s.questions != "none" or s.liveness == "live"), default=None
        )
