"""What is required of whom, and when, as a sign of life: the site's usual choice, other choices for some hours, and the
way in for those who can't turn their head."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from faceapp.access.observations import Claim
from faceapp.app.hours import parse_hours
from faceapp.errors import InputError, UnavailableError
from faceapp.settings import LivenessMode
from faceapp.types import Hours


@dataclass(frozen=True, slots=True)
class LifeRules:
    """Immutable; any thread may ask."""

    usual: LivenessMode
    by_hour: tuple[tuple[Hours, LivenessMode], ...] = ()
    """Of several windows the first one that holds."""

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
