"""Why a frame was answered as it was, for the administrator's eyes.

What is kept of a decision has ids only. Names are looked up when it is shown: of somebody who was deleted meanwhile
nothing is left here either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from faceapp.access.decisions import Deny, Evidence, Grant, Hold
from faceapp.access.policy_settings import PolicySettings
from faceapp.app.kiosk.types import Explained


@dataclass(frozen=True, slots=True)
class Told:
    """One decision about one face."""

    number: int
    """Counts up; the same decision keeps its number when its outcome comes."""
    at: str
    """Local wall-clock time, ISO 8601 with seconds."""
    decision: Grant | Deny | Hold
    evidence: Evidence
    outcome: str | None = None
    """Of an opening, once it is known."""


def explained(told: Told, names: Mapping[str, str], settings: PolicySettings, provider: str) -> Explained:
    """`told` with the names people have now, by id. `provider`: what the networks run on."""
    decision, e = told.decision, told.evidence
    kind: Literal["grant", "deny", "hold"]
    if isinstance(decision, Grant):
        kind, reason, sentence = "grant", "granted", "Welcome. The door is open."
    else:
        kind = "deny" if isinstance(decision, Deny) else "hold"
        reason, sentence = decision.reason.code, decision.reason.sentence
    return Explained(
        number=told.number,
        at=told.at,
        decision=kind,
        reason=reason,
        sentence=sentence,
        name=None if e.person_id is None else names.get(e.person_id),
        runner_up=None if e.runner_up_id is None else names.get(e.runner_up_id),
        distance=e.nearest,
        threshold=e.threshold,
        runner_up_distance=e.runner_up,
        margin_needed=e.margin_needed,
        votes=e.votes,
        votes_needed=e.votes_needed,
        frames=e.frames,
        height=e.height,
        min_height=settings.min_height,
        quality=e.quality,
        min_quality=settings.min_quality,
        liveness=e.liveness,
        liveness_reason=e.liveness_reason,
        latency_ms=e.latency_ms,
        waited_ms=e.waited_ms,
        provider=provider,
        outcome=told.outcome,
    )
