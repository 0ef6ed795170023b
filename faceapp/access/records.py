"""What may stand in the audit log: ids, figures and short codes. No names, no pictures, no free text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from faceapp.access.chain import BEGINNING, CHECKPOINT, DAMAGE, PRUNED, Scalar
from faceapp.access.decisions import Deny, Grant
from faceapp.errors import BugError

UNKNOWN = "unknown"
"""The person of an entry about nobody who is known."""

NUMBERS = frozenset({
    "distance", "threshold", "runner_up", "margin", "votes", "votes_needed", "height", "quality", "latency_ms",
    "waited_ms", "track", "frame", "locked", "intention", "entries",
})  # fmt: skip
"""Distances of the embedding space, pixels, milliseconds, counts; `intention` is an entry's number."""
PEOPLE = frozenset({"person", "runner_up_person"})
"""A person's random id, `unknown`, or the demonstration's `guest`."""
CODES = frozenset({
    "reason", "mode", "liveness", "liveness_reason", "liveness_mode", "liveness_why", "door", "outcome", "detail",
    "actor", "action", "frame_time",
    "model", "settings", "provider", "version", "until",
})  # fmt: skip
"""Up to 120 plain characters, beginning with a letter or digit, so that no spreadsheet takes them for a formula."""

_KIND = re.compile(r"[a-z][a-z_]{0,39}")
_PERSON = re.compile(r"unknown|guest|[0-9a-f]{8,64}")
_CODE = re.compile(r"(?:\w[\w .,:;+/@()=-]{0,119})?", re.ASCII)
_RESERVED = frozenset({BEGINNING, CHECKPOINT, DAMAGE, PRUNED})


def check(kind: str, fields: Mapping[str, Scalar]) -> None:
    """Raises BugError for an entry that has no place in the log."""
    if not _KIND.fullmatch(kind) or kind in _RESERVED:
        raise BugError(f"{kind!r} can't be the kind of an audit entry")
    for name, value in fields.items():
        if value is None and name in NUMBERS | CODES:
            continue
        if name in NUMBERS:
            fits = isinstance(value, int | float)
        elif name in PEOPLE:
            fits = isinstance(value, str) and _PERSON.fullmatch(value) is not None
        else:
            fits = name in CODES and isinstance(value, str) and _CODE.fullmatch(value) is not None
        if not fits:
            raise BugError(f"an audit entry can't have {name}={value!r}")


def code(text: str) -> str:
    """`text` as a short code: what an entry can't have becomes an underscore."""
    plain = re.sub(r"[^\w .,:;+/@()=-]", "_", text[:120], flags=re.ASCII)
    return plain if _CODE.fullmatch(plain) else "_" + plain[1:]


def fields_of(decision: Grant | Deny, *, frame_time: str, model: str, settings: str) -> dict[str, Scalar]:
    """What the log keeps of a decision. `frame_time`: when its frame was taken, ISO 8601; `model` and `settings`: the
    versions in use (embedding space, `PolicySettings.version`)."""
    e = decision.evidence
    return {
        "person": e.person_id or UNKNOWN,
        "reason": "granted" if isinstance(decision, Grant) else decision.reason.code,
        "mode": e.mode,
        "distance": e.nearest,
        "threshold": e.threshold,
        "runner_up": e.runner_up,
        "margin": e.margin_needed,
        "votes": e.votes,
        "votes_needed": e.votes_needed,
        "height": e.height,
        "quality": e.quality,
        "liveness": e.liveness,
        "liveness_reason": e.liveness_reason or None,
        "latency_ms": e.latency_ms,
        "waited_ms": e.waited_ms,
        "track": e.track,
        "locked": isinstance(decision, Deny) and decision.locked,
        "frame_time": frame_time,
        "model": model,
        "settings": settings,
    }
