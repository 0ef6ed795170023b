"""The laws about who may enter and when, for `access_laws`."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from faceapp.types import Hours

if TYPE_CHECKING:
    from tests.fakes.access_laws import Laws


def against(laws: Laws, i: int, person: str) -> list[str]:
    """What somebody's right to the door lacks in frame `i`."""
    seen, found = laws.steps[i].seen, []
    right, local = seen.permissions.get(person), seen.local_time
    if right is None or not right.allowed:
        found.append("the right to the door")
    if right is not None and not right.active:
        found.append("nobody deactivated")
    if right is not None and right.hours is not None:
        minute = local.weekday(), local.hour * 60 + local.minute
        if minute not in minutes_of(right.hours):
            found.append("within the hours")
    if right is not None and not right.face_alone and laws.s.mode == "identify":
        found.append("a badge where it is needed")
    return found


@cache
def minutes_of(windows: tuple[Hours, ...]) -> frozenset[tuple[int, int]]:
    """Every weekday and minute that lies in one of them, counted out."""
    found = set()
    for hours in windows:
        for day in hours.days:
            minute = datetime(2024, 1, 1 + day) + timedelta(minutes=hours.opens)
            for _ in range((hours.closes - hours.opens) % 1440 or 1440):
                found.add((minute.weekday(), minute.hour * 60 + minute.minute))
                minute += timedelta(minutes=1)
    return frozenset(found)
