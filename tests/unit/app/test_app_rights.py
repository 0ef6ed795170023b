"""Who may open the door, told to the policy and changed by the administrator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from faceapp.access.observations import Permission
from faceapp.app.audit import ACTION, log_action, open_log
from faceapp.app.hours import parse_all
from faceapp.app.kiosk.types import RightsRow, WeeklyHours
from faceapp.app.rights import (
    RightsChanges,
    clean_code,
    describe_door,
    describe_groups,
    describe_right,
    may_enter,
    permission,
    permissions_of,
    rights_rows,
)
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import badge_mac
from faceapp.types import Hours

NEW = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg")
WEEK = parse_all(["Mon-Fri 07:00-19:00"])
MONDAY_NOON = datetime(2026, 3, 2, 12)
SUNDAY_NOON = datetime(2026, 3, 1, 12)


def mac_of(code: str) -> str:
    return badge_mac(b"k" * 32, code)


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as opened:
        for name in ("Ada", "Bob"):
            opened.add_photo(name, NEW)
        yield opened


@pytest.fixture
def ada(store: GalleryStore) -> str:
    return store.person("Ada").id


@pytest.fixture
def bob(store: GalleryStore) -> str:
    return store.person("Bob").id


class Log:
    """Actions in the order they were written down, each with the rights as they were then."""

    def __init__(self, store: GalleryStore) -> None:
        self._store = store
        self.actions: list[tuple[str, str | None]] = []
        self.before: list[object] = []
        self.broken = False

    def __call__(self, action: str, person_id: str | None) -> None:
        if self.broken:
            raise UnavailableError("the audit log cannot be written, the disk is full: free some space")
        self.actions.append((action, person_id))
        self.before.append((self._store.rights(), self._store.groups()))


@pytest.fixture
def log(store: GalleryStore) -> Log:
    return Log(store)


@pytest.fixture
def changes(store: GalleryStore, log: Log) -> RightsChanges:
    return RightsChanges(store, log)


def test_what_the_policy_is_told(store: GalleryStore, changes: RightsChanges, ada: str, bob: str) -> None:
    assert permissions_of(store.rights()) == {ada: Permission(hours=()), bob: Permission(hours=())}
    changes.allow(ada, WEEK)
    changes.add_group("Staff", True)
    changes.join_group("Staff", [bob])
    changes.set_active(bob, False)
    week = (Hours(frozenset(range(5)), 420, 1140),)
    assert permissions_of(store.rights()) == {ada: Permission(True, True, week), bob: Permission(True, False, None)}
    changes.deny(ada)
    rights = store.rights()
    assert permission(rights[ada]) == Permission(False, True, ())
    assert permissions_of(rights) == {who: permission(row) for who, row in rights.items()}


def test_the_last_question_before_the_door_opens(store: GalleryStore, changes: RightsChanges, ada: str) -> None:
    assert not may_enter(store.right(ada), MONDAY_NOON)
    changes.allow(ada, WEEK)
    assert may_enter(store.right(ada), MONDAY_NOON)
    assert not may_enter(store.right(ada), SUNDAY_NOON)
    changes.set_active(ada, False)
    assert not may_enter(store.right(ada), MONDAY_NOON)
    changes.set_active(ada, True)
    changes.allow(ada)
    assert may_enter(store.right(ada), SUNDAY_NOON)
    changes.deny(ada)
    assert not may_enter(store.right(ada), MONDAY_NOON)
    store.delete(ada)
    assert not may_enter(store.right(ada), MONDAY_NOON)


def test_rows_of_lists(store: GalleryStore, changes: RightsChanges, ada: str, bob: str) -> None:
    changes.allow(ada, WEEK)
    changes.add_badge(ada, "4711", mac_of)
    changes.add_group("Staff", True)
    changes.join_group("Staff", [bob])
    people, rights = store.people(), store.rights()
    shown = (WeeklyHours(frozenset(range(5)), "07:00", "19:00"),)
    assert rights_rows(people, rights) == [
        RightsRow(ada, "Ada", True, "allow", True, (), shown, 1),
        RightsRow(bob, "Bob", True, None, True, ("Staff",), None, 0),
    ]
    assert rights_rows(people, {}) == []
    assert describe_right(rights[ada]) == {
        "door": True,
        "own": "allow",
        "active": True,
        "hours": ["Mon-Fri 07:00-19:00"],
        "own_hours": ["Mon-Fri 07:00-19:00"],
        "groups": [],
        "badges": 1,
        "badge_required": False,
    }
    doors = [describe_door(describe_right(right)) for right in (rights[ada], rights[bob], changes.deny(ada))]
    assert doors == [("yes", "Mon-Fri 07:00-19:00"), ("yes", "always"), ("denied", "")]
    assert describe_door(describe_right(changes.leave_to_groups(ada))) == ("no", "")
    assert describe_door(describe_right(changes.set_active(bob, False))) == ("deactivated", "")
    [group] = describe_groups(store)
    assert (group["name"], group["door"], group["hours"], group["members"]) == ("Staff", True, None, ["Bob"])


def every_change(changes: RightsChanges, ada: str) -> dict[str, Callable[[], object]]:
    """What an administrator can do, by what the log says of it; each does change something."""
    return {
        "allow Mon-Fri 07:00-19:00": lambda: changes.allow(ada, WEEK),
        "allow": lambda: changes.allow(ada),
        "deny": lambda: changes.deny(ada),
        "leave_to_groups": lambda: changes.leave_to_groups(ada),
        "deactivate": lambda: changes.set_active(ada, False),
        "activate": lambda: changes.set_active(ada, True),
        "badge_set": lambda: changes.add_badge(ada, "4711", mac_of),
        "badges_forgotten": lambda: changes.forget_badges(ada),
        "badge_required": lambda: changes.require_badge(ada, True),
        "face_alone": lambda: changes.require_badge(ada, False),
        "group_add ID allow Mon-Fri 07:00-19:00": lambda: changes.add_group("Staff", True, WEEK),
        "group_suspend ID": lambda: changes.set_group_allowed("Staff", False),
        "group_allow ID": lambda: changes.set_group_allowed("staff", True),
        "group_hours ID always": lambda: changes.set_group_hours("Staff", None),
        "group_hours ID Mon-Fri 07:00-19:00": lambda: changes.set_group_hours("Staff", WEEK),
        "group_join ID": lambda: changes.join_group("Staff", [ada]),
        "group_leave ID": lambda: changes.leave_group("Staff", [ada]),
        "group_remove ID": lambda: changes.remove_group("Staff"),
    }


def test_every_change_is_written_down_before_it_is_made(
    store: GalleryStore, changes: RightsChanges, log: Log, ada: str
) -> None:
    for says, change in every_change(changes, ada).items():
        groups = store.groups()
        before = store.rights(), groups
        change()
        group_id = next(iter(groups or store.groups()), None)
        action, about = log.actions[-1]
        assert action == says.replace("ID", group_id.id if group_id else "")
        assert about == (ada if "group_" not in says or says.startswith(("group_join", "group_leave")) else None)
        assert log.before[-1] == before
        assert (store.rights(), store.groups()) != before
    assert len(log.actions) == len(every_change(changes, ada))


def test_what_cannot_be_logged_does_not_happen(store: GalleryStore, changes: RightsChanges, log: Log, ada: str) -> None:
    for change in every_change(changes, ada).values():
        before = store.rights(), store.groups()
        log.broken = True
        with pytest.raises(UnavailableError, match="audit log"):
            change()
        assert (store.rights(), store.groups()) == before
        log.broken = False
        change()


def test_what_cannot_be_is_neither_logged_nor_done(
    store: GalleryStore, changes: RightsChanges, log: Log, ada: str, bob: str
) -> None:
    changes.add_group("Staff", False)
    changes.add_badge(bob, "4711", mac_of)
    before, logged = (store.rights(), store.groups()), list(log.actions)
    nobody = "0" * 32
    wrong: list[Callable[[], object]] = [
        lambda: changes.allow(nobody),
        lambda: changes.allow(ada, ()),
        lambda: changes.deny(nobody),
        lambda: changes.leave_to_groups(nobody),
        lambda: changes.set_active(nobody, True),
        lambda: changes.add_badge(nobody, "1", mac_of),
        lambda: changes.add_badge(ada, " ", mac_of),
        lambda: changes.add_badge(ada, " 4711\n", mac_of),  # Bob's
        lambda: changes.forget_badges(nobody),
        lambda: changes.add_group("STAFF", True),
        lambda: changes.add_group("\n", True),
        lambda: changes.add_group("New", True, ()),
        lambda: changes.set_group_allowed("No", True),
        lambda: changes.set_group_hours("No", None),
        lambda: changes.set_group_hours("Staff", ()),
        lambda: changes.join_group("No", [ada]),
        lambda: changes.join_group("Staff", [ada, nobody]),
        lambda: changes.leave_group("Staff", [nobody]),
        lambda: changes.remove_group("No"),
        lambda: changes.allow_through_group(ada, "Staff"),
    ]
    for change in wrong:
        with pytest.raises(InputError) as caught:
            change()
        assert "\n" not in str(caught.value)
    assert log.actions == logged
    assert (store.rights(), store.groups()) == before


def test_allowed_through_a_group(store: GalleryStore, changes: RightsChanges, ada: str) -> None:
    changes.add_group("Staff", True, WEEK)
    changes.deny(ada)
    row = changes.allow_through_group(ada, "staff")
    assert (row.allowed, row.own, row.hours, row.groups) == (True, None, WEEK, ("Staff",))


def test_a_badge_is_kept_as_its_keyed_hash_alone(
    store: GalleryStore, changes: RightsChanges, ada: str, data_dir: Path
) -> None:
    code = "04:A2:2F:91:CC:EE:80"
    assert changes.add_badge(ada, f" {code}\r\n", mac_of).badges == 1
    assert changes.add_badge(ada, code, mac_of).badges == 1
    store.close()
    assert code.encode() not in b"".join(file.read_bytes() for file in data_dir.iterdir())


@pytest.mark.parametrize("code", ["", " \n", "a\nb", "\x00", "x" * 257, "a\udce9"])
def test_what_is_no_badge(code: str) -> None:
    with pytest.raises(InputError, match="badge"):
        clean_code(code)


def test_every_action_has_its_place_in_the_real_log(store: GalleryStore, ada: str, data_dir: Path) -> None:
    changes = RightsChanges(store, lambda action, person_id: log_action(data_dir, action, person_id))
    doings = every_change(changes, ada)
    for change in doings.values():
        change()
    many = parse_all(f"{day} 07:0{n}-19:00" for day in ("Mon", "Wed", "Fri") for n in range(9))
    changes.allow(ada, many)
    assert store.rights()[ada].hours == many
    assert open_log(data_dir).verify() == []
    lines = [json.loads(line) for line in (data_dir / "audit.jsonl").read_text().splitlines()]
    actions = [line for line in lines if ACTION in str(line)]
    assert len(actions) == len(doings) + 1
    assert not [line for line in lines if "Ada" in str(line) or "Staff" in str(line) or "4711" in str(line)]
