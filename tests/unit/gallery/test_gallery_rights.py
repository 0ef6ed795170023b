"""Who may open the door, in a real SQLite file."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from faceapp.errors import BugError, InputError, UnavailableError
from faceapp.gallery.right_rows import GroupRow, RightRow, hours_as_json, hours_of_json, resolve, shared
from faceapp.gallery.rows import NewPhoto, PersonRow
from faceapp.gallery.store import GalleryStore
from faceapp.types import Hours
from tests.fakes.hours import windows
from tests.fakes.older_galleries import old_gallery

NEW = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg", b"crop")
MAC = "ab" * 32
WEEK = Hours(frozenset(range(5)), 7 * 60, 19 * 60)
NIGHT = Hours(frozenset({5, 6}), 22 * 60, 6 * 60)
NO_RIGHT = {"allowed": False, "own": None, "active": True, "groups": (), "hours": (), "own_hours": None, "badges": 0}


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir, busy_seconds=0.05) as opened:
        yield opened


@pytest.fixture
def ada(store: GalleryStore) -> PersonRow:
    return store.add_photo("Ada", NEW).person


@pytest.fixture
def bob(store: GalleryStore) -> PersonRow:
    return store.add_photo("Bob", NEW).person


def right(store: GalleryStore, person: PersonRow) -> RightRow:
    """The right of a person, which both ways of asking agree on."""
    one = store.right(person.id)
    assert one is not None
    assert store.rights()[person.id] == one
    return one


def test_nobody_has_a_right_by_being_enrolled(store: GalleryStore, ada: PersonRow) -> None:
    assert right(store, ada) == RightRow(ada.id, **NO_RIGHT)  # type: ignore[arg-type] # a dict of several types


def test_an_own_right(store: GalleryStore, ada: PersonRow, bob: PersonRow) -> None:
    given_right = store.set_right(ada.id, "allow")
    assert given_right == right(store, ada)
    assert (given_right.allowed, given_right.own, given_right.hours) == (True, "allow", None)
    assert not right(store, bob).allowed

    timed = store.set_right(ada.id, "allow", [WEEK, NIGHT])
    assert timed.allowed
    assert timed.hours == timed.own_hours == (WEEK, NIGHT)
    denied = store.set_right(ada.id, "deny")
    assert (denied.allowed, denied.own, denied.hours, denied.own_hours) == (False, "deny", (), None)
    assert store.set_right(ada.id, None) == RightRow(ada.id, **NO_RIGHT)  # type: ignore[arg-type] # as above


def test_a_group_gives_the_door_where_the_person_has_no_right_of_their_own(store: GalleryStore, ada: PersonRow) -> None:
    staff = store.add_group("Staff", allowed=True, hours=[WEEK])
    store.join_group(staff.id, ada.id)
    assert (right(store, ada).allowed, right(store, ada).hours) == (True, (WEEK,))
    assert store.set_right(ada.id, "allow", [NIGHT]).hours == (NIGHT,)
    denied = store.set_right(ada.id, "deny")
    assert (denied.allowed, denied.groups) == (False, ("Staff",))
    assert store.set_right(ada.id, None).allowed
    store.leave_group(staff.id, ada.id)
    assert not right(store, ada).allowed


def test_the_hours_of_several_groups_add_up(store: GalleryStore, ada: PersonRow) -> None:
    staff = store.add_group("Staff", allowed=True, hours=[WEEK])
    guards = store.add_group("guards", allowed=True, hours=[NIGHT, WEEK])
    quiet = store.add_group("Former", allowed=False)  # gives nothing, and takes nothing
    for group in (staff, guards, quiet):
        store.join_group(group.id, ada.id)
    assert (right(store, ada).groups, right(store, ada).hours) == (("Former", "guards", "Staff"), (WEEK, NIGHT))
    store.change_group(quiet.id, allowed=True, hours=None)
    assert right(store, ada).hours is None
    for group in (staff, guards, quiet):
        store.change_group(group.id, allowed=False, hours=group.hours)
    assert (right(store, ada).allowed, right(store, ada).hours) == (False, ())


def test_deactivation_is_kept_apart_from_the_right(store: GalleryStore, ada: PersonRow) -> None:
    store.set_active(ada.id, False)
    allowed = store.set_right(ada.id, "allow", [WEEK])
    assert (allowed.allowed, allowed.active, allowed.hours) == (True, False, (WEEK,))
    back = store.set_active(ada.id, True)
    assert (back.own, back.active, back.own_hours) == ("allow", True, (WEEK,))


def test_badges(store: GalleryStore, ada: PersonRow, bob: PersonRow) -> None:
    assert store.person_of_badge(MAC) is None
    assert store.add_badge(ada.id, MAC).badges == store.add_badge(ada.id, MAC).badges == 1
    assert store.add_badge(ada.id, "cd" * 32).badges == right(store, ada).badges == 2
    assert store.person_of_badge(MAC) == ada.id
    assert not right(store, ada).allowed  # a badge is a claim, no right
    with pytest.raises(InputError, match=r"^this badge is Ada's: forget it there first, or use another$"):
        store.add_badge(bob.id, MAC)
    assert store.forget_badges(ada.id).badges == 0
    assert store.person_of_badge(MAC) is None
    assert store.add_badge(bob.id, MAC).badges == 1
    with pytest.raises(BugError):
        store.add_badge(ada.id, "4711")  # a code instead of its hash


def test_a_badge_besides_the_face(store: GalleryStore, ada: PersonRow, bob: PersonRow) -> None:
    assert not right(store, ada).badge_required
    store.set_right(ada.id, "allow")
    required = store.set_badge_required(ada.id, True)
    assert (required.badge_required, required.allowed, required.active) == (True, True, True)
    assert store.rights()[ada.id] == store.right(ada.id) == required
    assert not right(store, bob).badge_required
    store.set_right(ada.id, "deny")
    assert right(store, ada).badge_required, "whatever else changes"
    assert not store.set_badge_required(ada.id, False).badge_required


def test_groups(store: GalleryStore, ada: PersonRow, bob: PersonRow) -> None:
    staff = store.add_group(" Night   staff ", allowed=True, hours=[NIGHT], group_id="f" * 32)
    assert staff == GroupRow("f" * 32, "Night staff", True, (NIGHT,), 0)
    assert store.join_group(staff.id, ada.id, bob.id, ada.id).members == 2
    assert store.group("NIGHT staff").members == 2
    board = store.add_group("Board", allowed=True)
    assert [g.name for g in store.groups()] == ["Board", "Night staff"]
    with pytest.raises(InputError, match='"Night staff" already'):
        store.add_group("night staff", allowed=False)
    with pytest.raises(InputError, match=r'^there is no group "Nobody\'s": .*$'):
        store.group("Nobody's")
    with pytest.raises(InputError, match="visible"):
        store.add_group(" ", allowed=True)
    store.remove_group(staff.id)
    assert (store.groups(), right(store, ada).groups) == ([board], ())


def test_of_several_people_one_unknown_changes_nothing(store: GalleryStore, ada: PersonRow) -> None:
    staff = store.add_group("Staff", allowed=True)
    with pytest.raises(InputError):
        store.join_group(staff.id, ada.id, "0" * 32)
    assert right(store, ada).groups == ()


def test_the_right_of_nobody(store: GalleryStore) -> None:
    gone = "0" * 32
    assert store.right(gone) is None
    changes: list[Callable[[], object]] = [
        lambda: store.set_right(gone, "allow"),
        lambda: store.set_active(gone, False),
        lambda: store.add_badge(gone, MAC),
        lambda: store.forget_badges(gone),
        lambda: store.change_group(gone, allowed=True, hours=None),
        lambda: store.remove_group(gone),
        lambda: store.join_group(gone),
        lambda: store.leave_group(gone),
    ]
    marker = store.change_marker()
    for change in changes:
        with pytest.raises(InputError, match=r"not .*there any more|not in the gallery any more"):
            change()
    assert store.change_marker() == marker


def test_hours_are_never_given_as_none_at_all(store: GalleryStore, ada: PersonRow) -> None:
    """An empty list would mean never, where whoever gives it most likely meant always."""
    for change in (lambda: store.set_right(ada.id, "allow", []), lambda: store.add_group("G", allowed=True, hours=())):
        with pytest.raises(InputError, match="at least one window"):
            change()
    with pytest.raises(BugError):
        store.set_right(ada.id, "deny", [WEEK])
    assert (store.groups(), right(store, ada).own) == ([], None)


def test_deleting_a_person_takes_every_trace_of_their_rights(
    store: GalleryStore, ada: PersonRow, data_dir: Path
) -> None:
    staff = store.add_group("Staff", allowed=True)
    people = [store.add_photo(f"Person {n}", NEW).person for n in range(60)]
    for n, person in enumerate([ada, *people]):
        store.join_group(staff.id, person.id)
        store.set_right(person.id, "allow", [WEEK])
        store.add_badge(person.id, f"{n:064x}")
    store.forget_badges(people[3].id)
    store.leave_group(staff.id, people[4].id)
    doomed = [ada, *people[:30]]
    assert store.delete(*(p.id for p in doomed))
    left = b"".join(file.read_bytes() for file in data_dir.iterdir())
    assert not [n for n in range(31) if f"{n:064x}".encode() in left]
    assert f"{40:064x}".encode() in left
    assert store.right(ada.id) is None
    assert set(store.rights()) == {p.id for p in people[30:]}
    assert store.group("Staff").members == 30
    assert store.person_of_badge("0" * 64) is None


def test_a_right_that_nobody_of_us_wrote_is_damage_and_no_right(store: GalleryStore, ada: PersonRow) -> None:
    store.set_right(ada.id, "allow", [WEEK])
    for damage in ("[[[7], 0, 60]]", "[1]", "[[[true], 0, 60]]", "null", "{", "7", "[[[1], 60, 60]]"):
        with closing(sqlite3.connect(store.path)) as other:
            other.execute("UPDATE door_right SET hours = ?", (damage,))
            other.commit()
        for ask in (lambda: store.right(ada.id), store.rights):
            with pytest.raises(UnavailableError, match=r"^.*gallery\.db is damaged.*$"):
                ask()
    with closing(sqlite3.connect(store.path)) as other:
        with pytest.raises(sqlite3.IntegrityError):
            other.execute("UPDATE door_right SET own = 'maybe'")
        other.execute("PRAGMA ignore_check_constraints = 1")
        other.execute("UPDATE door_right SET own = 'maybe', hours = NULL")
        other.commit()
    with pytest.raises(UnavailableError, match="damaged"):
        store.right(ada.id)


def test_a_locked_gallery_can_be_asked_and_not_changed(store: GalleryStore, ada: PersonRow) -> None:
    store.set_right(ada.id, "allow")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="is locked by another program"):
            store.set_right(ada.id, "deny")
        with pytest.raises(UnavailableError, match="is locked by another program"):
            store.settled_right(ada.id)  # it may be this very person who is being deleted
        assert right(store, ada).allowed
        other.execute("ROLLBACK")
    marker = store.change_marker()
    assert store.settled_right(ada.id) == right(store, ada)
    assert store.settled_right("0" * 32) is None
    assert store.change_marker() == marker


def test_the_door_does_not_wait_for_a_deletion_that_was_cut_short(
    store: GalleryStore, ada: PersonRow, data_dir: Path
) -> None:
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("PRAGMA user_version = 1")
    looking = GalleryStore.open_existing(data_dir, scrub=False)
    assert looking is not None
    with looking:
        assert looking.right(ada.id) == right(store, ada)
        assert looking._pending()
    with GalleryStore.open(data_dir) as tidy:
        assert not tidy._pending()


def test_threads_ask_while_one_changes(store: GalleryStore, ada: PersonRow) -> None:
    done = threading.Event()
    seen: list[bool] = []

    def ask() -> None:
        while not done.is_set():
            row = store.right(ada.id)
            assert row is not None
            seen.append(row.allowed == (row.own == "allow") and (row.hours is None) == (row.own == "allow"))

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for n in range(40):
        store.set_right(ada.id, "deny" if n % 2 else "allow")
    done.set()
    for thread in asking:
        thread.join()
    assert seen
    assert all(seen)


def test_a_right_is_one_statement_and_everybodys_are_few(store: GalleryStore) -> None:
    groups = [store.add_group(f"Group {n}", allowed=True).id for n in range(3)]
    for n in range(12):
        person = store.add_photo(f"Person {n}", NEW).person
        store.join_group(groups[n % 3], person.id)
        store.join_group(groups[n % 2], person.id)
    statements: list[str] = []

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    def asked() -> list[str]:
        """Without the transaction's own: its beginning, and which key seals."""
        return [s for s in statements if not s.startswith(("BEGIN", "SELECT meta."))]

    engine = store._database._engine
    event.listen(engine, "before_cursor_execute", count)
    store.right(person.id)
    assert len(asked()) == 1
    statements.clear()
    assert len(store.rights()) == 12
    assert len(asked()) == 4


# Other processes

DENY = """
import sys, pathlib
from faceapp.gallery.store import GalleryStore
with GalleryStore.open(pathlib.Path(sys.argv[1])) as store:
    person = store.person("Ada").id
    for change in (
        lambda: store.set_right(person, "deny"),
        lambda: store.set_active(person, False),
        lambda: store.add_badge(person, "ab" * 32),
        lambda: store.add_group("Staff", allowed=True),
        lambda: store.join_group(store.group("Staff").id, person),
        lambda: store.change_group(store.group("Staff").id, allowed=False, hours=None),
        lambda: store.remove_group(store.group("Staff").id),
        lambda: store.delete(person),
    ):
        sys.stdin.readline()
        change()
        print("changed", flush=True)
"""


def test_another_process_is_noticed_at_once(store: GalleryStore, ada: PersonRow, data_dir: Path) -> None:
    store.set_right(ada.id, "allow")
    command = [sys.executable, "-c", DENY, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        markers, rights = [store.change_marker()], [store.right(ada.id)]
        for _ in range(8):
            other.stdin.write("\n")
            other.stdin.flush()
            assert other.stdout.readline() == "changed\n"
            markers.append(store.change_marker())
            rights.append(store.right(ada.id))
    assert len(set(markers)) == len(markers)
    assert [r and (r.allowed, r.active, r.badges, len(r.groups)) for r in rights] == [
        (True, True, 0, 0),
        (False, True, 0, 0),
        (False, False, 0, 0),
        (False, False, 1, 0),
        (False, False, 1, 0),
        (False, False, 1, 1),
        (False, False, 1, 1),
        (False, False, 1, 0),
        None,
    ]


# The revision before


def test_people_of_a_gallery_without_rights_end_with_none(data_dir: Path) -> None:
    older = old_gallery(data_dir, "0001", "Ada", "Bob")
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"alembic_version", "person", "photo", "template"}
    with GalleryStore.open(data_dir) as store:
        people = store.people()
        assert [(p.id, p.name) for p in people] == [(p.id, p.name) for p in older]
        assert len(store.templates("space")) == 2
        assert store.copies() == []  # it would lie there in the clear
        rights = store.rights()
        assert rights == {p.id: RightRow(p.id, **NO_RIGHT) for p in people}  # type: ignore[arg-type] # as above
        assert store.groups() == []
        assert store.set_right(people[0].id, "allow").allowed
        assert store.delete(people[0].id)


# The rule

several_hours = st.none() | st.lists(windows, min_size=1, max_size=3).map(tuple)
memberships = st.lists(st.builds(GroupRow, st.just("g"), st.text(max_size=3), st.booleans(), several_hours, st.just(1)))


def valid_hours(days: frozenset[int], opens: int, closes: int) -> bool:
    try:
        Hours(days, opens, closes)
    except ValueError:
        return False
    return True


@given(st.sampled_from([None, "allow", "deny"]), st.booleans(), several_hours, memberships)
def test_the_rule(own: str | None, active: bool, own_hours: tuple[Hours, ...] | None, groups: list[GroupRow]) -> None:
    row = resolve("p", own, active, own_hours, shared(groups), 0)
    giving = [g for g in groups if g.allowed]
    assert row.active == active
    if own == "deny" or (own is None and not giving):
        assert not row.allowed
        assert row.hours == ()
    elif own == "allow":
        assert row.allowed
        assert row.hours == own_hours
    else:
        assert row.allowed
        if any(g.hours is None for g in giving):
            assert row.hours is None
        else:
            assert row.hours is not None
            assert set(row.hours) == {w for g in giving for w in g.hours or ()}
    assert shared(groups[::-1]).allowed == shared(groups).allowed
    assert set(shared(groups[::-1]).hours or ()) == set(shared(groups).hours or ())


@given(several_hours)
def test_hours_come_back_as_they_were_stored(several: tuple[Hours, ...] | None) -> None:
    stored = hours_as_json(several)
    assert hours_of_json(None if stored is None else json.dumps(stored)) == several


def test_what_are_no_hours() -> None:
    assert not valid_hours(frozenset(), 0, 60)
    assert not valid_hours(frozenset({7}), 0, 60)
    assert not valid_hours(frozenset({0}), 60, 60)
    assert not valid_hours(frozenset({0}), 0, 1441)
    assert not valid_hours(frozenset({0}), 1440, 60)
    assert valid_hours(frozenset({0}), 1439, 1440)
