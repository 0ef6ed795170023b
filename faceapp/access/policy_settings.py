"""The policy's named settings. The defaults were tried on 180 genuine and 400 strangers' photographs (`split.txt` of
CFP, one photo enrolled, `facenet+dlib`), on walk-ups made from the 54 that lie nearest to the threshold, and on webcam
clips; "measured" below means there."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, fields

from faceapp.access.observations import Mode

LONGEST = 86_400.0
"""Seconds: nothing here is meant to last longer than a day."""
_DURATIONS = (
    "window",
    "max_age",
    "cooldown",
    "empty",
    "attempt",
    "pause",
    "refusal_memory",
    "lockout",
    "claim",
    "liveness",
    "life",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """What a site can choose. Distances are of `space`, times in seconds of the frames' clock."""

    space: str
    """The embedding space the thresholds belong to. Observations of another never open."""
    door_threshold: float
    """Distance up to which a face counts when identifying: the manifest's door threshold (pair FAR 1e-4)."""
    verify_threshold: float
    """Distance up to which a face counts for a claim: the manifest's verify threshold (pair FAR 1e-3). It may be wider
    because one person is asked about instead of everybody."""
    mode: Mode = "identify"

    votes: int = 5
    """N: so many of the last `frames` must agree, the deciding one among them. One frame under the threshold must never
    do: camera noise alone spreads a still face's distance by 0.006 from frame to frame (measured), motion and blur by
    far more, and every further frame is another chance for a stranger. Of 180 walk-ups with one photo enrolled 1 vote
    lets in 172, 4 let in 170, 5 let in 168, 6 let in 167, and of 400 strangers' none lets in any
    (`tests/bench/walkups.py`); five take 0.27 s at 15 frames a second, at 6 still less than a second."""
    frames: int = 8
    """M: a majority of the last M processed frames, whatever those showed. Three misses are granted to blinks, blur and
    a detector that loses the face for a moment; somebody who is named in less than every other frame isn't let in."""
    window: float = 1.5
    """The agreeing frames lie within so many seconds. They are meant to show one moment of one person: on a machine
    with three frames a second five would otherwise be a long story."""
    margin: float = 0.1
    """The runner-up must be farther by this part of the threshold. Between that and nothing two people can't be told
    apart. No genuine photograph under the threshold had less than 0.16 of it (measured), so it costs nothing with 20
    people and still stands where twins are enrolled."""
    min_height: float = 64.0
    """Pixels of the face's box. Networks are shown 150 to 160: below 64 most of what they look at is made up by
    enlarging. With a webcam of 640 x 480 that is about 1.7 m; who is farther away is passing by."""
    min_quality: float = 15.0
    """Of 100. Below it a measure is nearly worthless (half a face, motion blur, no light): one of 100 of the frontal
    photographs, one of 70 frames of a webcam clip had less than 25."""
    nearer: float = 1.5
    """Somebody is clearly nearer than everybody else in the zone where their face is so many times as high. People's
    heads differ by up to a fifth and boxes by a tenth, so this is at least half an arm's length at the door."""
    max_age: float = 0.5
    """A frame older than this decides nothing: who it shows may have stepped aside."""

    cooldown: float = 15.0
    """After an opening the same visitor isn't let in again for so long: longer than a door takes to open and fall shut,
    so that somebody lingering doesn't hold it open. Who missed it steps out of the picture for a moment."""
    empty: float = 1.0
    """The cooldown ends early when the zone has been empty for so long. A face turned away for a moment is carried for
    0.4 s and must not count as gone."""

    attempt: float = 3.0
    """A usable face that hasn't been recognised for so long is refused. Who is known is granted in a third of a second;
    what remains is for looking up, taking off a cap, stepping into the light."""
    pause: float = 2.0
    """How long a refusal stands before the next attempt: long enough to read it."""
    refusals: int = 3
    """So many refusals of one visitor, or of one claim, lock it out. Two are for bad luck."""
    refusal_memory: float = 120.0
    """Refusals older than this are forgotten."""
    lockout: float = 30.0
    """How long. Someone who tries badges with a stranger's face gets some four tries a minute for each claimed person,
    at odds of 1 in 1000 each; a colleague with bad luck has been helped by then."""

    claim: float = 15.0
    """A claim that isn't answered by a face for so long has expired: whoever made it has left. While its visitor
    answers questions it is held."""

    require_live: bool = False
    """True: only who was found to be alive is let in, whatever an observation asks for. An attack never is."""
    liveness: float = 30.0
    """How long the questions may take, from the first usable frame on, whoever is asked. Nine of ten need less than
    4 s, and the questions' own limits end a session sooner; this one holds where they don't."""
    life: float = 8.0
    """How long a sign of life counts after the last answer. Looking back at the camera and five frames take less than a
    second; the rest is for the door that is still moving after the person before. Later it could be anybody's."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float | int) and not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{field.name} must be a number, 0 or more, not {value!r}")
        for name in _DURATIONS:
            if getattr(self, name) > LONGEST:
                raise ValueError(f"{name} must be at most a day, {LONGEST:.0f} seconds, not {getattr(self, name)!r}")
        if self.claim < self.attempt:
            raise ValueError(
                f"claim ({self.claim:g} s) must not be shorter than attempt ({self.attempt:g} s): "
                "whoever shows a badge is looked at for so long before the questions hold the claim"
            )
        if self.mode not in ("identify", "verify"):
            raise ValueError(f"mode must be identify or verify, not {self.mode!r}")
        for name in ("door_threshold", "verify_threshold"):
            if not 0 < getattr(self, name) < 2:
                raise ValueError(f"{name} must lie between 0 and 2, not {getattr(self, name)!r}")
        if not (isinstance(self.votes, int) and isinstance(self.frames, int) and 1 <= self.votes <= self.frames):
            raise ValueError(f"votes must be 1 to frames, not {self.votes!r} of {self.frames!r}")
        if not (isinstance(self.refusals, int) and self.refusals >= 1):
            raise ValueError(f"refusals must be 1 or more, not {self.refusals!r}")
        if self.nearer <= 1:
            raise ValueError(f"nearer must be more than 1, not {self.nearer!r}")
        if not self.space:
            raise ValueError("space must be the id of an embedding space")

    @property
    def version(self) -> str:
        """A short fingerprint of all values, for the audit log."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:10]

    @property
    def threshold(self) -> float:
        """The one that applies in `mode`."""
        return self.door_threshold if self.mode == "identify" else self.verify_threshold
