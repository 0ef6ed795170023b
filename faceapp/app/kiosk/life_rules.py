"""What is required of whom, and when, as a sign of life: the site's usual choice, other choices for some hours, and the
way in for those who can't turn their head."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, cast, get_args

from faceapp.access.observations import Claim
from faceapp.app.hours import parse_hours
from faceapp.errors import InputError, UnavailableError
from faceapp.settings import LivenessMode
from faceapp.types import Hours

Why: TypeAlias = Literal["site", "command line", "hour", "person"]
"""Whose choice a mode is: the site's usual one, the command line's, one for some hours, or for whoever is spared."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What is required at one moment: the same for the screen, the door and the log."""

    mode: LivenessMode
    why: Why
    local: datetime
    """The moment, local wall-clock time with its zone."""


@dataclass(frozen=True, slots=True)
class LifeRules:
    """Immutable; any thread may ask."""

    usual: LivenessMode
    by_hour: tuple[tuple[Hours, LivenessMode], ...] = ()
    """Of several windows the first one that holds."""
    by_command: bool = False
    """Whether `usual` is the command line's choice."""

    def in_force(self, claim: Claim | None, spared: Collection[str], now: datetime) -> InForce:
        """What is required at `now`, a time with its zone, and whose choice that is. See `mode`."""
        local = now.replace(tzinfo=None)
        mode, usual = self.mode(claim, spared, local), self.mode(None, (), local)
        if mode != usual:
            why: Why = "person"
        elif any(hours.contains(local) for hours, _ in self.by_hour):
            why = "hour"
        else:
            why = "command line" if self.by_command else "site"
        return InForce(mode, why, now)

    def mode(self, claim: Claim | None, spared: Collection[str], local: datetime) -> LivenessMode:
        """What is required at `local` wall-clock time. `spared`: ids of those who come with a badge and are looked at
        by a model instead of being asked. By the claim, never by the face: else it would tell who somebody is."""
        usual = next((mode for hours, mode in self.by_hour if hours.contains(local)), self.usual)
        asked = usual in ("active", "both")
        return "passive" if asked and claim is not None and claim.person_id in spared else usual

    def needs_model(self, spares: bool) -> bool:
        """Whether a passive model has a say at any time; `spares`: somebody may be spared the questions."""
        modes = {self.usual, *(mode for _, mode in self.by_hour)}
        return bool(modes & {"passive", "both"}) or (spares and "active" in modes)


def hourly(texts: Mapping[str, str]) -> tuple[tuple[Hours, LivenessMode], ...]:
    """The settings' `liveness_hours`, "Mon-Fri 08:00-18:00" to a mode. Raises UnavailableError in one line."""
    found = []
    for text, mode in texts.items():
        if mode not in get_args(LivenessMode):
            modes = ", ".join(get_args(LivenessMode))
            raise UnavailableError(f"settings.json: kiosk: liveness_hours: {mode!r} is none of {modes}: mend it")
        try:
            found.append((parse_hours(text), cast(LivenessMode, mode)))
        except InputError as e:
            raise UnavailableError(f"settings.json: kiosk: liveness_hours: {e}") from e
    return tuple(found)
