"""Who may open the door, as the gallery keeps it: plain values, and how a person's own right and their groups' add up.

Importing this module is cheap; `store` brings SQLAlchemy with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from faceapp.types import Hours

Own: TypeAlias = Literal["allow", "deny"]
"""A person's own right. None in its place: their groups decide."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of people who share a right."""

    id: str
    """Random, 32 hexadecimal digits."""
    name: str
    allowed: bool
    """Whether it gives its members the door. A group that doesn't takes it from nobody who has it otherwise."""
    hours: tuple[Hours, ...] | None
    """When; None: always; empty: never."""
    members: int
    """How many people are in it."""


@dataclass(frozen=True, slots=True)
class RightRow:
    """One person's right to the door, in the end and where it comes from."""

    person_id: str
    allowed: bool
    """What holds in the end: their own right, else one of their groups'. Whether they are `active` is another
    question: somebody enters only if both are true, and within `hours`."""
    own: Own | None
    """Their own right; None: the groups decide."""
    active: bool
    """False: deactivated, whatever else they may."""
    groups: tuple[str, ...]
    """Names of their groups, sorted."""
    hours: tuple[Hours, ...] | None
    """When the right holds in the end; None: always; empty: never, as for everybody who is not allowed."""
    own_hours: tuple[Hours, ...] | None
    """The hours of an own "allow"; None: always, or there is none."""
    badges: int
    """How many badges are known as theirs."""
    badge_required: bool = False
    """True: their face alone opens nothing, because somebody else's is too near to it."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a person gets from their groups together."""

    groups: tuple[str, ...]
    """Their names, sorted."""
    allowed: bool
    """One group that gives the door is enough."""
    hours: tuple[Hours, ...] | None
    """Those of all groups that do; None: always."""


def shared(groups: Sequence[GroupRow]) -> Shared:
    """What the members of all of `groups` get. `groups` in any order."""
    names = tuple(g.name for g in sorted(groups, key=lambda g: (g.name.casefold(), g.name)))
    giving = [g.hours for g in groups if g.allowed]
    return Shared(names, bool(giving), _union(giving) if giving else ())


def resolve(
    person_id: str,
    own: str | None,
    active: bool,
    own_hours: tuple[Hours, ...] | None,
    of_groups: Shared,
    badges: int,
    badge_required: bool = False,
) -> RightRow:
    """The right of a person.

    Nobody has a right by being enrolled. An own "deny" wins over everything, an own "allow" gives the door at its own
    hours; without either, the groups decide. Raises ValueError for an `own` that is none of these.
    """
    groups = of_groups.groups
    if own is None:
        return RightRow(
            person_id, of_groups.allowed, None, active, groups, of_groups.hours, None, badges, badge_required
        )
    if own == "allow":
        return RightRow(person_id, True, "allow", active, groups, own_hours, own_hours, badges, badge_required)
    if own == "deny":
        return RightRow(person_id, False, "deny", active, groups, (), None, badges, badge_required)
    raise ValueError(f"a right can't be {own!r}")


def _union(several: Sequence[tuple[Hours, ...] | None]) -> tuple[Hours, ...] | None:
    if len(several) == 1:
        return several[0]
    if any(hours is None for hours in several):
        return None
    return sorted_hours(window for hours in several if hours is not None for window in hours)


def sorted_hours(windows: Iterable[Hours]) -> tuple[Hours, ...]:
    """`windows` without repetitions, by day and time."""
    return tuple(sorted(set(windows), key=lambda w: (sorted(w.days), w.opens, w.closes)))


def hours_as_json(hours: tuple[Hours, ...] | None) -> list[list[object]] | None:
    """`hours` as they are stored: a list of [days, opens, closes]."""
    return None if hours is None else [[sorted(w.days), w.opens, w.closes] for w in hours]


def hours_of_json(text: str | None) -> tuple[Hours, ...] | None:
    """What `hours_as_json` made, as the text it is stored as. Raises ValueError for anything else."""
    if text is None:
        return None
    try:
        stored = json.loads(text)
        windows = [(frozenset(days), opens, closes) for days, opens, closes in stored]
        if all(type(n) is int for days, opens, closes in windows for n in (*days, opens, closes)):
            return tuple(Hours(*window) for window in windows)
    except TypeError as e:
        raise ValueError(f"hours can't be {text}") from e
    raise ValueError(f"hours can't be {text}")
