"""From a frame's result to the policy's decision: who is in the zone, who is meant, what is known around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from faceapp.access.decisions import Decision, Deny
from faceapp.access.observations import NO_SIGN, Claim, DoorStatus, LifeSign, Observation, Permission, Sighting
from faceapp.access.policy import AccessPolicy
from faceapp.access.policy_settings import PolicySettings
from faceapp.access.visits import State
from faceapp.settings import Zone
from faceapp.types import BgrImage, Box, FrameResult, TrackedFace
from faceapp.vision.tracker import Track


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the policy is told besides the faces, as it was while the frame was looked at."""

    space: str
    """Embedding space of the network in use."""
    gallery_space: str
    """Embedding space of the templates searched."""
    permissions: Mapping[str, Permission]
    local_time: datetime
    claim: Claim | None = None
    door: DoorStatus = "ready"
    life: LifeSign = NO_SIGN
    """What is known of one of the faces."""
    require_live: bool = False
    abandoned: LifeSign | None = None


class Judge:
    """Keeps the policy's state from frame to frame. One thread owns it."""

    def __init__(self, settings: PolicySettings, zone: Zone) -> None:
        self.settings = settings
        self.zone = zone
        self._policy = AccessPolicy(settings)
        self._state = State()
        self._seen: Observation | None = None

    def front(self, tracks: Sequence[Track], size: tuple[int, int]) -> Track | None:
        """Whose face is to be embedded: the highest one in the zone, as the policy chooses (`pipeline.embedding`)."""
        inside = [t for t in tracks if _within(t.face.box, self.zone, size)]
        return max(inside, key=lambda t: t.face.box.height, default=None)

    def meant(self, result: FrameResult) -> TrackedFace | None:
        """Who the policy will look at: the only one in the zone, or the one clearly nearer than all others."""
        inside = [face for face in result.faces if _within(face.face.box, self.zone, result.size)]
        front = max(inside, key=lambda face: face.face.box.height, default=None)
        if front is None:
            return None
        clear = (front.face.box.height >= self.settings.nearer * f.face.box.height for f in inside if f is not front)
        return front if all(clear) else None

    def decide(self, result: FrameResult, around: Surroundings, now_ns: int) -> Decision:
        """What to do about this frame. Frames are given in order, each once; `now_ns` is their clock."""
        occupants = tuple(
            _sighting(face, around.life) for face in result.faces if _within(face.face.box, self.zone, result.size)
        )
        seen = Observation(
            captured_ns=result.captured_ns,
            occupants=occupants,
            space=around.space,
            gallery_space=around.gallery_space,
            local_time=around.local_time,
            permissions=around.permissions,
            claim=around.claim,
            door=around.door,
            require_live=around.require_live,
            abandoned=around.abandoned,
        )
        self._seen = seen
        self._state, decision = self._policy.observe(self._state, seen, now_ns)
        return decision

    def not_opened(self) -> None:
        """The door stayed shut after the last grant: that was no opening."""
        self._state = self._state.without_last_opening()

    def forget_votes(self) -> None:
        """The gallery has changed: what was recognised before was recognised in another one."""
        self._state = self._state.without_votes()

    def locked_for_s(self, decision: Deny, claim: Claim | None, now_ns: int) -> float:
        """How many seconds a lockout still lasts; 0 where there is none."""
        visit = self._state.visits.get(decision.evidence.track)
        claimed = None if claim is None else self._state.claims.get(claim.person_id)
        ends = [r.locked_until_ns for r in (visit and visit.record, claimed) if r is not None]
        return max((max(0.0, (end - now_ns) / 1e9) for end in ends if end is not None), default=0.0)

    def claim_holds(self, claim: Claim, now_ns: int) -> bool:
        """Whether a claim hasn't expired, with those who were there in the last frame."""
        seen = Observation(now_ns, (), "", "", datetime.min, {}) if self._seen is None else self._seen
        return self._policy.holds(claim, seen, now_ns)

    def claim_used(self, claim: Claim) -> bool:
        """Whether the door was granted on this claim, or a later one."""
        used = self._state.claim_used_ns
        return used is not None and claim.claimed_ns <= used


def within(image: BgrImage, zone: Zone) -> BgrImage:
    """The part of a picture that lies in the zone, not copied."""
    height, width = image.shape[:2]
    left, top, right, bottom = zone
    return image[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]


def _within(box: Box, zone: Zone, size: tuple[int, int]) -> bool:
    x, y = box.center
    left, top, right, bottom = zone
    return left <= x / size[0] <= right and top <= y / size[1] <= bottom


def _sighting(face: TrackedFace, life: LifeSign) -> Sighting:
    match = face.match if face.fresh else None
    # Somebody of whom the face was said not to be counts as the runner-up, though they may be nearer than the nearest:
    # "that is not Ada" must not open the door to Bob where the two of them would have been a tie.
    others = [c for c in (match.runner_up, match.struck_out) if c is not None] if match is not None else []
    return Sighting(
        track=face.track,
        height=face.face.box.height,
        nearest=match.nearest if match is not None else None,
        runner_up=min(others, key=lambda c: c.distance, default=None),
        quality=face.quality if face.quality is not None else 0.0,
        observed=face.observed,
        certain=face.certain,
        fresh=face.fresh,
        life=life,
    )
