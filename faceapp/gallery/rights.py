"""The gallery's tables of who may open the door: the part of `GalleryStore` that reads and changes them."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.errors import BugError, InputError, UnavailableError
from faceapp.gallery.database import Database
from faceapp.gallery.models import badge, door_group, door_right, membership, person
from faceapp.gallery.names import clean_name, name_key
from faceapp.gallery.right_rows import GroupRow, Own, RightRow, hours_as_json, hours_of_json, resolve, shared
from faceapp.types import Hours

GONE = 'this person is not in the gallery any more: "faceapp people list" shows who is known'
_GROUP_GONE = 'this group is not there any more: "faceapp people group list" shows which are'
_MAC = re.compile(r"[0-9a-f]{32,128}")


class Rights:
    """Who may open the door. Nobody may by being enrolled; `right_rows.resolve` says how a right is made up.

    As everything in the store: each method is one short transaction, for any thread, and other processes see the change
    marker move. The changing methods raise InputError where the person or the group is gone.
    """

    _database: Database

    # People

    def right(self, person_id: str) -> RightRow | None:
        """The right of a person as it was last committed, None where they were deleted. One statement, on a connection
        of its own; it never waits."""
        with self._reading() as connection:
            return _right(connection, person_id)

    def settled_right(self, person_id: str) -> RightRow | None:
        """As `right`, once nobody else is writing: it may be just this person who is being deleted or deactivated. For
        the door's thread, right before it opens. Raises UnavailableError where somebody holds the gallery for longer
        than the busy timeout."""
        with self._writing() as connection:  # takes the write lock, and changes nothing
            return _right(connection, person_id)

    def rights(self) -> dict[str, RightRow]:
        """Everybody's right by person id, all of one moment."""
        reader = _HoursReader()  # thousands share a few groups and a few hours: each is made once
        with self._reading() as connection:
            groups = {group.id: group for group in _groups(connection)}
            ids_of: dict[str, tuple[str, ...]] = {}
            for person_id, group_id in connection.execute(select(membership.c.person_id, membership.c.group_id)):
                ids_of[person_id] = (*ids_of.get(person_id, ()), group_id)
            of_groups = {ids: shared([groups[i] for i in ids]) for ids in {(), *ids_of.values()}}
            badges: dict[str, int] = {}
            for person_id, count in connection.execute(select(badge.c.person_id, func.count()).group_by("person_id")):
                badges[person_id] = count
            own_columns = (
                door_right.c.own,
                door_right.c.active,
                _text(door_right.c.hours),
                door_right.c.badge_required,
            )
            everybody = select(person.c.id, *own_columns).join_from(person, door_right, isouter=True)
            return {
                id: resolve(
                    id,
                    own,
                    active is not False,
                    reader(hours),
                    of_groups[ids_of.get(id, ())],
                    badges.get(id, 0),
                    badge_required is True,
                )
                for id, own, active, hours, badge_required in connection.execute(everybody)
            }

    def set_right(self, person_id: str, own: Own | None, hours: Sequence[Hours] | None = None) -> RightRow:
        """Give a person a right of their own in place of the one they had; None: their groups decide. `hours` of an
        "allow": None is always. Raises InputError for an empty list of hours."""
        if hours is not None and own != "allow":
            raise BugError("only an own right that allows has hours")
        return self._change(person_id, own=own, hours=_stored(hours))

    def set_active(self, person_id: str, active: bool) -> RightRow:
        """Deactivate a person, whatever else they may, or take that back."""
        return self._change(person_id, active=active)

    def set_badge_required(self, person_id: str, required: bool) -> RightRow:
        """Let a person's face alone open nothing, or take that back."""
        return self._change(person_id, badge_required=required)

    def _change(self, person_id: str, **values: Any) -> RightRow:
        with self._writing() as connection:
            _require_person(connection, person_id)
            new = {"person_id": person_id, "own": None, "active": True, **values}
            connection.execute(upsert(door_right).values(new).on_conflict_do_update(set_=values))
            return _present(connection, person_id)

    # Badges

    def add_badge(self, person_id: str, mac: str) -> RightRow:
        """Know a badge as this person's by the keyed hash of its code (hexadecimal; the code itself never comes here).
        Raises InputError where it is somebody else's."""
        if not _MAC.fullmatch(mac):
            raise BugError("a badge is stored as the hexadecimal hash of its code")
        with self._writing() as connection:
            _require_person(connection, person_id)
            if _badge_is_new(connection, person_id, mac):
                connection.execute(insert(badge).values(mac=mac, person_id=person_id))
            return _present(connection, person_id)

    def check_badge(self, person_id: str, mac: str) -> None:
        """Raises InputError where `add_badge` would: the badge is somebody else's."""
        with self._reading() as connection:
            _badge_is_new(connection, person_id, mac)

    def forget_badges(self, person_id: str) -> RightRow:
        """Forget every badge of a person."""
        with self._writing() as connection:
            _require_person(connection, person_id)
            connection.execute(delete(badge).where(badge.c.person_id == person_id))
            return _present(connection, person_id)

    def person_of_badge(self, mac: str) -> str | None:
        """Id of the person whose badge this is, by the hash of its code; None where nobody has it."""
        with self._reading() as connection:
            found: str | None = connection.scalar(select(badge.c.person_id).where(badge.c.mac == mac))
        return found

    # Groups

    def groups(self) -> list[GroupRow]:
        """Every group, by name."""
        with self._reading() as connection:
            return _groups(connection)

    def group(self, name: str) -> GroupRow:
        """The group of this name, whatever its case and spacing. Raises InputError where there is none."""
        with self._reading() as connection:
            found = _groups(connection, door_group.c.name_key == name_key(name))
        if not found:
            shown = " ".join(name.split())
            raise InputError(f'there is no group "{shown}": "faceapp people group list" shows which there are')
        return found[0]

    def add_group(
        self, name: str, *, allowed: bool, hours: Sequence[Hours] | None = None, group_id: str | None = None
    ) -> GroupRow:
        """A new group with nobody in it, with the id `group_id` or a random one. Raises InputError for a name that is
        taken or can't be one, and for an empty list of hours."""
        shown = clean_name(name)
        new = {
            "id": group_id or uuid.uuid4().hex,
            "name": shown,
            "name_key": name_key(shown),
            "allowed": allowed,
            "hours": _stored(hours),
        }
        with self._writing() as connection:
            _require_new_name(connection, shown)
            connection.execute(insert(door_group).values(new))
            return _group(connection, str(new["id"]))

    def check_group_name(self, name: str, group_id: str | None = None) -> None:
        """Raises InputError where `add_group`, or `rename_group` of the group `group_id`, would: the name is taken or
        can't be one."""
        shown = clean_name(name)
        with self._reading() as connection:
            _require_new_name(connection, shown, group_id)

    def rename_group(self, group_id: str, name: str) -> GroupRow:
        """Give a group another name. Raises InputError for one that is another group's or can't be one."""
        shown = clean_name(name)
        with self._writing() as connection:
            _group(connection, group_id)
            _require_new_name(connection, shown, group_id)
            values = {"name": shown, "name_key": name_key(shown)}
            connection.execute(update(door_group).where(door_group.c.id == group_id).values(values))
            return _group(connection, group_id)

    def change_group(self, group_id: str, *, allowed: bool, hours: Sequence[Hours] | None) -> GroupRow:
        """Whether the group gives its members the door, and when (None: always)."""
        with self._writing() as connection:
            _group(connection, group_id)
            values = {"allowed": allowed, "hours": _stored(hours)}
            connection.execute(update(door_group).where(door_group.c.id == group_id).values(values))
            return _group(connection, group_id)

    def remove_group(self, group_id: str) -> None:
        """Remove a group. Its members stay, without what it gave them."""
        with self._writing() as connection:
            _group(connection, group_id)
            connection.execute(delete(door_group).where(door_group.c.id == group_id))

    def join_group(self, group_id: str, *person_ids: str) -> GroupRow:
        """Put people into a group; who is in it already stays."""
        with self._writing() as connection:
            _group(connection, group_id)
            for person_id in person_ids:
                _require_person(connection, person_id)
                new = {"person_id": person_id, "group_id": group_id}
                connection.execute(upsert(membership).values(new).on_conflict_do_nothing())
            return _group(connection, group_id)

    def leave_group(self, group_id: str, *person_ids: str) -> GroupRow:
        """Take people out of a group; who isn't in it stays out."""
        with self._writing() as connection:
            _group(connection, group_id)
            for person_id in person_ids:
                _require_person(connection, person_id)
                one = (membership.c.group_id == group_id) & (membership.c.person_id == person_id)
                connection.execute(delete(membership).where(one))
            return _group(connection, group_id)

    # Transactions that say in one line what a row nobody of us wrote means

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._explained(), self._database.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._explained(), self._database.writing() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ValueError as e:
            raise UnavailableError(f"{self._database.path} is damaged ({e}): restore a backup") from e


class _HoursReader:
    """Reads hours, each text once."""

    def __init__(self) -> None:
        self._known: dict[str | None, tuple[Hours, ...] | None] = {}

    def __call__(self, text: str | None) -> tuple[Hours, ...] | None:
        if text not in self._known:
            self._known[text] = hours_of_json(text)
        return self._known[text]


def _text(hours: ColumnElement[Any], label: str = "hours") -> ColumnElement[Any]:
    """A column of hours as the text it is stored as."""
    return type_coerce(hours, Text).label(label)


def _query_of_one() -> Select[Any]:
    """One row for each group of the person `wanted`, one without a group where they are in none."""
    badges = select(func.count()).where(badge.c.person_id == person.c.id).scalar_subquery()
    columns = (
        person.c.id,
        door_right.c.own,
        door_right.c.active,
        _text(door_right.c.hours),
        door_right.c.badge_required,
        badges.label("badges"),
        door_group.c.id.label("group_id"),
        door_group.c.name.label("group_name"),
        door_group.c.allowed.label("group_allowed"),
        _text(door_group.c.hours, "group_hours"),
    )
    with_own = person.outerjoin(door_right, door_right.c.person_id == person.c.id)
    with_memberships = with_own.outerjoin(membership, membership.c.person_id == person.c.id)
    with_groups = with_memberships.outerjoin(door_group, door_group.c.id == membership.c.group_id)
    return select(*columns).select_from(with_groups).where(person.c.id == bindparam("wanted"))


_RIGHT = _query_of_one()


def _stored(hours: Sequence[Hours] | None) -> list[list[object]] | None:
    if hours is not None and not hours:
        raise InputError("hours need at least one window: leave them out for always")
    return hours_as_json(None if hours is None else tuple(hours))


def _right(connection: Connection, person_id: str) -> RightRow | None:
    rows = connection.execute(_RIGHT, {"wanted": person_id}).all()
    if not rows:
        return None
    groups = [
        GroupRow(row.group_id, row.group_name, row.group_allowed, hours_of_json(row.group_hours), 0)
        for row in rows
        if row.group_id is not None
    ]
    first = rows[0]
    own_hours = hours_of_json(first.hours)
    required = first.badge_required is True
    return resolve(first.id, first.own, first.active is not False, own_hours, shared(groups), first.badges, required)


def right_of_merged(connection: Connection, person_id: str, kept: Mapping[str, Any]) -> RightRow:
    """The right of somebody who was merged away, from what the merge keeps of it, with today's groups. Raises
    UnavailableError where that can't be read."""
    own = kept.get("right") or {}
    groups = [group for group in _groups(connection) if group.id in kept.get("groups", [])]
    try:
        hours = hours_of_json(None if own.get("hours") is None else json.dumps(own["hours"]))
        active, required = own.get("active") is not False, own.get("badge_required") is True
        badges = len(kept.get("badges", []))
        return resolve(person_id, own.get("own"), active, hours, shared(groups), badges, required)
    except ValueError as e:
        raise UnavailableError(f"the gallery is damaged ({e}): restore a backup") from e


def _present(connection: Connection, person_id: str) -> RightRow:
    row = _right(connection, person_id)
    if row is None:
        raise BugError("a person vanished within a transaction")
    return row


def _require_person(connection: Connection, person_id: str) -> None:
    if connection.scalar(select(person.c.id).where(person.c.id == person_id)) is None:
        raise InputError(GONE)


def _badge_is_new(connection: Connection, person_id: str, mac: str) -> bool:
    holders = select(person.c.id, person.c.name).join_from(person, badge).where(badge.c.mac == mac)
    holder = connection.execute(holders).one_or_none()
    if holder is not None and holder.id != person_id:
        raise InputError(f"this badge is {holder.name}'s: forget it there first, or use another")
    return holder is None


def _require_new_name(connection: Connection, name: str, own: str | None = None) -> None:
    """`own`: the id of the group that may have the name already."""
    found = _groups(connection, door_group.c.name_key == name_key(name))
    if found and found[0].id != own:
        raise InputError(f'there is a group "{found[0].name}" already: choose another name')


def _groups(connection: Connection, condition: ColumnElement[bool] | None = None) -> list[GroupRow]:
    members = select(func.count()).where(membership.c.group_id == door_group.c.id).scalar_subquery()
    columns = (door_group.c.id, door_group.c.name, door_group.c.allowed, _text(door_group.c.hours))
    query = select(*columns, members.label("members")).order_by(door_group.c.name_key)
    rows = connection.execute(query if condition is None else query.where(condition))
    return [GroupRow(r.id, r.name, r.allowed, hours_of_json(r.hours), r.members) for r in rows]


def _group(connection: Connection, group_id: str) -> GroupRow:
    found = _groups(connection, door_group.c.id == group_id)
    if not found:
        raise InputError(_GROUP_GONE)
    return found[0]
