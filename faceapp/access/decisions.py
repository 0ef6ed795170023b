"""What the policy answers: grant, hold or deny, each with its reason and the figures behind it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from faceapp.access.observations import Liveness, Mode


class Reason(enum.Enum):
    """Why the door stays shut: a code for logs and a calm sentence for whoever stands there.

    The sentences say nothing about who is enrolled: a face that isn't known, one that doesn't fit the claim and a claim
    that nobody has read alike. That somebody may not enter, or not now, is said only to a face that was recognised.
    """

    # Nothing wrong, nothing decided yet
    NOBODY = "nobody", "Please step in front of the camera."
    NO_CLAIM = "no_claim", "Please show your badge first."
    CLAIM_EXPIRED = "claim_expired", "That took a little long. Please show your badge again."
    COME_CLOSER = "come_closer", "Please come a little closer."
    LOOK_HERE = "look_here", "Please look at the camera and hold still."
    CHECKING = "checking", "One moment, please."
    TWO_PEOPLE = "two_people", "One person at a time, please."
    LIVENESS = "liveness", "Please follow the instructions on the screen."
    COOLDOWN = "cooldown", "The door has just been opened. Please go through."
    DOOR_BUSY = "door_busy", "One moment, the door is still moving."

    # Something is wrong with us
    OUT_OF_ORDER = "out_of_order", "This door is out of order. Please ask for help."
    STALE_FRAME = "stale_frame", "The camera is behind. One moment, please."
    OTHER_EMBEDDER = "other_embedder", "Faces cannot be compared right now. Please ask for help."
    OTHER_SEARCH = "other_search", "Faces cannot be looked up right now. Please ask for help."

    # Refused (a tie is a hold first)
    TIE = "tie", "Not sure enough. Please look straight at the camera, or ask for help."
    NOT_RECOGNISED = "not_recognised", "Not recognised. Please try again or ask for help."
    NOT_ALLOWED = "not_allowed", "This door cannot be opened for you. Please ask for help."
    DEACTIVATED = "deactivated", "This door cannot be opened for you. Please ask for help."
    OUTSIDE_HOURS = "outside_hours", "This door cannot be opened for you at this hour. Please ask for help."
    NEEDS_BADGE = "needs_badge", "Please use your badge."
    ATTACK = "attack", "Please show your face itself, not a picture or a screen. Or ask for help."
    NOT_LIVE = "not_live", "That could not be checked. Please try again or ask for help."
    LOCKED_OUT = "locked_out", "Please wait a moment before the next try, or ask for help."

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures behind a decision, for the administrator's panel and the audit log. Ids, never names."""

    mode: Mode
    track: int
    person_id: str | None
    """Who it is, where the face is near enough to somebody; else None."""
    nearest: float | None
    """Distance to the nearest person, known or not."""
    threshold: float
    """Distance up to which a face counts."""
    runner_up_id: str | None
    runner_up: float | None
    """Distance to the nearest other person."""
    margin_needed: float
    """How much farther the runner-up must be."""
    votes: int
    """Frames that agree, of the last `frames` within the window; as many as are needed where they did while a sign of
    life was made."""
    votes_needed: int
    frames: int
    height: float
    quality: float
    liveness: Liveness
    latency_ms: float
    """From taking the frame to deciding on it."""
    waited_ms: float | None
    """From the first usable frame of this attempt to this one; None before."""
    usable: int = 0
    """Usable frames of this attempt, whoever they show."""
    liveness_reason: str = ""
    """Why the detectors of life say so: a short code; empty where none was asked."""

    @property
    def margin(self) -> float | None:
        """How much farther the runner-up is than the nearest; None where there is none."""
        return None if self.nearest is None or self.runner_up is None else self.runner_up - self.nearest


@dataclass(frozen=True, slots=True)
class Grant:
    """Open the door. Good for a second (`door_thread`), once."""

    person_id: str
    track: int
    captured_ns: int
    """Of the frame that decided it."""
    decided_ns: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Hold:
    """Not yet: nothing to log."""

    reason: Reason
    evidence: Evidence | None = None
    """None where no single face is looked at."""


@dataclass(frozen=True, slots=True)
class Deny:
    """No."""

    reason: Reason
    evidence: Evidence
    counted: bool
    """True in the one frame in which the refusal happens: log this one. The frames after it repeat the answer."""
    locked: bool = False
    """True where this refusal was one too many."""


Decision: TypeAlias = Grant | Hold | Deny
