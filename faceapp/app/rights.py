"""Who may open the door: what the policy and lists are told, and the administrator's changes.

A change is written to the audit log before it is made, and one that can't be logged isn't made. So the log may hold a
change that then failed, on a locked gallery, say; it never lacks one that was made.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from faceapp.access.observations import Permission
from faceapp.app.hours import format_hours, in_one_line, shown_hours
from faceapp.app.kiosk.types import RightsRow
from faceapp.errors import InputError
from faceapp.gallery.right_rows import GroupRow, RightRow
from faceapp.gallery.rows import PersonRow
from faceapp.gallery.store import GalleryStore
from faceapp.types import Hours, JsonObject, PersonSummary

Log: TypeAlias = Callable[[str, str | None], object]
"""Writes an administrator's action down, about the person with this id where it is about one; when it returns the entry
is on the disk. It raises where that can't be done. `app.audit.log_action` with the data directory is one."""

LONGEST_ACTION, LONGEST_CODE = 120, 256
"""Characters of an action in the audit log; of a badge's code."""


# What others are told


def permission(row: RightRow) -> Permission:
    """A person's right as the door's policy takes it."""
    return Permission(row.allowed, row.active, row.hours, not row.badge_required)


def permissions_of(rights: Mapping[str, RightRow]) -> Mapping[str, Permission]:
    """The policy's view of the gallery's `rights`. Thousands of people share a few permissions: each is made once."""
    made: dict[tuple[bool, bool, tuple[Hours, ...] | None, bool], Permission] = {}
    told: dict[str, Permission] = {}
    for person_id, row in rights.items():
        key = row.allowed, row.active, row.hours, row.badge_required
        if key not in made:
            made[key] = permission(row)
        told[person_id] = made[key]
    return told


def may_enter(row: RightRow | None, local: datetime) -> bool:
    """Whether a person with this right, None where they are gone, may enter at `local` wall-clock time: the last
    question before the door opens."""
    if row is None:
        return False
    now = permission(row)
    return now.allowed and now.active and now.within_hours(local)


def describe_right(row: RightRow) -> JsonObject:
    """A person's right as the command line's JSON has it. `hours` is null for always and empty for never."""
    return {
        "door": row.allowed and row.active,
        "own": row.own,
        "active": row.active,
        "hours": _texts(row.hours),
        "own_hours": _texts(row.own_hours),
        "groups": list(row.groups),
        "badges": row.badges,
        "badge_required": row.badge_required,
    }


def describe_door(row: JsonObject) -> tuple[str, str]:
    """What a list says of a right made by `describe_right`: whether the door is theirs, and when."""
    if not row["active"]:
        return "deactivated", ""
    if row["door"]:
        return "yes", in_one_line(row["hours"])
    return ("denied" if row["own"] == "deny" else "no"), ""


def rights_rows(people: Iterable[PersonRow | PersonSummary], rights: Mapping[str, RightRow]) -> list[RightsRow]:
    """The rows of a list, in the order of `people`; none for who isn't in `rights`: deleted meanwhile, or a guest."""
    return [_rights_row(person.name, rights[person.id]) for person in people if person.id in rights]


def _rights_row(name: str, r: RightRow) -> RightsRow:
    return RightsRow(
        r.person_id,
        name,
        r.allowed,
        r.own,
        r.active,
        r.groups,
        shown_hours(r.own_hours),
        r.badges,
        r.badge_required,
    )


def describe_group(group: GroupRow, members: Sequence[str]) -> JsonObject:
    """A group as the command line's JSON has it, with its members' names."""
    return {
        "id": group.id,
        "name": group.name,
        "door": group.allowed,
        "hours": _texts(group.hours),
        "members": [*members],
    }


def describe_groups(store: GalleryStore) -> list[JsonObject]:
    """Every group with its members' names, by name."""
    members = _members(store)
    return [describe_group(group, members.get(group.name, ())) for group in store.groups()]


def describe_one_group(store: GalleryStore, name: str) -> JsonObject:
    """The group of this name with its members' names. Raises InputError where there is none."""
    group = store.group(name)
    return describe_group(group, _members(store).get(group.name, ()))


def _members(store: GalleryStore) -> dict[str, list[str]]:
    """Names of people, sorted, by the name of a group they are in."""
    rights = store.rights()
    members: dict[str, list[str]] = {}
    for person in store.people():
        for group in rights[person.id].groups if person.id in rights else ():
            members.setdefault(group, []).append(person.name)
    return members


# The administrator's changes


class RightsChanges:
    """An administrator's changes, each logged before it is made. Use it on the store's thread.

    All raise InputError for a person or a group that isn't there and for input that can't be, before anything is
    logged, and whatever `log` raises, before anything is changed.
    """

    def __init__(self, store: GalleryStore, log: Log) -> None:
        self._store = store
        self._log = log

    def allow(self, person_id: str, hours: Sequence[Hours] | None = None) -> RightRow:
        """Give the person the door, at these hours (None: always)."""
        self._require(person_id, hours)
        self._log(_action("allow", hours), person_id)
        return self._store.set_right(person_id, "allow", hours)

    def deny(self, person_id: str) -> RightRow:
        """Take the door from the person, whatever their groups may."""
        self._require(person_id)
        self._log("deny", person_id)
        return self._store.set_right(person_id, "deny")

    def leave_to_groups(self, person_id: str) -> RightRow:
        """Neither: the person's groups decide."""
        self._require(person_id)
        self._log("leave_to_groups", person_id)
        return self._store.set_right(person_id, None)

    def set_active(self, person_id: str, active: bool) -> RightRow:
        """Deactivate the person, whatever else they may, or take that back."""
        self._require(person_id)
        self._log("activate" if active else "deactivate", person_id)
        return self._store.set_active(person_id, active)

    def add_badge(self, person_id: str, code: str, mac_of: Callable[[str], str]) -> RightRow:
        """Know a badge as theirs, besides those they have. `mac_of` makes the keyed hash of a code, which alone is kept
        (`security.keys.badge_mac`). Raises InputError for a code that can't be one or is somebody else's."""
        mac = mac_of(clean_code(code))
        self._require(person_id)
        self._store.check_badge(person_id, mac)
        self._log("badge_set", person_id)
        return self._store.add_badge(person_id, mac)

    def forget_badges(self, person_id: str) -> RightRow:
        """Forget all of the person's badges."""
        self._require(person_id)
        self._log("badges_forgotten", person_id)
        return self._store.forget_badges(person_id)

    def require_badge(self, person_id: str, required: bool) -> RightRow:
        """Let the person's face alone open nothing, or take that back."""
        self._require(person_id)
        self._log("badge_required" if required else "face_alone", person_id)
        return self._store.set_badge_required(person_id, required)

    # Groups. The log knows them by their random id, as it knows people: names live in the gallery alone.

    def add_group(self, name: str, allowed: bool, hours: Sequence[Hours] | None = None) -> GroupRow:
        """A new group, which gives its members the door, at these hours (None: always), or doesn't yet."""
        _require_hours(hours)
        self._store.check_group_name(name)
        group_id = uuid.uuid4().hex
        self._log(_action(f"group_add {group_id} {_gives(allowed)}", hours), None)
        return self._store.add_group(name, allowed=allowed, hours=hours, group_id=group_id)

    def rename_group(self, name: str, new_name: str) -> GroupRow:
        """Give the group another name; all else stays."""
        group = self._store.group(name)
        self._store.check_group_name(new_name, group.id)
        self._log(f"group_rename {group.id}", None)
        return self._store.rename_group(group.id, new_name)

    def set_group_allowed(self, name: str, allowed: bool) -> GroupRow:
        """Whether the group gives its members the door; its hours stay."""
        group = self._store.group(name)
        self._log(f"group_{_gives(allowed)} {group.id}", None)
        return self._store.change_group(group.id, allowed=allowed, hours=group.hours)

    def set_group_hours(self, name: str, hours: Sequence[Hours] | None) -> GroupRow:
        """When the group gives its members the door, if it does (None: always)."""
        _require_hours(hours)
        group = self._store.group(name)
        self._log(_action(f"group_hours {group.id}", hours) if hours else f"group_hours {group.id} always", None)
        return self._store.change_group(group.id, allowed=group.allowed, hours=hours)

    def remove_group(self, name: str) -> GroupRow:
        """Remove the group; its members stay, without what it gave them. Returns the group as it was."""
        group = self._store.group(name)
        self._log(f"group_remove {group.id}", None)
        self._store.remove_group(group.id)
        return group

    def join_group(self, name: str, person_ids: Sequence[str]) -> GroupRow:
        """Put people into the group."""
        group = self._store.group(name)
        for person_id in person_ids:
            self._require(person_id)
        for person_id in person_ids:
            self._log(f"group_join {group.id}", person_id)
        return self._store.join_group(group.id, *person_ids)

    def leave_group(self, name: str, person_ids: Sequence[str]) -> GroupRow:
        """Take people out of the group."""
        group = self._store.group(name)
        for person_id in person_ids:
            self._require(person_id)
        for person_id in person_ids:
            self._log(f"group_leave {group.id}", person_id)
        return self._store.leave_group(group.id, *person_ids)

    def allow_through_group(self, person_id: str, name: str) -> RightRow:
        """Put the person into the group and leave them to their groups. Raises InputError for a group that gives nobody
        the door."""
        group = self._store.group(name)
        if not group.allowed:
            raise InputError(
                f'the group "{group.name}" gives nobody the door: "faceapp people group allow" changes that'
            )
        self.join_group(name, [person_id])
        return self.leave_to_groups(person_id)

    def _require(self, person_id: str, hours: Sequence[Hours] | None = None) -> None:
        self._store.person_by_id(person_id)
        _require_hours(hours)


def clean_code(code: str) -> str:
    """What a badge reader typed, without blanks around it. Raises InputError for what can't be a code."""
    text = unicodedata.normalize("NFC", code).strip()
    if not text:
        raise InputError("a badge's code cannot be empty: hold the badge to the reader")
    if len(text) > LONGEST_CODE or any(unicodedata.category(c)[0] == "C" for c in text):
        raise InputError(f"a badge's code is one line of at most {LONGEST_CODE} plain characters: read it again")
    return text


def _require_hours(hours: Sequence[Hours] | None) -> None:
    if hours is not None and not hours:
        raise InputError("hours need at least one window: leave them out for always")


def _gives(allowed: bool) -> str:
    return "allow" if allowed else "suspend"


def _action(action: str, hours: Sequence[Hours] | None) -> str:
    """The action with its hours, as far as the log has room for them."""
    return action if hours is None else f"{action} {'; '.join(map(format_hours, hours))}"[:LONGEST_ACTION].rstrip()


def _texts(hours: Sequence[Hours] | None) -> list[str] | None:
    return None if hours is None else [format_hours(window) for window in hours]
